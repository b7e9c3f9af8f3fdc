"""The core of booking: what is held, what is refused, who may do what."""
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import OutboxMessage
from pilots.choices import Role
from services.actions.bookings import answer_booking, answer_series, move_booking
from services.choices import BOOKING_MOVES, HOLDING, BookingMode, BookingState, Publication, ResourceKind, Side
from services.conflicts import Conflict
from services.models import Booking, BookingSeries, BusyTime, Occupancy, OpeningException, OpeningHours, Resource
from services.permissions import moves_for
from services.queries.bookings import seen_as
from services.queries.times import Slot, instant
from tests.pilots.factories import make_membership
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_resource, make_service, weekly

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return make_service()


def refused(service, slot, **fields) -> list[str]:
    """The fields at which the booking is refused."""
    with pytest.raises(ValidationError) as caught:
        book(service, slot, **fields)
    return sorted(caught.value.message_dict)


def in_state(state: str, *, owner_mode: str = BookingMode.ON_REQUEST) -> Booking:
    booking = book(make_service(make_resource(mode=owner_mode)), hours(9, 11))
    owner = make_handler(booking.resource.owner)
    for target, by in {
        BookingState.REQUESTED: [], BookingState.CONFIRMED: [(BookingState.CONFIRMED, owner)], BookingState.DECLINED: [(BookingState.DECLINED, owner)],
        BookingState.WITHDRAWN: [(BookingState.WITHDRAWN, booking.requested_by)], BookingState.CANCELLED: [(BookingState.CONFIRMED, owner), (BookingState.CANCELLED, owner)],
    }[BookingState(state)]:
        booking = answer_booking(by=by, booking=booking, target=target, reason="Keksitty syy")
    return booking


ALLOWED = {(move.source, move.target, move.side): move.needs_reason for move in BOOKING_MOVES}


@pytest.mark.parametrize("source", BookingState.values)
def test_answer_booking_follows_the_table_for_each_side(source):
    for side in Side.values:
        for target in BookingState.values:
            booking = in_state(source)
            by = make_handler(booking.resource.owner) if side == Side.OWNER else booking.requested_by
            if (source, target, side) not in ALLOWED:
                with pytest.raises(Conflict):
                    answer_booking(by=by, booking=booking, target=target, reason="Syy")
                assert Booking.objects.get(pk=booking.pk).state == source
                continue
            if ALLOWED[source, target, side]:
                with pytest.raises(ValidationError):
                    answer_booking(by=by, booking=booking, target=target, reason=" ")
            answered = answer_booking(by=by, booking=booking, target=target, reason="Syy" if ALLOWED[source, target, side] else "", version=booking.version)
            assert (answered.state, answered.version) == (target, booking.version + 1)
            assert answered.occupancies.exists() == (target in HOLDING)


def test_answer_booking_is_refused_to_everybody_else():
    booking = in_state(BookingState.REQUESTED)

    for by in (make_handler(), make_membership(role=Role.COUNSELLOR, organisation=booking.resource.owner)):
        with pytest.raises(PermissionDenied):
            answer_booking(by=by, booking=booking, target=BookingState.CONFIRMED)
        assert moves_for(by, booking) == []


def test_answer_booking_with_an_old_version_is_a_conflict():
    booking = in_state(BookingState.REQUESTED)

    with pytest.raises(Conflict):
        answer_booking(by=booking.requested_by, booking=booking, target=BookingState.WITHDRAWN, version=booking.version + 1)


def test_answer_booking_leaves_what_is_over_as_it_was():
    booking = in_state(BookingState.CONFIRMED)
    later = booking.ends_at

    with pytest.raises(ValidationError):
        answer_booking(by=booking.requested_by, booking=booking, target=BookingState.CANCELLED, now=later)

    assert answer_booking(by=booking.requested_by, booking=booking, target=BookingState.CANCELLED, now=later - timedelta(minutes=1)).state == BookingState.CANCELLED


def test_request_booking_of_an_unsynchronised_resource_is_a_request_that_holds(service):
    asked = make_service(make_resource(mode=BookingMode.ON_REQUEST))
    without_hours = make_service(make_resource(hours=None))

    assert [book(one, hours(9, 11)).state for one in (service, asked, without_hours)] == [BookingState.CONFIRMED, BookingState.REQUESTED, BookingState.REQUESTED]
    with pytest.raises(Conflict):
        book(asked, hours(10, 12))


def test_request_booking_sent_again_makes_one(service):
    by, token = make_handler(), uuid4()

    assert book(service, hours(9, 11), by=by, token=token) == book(service, hours(9, 11), by=by, token=token)
    assert Occupancy.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"state": Publication.DRAFT}, PermissionDenied),
        ({"state": Publication.ARCHIVED}, PermissionDenied),
        ({"audience": "chosen"}, PermissionDenied),
    ],
)
def test_request_booking_needs_a_service_that_is_offered_to_one(service, change, error):
    type(service).objects.filter(pk=service.pk).update(**change)

    with pytest.raises(error):
        book(service, hours(9, 11))


def test_request_booking_of_what_the_service_does_not_offer_is_refused(service):
    assert refused(service, hours(9, 11), resource=make_resource(service.organisation)) == ["resource"]
    Resource.objects.filter(pk=service.resource_id).update(ended_on=timezone.localdate())
    service.resource.refresh_from_db()
    assert refused(service, hours(9, 11)) == ["resource"]


def test_request_booking_by_a_counsellor_is_refused(service):
    with pytest.raises(PermissionDenied):
        book(service, hours(9, 11), by=make_membership(role=Role.COUNSELLOR))


def test_request_booking_keeps_to_the_interval_and_the_longest():
    resource = make_resource(start_interval=30, hours=None)
    service = make_service(resource)

    assert refused(service, hours(time(9, 15), 11)) == ["starts"]
    assert refused(service, Slot(hours(9, 11).ends_at, hours(9, 11).starts_at)) == ["ends"]
    assert refused(service, Slot(hours(9, 11).starts_at, hours(9, 11).starts_at + timedelta(days=14, minutes=30))) == ["ends"]
    assert refused(service, hours(9, 11, timezone.localdate() + timedelta(days=740))) == ["day"]
    assert book(service, hours(time(9, 30), 11))


def test_buffers_keep_bookings_apart():
    service = make_service(make_resource(buffer_before=15, buffer_after=30))
    book(service, hours(10, 11))

    for taken in (hours(time(11, 30), 12), hours(9, time(9, 30))):
        with pytest.raises(Conflict):
            book(service, taken)
    assert book(service, hours(time(11, 45), 12))
    assert book(service, hours(8, time(9, 15)))


def test_a_part_and_the_whole_hold_each_other_and_parts_do_not():
    whole = make_resource()
    one, other = make_part(whole), make_part(whole)
    service = make_service(whole)

    book(service, hours(9, 11), resource=one)
    book(service, hours(9, 11), resource=other)
    with pytest.raises(Conflict):
        book(service, hours(10, 12))
    book(service, hours(12, 14))
    with pytest.raises(Conflict):
        book(service, hours(13, 14), resource=one)


def test_busy_times_of_the_owner_are_held_too(service):
    slot = hours(9, 10)
    BusyTime.objects.create(resource=service.resource, starts_at=slot.starts_at, ends_at=slot.ends_at, brought_at=timezone.now())

    assert refused(service, hours(9, 11)) == ["starts"]
    assert book(service, hours(10, 11))


def test_hours_seasons_exceptions_and_holidays_close(service):
    resource = service.resource
    independence_day, christmas_eve, midsummer_eve = date(2027, 12, 6), date(2027, 12, 24), date(2027, 6, 25)
    for day in (independence_day, christmas_eve, midsummer_eve):
        assert refused(service, hours(9, 11, day)) == ["starts"]
    OpeningException.objects.create(resource=resource, first_day=independence_day, last_day=independence_day, opens=time(9), closes=time(12), reason_fi="Keksitty")
    assert book(service, hours(9, 11, independence_day))
    assert refused(service, hours(11, 13, independence_day)) == ["starts"]
    OpeningException.objects.create(resource=resource, first_day=MONDAY, last_day=MONDAY, reason_fi="Remontti")
    assert refused(service, hours(9, 11)) == ["starts"]
    assert refused(service, hours(7, 9, MONDAY + timedelta(days=1))) == ["starts"]
    OpeningHours.objects.create(resource=resource, weekday=2, opens=time(6), closes=time(8), first_day=MONDAY, last_day=MONDAY + timedelta(days=7))
    assert book(service, hours(6, 8, MONDAY + timedelta(days=1)))
    assert refused(service, hours(9, 11, MONDAY + timedelta(days=1))) == ["starts"]


def test_a_resource_with_hours_of_one_season_is_closed_outside_it():
    resource = make_resource(hours=None)
    OpeningHours.objects.create(resource=resource, weekday=1, opens=time(8), closes=time(16), first_day=MONDAY, last_day=MONDAY)
    service = make_service(resource)

    assert book(service, hours(9, 11))
    assert refused(service, hours(9, 11, MONDAY + timedelta(days=7))) == ["starts"]


def test_a_booking_over_days_meets_the_closed_days_of_all_of_them():
    service = make_service(make_resource(hours=None))
    friday = date(2027, 12, 3)
    long = Slot(hours(9, 11, friday).starts_at, hours(9, 11, friday + timedelta(days=4)).ends_at)

    assert refused(service, long) == ["starts"]
    assert book(service, Slot(long.starts_at, long.ends_at - timedelta(days=2)))


def test_a_person_is_lent_for_a_share_of_the_week():
    person = make_resource(kind=ResourceKind.PERSON, weekly_minutes=4 * 60)
    service = make_service(person)
    book(service, hours(9, 12))
    tuesday = MONDAY + timedelta(days=1)

    assert refused(service, hours(9, 11, tuesday)) == ["starts"]
    booking = book(service, hours(9, 10, tuesday))
    assert book(service, hours(9, 13, MONDAY + timedelta(days=7)))
    # Its own hours do not stand in the way of its other time.
    assert move_booking(by=booking.requested_by, booking=booking, slot=hours(13, 14, tuesday), version=1).starts_at == hours(13, 14, tuesday).starts_at


def test_the_nights_when_the_clocks_are_changed():
    service = make_service(make_resource(hours=None))
    # Easter Sunday, opened for this once.
    spring_night, autumn_night, before = date(2027, 3, 28), date(2026, 10, 25), instant(date(2026, 10, 1), time(8))
    OpeningException.objects.create(resource=service.resource, first_day=spring_night, last_day=spring_night, opens=time(0), closes=time(0), reason_fi="Keksitty")

    assert instant(spring_night, time(3, 30)) is None
    spring = book(service, hours(2, 5, spring_night), now=before)
    assert spring.ends_at - spring.starts_at == timedelta(hours=2)
    autumn = book(service, hours(2, 5, autumn_night), now=before)
    assert autumn.ends_at - autumn.starts_at == timedelta(hours=4)
    with pytest.raises(Conflict):
        book(service, Slot(autumn.starts_at + timedelta(hours=3), autumn.ends_at + timedelta(hours=1)), now=before)
    assert book(service, Slot(autumn.ends_at, autumn.ends_at + timedelta(hours=1)), now=before)


def test_move_booking_asks_again_where_the_owner_answers():
    booking = in_state(BookingState.CONFIRMED)

    moved = move_booking(by=booking.requested_by, booking=booking, slot=hours(13, 15), version=booking.version)

    assert (moved.state, moved.answered_at, moved.occupancies.get().starts_at) == (BookingState.REQUESTED, None, hours(13, 15).starts_at)


def test_move_booking_is_refused():
    booking = in_state(BookingState.CONFIRMED)
    by = booking.requested_by

    with pytest.raises(PermissionDenied):
        move_booking(by=make_handler(booking.resource.owner), booking=booking, slot=hours(13, 15), version=booking.version)
    with pytest.raises(Conflict):
        move_booking(by=by, booking=booking, slot=hours(13, 15), version=1)
    with pytest.raises(ValidationError):
        move_booking(by=by, booking=booking, slot=hours(13, 15), version=booking.version, now=booking.starts_at + timedelta(minutes=1))
    with pytest.raises(ValidationError):
        move_booking(by=by, booking=booking, slot=hours(6, 7), version=booking.version)
    ended = in_state(BookingState.WITHDRAWN)
    with pytest.raises(Conflict):
        move_booking(by=ended.requested_by, booking=ended, slot=hours(13, 15), version=ended.version)
    booking.refresh_from_db()
    assert (booking.starts_at, booking.occupancies.get().starts_at) == (hours(9, 11).starts_at,) * 2


def test_answer_series_turns_all_that_wait_and_frees_their_time():
    service = make_service(make_resource(mode=BookingMode.ON_REQUEST))
    series, owner = weekly(service), make_handler(service.organisation)
    first, seen_before = series.bookings.first(), seen_as(list(series.bookings.all()))
    answer_booking(by=owner, booking=first, target=BookingState.DECLINED, reason="Juhla")

    with pytest.raises(ValidationError):
        answer_series(by=owner, series=series, target=BookingState.DECLINED)
    with pytest.raises(Conflict):
        answer_series(by=owner, series=series, target=BookingState.DECLINED, reason="Remontti", seen=seen_before)
    with pytest.raises(PermissionDenied):
        answer_series(by=series.requested_by, series=series, target=BookingState.CONFIRMED)
    assert answer_series(by=owner, series=series, target=BookingState.CONFIRMED, seen=seen_as(list(series.bookings.filter(state=BookingState.REQUESTED)))) == 2
    assert list(series.bookings.values_list("state", flat=True)) == [BookingState.DECLINED, BookingState.CONFIRMED, BookingState.CONFIRMED]
    assert answer_series(by=series.requested_by, series=series, target=BookingState.CANCELLED) == 2
    assert not Occupancy.objects.exists()
    with pytest.raises(Conflict):
        answer_series(by=series.requested_by, series=series, target=BookingState.CANCELLED)


def test_the_other_sides_handlers_are_told_in_their_language():
    service = make_service(make_resource(mode=BookingMode.ON_REQUEST))
    owner = make_handler(service.organisation)
    owner.user.language = "sv"
    owner.user.save()

    weekly(service, weeks=2)

    mail = OutboxMessage.objects.get()
    assert (mail.to_email, mail.language) == (owner.user.email, "sv")
    assert f"/sv/services/series/{BookingSeries.objects.get().pk}/" in mail.body


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": BookingState.CONFIRMED, "answered_at": None},
        {"state": BookingState.REQUESTED, "answered_at": timezone.now()},
        {"state": BookingState.DECLINED, "answered_at": timezone.now(), "reason": ""},
        {"state": BookingState.WITHDRAWN, "answered_at": None, "ended_at": None},
        {"state": BookingState.CANCELLED, "ended_at": None},
        {"ends_at": hours(9, 11).starts_at},
    ],
)
def test_the_database_refuses_a_booking_that_contradicts_itself(service, wrong):
    booking = book(service, hours(9, 11))

    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(**wrong)
