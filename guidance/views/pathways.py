"""The page of one pathway, its moves and its people."""
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.participations import end_participation, name_responsible
from guidance.actions.pathways import close_pathway, edit_pathway, reopen_pathway
from guidance.actions.stages import move_stage
from guidance.choices import Stage
from guidance.figures.path import PathFigure, path_figure
from guidance.forms.options import next_states
from guidance.forms.outcomes import refused
from guidance.forms.pathways import EndPathwayForm, LeaveForm, MoveForm, PathwayForm, ReopenForm, ResponsibleForm
from guidance.models import Pathway
from guidance.queries.pathway_page import PathwayPage
from guidance.queries.pathway_rows import pathway_for_page
from guidance.queries.retention import planned_removal
from guidance.queries.timeline import TimelineFilter, timeline_page
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.conflicts import conflict_page
from services.conflicts import Conflict

INVALID = 422
EDITED = ("target_group", "seeks_competence", "education_background", "goal", "basis_ends_on")


def breadcrumbs(pathway: Pathway, *own: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Clients"), reverse("guidance:client_list")), (pathway.pseudonym, pathway.get_absolute_url() if own else ""), *own]


def page_of(request: HttpRequest, pseudonym: str) -> PathwayPage:
    """The pathway with all that its page shows, authorised and said to the read log."""
    pathway = get_pathway_for(request, pseudonym, read=pathway_for_page)
    return PathwayPage(pathway, request.acting, timezone.now())


def back_to(pathway: Pathway) -> HttpResponse:
    """To the top of the page and never to a place in it: what was done is said there, and must be seen."""
    return redirect(pathway)


def conflict(request: HttpRequest, error: Conflict, pathway: Pathway) -> HttpResponse:
    return conflict_page(request, error, back_url=pathway.get_absolute_url(), back_label=_("Look at the pathway as it is now"))


def form_page(request: HttpRequest, template: str, pathway: Pathway, form, title: str, **context) -> HttpResponse:
    """A form about one pathway; wrong answers are told with 422."""
    context |= {"pathway": pathway, "form": form, "cancel_url": pathway.get_absolute_url(), "breadcrumbs": breadcrumbs(pathway, (title, "")), "title": title}
    return render(request, template, context, status=INVALID if form.is_bound and form.errors else 200)


def posted(request: HttpRequest):
    return request.POST if request.method == "POST" else None


def get_of(pathway: Pathway, rows: QuerySet, pk: int):
    """A row of the pathway; one that is missing, or of another pathway, is refused alike."""
    row = rows.filter(pathway=pathway, pk=pk).first()
    if row is None:
        raise Refused([pathway.pseudonym])
    return row


@require_safe
@client_page
def pathway_detail(request: HttpRequest, pseudonym: str) -> HttpResponse:
    page = page_of(request, pseudonym)
    pathway = page.pathway
    for option in page.options:
        option.next_states = [] if page.is_ended else next_states(option)
    return render(
        request,
        "guidance/pathway_detail.html",
        {
            "page": page,
            "pathway": pathway,
            "timeline": timeline_page(request.acting, pathway, TimelineFilter()),
            "path": _narrow_figure(page),
            "anchors": anchors(page),
            "planned_removal": planned_removal(pathway),
            "breadcrumbs": breadcrumbs(pathway),
        },
    )


def _narrow_figure(page: PathwayPage) -> PathFigure:
    """The drawing that fits every width, alone: the wide one beside it would double the largest part of the page."""
    moves = [shown.move for shown in page.moves if not shown.missing]
    return path_figure(page.pathway, page.stages, moves, move_url=reverse("guidance:pathway_move", args=[page.pathway.pseudonym]), shapes=("narrow",))


@dataclass(frozen=True)
class Anchor:
    id: str
    label: str


def anchors(page: PathwayPage) -> list[Anchor]:
    places = [("steps", _("Next steps"), not page.is_ended), ("stage", _("Stage"), True), ("assessment", _("Assessment"), True), ("options", _("Education options"), True), ("seats", _("Seats on courses"), True)]
    places += [("handoffs", _("Hand-offs"), page.handoffs), ("files", _("Files"), True), ("timeline", _("Timeline"), True)]
    return [Anchor(place, label) for place, label, is_there in places if is_there]


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def pathway_move(request: HttpRequest, pseudonym: str) -> HttpResponse:
    page = page_of(request, pseudonym)
    pathway = page.pathway
    wanted = request.GET.get("to", "")
    initial = {"version": pathway.version, "target": wanted if wanted in Stage.values else ""}
    form = MoveForm(posted(request), moves=page.moves, initial=initial)
    if form.is_valid():
        try:
            moved = move_stage(by=request.acting, pathway=pathway, target=form.cleaned_data["target"], reason=form.cleaned_data["reason"], interruption=form.cleaned_data.get("interruption", ""), version=form.cleaned_data["version"])
        except Conflict as error:
            return conflict(request, error, pathway)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The stage is now “%(stage)s”. Check that the next step fits it.") % {"stage": moved.get_stage_display()})
            return back_to(pathway)
    return form_page(request, "guidance/pathway_move.html", pathway, form, _("Move to another stage"), page=page, blocked=[move for move in page.moves if move.missing])


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def pathway_end(request: HttpRequest, pseudonym: str) -> HttpResponse:
    page = page_of(request, pseudonym)
    pathway = page.pathway
    form = EndPathwayForm(posted(request))
    if form.is_valid():
        try:
            close_pathway(by=request.acting, pathway=pathway, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The pathway has ended. Your organisation can open it again from this page."))
            return back_to(pathway)
    return form_page(request, "guidance/pathway_end.html", pathway, form, _("End the pathway"), page=page, danger=True)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def pathway_reopen(request: HttpRequest, pseudonym: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    form = ReopenForm(posted(request))
    if form.is_valid():
        try:
            reopen_pathway(by=request.acting, pathway=pathway, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The pathway is open again, and you are its responsible person. The next step waits on your list."))
            return back_to(pathway)
    return form_page(request, "guidance/pathway_reopen.html", pathway, form, _("Open the pathway again"))


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def pathway_edit(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Goal, target group and background. Of two people who save at once the second sees both versions (409)."""
    pathway = get_pathway_for(request, pseudonym)
    initial = {name: getattr(pathway, name) for name in EDITED} | {"version": pathway.version}
    form = PathwayForm(posted(request), initial=initial)
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in EDITED}
        try:
            edit_pathway(by=request.acting, pathway=pathway, version=form.cleaned_data["version"], **values)
        except Conflict as error:
            return _both_versions(request, error.obj, form)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return back_to(pathway)
    return form_page(request, "guidance/pathway_edit.html", pathway, form, _("Edit the goal and background"))


def _both_versions(request: HttpRequest, current: Pathway, form: PathwayForm) -> HttpResponse:
    """The reader's own version stays in the fields, beside what is saved now; saving it again is deliberate."""
    data = request.POST.copy()
    data["version"] = str(current.version)
    again = PathwayForm(data, initial={name: getattr(current, name) for name in EDITED})
    sides = [(again[name], shown(current, name)) for name in EDITED if form.cleaned_data[name] != getattr(current, name)]
    same = [again[name] for name in EDITED if form.cleaned_data[name] == getattr(current, name)]
    context = {"pathway": current, "form": again, "sides": sides, "same": same, "cancel_url": current.get_absolute_url(), "breadcrumbs": breadcrumbs(current, (_("Edit the goal and background"), ""))}
    return render(request, "guidance/pathway_conflict.html", context, status=409)


def shown(pathway: Pathway, name: str):
    """A field as a reader sees it."""
    value = getattr(pathway, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    display = getattr(pathway, f"get_{name}_display", None)
    return display() if display else value


DUTIES = {"process": "process_person", "study-counsellor": "study_counsellor", "own-part": "participant"}


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def pathway_responsible(request: HttpRequest, pseudonym: str, duty: str) -> HttpResponse:
    pathway = get_pathway_for(request, pseudonym)
    duty = DUTIES[duty]
    if duty == "process_person" and request.acting.organisation_id != pathway.process_owner_id:
        raise Refused([pseudonym])
    titles = {"process_person": _("Change the responsible person"), "study_counsellor": _("Name the study counsellor"), "participant": _("Change who answers for our part")}
    own = pathway.participations.filter(organisation=request.acting.organisation_id, ends_at=None).first()
    now_named = own.responsible_id if duty == "participant" and own else getattr(pathway, f"{duty}_id", None)
    form = ResponsibleForm(posted(request), pathway=pathway, duty=duty, organisation_id=request.acting.organisation_id, initial={"person": now_named})
    if form.is_valid():
        try:
            name_responsible(by=request.acting, pathway=pathway, duty=duty, person=form.cleaned_data["person"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The new person is named. Give them the open steps too, if they should see to those."))
            return back_to(pathway)
    return form_page(request, "guidance/pathway_responsible.html", pathway, form, titles[duty])


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def participation_end(request: HttpRequest, pseudonym: str, organisation: int) -> HttpResponse:
    """The organisation itself or the process owner; whoever still answers for something cannot leave."""
    pathway = get_pathway_for(request, pseudonym)
    participation = pathway.participations.select_related("organisation").filter(organisation=organisation, ends_at=None).first()
    if participation is None or request.acting.organisation_id not in (organisation, pathway.process_owner_id):
        raise Refused([pseudonym])
    form = LeaveForm(posted(request))
    if form.is_valid():
        try:
            end_participation(by=request.acting, pathway=pathway, organisation_id=organisation, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The participation has ended. From now on the organisation does not see this pathway."))
            return redirect("guidance:waiting") if organisation == request.acting.organisation_id else back_to(pathway)
    return form_page(request, "guidance/pathway_leave.html", pathway, form, _("End the participation"), participation=participation, danger=True)
