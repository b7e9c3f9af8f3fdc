"""A coordinator's own area: its texts, and from there its contact people and members."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.templatetags.kopa import name as name_of
from pilots.actions.editing import ChangedMeanwhile, edit_area
from pilots.forms.editing import AreaForm
from pilots.models import PilotArea
from pilots.queries.editing import AREA_FIELDS, contacts_of, get_area_to_edit, members_to_end
from pilots.views.conflicts import both_versions, conflict_page


def breadcrumbs(area: PilotArea, *own: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Areas"), reverse("pilots:area_list")), (name_of(area), area.get_absolute_url()), *own]


def edit_url(area: PilotArea) -> str:
    return reverse("pilots:area_edit", args=[area.slug])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def area_edit(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    initial = {name: getattr(area, name) for name in AREA_FIELDS} | {"version": area.version}
    form = AreaForm(request.POST or None, initial=initial)
    if form.is_valid():
        version = form.cleaned_data.pop("version")
        try:
            changed = edit_area(by=request.acting, area_id=area.pk, version=version, values=form.cleaned_data)
        except ChangedMeanwhile as conflict:
            return _conflict(request, area, conflict.current, version, form)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if changed:
                messages.success(request, _("The texts were saved and are shown on this page. The history tells who changed what."))
            else:
                messages.info(request, _("Nothing was saved, for nothing had changed."))
            return redirect(area)
    return render(
        request,
        "pilots/area_edit.html",
        {
            "area": area,
            "form": form,
            "contacts": contacts_of(area),
            "members": members_to_end(area),
            "cancel_url": area.get_absolute_url(),
            "breadcrumbs": breadcrumbs(area, (_("Edit the area"), "")),
        },
    )


def _conflict(request: HttpRequest, area: PilotArea, current: PilotArea, version: int, form: AreaForm) -> HttpResponse:
    theirs = {name: getattr(current, name) for name in AREA_FIELDS}
    began_from = current.history.filter(version=version).first()
    base = {name: getattr(began_from, name) for name in AREA_FIELDS} if began_from else None
    sides = both_versions(PilotArea, AREA_FIELDS, base, form.cleaned_data, theirs)
    again = AreaForm(sides.data(request.POST, version=current.version))
    return conflict_page(request, current, again, sides, breadcrumbs(area, (_("Edit the area"), edit_url(area))), area.get_absolute_url())
