"""Agreements for tests, made by the actions themselves; give what the test is about."""
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.utils import timezone

from pilots.models import Membership
from services.actions.agreements import decide, draft_agreement, move_agreement, set_line
from services.actions.bookings import request_booking
from services.choices import AgreementState, LendingForm, PriceBasis
from services.models import Agreement, Booking, SharedService
from services.queries.agreements import get_agreement
from services.queries.times import FINLAND, slot_on
from tests.services.factories import make_handler, make_service

TODAY = timezone.localdate()
FIRST, LAST = TODAY - timedelta(days=60), TODAY + timedelta(days=60)


def make_draft(*people: Membership, shares: tuple[int, ...] | None = None, service: SharedService | None = None, basis: str = PriceBasis.HOUR, price: str | None = "30", **fields) -> Agreement:
    """The first person's organisation drafts; the second's lends a service by the hour unless said otherwise."""
    people = people or (make_handler(), make_handler())
    shares = shares or (10_000 - 2_500 * (len(people) - 1), *[2_500] * (len(people) - 1))
    line = {name: fields.pop(name) for name in ("vat", "vat_rate") if name in fields}
    values = {"title": "Keksitty sopimus", "form": LendingForm.PURCHASED_SERVICE, "first_day": FIRST, "last_day": LAST} | fields
    agreement = draft_agreement(by=people[0], values=values, shares=[(one.organisation, share) for one, share in zip(people, shares, strict=True)], token=uuid4())
    service = service or make_service(organisation=people[1].organisation)
    set_line(by=people[0], agreement=agreement, version=agreement.version, provider=None, service=service, basis=basis, price=price, **line)
    return get_agreement(people[0], agreement.pk)


def send(agreement: Agreement, by: Membership) -> Agreement:
    return move_agreement(by=by, agreement=agreement, target=AgreementState.SENT, version=get_agreement(by, agreement.pk).version)


def decided(agreement: Agreement, by: Membership, **fields) -> Agreement:
    given = {"body": "Keksitty lautakunta", "decided_on": TODAY, "section": "§ 12", "record_number": "KEK/1/2026"} | fields
    return decide(by=by, agreement=agreement, version=get_agreement(by, agreement.pk).version, **given)


def in_force(*people: Membership, **fields) -> Agreement:
    people = people or (make_handler(), make_handler())
    agreement = make_draft(*people, **fields)
    send(agreement, people[0])
    for one in people:
        agreement = decided(agreement, one)
    return get_agreement(people[0], agreement.pk)


def booked(agreement: Agreement, by: Membership, day: date, starts: int = 10, hours: int = 2) -> Booking:
    """A booking of the agreement's service, asked for long before, that the owner's rule has confirmed."""
    service = agreement.lines.all()[0].service
    slot = slot_on(day, time(starts), time(starts + hours))
    before = datetime.combine(day - timedelta(days=30), time(9), FINLAND)
    return request_booking(by=by, service=service, resource=service.resource, slot=slot, purpose="Keksitty kurssi", token=uuid4(), now=before)


def workday(before: int) -> date:
    """The last weekday without a holiday at least so many days ago."""
    from services.queries.fitting import is_holiday

    day = TODAY - timedelta(days=before)
    while day.isoweekday() > 5 or is_holiday(day):
        day -= timedelta(days=1)
    return day
