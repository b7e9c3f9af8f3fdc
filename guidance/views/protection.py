"""Non-disclosure for personal safety: it begins, it ends, and who is named for it."""
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guidance.actions.clients import name_people, protect_client, unprotect_client
from guidance.forms.clients import ProtectForm
from guidance.forms.consents import NamedPeopleForm, UnprotectForm
from guidance.forms.outcomes import refused
from guidance.models import Pathway
from guidance.permissions import may_see_protected_details
from guidance.queries.pathway_people import counsellors_of
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.pathways import conflict, form_page, posted
from services.conflicts import Conflict

FORM = ["GET", "HEAD", "POST"]


def _pathway_of_the_named(request: HttpRequest, pseudonym: str) -> Pathway:
    """To whom it is not told, the page is as missing as the client's contact details."""
    pathway = get_pathway_for(request, pseudonym)
    if not may_see_protected_details(request.acting, pathway):
        raise Refused([pathway.pseudonym])
    return pathway


@require_http_methods(FORM)
@client_page
def client_protect(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = _pathway_of_the_named(request, pseudonym)
    if pathway.client.is_protected and request.method != "POST":
        return redirect("guidance:client_unprotect", pathway.pseudonym)
    form = ProtectForm(posted(request), people=counsellors_of(pathway), acting=request.acting, initial={"contact_address": pathway.client.contact_address})
    if form.is_valid():
        try:
            protect_client(by=request.acting, pathway=pathway, contact_address=form.cleaned_data["contact_address"], named_people=list(form.cleaned_data["named_people"]))
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Non-disclosure is on. Only the contact address is kept."))
            return redirect(pathway)
    return form_page(request, "guidance/client_protect.html", pathway, form, _("Put the client under non-disclosure?"), danger=True)


@require_http_methods(FORM)
@client_page
def client_unprotect(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """By one of the named people, with a coded reason."""
    pathway = _pathway_of_the_named(request, pseudonym)
    if not pathway.client.is_protected and request.method != "POST":
        messages.info(request, _("This client is not under non-disclosure."))
        return redirect(pathway)
    form = UnprotectForm(posted(request))
    if form.is_valid():
        try:
            unprotect_client(by=request.acting, pathway=pathway, reason=form.cleaned_data["reason"])
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Non-disclosure has ended. Ask the client for telephone, address and municipality anew."))
            return redirect(pathway)
    return form_page(request, "guidance/client_unprotect.html", pathway, form, _("End the non-disclosure?"), danger=True)


@require_http_methods(FORM)
@client_page
def client_named_people(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Who sees what is hidden under non-disclosure. A person who takes themselves off sees it no more."""
    pathway = _pathway_of_the_named(request, pseudonym)
    if not pathway.client.is_protected and request.method != "POST":
        messages.info(request, _("This client is not under non-disclosure."))
        return redirect(pathway)
    named = list(pathway.client.named_people.values_list("pk", flat=True))
    form = NamedPeopleForm(posted(request), people=counsellors_of(pathway), initial={"named_people": named})
    if form.is_valid():
        try:
            name_people(by=request.acting, pathway=pathway, people=list(form.cleaned_data["named_people"]))
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("From now on these people, and nobody else, see what is hidden."))
            return redirect(pathway)
    return form_page(request, "guidance/client_named_people.html", pathway, form, _("Who sees what is hidden"))
