"""A pathway's timeline as one organisation may read it: a page of it, and each event in words."""
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby

from django.db.models import BigIntegerField, Case, CharField, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext_lazy

from guidance.choices import EventKind
from guidance.models import Attachment, ClientEntry, EducationOption, Event, NextStep, Pathway, PathwayEnrolment
from guidance.queries.event_words import ShownEvent, in_words
from guidance.queries.rows import JSONRows, name_in_language
from pilots.models import Membership, Organisation
from pilots.queries.prepared import Given, Prepared

EVENTS_ON_PAGE = 30
FILES_ON_EVENT = 10
# Of a page's query: languages by what narrows it.
MOST_QUERIES = 32

@dataclass(frozen=True)
class Cursor:
    """Where a page ended: the next one begins after this moment and id. No offset, so that a deep page costs what the first does."""

    at: datetime
    pk: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{self.pk}"


CURSOR = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.(\d{6})-(\d{1,18})")


def read_cursor(text: str) -> Cursor | None:
    """What a page wrote; anything else begins at the newest."""
    if not (found := CURSOR.fullmatch(text)):
        return None
    year, month, day, hour, minute, second, micro, pk = found.groups()
    try:
        at = parse_datetime(f"{year}-{month}-{day}T{hour}:{minute}:{second}.{micro}+00:00")
    except ValueError:
        return None
    return Cursor(at, int(pk)) if at and at.year > 1900 else None


@dataclass(frozen=True)
class TimelineFilter:
    """Codes only, never text: what narrows the timeline stands in the address."""

    kind: str = ""
    organisation: int | None = None
    before: Cursor | None = None

    @classmethod
    def read(cls, query) -> "TimelineFilter":
        kind, organisation = query.get("kind", ""), query.get("organisation", "")
        return cls(
            kind=kind if kind in EventKind.values else "",
            organisation=int(organisation) if re.fullmatch(r"[0-9]{1,15}", organisation) else None,
            before=read_cursor(query.get("before", "")),
        )

    @property
    def is_on(self) -> bool:
        return bool(self.kind or self.organisation)


@dataclass(frozen=True)
class Day:
    day: date
    events: list[ShownEvent]


@dataclass(frozen=True)
class TimelinePage:
    days: list[Day]
    older: str
    count: int


def events_for(acting: Membership, pathway: Pathway) -> QuerySet[Event]:
    """The events that the organisation acted for may read, newest first, with all that their words need; one query."""
    return _events(acting.organisation_id, pathway.pk)


def _events(organisation: int | Given, pathway: int | Given) -> QuerySet[Event]:
    return _with_words(Event.objects.filter(pathway=pathway).visible_to(organisation), pathway)


def _with_words(events: QuerySet[Event], pathway: int | Given) -> QuerySet[Event]:
    return (
        events.alias(**{f"id_{key}": _id_in(key) for key in (*IDS, "seat")})
        .annotate(
            step_what=_named("step", "what"),
            option_title=_named("option", "title"),
            course_name=_course_name(),
            person_name=_named("person", "user__name"),
            from_name=_named("from", "user__name"),
            to_name=_named("to", "user__name"),
            heir_name=_named("caseload_to", "user__name"),
            left_name=_named("left", name_in_language()),
            told_name=_named("told", name_in_language()),
            measure=name_in_language("programme", ("sv",)),
            by_name=F("by__user__name"),
            receiver=name_in_language("handoff__to_organisation"),
            receiver_outside=F("handoff__to_outside"),
            file_rows=JSONRows(Attachment.objects.filter(event=OuterRef("pk"), pathway=pathway).order_by("id")[:FILES_ON_EVENT], id=F("id"), name=F("name"), size=F("size")),
            entry_rows=JSONRows(ClientEntry.objects.filter(event=OuterRef("pk")).order_by(), id=F("id"), answered_at=F("answered_at")),
            reader_rows=JSONRows(Event.shown_to.through.objects.filter(event=OuterRef("pk")).order_by("organisation__sort_key_fi")[:20], name=name_in_language("organisation")),
        )
        .select_related("organisation")
        .only("pathway", "kind", "at", "by", "text", "check_in", "visibility", "taken_back_at", "detail", "organisation__name_fi", "organisation__name_sv", "organisation__name_en")
        .order_by("-at", "-id")
    )


IDS = {"step": NextStep, "option": EducationOption, "person": Membership, "from": Membership, "to": Membership, "caseload_to": Membership, "left": Organisation, "told": Organisation}


def _id_in(key: str) -> Case:
    """The id that `detail[key]` holds; in a move `from` and `to` are codes of stages, and of an option codes of its state."""
    pk = Cast(KeyTextTransform(key, "detail"), BigIntegerField())
    return Case(When(~Q(kind__in=[EventKind.MOVE, EventKind.OPTION]) | Q(kind=EventKind.OPTION if key == "option" else ""), then=pk), output_field=BigIntegerField())


def _named(key: str, name) -> Subquery:
    return Subquery(IDS[key].objects.filter(pk=OuterRef(f"id_{key}")).order_by().annotate(named=F(name) if isinstance(name, str) else name).values("named")[:1])


def _course_name() -> Subquery:
    """Of the course on which the client has or had a seat; it tells where somebody is, so that of a protected client it is none."""
    seats = PathwayEnrolment.objects.filter(pk=OuterRef("id_seat"), pathway__client__is_protected=False)
    return Subquery(seats.order_by().annotate(named=name_in_language("enrolment__run__service", ("sv",))).values("named")[:1])


def own_timeline(pathway: Pathway, before: Cursor | None = None, size: int = EVENTS_ON_PAGE) -> TimelinePage:
    """What the client reads of it: neither notes between organisations nor what was taken back."""
    place = {"at": before.at, "after": before.pk} if before else {}
    found = _own_query(get_language(), before is not None, size).ask(pathway=pathway.pk, **place)
    return _page_of([_said_to_client(event) for event in found[:size]], found, size)


# Kinds that are called otherwise where the client reads.
TO_CLIENT = {EventKind.CLIENT: gettext_lazy("you wrote"), EventKind.ANSWER: gettext_lazy("answer to you")}


def _said_to_client(event: Event) -> ShownEvent:
    shown = in_words(event)
    return replace(shown, kind=str(TO_CLIENT[EventKind(event.kind)])) if event.kind in TO_CLIENT else shown


@lru_cache(maxsize=MOST_QUERIES)
def _own_query(language: str, is_older: bool, size: int) -> Prepared:
    pathway = Given("pathway", BigIntegerField())
    events = _with_words(Event.objects.filter(pathway=pathway).for_client().counted(), pathway)
    return Prepared((_older(events) if is_older else events)[: size + 1])


def _page_of(shown: list[ShownEvent], found: list[Event], size: int) -> TimelinePage:
    older = str(Cursor(shown[-1].time, shown[-1].pk)) if len(found) > size else ""
    return TimelinePage(by_day(shown), older, len(shown))


def _older(events: QuerySet[Event]) -> QuerySet[Event]:
    at, pk = Given("at", DateTimeField()), Given("after", BigIntegerField())
    return events.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)


def timeline_page(acting: Membership, pathway: Pathway, narrow: TimelineFilter, size: int = EVENTS_ON_PAGE) -> TimelinePage:
    query = _page_query(get_language(), bool(narrow.kind), bool(narrow.organisation), narrow.before is not None, size)
    place = {"at": narrow.before.at, "after": narrow.before.pk} if narrow.before else {}
    found = query.ask(reader=acting.organisation_id, pathway=pathway.pk, kind=narrow.kind, organisation=narrow.organisation, **place)
    return _page_of([in_words(event, acting=None if pathway.closed_at else acting) for event in found[:size]], found, size)


@lru_cache(maxsize=MOST_QUERIES)
def _page_query(language: str, of_kind: bool, of_organisation: bool, is_older: bool, size: int) -> Prepared:
    events = _events(Given("reader", BigIntegerField()), Given("pathway", BigIntegerField()))
    if of_kind:
        events = events.filter(kind=Given("kind", CharField()))
    if of_organisation:
        events = events.filter(organisation=Given("organisation", BigIntegerField()))
    if is_older:
        events = _older(events)
    return Prepared(events[: size + 1])


def by_day(events: list[ShownEvent]) -> list[Day]:
    return [Day(day, list(rows)) for day, rows in groupby(events, lambda event: timezone.localdate(event.time))]


def participants_ever(pathway: Pathway) -> QuerySet[Organisation]:
    """Everybody who took part at some time, for the filter."""
    return Organisation.objects.filter(participations__pathway=pathway).distinct().order_by("sort_key_fi")
