"""The pages of a client about themselves: each is one transaction with its row in the read log, as in `guidance.reading`.

`own_page` wraps each of them. Who has no account of a client gets the 404 of a page that does not exist; a second factor
is always asked, and never kept is what is shown. Where the session did not begin with a strong identification, the page
opens in the demo, or when a reason for that has been recorded with the account; otherwise only the next appointment and
its contact are shown.
"""
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from accounts.identification import identified
from accounts.identity_providers import providers_for
from accounts.second_factor import ask_second_factor
from guidance.choices import LogAction, Purpose
from guidance.models import ClientAccount, Pathway
from guidance.queries.own_next import next_appointment
from guidance.reading import asked_for, log_access
from guidance.registries import before_pages

FIRST_PAGE = "own:path"
# Of a client who was guided in several partnerships or several times: more are not shown on one page.
MOST_PATHWAYS = 20


def own_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """View decorator; see the module's text. Gives `request.own_account` and `request.own_pathways`, open ones first and then the newest."""

    @wraps(view)
    @login_required
    @never_cache
    def page(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        account = ClientAccount.objects.select_related("client").filter(user=request.user.pk).first()
        if account is None:
            _log_refusal(request, asked_for(kwargs))
            raise Http404
        request.own_account = account
        # A strong identification is made of two factors itself.
        if not identified(request) and (instead := ask_second_factor(request, "guidance/own_second_factor.html")) is not None:
            return instead
        for do in before_pages:
            do()
        try:
            with transaction.atomic():
                request.own_pathways = own_pathways(account)
                if not is_known(request, account):
                    response = _next_only(request)
                else:
                    response = view(request, *args, **kwargs)
                log_access(request, LogAction.OWN, Purpose.OWN, [pathway.pseudonym for pathway in request.own_pathways])
        except Http404:
            own = {pathway.pseudonym for pathway in request.own_pathways}
            _log_refusal(request, [pseudonym for pseudonym in asked_for(kwargs) if pseudonym not in own])
            raise
        return response

    return page


def _log_refusal(request: HttpRequest, pseudonyms: list[str]) -> None:
    """Whoever asks for somebody else's page is in the log; what does not exist is nobody's."""
    if pseudonyms:
        log_access(request, LogAction.REFUSAL, Purpose.OWN, pseudonyms)


def own_pathways(account: ClientAccount) -> list[Pathway]:
    rows = Pathway.objects.filter(client=account.client_id).select_related("partnership", "process_owner", "process_person__user")
    newest = sorted(rows.order_by("-opened_at", "-pk")[:MOST_PATHWAYS], key=lambda pathway: pathway.closed_at is not None)
    for pathway in newest:
        pathway.client = account.client
    return newest


def is_known(request: HttpRequest, account: ClientAccount) -> bool:
    """Whether it is certain enough who reads."""
    return settings.DEMO or account.local_reason != "" or identified(request)


def _next_only(request: HttpRequest) -> HttpResponse:
    if request.resolver_match.view_name != FIRST_PAGE:
        return redirect(FIRST_PAGE)
    found = next_appointment([pathway.pk for pathway in request.own_pathways], timezone.now())
    return render(request, "guidance/own_next_only.html", {"found": found, "providers": providers_for("clients")})
