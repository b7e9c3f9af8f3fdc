"""Organisations and units: the list of organisations, and the page of each."""
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.templatetags.kopa import name as name_of
from pilots.filters import OrganisationFilterSet, named
from pilots.models import Organisation, PilotArea, Unit
from pilots.models.base import sort_field
from pilots.queries import contacts, network, organisations
from pilots.views.listing import list_context


@dataclass(frozen=True)
class OrganisationRow:
    organisation: Organisation
    units: list[Unit]
    areas: list[PilotArea]


@require_safe
def organisation_list(request: HttpRequest) -> HttpResponse:
    memberships = organisations.membership_areas()
    filterset = OrganisationFilterSet(
        request.GET,
        organisations.organisations(),
        form=named(network.education_forms(), "code"),
        area=[(OrganisationFilterSet.ANY, _("any pilot area")), *named(organisations.areas_among(memberships), "slug")],
    )
    context = list_context(request, filterset.qs.order_by(sort_field(), "pk"), filterset)
    shown, count = list(context["page_obj"]), context["page_obj"].paginator.count
    units, areas = organisations.units_of(shown), organisations.areas_by_organisation(memberships)
    context |= {
        "count_text": ngettext("%(count)s organisation", "%(count)s organisations", count) % {"count": count},
        "rows": [OrganisationRow(one, units.get(one.pk, []), areas.get(one.pk, [])) for one in shown],
    }
    return render(request, "pilots/organisation_list.html", context)


@require_safe
def organisation_detail(request: HttpRequest, slug: str) -> HttpResponse:
    facts = organisations.organisation_facts(slug)
    if facts is None:
        raise Http404
    context = {
        "breadcrumbs": [(_("Organisations"), reverse("pilots:organisation_list")), (name_of(facts.organisation), None)],
        "facts": facts,
        "organisation": facts.organisation,
        "contacts": list(contacts.of_organisation(facts.organisation, facts.area_ids)),
    }
    return render(request, "pilots/organisation_detail.html", context)


@require_safe
def unit_detail(request: HttpRequest, slug: str) -> HttpResponse:
    facts = organisations.unit_facts(slug)
    if facts is None:
        raise Http404
    owner = facts.unit.owner
    context = {
        "breadcrumbs": [(_("Organisations"), reverse("pilots:organisation_list")), (name_of(owner), owner.get_absolute_url()), (name_of(facts.unit), None)],
        "facts": facts,
        "unit": facts.unit,
        "contacts": list(contacts.of_unit(facts.unit, facts.area_ids)),
    }
    return render(request, "pilots/unit_detail.html", context)
