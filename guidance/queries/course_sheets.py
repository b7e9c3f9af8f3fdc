"""Whose seats are whose, by name: only for who may open the clients' files."""
from datetime import date, timedelta

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum

from guidance.models import Client, Participation, PathwayEnrolment
from pilots.models import Membership
from services.choices import EnrolmentState
from services.models import CourseRun, Enrolment

# On the sheet: who has or had a seat, or may still get one.
ON_SHEET = (EnrolmentState.ENROLLED, EnrolmentState.HELD, EnrolmentState.APPLIED, EnrolmentState.WAITING, EnrolmentState.COMPLETED, EnrolmentState.INTERRUPTED)
LISTED_AFTER = timedelta(days=60)


def readable_seats(acting: Membership) -> QuerySet[PathwayEnrolment]:
    """Of clients whose file the person may open now, as guidance's one rule of sight says; under non-disclosure a course tells
    where somebody is, so that only who is named for the client is shown the seat."""
    takes_part = Exists(Participation.objects.filter(pathway=OuterRef("pathway"), organisation=acting.organisation_id, ends_at=None))
    ended = Q(pathway__closed_at__isnull=False, pathway__process_owner=acting.organisation_id)
    named = Exists(Client.named_people.through.objects.filter(client=OuterRef("pathway__client"), membership=acting.pk))
    return PathwayEnrolment.objects.filter(Q(takes_part) | ended).filter(Q(pathway__client__is_protected=False) | Q(named))


def of_sheet(acting: Membership, path: str = "") -> Q:
    """Seats that are the organisation's matter: it asked for them, or the course is its own."""
    return Q(**{f"{path}organisation": acting.organisation_id}) | Q(**{f"{path}run__service__organisation": acting.organisation_id})


def sheet_of(acting: Membership, run: CourseRun) -> list[PathwayEnrolment]:
    """The named seats of the run, by name."""
    seats = readable_seats(acting).filter(of_sheet(acting, "enrolment__"), enrolment__run=run, enrolment__state__in=ON_SHEET)
    return list(seats.select_related("pathway__client", "enrolment__organisation").order_by("pathway__client__sort_key", "pk"))


def seats_in_all(acting: Membership, run: CourseRun) -> int | None:
    """How many seats there are on the sheet, named or not; None when the run is no matter of the organisation."""
    seats = Enrolment.objects.filter(of_sheet(acting), run=run)
    if run.service.organisation_id != acting.organisation_id and not seats.exists():
        return None
    return seats.filter(state__in=ON_SHEET).aggregate(seats=Sum("size", default=0))["seats"]


def runs_with_clients(acting: Membership, today: date) -> QuerySet[CourseRun]:
    """Runs that are coming, under way or just over and on which there are names for the reader; `clients` tells how many."""
    seats = readable_seats(acting).filter(of_sheet(acting, "enrolment__"), enrolment__state__in=ON_SHEET)
    clients = seats.filter(enrolment__run=OuterRef("pk")).order_by().values("enrolment__run").annotate(number=Count("pk")).values("number")
    runs = CourseRun.objects.filter(last_day__gte=today - LISTED_AFTER, pk__in=seats.values("enrolment__run"))
    return runs.annotate(clients=Subquery(clients, output_field=IntegerField())).select_related("service__organisation").order_by("first_day", "pk")
