"""A partnership's parts, stages, agreement, ladder and leads: set up, changed and opened in the browser by a partnership lead with a second factor.

No client is on these pages, so they write no log of reading and are not wrapped by `client_page`. Programmes: views/programmes.py.
"""
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.second_factor import second_factor_required
from guidance.actions.partnerships import (
    add_part,
    edit_own_part,
    edit_partnership,
    edit_stage_parts,
    name_leads,
    open_partnership,
    remove_part,
    set_up_partnership,
    with_factor,
)
from guidance.figures.shapes import set_marks
from guidance.forms.outcomes import refused
from guidance.forms.partnerships import LeadsForm, NameForm, OwnPartForm, PartForm, PartnershipForm, StagePartsForm
from guidance.models import Partnership, PartnershipPart
from guidance.permissions import may_edit_own_part, may_edit_partnership, may_set_up_partnership
from guidance.queries.lead import possible_leads
from guidance.views.conflicts import conflict_page
from guidance.views.partnership_page import ShownPart, tasks_of
from guidance.views.pathways import INVALID, posted
from pilots.choices import Permission
from pilots.permissions import permission_required
from pilots.queries.people import MOST_FOUND, find_organisations
from services.conflicts import Conflict


def partnership_form(view: Callable) -> Callable:
    """A form for partnership leads with a second factor, about a partnership that they may change; else as if it were missing."""

    @wraps(view)
    @require_http_methods(["GET", "HEAD", "POST"])
    @permission_required(Permission.LEAD_PARTNERSHIP)
    @second_factor_required
    def page(request: HttpRequest, slug: str, **kwargs) -> HttpResponse:
        partnership = Partnership.objects.select_related("process_organisation", "lead__user", "substitute__user").filter(slug=slug).first()
        if partnership is None or not may_edit_partnership(request.acting, partnership):
            raise Http404
        return view(request, partnership, **kwargs)

    return page


def form_page_of(request: HttpRequest, partnership: Partnership, template: str, title: str, form, **context) -> HttpResponse:
    back = reverse("guidance:partnership_detail", args=[partnership.slug])
    context |= {"partnership": partnership, "form": form, "title": title, "cancel_url": back, "breadcrumbs": [(_("Partnerships"), reverse("guidance:partnership_list")), (partnership.name, back), (title, "")]}
    return render(request, template, context, status=INVALID if form is not None and form.is_bound and form.errors else 200)


def changed_page(request: HttpRequest, conflict: Conflict) -> HttpResponse:
    return conflict_page(request, conflict, back_url=request.path, back_label=_("Look at it as it is now"))


def done(request: HttpRequest, partnership: Partnership, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("guidance:partnership_detail", slug=partnership.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.LEAD_PARTNERSHIP)
@second_factor_required
def partnership_add(request: HttpRequest) -> HttpResponse:
    """An employment authority sets up its own."""
    form = NameForm(posted(request))
    if may_set_up_partnership(request.acting) and form.is_valid():
        try:
            partnership = set_up_partnership(by=request.acting, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("The partnership is set up. Below you see what it still needs before it opens for clients."))
    context = {"form": form, "may_set_up": may_set_up_partnership(request.acting), "cancel_url": reverse("guidance:partnership_list"), "breadcrumbs": [(_("Partnerships"), reverse("guidance:partnership_list")), (_("Set up a partnership"), "")]}
    return render(request, "guidance/partnership_add.html", context, status=INVALID if form.is_bound and form.errors else 200)


@partnership_form
def partnership_edit(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    form = PartnershipForm(posted(request), partnership=partnership)
    if form.is_valid():
        try:
            edit_partnership(by=request.acting, partnership=partnership, **form.cleaned_data)
        except Conflict as conflict:
            return changed_page(request, conflict)
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("Saved."))
    return form_page_of(request, partnership, "guidance/partnership_form.html", _("Edit the partnership"), form)


@partnership_form
def partnership_part_add(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    """First the search, then the choice among what it found."""
    text = request.GET.get("q", "").replace("\x00", "")[:200]
    there = set(partnership.parts.values_list("organisation_id", flat=True))
    found = [organisation for organisation in find_organisations(text) if organisation.pk not in there]
    form = PartForm(posted(request), found=found)
    if form.is_valid():
        try:
            add_part(by=request.acting, partnership=partnership, organisation=form.found[form.cleaned_data["organisation"]], part=form.cleaned_data["part"])
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("The organisation is a part now. It states its own basis."))
    return form_page_of(request, partnership, "guidance/partnership_part_add.html", _("Add an organisation"), form, q=text, found=found, is_cut=len(found) >= MOST_FOUND)


@partnership_form
def partnership_part_remove(request: HttpRequest, partnership: Partnership, pk: int) -> HttpResponse:
    part = partnership.parts.select_related("organisation").filter(pk=pk).first()
    if part is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            remove_part(by=request.acting, partnership=partnership, part=part)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            return done(request, partnership, _("The organisation is no part any more."))
    response = form_page_of(request, partnership, "guidance/partnership_part_remove.html", _("Remove an organisation"), None, part=part, problem=problem)
    response.status_code = INVALID if problem else 200
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.LEAD_PARTNERSHIP)
@second_factor_required
def partnership_part_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Each organisation's own lead states its basis, also in another's partnership."""
    part = PartnershipPart.objects.select_related("partnership", "organisation").filter(partnership__slug=slug, pk=pk).first()
    if part is None or not may_edit_own_part(request.acting, part):
        raise Http404
    form = OwnPartForm(posted(request), part=part)
    if form.is_valid():
        try:
            data = form.cleaned_data
            edit_own_part(by=request.acting, part=part, acts_as_authority=data["acts_as_authority"] == "yes", processing_statute=data["processing_statute"], processing_ground=data["processing_ground"], seen=data["seen"])
        except Conflict as conflict:
            return conflict_page(request, conflict, back_url=reverse("guidance:partnership_detail", args=[slug]), back_label=_("Look at it as it is now"))
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, part.partnership, _("Saved."))
    return form_page_of(request, part.partnership, "guidance/partnership_part_form.html", _("State your organisation's basis"), form)


@partnership_form
def partnership_lead(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    people = possible_leads(partnership)
    form = LeadsForm(posted(request), partnership=partnership, people=people, ready=with_factor(people))
    if form.is_valid():
        try:
            name_leads(by=request.acting, partnership=partnership, **form.cleaned_data)
        except Conflict as conflict:
            return changed_page(request, conflict)
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("The lead and the substitute are named."))
    return form_page_of(request, partnership, "guidance/partnership_lead.html", _("Lead and substitute"), form, is_alone=len(people) < 2)


@partnership_form
def partnership_stages(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    parts = list(partnership.parts.select_related("organisation"))
    form = StagePartsForm(posted(request), partnership=partnership, parts=parts)
    if form.is_valid():
        try:
            edit_stage_parts(by=request.acting, partnership=partnership, seen=form.cleaned_data["seen"]["stage_parts"], stage_parts=form.stage_parts())
        except Conflict as conflict:
            return changed_page(request, conflict)
        except ValidationError as error:
            refused(form, error)
        else:
            return done(request, partnership, _("Saved. The figures and the moves of each client's pathway follow it from now on."))
    shown = [ShownPart(row, set_marks((row.part,), 2, 3)[0], False, None) for row in parts]
    return form_page_of(request, partnership, "guidance/partnership_stages.html", _("Who answers for each stage"), form, parts=shown)


@partnership_form
def partnership_open(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    problems: list[str] = []
    if request.method == "POST":
        try:
            open_partnership(by=request.acting, partnership=partnership)
        except ValidationError as error:
            problems = error.messages
        else:
            return done(request, partnership, _("The partnership is open. Its employment service can enter clients now."))
    response = form_page_of(request, partnership, "guidance/partnership_open.html", _("Open the partnership for clients?"), None, problems=problems, tasks=tasks_of(partnership, list(partnership.parts.select_related("organisation")), request.acting))
    response.status_code = INVALID if problems else 200
    return response
