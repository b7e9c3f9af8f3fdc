"""Proposals: their list, the same for paper, and what is written and answered."""
from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.proposals import edit_proposal, move_proposal, write_proposal
from pilots.choices import Permission, ProposalStatus, Remover
from pilots.filters import named
from pilots.filters.obstacles import ProposalFilterSet
from pilots.forms.obstacles import ProposalForm, ProposalMoveForm
from pilots.models import Obstacle, Proposal
from pilots.permissions import may, may_edit_proposal, may_move_proposal, may_propose
from pilots.queries import network
from pilots.queries.history import language_of
from pilots.queries.obstacle_history import obstacle_days
from pilots.queries.obstacles import PROPOSAL_FIELDS, edits_since, events_of, get_proposal, proposals_in_list, values_before
from pilots.views.conflicts import Side
from pilots.views.discussion import discussion_context
from pilots.views.listing import chosen_sort, list_context
from pilots.views.obstacle_editing import conflict_answer, of_obstacle
from pilots.views.obstacles import breadcrumbs, goal_choices
from pilots.views.people import refused

# More than a hand-over ever holds; the page says so when there are more.
MOST_PRINTED = 500
MOST_EVENTS = 100
ADDRESSEES = {code: place for place, code in enumerate(Remover.values)}


def _filtered(request: HttpRequest) -> ProposalFilterSet:
    return ProposalFilterSet(request.GET, proposals_in_list(request.acting), area=named(network.areas_in_order(), "slug"), goal=goal_choices())


@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    sorts = {"newest": _("newest first"), "addressee": _("by addressee")}
    filterset = _filtered(request)
    order = ("-made_on", "-pk") if chosen_sort(request, sorts) == "newest" else ("addressee", "-made_on", "-pk")
    context = list_context(request, filterset.qs.distinct().order_by(*order), filterset, sorts)
    for proposal in context["page_obj"]:
        proposal.editable, proposal.movable = may_edit_proposal(request.acting, proposal), may_move_proposal(request.acting, proposal)
    count = context["page_obj"].paginator.count
    context |= {
        "count_text": ngettext("%(count)s proposal", "%(count)s proposals", count) % {"count": count},
        "query": request.GET.urlencode(),
        "breadcrumbs": breadcrumbs((_("Proposals"), None)),
    }
    return render(request, "pilots/proposal_list.html", context)


@require_safe
def proposal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Its text and way, with what others say of it; the obstacle's page shows it among the others."""
    proposal = get_proposal(request.acting, pk)
    proposal.editable, proposal.movable = may_edit_proposal(request.acting, proposal), may_move_proposal(request.acting, proposal)
    events = list(events_of(proposal.obstacle).filter(proposal=proposal)[:MOST_EVENTS])
    context = {
        "proposal": proposal,
        "obstacle": proposal.obstacle,
        "supports": list(proposal.obstacle.supports.select_related("area")),
        "timeline": obstacle_days(proposal.obstacle, events, with_people=request.acting is not None),
        "breadcrumbs": breadcrumbs((proposal.obstacle.name, proposal.obstacle.get_absolute_url()), (_("Proposal"), None)),
    }
    return render(request, "pilots/proposal_detail.html", context | discussion_context(request, proposal))


@require_safe
def proposal_print(request: HttpRequest) -> HttpResponse:
    """What the same filters give, whole, for handing over: by addressee, with who stands behind each and where it comes from. Drafts are not in it."""
    filterset = _filtered(request)
    rows = list(filterset.qs.exclude(status=ProposalStatus.DRAFT).distinct().order_by("addressee", "made_on", "pk")[: MOST_PRINTED + 1])
    cut, rows = len(rows) > MOST_PRINTED, sorted(rows[:MOST_PRINTED], key=lambda row: ADDRESSEES[row.addressee])
    count = len(rows)
    for row in rows:
        row.behind = [row.obstacle.reported_by, *(support.area for support in row.obstacle.supports.all())]
    context = {
        "groups": [(Remover(addressee).label, list(group)) for addressee, group in groupby(rows, lambda row: row.addressee)],
        "count_text": ngettext("%(count)s proposal", "%(count)s proposals", count) % {"count": count},
        "chips": filterset.chips(),
        "cut": cut,
        "today": timezone.localdate(),
        "sources": list(dict.fromkeys(link for row in rows for link in row.obstacle.evidence_links.splitlines())),
        "query": request.GET.urlencode(),
        "breadcrumbs": breadcrumbs((_("Proposals"), f"../?{request.GET.urlencode()}"), (_("To hand over"), None)),
    }
    return render(request, "pilots/proposal_print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@of_obstacle(lambda acting, obstacle: may_propose(acting) and not obstacle.is_draft)
def proposal_add(request: HttpRequest, obstacle: Obstacle) -> HttpResponse:
    likely = obstacle.removers[0] if len(obstacle.removers) == 1 else ""
    form = ProposalForm(request.POST or None, initial={"version": 0, "addressee": likely})
    if form.is_valid():
        try:
            proposal = write_proposal(by=request.acting, obstacle_id=obstacle.pk, values=_values(form), make="make" in request.POST)
        except ValidationError as error:
            refused(form, error)
        else:
            if proposal.status == ProposalStatus.DRAFT:
                messages.success(request, _("The draft of the proposal was saved. It is not shown to others yet."))
            else:
                messages.success(request, _("The proposal was made. Kuntaliitto sees it as new and hands it over."))
            return redirect(proposal)
    return _page(request, form, obstacle, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposal_edit(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_proposal(request.acting, pk)
    if not may_edit_proposal(request.acting, proposal):
        raise PermissionDenied
    form = ProposalForm(request.POST or None, initial={name: getattr(proposal, name) for name in PROPOSAL_FIELDS} | {"version": proposal.version})
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            changed = edit_proposal(by=request.acting, proposal_id=proposal.pk, version=version, values=_values(form))
        except ChangedMeanwhile as conflict:
            return _conflict(request, conflict.current, version, _values(form))
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The proposal was saved.")) if changed else messages.info(request, _("Nothing was saved, for nothing had changed."))
            return redirect(proposal)
    return _page(request, form, proposal.obstacle, proposal)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def proposal_move(request: HttpRequest, pk: int) -> HttpResponse:
    proposal = get_proposal(request.acting, pk)
    if not may_move_proposal(request.acting, proposal):
        if may(request.acting, Permission.MODERATE):
            messages.info(request, _("This proposal has been answered: its status is not moved any more."))
            return redirect(proposal)
        raise PermissionDenied
    form = ProposalMoveForm(request.POST or None, proposal=proposal)
    changed_meanwhile = False
    if form.is_valid():
        try:
            proposal = move_proposal(by=request.acting, proposal_id=proposal.pk, **form.cleaned_data)
        except ChangedMeanwhile as conflict:
            changed_meanwhile, proposal = True, conflict.current
            form = ProposalMoveForm({**request.POST.dict(), "version": str(proposal.version)}, proposal=proposal)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The status of the proposal is saved."))
            return redirect(proposal)
    context = {
        "form": form, "proposal": proposal, "obstacle": proposal.obstacle, "changed_meanwhile": changed_meanwhile, "cancel_url": proposal.get_absolute_url(),
        "breadcrumbs": breadcrumbs((proposal.obstacle.name, proposal.obstacle.get_absolute_url()), (_("Status of the proposal"), None)),
    }  # fmt: skip
    return render(request, "pilots/proposal_move.html", context, status=409 if changed_meanwhile else 422 if form.errors else 200)


def _values(form: ProposalForm) -> dict:
    return {name: form.cleaned_data[name] for name in PROPOSAL_FIELDS}


def _page(request: HttpRequest, form: ProposalForm, obstacle: Obstacle, proposal: Proposal | None) -> HttpResponse:
    crumb = _("Edit the proposal") if proposal else _("Make a proposal")
    context = {
        "form": form, "obstacle": obstacle, "proposal": proposal, "cancel_url": obstacle.get_absolute_url(),
        "breadcrumbs": breadcrumbs((obstacle.name, obstacle.get_absolute_url()), (crumb, None)),
    }  # fmt: skip
    return render(request, "pilots/proposal_form.html", context, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, current: Proposal, version: int, mine: dict) -> HttpResponse:
    theirs, events = {name: getattr(current, name) for name in PROPOSAL_FIELDS}, edits_since(current.obstacle, version, current)
    base = values_before(theirs, events)
    data = request.POST.copy()
    data["version"] = str(current.version)
    differing = [name for name in PROPOSAL_FIELDS if mine[name] != theirs[name]]
    untouched = [name for name in differing if mine[name] == base[name]]
    for name in untouched:
        data[name] = theirs[name]
    again = ProposalForm(data)
    shown = {name: str(Remover(theirs[name]).label) if name == "addressee" else theirs[name] for name in differing}
    sides = [Side(name, shown[name], language_of(name), name not in untouched, again[name]) for name in differing]
    crumbs = breadcrumbs((current.obstacle.name, current.obstacle.get_absolute_url()), (_("Edit the proposal"), None))
    return conflict_answer(request, again, sides, events, crumbs, current.get_absolute_url())
