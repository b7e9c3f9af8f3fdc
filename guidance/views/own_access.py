"""The counsellor's side of the client's own page: the invitation, the one-time link, and answers to what the client wrote."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guidance.actions.own_account import give_way_back
from guidance.actions.own_entries import answer_entry
from guidance.actions.own_invitations import invite_client, make_appointment_link, resend_client_invitation, revoke_appointment_link, revoke_client_invitation
from guidance.forms.outcomes import refused
from guidance.forms.own import AppointmentLinkForm, ClientInvitationForm, EntryAnswerForm, WayBackForm
from guidance.models import AppointmentLink, ClientEntry, ClientInvitation, Pathway
from guidance.permissions import may_invite_client
from guidance.queries.own_access import account_of, last_invitation_of, open_appointment_links, why_no_use
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.pathways import breadcrumbs, conflict, form_page, get_of, posted
from services.conflicts import Conflict

FORM = ["GET", "HEAD", "POST"]


def _page(pathway: Pathway) -> str:
    return reverse("guidance:own_access", args=[pathway.pseudonym])


def _inviters_pathway(request: HttpRequest, pseudonym: str) -> Pathway:
    pathway = get_pathway_for(request, pseudonym)
    if not may_invite_client(request.acting, pathway):
        raise Refused([pathway.pseudonym])
    return pathway


@require_safe
@client_page
def own_access(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Whether the client has an own page, how the invitation stands, and what can be done about it."""
    pathway = get_pathway_for(request, pseudonym)
    invitation = last_invitation_of(pathway.client)
    may_invite = may_invite_client(request.acting, pathway)
    context = {
        "pathway": pathway,
        "account": account_of(pathway.client),
        "invitation": invitation,
        "why": why_no_use(invitation, timezone.now()) if invitation else "",
        "may_invite": may_invite,
        "links": open_appointment_links(pathway, timezone.now()) if may_invite else [],
        "breadcrumbs": breadcrumbs(pathway, (_("The client's own page"), "")),
    }
    return render(request, "guidance/own_access.html", context)


@require_http_methods(FORM)
@client_page
def own_invite(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = _inviters_pathway(request, pseudonym)
    initial = {"language": pathway.client.service_language, "email": pathway.client.email}
    form = ClientInvitationForm(posted(request), initial=initial)
    if form.is_valid():
        try:
            invite_client(by=request.acting, pathway=pathway, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The invitation is on its way. Its link works for 14 days."))
            return redirect(_page(pathway))
    return form_page(request, "guidance/own_invite.html", pathway, form, _("Invite the client to an own page"))


@require_POST
@client_page
def own_resend(request: HttpRequest, pseudonym: str) -> HttpResponse:
    return _change(request, pseudonym, resend_client_invitation, _("The invitation is on its way with a new link. The old one no longer works."))


@require_POST
@client_page
def own_revoke(request: HttpRequest, pseudonym: str) -> HttpResponse:
    return _change(request, pseudonym, revoke_client_invitation, _("The invitation is revoked. Its link no longer works."))


def _change(request: HttpRequest, pseudonym: str, action, said: str) -> HttpResponse:
    pathway = _inviters_pathway(request, pseudonym)
    invitation = ClientInvitation.objects.open().filter(client=pathway.client_id).first()
    try:
        if invitation is None:
            raise ValidationError(_("No invitation is open. Look at how it stands now."))
        action(by=request.acting, pathway=pathway, invitation=invitation, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said)
    return redirect(_page(pathway))


@require_http_methods(FORM)
@client_page
def own_way_back(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """For a client who has lost the second factor: a paper with a link, as with the link to an appointment."""
    pathway = _inviters_pathway(request, pseudonym)
    form = WayBackForm(posted(request), initial={"language": pathway.client.service_language})
    if form.is_valid():
        try:
            address = give_way_back(by=request.acting, pathway=pathway, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return render(request, "guidance/own_way_back_paper.html", {"pathway": pathway, "address": address, "breadcrumbs": breadcrumbs(pathway, (_("The client's own page"), _page(pathway)))})
    return form_page(request, "guidance/own_way_back.html", pathway, form, _("A new second step for the client"))


@require_http_methods(FORM)
@client_page
def own_link(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """The address is told once, on the paper that answers the form: only its hash is kept."""
    pathway = _inviters_pathway(request, pseudonym)
    form = AppointmentLinkForm(posted(request), initial={"language": pathway.client.service_language, "email": pathway.client.email})
    if form.is_valid():
        try:
            link, address = make_appointment_link(by=request.acting, pathway=pathway, now=timezone.now(), email=form.cleaned_data["email"], language=form.cleaned_data["language"])
        except ValidationError as error:
            refused(form, error)
        else:
            if form.cleaned_data["email"]:
                messages.success(request, _("The link is on its way. It opens once."))
                return redirect(_page(pathway))
            return render(request, "guidance/own_link_paper.html", {"pathway": pathway, "link": link, "address": address, "breadcrumbs": breadcrumbs(pathway, (_("The client's own page"), _page(pathway)))})
    return form_page(request, "guidance/own_link.html", pathway, form, _("A link to the next appointment"))


@require_POST
@client_page
def own_link_revoke(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    pathway = _inviters_pathway(request, pseudonym)
    link = get_of(pathway, AppointmentLink.objects.all(), pk)
    try:
        revoke_appointment_link(by=request.acting, pathway=pathway, link=link, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The link no longer works."))
    return redirect(_page(pathway))


@require_http_methods(FORM)
@client_page
def entry_answer(request: HttpRequest, pseudonym: str, pk: int) -> HttpResponse:
    """What the client wrote, and the answer."""
    pathway = get_pathway_for(request, pseudonym)
    entry = get_of(pathway, ClientEntry.objects.with_answer_due().select_related("event", "answer", "step", "answered_by__user", "answered_by__organisation"), pk)
    form = EntryAnswerForm(posted(request), entry=entry)
    if form.is_valid():
        try:
            answer_entry(by=request.acting, entry=entry, text=form.cleaned_data["text"], now=timezone.now())
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Done. The client sees it on the own page."))
            return redirect(pathway)
    return form_page(request, "guidance/own_answer.html", pathway, form, _("The client has written"), entry=entry)
