"""Behind the figures of use: the bookings and enrolments themselves, and the flow between areas and organisations. For Kuntaliitto's staff."""
from collections import Counter
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.charts import Band, flow_chart
from pilots.choices import Permission
from pilots.filters import named
from pilots.models import Municipality, Organisation, PilotArea
from pilots.permissions import permission_required
from pilots.queries.network import areas_in_order
from pilots.views.listing import list_context
from services.queries.use import members_of
from summaries.choices import Lent
from summaries.filters import LentFilterSet, what_of
from summaries.queries.figures import period_of_use
from summaries.queries.lending import flow_between, lent

# As many pairs as can be told apart in a drawing; the table has them all.
MOST_DRAWN, MOST_IN_TABLE = 20, 500
AREA, MUNICIPALITY, ORGANISATION = "area", "municipality", "organisation"


@require_safe
@permission_required(Permission.MODERATE)
def use_list(request: HttpRequest) -> HttpResponse:
    first_day, until = period_of_use(timezone.localdate())
    what = what_of(request.GET)
    filterset = LentFilterSet(request.GET, lent(what, first_day, until), area=named(areas_in_order(), "slug"))
    context = list_context(request, filterset.qs, filterset)
    count = context["page_obj"].paginator.count
    words = ngettext("%(count)s enrolment", "%(count)s enrolments", count) if what == Lent.ENROLMENTS else ngettext("%(count)s booking", "%(count)s bookings", count)
    context |= {
        "count_text": words % {"count": count},
        "rows": [_row(one, what) for one in context["page_obj"]],
        "is_bookings": what == Lent.BOOKINGS,
        "first_day": first_day,
        "until": until,
        "breadcrumbs": [(_("Areas"), reverse("pilots:area_list")), (_("Network summary"), reverse("summaries:network_summary") + "?part=use"), (_("Bookings and enrolments"), None)],
    }
    return render(request, "summaries/use_list.html", context)


@dataclass(frozen=True)
class Row:
    one: object
    service: object
    lender: Organisation


def _row(one, what: str) -> Row:
    if what == Lent.ENROLMENTS:
        return Row(one, one.run.service, one.run.service.organisation)
    return Row(one, one.service, one.resource.owner)


@dataclass(frozen=True)
class Flow:
    """One line of the table; `crosses` where the two sides differ."""

    lender: object
    borrower: object
    count: int

    @property
    def crosses(self) -> bool:
        return self.lender != self.borrower


@require_safe
@permission_required(Permission.MODERATE)
def use_flow(request: HttpRequest) -> HttpResponse:
    """Who lends to whom: between areas, home municipalities or organisations. What stays within one is in the table and in no band."""
    first_day, until = period_of_use(timezone.localdate())
    what, by = what_of(request.GET), request.GET.get("by", AREA)
    by = by if by in (AREA, MUNICIPALITY, ORGANISATION) else AREA
    pairs = flow_between(lent(what, first_day, until))
    flows = [Flow(one, other, count) for (one, other), count in _sides(pairs, by).most_common()]
    drawn = [flow for flow in flows if flow.crosses][:MOST_DRAWN]
    bands = [Band(str(flow.lender), str(flow.borrower), flow.count) for flow in drawn]
    title = {AREA: _("Who lends to whom, by area"), MUNICIPALITY: _("Who lends to whom, by municipality"), ORGANISATION: _("Who lends to whom, by organisation")}[by]
    names = {AREA: _("between areas"), MUNICIPALITY: _("between municipalities"), ORGANISATION: _("between organisations")}
    context = {
        "title": title,
        "drawing": flow_chart("flow", title, _("Lenders on the left, borrowers on the right; the wider the band, the more was lent. The table below tells each number."), bands),
        "flows": flows[:MOST_IN_TABLE],
        "left_out": max(0, len(flows) - MOST_IN_TABLE),
        "ways": [(label, f"?by={code}&what={what}", code == by) for code, label in names.items()],
        "whats": [(Lent(one).label, f"?by={by}&what={one}", one == what) for one in Lent.values],
        "by_area": by == AREA,
        "total": sum(flow.count for flow in flows),
        "first_day": first_day,
        "until": until,
        "breadcrumbs": [(_("Areas"), reverse("pilots:area_list")), (_("Network summary"), reverse("summaries:network_summary") + "?part=use"), (_("Who lends to whom"), None)],
    }
    return render(request, "summaries/use_flow.html", context)


@dataclass(frozen=True)
class Elsewhere:
    """The side of what belongs to no area, or whose home is not known."""

    name: str

    def __str__(self) -> str:
        return self.name


def _sides(pairs: Counter[tuple[int, int]], by: str) -> Counter[tuple]:
    """Pairs of organisations put together. An organisation of several areas stands for itself in the one that has the lowest number."""
    keys = {key for pair in pairs for key in pair}
    organisations = {one.pk: one for one in Organisation.objects.filter(pk__in=keys).select_related("municipality").order_by()}
    if by == ORGANISATION:
        return Counter({(organisations[one], organisations[other]): count for (one, other), count in pairs.items()})
    side: dict[int, PilotArea | Municipality | Elsewhere] = {}
    if by == AREA:
        areas = list(areas_in_order())
        members = members_of(areas)
        none = Elsewhere(_("in no area"))
        side = {key: next((area for area in areas if key in members[area.pk]), none) for key in keys}
    else:
        unknown = Elsewhere(_("home not known"))
        side = {pk: one.municipality or unknown for pk, one in organisations.items()}
    found: Counter[tuple] = Counter()
    for (one, other), count in pairs.items():
        found[side[one], side[other]] += count
    return found
