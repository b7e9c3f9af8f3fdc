"""The pilot areas: their list with the map, and each one's page."""
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.templatetags.kopa import name as name_of
from pilots.filters import AreaFilterSet, named
from pilots.models.base import sort_field
from pilots.permissions import may_edit_area
from pilots.queries import contacts, network
from pilots.queries.goals import area_progress
from pilots.queries.maps import map_areas, map_areas_of_round
from pilots.queries.related import areas_near
from pilots.queries.skills import needs_of_area
from pilots.registries import area_actions, area_sections
from pilots.views.listing import chosen_sort, list_context
from pilots.views.maps import area_picture, area_rows, network_picture
from pilots.views.members import MemberGroup, MemberRow


@dataclass(frozen=True)
class AreaText:
    """A text that an area may have of its own, in a field of each language; `id` is the field and the anchor."""

    id: str
    heading: Promise


AREA_TEXTS = (
    AreaText("description", gettext_lazy("What the area does")),
    AreaText("challenge", gettext_lazy("Challenge")),
    AreaText("readiness", gettext_lazy("Readiness")),
    AreaText("objectives", gettext_lazy("The area’s own objectives")),
)


@require_safe
def area_list(request: HttpRequest) -> HttpResponse:
    sorts = {"name": _("by name"), "number": _("in the source’s order")}
    filterset = AreaFilterSet(
        request.GET, network.areas_in_order(), region=named(network.regions(), "code"), form=named(network.education_forms(), "code")
    )
    order = "number" if chosen_sort(request, sorts) == "number" else sort_field()
    areas = list(filterset.qs.order_by(order))
    shown = map_areas(areas)
    context = list_context(request, shown, filterset, sorts)
    context |= {
        "rows": area_rows(context["page_obj"].object_list) if areas else "",
        "count_text": ngettext("%(count)s pilot area", "%(count)s pilot areas", len(areas)) % {"count": len(areas)},
        "network_map": network_picture(shown) if areas else None,
        "round": areas[0].round if areas else None,
    }
    return render(request, "pilots/area_list.html", context)


@require_safe
def area_detail(request: HttpRequest, slug: str) -> HttpResponse:
    found = network.area_with_members(slug)
    if found is None:
        raise Http404
    area, own, areas = found.area, found.members, map_areas_of_round(found.area.round_id)
    context = {
        "breadcrumbs": [(_("Areas"), reverse("pilots:area_list")), (name_of(area), None)],
        "area": area,
        "groups": [MemberGroup.of(kind, rows, areas, found.forms_of) for kind, rows in network.by_kind(own)],
        "municipality_count": (municipality_count := sum(map(network.is_municipality, own))),
        "other_count": len(own) - municipality_count,
        "left": [MemberRow.of(row, areas) for row in found.left],
        "texts": [text for text in AREA_TEXTS if getattr(area, f"{text.id}_fi") or getattr(area, f"{text.id}_sv")],
        "sources": dict.fromkeys([area.source, *(row.source for row in own)]),
        "education_forms": found.education_forms,
        "goals": area_progress(area, network.goals()),
        "contacts": contacts.of_area(area),
        "area_map": area_picture(areas, area.number) if any(map(network.has_place, own)) else None,
        "may_edit": may_edit_area(request.acting, area),
        "near": areas_near(area.number, areas),
        "skill_needs": needs_of_area(area),
        "more_actions": [action(area) for action in area_actions],
        "more_sections": [section for ask in area_sections if (section := ask(request, area))],
    }
    return render(request, "pilots/area_detail.html", context)
