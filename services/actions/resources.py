"""What is booked and where: made and kept by its owner's people. Bookings that exist stay as they are.

Each raises PermissionDenied for others, `Conflict` when somebody else saved meanwhile, and ValidationError for what cannot be saved.
"""
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from pilots.queries.history import change_reason
from services.choices import BookingMode, ResourceKind
from services.conflicts import Conflict
from services.models import OpeningException, OpeningHours, Place, Resource, TermPeriod
from services.permissions import may_manage_resource, may_offer
from services.queries.fitting import has_future
from services.queries.offering import not_ended
from services.queries.resources import resource_version

# A page of them can still be read.
MOST_ROWS = 60
DERIVED = ("sort_key_fi", "sort_key_sv", "search_words", "owner", "whole")


@transaction.atomic
def add_place(*, by: Membership, values: dict[str, Any]) -> Place:
    if not may_offer(by):
        raise PermissionDenied
    place = Place(owner=by.organisation, **values)
    _check(place)
    place.save()
    _record(by, "add_place", place)
    return place


@transaction.atomic
def edit_place(*, by: Membership, place: Place, version: int, values: dict[str, Any]) -> Place:
    place = Place.objects.select_for_update().get(pk=place.pk)
    if not may_offer(by) or place.owner_id != by.organisation_id:
        raise PermissionDenied
    if version != place.version:
        raise Conflict(place, _("Somebody else of your organisation has saved this in the meantime."))
    place.version += 1
    for name, value in values.items():
        setattr(place, name, value)
    _check(place)
    place.save()
    _record(by, "edit_place", place)
    return place


@transaction.atomic
def add_resource(*, by: Membership, values: dict[str, Any], hours: dict[int, tuple[time, time]], rows: Sequence[OpeningHours] = ()) -> Resource:
    """With one stretch of hours a weekday, or with ready `rows` of hours; booked at once only when it has some."""
    if not may_offer(by):
        raise PermissionDenied
    if values["mode"] == BookingMode.AT_ONCE and not (hours or rows):
        raise ValidationError({"mode": _("Give the opening hours as well: without them it is booked on request.")})
    resource = Resource(owner=by.organisation, **values)
    _save_resource(resource, by=by, verb="add_resource")
    for weekday, (opens, closes) in hours.items():
        row = OpeningHours(resource=resource, weekday=weekday, opens=opens, closes=closes)
        row.full_clean(exclude=["resource"])
        row.save()
    for row in rows:
        row.resource = resource
    OpeningHours.objects.bulk_create(rows)
    return resource


@transaction.atomic
def edit_resource(*, by: Membership, resource: Resource, version: int, values: dict[str, Any]) -> Resource:
    resource = _locked(by, resource)
    if version != resource_version(resource):
        raise Conflict(resource, _("Somebody else of your organisation has saved this in the meantime."))
    for name, value in values.items():
        setattr(resource, name, value)
    if resource.mode == BookingMode.AT_ONCE and not resource.opening_hours.exists():
        raise ValidationError({"mode": _("Give the opening hours first: without them it is booked on request.")})
    _save_resource(resource, by=by, verb="edit_resource")
    return resource


@transaction.atomic
def add_part(*, by: Membership, resource: Resource, values: dict[str, Any]) -> Resource:
    """Of a space that is no part itself. Refused while somebody holds the space: its bookings hold it as it was. The same form sent twice makes one."""
    whole = _locked(by, resource)
    if twin := whole.parts.filter(not_ended(), **values).first():
        return twin
    if whole.kind != ResourceKind.SPACE or whole.whole_id is not None:
        raise ValidationError(_("Only a whole space can have parts."))
    _refuse_held(whole)
    part = Resource(owner_id=whole.owner_id, kind=ResourceKind.SPACE, whole=whole, place_id=whole.place_id, mode=whole.mode, start_interval=whole.start_interval, synced_until=whole.synced_until, **values)
    _save_resource(part, by=by, verb="add_part")
    return part


@transaction.atomic
def remove_part(*, by: Membership, resource: Resource, part: Resource) -> None:
    """A part that was ever booked, or is offered on its own, cannot be taken away without its past."""
    whole = _locked(by, resource)
    if not whole.parts.filter(pk=part.pk).exists():
        # A colleague has just taken it away.
        return
    _refuse_held(whole)
    if part.bookings.exists() or part.occupancies.exists() or part.series.exists() or part.services.exists():
        raise ValidationError(_("This part has been booked or is offered on its own, so it stays."))
    _record(by, "remove_part", part)
    part._history_user = by.user  # type: ignore[attr-defined]
    part.delete()


@transaction.atomic
def add_hours(*, by: Membership, resource: Resource, weekdays: list[int], opens: time, closes: time, first_day: date | None = None, last_day: date | None = None) -> None:
    """The same hours on each of the weekdays, all year or in a season; they may not overlap those that are there. The same form sent twice makes one."""
    resource = _locked(by, resource)
    kept = list(resource.opening_hours.filter(first_day=first_day, last_day=last_day))
    if all(any((one.weekday, one.opens, one.closes) == (weekday, opens, closes) for one in kept) for weekday in weekdays):
        return
    for weekday in weekdays:
        row = OpeningHours(resource=resource, weekday=weekday, opens=opens, closes=closes, first_day=first_day, last_day=last_day)
        row.full_clean(exclude=["resource"])
        if any(one.weekday == weekday and _minutes(one.opens) < _end(closes) and _minutes(opens) < _end(one.closes) for one in kept):
            raise ValidationError({"weekdays": _("%(day)s has hours that overlap these. Remove those first.") % {"day": row.get_weekday_display()}})
        row.save()
    _bound(resource.opening_hours)
    _record(by, "add_hours", resource)


@transaction.atomic
def remove_hours(*, by: Membership, resource: Resource, pk: int) -> None:
    resource = _locked(by, resource)
    resource.opening_hours.filter(pk=pk).delete()
    if resource.mode == BookingMode.AT_ONCE and not resource.opening_hours.exists():
        raise ValidationError(_("It is booked at once, so it needs hours. Add the new ones first, or let it be booked on request."))
    _record(by, "remove_hours", resource)


@transaction.atomic
def add_exception(*, by: Membership, resource: Resource, values: dict[str, Any]) -> OpeningException:
    """Days on which it is closed, or open at other times. The same form sent twice makes one."""
    resource = _locked(by, resource)
    if twin := resource.opening_exceptions.filter(**values).first():
        return twin
    row = OpeningException(resource=resource, **values)
    row.full_clean(exclude=["resource"])
    row.save()
    _bound(resource.opening_exceptions)
    _record(by, "add_exception", resource)
    return row


@transaction.atomic
def remove_exception(*, by: Membership, resource: Resource, pk: int) -> None:
    _locked(by, resource).opening_exceptions.filter(pk=pk).delete()
    _record(by, "remove_exception", resource)


@transaction.atomic
def add_period(*, by: Membership, values: dict[str, Any]) -> TermPeriod:
    """A part of the own organisation's school year. The same form sent twice makes one."""
    if not may_offer(by):
        raise PermissionDenied
    if twin := TermPeriod.objects.filter(organisation=by.organisation_id, **values).first():
        return twin
    period = TermPeriod(organisation=by.organisation, **values)
    period.full_clean(exclude=["organisation"])
    period.save()
    _record(by, "add_period", period)
    return period


@transaction.atomic
def remove_period(*, by: Membership, pk: int) -> None:
    """Series that were booked already keep their dates."""
    if not may_offer(by):
        raise PermissionDenied
    period = TermPeriod.objects.filter(organisation=by.organisation_id, pk=pk).first()
    if period:
        _record(by, "remove_period", period)
        period.delete()


def _locked(by: Membership, resource: Resource) -> Resource:
    """The whole's row is held, as a booking holds it: hours and parts do not change under somebody's feet."""
    Resource.objects.select_for_update().get(pk=resource.root_id)
    resource = Resource.objects.get(pk=resource.pk)
    if not may_manage_resource(by, resource):
        raise PermissionDenied
    return resource


def _refuse_held(whole: Resource) -> None:
    if has_future(whole):
        raise ValidationError(_("Somebody has booked it for a time to come. Its parts can be changed after the last booking, or when the bookings have been cancelled."))


def _bound(rows: models.Manager) -> None:
    if rows.count() > MOST_ROWS:
        raise ValidationError(_("There are too many rows. Remove the ones that are over."))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _end(closes: time) -> int:
    return _minutes(closes) or 24 * 60


def _check(place: Place) -> None:
    place.set_derived()
    place.full_clean(exclude=["sort_key_fi", "sort_key_sv", "search_words", "owner"], validate_unique=False)


def _save_resource(resource: Resource, *, by: Membership, verb: str) -> None:
    resource.set_derived()
    resource.full_clean(exclude=DERIVED, validate_unique=False)
    resource._history_user = by.user  # type: ignore[attr-defined]
    resource._change_reason = change_reason(by, verb)  # type: ignore[attr-defined]
    resource.save()
    _record(by, verb, resource)


def _record(by: Membership, verb: str, target: models.Model) -> None:
    record_event(by=by.user, verb=verb, target=target, organisation_id=by.organisation_id, detail={})
