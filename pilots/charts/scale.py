"""Round numbers along an axis."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from django.utils.formats import number_format


def ticks(values: Iterable[float], most: int = 4) -> list[float]:
    """Round numbers that hold all values between the first and the last. From nought, unless all values lie far from it."""
    low, high = min(values := list(values)), max(values)
    if 0 <= low <= high * 0.6:
        low = 0
    elif high <= 0:
        high = 0
    if low == high:
        low, high = (low - 1, high + 1) if low else (0, 1)
    step = _round_step((high - low) / most)
    first, last = floor(low / step), ceil(high / step)
    return [round(place * step, 10) for place in range(first, last + 1)]


def _round_step(rough: float) -> float:
    power = 10 ** floor(log10(rough))
    return next(times * power for times in (1, 2, 2.5, 5, 10) if times * power >= rough * 0.999)


def tick_text(value: float) -> str:
    decimals = 0 if value == int(value) else 1 if round(value, 1) == value else 2
    return number_format(round(value, decimals), decimals, force_grouping=True)


def year_ticks(first: int, last: int) -> list[int]:
    """The first and the last year, and round ones between them that leave room."""
    span = last - first
    step = next((one for one in (1, 2, 5, 10, 20) if span / one <= 5), 50)
    between = [year for year in range(first - first % step, last, step) if year - first >= step * 0.7 and last - year >= step * 0.7]
    return sorted({first, *between, last})


def month_number(year: int, month: int) -> int:
    """Months as whole numbers, one after another."""
    return year * 12 + month - 1


def month_text(number: int) -> str:
    return f"{number % 12 + 1}/{number // 12}"


def month_ticks(first: int, last: int) -> list[int]:
    """The first and the last month, and one between them when there is room."""
    return sorted({first, last} | ({(first + last) // 2} if last - first >= 4 else set()))


@dataclass(frozen=True)
class Axis:
    """What whole numbers along the way are called, and which of them are written."""

    ticks: Callable[[int, int], list[int]]
    text: Callable[[int], str]


YEARS, MONTHS = Axis(year_ticks, str), Axis(month_ticks, month_text)
