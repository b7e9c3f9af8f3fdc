"""People of an organisation: who belongs to it, what waits, what was decided; ending and leaving."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.registries import AccountSection
from pilots.actions.people import end_membership
from pilots.choices import MembershipEnd, Permission
from pilots.forms.people import EndForm
from pilots.models import Membership, Organisation
from pilots.notifications import is_of_the_network
from pilots.permissions import may, may_end, may_manage_people, permission_required
from pilots.queries import people
from pilots.queries.decisions import decision_log
from pilots.queries.waiting import organisations_waiting


def managed_organisation(request: HttpRequest, slug: str | None) -> Organisation:
    """The organisation whose people the reader may manage: the own one without a slug. Another's gives the 404 of a missing one."""
    if slug is None or slug == request.acting.organisation.slug:
        return request.acting.organisation
    if not may(request.acting, Permission.MANAGE_ALL_PEOPLE):
        raise Http404
    return get_object_or_404(Organisation, slug=slug)


def managed(request: HttpRequest, rows, pk: int):
    """A row of an organisation whose people the reader may manage; another's gives the 404 of a missing one."""
    row = get_object_or_404(rows.select_related("organisation", "area"), pk=pk)
    if not may_manage_people(request.acting, row.organisation):
        raise Http404
    return row


def people_page(organisation: Organisation, request: HttpRequest, fragment: str = "") -> HttpResponse:
    """Back to the list that the reader came from."""
    if organisation.pk == request.acting.organisation_id:
        response = redirect("pilots:people_list")
    else:
        response = redirect("pilots:people_of", slug=organisation.slug)
    if fragment:
        response["Location"] += f"#{fragment}"
    return response


def refused(form, error: ValidationError) -> None:
    """What an action refuses, shown at its field where the form has it."""
    if hasattr(error, "error_dict"):
        for name, errors in error.error_dict.items():
            form.add_error(name if name in form.fields else None, errors)
    else:
        form.add_error(None, error)


@require_safe
@permission_required(Permission.MANAGE_PEOPLE)
def people_list(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    organisation = managed_organisation(request, slug)
    members = people.members_of(organisation)
    for member in members:
        member.may_be_ended = may_end(request.acting, member)
    text = request.GET.get("q", "") if may(request.acting, Permission.MANAGE_ALL_PEOPLE) else ""
    context = {
        "organisation": organisation,
        "members": members,
        "count_text": ngettext("%(count)d member", "%(count)d members", len(members)) % {"count": len(members)},
        "invitations": people.invitations_of(organisation),
        "requests": people.join_requests_of(organisation),
        "may_manage_all": may(request.acting, Permission.MANAGE_ALL_PEOPLE),
        "q": text,
        "found": people.find_organisations(text),
        "breadcrumbs": [(_("People"), "")],
    }
    # Another's page names that organisation alone, and has asked for it: the way to the rest is the own page.
    if context["may_manage_all"] and not text and organisation.pk == request.acting.organisation_id:
        context["elsewhere"] = organisations_waiting(request.acting)
    return render(request, "pilots/people_list.html", context)


@require_safe
@permission_required(Permission.MANAGE_PEOPLE)
def people_log(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = managed_organisation(request, slug)
    context = {
        "organisation": organisation,
        "ended": people.ended_members_of(organisation),
        "timeline": decision_log(organisation),
    }
    return render(request, "pilots/people_log.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MANAGE_PEOPLE)
def membership_end(request: HttpRequest, pk: int) -> HttpResponse:
    membership = managed(request, Membership.objects.select_related("user"), pk)
    if membership.ended_at:
        messages.info(request, _("This membership has already ended."))
        return people_page(membership.organisation, request)
    if not may_end(request.acting, membership):
        raise PermissionDenied
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_membership(by=request.user, acting=request.acting, membership=membership, reason=MembershipEnd.ENDED, message=form.cleaned_data["message"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The membership of %(name)s has ended. A mail tells of it.") % {"name": membership.user})
            if membership.pk == request.acting.pk:
                return redirect("account")
            return people_page(membership.organisation, request)
    context = {"membership": membership, "form": form, "cancel_url": people_page(membership.organisation, request).url, "danger": True}
    return render(request, "pilots/people_end.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def membership_leave(request: HttpRequest, pk: int) -> HttpResponse:
    own = Membership.objects.filter(user=request.user).select_related("organisation", "area")
    membership = get_object_or_404(own, pk=pk)
    if membership.ended_at:
        messages.info(request, _("This membership has already ended."))
        return redirect("account")
    problem = ""
    if request.method == "POST":
        try:
            end_membership(by=request.user, membership=membership, reason=MembershipEnd.LEFT)
        except ValidationError as error:
            problem = error.messages[0]
        else:
            messages.success(request, _("You have left %(organisation)s.") % {"organisation": membership.organisation.name})
            return redirect("account")
    return render(request, "pilots/people_leave.html", {"membership": membership, "problem": problem}, status=409 if problem else 200)


def account_section(request: HttpRequest) -> AccountSection:
    """One's own memberships and open requests, on the account page."""
    memberships = {"is_shown": is_of_the_network(request), "memberships": request.memberships, "acting": request.acting, "requests": people.own_join_requests(request.user)}
    return AccountSection("pilots/people_account.html", memberships)
