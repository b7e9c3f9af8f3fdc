"""Comments on a thing and reports of what is wrong in it; the thing is of any kind of `queries/discussion.py`."""
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pilots.actions.discussion import TooMany, add_comment, handle_fault, hide_comment, report_fault
from pilots.choices import Permission
from pilots.forms.discussion import CommentForm, FaultForm, HideForm
from pilots.models import Comment, FaultReport
from pilots.permissions import may, may_comment, may_moderate
from pilots.queries.discussion import Discussion, comments_on, faults_for, get_target, kind_of, with_targets
from pilots.views.listing import list_context
from pilots.views.people import refused


def discussion_context(request: HttpRequest, thing: Any) -> dict:
    """For `{% include "pilots/_discussion.html" %}`; one query for those who may read comments."""
    comments = list(comments_on(thing)) if may_comment(request.acting) else None
    discussion = Discussion(kind_of(thing), thing.pk, comments, may_moderate(request.acting, thing))
    return {"discussion": discussion, "comment_form": CommentForm() if comments is not None else None}


@require_POST
@login_required
def comment_add(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    thing = get_target(request.acting, kind, pk)
    if not may_comment(request.acting):
        raise PermissionDenied
    form = CommentForm(request.POST)
    if form.is_valid():
        comment = add_comment(by=request.acting, thing=thing, text=form.cleaned_data["text"])
        messages.success(request, _("Your comment was added."))
        return redirect(f"{comment.target.get_absolute_url()}#comment-{comment.pk}")
    context = {"form": form, "thing": thing, "cancel_url": thing.get_absolute_url(), "breadcrumbs": _crumbs(thing, _("Comment"))}
    return render(request, "pilots/comment_add.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def comment_hide(request: HttpRequest, pk: int) -> HttpResponse:
    comment = get_object_or_404(Comment, pk=pk)
    thing = comment.target
    if not may_moderate(request.acting, thing):
        raise PermissionDenied
    form = HideForm(request.POST or None)
    if form.is_valid():
        try:
            hide_comment(by=request.acting, comment_id=comment.pk, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The comment is hidden. Your reason is shown in its place."))
            return redirect(f"{thing.get_absolute_url()}#discussion")
    context = {"form": form, "comment": comment, "thing": thing, "cancel_url": thing.get_absolute_url(), "breadcrumbs": _crumbs(thing, _("Hide a comment"))}
    return render(request, "pilots/comment_hide.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def fault_report(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Open to everybody; 429 when too many have come."""
    thing = get_target(request.acting, kind, pk)
    form = FaultForm(request.POST or None)
    status = 200
    if form.is_valid():
        # Who fills the trap in is thanked like everybody else and not heard.
        trapped = form.cleaned_data.pop("website")
        try:
            if not trapped:
                report_fault(sender=_sender(request), thing=thing, **form.cleaned_data)
        except TooMany as error:
            form.add_error(None, error)
            status = 429
        else:
            messages.success(request, _("Thank you. Your report is on the list of those who keep this page."))
            return redirect(thing.get_absolute_url())
    context = {"form": form, "thing": thing, "cancel_url": thing.get_absolute_url(), "breadcrumbs": _crumbs(thing, _("This is wrong"))}
    return render(request, "pilots/fault_report.html", context, status=status)


@require_safe
@login_required
def fault_list(request: HttpRequest) -> HttpResponse:
    _check_keeper(request)
    rows = faults_for(request.acting).order_by("handled_at", "created_at", "pk").filter(handled_at=None)
    context = list_context(request, with_targets(rows))
    count = context["page_obj"].paginator.count
    context["count_text"] = ngettext("%(count)s report waits", "%(count)s reports wait", count) % {"count": count}
    return render(request, "pilots/fault_list.html", context)


@require_POST
@login_required
def fault_handle(request: HttpRequest, pk: int) -> HttpResponse:
    _check_keeper(request)
    report = get_object_or_404(FaultReport, pk=pk)
    if not may_moderate(request.acting, report):
        raise PermissionDenied
    if handle_fault(by=request.acting, fault_id=report.pk):
        messages.success(request, _("The report is off the list."))
    else:
        messages.info(request, _("Somebody else had seen to this report already."))
    return redirect("pilots:fault_list")


def _check_keeper(request: HttpRequest) -> None:
    if not (may(request.acting, Permission.EDIT_OWN_AREA) or may(request.acting, Permission.MODERATE)):
        raise PermissionDenied


def _crumbs(thing: Any, own: str) -> list[tuple[str, str | None]]:
    return [(thing.name, thing.get_absolute_url()), (own, None)]


def _sender(request: HttpRequest) -> str:
    """A person by their number, anybody else by a mark made of the address, from which it cannot be told."""
    who = f"user {request.user.pk}" if request.user.is_authenticated else get_adapter().get_client_ip(request)
    return salted_hmac("pilots.fault", who, algorithm="sha256").hexdigest()[:32]
