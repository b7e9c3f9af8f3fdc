"""Partnerships: their parts, programmes, agreement and ladder; set up, changed and opened in the browser.

No client is on these pages, so they write no log of reading and are not wrapped by `client_page`. They are for
people whose organisation is a part; changes need a partnership lead with a second factor.
"""
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.second_factor import second_factor_required
from guidance.actions.partnerships import add_part, conditions, edit_own_part, edit_partnership, name_leads, open_partnership, remove_part, set_up_partnership
from guidance.choices import ProgrammeKind
from guidance.conflicts import Conflict
from guidance.figures.shapes import Mark, set_marks
from guidance.forms.outcomes import refused
from guidance.forms.partnerships import LeadsForm, NameForm, OwnPartForm, PartForm, PartnershipForm
from guidance.models import Partnership, PartnershipPart, Programme
from guidance.permissions import may_edit_own_part, may_edit_partnership, may_lead, may_set_up_partnership
from guidance.queries.lead import possible_leads
from guidance.views.conflicts import conflict_page
from guidance.views.pathways import INVALID, posted
from pilots.choices import Permission
from pilots.permissions import permission_required
from pilots.queries.people import MOST_FOUND, find_organisations

MOST_SHOWN = 100


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


def visible_partnerships(request: HttpRequest) -> QuerySet[Partnership]:
    """Those of which one's organisation is a part, or whose process it owns."""
    if request.acting is None:
        return Partnership.objects.none()
    own = request.acting.organisation_id
    parts = PartnershipPart.objects.filter(organisation=own).order_by().values("partnership")
    return Partnership.objects.filter(Q(pk__in=parts) | Q(process_organisation=own)).select_related("process_organisation")


@require_safe
@login_required
def partnership_list(request: HttpRequest) -> HttpResponse:
    rows = [(one, may_lead(request.acting, one)) for one in visible_partnerships(request).order_by("slug")[:MOST_SHOWN]]
    return render(request, "guidance/partnership_list.html", {"rows": rows, "may_set_up": may_set_up_partnership(request.acting)})


@dataclass(frozen=True)
class ShownPart:
    row: PartnershipPart
    mark: Mark
    may_state: bool


SECTIONS = [
    (ProgrammeKind.MEASURE, False, gettext_lazy("Measures and services that are offered now")),
    (ProgrammeKind.MEASURE, True, gettext_lazy("Offered during the local government pilot, no longer")),
    (ProgrammeKind.FRAMEWORK, None, gettext_lazy("Frameworks")),
    (ProgrammeKind.REFORM, None, gettext_lazy("Reforms")),
    (ProgrammeKind.PUBLICATION, None, gettext_lazy("Publications")),
]


@require_safe
@login_required
def partnership_detail(request: HttpRequest, slug: str) -> HttpResponse:
    partnership = visible_partnerships(request).select_related("lead__user", "substitute__user").filter(slug=slug).first()
    if partnership is None:
        raise Http404
    programmes = list(partnership.programmes.prefetch_related("run_by"))
    may_edit = may_edit_partnership(request.acting, partnership)
    context = {
        "partnership": partnership,
        "parts": [ShownPart(row, set_marks((row.part,), 2, 3)[0], may_edit_own_part(request.acting, row)) for row in partnership.parts.select_related("organisation")],
        "sections": [(title, rows) for kind, historical, title in SECTIONS if (rows := _of_kind(programmes, kind, historical))],
        "may_edit": may_edit,
        "may_lead": may_lead(request.acting, partnership),
        "breadcrumbs": [(_("Partnerships"), reverse("guidance:partnership_list")), (partnership.name, "")],
    }
    return render(request, "guidance/partnership_detail.html", context)


def _of_kind(programmes: list[Programme], kind: str, historical: bool | None) -> list[Programme]:
    return [one for one in programmes if one.kind == kind and historical in (None, one.is_historical)]


def _render(request: HttpRequest, partnership: Partnership, template: str, title: str, form, **context) -> HttpResponse:
    back = reverse("guidance:partnership_detail", args=[partnership.slug])
    context |= {"partnership": partnership, "form": form, "title": title, "cancel_url": back, "breadcrumbs": [(_("Partnerships"), reverse("guidance:partnership_list")), (partnership.name, back), (title, "")]}
    return render(request, template, context, status=INVALID if form is not None and form.is_bound and form.errors else 200)


def _done(request: HttpRequest, partnership: Partnership, words: str) -> HttpResponse:
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
            return _done(request, partnership, _("The partnership is set up. Below you see what it still needs before it opens for clients."))
    context = {"form": form, "may_set_up": may_set_up_partnership(request.acting), "cancel_url": reverse("guidance:partnership_list"), "breadcrumbs": [(_("Partnerships"), reverse("guidance:partnership_list")), (_("Set up a partnership"), "")]}
    return render(request, "guidance/partnership_add.html", context, status=INVALID if form.is_bound and form.errors else 200)


@partnership_form
def partnership_edit(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    form = PartnershipForm(posted(request), partnership=partnership)
    if form.is_valid():
        try:
            edit_partnership(by=request.acting, partnership=partnership, **form.cleaned_data)
        except Conflict as conflict:
            return conflict_page(request, conflict, back_url=request.path, back_label=_("Look at it as it is now"))
        except ValidationError as error:
            refused(form, error)
        else:
            return _done(request, partnership, _("Saved."))
    return _render(request, partnership, "guidance/partnership_form.html", _("Edit the partnership"), form)


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
            return _done(request, partnership, _("The organisation is a part now. It states its own basis."))
    return _render(request, partnership, "guidance/partnership_part_add.html", _("Add an organisation"), form, q=text, found=found, is_cut=len(found) >= MOST_FOUND)


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
            return _done(request, partnership, _("The organisation is no part any more."))
    response = _render(request, partnership, "guidance/partnership_part_remove.html", _("Remove an organisation"), None, part=part, problem=problem)
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
    answer = {True: "yes", False: "no"}.get(part.acts_as_authority, "")
    form = OwnPartForm(posted(request), initial={"acts_as_authority": answer, "processing_statute": part.processing_statute})
    if form.is_valid():
        try:
            edit_own_part(by=request.acting, part=part, acts_as_authority=form.cleaned_data["acts_as_authority"] == "yes", processing_statute=form.cleaned_data["processing_statute"])
        except ValidationError as error:
            refused(form, error)
        else:
            return _done(request, part.partnership, _("Saved."))
    return _render(request, part.partnership, "guidance/partnership_form.html", _("State your organisation's basis"), form)


@partnership_form
def partnership_lead(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    form = LeadsForm(posted(request), people=possible_leads(partnership), initial={"lead": partnership.lead_id, "substitute": partnership.substitute_id})
    if form.is_valid():
        try:
            name_leads(by=request.acting, partnership=partnership, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            return _done(request, partnership, _("The lead and the substitute are named."))
    return _render(request, partnership, "guidance/partnership_lead.html", _("Lead and substitute"), form)


@partnership_form
def partnership_open(request: HttpRequest, partnership: Partnership) -> HttpResponse:
    problems: list[str] = []
    if request.method == "POST":
        try:
            open_partnership(by=request.acting, partnership=partnership)
        except ValidationError as error:
            problems = error.messages
        else:
            return _done(request, partnership, _("The partnership is open. Clients can be entered."))
    response = _render(request, partnership, "guidance/partnership_open.html", _("Open the partnership for clients?"), None, problems=problems, conditions=conditions(partnership))
    response.status_code = INVALID if problems else 200
    return response
