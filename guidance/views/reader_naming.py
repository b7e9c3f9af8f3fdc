"""Whether clients read the names of the organisation's people who have read about them. Nothing here is about a client, and nothing is read of one."""
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.registries import AccountSection
from accounts.second_factor import ask_second_factor
from guidance.actions.reading_rules import may_name_readers, set_reader_naming
from guidance.forms.readings import ReaderNamingForm
from guidance.models import ReaderNaming
from guidance.queries.own_access import has_own_account
from pilots.choices import Permission
from pilots.permissions import may


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reader_naming(request: HttpRequest) -> HttpResponse:
    if not may_name_readers(request.acting):
        raise PermissionDenied
    if may(request.acting, Permission.SUPERVISE_READING) and (instead := ask_second_factor(request)) is not None:
        return instead
    now = ReaderNaming.objects.filter(organisation=request.acting.organisation_id).first()
    form = ReaderNamingForm(request.POST if request.method == "POST" else None, initial={"shows_names": bool(now and now.shows_names)})
    if form.is_valid():
        set_reader_naming(by=request.acting, shows_names=form.cleaned_data["shows_names"])
        messages.success(request, _("Saved."))
        return redirect("guidance:reader_naming")
    return render(request, "guidance/reader_naming.html", {"form": form, "breadcrumbs": [(_("Names of readers"), None)]}, status=422 if form.errors else 200)


def clients_data_section(request: HttpRequest) -> AccountSection:
    """On the account page: settings about clients' data for those who may make them, and a client's own page."""
    context = {
        "names_readers": may_name_readers(request.acting),
        "keeps_provisions": may(request.acting, Permission.KEEP_PROVISIONS),
        "is_client": request.acting is None and has_own_account(request.user),
    }
    return AccountSection("guidance/_own_account.html", context)
