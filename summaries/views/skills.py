"""Which skill needs of the areas the shared courses answer."""
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.templatetags.kopa import name as name_of
from pilots.queries.network import areas_in_order
from summaries.queries.skills import Answer, answered, needs_of


@require_safe
def skill_answers(request: HttpRequest) -> HttpResponse:
    """Of all areas or of one, and only with one answer when it is asked for: `?area=suupohja&answer=not`."""
    areas = list(areas_in_order())
    asked, wanted = request.GET.get("area", ""), request.GET.get("answer", "")
    area = next((one for one in areas if one.slug == asked), None)
    rows = answered(needs_of(area), request.acting)
    counts = {answer: sum(row.answer == answer for row in rows) for answer in Answer}
    shown = [row for row in rows if wanted not in Answer.values or row.answer == wanted]
    count = len(shown)
    context = {
        "breadcrumbs": [(_("Cooperation models"), reverse("pilots:model_list")), (_("Skill needs and shared courses"), None)],
        "areas": areas,
        "area": area,
        "rows": shown,
        "count_text": ngettext("%(count)s skill need", "%(count)s skill needs", count) % {"count": count},
        "answers": [(answer.label, number, f"?{urlencode({'area': area.slug if area else '', 'answer': answer.value})}", answer == wanted) for answer, number in counts.items()],
        "all_url": f"?{urlencode({'area': area.slug})}" if area else "?",
        "is_narrowed": wanted in Answer.values,
        "area_name": name_of(area) if area else "",
    }
    return render(request, "summaries/skill_answers.html", context)
