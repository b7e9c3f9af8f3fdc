"""Opening hours and names as people read them."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.text import capfirst

from services.choices import Weekday


class Named(NamedTuple):
    """What has a name, for the tag `name`; the rest of it has not been read."""

    name_fi: str
    name_sv: str
    name_en: str = ""


@dataclass(frozen=True)
class Season:
    """Hours by weekday, of a season or (without its days) of the rest of the year."""

    first_day: date | None
    last_day: date | None
    days: list[tuple[str, str]]


def hours_written(opens: time, closes: time) -> str:
    """Midnight as an end is written 24."""
    return f"{date_format(opens, 'TIME_FORMAT')}–{'24' if closes == time(0) else date_format(closes, 'TIME_FORMAT')}"


def week_of_hours(rows: Iterable) -> list[Season]:
    """Rows of hours by season, weekdays with the same hours following each other told together."""
    seasons: dict[tuple, dict[int, list]] = {}
    for row in rows:
        seasons.setdefault((row.first_day, row.last_day), {}).setdefault(row.weekday, []).append((row.opens, row.closes))
    found = []
    for (first_day, last_day), by_day in seasons.items():
        days: list[tuple[list[int], str]] = []
        for weekday in sorted(by_day):
            text = ", ".join(hours_written(*one) for one in sorted(by_day[weekday]))
            if days and days[-1][1] == text and days[-1][0][-1] == weekday - 1:
                days[-1][0].append(weekday)
            else:
                days.append(([weekday], text))
        found.append(Season(first_day, last_day, [(_days(numbers), text) for numbers, text in days]))
    return sorted(found, key=lambda season: season.first_day or date.min)


def _days(numbers: list[int]) -> str:
    first, last = Weekday(numbers[0]).label, Weekday(numbers[-1]).label
    return capfirst(first) if len(numbers) == 1 else f"{capfirst(first)}–{last}"


def slot_words(slot: dict) -> str:
    """A weekly slot as `models.Wish` keeps it: Tuesday 9.00–11.00."""
    return f"{capfirst(str(Weekday(slot['weekday']).label))} {hours_written(time.fromisoformat(slot['starts']), time.fromisoformat(slot['ends']))}"
