"""Agreements of one's organisation: the list, one of them, drafting it with its lines, sending, deciding, ending."""
from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pilots.choices import Permission
from pilots.permissions import permission_required
from pilots.views.listing import list_context
from services.actions.agreements import decide, draft_agreement, edit_agreement, move_agreement, remove_agreement, remove_line, renew_agreement, set_line
from services.choices import AgreementState, PriceBasis
from services.conflicts import Conflict
from services.filters import AgreementFilterSet
from services.forms.agreements import AgreementForm, AgreementMoveForm, DecisionForm, LineForm
from services.forms.offering import VersionForm
from services.forms.outcomes import INVALID, posted, refused
from services.models import Agreement, AgreementLine, SharedService
from services.permissions import agreement_moves, may_decide, may_renew, may_settle, may_write_agreement
from services.queries.agreements import agreements_of, get_agreement, services_to_agree_on, unaccepted, undecided
from services.queries.catalogue import visible_services
from services.queries.settlements import settlements_of
from services.views.conflicts import changed_page

HANDLE = permission_required(Permission.HANDLE_SERVICES)
FORM = require_http_methods(["GET", "HEAD", "POST"])
TAKEN = 409
# How many of each kind that waits the list names.
MOST_WAITING = 10


@dataclass(frozen=True)
class Way:
    url: str
    words: str
    main: bool = False


def words_of(target: str) -> str:
    return {
        AgreementState.SENT: _("Send for decision"), AgreementState.DRAFT: _("Take back to a draft"),
        AgreementState.DECLINED: pgettext("agreement", "Decline"), AgreementState.ENDED: _("End the agreement"),
    }[AgreementState(target)]


def said_of(target: str) -> str:
    return {
        AgreementState.SENT: _("Sent. The other parties have been told, and each notes its decision here."),
        AgreementState.DRAFT: _("It is a draft again. Change it and send it anew."),
        AgreementState.DECLINED: _("Declined. The other parties read your reason."),
        AgreementState.ENDED: _("Ended. What was used until today can still be settled."),
    }[AgreementState(target)]


def way_to(agreement: Agreement | None, here: str = "") -> list[tuple[str, str | None]]:
    way = [(_("Shared services"), reverse("services:service_list")), (_("Agreements"), reverse("services:agreement_list"))]
    if agreement:
        way.append((agreement.title, agreement.get_absolute_url() if here else None))
    return [*way, (here, None)] if here else way


def done(form: forms.Form, act: Callable[[], object], current: Callable[[], int] | None = None) -> int:
    """Does it, or tells the form why not: 200 when done. What was typed stays; of a conflict the form takes the `current` version, so that it can be sent again."""
    try:
        act()
    except ValidationError as error:
        refused(form, error)
        return INVALID
    except Conflict as conflict:
        kept = _("What you wrote is still here. Look at it as it is now in another window; send this again to write over it.")
        form.add_error(None, f"{conflict.message} {kept}")
        if current:
            form.data = form.data.copy()
            form.data["version"] = str(current())
        return TAKEN
    return 200


@require_safe
@HANDLE
def agreement_list(request: HttpRequest) -> HttpResponse:
    """What waits for the own organisation stands above: decisions and settlements."""
    filterset = AgreementFilterSet(request.GET, agreements_of(request.acting).select_related("organisation").prefetch_related("parties__organisation"))
    context = list_context(request, filterset.qs.order_by("-first_day", "-pk"), filterset)
    found = context["page_obj"].paginator.count
    context |= {
        "undecided": list(undecided(request.acting).select_related("organisation")[:MOST_WAITING]), "unaccepted": list(unaccepted(request.acting)[:MOST_WAITING]),
        "count_text": ngettext("%(count)d agreement", "%(count)d agreements", found) % {"count": found},
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Agreements"), None)],
    }
    return render(request, "services/agreement_list.html", context)


@require_safe
@HANDLE
def agreement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    agreement, acting = get_agreement(request.acting, pk), request.acting
    ways = [Way(reverse("services:agreement_decide", args=[pk]), _("Note our decision"), True)] if may_decide(acting, agreement) else []
    ways += [Way(reverse("services:agreement_move", args=[pk, move.target]), words_of(move.target), move.target == AgreementState.SENT) for move in agreement_moves(acting, agreement)]
    if may_settle(acting, agreement):
        ways.insert(0, Way(reverse("services:settlement_add", args=[pk]), _("Draft a settlement"), True))
    context = {
        "agreement": agreement, "ways": ways, "may_write": may_write_agreement(acting, agreement), "may_renew": may_renew(acting, agreement),
        "settlements": settlements_of(agreement), "replaced_by": agreements_of(acting).filter(replaces=agreement).first(), "breadcrumbs": [*way_to(None), (agreement.title, None)],
    }  # fmt: skip
    return render(request, "services/agreement_detail.html", context)


@FORM
@HANDLE
def agreement_add(request: HttpRequest) -> HttpResponse:
    """`service` in the address: about that one, which becomes the first line when the form says nothing else."""
    service = _asked_service(request)
    initial = {"title": service.name} if service else None
    other = service.organisation if service and service.organisation_id != request.acting.organisation_id else None
    form, status = AgreementForm(posted(request), own=request.acting.organisation, party=other, initial=initial), 200
    if form.is_valid():
        made: list[Agreement] = []
        token = form.cleaned_data["token"] or form.initial["token"]
        status = done(form, lambda: made.append(draft_agreement(by=request.acting, values=form.values(), shares=form.shares(), token=token)))
        if made:
            messages.success(request, _("The draft is saved. Now add what is lent."))
            start = f"?service={service.pk}" if service else ""
            return redirect(f"{reverse('services:agreement_line_add', args=[made[0].pk])}{start}")
    return _form_page(request, "services/agreement_form.html", form, status, None, _("Draft an agreement"), reverse("services:agreement_list"))


def _asked_service(request: HttpRequest) -> SharedService | None:
    asked = request.GET.get("service", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        return None
    return visible_services(request.acting).filter(usable=True, pk=asked).select_related("organisation").first()


@FORM
@HANDLE
def agreement_edit(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = _own_draft(request, pk)
    if agreement is None:
        return _no_draft(request, pk)
    form, status = AgreementForm(posted(request), own=request.acting.organisation, agreement=agreement), 200
    if form.is_valid():
        status = done(form, lambda: edit_agreement(by=request.acting, agreement=agreement, version=form.cleaned_data["version"], values=form.values(), shares=form.shares()), _version(request, pk))
        if status == 200:
            messages.success(request, _("Saved."))
            return redirect(agreement)
    return _form_page(request, "services/agreement_form.html", form, status, agreement, _("Change the draft"), agreement.get_absolute_url())


@FORM
@HANDLE
def agreement_line_add(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = _own_draft(request, pk)
    if agreement is None:
        return _no_draft(request, pk)
    return _line_page(request, agreement, None)


@FORM
@HANDLE
def agreement_line_edit(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    agreement = _own_draft(request, pk)
    if agreement is None:
        return _no_draft(request, pk)
    return _line_page(request, agreement, get_object_or_404(agreement.lines.select_related("service", "provider"), pk=line))


def _line_page(request: HttpRequest, agreement: Agreement, line: AgreementLine | None) -> HttpResponse:
    services, status = services_to_agree_on(request.acting, agreement), 200
    service = _asked_service(request) if line is None else None
    initial = {"service": str(service.pk), "basis": service.price_basis if service.price_basis != PriceBasis.AGREED else None, "price": service.price} if service else None
    if request.method == "POST" and line and "remove" in request.POST:
        gone = VersionForm(request.POST)
        try:
            if gone.is_valid():
                remove_line(by=request.acting, agreement=agreement, version=gone.cleaned_data["version"], line=line)
                messages.success(request, _("The line is removed."))
        except Conflict as conflict:
            return changed_page(request, conflict, agreement.get_absolute_url())
        return redirect(agreement)
    form = LineForm(posted(request), agreement=agreement, services=services, line=line, initial=initial)
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("service", "subject", "basis", "price", "vat", "vat_rate", "provider", "version")}
        status = done(form, lambda: set_line(by=request.acting, agreement=agreement, line=line, **data), _version(request, agreement.pk))
        if status == 200:
            messages.success(request, _("Saved."))
            return redirect(agreement)
    title = _("Change the line") if line else _("Add a line")
    return _form_page(request, "services/agreement_line.html", form, status, agreement, title, agreement.get_absolute_url(), line=line)


@FORM
@HANDLE
def agreement_decide(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = get_agreement(request.acting, pk)
    if not may_decide(request.acting, agreement):
        return _not_now(request, agreement)
    form, status = DecisionForm(posted(request), initial={"version": agreement.version}), 200
    if form.is_valid():
        try:
            now_is: list[Agreement] = []
            status = done(form, lambda: now_is.append(decide(by=request.acting, agreement=agreement, **form.cleaned_data)))
        except PermissionDenied:
            return _not_now(request, agreement)
        if status == TAKEN:
            return _not_now(request, agreement)
        if now_is:
            in_force = now_is[0].state == AgreementState.IN_FORCE
            messages.success(request, _("Noted. Every party has decided: the agreement is in force.") if in_force else _("Noted. The agreement comes into force when the other parties have decided too."))
            return redirect(agreement)
    return _form_page(request, "services/agreement_decide.html", form, status, agreement, _("Note our decision"), agreement.get_absolute_url())


@FORM
@HANDLE
def agreement_move(request: HttpRequest, pk: int, target: str) -> HttpResponse:
    """A page of its own for each move: what will happen, and the reason where one is asked for."""
    agreement = get_agreement(request.acting, pk)
    move = next((one for one in agreement_moves(request.acting, agreement) if one.target == target), None)
    if move is None:
        if target not in AgreementState.values:
            raise Http404
        return _not_now(request, agreement)
    form, status = AgreementMoveForm(posted(request), needs_reason=move.needs_reason, initial={"version": agreement.version}), 200
    if form.is_valid():
        status = done(form, lambda: move_agreement(by=request.acting, agreement=agreement, target=target, version=form.cleaned_data["version"], reason=form.cleaned_data.get("reason", "")))
        if status == TAKEN:
            return _not_now(request, get_agreement(request.acting, pk))
        if status == 200:
            messages.success(request, said_of(target))
            return redirect(agreement)
    return _form_page(request, "services/agreement_move.html", form, status, agreement, words_of(target), agreement.get_absolute_url(), target=target, words=words_of(target), danger=target in (AgreementState.DECLINED, AgreementState.ENDED))


@require_POST
@HANDLE
def agreement_renew(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = get_agreement(request.acting, pk)
    try:
        new = renew_agreement(by=request.acting, agreement=agreement)
    except (ValidationError, PermissionDenied) as error:
        return _not_now(request, agreement, " ".join(error.messages) if isinstance(error, ValidationError) else "")
    messages.success(request, _("A new version as a draft. The present one stays in force until every party has decided on the new one."))
    return redirect(new)


@FORM
@HANDLE
def agreement_remove(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = _own_draft(request, pk)
    if agreement is None:
        return _no_draft(request, pk)
    form, status = AgreementMoveForm(posted(request), needs_reason=False, initial={"version": agreement.version}), 200
    if form.is_valid():
        status = done(form, lambda: remove_agreement(by=request.acting, agreement=agreement, version=form.cleaned_data["version"]), _version(request, pk))
        if status == 200:
            messages.success(request, _("The draft is removed."))
            return redirect("services:agreement_list")
    return _form_page(request, "services/agreement_move.html", form, status, agreement, _("Remove the draft"), agreement.get_absolute_url(), target="remove", words=_("Remove the draft"), danger=True)


def _own_draft(request: HttpRequest, pk: int) -> Agreement | None:
    """The own organisation's draft; None when it is no draft any more. Another's is as if it were missing."""
    agreement = get_agreement(request.acting, pk)
    if agreement.organisation_id != request.acting.organisation_id:
        raise Http404
    return agreement if may_write_agreement(request.acting, agreement) else None


def _no_draft(request: HttpRequest, pk: int) -> HttpResponse:
    return _not_now(request, get_agreement(request.acting, pk))


def _not_now(request: HttpRequest, agreement: Agreement, message: str = "") -> HttpResponse:
    """409: it is something else by now than the page that led here said."""
    told = message or _("This cannot be done now: the agreement is “%(state)s”. Nothing was stored.") % {"state": agreement.get_state_display()}
    return changed_page(request, Conflict(agreement, told), agreement.get_absolute_url())


def _version(request: HttpRequest, pk: int) -> Callable[[], int]:
    return lambda: get_agreement(request.acting, pk).version


def _form_page(request: HttpRequest, template: str, form: forms.Form, status: int, agreement: Agreement | None, title: str, cancel_url: str, **more) -> HttpResponse:
    context = {"form": form, "agreement": agreement, "title": title, "cancel_url": cancel_url, "breadcrumbs": way_to(agreement, title)} | more
    return render(request, template, context, status=INVALID if status == 200 and form.errors else status)
