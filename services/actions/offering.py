"""Offering a service: written in steps as a draft, published, copied, archived, and confirmed to be right still.

Each raises PermissionDenied for people who do not handle the owner's services, `Conflict` when somebody else saved
meanwhile, and ValidationError with the fields' names for what cannot be saved or published.
"""
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from pilots.queries.history import change_reason
from services.actions.resources import add_place, add_resource
from services.choices import Audience, Publication, ResourceKind, ServiceKind
from services.conflicts import Conflict
from services.models import Place, Resource, SharedService
from services.permissions import may_manage_service, may_offer

CHOSEN = ("for_areas", "for_municipalities", "for_organisations")
LISTS = ("education_forms", "cooperation_models", *CHOSEN)
# What a copy repeats; its name and texts too, to be changed by whoever copies.
COPIED = (
    "kind", "name_fi", "name_sv", "unit_id", "resource_id", "place_id", "description_fi", "description_sv", "languages", "delivery", "subjects_fi", "subjects_sv", "conditions_fi", "conditions_sv", "price_basis", "price",
    "contact_id", "contact_email", "contact_phone", "audience", "shown_outside", "target_groups_fi", "target_groups_sv", "is_demo",
)  # fmt: skip
CHECKED_FOR = timedelta(days=365)
FARTHEST_CHECK = timedelta(days=731)
DERIVED = ("sort_key_fi", "sort_key_sv", "search_words", "created_by", "organisation", "copied_from", "published_at")


@transaction.atomic
def add_service(*, by: Membership, values: dict[str, Any]) -> SharedService:
    """A draft of the own organisation. The same form sent twice makes one."""
    if not may_offer(by):
        raise PermissionDenied
    plain = {name: value for name, value in values.items() if name not in LISTS}
    twin = SharedService.objects.filter(organisation=by.organisation_id, created_by=by, state=Publication.DRAFT, version=1, **plain).first()
    if twin:
        return twin
    service = SharedService(organisation=by.organisation, created_at=timezone.now(), created_by=by, check_by=timezone.localdate() + CHECKED_FOR, version=0, **plain)
    _check_unit(service)
    _save(service, by=by, verb="add_service")
    _set_lists(service, values)
    return service


@transaction.atomic
def edit_service(*, by: Membership, service: SharedService, version: int, values: dict[str, Any]) -> SharedService:
    """Any of the fields of the first and the third step; what is public stays public, and is right at once."""
    service = _locked(by, service, version)
    if values.get("kind", service.kind) != service.kind and (service.resource_id or service.state != Publication.DRAFT or service.runs.exists()):
        raise ValidationError({"kind": _("The kind cannot be changed any more: what is booked has been chosen. Make a new service instead.")})
    for name, value in values.items():
        if name not in LISTS:
            setattr(service, name, value)
    _check_unit(service)
    if "check_by" in values:
        _check_day(values["check_by"])
    _save(service, by=by, verb="edit_service")
    _set_lists(service, values)
    if service.state == Publication.PUBLIC:
        _require_whole(service)
    return service


@transaction.atomic
def set_where(
    *, by: Membership, service: SharedService, version: int, place: Place | None = None, new_place: dict[str, Any] | None = None,
    resource: Resource | None = None, new_resource: dict[str, Any] | None = None, hours: dict | None = None,
) -> SharedService:
    """What is booked and where: own things, or new ones made here and now. A course has no resource."""
    service = _locked(by, service, version)
    if new_place is not None:
        place = add_place(by=by, values=new_place)
    if new_resource is not None:
        resource = add_resource(by=by, values=new_resource | {"place": place}, hours=hours or {})
    for thing, name in ((place, "place"), (resource, "resource")):
        if thing is not None and thing.owner_id != service.organisation_id:
            raise ValidationError({name: _("Choose one of your own organisation's.")})
    if resource is not None and (service.kind == ServiceKind.FACILITY) != (resource.kind == ResourceKind.SPACE):
        raise ValidationError({"resource": _("A facility offers a space, staff a person or a post.")})
    if resource is None and service.kind != ServiceKind.COURSE:
        raise ValidationError({"resource": _("Say what is booked.")})
    service.place, service.resource = place, resource
    if service.state == Publication.PUBLIC:
        _require_whole(service)
    _save(service, by=by, verb="set_where")
    return service


@transaction.atomic
def publish_service(*, by: Membership, service: SharedService, version: int) -> SharedService:
    """From a draft or from the archive; everything that readers need must be there."""
    service = _locked(by, service, version)
    if service.state == Publication.PUBLIC:
        raise Conflict(service, _("This service is public already."))
    _require_whole(service)
    _check_day(service.check_by)
    service.state, service.published_at = Publication.PUBLIC, timezone.now()
    _save(service, by=by, verb="publish_service")
    return service


@transaction.atomic
def archive_service(*, by: Membership, service: SharedService, version: int) -> SharedService:
    """Not offered any more, and kept. What has been booked stays booked."""
    service = _locked(by, service, version)
    if service.state == Publication.ARCHIVED:
        raise Conflict(service, _("This service is archived already."))
    service.state = Publication.ARCHIVED
    _save(service, by=by, verb="archive_service")
    return service


@transaction.atomic
def confirm_service(*, by: Membership, service: SharedService, version: int, check_by: date) -> SharedService:
    """“Still right”: the owner has looked it through today and does so again by that day."""
    service = _locked(by, service, version)
    if service.state != Publication.PUBLIC:
        raise ValidationError(_("Only what is public is confirmed. Publish it first."))
    _check_day(check_by)
    service.check_by = check_by
    _save(service, by=by, verb="confirm_service")
    return service


@transaction.atomic
def copy_service(*, by: Membership, service: SharedService) -> SharedService:
    """A draft with the same content, to be changed; what is booked is the same thing. A copy that nobody has touched yet is not made again."""
    service = SharedService.objects.select_for_update().get(pk=service.pk)
    if not may_manage_service(by, service):
        raise PermissionDenied
    if twin := service.copies.filter(state=Publication.DRAFT, version=1, created_by=by, **{name: getattr(service, name) for name in COPIED}).first():
        return twin
    copy = SharedService(
        organisation_id=service.organisation_id, created_at=timezone.now(), created_by=by, check_by=timezone.localdate() + CHECKED_FOR, copied_from=service, version=0,
        **{name: getattr(service, name) for name in COPIED},
    )  # fmt: skip
    _save(copy, by=by, verb="copy_service")
    _set_lists(copy, {name: list(getattr(service, name).all()) for name in LISTS})
    return copy


def _locked(by: Membership, service: SharedService, version: int) -> SharedService:
    service = SharedService.objects.select_for_update().get(pk=service.pk)
    if not may_manage_service(by, service):
        raise PermissionDenied
    if version != service.version:
        raise Conflict(service, _("Somebody else of your organisation has saved this service in the meantime."))
    return service


def _save(service: SharedService, *, by: Membership, verb: str) -> None:
    """The row, its history and the audit event together."""
    service.set_derived()
    service.full_clean(exclude=DERIVED, validate_unique=False)
    service.version += 1
    service._history_user = by.user  # type: ignore[attr-defined]
    service._change_reason = change_reason(by, verb)  # type: ignore[attr-defined]
    service.save()
    record_event(by=by.user, verb=verb, target=service, organisation_id=by.organisation_id, detail={"version": service.version})


def _set_lists(service: SharedService, values: dict[str, Any]) -> None:
    for name in LISTS:
        if name in values:
            getattr(service, name).set(values[name])


def _require_whole(service: SharedService) -> None:
    """What readers need before a service is public."""
    missing = []
    if service.kind != ServiceKind.COURSE and service.resource_id is None:
        missing.append(_("Say what is booked (step 2)."))
    if service.kind == ServiceKind.FACILITY and service.place_id is None:
        missing.append(_("Say where it is (step 2)."))
    if service.audience == Audience.CHOSEN and not any(getattr(service, name).exists() for name in CHOSEN):
        missing.append(_("Choose the areas, municipalities or organisations that may use it, or open it to all (step 3)."))
    if not (service.current_contact or service.contact_email or service.contact_phone):
        missing.append(_("Name a contact person, an e-mail address or a telephone number (step 3)."))
    if missing:
        raise ValidationError(missing)


def _check_unit(service: SharedService) -> None:
    unit = service.unit
    if unit and unit.owner_id != service.organisation_id and not unit.co_hosts.filter(pk=service.organisation_id).exists():
        raise ValidationError({"unit": _("Choose a unit of your own organisation.")})


def _check_day(day: date) -> None:
    today = timezone.localdate()
    if day <= today:
        raise ValidationError({"check_by": _("Give a day that is still to come.")})
    if day - today > FARTHEST_CHECK:
        raise ValidationError({"check_by": _("Give a day within two years.")})
