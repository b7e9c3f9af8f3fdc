"""Term rounds: the list, one of them with its rule, and what who opened it does with it."""
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from pilots.choices import Permission
from pilots.models import Organisation
from pilots.permissions import permission_required
from pilots.views.listing import list_context
from services.actions.rounds import EDITABLE, add_round, adjust_wish, confirm_round, edit_round, move_round, propose_round
from services.choices import ROUND_MOVES, RoundState, WishState
from services.conflicts import Conflict
from services.forms.offering import VersionForm
from services.forms.outcomes import INVALID, posted, refused
from services.forms.rounds import AdjustForm, RoundForm
from services.models import TermRound
from services.permissions import may_manage_round
from services.queries.allocation import lot_order
from services.queries.rounds import get_own_round, get_round, get_wish, rounds_of, wishable
from services.queries.wishes import explain
from services.views.bookings import Way
from services.views.conflicts import changed_page

HANDLE = permission_required(Permission.HANDLE_SERVICES)
FORM = require_http_methods(["GET", "HEAD", "POST"])
DECIDED = (RoundState.PROPOSED, RoundState.ADJUSTED, RoundState.CONFIRMED)


@dataclass(frozen=True)
class Move:
    button: str
    consequence: str
    said: str


def move_of(target: str, state: str) -> Move:
    again = state in DECIDED
    return {
        RoundState.OPEN: Move(
            _("Take wishes again") if state == RoundState.CLOSED else _("Open for wishes"),
            _("Organisations that may use the services see the round, and can wish from the first day for wishes on."),
            _("The round is open for wishes."),
        ),
        RoundState.CLOSED: Move(_("Close the wishes"), _("Nobody can wish or change a wish after this. You can open the round again as long as nothing has been decided by then."), _("The wishes are closed.")),
        RoundState.PROPOSED: Move(
            _("Allocate again") if again else _("Allocate the wishes"),
            _("All wishes are allocated anew by the rule. What you have changed by hand is put aside; its log stays.") if again else _("All wishes are allocated by the rule. Only you see the outcome, and can change it by hand before you confirm it."),
            _("The wishes are allocated. Look at the outcome, change what must be changed, then confirm."),
        ),
        RoundState.CONFIRMED: Move(
            pgettext("round", "Confirm and book"),
            _("Every granted wish is booked as a weekly series, and everybody who wished is told. This cannot be taken back; single bookings can be cancelled."),
            _("Confirmed. The granted wishes are booked, and everybody has been told."),
        ),
    }[RoundState(target)]


@require_safe
@HANDLE
def round_list(request: HttpRequest) -> HttpResponse:
    context = list_context(request, rounds_of(request.acting).select_related("organisation").order_by("-first_day", "-pk"))
    count = context["page_obj"].paginator.count
    context |= {
        "count_text": ngettext("%(count)d term round", "%(count)d term rounds", count) % {"count": count},
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Term rounds"), None)],
    }
    return render(request, "services/round_list.html", context)


@FORM
@HANDLE
def round_add(request: HttpRequest) -> HttpResponse:
    form = RoundForm(posted(request), by=request.acting)
    if form.is_valid():
        try:
            found = add_round(by=request.acting, values=form.values(), token=form.cleaned_data["token"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved as a draft. Open it for wishes when it is ready."))
            return redirect(found)
    return _form_page(request, form, _("Start a term round"), reverse("services:round_list"))


@FORM
@HANDLE
def round_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found, status = get_own_round(request.acting, pk), 200
    form = RoundForm(posted(request), by=request.acting, round=found)
    if form.is_valid():
        try:
            edit_round(by=request.acting, round=found, version=form.cleaned_data["version"], values=form.values())
        except Conflict as conflict:
            # Nothing typed is lost; sent again it is stored over what the other one wrote.
            form.add_error(None, conflict.message)
            form.data = form.data.copy()
            form.data["version"], status = conflict.obj.version, 409
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(found)
    return _form_page(request, form, _("Change the round"), found.get_absolute_url(), found=found, status=status)


@require_safe
@HANDLE
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """For who wishes: the own wishes and what became of them once all is confirmed. For who opened it: what to do next."""
    found = get_round(request.acting, pk)
    own = may_manage_round(request.acting, found)
    told = found.state == RoundState.CONFIRMED
    wishes = found.wishes.filter(organisation=request.acting.organisation_id).select_related("service", "granted_service", "series").order_by("rank", "pk")
    counts = dict(found.wishes.order_by().values_list("state").annotate(Count("pk"))) if own else {}
    ways = [Way(reverse("services:round_move", args=[pk, target]), move_of(target, found.state).button, number == 0) for number, target in enumerate(_targets(found))] if own else []
    context = {
        "round": found, "own": own, "ways": ways, "told": told, "takes_wishes": found.takes_wishes(), "may_edit": own and found.state in EDITABLE,
        "wishes": explain(wishes, found), "counts": [(WishState(state).label, count) for state, count in sorted(counts.items())], "wish_count": sum(counts.values()),
        "services": list(wishable(request.acting, found)[:100]), "lot": lot_of(found) if own or told else [],
        "breadcrumbs": _way(found),
    }  # fmt: skip
    return render(request, "services/round_detail.html", context)


@FORM
@HANDLE
def round_move(request: HttpRequest, pk: int, target: str) -> HttpResponse:
    """A page of its own for each step: what it does, and the press that does it."""
    found = get_own_round(request.acting, pk)
    if target not in ROUND_MOVES or target == RoundState.ADJUSTED:
        raise Http404
    move = move_of(target, found.state)
    form = VersionForm(posted(request), initial={"version": found.version})
    if form.is_valid():
        act = {RoundState.PROPOSED: propose_round, RoundState.CONFIRMED: confirm_round}.get(RoundState(target))
        given = {"by": request.acting, "round": found, "version": form.cleaned_data["version"]}
        try:
            act(**given) if act else move_round(**given, target=target)
        except Conflict as conflict:
            return changed_page(request, conflict, found.get_absolute_url())
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, move.said)
            return redirect("services:round_wishes" if target == RoundState.PROPOSED else "services:round_detail", pk)
    elif request.method != "POST" and target not in _targets(found):
        return changed_page(request, Conflict(found, _("The round is now “%(state)s”: this cannot be done with it.") % {"state": found.get_state_display()}), found.get_absolute_url())
    context = {"form": form, "round": found, "move": move, "cancel_url": found.get_absolute_url(), "breadcrumbs": _way(found, move.button)}
    return render(request, "services/round_move.html", context, status=INVALID if form.errors else 200)


@require_safe
@HANDLE
def round_wishes(request: HttpRequest, pk: int) -> HttpResponse:
    """All wishes, for who opened the round: refused ones first."""
    found = get_own_round(request.acting, pk)
    rows = found.wishes.select_related("organisation", "service", "granted_service", "series").prefetch_related("changes__changed_by__user").order_by("-state", "rank", "organisation__sort_key_fi", "pk")
    context = list_context(request, rows)
    count = context["page_obj"].paginator.count
    context |= {
        "round": found, "explained": explain(context["page_obj"].object_list, found), "may_adjust": found.state in ROUND_MOVES[RoundState.ADJUSTED], "breadcrumbs": _way(found, _("All wishes")),
        "count_text": ngettext("%(count)d wish", "%(count)d wishes", count) % {"count": count},
    }  # fmt: skip
    return render(request, "services/round_wishes.html", context)


@FORM
@HANDLE
def wish_adjust(request: HttpRequest, pk: int) -> HttpResponse:
    wish = get_wish(request.acting, pk)
    if not may_manage_round(request.acting, wish.round):
        raise Http404
    found = wish.round
    if found.state not in ROUND_MOVES[RoundState.ADJUSTED]:
        return changed_page(request, Conflict(found, _("The round is now “%(state)s”: this cannot be done with it.") % {"state": found.get_state_display()}), found.get_absolute_url())
    form, status = AdjustForm(posted(request), wish=wish), 200
    if form.is_valid():
        try:
            adjust_wish(by=request.acting, wish=wish, version=form.cleaned_data["version"], **form.values())
        except Conflict as conflict:
            # The reason that was written stays; the wish as it now is stands above it.
            form.add_error(None, conflict.message)
            wish = get_wish(request.acting, pk)
            form.data = form.data.copy()
            form.data["version"], status = wish.version, 409
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Changed by hand, and logged with your reason."))
            return redirect("services:round_wishes", found.pk)
    changes = list(wish.changes.select_related("changed_by__user"))
    context = {"form": form, "wish": wish, "round": found, "one": explain([wish], found)[0], "changes": changes, "cancel_url": reverse("services:round_wishes", args=[found.pk]), "breadcrumbs": _way(found, _("Change by hand"))}
    return render(request, "services/wish_adjust.html", context, status=INVALID if status == 200 and form.errors else status)


def lot_of(found: TermRound) -> list[Organisation]:
    """The organisations that wish, in the order of the lot."""
    by_slug = {one.slug: one for one in Organisation.objects.filter(wishes__round=found).distinct()}
    return [by_slug[slug] for slug in lot_order(by_slug, str(found.lot))]


def _targets(found: TermRound) -> list[str]:
    """What can be done next, the way forward first."""
    found_targets = [target for target, sources in ROUND_MOVES.items() if found.state in sources and target != RoundState.ADJUSTED]
    return sorted(found_targets, key=lambda target: -RoundState.values.index(target))


def _way(found: TermRound, here: str = "") -> list[tuple[str, str | None]]:
    way = [(_("Shared services"), reverse("services:service_list")), (_("Term rounds"), reverse("services:round_list"))]
    return [*way, (found.name, found.get_absolute_url()), (here, None)] if here else [*way, (found.name, None)]


def _form_page(request: HttpRequest, form: RoundForm, title: str, cancel_url: str, *, found: TermRound | None = None, status: int = 200) -> HttpResponse:
    way = _way(found, title) if found else [(_("Shared services"), reverse("services:service_list")), (_("Term rounds"), reverse("services:round_list")), (title, None)]
    context = {"form": form, "title": title, "round": found, "cancel_url": cancel_url, "breadcrumbs": way}
    return render(request, "services/round_form.html", context, status=status if status != 200 else INVALID if form.errors else 200)
