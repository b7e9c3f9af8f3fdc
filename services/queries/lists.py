"""Lists on their way in, and the rows of those that go out; of the own organisation only."""
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils import timezone

from pilots.models import Membership
from pilots.permissions import Acting
from services.choices import BookingState, ImportState, ListKind
from services.models import Booking, CourseRun, ListImport, ListRow, OpeningHours, Resource
from services.permissions import may_offer
from services.queries.courses import with_taken
from services.queries.judging import Judged, judge_resources, judge_runs
from services.queries.judging_bookings import judge_bookings
from services.queries.offering import not_ended
from services.queries.times import FINLAND, day_slot
from services.tables.columns import COLUMNS
from services.tables.opening_hours import written_hours

KEPT = timedelta(days=14)
JUDGES = {ListKind.RESOURCES: judge_resources, ListKind.RUNS: judge_runs, ListKind.BOOKINGS: judge_bookings}
STATES = ("wrong", "warned", "ready", "left_out")


def imports_of(acting: Acting) -> QuerySet[ListImport]:
    return ListImport.objects.filter(organisation=acting.organisation_id) if may_offer(acting) else ListImport.objects.none()


def latest_imports(acting: Acting) -> list[ListImport]:
    return list(imports_of(acting).select_related("by__user").annotate(row_count=Count("rows")).order_by("-uploaded_at", "-pk")[:20])


def get_import(acting: Acting, pk: int) -> ListImport:
    """Another organisation's is as if it were missing."""
    batch = imports_of(acting).select_related("by__user", "stored_by__user").filter(pk=pk).first()
    if batch is None:
        raise Http404
    return batch


def erased_on(batch: ListImport) -> date:
    return timezone.localdate(batch.uploaded_at + KEPT)


def judge(batch: ListImport, rows: list[ListRow] | None = None) -> list[Judged]:
    """All lines in order, as things stand now: one may rule out another."""
    return JUDGES[ListKind(batch.kind)](batch, list(batch.rows.order_by("line")) if rows is None else rows)


def counts_by_state(judged: list[Judged]) -> dict[str, int]:
    counts = Counter(one.state for one in judged)
    return {state: counts[state] for state in STATES}


def unfinished_before(moment: datetime) -> QuerySet[ListImport]:
    return ListImport.objects.filter(state__in=[ImportState.UPLOADED, ImportState.MAPPED], uploaded_at__lt=moment)


def header_of(kind: str) -> list[str]:
    return [str(column.label) for column in COLUMNS[ListKind(kind)]]


def resources_out(by: Membership) -> Iterator[list[Any]]:
    """Wholes before their parts, as the import wants them."""
    hours: dict[int, list[OpeningHours]] = defaultdict(list)
    for row in OpeningHours.objects.filter(resource__owner=by.organisation_id).order_by("first_day", "weekday", "opens"):
        hours[row.resource_id].append(row)
    rows = Resource.objects.filter(not_ended(), owner=by.organisation_id).select_related("whole", "place__municipality").order_by("sort_key_fi", "pk")
    for one in sorted(rows, key=lambda row: row.whole_id is not None):
        place, part = one.place, one.whole_id is not None
        yield [
            one.name_fi, one.name_sv or None, one.whole.name_fi if one.whole else None, str(one.get_kind_display()), *((place.name_fi, place.street_address, place.postal_code or None, place.municipality.name_fi) if place else (None,) * 4),
            one.capacity, one.equipment_fi or None, one.equipment_sv or None, _hours(one.weekly_minutes), None if part else str(one.get_mode_display()), None if part else written_hours(hours[one.pk]) or None,
            *((None,) * 3 if part else (one.buffer_before, one.buffer_after, one.start_interval)),
        ]  # fmt: skip


def _hours(minutes: int | None) -> Any:
    return Decimal(minutes) / 60 if minutes else None


def runs_out(by: Membership) -> Iterator[list[Any]]:
    """With how many seats are taken and how many wait, which the import passes over."""
    rows = with_taken(CourseRun.objects.filter(service__organisation=by.organisation_id)).select_related("service", "place").order_by("first_day", "pk")
    for run in rows.iterator(chunk_size=500):
        yield [
            run.service.name_fi, run.name or None, str(run.get_kind_display()), run.first_day, run.last_day, run.timetable or None, run.weekly_hours, str(run.get_delivery_display()), run.place.name_fi if run.place else None,
            run.seats, run.enrol_by, str(run.get_entry_display()), run.hold_days, run.taken, run.waiting,
        ]  # fmt: skip


def bookings_between(by: Membership, first_day: date, last_day: date) -> QuerySet[Booking]:
    """Of what is lent: those that begin on the days, both included, and hold or held their time."""
    within = day_slot(first_day, last_day)
    rows = Booking.objects.filter(resource__owner=by.organisation_id, starts_at__gte=within.starts_at, starts_at__lt=within.ends_at)
    return rows.filter(state__in=(BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.CANCELLED)).select_related("service", "resource__whole", "organisation").order_by("starts_at", "pk")


def bookings_out(rows: QuerySet[Booking]) -> Iterator[list[Any]]:
    """No person: organisations, what for and how many. Plain values, for there may be a hundred thousand of them."""
    states = {code: str(label) for code, label in BookingState.choices}
    found = rows.values_list("resource__whole__name_fi", "resource__name_fi", "service__name_fi", "starts_at", "ends_at", "organisation__name_fi", "purpose", "people", "state")
    for whole, name, service, starts_at, ends_at, borrower, purpose, people, state in found.iterator(chunk_size=2000):
        yield [whole or name, name if whole else None, service, *_hours_of(starts_at, ends_at), borrower, purpose, people, states[state]]


@lru_cache(maxsize=1024)
def _hours_of(starts_at: datetime, ends_at: datetime) -> tuple[date, time, time, date | None]:
    """The day, its hours, and the last day where it is another. In the order of their beginning many are at the same time."""
    starts, ends = starts_at.astimezone(FINLAND), ends_at.astimezone(FINLAND)
    return starts.date(), starts.time(), ends.time(), ends.date() if ends.date() != starts.date() else None
