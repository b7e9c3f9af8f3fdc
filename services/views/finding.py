"""What a person marks and keeps of the catalogue: favourites, and saved searches with their alerts."""
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pilots.views.listing import list_context
from services.actions.finding import drop_hidden_favourites, mark_favourite, remove_search, save_search, set_alerts, stop_alert
from services.filters import OpenFilterSet, canonical_query, catalogue_choices, catalogue_filter
from services.forms.finding import MarkForm, SearchForm
from services.forms.outcomes import INVALID, posted, refused
from services.models import SavedSearch, SharedService
from services.queries.catalogue import as_rows
from services.queries.finding import favourites_of, find_alert, get_search, hidden_favourites, searches_of, told_of

METHODS = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class KeptSearch:
    """A saved search as its list shows it: the filters in words, and where it leads."""

    search: SavedSearch
    filters: list[str]
    url: str


@METHODS
@login_required
def favourite_list(request: HttpRequest) -> HttpResponse:
    """The own list; every page's button that marks or unmarks is sent here, and goes back to where it was pressed."""
    if request.acting is None:
        raise PermissionDenied
    if request.method == "POST":
        return _mark(request)
    context = list_context(request, as_rows(favourites_of(request.acting)))
    for service in context["page_obj"].object_list:
        service.is_favourite = True
    count = context["page_obj"].paginator.count
    context |= {
        "count_text": ngettext("%(count)s shared service", "%(count)s shared services", count) % {"count": count}, "hidden": hidden_favourites(request.acting).count(),
        "here": request.get_full_path(), "breadcrumbs": [*_way(), (_("Favourites"), None)],
    }  # fmt: skip
    return render(request, "services/favourite_list.html", context)


@require_safe
@login_required
def search_list(request: HttpRequest) -> HttpResponse:
    if request.acting is None:
        raise PermissionDenied
    searches = list(searches_of(request.acting))
    choices = catalogue_choices(request.acting) if searches else {}
    kept = [_kept(request, search, choices) for search in searches]
    return render(request, "services/search_list.html", {"kept": kept, "breadcrumbs": [*_way(), (_("Saved searches"), None)]})


@METHODS
@login_required
def search_add(request: HttpRequest) -> HttpResponse:
    """The filters stand in the address, as on the list from which one comes."""
    if request.acting is None:
        raise PermissionDenied
    filterset = catalogue_filter(request.acting, request.GET, SharedService.objects.none())
    query = canonical_query(filterset)
    form = SearchForm(posted(request), initial={"name": ", ".join(_words(filterset))[:100]})
    if form.is_valid():
        try:
            found = catalogue_filter(request.acting, QueryDict(query), told_of(request.acting, timezone.now())).qs.order_by().values_list("pk", flat=True)
            save_search(by=request.acting, query=query, found=found, **form.cleaned_data)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The search is saved."))
            return redirect("services:search_list")
    cancel_url = f"{reverse('services:service_list')}?{query}"
    context = {"form": form, "filters": _words(filterset), "is_empty": not query, "cancel_url": cancel_url, "breadcrumbs": [*_way(), (_("Save the search"), None)]}
    return render(request, "services/search_add.html", context, status=INVALID if form.errors else 200)


@require_POST
@login_required
def search_change(request: HttpRequest, pk: int) -> HttpResponse:
    """Buttons of the list: alerts on or off, and away with it."""
    search = get_search(request.acting, pk)
    done = request.POST.get("do", "")
    if done in ("on", "off"):
        set_alerts(by=request.acting, search=search, on=done == "on")
        messages.success(request, _("You will be told by mail of new services.") if done == "on" else _("No mails are sent about this search any more."))
    elif done == "remove":
        remove_search(by=request.acting, search=search)
        messages.success(request, _("Removed."))
    return redirect("services:search_list")


@METHODS
def alert_stop(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a mail. Opening it changes nothing, for mail scanners open links too; a button stops the mails. Nobody signs in for it, and nothing is told of whose it is."""
    search = find_alert(token)
    if search is None:
        raise Http404
    if request.method == "POST":
        stop_alert(search=search)
        return redirect("services:alert_stop", token)
    return render(request, "services/alert_stop.html", {"is_on": search.alerts, "cancel_url": reverse("services:service_list")})


def _mark(request: HttpRequest) -> HttpResponse:
    form = MarkForm(request.POST)
    if not form.is_valid():
        raise Http404
    data = form.cleaned_data
    if "drop" in request.POST:
        drop_hidden_favourites(by=request.acting)
    for name in ("mark", "unmark"):
        if data[name]:
            try:
                mark_favourite(by=request.acting, service_id=data[name], on=name == "mark")
            except ValidationError as error:
                messages.error(request, error.messages[0])
    back, row = data["back"], data["mark"] or data["unmark"]
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("services:favourite_list")
    # To the very row whose button was pressed.
    return redirect(f"{back}#service-{row}" if row else back)


def _kept(request: HttpRequest, search: SavedSearch, choices: dict) -> KeptSearch:
    filterset = catalogue_filter(request.acting, QueryDict(search.query), SharedService.objects.none(), choices)
    return KeptSearch(search, _words(filterset), f"{reverse('services:service_list')}?{search.query}")


def _words(filterset: OpenFilterSet) -> list[str]:
    return [chip.label for chip in filterset.chips()]


def _way() -> list:
    return [(_("Shared services"), reverse("services:service_list"))]
