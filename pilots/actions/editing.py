"""What a coordinator changes in the own area. Nothing is deleted; every change is kept with who, when and for which organisation.

All of them lock the area first, so that two coordinators of one area follow one another. Each raises PermissionDenied
for anyone else, and ValidationError with the fields' names for what cannot be saved.
"""
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.choices import Participation
from pilots.models import AreaMembership, Contact, Membership, Organisation, PilotArea, Unit
from pilots.permissions import may_edit_area
from pilots.queries.editing import AREA_FIELDS, CONTACT_FIELDS
from pilots.queries.history import change_reason, version_of
from pilots.queries.network import shown_as_members


class ChangedMeanwhile(ValidationError):
    """Someone else saved after this person had opened the page; `current` is the row as it is now."""

    def __init__(self, current: models.Model) -> None:
        super().__init__(_("Somebody else saved while you were writing."), code="changed")
        self.current = current


@transaction.atomic
def edit_area(*, by: Membership, area_id: int, version: int, values: dict[str, Any]) -> bool:
    """Save the area's own texts; whether anything changed. Raises ChangedMeanwhile when `version` is no longer the area's."""
    area = _locked_area(by, area_id)
    changed = _set(area, values, AREA_FIELDS)
    if not changed:
        return False
    if version != area.version:
        raise ChangedMeanwhile(PilotArea.objects.get(pk=area.pk))
    area.version += 1
    _save(area, by=by, verb="edit_area", fields=[*changed, "version"])
    return True


@transaction.atomic
def add_contact(*, by: Membership, area_id: int, values: dict[str, Any]) -> Contact:
    """A new contact person of the area. The same form sent twice makes one."""
    area = _locked_area(by, area_id)
    wanted = {name: values[name] for name in CONTACT_FIELDS}
    if twin := Contact.objects.filter(area=area, ended_on=None, **wanted).first():
        return twin
    contact = Contact(area=area, **wanted)
    _check_contact(contact)
    _save(contact, by=by, verb="add_contact")
    return contact


@transaction.atomic
def edit_contact(*, by: Membership, area_id: int, contact_id: int, version: int, values: dict[str, Any]) -> bool:
    """Save a contact person's details; whether anything changed. Raises ChangedMeanwhile as `edit_area` does."""
    contact = _contact(_locked_area(by, area_id), contact_id)
    changed = _set(contact, values, CONTACT_FIELDS)
    if not changed:
        return False
    if version != version_of(contact):
        raise ChangedMeanwhile(Contact.objects.get(pk=contact.pk))
    _check_contact(contact)
    _save(contact, by=by, verb="edit_contact", fields=changed)
    return True


@transaction.atomic
def confirm_contact(*, by: Membership, area_id: int, contact_id: int) -> bool:
    """Note that the details are right today; whether that was news."""
    contact = _contact(_locked_area(by, area_id), contact_id)
    if contact.confirmed_on == timezone.localdate():
        return False
    contact.confirmed_on = timezone.localdate()
    _save(contact, by=by, verb="confirm_contact", fields=["confirmed_on"])
    return True


@transaction.atomic
def end_contact(*, by: Membership, area_id: int, contact_id: int) -> Contact:
    """The person is shown no longer; the row and its history stay."""
    contact = _contact(_locked_area(by, area_id), contact_id)
    contact.ended_on = timezone.localdate()
    _save(contact, by=by, verb="end_contact", fields=["ended_on"])
    return contact


@transaction.atomic
def add_member(
    *, by: Membership, area_id: int, body: Organisation | Unit, participation: str, through: Organisation | None, starts_on: date
) -> AreaMembership:
    """A body joins the area, at the latest until the round ends. The same form sent twice makes one membership."""
    area = _locked_area(by, area_id)
    place = {"unit": body} if isinstance(body, Unit) else {"organisation": body}
    rows = AreaMembership.objects.filter(area=area)
    if twin := rows.filter(shown_as_members(), participation=participation, through=through, starts_on=starts_on, **place).first():
        return twin
    _check_start(area, starts_on)
    _check_through(area, body, participation, through)
    if earlier := rows.filter(Q(ends_on=None) | Q(ends_on__gt=starts_on), **place).order_by("-starts_on").first():
        raise ValidationError({"body": _already_member(earlier)})
    member = AreaMembership(
        area=area,
        position=(rows.aggregate(last=Max("position"))["last"] or 0) + 1,
        participation=participation,
        through=through,
        starts_on=starts_on,
        ends_on=area.round.ends_on,
        source=_told_by_coordinator(),
        **place,
    )
    member.clean_fields(exclude=["area", "organisation", "unit", "through"])
    _save(member, by=by, verb="add_member")
    return member


@transaction.atomic
def end_member(*, by: Membership, area_id: int, member_id: int, last_day: date) -> AreaMembership:
    """The body leaves after `last_day`; the membership is kept. Whoever takes part through it must be ended first."""
    area = _locked_area(by, area_id)
    member = AreaMembership.objects.select_related("organisation", "unit").get(pk=member_id, area=area)
    ends_on = last_day + timedelta(days=1)
    if member.ends_on == ends_on:
        return member
    if member.ends_on and ends_on > member.ends_on:
        raise ValidationError({"last_day": _("The membership already ends on %(day)s. Give that day or an earlier one.") % {"day": _last_day(member.ends_on)}})
    if last_day < member.starts_on:
        message = _("The member joined on %(day)s. Give that day or a later one.")
        raise ValidationError({"last_day": message % {"day": date_format(member.starts_on, "SHORT_DATE_FORMAT")}})
    if member.organisation_id and (names := _taking_part_through(area, member.organisation_id, ends_on)):
        raise ValidationError(_("These take part through this member: %(names)s. End their memberships first.") % {"names": ", ".join(names)})
    member.ends_on = ends_on
    _save(member, by=by, verb="end_member", fields=["ends_on"])
    return member


def _locked_area(by: Membership, area_id: int) -> PilotArea:
    # Without a join: PostgreSQL would lock the round as well, and with it every other area.
    area = PilotArea.objects.select_for_update().get(pk=area_id)
    if not may_edit_area(by, area):
        raise PermissionDenied
    return area


def _contact(area: PilotArea, contact_id: int) -> Contact:
    contact = Contact.objects.get(pk=contact_id, area=area)
    if contact.ended_on:
        message = _("%(name)s has not been a contact person of this area since %(day)s.")
        raise ValidationError(message % {"name": contact.name, "day": date_format(contact.ended_on, "SHORT_DATE_FORMAT")}, code="ended")
    return contact


def _set(row: models.Model, values: dict[str, Any], names: tuple[str, ...]) -> list[str]:
    changed = [name for name in names if getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _save(row: models.Model, *, by: Membership, verb: str, fields: list[str] | None = None) -> None:
    """Write the row, its history and the audit event together."""
    row._history_user = by.user  # type: ignore[attr-defined]
    row._change_reason = change_reason(by, verb)  # type: ignore[attr-defined]
    row.save(update_fields=fields)
    area_id = row.pk if isinstance(row, PilotArea) else row.area_id  # type: ignore[attr-defined]
    record_event(by=by.user, verb=verb, target=row, organisation_id=by.organisation_id, detail={"area": area_id, "fields": fields or []})


def _check_contact(contact: Contact) -> None:
    """The database's own rules, told at the fields that they are about."""
    errors = {}
    if not (contact.email or contact.phone):
        errors["email"] = _("Give an e-mail address or a telephone number.")
    if not (contact.speaks_finnish or contact.speaks_swedish or contact.speaks_english):
        errors["speaks_finnish"] = _("Choose at least one language of service.")
    if errors:
        raise ValidationError(errors)
    # Not full_clean: it asks the database for what is known here already, while others wait for the lock.
    contact.clean_fields(exclude=["area", "organisation", "unit"])
    contact.clean()


def _check_start(area: PilotArea, starts_on: date) -> None:
    begins, ends = area.round.starts_on, area.round.ends_on
    if starts_on < begins:
        raise ValidationError({"starts_on": _("The round began on %(day)s. Give that day or a later one.") % {"day": date_format(begins, "SHORT_DATE_FORMAT")}})
    if ends and starts_on >= ends:
        raise ValidationError({"starts_on": _("The last day of the round was %(day)s. Give that day or an earlier one.") % {"day": _last_day(ends)}})


def _check_through(area: PilotArea, body: Organisation | Unit, participation: str, through: Organisation | None) -> None:
    if (participation == Participation.THROUGH) != (through is not None):
        raise ValidationError({"through": _("Name the body through which the member takes part, and only then.")})
    if through is None:
        return
    if through == body:
        raise ValidationError({"through": _("A member cannot take part through itself.")})
    if not AreaMembership.objects.filter(shown_as_members(), area=area, organisation=through).exists():
        raise ValidationError({"through": _("The body through which others take part must itself be a member of the area.")})


def _already_member(member: AreaMembership) -> str:
    if member.ends_on is None:
        return _("This body is already a member of the area.")
    return _("This body is a member of the area until %(day)s. Let the new membership begin after that day.") % {"day": _last_day(member.ends_on)}


def _taking_part_through(area: PilotArea, organisation_id: int, from_day: date) -> list[str]:
    rows = AreaMembership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=from_day), area=area, through=organisation_id)
    return [row.body.name for row in rows.select_related("organisation", "unit")]


def _last_day(ends_on: date) -> str:
    return date_format(ends_on - timedelta(days=1), "SHORT_DATE_FORMAT")


def _told_by_coordinator() -> str:
    """The source of a fact that was not in any document; in Finnish, as the sources of the loaded facts are."""
    with translation.override("fi"):
        day = date_format(timezone.localdate(), "SHORT_DATE_FORMAT")
        return _("Told in the portal by the area's coordinator, %(day)s") % {"day": day}
