"""Writing a cooperation model: as a draft, published, changed, copied, archived, found to be right still.

Each raises PermissionDenied for those who do not keep the model, and ValidationError with the fields' names for what cannot be
saved. All of them lock the model first. A row of history holds the whole of it.
"""
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from pilots.actions.editing import ChangedMeanwhile
from pilots.choices import PUBLICATION_MOVES, Permission, PublicationState, Role
from pilots.models import CooperationModel, Membership, ModelGoal, ModelLink, ModelPartner, ModelResult, ModelStatusPeriod, PilotArea
from pilots.permissions import may, may_keep
from pilots.queries.cooperation import FIELDS, parts_of, values_of
from pilots.queries.history import change_reason

CHECKED_FOR = timedelta(days=365)
BATCH = 200
TOLD_BY_AREA = "Kerrottu portaalissa"


@transaction.atomic
def add_model(*, by: Membership, values: dict[str, Any]) -> CooperationModel:
    """A draft of the area that `by` coordinates. The same form sent twice makes one."""
    if not may(by, Permission.EDIT_OWN_AREA) or by.area_id is None:
        raise PermissionDenied
    # One after another in an area, so that two presses of the button meet.
    area = PilotArea.objects.select_for_update().get(pk=by.area_id)
    plain = {name: values[name] for name in FIELDS}
    if twin := CooperationModel.objects.filter(area=area, created_by=by, version=1, state=PublicationState.DRAFT, **plain).first():
        return twin
    model = CooperationModel(area=area, created_by=by, source=TOLD_BY_AREA, **plain)
    return _write(model, values, by=by, verb="add_model")


@transaction.atomic
def edit_model(*, by: Membership, model_id: int, version: int, values: dict[str, Any]) -> bool:
    """Save all of it; whether anything changed. Raises ChangedMeanwhile when `version` is no longer the model's."""
    model = locked_model(by, model_id)
    changed = [name for name in FIELDS if getattr(model, name) != values[name]]
    if not changed and parts_of(values) == model.parts:
        return False
    if version != model.version:
        raise ChangedMeanwhile(model)
    for name in changed:
        setattr(model, name, values[name])
    model.version += 1
    _write(model, values, by=by, verb="edit_model", fields=changed)
    return True


@transaction.atomic
def move_model(*, by: Membership, model_id: int, state: str) -> CooperationModel:
    """Publish, archive, publish again. What is published has a status and a day by which it is checked."""
    model = locked_model(by, model_id)
    if model.state == state:
        return model
    if state not in PUBLICATION_MOVES[PublicationState(model.state)]:
        raise ValidationError(_("A model that is %(state)s cannot be changed so.") % {"state": model.get_state_display()})
    if state == PublicationState.PUBLIC:
        if not model.statuses.filter(ends_on=None).exists():
            raise ValidationError(_("Say how far the model has come before you publish it."))
        model.published_at = timezone.now()
        model.check_by = model.check_by or timezone.localdate() + CHECKED_FOR
    model.state = state
    model.version += 1
    _save(model, by=by, verb="move_model", fields=["state"])
    return model


@transaction.atomic
def confirm_model(*, by: Membership, model_id: int) -> CooperationModel:
    """Everything is right still: checked again within a year."""
    model = locked_model(by, model_id)
    model.check_by = timezone.localdate() + CHECKED_FOR
    _save(model, by=by, verb="confirm_model", fields=["check_by"])
    return model


@transaction.atomic
def copy_model(*, by: Membership, model: CooperationModel) -> CooperationModel:
    """A draft of one's own area that says what it was copied from. The results, the cost and the contact person stay with the origin: they
    are of that one. The people who keep the origin are told. Copying again gives the draft that is there."""
    if not may(by, Permission.EDIT_OWN_AREA) or by.area_id is None or model.state != PublicationState.PUBLIC:
        raise PermissionDenied
    area = PilotArea.objects.select_for_update().get(pk=by.area_id)
    if twin := CooperationModel.objects.filter(area=area, copied_from=model, state=PublicationState.DRAFT).first():
        return twin
    values = values_of(model) | {"contact": None, "check_by": None, "cost": None, "cost_fi": "", "cost_sv": "", "results": [], "status": {}, "municipalities": []}
    copied = CooperationModel(area=area, created_by=by, copied_from=model, source=model.source, is_demo=model.is_demo and by.user.is_demo, **{name: values[name] for name in FIELDS})
    _write(copied, values, by=by, verb="copy_model")
    _tell_of_copy(model, copied)
    return copied


def keepers_of(model: CooperationModel) -> list[Membership]:
    """The active people who keep it, each human once: the area's coordinators; of an organisation in no area its coordinators, else Kuntaliitto's staff."""
    rows = Membership.objects.active().filter(user__is_active=True).select_related("user").order_by("pk")
    if model.area_id:
        found = rows.filter(role=Role.AREA_COORDINATOR, area=model.area_id)
    else:
        found = rows.filter(role=Role.AREA_COORDINATOR, organisation=model.organisation_id) or rows.filter(role=Role.KUNTALIITTO_STAFF)
    return list({row.user_id: row for row in found}.values())


def remind_of_models(now: datetime) -> int:
    """Job of `run_due`: tell the people of each public model whose day of checking has passed, once for each such day."""
    today = timezone.localtime(now).date()
    late = CooperationModel.objects.filter(state=PublicationState.PUBLIC, check_by__lt=today).filter(Q(reminded_for=None) | ~Q(reminded_for=F("check_by")))
    return sum(_remind(pk, now) for pk in late.order_by("check_by", "pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _remind(pk: int, now: datetime) -> int:
    model = CooperationModel.objects.select_for_update(of=("self",)).select_related("area", "organisation").get(pk=pk)
    if model.check_by is None or model.reminded_for == model.check_by:
        return 0
    CooperationModel.objects.filter(pk=pk).update(reminded_for=model.check_by)
    _tell(model, kind="model_stale", context={"day": model.check_by}, now=now)
    record_event(by=None, verb="remind_model", target=model)
    return 1


def locked_model(by: Membership, model_id: int) -> CooperationModel:
    model = CooperationModel.objects.select_for_update(of=("self",)).get(pk=model_id)
    if not may_keep(by, model):
        raise PermissionDenied
    return model


def _write(model: CooperationModel, values: dict[str, Any], *, by: Membership, verb: str, fields: list[str] | None = None) -> CooperationModel:
    model.parts = parts_of(values)
    model.clean_fields(exclude=["area", "organisation", "contact", "copied_from", "created_by", "parts", "source"])
    _check(model, values)
    _save(model, by=by, verb=verb, fields=fields)
    write_parts(model, values)
    return model


def _save(model: CooperationModel, *, by: Membership, verb: str, fields: list[str] | None = None) -> None:
    model._history_user = by.user  # type: ignore[attr-defined]
    model._change_reason = change_reason(by, verb)  # type: ignore[attr-defined]
    model.save()
    record_event(by=by.user, verb=verb, target=model, organisation_id=by.organisation_id, detail={"fields": fields or []})


def _check(model: CooperationModel, values: dict[str, Any]) -> None:
    if model.state != PublicationState.DRAFT and not values["status"]:
        raise ValidationError({"status": _("Say how far the model has come: readers see this page already.")})
    if model.contact and not (model.contact.ended_on is None and (model.contact.area_id, model.contact.organisation_id) in ((model.area_id, None), (None, model.organisation_id))):
        raise ValidationError({"contact": _("Choose a contact person of your own.")})
    if values["status"] and model.pk:
        _check_status(model, values["status"])


def _check_status(model: CooperationModel, status: dict[str, Any]) -> None:
    now = model.statuses.filter(ends_on=None).first()
    if now is None:
        return
    earlier = now if now.status != status["status"] else model.statuses.filter(ends_on=now.starts_on).first()
    if earlier and status["starts_on"] <= earlier.starts_on:
        message = _("The status before began on %(day)s. Give a later day.")
        raise ValidationError({"status_from": message % {"day": date_format(earlier.starts_on, "SHORT_DATE_FORMAT")}})


def write_parts(model: CooperationModel, values: dict[str, Any]) -> None:
    """What stands in other tables, as `values` has it. Only the statuses are kept when they end."""
    model.education_forms.set(values["education_forms"])
    model.municipalities.set(values["municipalities"])
    for rows in (model.partners, model.served_goals, model.results, model.links):
        rows.all().delete()
    ModelPartner.objects.bulk_create(ModelPartner(model=model, position=place, **row) for place, row in enumerate(values["partners"]))
    ModelGoal.objects.bulk_create(ModelGoal(model=model, **row) for row in values["goals"])
    ModelResult.objects.bulk_create(ModelResult(model=model, position=place, **row) for place, row in enumerate(values["results"]))
    ModelLink.objects.bulk_create(ModelLink(model=model, position=place, **row) for place, row in enumerate(values["links"]))
    if values["status"]:
        _write_status(model, **values["status"])


def _write_status(model: CooperationModel, *, status: str, starts_on: date) -> None:
    """Another status ends the one before; the same one with another day mends the day, and the end of the one before with it."""
    now = model.statuses.filter(ends_on=None).first()
    if now and now.status == status:
        model.statuses.filter(ends_on=now.starts_on).update(ends_on=starts_on)
        model.statuses.filter(pk=now.pk).update(starts_on=starts_on)
        return
    if now:
        model.statuses.filter(pk=now.pk).update(ends_on=starts_on)
    ModelStatusPeriod.objects.create(model=model, status=status, starts_on=starts_on)


def _tell_of_copy(model: CooperationModel, copied: CooperationModel) -> None:
    _tell(model, kind="model_copied", context={"area": copied.area})


def _tell(model: CooperationModel, *, kind: str, context: dict[str, Any], now: datetime | None = None) -> None:
    for person in keepers_of(model):
        notify(user_id=person.user_id, kind=kind, page="pilots:model_detail", arguments=[model.pk], context=context | {"model": model}, now=now)
