"""Municipalities: their list, and each one's page."""
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.choices import LanguageStatus, Permission
from pilots.filters import MunicipalityFilterSet, named
from pilots.models import AreaMembership, Municipality, Region
from pilots.models.base import sort_field
from pilots.permissions import may
from pilots.queries import contacts, municipalities, network
from pilots.queries.availability import availability
from pilots.queries.indicators import POPULATION, Figures, measure
from pilots.queries.similar import similar_municipalities
from pilots.registries import municipality_actions
from pilots.views.environment import trend_of
from pilots.views.listing import chosen_sort, list_context


@dataclass(frozen=True)
class MunicipalityRow:
    municipality: Municipality
    region: Region | None
    memberships: list[AreaMembership]

    @property
    def languages(self) -> str:
        return LanguageStatus(self.municipality.language_status).label if self.municipality.language_status else ""


@require_safe
def municipality_list(request: HttpRequest) -> HttpResponse:
    sorts = {"name": _("by name"), "code": _("by code")}
    regions = list(network.regions())
    filterset = MunicipalityFilterSet(request.GET, municipalities.municipalities(), region=named(regions, "code"))
    order = "code" if chosen_sort(request, sorts) == "code" else sort_field()
    context = list_context(request, filterset.qs.order_by(order, "pk"), filterset, sorts)
    count = context["page_obj"].paginator.count
    context |= {
        "count_text": ngettext("%(count)s municipality", "%(count)s municipalities", count) % {"count": count},
        "rows": _rows(list(context["page_obj"]), regions),
        "may_keep_figures": may(request.acting, Permission.KEEP_FIGURES),
    }
    return render(request, "pilots/municipality_list.html", context)


def _rows(shown: list[Municipality], regions: list[Region]) -> list[MunicipalityRow]:
    memberships = municipalities.memberships_of(shown) if shown else {}
    region_of = {region.pk: region for region in regions}
    return [MunicipalityRow(one, region_of.get(one.region), memberships.get(one.pk, [])) for one in shown]


@require_safe
def municipality_detail(request: HttpRequest, code: str) -> HttpResponse:
    facts = municipalities.municipality_facts(code)
    if facts is None:
        raise Http404
    population = measure(POPULATION)
    trend = trend_of(population, [Figures([facts.municipality], [population]).series(population, [facts.municipality])], [facts.municipality.name]) if population else None
    similar, offered = similar_municipalities(facts.municipality), availability(facts.municipality)
    may_edit = may(request.acting, Permission.EDIT_OWN_AREA) and request.acting.area_id in facts.area_ids
    edit_area = request.acting.area if may_edit else None
    context = {
        "breadcrumbs": [(_("Municipalities"), reverse("pilots:municipality_list")), (facts.municipality.name, None)],
        "facts": facts,
        "municipality": facts.municipality,
        "sources": dict.fromkeys([facts.municipality.source, *(origin.source for origin in (trend.origins if trend else ()))]),
        "availability": offered,
        "untold": [row.form for row in offered if not row.is_told],
        "edit_area": edit_area,
        "trend": trend,
        "similar": similar,
        "compare_url": f"{reverse('pilots:municipality_compare')}?{urlencode({'m': [code, *(one.municipality.code for one in similar)]}, doseq=True)}",
        "contacts": list(contacts.of_municipality(facts.municipality, facts.area_ids)),
        "more_actions": [action(facts.municipality) for action in municipality_actions],
    }
    return render(request, "pilots/municipality_detail.html", context)
