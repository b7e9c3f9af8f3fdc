"""Who changed what in an area and when: its texts, contact people and members in one stream, newest first.

A row of history knows the person; for which organisation the person acted is kept in the change reason,
as `verb:organisation id`, because a person may act for several.
"""
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.template.defaultfilters import floatformat
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pilots.models import AreaMembership, Contact, Membership, Organisation, PilotArea
from pilots.queries.editing import AREA_FIELDS, CONTACT_FIELDS

PAGE_SIZE = 20
WORDS_AROUND = 6
FIRST_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stream:
    """One kind of row in the history; the order of the streams decides between rows of the same moment."""

    model: type[models.Model]
    area_field: str
    fields: tuple[str, ...]
    joins: tuple[str, ...] = ()


STREAMS = (
    Stream(PilotArea, "id", ("name_fi", "name_sv", *AREA_FIELDS)),
    Stream(Contact, "area_id", (*CONTACT_FIELDS, "ended_on")),
    Stream(AreaMembership, "area_id", ("participation", "through", "starts_on", "ends_on"), ("organisation", "unit", "through")),
)


@dataclass(frozen=True)
class Change:
    """A field before and after; `language` is that of the text where it is known."""

    label: str
    before: str
    after: str
    language: str = ""


@dataclass(frozen=True)
class Event:
    at: datetime
    kind: str
    icon: str
    text: str
    person: str
    organisation: Organisation | None
    by_hand: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class HistoryPage:
    events: list[Event]
    older: str


def change_reason(by: Membership, verb: str) -> str:
    return f"{verb}:{by.organisation_id}"


def organisation_id_of(row) -> int | None:
    _verb, _colon, number = (row.history_change_reason or "").partition(":")
    return int(number) if number.isascii() and number.isdecimal() else None


def version_of(contact: Contact) -> int:
    """What guards a contact person against two people saving over each other: the number of its newest row of history."""
    return contact.history.values_list("history_id", flat=True).first() or 0


def area_history(area: PilotArea, *, before: str, with_people: bool) -> HistoryPage:
    """One page of the area's history, from the place that `before` names; an unreadable place means the newest page.

    Without `with_people` no person is named: neither who made a change nor whom a contact row tells of.
    Four queries, whatever the page holds.
    """
    place = _place(before)
    found = [(stream, row, previous) for stream in STREAMS for row, previous in _rows(stream, area, place)]
    found.sort(key=lambda item: (item[1].history_date, -STREAMS.index(item[0]), item[1].history_id), reverse=True)
    shown = found[:PAGE_SIZE]
    organisations = Organisation.objects.in_bulk({pk for _stream, row, _previous in shown if (pk := organisation_id_of(row))})
    events = [_event(stream, row, previous, organisations, with_people) for stream, row, previous in shown]
    return HistoryPage(events, _place_of(*shown[-1][:2]) if len(found) > PAGE_SIZE else "")


def _place_of(stream: Stream, row) -> str:
    microseconds = (row.history_date - FIRST_MOMENT) // timedelta(microseconds=1)
    return f"{microseconds}-{STREAMS.index(stream)}-{row.history_id}"


def _place(text: str) -> tuple[datetime, int, int] | None:
    if not (match := re.fullmatch(r"([0-9]{1,16})-([0-9])-([0-9]{1,9})", text)):
        return None
    return FIRST_MOMENT + timedelta(microseconds=int(match[1])), int(match[2]), int(match[3])


def _rows(stream: Stream, area: PilotArea, place: tuple[datetime, int, int] | None) -> Iterator[tuple]:
    """The newest rows before `place`, one more than a page holds, each with the row that it changed."""
    history = stream.model.history.model.objects
    own = history.filter(**{stream.area_field: area.pk})
    if place:
        moment, number, pk = place
        rank = STREAMS.index(stream)
        same_moment = Q(history_date=moment) if rank > number else Q(history_date=moment, history_id__lt=pk) if rank == number else Q(pk__in=[])
        own = own.filter(Q(history_date__lt=moment) | same_moment)
    newest = own.order_by("-history_date", "-history_id")[: PAGE_SIZE + 1]
    earlier = history.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id").values("history_id")[:1]
    rows = list(
        history.filter(Q(history_id__in=newest.values("history_id")) | Q(history_id__in=newest.annotate(earlier=Subquery(earlier)).values("earlier")))
        .select_related("history_user", *stream.joins)
        .order_by("-history_date", "-history_id")
    )
    # What was fetched only as an earlier row is older than all of the page, so it stands after them.
    for row in rows[: PAGE_SIZE + 1]:
        yield row, max((other for other in rows if other.id == row.id and other.history_id < row.history_id), key=lambda other: other.history_id, default=None)


def _event(stream: Stream, row, previous, organisations: dict[int, Organisation], with_people: bool) -> Event:
    changes = () if stream.model is PilotArea and previous is None else tuple(_changes(stream, row, previous))
    hidden = stream.model is Contact and not with_people
    kind, icon = _kind(stream, row, previous)
    return Event(
        at=row.history_date,
        kind=kind,
        icon=icon,
        text=_text(row, stream, hidden),
        person=row.history_user.name if with_people and row.history_user else "",
        organisation=organisations.get(organisation_id_of(row) or 0),
        by_hand=bool(row.history_user_id or organisation_id_of(row)),
        changes=() if hidden else changes,
    )


def _kind(stream: Stream, row, previous) -> tuple[str, str]:
    changed = set() if previous is None else {field for field in stream.fields if _raw(stream, row, field) != _raw(stream, previous, field)}
    if stream.model is PilotArea:
        return (_("Area added"), "add") if previous is None else (_("Area changed"), "edit")
    if stream.model is Contact:
        if previous is None:
            return _("Contact person added"), "add"
        if "ended_on" in changed:
            return _("Contact person ended"), "left"
        return (_("Contact person confirmed"), "in-order") if changed == {"confirmed_on"} else (_("Contact person changed"), "edit")
    if previous is None:
        return _("Member added"), "joined"
    return (_("Membership ended"), "left") if changed == {"ends_on"} and row.ends_on else (_("Member changed"), "edit")


def _text(row, stream: Stream, hidden: bool) -> str:
    if stream.model is PilotArea:
        return ""
    if stream.model is Contact:
        return row.get_task_display() if hidden else row.name
    body = row.organisation or row.unit
    return body.name if body else ""


def _changes(stream: Stream, row, previous) -> Iterator[Change]:
    for name in stream.fields:
        field = _field(stream, name)
        if previous is not None and _raw(stream, row, name) == _raw(stream, previous, name):
            continue
        before = shown_value(field, getattr(previous, name)) if previous is not None else ""
        after = shown_value(field, getattr(row, name))
        if previous is not None and isinstance(field, models.TextField):
            before, after = only_what_differs(before, after)
        if (before or after) and not (previous is None and getattr(row, name) is False):
            yield Change(label_of(field), before, after, language_of(name))


def _field(stream: Stream, name: str) -> models.Field:
    return stream.model._meta.get_field(name)  # type: ignore[return-value]


def _raw(stream: Stream, row, name: str):
    return getattr(row, _field(stream, name).attname)


def label_of(field: models.Field) -> str:
    # The day stored is the first on which the member is out; people speak of the last one in.
    return _("Last day") if field.model is AreaMembership and field.name == "ends_on" else capfirst(str(field.verbose_name))


def language_of(name: str) -> str:
    return name[-2:] if name.endswith(("_fi", "_sv")) else ""


def shown_value(field: models.Field, value) -> str:
    """A stored value in the reader's words; an empty one is ""."""
    if value is None or value == "":
        return ""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        if field.model is AreaMembership and field.name == "ends_on":
            value -= timedelta(days=1)
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal):
        return floatformat(value, "-2g")
    return value.name if isinstance(field, models.ForeignKey) else str(value)


def only_what_differs(before: str, after: str) -> tuple[str, str]:
    """Two long texts without the words that both begin and end with, but for a few around the change."""
    one, two = before.split(), after.split()
    start = _common(zip(one, two, strict=False))
    end = _common(zip(reversed(one[start:]), reversed(two[start:]), strict=False))
    return tuple(_cut(words, start, end) for words in (one, two))  # type: ignore[return-value]


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    number = 0
    for one, two in pairs:
        if one != two:
            break
        number += 1
    return number


def _cut(words: list[str], start: int, end: int) -> str:
    first, last = max(start - WORDS_AROUND, 0), min(len(words) - end + WORDS_AROUND, len(words))
    cut = " ".join(words[first:last])
    return f"{'… ' if first else ''}{cut}{' …' if last < len(words) else ''}" if cut else ""
