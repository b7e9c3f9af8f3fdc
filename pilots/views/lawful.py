"""The register of what the law already allows."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pilots.models import LawfulCooperation


@require_safe
def lawful_list(request: HttpRequest) -> HttpResponse:
    rows = list(LawfulCooperation.objects.all())
    context = {
        "checked": [row for row in rows if row.is_checked],
        "unchecked": [row for row in rows if not row.is_checked],
        "breadcrumbs": [(_("Obstacles and proposals"), reverse("pilots:obstacle_list")), (_("What the law already allows"), None)],
    }
    return render(request, "pilots/lawful_list.html", context)
