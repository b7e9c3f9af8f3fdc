"""Why the portal counts 46 municipalities and the source 44."""
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from pilots.queries.totals import Total, network_totals
from pilots.views.members import KINDS_IN_PLURAL

# What each total of the source counts, by its code.
LABELS: dict[str, str | Promise] = {
    "areas": gettext_lazy("Pilot areas"),
    "municipalities": KINDS_IN_PLURAL["municipality"],
    "joint-authorities": KINDS_IN_PLURAL["joint_authority"],
    "limited-companies": KINDS_IN_PLURAL["limited_company"],
    "universities-of-applied-sciences": KINDS_IN_PLURAL["uas"],
    "municipal-enterprises": KINDS_IN_PLURAL["municipal_enterprise"],
}


@dataclass(frozen=True)
class TotalRow:
    label: str | Promise
    total: Total


@require_safe
def totals(request: HttpRequest) -> HttpResponse:
    figures = network_totals()
    context = {
        "breadcrumbs": [(_("Areas"), reverse("pilots:area_list")), (_("The network in figures"), None)],
        "figures": figures,
        "rows": [TotalRow(LABELS.get(total.quoted.code, total.quoted.quote), total) for total in figures.totals],
        "sources": dict.fromkeys(total.quoted.source for total in figures.totals),
    }
    return render(request, "pilots/network_totals.html", context)
