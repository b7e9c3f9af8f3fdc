"""What a client sees of who has read and who may read: the log in plain words, the grounds body by body, and a consent taken back."""
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.consents import withdraw_own_consent
from guidance.models import Consent
from guidance.own import own_page
from guidance.queries.consents import what_withdrawal_ends
from guidance.queries.own_bodies import access_of
from guidance.queries.own_readings import own_readings, told_of
from pilots.models import Organisation
from pilots.queries.keyset import MOST_COUNTED


def _crumbs(*more) -> list:
    return [(_("My path"), reverse("own:path")), *more]


@require_safe
@own_page
def reading_list(request: HttpRequest) -> HttpResponse:
    page = own_readings(request.own_account, request.own_pathways, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    count = _("more than %(count)d times") % {"count": MOST_COUNTED} if page.count > MOST_COUNTED else ngettext("%(count)d time", "%(count)d times", page.count) % {"count": page.count}
    context = {"page": page, "page_obj": page, "count_text": count, "told": [] if page.before else told_of(request.own_pathways), "breadcrumbs": _crumbs((_("Who has read about me"), None))}
    return render(request, "guidance/own_reading_list.html", context)


@require_safe
@own_page
def access_list(request: HttpRequest) -> HttpResponse:
    context = {"bodies": access_of(request.own_pathways), "breadcrumbs": _crumbs((_("Who may read about me"), None))}
    return render(request, "guidance/own_access_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def consent_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """To an organisation of the portal, whether or not the consent was written down."""
    return _withdraw(request, organisation=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@own_page
def consent_withdraw_outside(request: HttpRequest, pk: int) -> HttpResponse:
    consent = Consent.objects.in_force().filter(pathway__in=request.own_pathways, organisation=None, pk=pk).first()
    if consent is None:
        raise Http404
    return _withdraw(request, outside=consent.outside)


def _withdraw(request: HttpRequest, organisation: int | None = None, outside: str = "") -> HttpResponse:
    """Says beforehand what ends, and what goes on because it rests on law."""
    body = next((one for one in access_of(request.own_pathways) if one.may_withdraw and (one.organisation_id, one.outside) == (organisation, outside)), None)
    if body is None:
        raise Http404
    receiver = Organisation.objects.get(pk=organisation) if organisation else None
    if request.method == "POST":
        withdraw_own_consent(by_user=request.user, pathway=body.pathway, organisation=receiver, outside=outside)
        messages.success(request, _("The consent is withdrawn. From this moment on they are told nothing more."))
        return redirect("own:access_list")
    context = {
        "body": body, "ends": what_withdrawal_ends(body.pathway, receiver, outside), "danger": True, "cancel_url": reverse("own:access_list"),
        "breadcrumbs": _crumbs((_("Who may read about me"), reverse("own:access_list")), (_("Withdraw a consent"), None)),
    }  # fmt: skip
    return render(request, "guidance/own_consent_withdraw.html", context)
