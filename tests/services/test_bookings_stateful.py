"""No order of bookings, moves, answers and cancellations leaves an overlap, or a time that nobody holds; the nights when the clocks change are among the days."""
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.actions.bookings import answer_booking, answer_series, move_booking, request_booking
from services.choices import HOLDING, BookingMode, BookingState, ResourceKind
from services.conflicts import Conflict
from services.models import Booking, BookingSeries, Occupancy, OpeningException
from services.queries.times import Slot, day_slot, slot_on, week_of
from tests.services.factories import MONDAY, make_handler, make_part, make_resource, make_service, weekly

pytestmark = [pytest.mark.django_db, pytest.mark.battery]
STEPS = 50
WEEK = timedelta(weeks=1)
# All is asked before the first of the nights.
NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)
NIGHTS = SPRING, AUTUMN = date(2027, 3, 28), date(2026, 10, 25)
# Hours of a weekday that meet each other often; of a night those around the change.
times = st.one_of(
    st.tuples(st.sampled_from([MONDAY, MONDAY + timedelta(days=1), MONDAY + WEEK]), st.integers(8, 14)),
    st.tuples(st.sampled_from(NIGHTS), st.integers(0, 5)),
)
lengths, picks = st.integers(1, 4), st.integers(0, 99)
MOST_A_WEEK = timedelta(hours=5)


def slot_of(at: tuple[date, int], length: int) -> Slot | None:
    """None when one of the two hours does not exist, as on one night only."""
    day, first = at
    slot = slot_on(day, time(first), time(first + length))
    assert slot or (day == SPRING and 3 in (first, first + length))
    # The night in spring is an hour shorter and the one in autumn an hour longer than the clock says.
    if slot and first < 3 < first + length:
        assert slot.length - timedelta(hours=length) == timedelta(hours={SPRING: -1, AUTUMN: 1}.get(day, 0))
    return slot


class Bookings(RuleBasedStateMachine):
    taken: Counter[str] = Counter()

    @initialize()
    def begin(self):
        self.point = transaction.savepoint()
        always = {"hours": (time(0), time(0))}
        hall = make_resource(buffer_after=30, **always)
        asked = make_resource(hall.owner, mode=BookingMode.ON_REQUEST, **always)
        person = self.person = make_resource(hall.owner, kind=ResourceKind.PERSON, mode=BookingMode.ON_REQUEST, weekly_minutes=MOST_A_WEEK // timedelta(minutes=1), **always)
        # The night in spring is Easter's, on which all is closed unless its owner opens it.
        for one in (hall, asked, person):
            OpeningException.objects.create(resource=one, first_day=SPRING, last_day=SPRING, opens=time(0), closes=time(0))
        self.kinds = [(make_service(hall), one) for one in (hall, make_part(hall), make_part(hall))] + [(make_service(one), one) for one in (asked, person)]
        self.people = [make_handler(hall.owner), make_handler(), make_handler()]

    def teardown(self):
        if hasattr(self, "point"):
            transaction.savepoint_rollback(self.point)

    def attempt(self, action, **given):
        """What is refused leaves everything as it was, so a refusal is as good a step as any."""
        try:
            with transaction.atomic():
                action(now=NOW, **given)
        except (Conflict, ValidationError):
            self.taken["refused"] += 1
        else:
            self.taken["done"] += 1

    def one(self, rows, pick):
        found = list(rows.order_by("pk"))
        return found[pick % len(found)] if found else None

    @rule(kind=st.integers(0, 4), at=times, length=lengths, who=st.integers(0, 2))
    def book(self, kind, at, length, who):
        service, resource = self.kinds[kind]
        if slot := slot_of(at, length):
            self.attempt(request_booking, by=self.people[who], service=service, resource=resource, slot=slot, purpose="Keksitty", token=uuid4())

    @rule(kind=st.integers(0, 4), at=times, length=lengths, who=st.integers(0, 2))
    def book_weekly(self, kind, at, length, who):
        """Over the night as well, whose date is then the second."""
        (service, resource), (day, first) = self.kinds[kind], at
        first_day = day - WEEK if day in NIGHTS else day
        self.attempt(lambda **given: weekly(service, **given), by=self.people[who], resource=resource, starts=first, ends=first + length, weeks=2, first_day=first_day)

    @rule(pick=picks, at=times, length=lengths)
    def move(self, pick, at, length):
        booking, slot = self.one(Booking.objects.filter(state__in=HOLDING), pick), slot_of(at, length)
        if booking and slot:
            self.attempt(move_booking, by=booking.requested_by, booking=booking, slot=slot, version=booking.version)

    @rule(pick=picks, state=st.sampled_from(BookingState.values), who=st.integers(0, 2))
    def answer(self, pick, state, who):
        if booking := self.one(Booking.objects.all(), pick):
            by = booking.requested_by if who else self.people[0]
            self.attempt(answer_booking, by=by, booking=booking, target=state, reason="Keksitty syy")

    @rule(pick=picks, state=st.sampled_from([BookingState.CONFIRMED, BookingState.DECLINED]))
    def answer_all(self, pick, state):
        if series := self.one(BookingSeries.objects.all(), pick):
            self.attempt(answer_series, by=self.people[0], series=series, target=state, reason="Keksitty syy")

    @invariant()
    def nothing_overlaps_and_nobody_else_holds(self):
        if not hasattr(self, "point"):
            return
        self.taken["spring"] += Booking.objects.filter(state__in=HOLDING, starts_at__gte=day_slot(SPRING, SPRING).starts_at).exists()
        rows = list(Occupancy.objects.select_related("booking__resource").order_by("resource_id", "starts_at"))
        for one, next_one in pairwise(rows):
            assert one.resource_id != next_one.resource_id or one.ends_at <= next_one.starts_at
        assert all(row.booking.holds for row in rows)
        held = {row.booking_id for row in rows}
        assert held == set(Booking.objects.filter(state__in=HOLDING).values_list("pk", flat=True))
        for row in rows:
            after = timedelta(minutes=row.booking.resource.whole.buffer_after if row.booking.resource.whole else row.booking.resource.buffer_after)
            assert Slot(row.starts_at, row.ends_at) == Slot(row.booking.starts_at, row.booking.ends_at + after)
        # A whole holds both of its parts, a part or a resource without parts itself.
        leaves = Counter(row.booking_id for row in rows)
        assert all(leaves[row.booking_id] == (2 if row.booking.resource_id == self.kinds[0][1].pk else 1) for row in rows)

    @invariant()
    def nobody_works_more_than_is_lent(self):
        if not hasattr(self, "point"):
            return
        self.taken["steps"] += 1
        worked: Counter[date] = Counter()
        for row in Booking.objects.filter(resource=self.person, state__in=HOLDING):
            slot = Slot(row.starts_at, row.ends_at)
            worked[week_of(slot.day)] += slot.length // timedelta(minutes=1)
        assert all(minutes <= MOST_A_WEEK // timedelta(minutes=1) for minutes in worked.values())


def test_no_sequence_leaves_an_overlap(battery_count):
    Bookings.taken.clear()
    run_state_machine_as_test(
        Bookings,
        settings=settings(max_examples=battery_count(150), stateful_step_count=STEPS, deadline=None, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck)),
    )
    # So that steps that all are refused, or too few of them, prove nothing.
    print(dict(Bookings.taken))
    assert Bookings.taken["steps"] >= battery_count(5000)
    assert Bookings.taken["done"] > Bookings.taken["steps"] // 8
    assert Bookings.taken["spring"] > 0
