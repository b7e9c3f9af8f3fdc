"""Inviting people, and the page that an invitation's link opens."""
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.sessions import ACTING_FOR
from pilots.actions.invitations import accept_as_new_person, accept_invitation, invite, resend_invitation, withdraw_invitation
from pilots.choices import Permission
from pilots.forms.people import InvitationForm, NewPersonForm
from pilots.models import Invitation, Membership
from pilots.permissions import permission_required
from pilots.queries.invitations import find_invitation, has_account, has_address, inviter_may_give
from pilots.views.people import managed, managed_organisation, people_page, refused


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MANAGE_PEOPLE)
def invitation_create(request: HttpRequest, slug: str) -> HttpResponse:
    organisation = managed_organisation(request, slug)
    form = InvitationForm(request.POST or None, acting=request.acting, organisation=organisation, initial={"language": request.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        try:
            invitation = invite(by=request.user, acting=request.acting, organisation=organisation, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
            return people_page(organisation, request, "invitations")
    context = {"organisation": organisation, "form": form, "cancel_url": people_page(organisation, request).url, "days": settings.INVITATION_VALID_FOR.days}
    return render(request, "pilots/invitation_create.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required(Permission.MANAGE_PEOPLE)
def invitation_resend(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = managed(request, Invitation.objects, pk)
    try:
        resend_invitation(by=request.user, acting=request.acting, invitation=invitation)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("The invitation is on its way to %(email)s with a new link; the old one no longer works.") % {"email": invitation.email})
    return people_page(invitation.organisation, request, "invitations")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MANAGE_PEOPLE)
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = managed(request, Invitation.objects, pk)
    back = people_page(invitation.organisation, request, "invitations")
    if request.method == "POST":
        try:
            withdraw_invitation(by=request.user, acting=request.acting, invitation=invitation)
        except ValidationError as error:
            messages.info(request, error.messages[0])
        else:
            messages.success(request, _("The invitation to %(email)s is withdrawn; its link no longer works.") % {"email": invitation.email})
        return back
    return render(request, "pilots/invitation_withdraw.html", {"invitation": invitation, "cancel_url": back.url, "danger": True})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing, for mail scanners open links too; a button joins."""
    invitation = find_invitation(token)
    if invitation is None:
        return _no_use(request, "unknown", 404)
    if invitation.accepted_at:
        if request.user.is_authenticated and invitation.accepted_by_id == request.user.pk:
            messages.info(request, _("You have already joined."))
            return redirect("account")
        return _no_use(request, "accepted", 410)
    if invitation.withdrawn_at or not inviter_may_give(invitation):
        return _no_use(request, "withdrawn", 410)
    if invitation.expires_at <= timezone.now():
        return _no_use(request, "expired", 410)
    if request.user.is_authenticated:
        return _accept_signed_in(request, invitation)
    if has_account(invitation.email):
        return _page(request, invitation, "sign_in")
    return _accept_as_new(request, invitation)


def _accept_signed_in(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if not has_address(request.user, invitation.email):
        return _page(request, invitation, "other_person", status=403 if request.method == "POST" else 200)
    if request.method == "POST":
        try:
            membership = accept_invitation(by=request.user, invitation=invitation)
        except ValidationError as error:
            messages.info(request, error.messages[0])
            return redirect(request.path)
        return _joined(request, membership)
    return _page(request, invitation, "accept")


def _accept_as_new(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            membership = accept_as_new_person(invitation=invitation, language=request.LANGUAGE_CODE[:2], **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            login(request, membership.user, backend=settings.AUTHENTICATION_BACKENDS[0])
            return _joined(request, membership)
    return _page(request, invitation, "new", form=form, status=422 if form.errors else 200)


def _joined(request: HttpRequest, membership: Membership) -> HttpResponse:
    request.session[ACTING_FOR] = membership.pk
    words = {"organisation": membership.organisation.name, "role": membership.get_role_display()}
    messages.success(request, _("You now act for %(organisation)s as %(role)s.") % words)
    return redirect(settings.LOGIN_REDIRECT_URL)


def _page(request: HttpRequest, invitation: Invitation, way: str, *, form: NewPersonForm | None = None, status: int = 200) -> HttpResponse:
    context = {"invitation": invitation, "way": way, "here": request.path, "form": form}
    return render(request, "pilots/invitation_accept.html", context, status=status)


def _no_use(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "pilots/invitation_dead.html", {"why": why}, status=status)
