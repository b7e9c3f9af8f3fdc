"""A reviewed list becomes rooms and people, runs or bookings: all of its lines in one transaction, or none."""
import uuid
from collections import Counter
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from pilots.models import Membership
from services.actions.bookings import tells_overlaps
from services.actions.courses import EDITABLE, offer_run
from services.actions.lists import erase, hold_columns, lock_list
from services.actions.notices import handlers_of
from services.actions.resources import add_part, add_place, add_resource
from services.choices import BookingState, ImportState, ListKind
from services.models import Booking, ListImport, Occupancy, Place, Resource
from services.queries.judging import Judged
from services.queries.lists import judge
from services.queries.times import Slot
from services.tables.headers import folded

OF_RESOURCE = ("kind", "name_fi", "name_sv", "place", "capacity", "equipment_fi", "equipment_sv", "mode", "weekly_minutes", "buffer_before", "buffer_after", "start_interval")
OF_PART = ("name_fi", "name_sv", "capacity", "equipment_fi", "equipment_sv")


@tells_overlaps
@transaction.atomic
def store_list(*, by: Membership, batch: ListImport, now: datetime | None = None) -> int:
    """One line that cannot be stored leaves nothing behind; ValidationError names it. The same person pressing twice stores once."""
    now = now or timezone.now()
    hold_columns(batch)
    current = ListImport.objects.get(pk=batch.pk)
    if current.state == ImportState.STORED and current.stored_by_id == by.pk:
        return 0
    batch = lock_list(batch, by)
    if batch.state != ImportState.MAPPED:
        raise ValidationError(_("Say first which column is what."))
    if batch.kind == ListKind.BOOKINGS:
        # Whoever books one of them waits until the list is stored or refused.
        list(Resource.objects.select_for_update().filter(owner=batch.organisation_id, whole=None).order_by("pk").values_list("pk"))
    judged = judge(batch)
    wrong = [one for one in judged if one.state == "wrong"]
    if wrong:
        words = ngettext(
            "Nothing was stored. %(count)s line is to be corrected or left out: line %(line)s.", "Nothing was stored. %(count)s lines are to be corrected or left out, the first is line %(line)s.", len(wrong)
        )
        raise ValidationError(words, params={"count": len(wrong), "line": wrong[0].row.line})
    chosen = [one for one in judged if one.state != "left_out"]
    if not chosen:
        raise ValidationError(_("Nothing was stored, for every line is left out."))
    STORES[ListKind(batch.kind)](by, chosen, now)
    batch.stored_at, batch.stored_by, batch.stored_count = now, by, len(chosen)
    erase(batch, ImportState.STORED)
    record_event(by=by.user, verb="list_stored", target=batch, organisation_id=by.organisation_id, detail={"kind": batch.kind, "rows": len(chosen), "left_out": len(judged) - len(chosen)})
    return len(chosen)


def refused(one: Judged, error: ValidationError) -> ValidationError:
    return ValidationError(_("Nothing was stored. Line %(line)s: %(text)s"), params={"line": one.row.line, "text": " ".join(error.messages)})


def _store_resources(by: Membership, chosen: list[Judged], now: datetime) -> None:
    """Places first, then wholes, then their parts."""
    places: dict[str, Place] = {}
    wholes: dict[str, Resource] = {}
    for one in sorted(chosen, key=lambda row: bool(row.extra["part_of"])):
        thing: Resource = one.thing
        try:
            if new := one.extra["new_place"]:
                name = folded(new["name_fi"])
                thing.place = places[name] = places.get(name) or add_place(by=by, values=new)
            if one.extra["part_of"]:
                whole = one.extra["whole"] or wholes[folded(one.extra["part_of"])]
                add_part(by=by, resource=whole, values={name: getattr(thing, name) for name in OF_PART})
            else:
                wholes[folded(thing.name_fi)] = add_resource(by=by, values={name: getattr(thing, name) for name in OF_RESOURCE}, hours={}, rows=one.extra["hours"])
        except KeyError:
            raise ValidationError(_("Nothing was stored. Line %(line)s: %(text)s"), params={"line": one.row.line, "text": _("The whole that it is a part of is left out.")}) from None
        except ValidationError as error:
            raise refused(one, error) from error


def _store_runs(by: Membership, chosen: list[Judged], now: datetime) -> None:
    for one in chosen:
        try:
            offer_run(by=by, service=one.thing.service, now=now, **{name: getattr(one.thing, name) for name in EDITABLE})
        except ValidationError as error:
            raise refused(one, error) from error


def _store_bookings(by: Membership, chosen: list[Judged], now: datetime) -> None:
    """Confirmed by whoever stores the list; each borrower is told once."""
    bookings = []
    for one in chosen:
        booking: Booking = one.thing
        booking.state, booking.requested_at, booking.requested_by, booking.answered_at, booking.answered_by, booking.token = BookingState.CONFIRMED, now, by, now, by, uuid.uuid4()
        bookings.append(booking)
    Booking.objects.bulk_create(bookings, batch_size=500)
    held = []
    for one in chosen:
        calendar, booking = one.extra["calendar"], one.thing
        wide = calendar.with_buffers(Slot(booking.starts_at, booking.ends_at))
        held += [Occupancy(resource_id=leaf, booking=booking, starts_at=wide.starts_at, ends_at=wide.ends_at) for leaf in calendar.leaves]
    Occupancy.objects.bulk_create(held, batch_size=500)
    for organisation, count in Counter(booking.organisation_id for booking in bookings).items():
        if organisation != by.organisation_id:
            _tell(organisation, by, count, now)


def _tell(organisation: int, by: Membership, count: int, now: datetime) -> None:
    for person in handlers_of(organisation):
        notify(user_id=person.user_id, kind="bookings_brought", page="services:booking_list", query="?show=borrowed", context={"by": by.organisation, "count": count}, now=now)


STORES = {ListKind.RESOURCES: _store_resources, ListKind.RUNS: _store_runs, ListKind.BOOKINGS: _store_bookings}
