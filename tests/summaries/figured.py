"""A made network in which every figure of the summaries has something to count, and something that it must not count."""
from datetime import datetime, time, timedelta
from types import SimpleNamespace

from django.utils import timezone

from pilots.choices import ObstacleStatus, Participation, ProposalStatus
from pilots.models import Organisation
from services.choices import BookingState, EnrolmentState, Entry, ServiceKind
from services.models import Booking, Enrolment, SharedService
from summaries.queries.figures import period_of_use
from tests.pilots.factories import (
    make_area,
    make_education_form,
    make_goal,
    make_member,
    make_model,
    make_municipal_organisation,
    make_municipality,
    make_organisation,
    make_unit,
)
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal, make_staff, make_support
from tests.services.courses import make_run
from tests.services.factories import make_resource, make_service


def book_on(service: SharedService, borrower: Organisation, day, state: str = BookingState.CONFIRMED) -> Booking:
    """A booking of one hour, as history has it: no rule of today is asked."""
    starts_at = timezone.make_aware(datetime.combine(day, time(10)))
    times = {"answered_at": starts_at} | ({"ended_at": starts_at} if state == BookingState.CANCELLED else {})
    return Booking.objects.create(service=service, resource=service.resource, organisation=borrower, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), purpose="Keksitty", state=state, requested_at=starts_at, **times)


def make_figured_network() -> SimpleNamespace:
    """Two areas with a member in common, one body in no area; `staff` may open every list."""
    one, other = make_area("Alue yksi", slug="yksi", number=1), make_area("Alue kaksi", slug="kaksi", number=2)
    school, upper, unused = (make_education_form() for _ in range(3))
    here, there = make_municipality("Täällä"), make_municipality("Tuolla")
    town = make_municipal_organisation(here, education_forms=(school,))
    college = make_organisation("Opisto", municipality=there, education_forms=(upper,))
    owner = make_organisation("Omistaja", municipality=here)
    unit = make_unit(owner=owner, education_forms=(upper, school))
    outsider, left = make_organisation("Ulkopuolinen", municipality=there, education_forms=(school,)), make_organisation("Lähtenyt", municipality=here)
    for area, body in ((one, town), (one, college), (other, college), (other, unit)):
        make_member(area, body)
    make_member(one, left, ends_on=timezone.localdate() - timedelta(days=400))
    make_member(other, town, participation=Participation.THROUGH, through=college)
    _make_models(one, other, outsider, college, here)
    _make_obstacles(one, other)
    _make_use(town, college, owner, outsider)
    return SimpleNamespace(one=one, other=other, here=here, there=there, town=town, college=college, owner=owner, outsider=outsider, staff=make_staff(), unused=unused)


def _make_models(one, other, outsider: Organisation, college: Organisation, here) -> None:
    first, second = make_goal(1), make_goal(2)
    make_model(one, goals=(first, second), partners=({"organisation": college},))
    make_model(one, goals=(second,), status="trial").municipalities.add(here)
    make_model(other, status="")
    make_model(outsider, goals=(first,), status="idea")
    make_model(one, goals=(first,), state="draft", published_at=None)
    make_model(other, goals=(first,), state="archived")


def _make_obstacles(one, other) -> None:
    by_one, by_other = make_coordinator(one), make_coordinator(other)
    told, met = make_obstacle(by_one), make_obstacle(by_other, status=ObstacleStatus.IN_PROGRESS)
    make_support(told, other)
    met.areas.add(one, other)
    make_obstacle(by_one, published_at=None)
    make_obstacle(by_one, merged_into=told)
    make_proposal(told)
    make_proposal(told, area=None, status=ProposalStatus.HANDED_OVER, handed_over_on=timezone.localdate())
    make_proposal(met)
    make_proposal(told, status=ProposalStatus.DRAFT, made_on=None)


def _make_use(town: Organisation, college: Organisation, owner: Organisation, outsider: Organisation) -> None:
    """Bookings on the first and the last day of the period and just outside it, of others and of one's own."""
    first_day, until = period_of_use(timezone.localdate())
    hall, gym = make_service(make_resource(town)), make_service(make_resource(owner), shown_outside=False)
    for service, borrower, day in ((hall, college, first_day), (hall, owner, until - timedelta(days=1)), (hall, outsider, until - timedelta(days=9)), (gym, college, first_day), (gym, outsider, first_day)):
        book_on(service, borrower, day)
    for borrower, day in ((college, first_day - timedelta(days=1)), (college, until), (town, first_day)):
        book_on(hall, borrower, day)
    book_on(hall, college, first_day + timedelta(days=3), BookingState.CANCELLED)
    make_service(make_resource(outsider))
    make_service(make_resource(town), state="draft")
    course = make_service(kind=ServiceKind.COURSE, organisation=college)
    run = make_run(service=course, first_day=first_day, last_day=first_day, enrol_by=first_day, seats=30, entry=Entry.APPLY)
    for borrower, state in ((town, EnrolmentState.ENROLLED), (outsider, EnrolmentState.ENROLLED), (college, EnrolmentState.ENROLLED), (town, EnrolmentState.APPLIED)):
        Enrolment.objects.create(run=run, organisation=borrower, size=2, state=state, asked_at=run.created_at)


