"""An organisation's own times of keeping, and what goes next by them."""
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.actions.retention import set_retention
from guidance.choices import RETAINED_FROM, RETAINED_THEN, LogAction, Retained
from guidance.forms.rights import RetentionForm
from guidance.models import EndedPathways, RetentionRule
from guidance.queries.retention import WARNED_BEFORE, due_rows, dues, months_of
from guidance.views.pathways import INVALID, posted
from guidance.views.readings import Subject
from guidance.views.rights import FORM, answering, crumbs

MOST_SHOWN = 50


@require_http_methods(FORM)
@answering
def retention(request: HttpRequest) -> HttpResponse:
    form = RetentionForm(posted(request), initial=months_of(request.acting.organisation_id))
    if form.is_valid():
        request.reading.counts_only()
        set_retention(by=request.acting, months=form.cleaned_data)
        messages.success(request, _("The times have been saved."))
        return redirect("guidance:retention")
    today = timezone.localdate()
    found = [(rule, due_rows(rule, today + WARNED_BEFORE)) for rule in RetentionRule.objects.filter(organisation=request.acting.organisation_id)]
    count = sum(rows.count() for _rule, rows in found)
    due = [(rule.get_what_display(), one) for rule, rows in found for one in dues(rule, rows[:MOST_SHOWN])][:MOST_SHOWN]
    request.reading.show([Subject(one.pseudonym) for _what, one in due], action=LogAction.LIST)
    context = {
        "form": form, "cancel_url": reverse("guidance:rights_list"), "due": due, "more": count - len(due), "days": WARNED_BEFORE.days,
        "kinds": [(one.label, RETAINED_FROM[one], RETAINED_THEN[one]) for one in Retained],
        "erased": EndedPathways.objects.filter(partnership__process_organisation=request.acting.organisation_id).select_related("partnership"),
        "breadcrumbs": crumbs((_("Times of keeping"), "")),
    }  # fmt: skip
    return render(request, "guidance/retention.html", context, status=INVALID if form.errors else 200)
