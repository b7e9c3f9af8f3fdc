"""No order of bookings, moves, answers and cancellations leaves an overlap, or a time that nobody holds."""
from datetime import timedelta
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
from services.models import Booking, BookingSeries, Occupancy
from services.queries.times import Slot
from tests.services.factories import MONDAY, hours, make_handler, make_part, make_resource, make_service, weekly

pytestmark = [pytest.mark.django_db, pytest.mark.battery]
STEPS = 50
WEEK = timedelta(weeks=1)
days = st.sampled_from([MONDAY, MONDAY + timedelta(days=1), MONDAY + WEEK])
starts, lengths, picks = st.integers(8, 14), st.integers(1, 4), st.integers(0, 99)


class Bookings(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.point = transaction.savepoint()
        hall = make_resource(buffer_after=30)
        asked = make_resource(hall.owner, mode=BookingMode.ON_REQUEST)
        person = make_resource(hall.owner, kind=ResourceKind.PERSON, weekly_minutes=8 * 60)
        self.kinds = [(make_service(hall), one) for one in (hall, make_part(hall), make_part(hall))] + [(make_service(one), one) for one in (asked, person)]
        self.people = [make_handler(hall.owner), make_handler(), make_handler()]
        self.refused = 0

    def teardown(self):
        if hasattr(self, "point"):
            transaction.savepoint_rollback(self.point)

    def attempt(self, action, **given):
        """What is refused leaves everything as it was, so a refusal is as good a step as any."""
        try:
            with transaction.atomic():
                action(**given)
        except (Conflict, ValidationError):
            self.refused += 1

    def one(self, rows, pick):
        found = list(rows.order_by("pk"))
        return found[pick % len(found)] if found else None

    @rule(kind=st.integers(0, 4), day=days, start=starts, length=lengths, who=st.integers(0, 2))
    def book(self, kind, day, start, length, who):
        service, resource = self.kinds[kind]
        self.attempt(request_booking, by=self.people[who], service=service, resource=resource, slot=hours(start, start + length, day), purpose="Keksitty", token=uuid4())

    @rule(kind=st.integers(0, 4), start=starts, length=lengths, who=st.integers(0, 2))
    def book_weekly(self, kind, start, length, who):
        service, resource = self.kinds[kind]
        self.attempt(lambda **given: weekly(service, **given), by=self.people[who], resource=resource, starts=start, ends=start + length, weeks=2)

    @rule(pick=picks, day=days, start=starts, length=lengths)
    def move(self, pick, day, start, length):
        if booking := self.one(Booking.objects.filter(state__in=HOLDING), pick):
            self.attempt(move_booking, by=booking.requested_by, booking=booking, slot=hours(start, start + length, day), version=booking.version)

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
        rows = list(Occupancy.objects.select_related("booking__resource").order_by("resource_id", "starts_at"))
        for one, next_one in pairwise(rows):
            assert one.resource_id != next_one.resource_id or one.ends_at <= next_one.starts_at
        assert all(row.booking.holds for row in rows)
        held = {row.booking_id for row in rows}
        assert held == set(Booking.objects.filter(state__in=HOLDING).values_list("pk", flat=True))
        for row in rows:
            after = timedelta(minutes=row.booking.resource.whole.buffer_after if row.booking.resource.whole else row.booking.resource.buffer_after)
            assert Slot(row.starts_at, row.ends_at) == Slot(row.booking.starts_at, row.booking.ends_at + after)


def test_no_sequence_leaves_an_overlap(battery_count):
    run_state_machine_as_test(
        Bookings,
        settings=settings(max_examples=battery_count(100), stateful_step_count=STEPS, deadline=None, phases=(Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck)),
    )
