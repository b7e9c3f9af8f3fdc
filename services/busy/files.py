"""Times taken in another system, out of an iCalendar file (RFC 5545) or a CSV or XLSX list: times only.

Lines of titles, places and people are dropped before the file is read. What cannot be read makes the whole file useless:
a time that is passed over would be booked twice.
"""
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from icalendar import Calendar

from services.busy.recurrence import NotUnderstood, Rule, Steps, days_of, read_rule
from services.queries.times import FINLAND, Slot, day_slot, slot_on
from services.tables.cells import Wrong, read_day, read_time
from services.tables.files import read_table
from services.tables.headers import suggested

LARGEST = 2 * 1024 * 1024
MOST_EVENTS = 10_000
MOST_TIMES = 20_000
MOST_STEPS = 300_000
READ = re.compile(r"(BEGIN|END|UID|DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|EXRULE|RECURRENCE-ID|STATUS|TRANSP|FREEBUSY|TZID|TZOFFSETFROM|TZOFFSETTO|X-MICROSOFT-CDO-BUSYSTATUS)[;:]", re.I)


class BusyColumn(TextChoices):
    DAY = "day", gettext_lazy("Day")
    STARTS = "starts", gettext_lazy("Starts")
    ENDS = "ends", gettext_lazy("Ends")
    LAST_DAY = "last_day", gettext_lazy("Last day")

    @classmethod
    def also_called(cls) -> "dict[BusyColumn, str]":
        return {
            cls.DAY: "paiva|pvm|paivamaara|alkupaiva|alkupvm|dag|datum|startdatum|day|date|start date",
            cls.STARTS: "alkaa|alku|alkuaika|klo|borjar|start|starttid|fran|starts|start time|from",
            cls.ENDS: "paattyy|loppuu|loppu|loppuaika|slutar|slut|sluttid|till|ends|end|end time|to|until",
            cls.LAST_DAY: "viimeinen paiva|loppupaiva|loppupvm|sista dag|slutdatum|last day|end date",
        }


def read_busy(content: bytes, within: Slot, own_host: str = "") -> list[Slot]:
    """The busy times inside `within`, in order, those that touch made one; ValidationError says why not.

    `own_host`: bookings of this portal that come back from a calendar which reads our feed are passed over.
    """
    if len(content) > LARGEST:
        raise ValidationError(_("The calendar is larger than 2 MB. Let your system give only the times to come."), code="too_large")
    found = _of_calendar(content, within, own_host) if b"BEGIN:VCALENDAR" in content[:4096].upper() else _of_list(content)
    return merged(found, within)


def merged(slots: Iterable[Slot], within: Slot) -> list[Slot]:
    whole: list[Slot] = []
    for slot in sorted(slots):
        if not slot.overlaps(within) or slot.ends_at <= slot.starts_at:
            continue
        slot = Slot(max(slot.starts_at, within.starts_at), min(slot.ends_at, within.ends_at))
        if whole and slot.starts_at <= whole[-1].ends_at:
            whole[-1] = Slot(whole[-1].starts_at, max(whole[-1].ends_at, slot.ends_at))
        else:
            whole.append(slot)
    if len(whole) > MOST_TIMES:
        raise too_much()
    return whole


def too_much() -> ValidationError:
    return ValidationError(_("The calendar holds more times than can be read. Let your system give the times of one room only."), code="too_much")


def not_understood() -> ValidationError:
    return ValidationError(_("The calendar has a repetition or a time that cannot be read, so nothing of it was taken. Let your system give each time by itself."), code="rule")


def _of_list(content: bytes) -> Iterator[Slot]:
    table = read_table(content)
    places = suggested(BusyColumn, table.header, {})
    if missing := [column.label for column in (BusyColumn.DAY, BusyColumn.STARTS, BusyColumn.ENDS) if column not in places]:
        raise ValidationError(_("This is neither an iCalendar file nor a list with the columns Day, Starts and Ends. Missing: %(missing)s."), params={"missing": ", ".join(map(str, missing))}, code="columns")
    for line, cells in table.rows:
        try:
            day, starts, ends = read_day(cells[places["day"]]), read_time(cells[places["starts"]]), read_time(cells[places["ends"]])
            last = read_day(cells[places["last_day"]]) if "last_day" in places else None
        except Wrong:
            day = starts = ends = last = None
        if not (day and starts is not None and ends is not None) or last and last < day:
            raise ValidationError(_("Line %(line)s: write the day as 3.2.2027 and the times as 9.00 and 11.30."), params={"line": line}, code="cells")
        first, end = slot_on(day, starts, ends), slot_on(last, starts, ends) if last and last != day else None
        if first is None or last and last != day and end is None:
            raise ValidationError(_("Line %(line)s: this time does not exist, for the clocks are changed."), params={"line": line}, code="cells")
        # Over several days it ends at that time of the last of them.
        yield Slot(first.starts_at, _end_on(last, ends, end)) if end and last else first


def _end_on(last: date, ends: time, slot: Slot) -> datetime:
    return slot.ends_at if slot.last_day == last or ends == time(0) else slot.ends_at - timedelta(days=1)


def _of_calendar(content: bytes, within: Slot, own_host: str) -> Iterator[Slot]:
    try:
        text = content.decode("utf-8-sig", errors="replace")
        lines = re.sub(r"\r?\n[ \t]", "", text).splitlines()
        kept = [line for line in lines if READ.match(line)]
        if sum(line[:6].upper() == "BEGIN:" for line in kept) > MOST_EVENTS:
            raise too_much()
        calendar = Calendar.from_ical("\r\n".join(kept) + "\r\n")
        events = [part for part in calendar.subcomponents if part.name in ("VEVENT", "VFREEBUSY")]
        yield from _of_events(events, within, own_host)
    except ValidationError:
        raise
    except NotUnderstood:
        raise not_understood() from None
    # Whatever is wrong inside a file from outside, the reader may stumble over it in any way.
    except Exception as error:
        raise ValidationError(_("The calendar is broken and was not read."), code="broken") from error


def _of_events(events: list[Any], within: Slot, own_host: str) -> Iterator[Slot]:
    steps = Steps(MOST_STEPS)
    ours = re.compile(rf"booking-[0-9]+@{re.escape(own_host)}") if own_host else None
    moved: dict[str, set[datetime | date]] = {}
    for event in events:
        if event.errors or "EXRULE" in event:
            raise NotUnderstood
        if "RECURRENCE-ID" in event:
            if "RANGE" in event["RECURRENCE-ID"].params:
                raise NotUnderstood
            moved.setdefault(str(event.get("UID", "")), set()).add(_moment(event["RECURRENCE-ID"].dt))
    for event in events:
        if ours and ours.fullmatch(str(event.get("UID", ""))):
            continue
        if event.name == "VFREEBUSY":
            yield from _of_freebusy(event)
        elif _is_busy(event):
            known = moved.get(str(event.get("UID", "")), set()) if "RECURRENCE-ID" not in event else set()
            yield from _of_event(event, known, within, steps)


def _is_busy(event: Any) -> bool:
    text = {name: str(event.get(name, "")).upper() for name in ("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS")}
    return text["STATUS"] != "CANCELLED" and text["TRANSP"] != "TRANSPARENT" and text["X-MICROSOFT-CDO-BUSYSTATUS"] != "FREE"


def _of_freebusy(event: Any) -> Iterator[Slot]:
    given = event.get("FREEBUSY", [])
    for period in given if isinstance(given, list) else [given]:
        if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
            yield _period(period.dt)


def _of_event(event: Any, moved: set[datetime | date], within: Slot, steps: Steps) -> Iterator[Slot]:
    """Each occurrence; of one with its end given every occurrence lasts exactly as long, over the changes of the clocks too."""
    if "DTSTART" not in event:
        raise NotUnderstood
    start = event["DTSTART"].dt
    is_day = not isinstance(start, datetime)
    length = _length(event, start)
    left_out = moved | {_moment(one.dt) for dates in _listed(event.get("EXDATE")) for one in dates.dts}
    for moment in _moments(event, start, length, within, steps):
        slot = _all_day(moment, length) if is_day else Slot(moment, moment + length)
        # Some systems leave out a whole day of an event that has hours.
        if (moment if is_day else slot.starts_at) not in left_out and slot.day not in left_out:
            yield slot
    for dates in _listed(event.get("RDATE")):
        for one in dates.dts:
            steps.take()
            if isinstance(one.dt, tuple):
                yield _period(one.dt)
            elif (moment := _moment(one.dt)) not in left_out:
                yield _all_day(moment, length) if not isinstance(moment, datetime) else Slot(moment, moment + length)


def _length(event: Any, start: datetime | date) -> timedelta:
    if "DTEND" in event:
        end = event["DTEND"].dt
        if isinstance(end, datetime) != isinstance(start, datetime):
            raise NotUnderstood
        return _moment(end) - _moment(start)
    if "DURATION" in event:
        return event["DURATION"].dt
    return timedelta() if isinstance(start, datetime) else timedelta(days=1)


def _moments(event: Any, start: datetime | date, length: timedelta, within: Slot, steps: Steps) -> Iterator[datetime | date]:
    """DTSTART itself, then what the rule gives in the time zone of the event."""
    first = _moment(start)
    yield first
    if "RRULE" not in event:
        return
    if isinstance(event["RRULE"], list):
        raise NotUnderstood
    parts = {str(name).upper(): values if isinstance(values, list) else [values] for name, values in event["RRULE"].items()}
    until = parts.get("UNTIL", [None])[0]
    rule: Rule = read_rule(parts)
    begins = start.date() if isinstance(start, datetime) else start
    around = max(length, timedelta()) + timedelta(days=2)
    for day in days_of(rule, begins, (within.starts_at - around).date(), (within.ends_at + timedelta(days=2)).date(), steps):
        moment = _moment(datetime.combine(day, start.time(), start.tzinfo)) if isinstance(start, datetime) else day
        if until is not None and _is_after(moment, day, until):
            return
        if moment != first:
            yield moment


def _is_after(moment: datetime | date, day: date, until: datetime | date) -> bool:
    if isinstance(until, datetime) and isinstance(moment, datetime):
        return moment > _moment(until)
    return day > (until.date() if isinstance(until, datetime) else until)


def _moment(at: datetime | date) -> Any:
    """An instant in UTC, or the day; a time without a zone is Finland's."""
    if not isinstance(at, datetime):
        return at
    return (at if at.tzinfo else at.replace(tzinfo=FINLAND)).astimezone(UTC)


def _all_day(day: Any, length: timedelta) -> Slot:
    return day_slot(day, day + max(length, timedelta(days=1)) - timedelta(days=1))


def _period(pair: tuple[datetime, Any]) -> Slot:
    starts = _moment(pair[0])
    return Slot(starts, starts + pair[1] if isinstance(pair[1], timedelta) else _moment(pair[1]))


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given] if given is not None else []
