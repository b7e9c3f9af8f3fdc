"""Times out of calendars and lists of other systems: the same as a general evaluator reads, and nothing that never ends."""
import time as clock
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from itertools import islice

import pytest
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday
from django.core.exceptions import ValidationError
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from services.busy.files import LARGEST, read_busy
from services.busy.recurrence import WEEKDAYS, NotUnderstood, Steps, days_of, read_rule
from services.queries.times import Slot

WITHIN = Slot(datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


def ics(*lines: str, events: str = "") -> bytes:
    own = "\r\n".join(["BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", ""]) if lines else ""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{own}{events}END:VCALENDAR\r\n".encode()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def read(content: bytes) -> list[tuple[datetime, datetime]]:
    return [(slot.starts_at, slot.ends_at) for slot in read_busy(content, WITHIN, "kopa.example.org")]


def test_weekly_time_keeps_its_hour_over_both_changes_of_the_clocks():
    found = read(ics("DTSTART;TZID=Europe/Helsinki:20261022T090000", "DTEND;TZID=Europe/Helsinki:20261022T110000", "RRULE:FREQ=WEEKLY;COUNT=24"))

    assert len(found) == 24
    assert {(starts.hour, starts.month in range(4, 11) or starts < utc(2026, 10, 25)) for starts, _ends in found if utc(2026, 10, 25) > starts} == {(6, True)}
    assert found[1] == (utc(2026, 10, 29, 7), utc(2026, 10, 29, 9))
    assert found[-1] == (utc(2027, 4, 1, 6), utc(2027, 4, 1, 8))


def test_night_of_the_change_lasts_as_long_as_it_does():
    assert read(ics("DTSTART;TZID=Europe/Helsinki:20270327T220000", "DTEND;TZID=Europe/Helsinki:20270328T060000")) == [(utc(2027, 3, 27, 20), utc(2027, 3, 28, 3))]
    assert read(ics("DTSTART;TZID=Europe/Helsinki:20261024T220000", "DTEND;TZID=Europe/Helsinki:20261025T060000")) == [(utc(2026, 10, 24, 19), utc(2026, 10, 25, 4))]


@pytest.mark.parametrize(
    "lines,expected",
    [
        (["DTSTART;VALUE=DATE:20270328", "DTEND;VALUE=DATE:20270329"], [(utc(2027, 3, 27, 22), utc(2027, 3, 28, 21))]),
        (["DTSTART;VALUE=DATE:20270601"], [(utc(2027, 5, 31, 21), utc(2027, 6, 1, 21))]),
        (["DTSTART:20270601T100000", "DURATION:PT90M"], [(utc(2027, 6, 1, 7), utc(2027, 6, 1, 8, 30))]),
        (["DTSTART;TZID=FLE Standard Time:20270601T100000", "DTEND:20270601T083000Z"], [(utc(2027, 6, 1, 7), utc(2027, 6, 1, 8, 30))]),
        (["DTSTART;TZID=Europe/Stockholm:20270601T100000", "DTEND;TZID=Europe/Stockholm:20270601T110000"], [(utc(2027, 6, 1, 8), utc(2027, 6, 1, 9))]),
        (["DTSTART:20270601T100000Z"], []),
        (["DTSTART:20270601T100000Z", "DTEND:20270601T110000Z", "STATUS:CANCELLED"], []),
        (["DTSTART:20270601T100000Z", "DTEND:20270601T110000Z", "TRANSP:TRANSPARENT"], []),
        (["UID:booking-7@kopa.example.org", "DTSTART:20270601T100000Z", "DTEND:20270601T110000Z"], "own"),
        (["DTSTART:20200101T100000Z", "DTEND:20400101T110000Z"], [(WITHIN.starts_at, WITHIN.ends_at)]),
    ],
    ids=["all day in spring", "day without an end", "floating with a duration", "zone by its Windows name", "another zone", "no length", "cancelled", "transparent", "our own", "longer than we look"],
)
def test_event_is_read_as_the_standard_has_it(lines, expected):
    content = ics(*lines)
    if expected == "own":
        assert read(content.replace(b"UID:1\r\n", b"")) == []
        assert len(read(content.replace(b"UID:1\r\n", b"").replace(b"kopa.", b"other."))) == 1
    else:
        assert read(content) == expected


def test_single_dates_of_a_series_are_moved_cancelled_left_out_and_added():
    series = ics(
        "DTSTART;TZID=Europe/Helsinki:20270104T090000", "DTEND;TZID=Europe/Helsinki:20270104T100000", "RRULE:FREQ=WEEKLY;UNTIL=20270201T070000Z",
        "EXDATE;TZID=Europe/Helsinki:20270111T090000", "RDATE;TZID=Europe/Helsinki:20270106T120000",
        events="BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=Europe/Helsinki:20270118T090000\r\nDTSTART;TZID=Europe/Helsinki:20270119T130000\r\nDTEND;TZID=Europe/Helsinki:20270119T140000\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=Europe/Helsinki:20270125T090000\r\nDTSTART;TZID=Europe/Helsinki:20270125T090000\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n",
    )  # fmt: skip

    assert [starts for starts, _ends in read(series)] == [utc(2027, 1, 4, 7), utc(2027, 1, 6, 10), utc(2027, 1, 19, 11), utc(2027, 2, 1, 7)]


def test_list_is_read_as_people_write_it():
    book = Workbook()
    for row in (["Päivä", "Alkaa", "Päättyy", "Loppupäivä", "Varaaja"], [date(2027, 6, 1), time(9), time(11, 30), None, "Keksitty Nimi"], ["4.6.2027", "klo 16", "24", "6.6.2027", ""]):
        book.active.append(row)
    packed = BytesIO()
    book.save(packed)
    expected = [(utc(2027, 6, 1, 6), utc(2027, 6, 1, 8, 30)), (utc(2027, 6, 4, 13), utc(2027, 6, 6, 21))]

    assert read(packed.getvalue()) == expected
    assert read("Päivä;Alkaa;Päättyy;Loppupäivä\n1.6.2027;9.00;11.30;\n2027-06-04;16;24;6.6.2027\n".encode("cp1252")) == expected
    with pytest.raises(ValidationError, match="2"):
        read(b"Day;Starts;Ends\n1.6.2027;9;yksi\n")


SECONDLY = ["DTSTART:20270601T100000Z", "DTEND:20270601T100001Z", "RRULE:FREQ=SECONDLY"]


@pytest.mark.parametrize(
    "content,code",
    [
        (ics(*SECONDLY), "rule"),
        (ics("DTSTART:20270601T100000Z", "DTEND:20270601T110000Z", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"), "rule"),
        (ics(events="BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260101T100000Z\r\nDTEND:20260101T110000Z\r\nRRULE:FREQ=DAILY;COUNT=99999\r\nEND:VEVENT\r\n" * 900), "rule"),
        (ics(events="BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 20_000), "too_much"),
        (ics("DTSTART:vappu"), "rule"),
        (ics("DTSTART;VALUE=DATE:20270601", "DTEND:20270601T100000Z"), "rule"),
        (b"BEGIN:VCALENDAR\r\n" * 5_000, "broken"),
        (b"x" * (LARGEST + 1), "too_large"),
        (b"<!doctype html><title>Kirjaudu</title>", "one_column"),
        (b"PK\x03\x04" + b"\x00" * 100, "broken"),
    ],
    ids=["secondly", "by hour", "too many steps", "too many events", "no day", "a day and an hour", "nested for ever", "too large", "a page to sign in", "broken workbook"],
)
def test_what_cannot_be_read_is_refused_in_time(content, code):
    began = clock.monotonic()

    with pytest.raises(ValidationError) as refused:
        read(content)

    assert refused.value.code == code
    assert clock.monotonic() - began < 30


def test_rule_that_never_matches_ends():
    for text in ("FREQ=DAILY;INTERVAL=7;BYDAY=SU", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6"):
        rule = read_rule({name: value.split(",") for name, value in (part.split("=") for part in text.split(";"))})
        assert list(days_of(rule, date(1900, 1, 1), date(2026, 1, 1), date(2028, 1, 1), Steps(20_000))) == []
    with pytest.raises(NotUnderstood):
        list(days_of(read_rule({"FREQ": ["DAILY"], "COUNT": [10**6]}), date(1900, 1, 1), date(2026, 1, 1), date(2028, 1, 1), Steps(1000)))


FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}


@st.composite
def rules(draw) -> dict[str, list]:
    frequency = draw(st.sampled_from(list(FREQUENCIES)))
    parts: dict[str, list] = {"FREQ": [frequency], "INTERVAL": [draw(st.integers(1, 4))], "WKST": [draw(st.sampled_from(["MO", "SU"]))]}
    # All with a number or none: a mixture the general evaluator reads as “both”, against the standard.
    numbers = draw(st.sampled_from([st.just(""), st.sampled_from(["1", "2", "-1", "5"])])) if frequency in ("MONTHLY", "YEARLY") else st.just("")
    if draw(st.booleans()):
        parts["BYDAY"] = draw(st.lists(st.builds(str.__add__, numbers, st.sampled_from(WEEKDAYS)), min_size=1, max_size=3, unique=True))
    if frequency != "WEEKLY" and draw(st.booleans()) and not any(one[:-2] for one in parts.get("BYDAY", [])):
        parts["BYMONTHDAY"] = draw(st.lists(st.sampled_from([1, 13, 29, 30, 31, -1, -3]), min_size=1, max_size=2, unique=True))
    if draw(st.booleans()):
        parts["BYMONTH"] = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True))
    if frequency != "DAILY" and len(parts) > 3 and draw(st.booleans()):
        parts["BYSETPOS"] = draw(st.lists(st.sampled_from([1, 2, -1]), min_size=1, max_size=2, unique=True))
    if draw(st.booleans()):
        parts["COUNT"] = [draw(st.integers(1, 40))]
    return parts


@settings(max_examples=80, deadline=None)
@given(rules(), st.dates(date(2024, 1, 1), date(2026, 6, 30)))
def test_rule_gives_the_days_of_a_general_evaluator(parts, start):
    names = {"BYMONTHDAY": "bymonthday", "BYMONTH": "bymonth", "BYSETPOS": "bysetpos"}
    weekdays = [weekday(WEEKDAYS.index(one[-2:]), int(one[:-2])) if one[:-2] else weekday(WEEKDAYS.index(one)) for one in parts.get("BYDAY", [])]
    first, last = date(2026, 1, 1), date(2027, 12, 31)
    if parts["FREQ"] == ["WEEKLY"] and "BYSETPOS" in parts:
        # From the middle of a week the general evaluator takes the positions of what is left of it; the standard leaves open which.
        start -= timedelta(days=(start.weekday() - WEEKDAYS.index(parts["WKST"][0])) % 7)
    # The general evaluator goes on to the year 9999 over a rule that matches nothing.
    assume(next(days_of(read_rule(parts), start, start, start + timedelta(days=30 * 366), Steps(10**6)), None))
    general = rrule(
        FREQUENCIES[parts["FREQ"][0]], dtstart=datetime.combine(start, time()), interval=parts["INTERVAL"][0], wkst=WEEKDAYS.index(parts["WKST"][0]), byweekday=weekdays or None,
        until=datetime.combine(last, time()), **{own: parts[name] for name, own in names.items() if name in parts},
    )  # fmt: skip
    expected = [moment.date() for moment in islice(general, parts.get("COUNT", [None])[0]) if moment.date() >= first]

    assert list(days_of(read_rule(parts), start, first, last, Steps(100_000))) == expected
