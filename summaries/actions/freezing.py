"""Freezes the figures of a month that has ended."""
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pilots.models import Municipality
from summaries.choices import Part, ScopeKind
from summaries.models import SummarySnapshot
from summaries.queries.counting import count_figures, vocabulary
from summaries.queries.figures import NETWORK, Scope, all_figures, next_month

ROWS_AT_ONCE = 2000


def last_ended(day: date) -> date:
    """The first day of the latest month that had ended on `day`."""
    return (day.replace(day=1).replace(month=day.month - 1) if day.month > 1 else date(day.year - 1, 12, 1)).replace(day=1)


@transaction.atomic
def freeze_month(month: date, *, today: date) -> int:
    """How many figures were frozen: none when the month was frozen before. Nothing is ever counted again.

    Of the network, every area and every municipality of today. Raises ValidationError for any other month than the one that ended
    last: how things were before that cannot be counted any more.
    """
    if month != last_ended(today):
        raise ValidationError(_("Only the month that ended last can be frozen: %(month)s. How things were earlier cannot be counted any more.") % {"month": f"{last_ended(today):%Y-%m}"})
    if SummarySnapshot.objects.filter(month=month).exists():
        return 0
    words, places = vocabulary(), Municipality.objects.on(today)
    counts = count_figures(set(Part) - {Part.OVERVIEW}, next_month(month), places=places)
    figures = all_figures(words.goals, words.forms)
    scopes = [NETWORK, *(Scope(ScopeKind.AREA, area.slug) for area in words.areas), *(Scope(ScopeKind.MUNICIPALITY, code) for code in places.order_by("code").values_list("code", flat=True))]
    rows = [SummarySnapshot(month=month, figure=figure.code, kind=scope.kind, code=scope.code, value=counts[figure.code, scope], frozen_on=today) for scope in scopes for figure in figures if figure.is_of(scope.kind)]
    SummarySnapshot.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    return len(rows)


def freeze_ended_month(now: datetime) -> int:
    """The clock's job: as soon as a month has ended."""
    today = timezone.localdate(now)
    return freeze_month(last_ended(today), today=today)
