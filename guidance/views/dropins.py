"""Talks at the service square: logged in seconds, without a name, on the page that lists those of today."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guidance.actions.drop_ins import log_drop_in
from guidance.forms.dropins import DropInForm
from guidance.forms.outcomes import refused
from guidance.queries.drop_ins import drop_ins_of, own_partnerships
from guidance.reading import client_page
from guidance.views.pathways import INVALID, posted

MOST_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def drop_in_list(request: HttpRequest) -> HttpResponse:
    """No client is on this page: a talk names nobody until it becomes a pathway's first event."""
    request.reading.counts_only()
    partnerships = list(own_partnerships(request.acting))
    form = DropInForm(posted(request) if partnerships else None, partnerships=partnerships)
    if form.is_valid():
        try:
            log_drop_in(by=request.acting, **form.values())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The talk is logged."))
            return redirect("guidance:drop_in_list")
    today = timezone.localdate()
    rows = list(drop_ins_of(request.acting, today)[:MOST_SHOWN])
    context = {
        "form": form,
        "rows": rows,
        "has_partnership": bool(partnerships),
        "opens": {one.pk for one in partnerships if one.process_organisation_id == request.acting.organisation_id},
        "count_text": ngettext("%(count)s talk today", "%(count)s talks today", len(rows)) % {"count": len(rows)},
        "breadcrumbs": [(_("Waiting for me"), reverse("guidance:waiting")), (_("Drop-in talks"), "")],
    }
    return render(request, "guidance/dropin_list.html", context, status=INVALID if form.is_bound and form.errors else 200)
