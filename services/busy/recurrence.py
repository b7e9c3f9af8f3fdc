"""The days of a recurrence rule (RFC 5545, 3.3.10) within a stretch of time.

Written out here because a general evaluator goes on for ever over a rule that never matches: these steps are counted.
What booking systems write is understood; seconds, minutes, hours, weeks and days of a year are refused, not guessed.
"""
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
UNDERSTOOD = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}
LAST_YEAR = 2199


class NotUnderstood(ValueError):
    pass


class Steps:
    """What a whole file may cost; `NotUnderstood` beyond."""

    def __init__(self, most: int) -> None:
        self.left = most

    def take(self, count: int = 1) -> None:
        self.left -= count
        if self.left < 0:
            raise NotUnderstood


@dataclass(frozen=True)
class Rule:
    frequency: str
    interval: int
    count: int | None
    weekdays: tuple[tuple[int, int], ...]  # (which one, 0 for every; weekday from 0)
    month_days: tuple[int, ...]
    months: tuple[int, ...]
    positions: tuple[int, ...]
    week_start: int


def read_rule(parts: Mapping[str, list]) -> Rule:
    """Of a rule as icalendar reads it: names in capitals, values in lists."""
    if set(parts) - UNDERSTOOD:
        raise NotUnderstood
    try:
        rule = Rule(
            frequency=str(parts["FREQ"][0]).upper(), interval=int(parts.get("INTERVAL", [1])[0]), count=int(parts["COUNT"][0]) if "COUNT" in parts else None,
            weekdays=tuple(_weekday(str(one)) for one in parts.get("BYDAY", [])), month_days=tuple(int(one) for one in parts.get("BYMONTHDAY", [])),
            months=tuple(int(one) for one in parts.get("BYMONTH", [])), positions=tuple(int(one) for one in parts.get("BYSETPOS", [])), week_start=WEEKDAYS.index(str(parts.get("WKST", ["MO"])[0]).upper()),
        )  # fmt: skip
    except (KeyError, IndexError, ValueError, TypeError):
        raise NotUnderstood from None
    numbered = any(number for number, _day in rule.weekdays)
    if rule.frequency not in PERIODS or not 1 <= rule.interval <= 1000 or numbered and rule.frequency in ("DAILY", "WEEKLY") or rule.positions and rule.frequency == "DAILY" or rule.month_days and rule.frequency == "WEEKLY":
        raise NotUnderstood
    return rule


def _weekday(text: str) -> tuple[int, int]:
    return int(text[:-2] or 0), WEEKDAYS.index(text[-2:].upper())


def days_of(rule: Rule, start: date, first_day: date, last_day: date, steps: Steps) -> Iterator[date]:
    """Those from `start` on that fall between the two days, in order. A rule with a count is followed from its start."""
    found = 0
    ahead = 0 if rule.count is not None else max(0, (first_day - start).days // (LONGEST[rule.frequency] * rule.interval) - 1)
    while True:
        period = PERIODS[rule.frequency](rule, start, ahead * rule.interval)
        ahead += 1
        if period is None or period[0] > last_day:
            return
        steps.take(1 + len(period[1]))
        for day in _chosen(rule, sorted(set(period[1]))):
            if day < start:
                continue
            found += 1
            if rule.count is not None and found > rule.count or day > last_day:
                return
            if day >= first_day:
                yield day


def _chosen(rule: Rule, days: list[date]) -> list[date]:
    if not rule.positions:
        return days
    places = {position - 1 if position > 0 else len(days) + position for position in rule.positions}
    return [day for place, day in enumerate(days) if place in places]


def _day(rule: Rule, start: date, ahead: int) -> tuple[date, list[date]] | None:
    if (date(LAST_YEAR, 12, 31) - start).days < ahead:
        return None
    day = start + timedelta(days=ahead)
    fits = _in_months(rule, day) and (not rule.month_days or day in _month_days(rule, day.year, day.month)) and (not rule.weekdays or (0, day.weekday()) in rule.weekdays)
    return day, [day] if fits else []


def _week(rule: Rule, start: date, ahead: int) -> tuple[date, list[date]] | None:
    if (date(LAST_YEAR, 12, 31) - start).days < 7 * ahead:
        return None
    first = start - timedelta(days=(start.weekday() - rule.week_start) % 7) + timedelta(days=7 * ahead)
    wanted = {weekday for _number, weekday in rule.weekdays} or {start.weekday()}
    return first, [day for number in range(7) if (day := first + timedelta(days=number)).weekday() in wanted and _in_months(rule, day)]


def _month(rule: Rule, start: date, ahead: int) -> tuple[date, list[date]] | None:
    years, month = divmod(start.year * 12 + start.month - 1 + ahead, 12)
    if years > LAST_YEAR:
        return None
    first = date(years, month + 1, 1)
    return first, _of_month(rule, start, years, month + 1) if _in_months(rule, first) else []


def _year(rule: Rule, start: date, ahead: int) -> tuple[date, list[date]] | None:
    year = start.year + ahead
    if year > LAST_YEAR:
        return None
    if rule.months or rule.month_days:
        days = [day for month in rule.months or range(1, 13) for day in _of_month(rule, start, year, month)] if all(1 <= month <= 12 for month in rule.months) else []
    elif rule.weekdays:
        days = _of_weekdays(rule, [date(year, 1, 1) + timedelta(days=number) for number in range(366 if monthrange(year, 2)[1] == 29 else 365)])
    else:
        days = [date(year, start.month, start.day)] if start.day <= monthrange(year, start.month)[1] else []
    return date(year, 1, 1), days


def _of_month(rule: Rule, start: date, year: int, month: int) -> list[date]:
    whole = [date(year, month, day + 1) for day in range(monthrange(year, month)[1])]
    if rule.month_days:
        days = _month_days(rule, year, month)
        return [day for day in days if not rule.weekdays or day in _of_weekdays(rule, whole)]
    if rule.weekdays:
        return _of_weekdays(rule, whole)
    return whole[start.day - 1 : start.day]


def _of_weekdays(rule: Rule, whole: list[date]) -> list[date]:
    """Every Monday, the second one or the last one of a month or a year."""
    found = []
    for number, weekday in rule.weekdays:
        days = [day for day in whole if day.weekday() == weekday]
        found += days if number == 0 else days[number - 1 : number] if number > 0 else days[number : number + 1 or None] if -number <= len(days) else []
    return found


def _month_days(rule: Rule, year: int, month: int) -> list[date]:
    length = monthrange(year, month)[1]
    numbers = {number if number > 0 else length + 1 + number for number in rule.month_days}
    return [date(year, month, number) for number in sorted(numbers) if 1 <= number <= length]


def _in_months(rule: Rule, day: date) -> bool:
    return not rule.months or day.month in rule.months


PERIODS = {"DAILY": _day, "WEEKLY": _week, "MONTHLY": _month, "YEARLY": _year}
# The most days of a period: no occurrence is jumped over.
LONGEST = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 31, "YEARLY": 366}
