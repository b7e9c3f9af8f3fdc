"""Asking to join an organisation, and answering."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pilots.actions.join import accept_request, ask_to_join, decline_request, withdraw_request
from pilots.choices import Permission
from pilots.forms.people import DeclineForm, JoinForm
from pilots.models import JoinRequest, Organisation
from pilots.permissions import permission_required
from pilots.queries.people import MOST_FOUND, find_organisations
from pilots.views.people import managed, people_page, refused


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def join_ask(request: HttpRequest) -> HttpResponse:
    """First the organisation, by search; then, at ?organisation=, the role."""
    if slug := request.GET.get("organisation"):
        # As an address would be: what cannot be a slug is missing, not asked of the database.
        if not slug_re.match(slug):
            raise Http404
        return _ask(request, get_object_or_404(Organisation, slug=slug))
    text = request.GET.get("q", "")
    found = find_organisations(text)
    context = {"q": text, "found": found, "is_cut": len(found) == MOST_FOUND}
    return render(request, "pilots/join_find.html", context)


def _ask(request: HttpRequest, organisation: Organisation) -> HttpResponse:
    form = JoinForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            ask_to_join(by=request.user, organisation=organisation, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Your request has been sent. You get a mail when it has been decided."))
            return redirect("account")
    return render(request, "pilots/join_ask.html", {"organisation": organisation, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def join_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    own = JoinRequest.objects.filter(user=request.user).select_related("organisation", "area")
    join_request = get_object_or_404(own, pk=pk)
    if join_request.decided_at:
        messages.info(request, _("This request has already been decided."))
        return redirect("account")
    if request.method == "POST":
        try:
            withdraw_request(by=request.user, request=join_request)
        except ValidationError as error:
            messages.info(request, error.messages[0])
        else:
            messages.success(request, _("Your request is withdrawn."))
        return redirect("account")
    return render(request, "pilots/join_withdraw.html", {"join_request": join_request})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(Permission.MANAGE_PEOPLE)
def join_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accepting needs no words, declining a reason."""
    join_request = managed(request, JoinRequest.objects.select_related("user"), pk)
    back = people_page(join_request.organisation, request, "requests")
    if join_request.decided_at:
        messages.info(request, _("This request has already been decided."))
        return back
    form = DeclineForm(request.POST if request.POST.get("decision") == "decline" else None)
    problem = ""
    if request.method == "POST":
        answer = {"by": request.user, "acting": request.acting, "request": join_request}
        try:
            if request.POST.get("decision") == "accept":
                accept_request(**answer)
                messages.success(request, _("%(name)s has joined. A mail tells of it.") % {"name": join_request.user})
                return back
            if form.is_valid():
                decline_request(**answer, reason=form.cleaned_data["reason"])
                messages.success(request, _("The request of %(name)s is declined. A mail tells of it with your reason.") % {"name": join_request.user})
                return back
        except ValidationError as error:
            problem = error.messages[0]
    context = {"join_request": join_request, "form": form, "problem": problem, "cancel_url": back.url}
    return render(request, "pilots/join_decide.html", context, status=422 if form.errors or problem else 200)
