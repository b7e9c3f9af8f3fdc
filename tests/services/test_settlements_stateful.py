"""No order of bookings, seats, drafts, acceptances and corrections leaves a settlement that does not sum, or a locked one that has changed."""
import random
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from services.actions.agreements import set_line
from services.actions.bookings import answer_booking
from services.actions.settlements import accept_settlement, compute_settlement, correct_settlement, discard_settlement, draft_settlement
from services.choices import BookingState, EnrolmentState, Entry, PriceBasis, ServiceKind, Vat
from services.conflicts import Conflict
from services.models import Agreement, Booking, CourseRun, OpeningException, Settlement, SettlementLine
from services.queries.agreements import get_agreement
from services.queries.settlements import balances, count_use, payments
from services.queries.times import FINLAND
from tests.services.agreements import FIRST, TODAY, booked, decided, in_force, make_draft, send, workday
from tests.services.courses import ask, make_run
from tests.services.factories import book, hours, make_handler, make_resource, make_service

pytestmark = pytest.mark.django_db
STEPS_A_WORLD = 60


class World:
    """Three parties with shares and prices that divide badly: a room by the hour, seats on a course, and a sum for the term."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.people = [make_handler() for _ in range(3)]
        room = make_service(make_resource(self.people[1].organisation))
        course = make_service(organisation=self.people[2].organisation, kind=ServiceKind.COURSE)
        first, second = draw.randint(0, 10_000), draw.randint(0, 10_000)
        cuts = sorted((first, second))
        vat = {"vat": Vat.ADDED, "vat_rate": Decimal("25.5")} if draw.random() < 0.5 else {}
        made = make_draft(*self.people, shares=(cuts[0], cuts[1] - cuts[0], 10_000 - cuts[1]), service=room, price=str(Decimal(draw.randint(1, 9_999)) / 100), **vat)
        for line in (
            {"service": course, "subject": "", "basis": PriceBasis.SEAT, "price": Decimal(draw.randint(1, 99_999)) / 100, "provider": None},
            {"service": None, "subject": "Matkat", "basis": PriceBasis.TERM, "price": Decimal(draw.randint(1, 99_999)) / 100, "provider": self.people[1].organisation},
        ):
            made = get_agreement(self.people[0], made.pk)
            set_line(by=self.people[0], agreement=made, version=made.version, vat=Vat.INCLUDED, vat_rate=Decimal("13.5"), **line)
        send(made, self.people[0])
        for one in self.people:
            decided(made, one)
        self.agreement: Agreement = get_agreement(self.people[0], made.pk)
        self.run = make_run(service=course, entry=Entry.APPLY, seats=200)
        CourseRun.objects.filter(pk=self.run.pk).update(first_day=TODAY - timedelta(days=20), last_day=TODAY - timedelta(days=5), enrol_by=TODAY - timedelta(days=25))
        self.run.refresh_from_db()
        self.locked: dict[int, list] = {}

    def any_of(self, rows):
        found = list(rows.order_by("pk"))
        return self.draw.choice(found) if found else None

    def book(self) -> None:
        booked(self.agreement, self.draw.choice(self.people), workday(self.draw.randint(1, 55)), starts=self.draw.randint(8, 14), hours=self.draw.randint(1, 3))

    def cancel(self) -> None:
        if booking := self.any_of(Booking.objects.filter(state=BookingState.CONFIRMED)):
            answer_booking(by=booking.requested_by, booking=booking, target=BookingState.CANCELLED, reason="Keksitty", now=booking.starts_at - timedelta(days=2))

    def seat(self) -> None:
        row = ask(self.run, self.draw.choice(self.people), size=self.draw.randint(1, 3), now=datetime.combine(TODAY - timedelta(days=40), time(9), FINLAND))
        type(row).objects.filter(pk=row.pk).update(state=EnrolmentState.ENROLLED)

    def draft(self) -> None:
        first = FIRST + timedelta(days=self.draw.randint(0, 55))
        last = min(first + timedelta(days=self.draw.randint(0, 30)), TODAY - timedelta(days=1))
        draft_settlement(by=self.draw.choice(self.people), agreement=self.agreement, first_day=first, last_day=last, token=uuid4())

    def on_a_draft(self, act) -> None:
        if settlement := self.any_of(Settlement.objects.filter(locked_at=None)):
            act(by=self.draw.choice(self.people), settlement=settlement, version=settlement.version)

    def accept_all(self) -> None:
        if settlement := self.any_of(Settlement.objects.filter(locked_at=None)):
            for by in self.people:
                settlement = accept_settlement(by=by, settlement=settlement, version=settlement.version)

    def correct(self) -> None:
        if settlement := self.any_of(Settlement.objects.filter(corrects=None, locked_at__isnull=False)):
            quantities = {line.pk: Decimal(self.draw.randint(-9, 9)) for line in self.agreement.lines.all()}
            correct_settlement(by=self.draw.choice(self.people), settlement=settlement, quantities=quantities, reason="Keksitty", token=uuid4())

    def steps(self) -> list:
        on_a_draft = [lambda act=act: self.on_a_draft(act) for act in (compute_settlement, accept_settlement, accept_settlement, discard_settlement)]
        return [self.book, self.book, self.cancel, self.seat, self.draft, self.draft, self.accept_all, self.correct, *on_a_draft]

    def wrong(self) -> list[str]:
        """Of all settlements at once, in four queries, whatever the step was."""
        found, parties, every = [], list(self.agreement.parties.all()), list(Settlement.objects.all())
        of_each: dict[int, list[SettlementLine]] = {one.pk: [] for one in every}
        for line in SettlementLine.objects.select_related("line").prefetch_related("shares").order_by("pk"):
            of_each[line.settlement_id].append(line)
        for settlement in every:
            lines = of_each[settlement.pk]
            borne = balances(parties, lines)
            total = sum(line.total for line in lines)
            if any(sum(share.cents for share in line.shares.all()) != line.total or line.net + line.vat != line.total for line in lines):
                found.append("a line does not sum")
            if sum(one.bears for one in borne) != total or sum(one.gave for one in borne) != total or sum(one.balance for one in borne):
                found.append("the parties do not sum")
            paid = Counter()
            for payment in payments(parties, lines):
                paid[payment.payer.pk] -= payment.cents
                paid[payment.payee.pk] += payment.cents
            if any(paid[one.organisation.pk] != one.balance for one in borne):
                found.append("the payments do not settle it")
            numbers = [(line.line_id, line.quantity, line.counted, line.net, line.vat, line.total, sorted((share.organisation_id, share.cents) for share in line.shares.all())) for line in lines]
            if settlement.is_locked and self.locked.setdefault(settlement.pk, numbers) != numbers:
                found.append("a locked one has changed")
        if set(self.locked) - set(of_each):
            found.append("a locked one is gone")
        return found


@pytest.mark.battery
def test_no_sequence_leaves_a_settlement_that_does_not_sum(battery_count, seed):
    draw, steps, taken = random.Random(seed), battery_count(2000), Counter()
    while steps > 0:
        point = transaction.savepoint()
        world = World(draw)
        for _step in range(min(STEPS_A_WORLD, steps)):
            steps -= 1
            try:
                with transaction.atomic():
                    draw.choice(world.steps())()
            except (Conflict, ValidationError, PermissionDenied):
                taken["refused"] += 1
            else:
                taken["done"] += 1
            assert world.wrong() == [], seed
        taken["locked"] += len(world.locked)
        transaction.savepoint_rollback(point)
    # So that steps that all are refused prove nothing.
    print(dict(taken))
    assert taken["done"] > taken["refused"] // 2
    assert taken["locked"] > battery_count(2000) // 200


def test_hours_of_the_nights_when_the_clocks_change_are_those_that_passed():
    people = make_handler(), make_handler()
    service = make_service(make_resource(people[1].organisation, hours=(time(0), time(0))), organisation=people[1].organisation)
    agreement = in_force(*people, service=service, first_day=date(2026, 10, 1), last_day=date(2027, 4, 30))
    # The one in spring is Easter's.
    OpeningException.objects.create(resource=service.resource, first_day=date(2027, 3, 28), last_day=date(2027, 3, 28), opens=time(0), closes=time(6))
    for night in (date(2026, 10, 25), date(2027, 3, 28)):
        book(service, hours(2, 5, night), by=people[0], now=datetime(2026, 9, 1, tzinfo=FINLAND))

    counted = {until: count_use(agreement, date(2026, 10, 1), until, datetime(2027, 5, 1, tzinfo=FINLAND)) for until in (date(2026, 12, 31), date(2027, 4, 30))}

    # Two to five by the clock: four hours in autumn, two in spring.
    (line,) = agreement.lines.all()
    assert [found[line.pk] for found in counted.values()] == [(240, 1), (360, 2)]
