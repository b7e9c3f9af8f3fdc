"""Settlements: what is counted, that it sums to the cent, who accepts, and what the database refuses afterwards."""
import io
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.actions.settlements import accept_settlement, compute_settlement, correct_settlement, discard_settlement, draft_settlement
from services.choices import EnrolmentState, Entry, PriceBasis, ServiceKind, SettlementState, Vat
from services.conflicts import Conflict
from services.models import AgreementLine, Booking, Settlement, SettlementAcceptance, SettlementLine, SettlementShare
from services.queries.allotting import allot
from services.queries.settlements import balances, get_settlement, items_of, lines_of, payments, sums_of
from tests.services.agreements import FIRST, TODAY, booked, in_force, workday
from tests.services.courses import ask, make_run
from tests.services.factories import make_handler, make_service
from tests.services.test_agreements import refused_by_database
from tests.services.web import sign_in, url

YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def people(db):
    return make_handler(), make_handler()


@pytest.fixture
def agreement(people):
    """Hours at 33.33 euros, a third of the cost the lender's; four hours have been used."""
    agreement = in_force(*people, price="33.33", shares=(6_667, 3_333), vat=Vat.ADDED, vat_rate=Decimal("25.5"))
    booked(agreement, people[0], workday(3))
    booked(agreement, people[0], workday(10))
    return agreement


def draft(agreement, by, last_day=YESTERDAY, **given) -> Settlement:
    made = draft_settlement(by=by, agreement=agreement, first_day=FIRST, last_day=last_day, token=uuid4(), **given)
    return get_settlement(by, made.pk)


def locked(agreement, *people) -> Settlement:
    settlement = draft(agreement, people[0])
    for one in people:
        settlement = accept_settlement(by=one, settlement=settlement, version=settlement.version)
    return settlement


@given(cents=st.integers(-10**9, 10**9), shares=st.lists(st.integers(0, 10_000), min_size=1, max_size=6).filter(any))
def test_allot_sums_to_the_cent_and_is_fair(cents, shares):
    parts, whole = allot(cents, shares), sum(shares)

    assert sum(parts) == cents
    # Nobody gets more or less than their exact part by a whole cent, and whoever has no share bears nothing.
    assert all(abs(part * whole - cents * share) < whole for part, share in zip(parts, shares, strict=True))
    assert all(part == 0 for part, share in zip(parts, shares, strict=True) if share == 0)
    assert allot(-cents, shares) == [-part for part in parts]


def test_allot_gives_the_left_over_to_the_largest_remainder_then_share_then_place():
    assert allot(100, [3_333, 3_333, 3_334]) == [33, 33, 34]
    assert allot(1, [5_000, 5_000]) == [1, 0]
    assert allot(3, [2_500, 2_500, 5_000]) == [1, 1, 1]
    # 2.5 and 7.5: of equal remainders the larger share goes first.
    assert allot(10, [2_500, 7_500]) == [2, 8]


@given(
    quantity=st.integers(-100_000, 100_000), basis=st.sampled_from([PriceBasis.HOUR, PriceBasis.SEAT, PriceBasis.TERM]), price=st.decimals(0, 100_000, places=2), vat=st.sampled_from(list(Vat)),
    rate=st.decimals("0.01", 99, places=2), shares=st.lists(st.integers(0, 10_000), min_size=2, max_size=5).filter(any),
)
def test_settlement_line_adds_up_whatever_it_is_of(quantity, basis, price, vat, rate, shares):
    sums = sums_of(AgreementLine(basis=basis, price=price, vat=vat, vat_rate=None if vat == Vat.NONE else rate), quantity)

    exact = price * quantity / (60 if basis == PriceBasis.HOUR else 1) * 100
    asked = sums.total if vat == Vat.INCLUDED else sums.net
    assert abs(asked - exact) <= Decimal("0.5")
    assert sums.net + sums.vat == sum(allot(sums.total, shares))


def test_settlement_counts_hours_that_took_place_between_the_parties(agreement, people):
    booked(agreement, make_handler(), workday(5))
    booked(agreement, people[1], workday(6))
    booked(agreement, people[0], FIRST - timedelta(days=1))
    Booking.objects.filter(pk=booked(agreement, people[0], workday(7)).pk).update(state="cancelled", ended_at=F("requested_at"))

    settlement = draft(agreement, people[0])
    (line,), parties = lines_of(settlement), list(settlement.agreement.parties.all())

    # 4 h x 33.33 = 133.32; VAT 25.5 % = 33.9966 -> 34.00; 66.67 % of 167.32 = 111.552...
    assert (line.quantity, line.counted, line.net, line.vat, line.total) == (240, 2, 13_332, 3_400, 16_732)
    assert [share.cents for share in line.shares.all()] == [11_155, 5_577]
    assert [(one.bears, one.gave, one.balance) for one in balances(parties, [line])] == [(11_155, 0, -11_155), (5_577, 16_732, 11_155)]
    assert [(one.payer, one.payee, one.cents) for one in payments(parties, [line])] == [(people[0].organisation, people[1].organisation, 11_155)]


def test_settlement_counts_seats_and_term_prices(people):
    course = make_service(organisation=people[1].organisation, kind=ServiceKind.COURSE)
    agreement = in_force(*people, service=course, basis=PriceBasis.SEAT, price="120")
    run = make_run(service=course, entry=Entry.APPLY, seats=9)
    taken, _applied = ask(run, people[0], size=3), ask(run, people[0], size=2)
    type(taken).objects.filter(pk=taken.pk).update(state=EnrolmentState.ENROLLED)
    type(run).objects.filter(pk=run.pk).update(first_day=FIRST, enrol_by=FIRST)

    settlement = draft(agreement, people[1])
    (line,) = lines_of(settlement)

    assert (line.quantity, line.counted, line.total) == (3, 1, 36_000)
    assert [(one.counted, one.amount) for one in items_of(settlement, [line])[line.pk]] == [(taken, 3)]


def test_settlement_is_locked_when_all_have_accepted_and_the_database_keeps_it(agreement, people):
    settlement = draft(agreement, people[0])
    accept_settlement(by=people[0], settlement=settlement, version=settlement.version)
    assert refused_by_database(lambda: Settlement.objects.filter(pk=settlement.pk).update(state=SettlementState.ACCEPTED, locked_at=settlement.drafted_at))

    # The version is of the numbers: the other party, who opened the page before, accepts what it saw.
    settlement = accept_settlement(by=people[1], settlement=settlement, version=settlement.version)

    assert settlement.is_locked
    row, lines = Settlement.objects.filter(pk=settlement.pk), SettlementLine.objects.filter(settlement=settlement)
    shares, accepted = SettlementShare.objects.filter(line__settlement=settlement), SettlementAcceptance.objects.filter(settlement=settlement)
    changes = [
        lambda: row.update(reason="x"), row.delete, lambda: lines.update(quantity=1), lambda: lines.delete(), lambda: shares.update(cents=0), shares.delete, lambda: accepted.update(accepted_at=settlement.drafted_at), accepted.delete,
        lambda: SettlementShare.objects.create(line=lines[0], organisation=make_handler().organisation, cents=1),
        lambda: SettlementAcceptance.objects.create(settlement=settlement, organisation=make_handler().organisation, accepted_at=settlement.drafted_at),
    ]  # fmt: skip
    assert [number for number, change in enumerate(changes) if not refused_by_database(change)] == []
    for act in (lambda: compute_settlement(by=people[0], settlement=settlement, version=settlement.version), lambda: discard_settlement(by=people[0], settlement=settlement, version=settlement.version)):
        with pytest.raises(Conflict):
            act()


def test_settlement_that_does_not_sum_is_never_locked(agreement, people):
    settlement = draft(agreement, people[0])
    for one in people:
        SettlementAcceptance.objects.create(settlement=settlement, organisation=one.organisation, accepted_at=settlement.drafted_at)
    row, share = Settlement.objects.filter(pk=settlement.pk), SettlementShare.objects.filter(line__settlement=settlement)[:1]
    SettlementShare.objects.filter(pk__in=[one.pk for one in share]).update(cents=F("cents") + 1)

    assert refused_by_database(lambda: row.update(state=SettlementState.ACCEPTED, locked_at=settlement.drafted_at))
    assert refused_by_database(lambda: SettlementLine.objects.filter(settlement=settlement).update(total=F("total") + 1))


def test_settlement_with_other_numbers_is_accepted_anew(agreement, people):
    settlement = draft(agreement, people[0])
    accept_settlement(by=people[1], settlement=settlement, version=settlement.version)
    booked(agreement, people[0], workday(14), starts=14)

    with pytest.raises(Conflict):
        accept_settlement(by=people[0], settlement=settlement, version=settlement.version)
    assert compute_settlement(by=people[0], settlement=settlement, version=settlement.version)

    now = get_settlement(people[0], settlement.pk)
    assert (lines_of(now)[0].quantity, now.acceptances.count(), now.version) == (360, 0, settlement.version + 1)
    with pytest.raises(Conflict):
        accept_settlement(by=people[1], settlement=settlement, version=settlement.version)


def test_settlement_covers_no_day_twice_and_none_outside(agreement, people):
    draft(agreement, people[0], last_day=YESTERDAY)

    for first_day, last_day in ((YESTERDAY, TODAY), (FIRST - timedelta(days=1), FIRST), (TODAY, FIRST)):
        with pytest.raises(ValidationError):
            draft_settlement(by=people[1], agreement=agreement, first_day=first_day, last_day=last_day, token=uuid4())


def test_settlement_of_a_period_under_way_is_not_accepted(agreement, people):
    settlement = draft(agreement, people[0], last_day=TODAY)

    with pytest.raises(PermissionDenied):
        accept_settlement(by=people[0], settlement=settlement, version=settlement.version)


def test_settlement_is_corrected_by_a_new_entry_that_names_it(agreement, people):
    settlement = locked(agreement, *people)
    (line,) = agreement.lines.all()

    with pytest.raises(ValidationError):
        correct_settlement(by=people[1], settlement=settlement, quantities={line.pk: Decimal(-2)}, reason=" ", token=uuid4())
    entry = correct_settlement(by=people[1], settlement=settlement, quantities={line.pk: Decimal("-1.5")}, reason="Opettaja sairastui", token=uuid4())
    with pytest.raises(Conflict):
        correct_settlement(by=people[0], settlement=settlement, quantities={line.pk: Decimal(1)}, reason="Toinen", token=uuid4())
    for one in people:
        entry = accept_settlement(by=one, settlement=entry, version=entry.version)

    (row,) = lines_of(entry)
    assert (entry.is_locked, entry.corrects_id, row.quantity, row.total, sum(share.cents for share in row.shares.all())) == (True, settlement.pk, -90, -6_275, -6_275)


def test_settlement_lists_what_it_counts_as_it_stood_when_it_was_computed(agreement, people):
    settlement = draft(agreement, people[0])
    counted = list(Booking.objects.order_by("starts_at"))
    # Between the two: it was over after the numbers had been computed.
    Settlement.objects.update(computed_at=counted[1].ends_at - timedelta(minutes=1))
    booked(agreement, people[0], TODAY + timedelta(days=70))

    page = sign_in(people[1]).get(url("settlement_detail", settlement.pk))

    ((line, items),) = page.context["counted"]
    assert [(one.counted, one.amount, one.organisation) for one in items] == [(counted[0], 120, people[0].organisation)]
    Settlement.objects.update(computed_at=settlement.computed_at)
    ((line, items),) = sign_in(people[0]).get(url("settlement_detail", settlement.pk)).context["counted"]
    assert (len(items), sum(one.amount for one in items)) == (line.counted, line.quantity)
    assert url("booking_detail", counted[0].pk) in page.content.decode()


def test_settlement_is_nobody_elses(agreement, people):
    settlement, outsider = draft(agreement, people[0]), make_handler()

    for act in (lambda: get_settlement(outsider, settlement.pk), lambda: accept_settlement(by=outsider, settlement=settlement, version=1), lambda: draft(agreement, outsider), lambda: compute_settlement(by=outsider, settlement=settlement, version=1)):
        with pytest.raises(Http404):
            act()
    client = sign_in(outsider)
    for name in ("settlement_detail", "settlement_xlsx", "settlement_accept"):
        assert client.get(url(name, settlement.pk)).status_code == 404


def test_settlement_workbook_holds_the_numbers_of_the_page_as_numbers(agreement, people):
    settlement = draft(agreement, people[0])

    books = [load_workbook(io.BytesIO(sign_in(one).get(url("settlement_xlsx", settlement.pk)).content)) for one in people]

    sheets = [[[cell.value for cell in row] for row in book.worksheets[0]] for book in books]
    assert sheets[0] == sheets[1]
    assert sheets[0][1][3:] == [33.33, 4, 25.5, 133.32, 34, 167.32, 111.55, 55.77]
    assert [row[4].value for row in books[0].worksheets[1]][1:] == [2, 2]
    assert books[0].worksheets[3]["B3"].value.date() == FIRST
