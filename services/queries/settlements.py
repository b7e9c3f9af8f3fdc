"""What a settlement counts and comes to, and the same numbers for every party.

Hours: confirmed bookings of the line's service by the other parties that begin within the period and have ended. Seats: those
enrolled by the other parties on runs of the course that begin within the period and have begun. A price per term counts once in
each settlement. Only days on which the agreement holds are counted.
"""
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Max, Prefetch, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from accounts.addresses import address
from pilots.models import Organisation
from pilots.permissions import Acting
from services.choices import ATTENDED_IN, BookingState, PriceBasis, SettlementState, TermPeriodKind, Vat
from services.models import Agreement, AgreementLine, AgreementParty, Booking, Enrolment, Settlement, SettlementAcceptance, SettlementLine, TermPeriod
from services.queries.agreements import LINES, PARTIES, agreements_of
from services.queries.allotting import allot, in_cents
from services.queries.times import Slot, day_slot


@dataclass(frozen=True)
class Sums:
    """Of a line: net, VAT and total, in cents."""

    net: int
    vat: int

    @property
    def total(self) -> int:
        return self.net + self.vat


@dataclass(frozen=True)
class Balance:
    """What a party bears of all lines, what of it was its own to give, and what it pays (negative) or gets. In cents."""

    organisation: Organisation
    share: int
    bears: int
    gave: int

    @property
    def balance(self) -> int:
        return self.gave - self.bears


@dataclass(frozen=True)
class Payment:
    """From one party to another, in cents; what the two owe each other is set off."""

    payer: Organisation
    payee: Organisation
    cents: int


@dataclass(frozen=True)
class Item:
    """A booking (`amount` in minutes) or an enrolment (in seats) that a line counts; from when to when, and whose it is."""

    counted: Booking | Enrolment
    organisation: Organisation
    begins: datetime | date
    ends: datetime | date
    amount: int

    @property
    def is_of_seats(self) -> bool:
        return isinstance(self.counted, Enrolment)

    @property
    def url(self) -> str:
        return address(f"services:{'enrolment' if self.is_of_seats else 'booking'}_detail", self.counted.pk)


def sums_of(line: AgreementLine, quantity: int) -> Sums:
    """Of so many minutes, seats or terms. VAT as the line treats it; each sum is rounded to the cent once."""
    price = line.price or Decimal(0)
    cents = in_cents(price * quantity / (60 if line.basis == PriceBasis.HOUR else 1))
    rate = line.vat_rate or Decimal(0)
    if line.vat == Vat.ADDED:
        return Sums(cents, in_cents(cents * rate / 10_000))
    if line.vat == Vat.INCLUDED:
        vat = in_cents(cents * rate / (100 + rate) / 100)
        return Sums(cents - vat, vat)
    return Sums(cents, 0)


def count_use(agreement: Agreement, first_day: date, last_day: date, now: datetime) -> dict[int, tuple[int, int]]:
    """By line: the quantity (minutes, seats, terms) and from how many bookings or enrolments it comes. Two queries."""
    first_day, last_day = max(first_day, agreement.first_day), min(last_day, agreement.until)
    lines, parties = list(agreement.lines.all()), [party.organisation_id for party in agreement.parties.all()]
    hours = _minutes(lines, parties, day_slot(first_day, last_day), now) if first_day <= last_day else {}
    seats = _seats(lines, parties, first_day, min(last_day, timezone.localdate(now))) if first_day <= last_day else {}
    found = {}
    for line in lines:
        if line.service_id is None:
            found[line.pk] = (1, 0)
        elif line.basis == PriceBasis.TERM:
            found[line.pk] = (1, (hours.get(line.service_id) or seats.get(line.service_id) or (0, 0))[1])
        else:
            found[line.pk] = hours.get(line.service_id) or seats.get(line.service_id) or (0, 0)
    return found


def _minutes(lines: list[AgreementLine], parties: list[int], days: Slot, now: datetime) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for service, length, count in _bookings(lines, parties, days, now).order_by().values_list("service").annotate(length=Sum(F("ends_at") - F("starts_at")), count=Count("pk")):
        found[service] = (round(length.total_seconds() / 60), count)
    return found


def _seats(lines: list[AgreementLine], parties: list[int], first_day: date, last_day: date) -> dict[int, tuple[int, int]]:
    rows = _enrolments(lines, parties, first_day, last_day).order_by().values_list("run__service").annotate(seats=Sum("size"), count=Count("pk"))
    return {service: (seats, count) for service, seats, count in rows}


def _bookings(lines: list[AgreementLine], parties: list[int], days: Slot, now: datetime) -> QuerySet[Booking]:
    """An owner's own bookings are no lending."""
    rows = Booking.objects.filter(service__in=[line.service_id for line in lines if line.service_id], state=BookingState.CONFIRMED, organisation__in=parties)
    return rows.filter(starts_at__gte=days.starts_at, starts_at__lt=days.ends_at, ends_at__lte=now).exclude(organisation=F("service__organisation"))


def _enrolments(lines: list[AgreementLine], parties: list[int], first_day: date, last_day: date) -> QuerySet[Enrolment]:
    rows = Enrolment.objects.filter(run__service__in=[line.service_id for line in lines if line.service_id], state__in=ATTENDED_IN, organisation__in=parties)
    return rows.filter(run__first_day__range=(first_day, last_day)).exclude(organisation=F("run__service__organisation"))


def items_of(settlement: Settlement, lines: Sequence[SettlementLine]) -> dict[int, list[Item]]:
    """By line of the settlement, each booking or enrolment that it counts, as all stood when it was computed. A correction counts none; two queries."""
    agreement, parties = settlement.agreement, [party.organisation_id for party in settlement.agreement.parties.all()]
    first_day, last_day = max(settlement.first_day, agreement.first_day), min(settlement.last_day, agreement.until)
    if settlement.corrects_id or first_day > last_day:
        return {}
    of_agreement, then = [one.line for one in lines], settlement.computed_at
    found: dict[int | None, list[Item]] = defaultdict(list)
    for booking in _bookings(of_agreement, parties, day_slot(first_day, last_day), then).select_related("organisation").order_by("starts_at", "pk"):
        slot = Slot(booking.starts_at, booking.ends_at)
        found[booking.service_id].append(Item(booking, booking.organisation, booking.starts_at, booking.ends_at, round(slot.length.total_seconds() / 60)))
    seats = _enrolments(of_agreement, parties, first_day, min(last_day, timezone.localdate(then))).select_related("organisation", "run")
    for enrolment in seats.order_by("run__first_day", "pk"):
        found[enrolment.run.service_id].append(Item(enrolment, enrolment.organisation, enrolment.run.first_day, enrolment.run.last_day, enrolment.size))
    return {one.pk: found[one.line.service_id] for one in lines if one.line.service_id in found}


def settled_until(agreement: Agreement) -> date | None:
    """The last day that a locked settlement covers."""
    return agreement.settlements.filter(state=SettlementState.ACCEPTED, corrects=None).aggregate(last=Max("last_day"))["last"]


def get_settlement(acting: Acting, pk: int) -> Settlement:
    """With its agreement, lines and acceptances. Http404 when there is none, or none of an agreement of the acting organisation."""
    rows = Settlement.objects.filter(agreement__in=agreements_of(acting)).select_related("agreement__organisation", "corrects", "drafted_by__user")
    of_agreement = (Prefetch("agreement__parties", PARTIES.queryset), Prefetch("agreement__lines", LINES.queryset))
    settlement = rows.prefetch_related(Prefetch("acceptances", SettlementAcceptance.objects.select_related("organisation")), *of_agreement).filter(pk=pk).first()
    if settlement is None:
        raise Http404
    return settlement


def lines_of(settlement: Settlement) -> list[SettlementLine]:
    return list(settlement.lines.select_related("line__service", "line__provider").prefetch_related("shares"))


def settlements_of(agreement: Agreement) -> list[Settlement]:
    return list(agreement.settlements.select_related("corrects").annotate(total=Sum("lines__total")).order_by("first_day", "pk"))


def balances(parties: Sequence[AgreementParty], lines: Sequence[SettlementLine]) -> list[Balance]:
    """In the order of the parties; the balances sum to nothing, since every cent that is borne was given by one of them."""
    bears: dict[int, int] = defaultdict(int)
    gave: dict[int, int] = defaultdict(int)
    for line in lines:
        gave[line.line.provider_id] += line.total
        for share in line.shares.all():
            bears[share.organisation_id] += share.cents
    return [Balance(one.organisation, one.share, bears[one.organisation_id], gave[one.organisation_id]) for one in parties]


def payments(parties: Sequence[AgreementParty], lines: Sequence[SettlementLine]) -> list[Payment]:
    """Who pays whom: each its share of a line to who gave it."""
    owed: dict[tuple[int, int], int] = defaultdict(int)
    for line in lines:
        for share in line.shares.all():
            owed[share.organisation_id, line.line.provider_id] += share.cents
    by_id, found = {one.organisation_id: one.organisation for one in parties}, []
    order = list(by_id)
    for number, one in enumerate(order):
        for other in order[number + 1 :]:
            cents = owed[one, other] - owed[other, one]
            if cents:
                payer, payee = (one, other) if cents > 0 else (other, one)
                found.append(Payment(by_id[payer], by_id[payee], abs(cents)))
    return found


def shares_of(parties: Sequence[AgreementParty], total: int) -> list[tuple[int, int]]:
    """Each party's cents of a line's total."""
    return list(zip([one.organisation_id for one in parties], allot(total, [one.share for one in parties]), strict=True))


def period_to_settle(agreement: Agreement, acting: Acting, today: date) -> tuple[date, date]:
    """What the form offers: from the day after what has been settled to the end of the own term that it falls in, or of the agreement."""
    last = agreement.settlements.filter(corrects=None).aggregate(last=Max("last_day"))["last"]
    first_day = max(agreement.first_day, last + timedelta(days=1)) if last else agreement.first_day
    own = acting.organisation_id if acting else None
    term = TermPeriod.objects.filter(organisation=own, kind=TermPeriodKind.TERM, last_day__gte=first_day).order_by("last_day").first()
    return first_day, max(first_day, min(agreement.until, term.last_day if term else agreement.until))
