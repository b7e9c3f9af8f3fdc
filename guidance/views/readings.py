"""For the data protection officer: who has read about the organisation's clients. Each look is in the log itself."""
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.reading_rules import set_thresholds
from guidance.choices import LogAction, Purpose, ReadingRule
from guidance.forms.readings import ReadingFilterForm, ThresholdsForm
from guidance.queries.readings import people_named, readers, readings_of, readings_page
from guidance.queries.unusual import LOOKED_BACK, Found, thresholds_of, unusual_reading
from guidance.reading import client_page
from pilots.choices import Permission
from pilots.queries.keyset import MOST_COUNTED

supervised = client_page(purpose=Purpose.PROTECTION, permission=Permission.SUPERVISE_READING)

WHY = {
    ReadingRule.MANY_CLIENTS: gettext_lazy("One person opened the files of this many clients or more in one day. Lists do not count."),
    ReadingRule.NIGHT: gettext_lazy("One person opened files this many times or more between 22 and 6 of one day."),
    ReadingRule.OWN_NAME: gettext_lazy("The client has the same name as the reader. It may be the reader’s own file."),
    ReadingRule.SAME_SURNAME: gettext_lazy("The client has the reader’s surname. It may be a relative, or only a common name."),
}


@dataclass(frozen=True)
class Subject:
    pseudonym: str


@require_safe
@supervised
def reading_list(request: HttpRequest) -> HttpResponse:
    form = ReadingFilterForm(request.GET, readers=readers(request.acting))
    page = readings_page(request.acting, readings_of(request.acting, form.asked()), after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    shown = dict.fromkeys(pseudonym for row in page.rows for pseudonym in row.pseudonyms)
    request.reading.show(map(Subject, shown), action=LogAction.LIST)
    count = _("more than %(count)d rows") % {"count": MOST_COUNTED} if page.count > MOST_COUNTED else ngettext("%(count)d row", "%(count)d rows", page.count) % {"count": page.count}
    context = {
        "form": form, "filter_form": form, "page": page, "page_obj": page, "count_text": count,
        "is_narrowed": any(request.GET.get(name) for name in form.fields),
        "breadcrumbs": [(_("Read log"), None)],
    }  # fmt: skip
    return render(request, "guidance/reading_list.html", context)


@dataclass(frozen=True)
class HitRow:
    person: str
    day: object
    words: str
    url: str


@require_safe
@supervised
def reading_unusual(request: HttpRequest) -> HttpResponse:
    """Numbers and readers; which clients they are is in the log, a press away."""
    found = unusual_reading(request.acting, timezone.now())
    people = people_named({hit.user_id for one in found for hit in one.hits})
    request.reading.counts_only()
    context = {
        "rules": [(one, WHY[one.rule], _rows(one, people)) for one in found],
        "days": LOOKED_BACK.days,
        "breadcrumbs": [(_("Read log"), reverse("guidance:reading_list")), (_("Unusual reading"), None)],
    }
    return render(request, "guidance/reading_unusual.html", context)


def _rows(one: Found, people: dict[int, str]) -> list[HitRow]:
    here = reverse("guidance:reading_list")
    return [HitRow(people.get(hit.user_id, ""), hit.day, _counted(one.rule, hit.number), f"{here}?{urlencode({'person': hit.user_id, 'since': hit.day, 'until': hit.day})}") for hit in one.hits]


def _counted(rule: ReadingRule, number: int) -> str:
    if rule == ReadingRule.MANY_CLIENTS:
        return ngettext("%(count)d client", "%(count)d clients", number) % {"count": number}
    return ngettext("%(count)d opening", "%(count)d openings", number) % {"count": number}


@require_http_methods(["GET", "HEAD", "POST"])
@supervised
def reading_rules(request: HttpRequest) -> HttpResponse:
    request.reading.counts_only()
    form = ThresholdsForm(request.POST or None, initial={rule.value: number for rule, number in thresholds_of(request.acting.organisation_id).items()})
    if request.method == "POST" and form.is_valid():
        set_thresholds(by=request.acting, thresholds={ReadingRule(rule): number for rule, number in form.cleaned_data.items()})
        messages.success(request, _("The limits have been saved."))
        return redirect("guidance:reading_unusual")
    context = {
        "form": form, "cancel_url": reverse("guidance:reading_unusual"),
        "breadcrumbs": [(_("Read log"), reverse("guidance:reading_list")), (_("Unusual reading"), reverse("guidance:reading_unusual")), (_("Limits"), None)],
    }  # fmt: skip
    return render(request, "guidance/reading_rules.html", context, status=422 if form.errors else 200)
