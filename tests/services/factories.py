"""Rows for tests, each with the least that the database asks for; give what the test is about. All is invented."""
from datetime import date, time, timedelta
from itertools import count
from uuid import uuid4

from django.utils import timezone

from pilots.choices import Role
from pilots.models import Membership, Organisation
from services.actions.bookings import request_booking, request_series
from services.actions.needs import post_need
from services.actions.rounds import add_round, move_round, propose_round
from services.actions.wishes import add_wish
from services.choices import Audience, BookingMode, Publication, ResourceKind, RoundState, ServiceKind
from services.models import Booking, BookingSeries, Need, OpeningHours, Place, Resource, SharedService, TermRound, Wish
from services.queries.times import Slot, slot_on
from tests.pilots.factories import make_membership, make_municipality, make_organisation

_numbers = count(1)
# A Monday far enough ahead that no rule of today reaches it, in a term, without a holiday in its week.
MONDAY = date(2027, 10, 4)


def make_handler(organisation: Organisation | None = None) -> Membership:
    return make_membership(role=Role.SERVICE_HANDLER, organisation=organisation or make_organisation())


def make_place(owner: Organisation | None = None, **fields) -> Place:
    defaults = {"name_fi": f"Keksitty talo {next(_numbers)}", "street_address": "Keksitie 1"} | fields
    defaults.setdefault("municipality", None)
    defaults["municipality"] = defaults["municipality"] or make_municipality()
    return Place.objects.create(owner=owner or make_organisation(), **defaults)


def make_resource(owner: Organisation | None = None, *, hours: tuple[time, time] | None = (time(8), time(20)), **fields) -> Resource:
    """A space that is booked at once and open every day, unless `hours` is None or the fields say otherwise."""
    defaults = {"name_fi": f"Keksitty tila {next(_numbers)}", "kind": ResourceKind.SPACE, "mode": BookingMode.AT_ONCE} | fields
    if defaults["kind"] != ResourceKind.SPACE:
        defaults.setdefault("weekly_minutes", 40 * 60)
    resource = Resource.objects.create(owner=owner or make_organisation(), **defaults)
    if hours and resource.whole_id is None:
        OpeningHours.objects.bulk_create(OpeningHours(resource=resource, weekday=day, opens=hours[0], closes=hours[1]) for day in range(1, 8))
    return resource


def make_part(whole: Resource, **fields) -> Resource:
    return make_resource(whole.owner, hours=None, whole=whole, **fields)


def make_service(resource: Resource | None = None, **fields) -> SharedService:
    """A public facility for everyone in the network; of the resource's owner."""
    if resource is None and fields.get("kind") != ServiceKind.COURSE:
        resource = make_resource(fields.get("organisation"))
    kind = ServiceKind.COURSE if resource is None else ServiceKind.STAFF if resource.is_person else ServiceKind.FACILITY
    defaults = {
        "name_fi": f"Keksitty palvelu {next(_numbers)}", "description_fi": "Keksitty.", "kind": kind, "state": Publication.PUBLIC, "resource": resource, "languages": ["fi"],
        "check_by": timezone.localdate() + timedelta(days=200), "created_at": timezone.now(),
    }
    if "organisation" not in fields:
        defaults["organisation"] = resource.owner if resource else make_organisation()
    return SharedService.objects.create(**(defaults | fields))


def hours(starts: int | time, ends: int | time, day: date = MONDAY) -> Slot:
    """From hour to hour of that day in Finland."""
    slot = slot_on(day, starts if isinstance(starts, time) else time(starts), ends if isinstance(ends, time) else time(ends))
    assert slot is not None
    return slot


def book(service: SharedService, slot: Slot, *, by: Membership | None = None, resource: Resource | None = None, **fields) -> Booking:
    """By the action itself."""
    given = {"purpose": "Keksitty kurssi", "token": uuid4()} | fields
    return request_booking(by=by or make_handler(), service=service, resource=resource or service.resource, slot=slot, **given)


def weekly(service: SharedService, *, by: Membership | None = None, starts: int = 9, ends: int | None = None, weeks: int = 3, first_day: date = MONDAY, **fields) -> BookingSeries:
    """A series by the action itself, of two hours unless said otherwise."""
    given = {"purpose": "Keksitty sarja", "token": uuid4(), "resource": service.resource, "last_day": first_day + timedelta(weeks=weeks - 1)} | fields
    return request_series(by=by or make_handler(), service=service, first_day=first_day, starts=time(starts), ends=time(ends or starts + 2), **given)


def make_need(by: Membership, *, booking: Booking | None = None, **fields) -> Need:
    """A need of a teacher on Mondays of a month, shown to all, by the action itself."""
    plain = {
        "kind": ServiceKind.STAFF, "what": "Keksitty opettaja", "subject": "", "more": "", "language": "", "education_form": None, "delivery": "", "weekly_hours": None, "weekdays": [1], "starts": time(9), "ends": time(10),
        "first_day": MONDAY, "last_day": MONDAY + timedelta(weeks=3), "municipality": None, "within_km": None, "people": None, "audience": Audience.NETWORK, "check_by": timezone.localdate() + timedelta(days=30),
    }  # fmt: skip
    return post_need(by=by, values=plain | fields, token=uuid4(), booking=booking)


def make_term_round(by: Membership, *services: SharedService, is_open: bool = True, weeks: int = 3, **fields) -> TermRound:
    """Of the weeks from MONDAY on; it takes wishes today, by the actions themselves."""
    today = timezone.localdate()
    values = {"name_fi": f"Keksitty kierros {next(_numbers)}", "name_sv": "", "first_day": MONDAY, "last_day": MONDAY + timedelta(weeks=weeks, days=-1), "wishes_from": today, "wishes_until": today + timedelta(days=30)}
    found = add_round(by=by, values=values | {"services": list(services)} | fields, token=uuid4())
    return move_round(by=by, round=found, version=found.version, target=RoundState.OPEN) if is_open else found


def proposed(found: TermRound, by: Membership) -> TermRound:
    found.refresh_from_db()
    if found.state == RoundState.OPEN:
        found = move_round(by=by, round=found, version=found.version, target=RoundState.CLOSED)
    return propose_round(by=by, round=found, version=found.version)


def make_wish(found: TermRound, service: SharedService, *slots: tuple[int, int, int], by: Membership | None = None, **fields) -> Wish:
    """Slots as (weekday, from hour, until hour)."""
    given = {"purpose": "Keksitty kurssi", "people": None, "token": uuid4()} | fields
    written = [{"weekday": weekday, "starts": f"{starts:02}:00", "ends": f"{ends:02}:00"} for weekday, starts, ends in slots or ((1, 9, 11),)]
    return add_wish(by=by or make_handler(), round=found, service=service, slots=written, **given)
