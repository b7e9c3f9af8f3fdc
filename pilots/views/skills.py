"""Skill needs of working life: what coordinators keep of their own areas. Their list stands beside the shared courses, in an app above."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.skills import SKILL_FIELDS, add_skill_need, edit_skill_need, end_skill_need
from pilots.forms.publications import SkillNeedForm
from pilots.models import PilotArea, SkillNeed
from pilots.queries.editing import get_area_to_edit
from pilots.queries.skills import get_skill_need
from pilots.views.area_editing import breadcrumbs
from pilots.views.conflicts import both_versions, conflict_page
from pilots.views.people import refused


def _back(area: PilotArea) -> str:
    return f"{area.get_absolute_url()}#skill-needs"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def skill_need_add(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    form = SkillNeedForm(request.POST or None, initial={"version": 0})
    if form.is_valid():
        try:
            need = add_skill_need(by=request.acting, area_id=area.pk, values={name: form.cleaned_data[name] for name in SKILL_FIELDS})
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("“%(name)s” is shown on the area’s page now.") % {"name": need.name})
            return redirect(_back(area))
    return _form_page(request, area, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def skill_need_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    need = get_skill_need(area, pk)
    initial = {name: getattr(need, name) for name in SKILL_FIELDS} | {"field": need.field_id, "version": need.version}
    form = SkillNeedForm(request.POST or None, initial=initial)
    if form.is_valid():
        version = form.cleaned_data["version"]
        mine = {name: form.cleaned_data[name] for name in SKILL_FIELDS}
        try:
            edit_skill_need(by=request.acting, area_id=area.pk, pk=pk, version=version, values=mine)
        except ChangedMeanwhile as conflict:
            return _conflict(request, area, conflict.current, version, mine)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The skill need was saved."))
            return redirect(_back(area))
    return _form_page(request, area, form, need)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def skill_need_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    need = get_skill_need(area, pk)
    if request.method == "POST":
        try:
            end_skill_need(by=request.acting, area_id=area.pk, pk=pk)
        except ValidationError as error:
            messages.info(request, error.messages[0])
        else:
            messages.success(request, _("“%(name)s” is shown no longer.") % {"name": need.name})
        return redirect(_back(area))
    return render(request, "pilots/skill_need_end.html", {"need": need, "cancel_url": _back(area), "breadcrumbs": breadcrumbs(area, (_("Skill needs"), ""))})


def _form_page(request: HttpRequest, area: PilotArea, form: SkillNeedForm, need: SkillNeed | None) -> HttpResponse:
    crumb = _("Edit the skill need") if need else _("Add a skill need")
    end_url = reverse("pilots:skill_need_end", args=[area.slug, need.pk]) if need else ""
    context = {"area": area, "form": form, "need": need, "end_url": end_url, "cancel_url": _back(area), "breadcrumbs": breadcrumbs(area, (crumb, ""))}
    return render(request, "pilots/skill_need_form.html", context, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, area: PilotArea, current: SkillNeed, version: int, mine: dict) -> HttpResponse:
    theirs, began_from = {name: getattr(current, name) for name in SKILL_FIELDS}, current.history.filter(version=version).first()
    base = {name: getattr(began_from, name) for name in SKILL_FIELDS} if began_from else None
    sides = both_versions(SkillNeed, SKILL_FIELDS, base, mine, theirs)
    data = sides.data(request.POST, version=current.version)
    if any(row.name == "field" and not row.mine for row in sides.rows):
        data["field"] = str(current.field_id)
    return conflict_page(request, current, SkillNeedForm(data), sides, breadcrumbs(area, (_("Edit the skill need"), "")), _back(area))
