"""Every page about clients is one transaction: authorise, read, write the log, render, commit, answer.

`client_page` wraps each view of guidance. The view says what it shows (`request.reading.show(pathways)`) or that it
shows only counts; a view that says neither is a fault and shows nothing. A refusal is logged in a transaction of
its own: of somebody who may see no client at all (403), of one whose second factor is not there, and of a client of
others, which is answered with the same 404 as a missing thing.
"""
import uuid
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Protocol

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts.second_factor import ask_second_factor
from guidance.choices import LogAction, Purpose
from guidance.models import AccessLog, AccessLogSubject, Pathway, PathwayAlias
from guidance.models.log import NOBODY
from guidance.permissions import may_see_pathway
from guidance.registries import before_pages
from pilots.choices import Permission
from pilots.models import Membership
from pilots.permissions import may


class Refused(Exception):
    """Somebody asked for a client that their organisation may not see. Carries the pseudonyms that exist, if any."""

    def __init__(self, pseudonyms: Iterable[str] = ()) -> None:
        super().__init__()
        self.pseudonyms = list(pseudonyms)


class Merged(Exception):
    """Somebody asked by the old pseudonym for a pathway that goes on under another one, and may see it."""

    def __init__(self, pathway: Pathway) -> None:
        super().__init__()
        self.pathway = pathway


class HasPseudonym(Protocol):
    """A pathway, or a row that shows one."""

    @property
    def pseudonym(self) -> str: ...


class Reading:
    """What one request shows of clients."""

    def __init__(self) -> None:
        self.pseudonyms: dict[str, None] = {}
        self.said = False
        self.action: str | None = None
        self.purpose: str | None = None
        self.basis = ""

    def show(self, pathways: Iterable[HasPseudonym], *, action: str | None = None, purpose: str | None = None, basis: str = "") -> None:
        self.said = True
        self.pseudonyms |= dict.fromkeys(pathway.pseudonym for pathway in pathways)
        self.action, self.purpose, self.basis = action or self.action or LogAction.VIEW, purpose or self.purpose, basis or self.basis

    def counts_only(self) -> None:
        self.said = True


def client_page(view: Callable | None = None, *, purpose: str = Purpose.GUIDANCE, permission: str = Permission.GUIDE_CLIENTS):
    """View decorator; see the module's text."""

    def decorate(view):
        @wraps(view)
        @login_required
        def page(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            request.reading = Reading()
            if not may(request.acting, permission):
                log_access(request, LogAction.REFUSAL, purpose, asked_for(kwargs))
                raise PermissionDenied
            if (instead := ask_second_factor(request)) is not None:
                log_access(request, LogAction.REFUSAL, purpose, asked_for(kwargs))
                return instead
            for do in before_pages:
                do()
            try:
                with transaction.atomic():
                    response = view(request, *args, **kwargs)
                    _write(request, response, purpose)
            except Refused as refusal:
                log_access(request, LogAction.REFUSAL, purpose, refusal.pseudonyms)
                raise Http404 from None
            except PermissionDenied:
                log_access(request, LogAction.REFUSAL, purpose, request.reading.pseudonyms)
                raise
            except Merged as merged:
                return _same_page_of(request, merged.pathway)
            return response

        return page

    return decorate(view) if view else decorate


def asked_for(address: dict) -> list[str]:
    """The pathway that the address names, if there is one."""
    return list(Pathway.objects.filter(pseudonym=address["pseudonym"]).values_list("pseudonym", flat=True)) if "pseudonym" in address else []


def _same_page_of(request: HttpRequest, pathway: Pathway) -> HttpResponse:
    """Log rows, calendars and bookmarks keep the old pseudonym for good; what was posted to it is asked again there."""
    match = request.resolver_match
    address = reverse(match.view_name, kwargs=match.captured_kwargs | {"pseudonym": pathway.pseudonym})
    return redirect(f"{address}?{request.GET.urlencode()}" if request.GET else address, permanent=True)


def _write(request: HttpRequest, response: HttpResponse, purpose: str) -> None:
    reading = request.reading
    if not reading.said and not 300 <= response.status_code < 400:
        raise RuntimeError(f"{request.resolver_match.view_name} does not say what it shows of clients")
    if reading.action:
        # A POST that changed something redirects; one that answers with a page (a preview, a form with its errors) was a look.
        action = LogAction.VIEW if reading.action == LogAction.CHANGE and not 300 <= response.status_code < 400 else reading.action
        log_access(request, action, reading.purpose or purpose, reading.pseudonyms, reading.basis)


@transaction.atomic(savepoint=False)
def log_access(request: HttpRequest, action: str, purpose: str, pseudonyms: Iterable[str], basis: str = "") -> AccessLog:
    """One row for the person and request, one subject for each pathway shown."""
    log = AccessLog.objects.create(
        at=timezone.now(),
        user_id=request.user.pk,
        organisation_id=request.acting.organisation_id if request.acting else None,
        action=action,
        purpose=purpose,
        basis=basis,
        page=request.resolver_match.view_name,
        request_id=uuid.uuid4(),
    )
    AccessLogSubject.objects.bulk_create(AccessLogSubject(log_id=log.pk, pseudonym=pseudonym) for pseudonym in pseudonyms)
    return log


def log_link_opening(request: HttpRequest, purpose: str, pseudonyms: Iterable[str]) -> AccessLog:
    """A link was opened: by nobody whom the portal knows, also when somebody is signed in."""
    log = AccessLog.objects.create(at=timezone.now(), user_id=NOBODY, organisation_id=None, action=LogAction.LINK, purpose=purpose, page=request.resolver_match.view_name, request_id=uuid.uuid4())
    AccessLogSubject.objects.bulk_create(AccessLogSubject(log_id=log.pk, pseudonym=pseudonym) for pseudonym in pseudonyms)
    return log


def get_pathway_for(request: HttpRequest, pseudonym: str, queryset=None, read: Callable[[Membership, str], Pathway | None] | None = None) -> Pathway:
    """The pathway, when the organisation acted for takes part in it now; else `Refused`. Says that it is shown.

    A page that needs more of it names the queryset, or reads it itself.

    By the pseudonym of a pathway that was merged into another one: `Merged`, for those who may see that one.
    """
    rows = queryset if queryset is not None else Pathway.objects.select_related("client", "partnership")
    pathway = read(request.acting, pseudonym) if read else rows.filter(pseudonym=pseudonym).first()
    if pathway is None:
        alias = PathwayAlias.objects.select_related("pathway").filter(pseudonym=pseudonym).first()
        if alias and may_see_pathway(request.acting, alias.pathway):
            raise Merged(alias.pathway)
        raise Refused([alias.pathway.pseudonym] if alias else [])
    if not may_see_pathway(request.acting, pathway):
        raise Refused([pathway.pseudonym])
    request.reading.show([pathway], action=LogAction.CHANGE if request.method == "POST" else LogAction.VIEW)
    return pathway
