"""Runs of courses, their seats, and enrolments as pages and actions read them."""
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404

from pilots.permissions import Acting
from services.choices import TAKING, EnrolmentState
from services.models import CourseRun, Enrolment, Quota, SharedService
from services.permissions import may_enrol, may_offer
from services.queries.catalogue import known_services

READ_WITH = ("run__service__organisation", "run__place", "organisation")


@dataclass
class Seats:
    """The seats of a run on a day. `waiting`: entries on the waiting list; `kept`: what unfreed quotas keep for each organisation and is not used yet."""

    total: int
    taken: int
    waiting: int
    kept: dict[int, int]

    @property
    def free(self) -> int:
        return self.total - self.taken

    @property
    def open(self) -> int:
        """Free for everyone."""
        return self.free - sum(self.kept.values())

    def own(self, organisation_id: int) -> int:
        """Free in the organisation's own quota."""
        return min(self.kept.get(organisation_id, 0), self.free)

    def open_to(self, organisation_id: int) -> int:
        """Free for this organisation: the open ones and those of its own quota. Never below 0."""
        return max(0, self.open + self.kept.get(organisation_id, 0))

    def take(self, organisation_id: int, size: int) -> None:
        self.taken += size
        if organisation_id in self.kept:
            self.kept[organisation_id] = max(0, self.kept[organisation_id] - size)


def read_seats(run: CourseRun, day: date) -> Seats:
    taken: dict[int, int] = {}
    waiting = 0
    rows = run.enrolments.filter(state__in=(*TAKING, EnrolmentState.WAITING)).order_by().values_list("organisation", "state").annotate(Sum("size"), Count("pk"))
    for organisation, state, size, entries in rows:
        if state == EnrolmentState.WAITING:
            waiting += entries
        else:
            taken[organisation] = taken.get(organisation, 0) + size
    quotas = Quota.objects.filter(run=run, freed_on__gt=day).values_list("organisation", "seats")
    kept = {organisation: max(0, seats - taken.get(organisation, 0)) for organisation, seats in quotas}
    return Seats(run.seats, sum(taken.values()), waiting, kept)


def waiting_list(run: CourseRun) -> QuerySet[Enrolment]:
    return run.enrolments.filter(state=EnrolmentState.WAITING).order_by("queue_number")


def due_runs(now: datetime, day: date) -> list[int]:
    """Runs in which the clock has something to do: a hold that is over, a quota to free, a waiting list that is closed."""
    closed = Q(run__enrol_by__lt=day, run__first_day__lt=day, state=EnrolmentState.WAITING)
    over = Enrolment.objects.filter(Q(state=EnrolmentState.HELD, held_until__lte=now) | closed).values_list("run", flat=True)
    freed = Quota.objects.filter(freed_on__lte=day, freed_at=None).values_list("run", flat=True)
    return sorted({*over, *freed})


def with_taken(runs: QuerySet[CourseRun]) -> QuerySet[CourseRun]:
    """Annotates `taken` seats and `waiting` entries, for lists."""
    rows = Enrolment.objects.filter(run=OuterRef("pk")).order_by().values("run")
    taken = rows.filter(state__in=TAKING).annotate(seats=Sum("size")).values("seats")
    waiting = rows.filter(state=EnrolmentState.WAITING).annotate(entries=Count("pk")).values("entries")
    return runs.annotate(taken=Coalesce(Subquery(taken), 0), waiting=Coalesce(Subquery(waiting), 0))


def runs_of(service: SharedService, day: date) -> list[CourseRun]:
    """Those that are not over, the next first."""
    return list(with_taken(service.runs.filter(last_day__gte=day)).order_by("first_day", "pk")[:50])


def runs_of_many(services: list[int], first_day: date, last_day: date, today: date) -> dict[int, list[CourseRun]]:
    """Of each service those that one can still get into and that begin in the period, the next first. One query."""
    found: dict[int, list[CourseRun]] = {}
    for run in with_taken(CourseRun.objects.filter(service__in=services, called_off_at=None, enrol_by__gte=today, first_day__range=(first_day, last_day))).order_by("first_day", "pk"):
        found.setdefault(run.service_id, []).append(run)
    return found


def get_run(acting: Acting, pk: int) -> CourseRun:
    """The run with its course. Http404 when there is none, or none of a course that is offered to the organisation acted for."""
    run = CourseRun.objects.select_related("place__municipality").filter(pk=pk).first()
    if run is None:
        raise Http404
    service = known_services(acting).filter(usable=True, pk=run.service_id).select_related("organisation", "contact").first()
    if service is None:
        raise Http404
    run.service = service
    return run


def enrolments_of(acting: Acting) -> QuerySet[Enrolment]:
    """The own organisation's, and for who handles services those on its courses; nobody else sees any."""
    if not may_enrol(acting):
        return Enrolment.objects.none()
    own = Q(organisation=acting.organisation_id)
    return Enrolment.objects.filter(own | Q(run__service__organisation=acting.organisation_id) if may_offer(acting) else own)


def get_enrolment(acting: Acting, pk: int) -> Enrolment:
    """Http404 when there is none, or none that the person may see."""
    enrolment = enrolments_of(acting).select_related(*READ_WITH, "answered_by__user", "ended_by__user").filter(pk=pk).first()
    if enrolment is None:
        raise Http404
    return enrolment
