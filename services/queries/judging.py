"""Whether the lines of an organisation's own list can be stored, as things stand now; every look judges anew.

Faults stop the list; warnings are told and stop nothing. A list adds, it never changes what is there: what is there
already is a fault of its line.
"""
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from django.db.models import Q, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pilots.models import Municipality, Organisation
from services.choices import HOLDABLE, BookingMode, CourseKind, Delivery, Entry, ListKind, Publication, ResourceKind, ServiceKind
from services.models import CourseRun, ListImport, ListRow, Place, Resource, SharedService
from services.models.resource import MOST_BUFFER
from services.queries.offering import not_ended
from services.tables.cells import Wrong, read_count, read_day, read_number
from services.tables.columns import CHOICES, COLUMNS, REQUIRED, ResourceColumn, RunColumn
from services.tables.headers import folded, words_of
from services.tables.opening_hours import read_hours

WHOLE_LINE = ""
INTERVALS = (5, 10, 15, 20, 30, 60)
# An export writes a quotation mark before what a spreadsheet would compute; “-1 floor” is a name, and goes out as safely as it came in.
MARKED = re.compile(r"'(?=[=+@-])")
FAULTS = {
    "missing": gettext_lazy("Something has to stand here."), "too_long": gettext_lazy("This text is too long."), "formula": gettext_lazy("This reads like a formula. Write the text itself."),
    "day": gettext_lazy("Write the day in the form 3.2.2027."), "too_far": gettext_lazy("Give a day between the years 1900 and 2199."), "time": gettext_lazy("Write the time in the form 14.05."),
    "number": gettext_lazy("Write a number, for example 2,5."), "count": gettext_lazy("Write a whole number."), "choice": gettext_lazy("This value is not known here. Choose one of those that are offered."),
    "hours": gettext_lazy("Write the hours as “ma-pe 8-16, la 10-14”, and those of a season as “1.6.2027-15.8.2027: ma-pe 9-15”. Hours of a day may not overlap."),
    "shape": gettext_lazy("The line has more cells than there are columns. Check where they are divided."),
}  # fmt: skip


@dataclass
class Judged:
    """`thing` is what is stored, whole only when there are no faults; columns in their order, the whole line last."""

    row: ListRow
    thing: Any = None
    faults: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        return "left_out" if self.row.is_left_out else "wrong" if self.faults else "warned" if self.warnings else "ready"


class Line:
    """Takes the cells of one line; the first fault of a column stays."""

    def __init__(self, kind: str, row: ListRow, columns: int) -> None:
        self.kind, self.row = kind, row
        self.faults: dict[str, Any] = {}
        if len(row.cells) > columns:
            self.fault(WHOLE_LINE, FAULTS["shape"])

    def fault(self, column: str, text: object) -> None:
        self.faults.setdefault(str(column), str(text))

    def take(self, column: str, read: Callable[[str], Any] = str, longest: int = 100) -> Any:
        text = self.row.values.get(str(column), "")
        try:
            if MARKED.match(text):
                text = text[1:]
            elif text.startswith("="):
                raise Wrong("formula")
            if len(text) > longest:
                raise Wrong("too_long")
            if not text and column in REQUIRED[ListKind(self.kind)]:
                raise Wrong("missing")
            return read(text)
        except Wrong as wrong:
            self.fault(column, FAULTS[wrong.fault])
            return None

    def choice(self, column: str, otherwise: str) -> str:
        words = words_for(self.kind, str(column))

        def read(text: str) -> str:
            if text and folded(text) not in words:
                raise Wrong("choice")
            return words[folded(text)] if text else otherwise

        return self.take(column, read) or otherwise

    def judged(self, thing: Any, **extra: Any) -> Judged:
        order = [*COLUMNS[ListKind(self.kind)].values, WHOLE_LINE]
        return Judged(self.row, thing, {column: self.faults[column] for column in sorted(self.faults, key=order.index)}, extra=extra)


@cache
def words_for(kind: str, column: str) -> dict[str, str]:
    choices: type[TextChoices] = CHOICES[ListKind(kind)][column]
    return words_of(choices.choices)


def rule_of(model: Any, name: str) -> str:
    """What the database's own rule says to people."""
    return str(next(rule.violation_error_message for rule in model._meta.constraints if rule.name == name))


def by_name(rows: Iterable[Any]) -> dict[str, list[Any]]:
    """By the Finnish name and the Swedish one."""
    found: dict[str, list[Any]] = {}
    for row in rows:
        for name in {folded(row.name_fi), folded(row.name_sv)} - {""}:
            found.setdefault(name, []).append(row)
    return found


def only(line: Line, column: str, found: list[Any], missing: str) -> Any:
    if len(found) == 1:
        return found[0]
    line.fault(column, _("Several have this name. Change one of the names first.") if found else missing)
    return None


def judge_resources(batch: ListImport, rows: list[ListRow]) -> list[Judged]:
    """Places that are not there yet are made of their address and municipality."""
    owned = list(Resource.objects.filter(not_ended(), owner=batch.organisation_id))
    wholes = by_name(one for one in owned if one.whole_id is None)
    there = {(one.whole_id, name) for one in owned for name in (folded(one.name_fi),)}
    places = by_name(Place.objects.filter(owner=batch.organisation_id).select_related("municipality"))
    municipalities = {name: one for one in Municipality.objects.all() for name in (folded(one.name_fi), folded(one.name_sv), one.code)}
    in_file = {folded(row.values.get(ResourceColumn.NAME_FI, "")): row.line for row in rows if not row.is_left_out and not row.values.get(ResourceColumn.PART_OF)}
    seen: dict[tuple[str, str], int] = {}
    judged = []
    for row in rows:
        line = Line(batch.kind, row, len(batch.header))
        one = _resource(line, batch)
        part_of = line.take(ResourceColumn.PART_OF, longest=200) or ""
        whole = None
        if part_of:
            whole = _whole(line, part_of, one, wholes, in_file)
        key = (folded(part_of), folded(one.name_fi))
        if one.name_fi and not row.is_left_out:
            if (whole.pk if whole else None, key[1]) in there and not (part_of and whole is None):
                line.fault(ResourceColumn.NAME_FI, _("Your organisation has this already. A list adds, it does not change: leave the line out, or change it on its own page."))
            elif (first := seen.setdefault(key, row.line)) != row.line:
                line.fault(ResourceColumn.NAME_FI, _("Line %(line)s has the same name.") % {"line": first})
        place, new_place = _place(line, places, municipalities)
        one.place = place
        judged.append(line.judged(one, hours=line.take(ResourceColumn.HOURS, read_hours, 600) or [], whole=whole, part_of=part_of, new_place=new_place))
        if not part_of and one.mode == BookingMode.AT_ONCE and not judged[-1].extra["hours"] and ResourceColumn.HOURS not in judged[-1].faults:
            judged[-1].faults[ResourceColumn.MODE.value] = _("Give the opening hours as well: without them it is booked on request.")
    return judged


def _resource(line: Line, batch: ListImport) -> Resource:
    kind = line.choice(ResourceColumn.KIND, ResourceKind.SPACE)
    hours: Decimal | None = line.take(ResourceColumn.WEEKLY_HOURS, read_number)
    one = Resource(
        owner_id=batch.organisation_id, kind=kind, name_fi=line.take(ResourceColumn.NAME_FI, longest=200) or "", name_sv=line.take(ResourceColumn.NAME_SV, longest=200) or "",
        capacity=line.take(ResourceColumn.CAPACITY, read_count), equipment_fi=line.take(ResourceColumn.EQUIPMENT_FI, longest=500) or "", equipment_sv=line.take(ResourceColumn.EQUIPMENT_SV, longest=500) or "",
        mode=line.choice(ResourceColumn.MODE, BookingMode.ON_REQUEST), weekly_minutes=int(hours * 60) if hours else None, start_interval=line.take(ResourceColumn.START_INTERVAL, read_count) or 15,
        buffer_before=line.take(ResourceColumn.BUFFER_BEFORE, read_count) or 0, buffer_after=line.take(ResourceColumn.BUFFER_AFTER, read_count) or 0,
    )  # fmt: skip
    if (kind == ResourceKind.SPACE) != (not one.weekly_minutes) or hours is not None and not 0 < hours <= 168:
        line.fault(ResourceColumn.WEEKLY_HOURS, rule_of(Resource, "resource_share_of_people"))
    if one.start_interval not in INTERVALS:
        line.fault(ResourceColumn.START_INTERVAL, rule_of(Resource, "resource_start_interval"))
    for column in (ResourceColumn.BUFFER_BEFORE, ResourceColumn.BUFFER_AFTER):
        if getattr(one, column) > MOST_BUFFER:
            line.fault(column, rule_of(Resource, "resource_buffers_within_a_day"))
    if one.capacity is not None and not 1 <= one.capacity <= 100_000:
        line.fault(ResourceColumn.CAPACITY, FAULTS["count"])
    return one


def _whole(line: Line, part_of: str, one: Resource, wholes: dict[str, list[Resource]], in_file: dict[str, int]) -> Resource | None:
    """The whole that is there already; None also when it comes with this file."""
    if one.kind != ResourceKind.SPACE:
        line.fault(ResourceColumn.PART_OF, rule_of(Resource, "resource_only_spaces_have_parts"))
    if line.row.values.get(ResourceColumn.HOURS):
        line.fault(ResourceColumn.HOURS, _("A part has the opening hours of the whole. Leave this empty."))
    found = wholes.get(folded(part_of), [])
    if not found and folded(part_of) in in_file:
        return None
    whole = only(line, ResourceColumn.PART_OF, found, _("Your organisation has no whole space of this name, nor has the file."))
    if whole and whole.kind != ResourceKind.SPACE:
        line.fault(ResourceColumn.PART_OF, rule_of(Resource, "resource_only_spaces_have_parts"))
    return whole


def _place(line: Line, places: dict[str, list[Place]], municipalities: dict[str, Municipality]) -> tuple[Place | None, dict | None]:
    name, street = line.take(ResourceColumn.PLACE, longest=200) or "", line.take(ResourceColumn.STREET_ADDRESS, longest=150) or ""
    code, where = line.take(ResourceColumn.POSTAL_CODE, longest=5) or "", line.take(ResourceColumn.MUNICIPALITY) or ""
    municipality = municipalities.get(folded(where)) or municipalities.get(where.zfill(3))
    if where and municipality is None:
        line.fault(ResourceColumn.MUNICIPALITY, _("No municipality has this name. Write the whole name, for example Kuopio."))
    if not name:
        return None, None
    if found := places.get(folded(name)):
        return only(line, ResourceColumn.PLACE, found, ""), None
    if not (street and municipality):
        line.fault(ResourceColumn.PLACE, _("No place of yours has this name. Give its street address and municipality too, and it is added."))
        return None, None
    return None, {"name_fi": name, "street_address": street, "postal_code": code, "municipality": municipality}


def judge_runs(batch: ListImport, rows: list[ListRow]) -> list[Judged]:
    courses = by_name(SharedService.objects.filter(organisation=batch.organisation_id, kind=ServiceKind.COURSE).exclude(state=Publication.ARCHIVED))
    places = by_name(Place.objects.filter(owner=batch.organisation_id))
    there = set(CourseRun.objects.filter(service__organisation=batch.organisation_id).order_by().values_list("service", "name", "first_day", "last_day"))
    seen: dict[tuple, int] = {}
    judged = []
    for row in rows:
        line = Line(batch.kind, row, len(batch.header))
        course = only(line, RunColumn.COURSE, courses.get(folded(line.take(RunColumn.COURSE, longest=200) or ""), []), _("Your organisation offers no course of this name. Offer it first, or write its name as it is offered."))
        run = _run(line)
        place = line.take(RunColumn.PLACE, longest=200) or ""
        run.place = only(line, RunColumn.PLACE, places.get(folded(place), []), _("No place of yours has this name.")) if place else None
        if course:
            run.service = course
            key = (course.pk, run.name, run.first_day, run.last_day)
            if not row.is_left_out and key in there:
                line.fault(RunColumn.COURSE, _("This run is here already. A list adds, it does not change: leave the line out, or change it on its own page."))
            elif not row.is_left_out and (first := seen.setdefault(key, row.line)) != row.line:
                line.fault(RunColumn.COURSE, _("Line %(line)s is the same run.") % {"line": first})
        judged.append(line.judged(run))
    return judged


def _run(line: Line) -> CourseRun:
    kind = line.choice(RunColumn.KIND, CourseKind.SHORT)
    hours: Decimal | None = line.take(RunColumn.WEEKLY_HOURS, read_number)
    first: date | None = line.take(RunColumn.FIRST_DAY, read_day)
    last: date | None = line.take(RunColumn.LAST_DAY, read_day)
    run = CourseRun(
        name=line.take(RunColumn.NAME) or "", kind=kind, first_day=first, last_day=last, timetable=line.take(RunColumn.TIMETABLE, longest=300) or "", weekly_hours=hours,
        delivery=line.choice(RunColumn.DELIVERY, Delivery.CONTACT), seats=line.take(RunColumn.SEATS, read_count), enrol_by=line.take(RunColumn.ENROL_BY, read_day) or first,
        entry=line.choice(RunColumn.ENTRY, Entry.APPLY), hold_days=line.take(RunColumn.HOLD_DAYS, read_count) or None,
    )  # fmt: skip
    if first and last and last < first:
        line.fault(RunColumn.LAST_DAY, rule_of(CourseRun, "course_run_days"))
    if run.enrol_by and last and run.enrol_by > last:
        line.fault(RunColumn.ENROL_BY, rule_of(CourseRun, "course_run_enrol_by"))
    if run.seats is not None and not 1 <= run.seats <= 100_000:
        line.fault(RunColumn.SEATS, rule_of(CourseRun, "course_run_has_seats"))
    if hours is not None and not 0 <= hours < 1000 or hours is not None and hours * 10 != int(hours * 10):
        line.fault(RunColumn.WEEKLY_HOURS, FAULTS["number"])
    if run.entry == Entry.HOLD and kind not in HOLDABLE:
        line.fault(RunColumn.ENTRY, rule_of(CourseRun, "course_run_holdable"))
    if (run.entry == Entry.HOLD) != (run.hold_days is not None) or run.hold_days is not None and run.hold_days > 60:
        line.fault(RunColumn.HOLD_DAYS, rule_of(CourseRun, "course_run_hold_days"))
    return run


def borrowers() -> dict[str, list[Organisation]]:
    """By name, short address and Business ID."""
    found = by_name(rows := list(Organisation.objects.filter(~Q(name_fi="")).order_by("pk")))
    for one in rows:
        for name in {folded(one.slug), folded(getattr(one, "business_id", "") or "")} - {""} - set(found):
            found[name] = [one]
    return found


