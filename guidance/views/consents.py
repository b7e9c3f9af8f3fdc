"""On what ground each body is told about a client; a consent written down, and taken back."""
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.bases import restate_basis
from guidance.actions.consents import record_consent, withdraw_consent, withdrawers
from guidance.forms.consents import BasisForm, ConsentForm, WithdrawConsentForm
from guidance.forms.outcomes import refused
from guidance.models import Consent, Pathway
from guidance.permissions import may_see_pathway
from guidance.queries.consent_texts import consent_text, current_version
from guidance.queries.consents import bodies_that_can_be_told, consent_in_force, consents_of, grounds_of, text_of, what_withdrawal_ends
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.conflicts import conflict_page
from guidance.views.pathways import INVALID, breadcrumbs, form_page, get_of, posted
from pilots.models import Organisation
from services.conflicts import Conflict

FORM = ["GET", "HEAD", "POST"]


def _address(pathway: Pathway) -> str:
    return reverse("guidance:pathway_grounds", args=[pathway.pseudonym])


def _conflict(request: HttpRequest, error: Conflict, pathway: Pathway) -> HttpResponse:
    return conflict_page(request, error, back_url=_address(pathway), back_label=_("Look at the grounds and consents as they are now"))


@require_safe
@client_page
def pathway_grounds(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Each participation with its two bases, and each consent with the text that the client was shown."""
    pathway = get_pathway_for(request, pseudonym)
    consents = list(consents_of(pathway))
    sent_outside = withdrawers(pathway, None)
    context = {
        "pathway": pathway,
        "grounds": grounds_of(pathway, consents),
        "consents": [(consent, text_of(consent), _may_withdraw(request, pathway, consent, sent_outside)) for consent in consents],
        "is_open": pathway.closed_at is None,
        "acting_id": request.acting.organisation_id,
        "breadcrumbs": breadcrumbs(pathway, (_("Grounds and consents"), "")),
    }
    return render(request, "guidance/pathway_grounds.html", context)


def _may_withdraw(request: HttpRequest, pathway: Pathway, consent: Consent, sent_outside: set) -> bool:
    if consent.ended_at or pathway.closed_at:
        return False
    allowed = sent_outside if consent.organisation_id is None else {pathway.process_owner_id, consent.organisation_id}
    return request.acting.organisation_id in allowed


@require_http_methods(FORM)
@client_page
def basis_change(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """The own organisation's basis; how it is told follows the hand-off or the consent."""
    pathway = get_pathway_for(request, pseudonym)
    part = pathway.participations.filter(organisation=request.acting.organisation_id, ends_at=None).first()
    if part is None:
        messages.info(request, _("This pathway has ended: nobody is told about the client any more."))
        return redirect(_address(pathway))
    form = BasisForm(posted(request), part=part)
    if form.is_valid():
        try:
            restate_basis(by=request.acting, pathway=pathway, **form.cleaned_data)
        except Conflict as error:
            return _conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The basis is changed from now on. The client sees it on the own page."))
            return redirect(_address(pathway))
    return form_page(request, "guidance/basis_change.html", pathway, form, _("Change your organisation's basis"))


@require_http_methods(FORM)
@client_page
def consent_add(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Two steps and nothing stored between them: a POST shows the text in full, a second one writes the consent down."""
    pathway = get_pathway_for(request, pseudonym)
    if pathway.closed_at:
        messages.info(request, _("This pathway has ended: nobody is told about the client any more."))
        return redirect(_address(pathway))
    initial = {"token": uuid4(), "given_on": timezone.localdate(), "language": pathway.client.service_language, "organisation": request.GET.get("to", "")}
    form = ConsentForm(posted(request), bodies=bodies_that_can_be_told(pathway), initial=initial)
    phase = request.POST.get("phase", "")
    if form.is_valid() and phase != "back":
        if phase != "record":
            return _text_in_full(request, pathway, form)
        data = form.cleaned_data
        try:
            record_consent(by=request.acting, pathway=pathway, **{**data, "text_version": data["text_version"] or 0})
        except Conflict as error:
            return _conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The consent is written down, with the text that the client was shown."))
            return redirect(_address(pathway))
    return form_page(request, "guidance/consent_add.html", pathway, form, _("Write a consent down")) if phase != "back" else _again(request, pathway, form)


def _again(request: HttpRequest, pathway: Pathway, form: ConsentForm) -> HttpResponse:
    """Back to the first step: nothing is lost, and nothing is wrong yet."""
    again = ConsentForm(bodies=list(form.fields["organisation"].bodies.values()), initial={name: request.POST.getlist(name) if name == "sections" else request.POST.get(name, "") for name in form.fields})
    return form_page(request, "guidance/consent_add.html", pathway, again, _("Write a consent down"))


def _text_in_full(request: HttpRequest, pathway: Pathway, form: ConsentForm) -> HttpResponse:
    data = form.cleaned_data
    context = {
        "pathway": pathway,
        "form": form,
        "text": consent_text(version=current_version(), language=data["language"], scope=data["scope"], receiver=data["organisation"].name, until=data["valid_until"], sections=data["sections"]),
        "receiver": data["organisation"],
        "replaced": consent_in_force(pathway, data["organisation"].pk),
        "sent_on": [name for name in form.fields if name not in ("text_version", "replaces")],
        "cancel_url": _address(pathway),
        "breadcrumbs": breadcrumbs(pathway, (_("Write a consent down"), "")),
    }
    return render(request, "guidance/consent_preview.html", context)


@require_http_methods(FORM)
@client_page
def consent_withdraw(request: HttpRequest, pseudonym: str, organisation: int) -> HttpResponse:
    """The client takes back the consent to telling an organisation, whether or not it was written down."""
    pathway = get_pathway_for(request, pseudonym)
    found = next((body for body in bodies_that_can_be_told(pathway, been_told=True) if body.pk == organisation), None)
    if found is None:
        raise Refused([pathway.pseudonym])
    return _withdraw(request, pathway, found, "")


@require_http_methods(FORM)
@client_page
def consent_withdraw_outside(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    consent = get_of(pathway, Consent.objects.filter(organisation=None), pk)
    return _withdraw(request, pathway, None, consent.outside)


def _withdraw(request: HttpRequest, pathway: Pathway, organisation: Organisation | None, outside: str) -> HttpResponse:
    """Says beforehand what ends; what is done is found anew under the lock, by the same question."""
    if request.acting.organisation_id not in withdrawers(pathway, organisation):
        raise PermissionDenied
    ends = what_withdrawal_ends(pathway, organisation, outside)
    if request.method != "POST" and ends.is_empty:
        messages.info(request, _("Nothing rests on this consent any more."))
        return redirect(_address(pathway))
    form = WithdrawConsentForm(posted(request))
    if form.is_valid():
        try:
            withdraw_consent(by=request.acting, pathway=pathway, organisation=organisation, outside=outside, reason=form.cleaned_data["reason"])
        except Conflict as error:
            return _conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The consent is withdrawn. From this moment on they are told nothing more."))
            return redirect(_address(pathway)) if may_see_pathway(request.acting, Pathway.objects.get(pk=pathway.pk)) else redirect("guidance:waiting")
    context = {
        "pathway": pathway, "form": form, "ends": ends, "organisation": organisation, "outside": outside, "danger": True, "cancel_url": _address(pathway),
        "breadcrumbs": breadcrumbs(pathway, (_("Grounds and consents"), _address(pathway)), (_("Withdraw a consent"), "")),
    }
    return render(request, "guidance/consent_withdraw.html", context, status=INVALID if form.is_bound and form.errors else 200)
