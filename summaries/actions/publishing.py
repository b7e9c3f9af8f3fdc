"""Freezes the tables of clients of a month that has ended: counted, judged as one system with what was told before, and kept."""
import logging
from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from summaries.actions.freezing import ROWS_AT_ONCE, last_ended
from summaries.models import PublishedCell
from summaries.queries.published_before import counted_today, numbers_before
from summaries.queries.published_counts import MonthCounts, count_month
from summaries.queries.published_links import Cell, linked_month, months_to_link
from summaries.queries.published_tables import NETWORK, earlier
from summaries.suppression import SMALLEST, Linked, hidden

logger = logging.getLogger(__name__)


def publish_month(month: date, *, today: date, hide: bool = False) -> int:
    """How many cells were frozen: none when the month was frozen before.

    Raises ValidationError for a month that has not ended, or one before a month that is frozen already: what was told later could not
    be taken back. Everything is counted and judged before the first row is written, so that the database waits for no programme.
    `hide`: no number is told, for the month may have been told once with others.
    """
    if month > last_ended(today) or month.day != 1:
        raise ValidationError(_("Only a month that has ended can be frozen: the last is %(month)s.") % {"month": f"{last_ended(today):%Y-%m}"})
    latest = PublishedCell.objects.order_by("-month").values_list("month", flat=True).first()
    if latest == month or (latest and PublishedCell.objects.filter(month=month).exists()):
        return 0
    if latest and latest > month:
        raise ValidationError(_("%(month)s is frozen already, and an earlier month can no longer be.") % {"month": f"{latest:%Y-%m}"})
    made = count_month(month)
    told = _all_hidden(month, made) if hide else _judged(month, made)
    with transaction.atomic():
        PublishedCell.objects.bulk_create(
            [PublishedCell(month=month, table=cell.table, partnership=cell.partnership, column=cell.column, count=count, frozen_on=today) for cell, count in told.items()],
            batch_size=ROWS_AT_ONCE,
        )
    return len(told)


def _judged(month: date, made: MonthCounts) -> dict[Cell, int | None]:
    """What may be told of the month: None of what is hidden."""
    rows = PublishedCell.objects.filter(month__in=months_to_link(month)).values_list("month", "table", "partnership", "column", "count")
    kept = {Cell(day, table, slug, column): count for day, table, slug, column, count in rows}
    hidden_before = [cell for cell, count in kept.items() if count is None]
    try:
        linked = linked_month(month, made, numbers_before(month, kept, counted_today(hidden_before)))
    except ValueError as error:
        logger.warning("All tables of clients of %s are hidden: %s.", month, error)
        return _all_hidden(month, made)
    new = new_cells(linked, month)
    secret = hidden_of(linked, new)
    return {cell: None if cell in secret else linked.counts[cell] for cell in new}


def _all_hidden(month: date, made: MonthCounts) -> dict[Cell, int | None]:
    return dict.fromkeys(new_cells(linked_month(month, made, {}), month))


def new_cells(linked: Linked, month: date) -> list[Cell]:
    return [cell for cell in linked.counts if cell.month == month and not cell.extra]


def publish_since(first: date, *, today: date) -> int:
    """Every month from `first` to the one that ended last, where none has been frozen yet: of each what its dates tell."""
    if PublishedCell.objects.exists():
        return 0
    months = (last_ended(today).year - first.year) * 12 + last_ended(today).month - first.month
    return sum(publish_month(earlier(first, -number), today=today) for number in range(months + 1))


def hidden_of(linked: Linked, new: Iterable[Cell]) -> set[Cell]:
    """Part by part: cells that no sum joins tell nothing of each other. Where what was told before leaves no way, nothing new is told."""
    secret: set[Cell] = set()
    for part in linked.parts():
        try:
            secret |= _hidden_from_partners(part, hidden(part))
        except ValueError as error:
            logger.warning("Tables of clients are hidden as a whole: %s.", error)
            secret |= part.counts.keys()
    return secret & set(new)


def _hidden_from_partners(part: Linked, secret: Iterable[Cell]) -> set[Cell]:
    """Also from whoever works in a partnership, and so knows all its counts: with them they take nothing out of what is told of the others."""
    secret = set(secret)
    for slug in sorted({cell.partnership for cell in part.counts} - {NETWORK}):
        told = {**part.told, **dict.fromkeys(secret, False), **{cell: True for cell in part.counts if cell.partnership == slug}}
        others = {cell for cell, count in part.counts.items() if 0 < count < SMALLEST and cell.partnership not in (slug, NETWORK)}
        secret |= hidden(Linked(part.counts, part.sums, told), protected=others)
    return secret


def publish_ended_month(now: datetime) -> int:
    """The clock's job: as soon as a month has ended."""
    today = timezone.localdate(now)
    return publish_month(last_ended(today), today=today)
