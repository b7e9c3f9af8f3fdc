"""To what the pathways of an organisation can be narrowed, and what their groups are called."""
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from guidance.choices import EducationBackground, ProgrammeKind, TargetGroup
from guidance.models import Partnership, Programme
from pilots.models import Municipality, Organisation
from summaries.choices import AgeGroup, FactKind, GroupBy
from summaries.queries.figures import next_month
from summaries.queries.pathway_counts import GroupWords
from summaries.queries.pathway_lists import Narrowed, facts_to_open

# What stands in an address of what is not known.
NOT_KNOWN = "none"


@dataclass(frozen=True)
class PathwayChoices:
    """Each as (code, name); `months` from the first to the last, without a gap."""

    partnerships: list[Partnership]
    organisations: list[tuple[str, str]]
    municipalities: list[tuple[str, str]]
    measures: list[tuple[str, str]]
    months: list[date]

    def chosen(self, slug: str) -> Partnership | None:
        """The one that is asked for, or the only one there is."""
        return next((one for one in self.partnerships if one.slug == slug), None) if slug else self.partnerships[0] if len(self.partnerships) == 1 else None

    def words(self, by: str) -> GroupWords:
        """How groups are told, and which filters lead to each."""
        names = {
            GroupBy.ORGANISATION: dict(self.organisations),
            GroupBy.MUNICIPALITY: dict(self.municipalities) | {"": _("Not known, or not disclosed")},
            GroupBy.MEASURE: dict(self.measures) | {"": _("No measure")},
            GroupBy.AGE: dict(AgeGroup.choices),
            GroupBy.BACKGROUND: dict(EducationBackground.choices),
            GroupBy.TARGET_GROUP: dict(TargetGroup.choices) | {"": _("no target group")},
        }.get(GroupBy(by), {})

        def name(key: Any) -> str:
            return date_format(key, "YEAR_MONTH_FORMAT") if by == GroupBy.MONTH else capfirst(str(names.get(code(key), code(key))))

        def asked(key: Any) -> dict[str, str]:
            return {"first": f"{key:%Y-%m}", "last": f"{key:%Y-%m}"} if by == GroupBy.MONTH else {by: code(key) or NOT_KNOWN}

        return GroupWords(by, name, asked)


def code(key: Any) -> str:
    return "" if key is None else str(key)


def choices_of(organisation_id: int) -> PathwayChoices:
    """Five queries, and one more for what the source says of each partnership."""
    takes_part = Q(parts__organisation=organisation_id) | Q(process_organisation=organisation_id)
    partnerships = list(Partnership.objects.filter(takes_part).distinct().order_by("slug").prefetch_related("quoted_figures"))
    opened = facts_to_open(organisation_id, Narrowed(), FactKind.OPENED)
    rows = list(opened.values_list("owner", "municipality_code").annotate(Min("month")).order_by())
    places = Municipality.objects.filter(code__in={place for _owner, place, *_more in rows if place}).order_by()
    owners = Organisation.objects.filter(pk__in={owner for owner, *_more in rows}).order_by()
    measures = Programme.objects.filter(partnership__in=partnerships, kind=ProgrammeKind.MEASURE)
    return PathwayChoices(
        partnerships=partnerships,
        organisations=_by_name((str(one.pk), one.name) for one in owners),
        municipalities=_by_name((one.code, one.name) for one in places),
        measures=[(str(one.pk), one.name) for one in measures],
        months=_months(min((first for *_rest, first in rows), default=None)),
    )


def _by_name(pairs) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1])


def _months(first: date | None) -> list[date]:
    """Up to this one."""
    found, today = [], timezone.localdate()
    while first and first <= today:
        found.append(first)
        first = next_month(first)
    return found
