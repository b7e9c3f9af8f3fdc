"""A pathway's timeline as one organisation may read it: a page of it, and each event in words."""
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import groupby

from django.db.models import BigIntegerField, Case, CharField, DateTimeField, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from guidance.choices import (
    LOGGED_BY_HAND,
    CheckIn,
    ContactWay,
    EndReason,
    EventKind,
    HandoffState,
    Interruption,
    OptionState,
    Outcome,
    ProtectionEnd,
    Stage,
    Visibility,
)
from guidance.models import Attachment, EducationOption, Event, NextStep, Pathway
from guidance.queries.rows import JSONRows, name_in_language
from pilots.models import Membership, Organisation
from pilots.queries.prepared import Given, Prepared

EVENTS_ON_PAGE = 30
FILES_ON_EVENT = 10
# Of a page's query: languages by what narrows it.
MOST_QUERIES = 32

ICONS: dict[str, str] = {
    EventKind.CALL: "phone",
    EventKind.NO_ANSWER: "waiting",
    EventKind.MESSAGE: "mail",
    EventKind.VISIT: "place",
    EventKind.JOINT_MEETING: "area",
    EventKind.NO_SHOW: "left",
    EventKind.DROP_IN: "language",
    EventKind.CHECK_IN: "done",
    EventKind.NOTE: "edit",
    EventKind.MOVE: "forward",
    EventKind.HANDOFF: "mail-sent",
    EventKind.STEP: "done",
    EventKind.OPTION: "info",
    EventKind.RESPONSIBILITY: "person",
    EventKind.CONSENT: "person",
    EventKind.PROTECTION: "person",
    EventKind.OPENED: "add",
    EventKind.CLOSED: "in-order",
    EventKind.MERGED: "joined",
}


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
class ShownEvent:
    pk: int
    icon: str
    kind: str
    text: str
    says: str
    time: datetime
    who: str
    organisation: str
    readers: str = ""
    is_own_only: bool = False
    is_worry: bool = False
    taken_back_at: datetime | None = None
    may_take_back: bool = False
    files: list[dict] = field(default_factory=list)


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
    return (
        Event.objects.filter(pathway=pathway)
        .visible_to(organisation)
        .alias(**{f"id_{key}": _id_in(key) for key in IDS})
        .annotate(
            step_what=_named("step", "what"),
            option_title=_named("option", "title"),
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


def timeline_page(acting: Membership, pathway: Pathway, narrow: TimelineFilter, size: int = EVENTS_ON_PAGE) -> TimelinePage:
    query = _page_query(get_language(), bool(narrow.kind), bool(narrow.organisation), narrow.before is not None, size)
    place = {"at": narrow.before.at, "after": narrow.before.pk} if narrow.before else {}
    found = query.ask(reader=acting.organisation_id, pathway=pathway.pk, kind=narrow.kind, organisation=narrow.organisation, **place)
    shown = found[:size]
    older = str(Cursor(shown[-1].at, shown[-1].pk)) if len(found) > size else ""
    return TimelinePage(by_day([in_words(event, acting=None if pathway.closed_at else acting) for event in shown]), older, len(shown))


@lru_cache(maxsize=MOST_QUERIES)
def _page_query(language: str, of_kind: bool, of_organisation: bool, is_older: bool, size: int) -> Prepared:
    events = _events(Given("reader", BigIntegerField()), Given("pathway", BigIntegerField()))
    if of_kind:
        events = events.filter(kind=Given("kind", CharField()))
    if of_organisation:
        events = events.filter(organisation=Given("organisation", BigIntegerField()))
    if is_older:
        at, pk = Given("at", DateTimeField()), Given("after", BigIntegerField())
        events = events.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)
    return Prepared(events[: size + 1])


def by_day(events: list[ShownEvent]) -> list[Day]:
    return [Day(day, list(rows)) for day, rows in groupby(events, lambda event: timezone.localdate(event.time))]


def in_words(event: Event, *, acting: Membership | None = None) -> ShownEvent:
    """`acting`: who may take back their own; on paper nobody does."""
    return ShownEvent(
        pk=event.pk,
        icon=ICONS[event.kind],
        kind=str(EventKind(event.kind).label),
        text=event.text,
        says=_says(event),
        time=event.at,
        who=event.by_name or "",
        organisation=event.organisation.name if event.organisation else "",
        readers=_readers(event),
        is_own_only=event.visibility == Visibility.OWN,
        is_worry=event.check_in in (CheckIn.WORRIED, CheckIn.ABSENT) and event.taken_back_at is None,
        taken_back_at=event.taken_back_at,
        may_take_back=acting is not None and event.by_id == acting.pk and event.kind in LOGGED_BY_HAND and event.taken_back_at is None and not event.file_rows,
        files=event.file_rows or [],
    )


def _readers(event: Event) -> str:
    if event.visibility == Visibility.OWN:
        return _("Read by your own organisation only")
    if event.visibility == Visibility.CHOSEN:
        return _("Read by: %(organisations)s") % {"organisations": ", ".join(row["name"] for row in event.reader_rows or [])}
    return ""


def _says(event: Event) -> str:
    """What codes and ids of `detail` mean, in the reader's language."""
    tell = {
        EventKind.CHECK_IN: lambda e: _label(CheckIn, e.check_in),
        EventKind.MOVE: _move_says,
        EventKind.STEP: _step_says,
        EventKind.NO_SHOW: lambda e: e.step_what or "",
        EventKind.OPTION: _option_says,
        EventKind.RESPONSIBILITY: _responsibility_says,
        EventKind.CONSENT: _consent_says,
        EventKind.PROTECTION: _protection_says,
        EventKind.CLOSED: lambda e: _("%(reason)s; then: %(outcome)s") % {"reason": _label(EndReason, e.detail.get("reason")), "outcome": _label(Outcome, e.detail.get("outcome"))},
        EventKind.OPENED: lambda e: pgettext("pathway opened", "again") if e.detail.get("again") else "",
    }
    parts = [_handoff_says(event)] if event.detail.get("state") in HandoffState.values and event.kind != EventKind.OPTION else []
    if event.kind in tell:
        parts.append(tell[EventKind(event.kind)](event))
    if event.measure:
        parts.append(_("measure: %(name)s") % {"name": event.measure})
    return "; ".join(str(part) for part in parts if part)


def _label(choices, value: str | None) -> str:
    return choices(value).label if value in choices.values else ""


def _handoff_says(event: Event) -> str:
    receiver = event.receiver or event.receiver_outside or ""
    if day := event.detail.get("paused_until"):
        return _("reminders to %(receiver)s rest until %(day)s") % {"receiver": receiver, "day": date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT")}
    sentences = {
        HandoffState.SENT: _("sent to %(receiver)s"),
        HandoffState.ACCEPTED: _("%(receiver)s accepted"),
        HandoffState.MET: _("%(receiver)s has met the client"),
        HandoffState.DECLINED: _("%(receiver)s declined"),
        HandoffState.WITHDRAWN: _("taken back from %(receiver)s"),
    }
    said = sentences[event.detail["state"]] % {"receiver": receiver}
    return f"{said} ({_label(ContactWay, event.detail.get('way'))})" if event.detail.get("way") in ContactWay.values else said


def _move_says(event: Event) -> str:
    words = {"source": _label(Stage, event.detail.get("from")), "target": _label(Stage, event.detail.get("to")), "why": _label(Interruption, event.detail.get("interruption"))}
    return _("from “%(source)s” to “%(target)s”: %(why)s") % words if event.detail.get("interruption") else _("from “%(source)s” to “%(target)s”") % words


def _step_says(event: Event) -> str:
    what = event.step_what or ""
    if day := event.detail.get("due_on"):
        return _("%(what)s: now on %(day)s") % {"what": what, "day": date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT")}
    if event.detail.get("attended") is True:
        return _("%(what)s: done, the client came") % {"what": what}
    return _("%(what)s: done") % {"what": what}


def _option_says(event: Event) -> str:
    for key, sentence in (("workplace_from", _("learning period with an employer from %(day)s")), ("work_from", _("work from %(day)s"))):
        if key in event.detail:
            return sentence % {"day": date_format(date.fromisoformat(event.detail[key]), "SHORT_DATE_FORMAT")}
    title, state = event.option_title or "", event.detail.get("state") or event.detail.get("to")
    return _("%(what)s: %(state)s") % {"what": title, "state": _label(OptionState, state)} if state in OptionState.values else title


def _responsibility_says(event: Event) -> str:
    detail = event.detail
    if detail.get("left"):
        return _("%(organisation)s does not take part any more") % {"organisation": event.left_name or ""}
    if detail.get("caseload_to"):
        return _("the caseload moved to %(person)s") % {"person": event.heir_name or ""}
    if detail.get("step") and detail.get("to"):
        return _("%(what)s: from %(before)s to %(after)s") % {"what": event.step_what or "", "before": event.from_name or "", "after": event.to_name or ""}
    duties = {"process_person": _("responsible person: %(person)s"), "study_counsellor": _("study counsellor: %(person)s"), "participant": _("answers for its part: %(person)s")}
    sentence = duties.get(detail.get("duty"))
    return sentence % {"person": event.person_name or _("nobody")} if sentence else ""


def _consent_says(event: Event) -> str:
    """The name of a body outside is the event's own text."""
    if event.told_name:
        given, withdrawn = _("given for telling %(organisation)s"), _("withdrawn: %(organisation)s is told nothing more")
        return (withdrawn if event.detail.get("consent") == "withdrawn" else given) % {"organisation": event.told_name}
    return _("withdrawn from a body outside") if event.detail.get("consent") == "withdrawn" else _("given for telling a body outside")


def _protection_says(event: Event) -> str:
    if event.person_name:
        return _("%(person)s sees what is hidden from now on: nobody else who was named is left") % {"person": event.person_name}
    return _("ended: %(reason)s") % {"reason": _label(ProtectionEnd, event.detail.get("ended"))} if event.detail.get("ended") else _("begun")


def participants_ever(pathway: Pathway) -> QuerySet[Organisation]:
    """Everybody who took part at some time, for the filter."""
    return Organisation.objects.filter(participations__pathway=pathway).distinct().order_by("sort_key_fi")
