"""What a coordinator tells of the education in the area's municipalities."""
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.actions.editing import ChangedMeanwhile
from pilots.choices import ProvisionWay
from pilots.models import Membership, PilotArea, Provision
from pilots.permissions import may_edit_area
from pilots.queries.availability import PROVISION_FIELDS
from pilots.queries.history import change_reason
from pilots.queries.indicators import municipalities_of_area


@transaction.atomic
def add_provision(*, by: Membership, area_id: int, values: dict[str, Any]) -> Provision:
    """The same form sent twice makes one."""
    area = _locked(by, area_id)
    if twin := Provision.objects.filter(area=area, ended_at=None, **values).first():
        return twin
    return _save(Provision(area=area, **values), by, "add_provision")


@transaction.atomic
def edit_provision(*, by: Membership, area_id: int, pk: int, version: int, values: dict[str, Any]) -> bool:
    """Whether anything changed. Raises ChangedMeanwhile when `version` is no longer the row's."""
    provision = _open(_locked(by, area_id), pk)
    changed = [name for name in PROVISION_FIELDS if getattr(provision, name) != values[name]]
    if not changed:
        return False
    if version != provision.version:
        raise ChangedMeanwhile(provision)
    for name in changed:
        setattr(provision, name, values[name])
    provision.version += 1
    _save(provision, by, "edit_provision")
    return True


@transaction.atomic
def end_provision(*, by: Membership, area_id: int, pk: int) -> Provision:
    """Shown no longer; the row and its history stay."""
    provision = _open(_locked(by, area_id), pk)
    provision.ended_at, provision.ended_by = timezone.now(), by.user
    return _save(provision, by, "end_provision")


def _locked(by: Membership, area_id: int) -> PilotArea:
    area = PilotArea.objects.select_for_update().get(pk=area_id)
    if not may_edit_area(by, area):
        raise PermissionDenied
    return area


def _open(area: PilotArea, pk: int) -> Provision:
    provision = Provision.objects.select_related("municipality", "form", "provider", "place_in").get(pk=pk, area=area)
    if provision.ended_at:
        raise ValidationError(_("This has been taken off in the meantime."), code="ended")
    return provision


def _save(provision: Provision, by: Membership, verb: str) -> Provision:
    if provision.municipality not in municipalities_of_area(provision.area.slug):
        raise ValidationError({"municipality": _("Choose one of the area’s own municipalities.")})
    if provision.way == ProvisionWay.MISSING:
        if provision.provider or provision.place or provision.place_in or provision.in_finnish or provision.in_swedish:
            raise ValidationError({"way": _("What is missing has no provider, place or language: leave them empty, or choose another way.")})
        others = Provision.objects.filter(municipality=provision.municipality, form=provision.form, ended_at=None).exclude(pk=provision.pk)
        if others.exclude(way=ProvisionWay.MISSING).exists():
            raise ValidationError({"way": _("It has been told that this form of education is to be had here. Take that off first.")})
    elif provision.provider is None:
        raise ValidationError({"provider": _("Name the provider.")})
    provision.clean_fields(exclude=["area", "municipality", "form", "provider", "place_in", "ended_by"])
    provision._history_user = by.user  # type: ignore[attr-defined]
    provision._change_reason = change_reason(by, verb)  # type: ignore[attr-defined]
    provision.save()
    record_event(by=by.user, verb=verb, target=provision, organisation_id=by.organisation_id, detail={"area": provision.area_id, "version": provision.version})
    return provision
