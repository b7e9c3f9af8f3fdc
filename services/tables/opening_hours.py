"""Opening hours as one line of text: “ma-pe 8-16, la 10-14; 1.6.2027-15.8.2027: ma-pe 9-15”, in Finnish, Swedish or English."""
import re
from collections.abc import Iterable
from datetime import date, time

from django.utils.translation import get_language

from services.models import OpeningHours
from services.tables.cells import Wrong, read_day, read_time
from services.tables.headers import folded

# Each language's short names, Monday first; two letters mean the same day in all three.
SHORT = {"fi": "ma ti ke to pe la su", "sv": "må ti on to fr lö sö", "en": "Mon Tue Wed Thu Fri Sat Sun"}
LONG = (
    "ma mo mon monday maanantai maanantaisin man mandag mandagar", "ti tu tue tues tuesday tiistai tiistaisin tis tisdag tisdagar",
    "ke we wed wednesday keskiviikko keskiviikkoisin on ons onsdag onsdagar", "to th thu thurs thursday torstai torstaisin tor tors torsdag torsdagar",
    "pe fr fri friday perjantai perjantaisin fre fredag fredagar", "la sa sat saturday lauantai lauantaisin lo lor lordag lordagar", "su so sun sunday sunnuntai sunnuntaisin son sondag sondagar",
)  # fmt: skip
DAY_OF = {word: number for number, words in enumerate(LONG, 1) for word in words.split()}
SEASON = re.compile(r"\s*([0-9. ]+[0-9])\s*-\s*([0-9. ]+[0-9])\s*:(.*)")
STRETCH = re.compile(r"([^\W\d_]+)\.?(?:\s*-\s*([^\W\d_]+)\.?)?\s+(?:klo|kl\.?)?\s*([0-9]{1,2}(?:[.:][0-9]{2})?)\s*-\s*([0-9]{1,2}(?:[.:][0-9]{2})?)")
MOST = 60
MIDNIGHT = 24 * 60


def read_hours(text: str) -> list[OpeningHours]:
    """Rows without their resource; `Wrong`: "hours" for what is no such line, or hours of a day that overlap."""
    rows: list[OpeningHours] = []
    for part in filter(str.strip, text.replace("–", "-").replace("—", "-").split(";")):
        first = last = None
        if found := SEASON.fullmatch(part):
            first, last, part = _day(found[1]), _day(found[2]), found[3]
            if last < first:
                raise Wrong("hours")
        for piece in part.split(","):
            rows += _of_piece(piece.strip(), first, last)
    for one in rows:
        if sum(_overlap(one, other) for other in rows) > 1:
            raise Wrong("hours")
    if len(rows) > MOST:
        raise Wrong("hours")
    return rows


def _day(text: str) -> date:
    try:
        found = read_day(text)
    except Wrong:
        found = None
    if found is None:
        raise Wrong("hours")
    return found


def _of_piece(piece: str, first: date | None, last: date | None) -> list[OpeningHours]:
    found = STRETCH.fullmatch(piece)
    if not found:
        raise Wrong("hours")
    begin, end = (DAY_OF.get(folded(word)) for word in (found[1], found[2] or found[1]))
    try:
        opens, closes = read_time(found[3]), read_time(found[4])
    except Wrong:
        raise Wrong("hours") from None
    if begin is None or end is None or end < begin or opens is None or closes is None or (closes != time(0) and closes <= opens) or found[3].startswith("24"):
        raise Wrong("hours")
    return [OpeningHours(weekday=day, opens=opens, closes=closes, first_day=first, last_day=last) for day in range(begin, end + 1)]


def _overlap(one: OpeningHours, other: OpeningHours) -> bool:
    if (one.weekday, one.first_day, one.last_day) != (other.weekday, other.first_day, other.last_day):
        return False
    return _minutes(one.opens) < (_minutes(other.closes) or MIDNIGHT) and _minutes(other.opens) < (_minutes(one.closes) or MIDNIGHT)


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def written_hours(rows: Iterable[OpeningHours]) -> str:
    """As `read_hours` reads it, in the reader's language; days in a row with the same hours are written together."""
    names = SHORT.get((get_language() or "fi")[:2], SHORT["fi"]).split()
    seasons: dict[tuple, dict[tuple, list[int]]] = {}
    for row in rows:
        seasons.setdefault((row.first_day, row.last_day), {}).setdefault((row.opens, row.closes), []).append(row.weekday)
    parts = []
    for (first, last), hours in sorted(seasons.items(), key=lambda one: one[0][0] or date.min):
        pieces = [(run[0], opens, f"{names[run[0] - 1]}{'-' + names[run[-1] - 1] if len(run) > 1 else ''} {_time(opens)}-{_time(closes, is_end=True)}") for (opens, closes), days in hours.items() for run in _runs(days)]
        text = ", ".join(piece for _day, _opens, piece in sorted(pieces))
        parts.append(f"{_written(first)}-{_written(last)}: {text}" if first and last else text)
    return "; ".join(parts)


def _runs(days: list[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in sorted(set(days)):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _time(at: time, is_end: bool = False) -> str:
    if is_end and at == time(0):
        return "24"
    return f"{at.hour}.{at.minute:02}" if at.minute else str(at.hour)


def _written(day: date) -> str:
    return f"{day.day}.{day.month}.{day.year}"
