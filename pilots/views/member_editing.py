"""Members of a coordinator's own area: who joins and who leaves."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.templatetags.kopa import name as name_of
from pilots.actions.editing import add_member, end_member
from pilots.forms.editing import BodySearchForm, MemberEndForm, MemberForm
from pilots.queries.editing import bodies_matching, get_area_to_edit, get_member, members_to_end, organisations_in
from pilots.views.area_editing import breadcrumbs, edit_url


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def member_add(request: HttpRequest, slug: str) -> HttpResponse:
    """The search is the address (?q=), so that the found bodies stay on the page when the form has a mistake."""
    area = get_area_to_edit(request.acting, slug)
    search = BodySearchForm(request.GET if "q" in request.GET else None)
    query = search.cleaned_data["q"] if search.is_valid() else ""
    members = members_to_end(area)
    matches, more = bodies_matching(query, members)
    form = MemberForm(request.POST or None, initial={"starts_on": area.round.starts_on}, matches=matches, organisations=organisations_in(members))
    if form.is_valid():
        try:
            member = add_member(by=request.acting, area_id=area.pk, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(name)s is now a member of the area and is shown on its page.") % {"name": member.body.name})
            return redirect(edit_url(area))
    return render(
        request,
        "pilots/member_add.html",
        {
            "area": area,
            "search": search,
            "query": query,
            "matches": matches,
            "already": [match for match in matches if match.is_member],
            "can_choose": bool(form.fields["body"].choices),
            "more": more,
            "form": form,
            "cancel_url": edit_url(area),
            "breadcrumbs": breadcrumbs(area, (_("Edit the area"), edit_url(area)), (_("Add a member"), "")),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def member_end(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    area = get_area_to_edit(request.acting, slug)
    member = get_member(area, pk)
    form = MemberEndForm(request.POST or None, initial={"last_day": MemberEndForm.likely_day(member)})
    if form.is_valid():
        try:
            end_member(by=request.acting, area_id=area.pk, member_id=member.pk, last_day=form.cleaned_data["last_day"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            day = date_format(form.cleaned_data["last_day"], "SHORT_DATE_FORMAT")
            messages.success(request, _("The last day of %(name)s in the area is %(day)s. The history keeps the membership.") % {"name": member.body.name, "day": day})
            return redirect(edit_url(area))
    context = {"area": area, "member": member, "form": form, "cancel_url": edit_url(area), "danger": True}
    return render(request, "pilots/member_end.html", context | {"breadcrumbs": breadcrumbs(area, (_("Edit the area"), edit_url(area)), (name_of(member.body), ""))})
