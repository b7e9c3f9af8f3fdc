"""How much of what is shared is used: hours and seats offered, used and left, and the part that crosses a border.

Hours offered: the opening hours of the resource in the period, without public holidays and closed days; of a person or a post at
most the share that is lent in each week. A resource without opening hours offers no number of hours and is told apart.
Hours used: confirmed bookings that begin in the period, an hour of one of several parts as that part of an hour of the whole.
Seats offered and used: of course runs that begin in the period; used are those enrolled, completed or interrupted.
Across a municipal border: the borrower's home municipality is another than the lender's. Across a border of school forms: the two give
no form of education in common. Where either is not known it is not counted as crossing. The owner's own use crosses none.

A period is at most 400 days, and the queries do not grow with it.
"""
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import F, Q, Sum

from pilots.models import AreaMembership, Organisation, PilotArea
from pilots.permissions import Acting
from pilots.queries.network import shown_as_members
from services.choices import ATTENDED_IN, BookingState, Publication, ServiceKind
from services.models import Booking, CourseRun, Enrolment, OpeningException, OpeningHours, Resource, SharedService
from services.permissions import may_offer
from services.queries.fitting import Calendar
from services.queries.times import day_slot, week_of

LONGEST_USE = timedelta(days=400)


@dataclass
class Figures:
    """Hours in minutes. `unmeasured`: resources that have no opening hours to count."""

    offered: float = 0
    used: float = 0
    left: float = 0
    over_municipality: float = 0
    over_form: float = 0
    seats: int = 0
    seats_used: int = 0
    seats_over_municipality: int = 0
    seats_over_form: int = 0
    unmeasured: int = 0

    def add(self, other: "Figures") -> None:
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def is_measured(self) -> bool:
        return bool(self.offered) or not self.unmeasured

    @property
    def seats_left(self) -> int:
        return max(0, self.seats - self.seats_used)


@dataclass
class Row:
    """A line of the table: a resource or a course, an organisation, or an area."""

    thing: Resource | SharedService | Organisation | PilotArea
    figures: Figures = field(default_factory=Figures)
    owner_id: int = 0

    @property
    def has_hours(self) -> bool:
        """A course has seats only."""
        return not isinstance(self.thing, SharedService)

    @property
    def has_seats(self) -> bool:
        return not isinstance(self.thing, Resource)


@dataclass(frozen=True)
class Borders:
    """Of each organisation its home municipality and its forms of education."""

    home: dict[int, int | None]
    forms: dict[int, frozenset[int]]

    def municipal(self, one: int, other: int) -> bool:
        here, there = self.home.get(one), self.home.get(other)
        return here is not None and there is not None and here != there

    def of_forms(self, one: int, other: int) -> bool:
        here, there = self.forms.get(one), self.forms.get(other)
        return one != other and bool(here) and bool(there) and not (here or frozenset()) & (there or frozenset())


def areas_of(acting: Acting) -> list[PilotArea]:
    """Those that the acting organisation belongs to, itself or through a unit."""
    if not may_offer(acting):
        return []
    rows = AreaMembership.objects.filter(shown_as_members(), Q(organisation=acting.organisation_id) | Q(unit__owner=acting.organisation_id))
    return list(PilotArea.objects.filter(pk__in=rows.values("area")).order_by("number"))


def members_of(areas: Iterable[PilotArea]) -> dict[int, set[int]]:
    """The organisations of each area."""
    found: dict[int, set[int]] = {area.pk: set() for area in areas}
    rows = AreaMembership.objects.filter(shown_as_members(), area__in=list(found))
    for area, organisation, owner in rows.values_list("area", "organisation", "unit__owner"):
        if member := organisation or owner:
            found[area].add(member)
    return found


def use_of(owners: Iterable[int], first_day: date, last_day: date) -> list[Row]:
    """One row for each resource (the whole, its parts in it) and each course of the organisations that is or was offered. Nine queries."""
    owners = set(owners)
    last_day = min(last_day, first_day + LONGEST_USE)
    rows = _resources(owners, first_day, last_day) + _courses(owners, first_day, last_day)
    return sorted(rows, key=lambda row: (row.owner_id, row.thing.sort_key_fi, row.thing.pk))


def _borders(organisations: set[int]) -> Borders:
    home: dict[int, int | None] = dict(Organisation.objects.filter(pk__in=organisations).values_list("pk", "municipality"))
    forms: dict[int, set[int]] = defaultdict(set)
    for organisation, form in Organisation.education_forms.through.objects.filter(organisation__in=organisations).values_list("organisation", "educationform"):
        forms[organisation].add(form)
    return Borders(home, {one: frozenset(found) for one, found in forms.items()})


def _resources(owners: set[int], first_day: date, last_day: date) -> list[Row]:
    resources = list(Resource.objects.filter(owner__in=owners, whole=None, services__state=Publication.PUBLIC).select_related("owner").distinct())
    roots = {resource.pk: resource for resource in resources}
    parts: dict[int, list[int]] = defaultdict(list)
    for part, whole in Resource.objects.filter(whole__in=roots).values_list("pk", "whole"):
        if whole:
            parts[whole].append(part)
    weight = dict.fromkeys(roots, 1.0) | {part: 1 / len(found) for found in parts.values() for part in found}
    whole_of = {pk: pk for pk in roots} | {part: whole for whole, found in parts.items() for part in found}
    hours, exceptions = _by_resource(OpeningHours.objects.filter(resource__in=roots)), _by_resource(OpeningException.objects.filter(resource__in=roots, first_day__lte=last_day, last_day__gte=first_day))
    rows = {pk: Row(resource, _offered(resource, hours[pk], exceptions[pk], first_day, last_day), resource.owner_id) for pk, resource in roots.items()}
    days = day_slot(first_day, last_day)
    used = Booking.objects.filter(resource__in=weight, state=BookingState.CONFIRMED, starts_at__gte=days.starts_at, starts_at__lt=days.ends_at)
    sums = list(used.order_by().values_list("resource", "organisation").annotate(length=Sum(F("ends_at") - F("starts_at"))))
    borders = _borders(owners | {organisation for _resource, organisation, _length in sums})
    for resource, organisation, length in sums:
        row = rows[whole_of[resource]]
        minutes = length.total_seconds() / 60 * weight[resource]
        row.figures.used += minutes
        row.figures.over_municipality += minutes * borders.municipal(row.owner_id, organisation)
        row.figures.over_form += minutes * borders.of_forms(row.owner_id, organisation)
    for row in rows.values():
        # Resource by resource: what is used where nothing is counted as offered takes nothing from the others.
        row.figures.left = max(0.0, row.figures.offered - row.figures.used)
    return list(rows.values())


def _by_resource(rows: Iterable) -> dict[int, list]:
    found: dict[int, list] = defaultdict(list)
    for row in rows:
        found[row.resource_id].append(row)
    return found


def _offered(resource: Resource, hours: list[OpeningHours], exceptions: list[OpeningException], first_day: date, last_day: date) -> Figures:
    if not hours and not resource.is_person:
        return Figures(unmeasured=1)
    calendar = Calendar(resource=resource, root=resource, leaves=[], hours=hours, exceptions=exceptions, held=[], busy=[])
    by_week: dict[date, float] = defaultdict(float)
    day = first_day
    while day <= last_day:
        if resource.ended_on is None or day < resource.ended_on:
            by_week[week_of(day)] += sum(slot.length.total_seconds() for slot in calendar.opened_on(day)) / 60
        day += timedelta(days=1)
    most = resource.weekly_minutes if resource.is_person else None
    return Figures(offered=sum(min(minutes, most) if most else minutes for minutes in by_week.values()))


def _courses(owners: set[int], first_day: date, last_day: date) -> list[Row]:
    runs = list(
        CourseRun.objects.filter(service__organisation__in=owners, service__kind=ServiceKind.COURSE, first_day__range=(first_day, last_day)).exclude(service__state=Publication.DRAFT).select_related("service__organisation")
    )
    rows: dict[int, Row] = {}
    for run in runs:
        rows.setdefault(run.service_id, Row(run.service, owner_id=run.service.organisation_id)).figures.seats += run.seats
    taken = Enrolment.objects.filter(run__in=[run.pk for run in runs], state__in=ATTENDED_IN).order_by().values_list("run__service", "organisation").annotate(taken=Sum("size"))
    sums = list(taken)
    borders = _borders(owners | {organisation for _service, organisation, _taken in sums}) if sums else Borders({}, {})
    for service, organisation, seats in sums:
        figures, owner = rows[service].figures, rows[service].owner_id
        figures.seats_used += seats
        figures.seats_over_municipality += seats * borders.municipal(owner, organisation)
        figures.seats_over_form += seats * borders.of_forms(owner, organisation)
    return list(rows.values())


def by_organisation(rows: Iterable[Row]) -> list[Row]:
    return _grouped(rows, lambda row: row.thing.owner if isinstance(row.thing, Resource) else row.thing.organisation)


def by_area(rows: Iterable[Row], areas: Iterable[PilotArea], members: dict[int, set[int]]) -> list[Row]:
    """An organisation of two areas counts in both; so the areas are not added up."""
    rows, found = list(rows), []
    for area in areas:
        row = Row(area)
        for one in rows:
            if one.owner_id in members[area.pk]:
                row.figures.add(one.figures)
        found.append(row)
    return found


def total(rows: Iterable[Row]) -> Figures:
    figures = Figures()
    for row in rows:
        figures.add(row.figures)
    return figures


def _grouped(rows: Iterable[Row], key: Callable) -> list[Row]:
    found: dict[int, Row] = {}
    for row in rows:
        thing = key(row)
        found.setdefault(thing.pk, Row(thing, owner_id=thing.pk)).figures.add(row.figures)
    return sorted(found.values(), key=lambda row: (row.thing.sort_key_fi, row.thing.pk))
