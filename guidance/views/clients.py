"""The clients of one's organisation: the list, the search, and a client's own facts."""
from functools import cache

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.clients import edit_client
from guidance.choices import LogAction
from guidance.filters import chips, clear_url, narrowing
from guidance.forms.clients import EditClientForm, SearchForm, plain, sign_values
from guidance.forms.outcomes import refused
from guidance.permissions import may_see_protected_details
from guidance.queries.client_list import ON_PAGE, client_row, list_page
from guidance.queries.client_search import found_row, search_page
from guidance.queries.own import opens_pathways
from guidance.queries.waiting import desk_of
from guidance.reading import Refused, client_page, get_pathway_for
from guidance.views.pathways import INVALID, breadcrumbs, form_page, posted
from pilots.queries.keyset import KeysetPage


def count_words(page: KeysetPage) -> str:
    if page.count > page.most:
        return _("More than %(count)s clients") % {"count": page.most}
    return ngettext("%(count)s client", "%(count)s clients", page.count) % {"count": page.count}


@require_safe
@client_page
def client_list(request: HttpRequest) -> HttpResponse:
    """By name, 25 at a time; the place in the list is an id, never a name."""
    desk = desk_of(request.acting, timezone.now(), for_list=True)
    request.waiting_count = desk.waiting_count
    asked = request.GET.copy()
    after, before = ("".join(asked.pop(name, [""])[-1:]) for name in ("after", "before"))
    filters = narrowing(asked, desk.colleagues)
    page = list_page(desk, filters.on, size=ON_PAGE, after=after, before=before)
    rows = [client_row(row, desk) for row in page.rows]
    request.reading.show(rows, action=LogAction.LIST)
    context = {
        "rows": rows,
        "may_open": desk.opens,
        "page": page,
        "count_text": count_words(page),
        "filters": filters,
        "chips": chips(filters, asked),
        "clear_url": clear_url(filters, asked),
        "search_fields": _search_fields(get_language()),
    }
    return render(request, "guidance/client_list.html", context)


@cache
def _search_fields(language: str) -> SafeString:
    """The fields of a search that has not been asked; one that has been is never kept."""
    form = SearchForm()
    return format_html_join("", "{}", ((as_crispy_field(form[name]),) for name in ("name", "birth_date")))


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def client_search(request: HttpRequest) -> HttpResponse:
    """By POST and answered at once: nothing of what was asked is kept or stands in an address."""
    form = SearchForm(posted(request))
    page, rows = KeysetPage([], 0, None, None), []
    if form.is_valid():
        data = form.cleaned_data
        page = search_page(request.acting.organisation_id, name=data["name"], birth_date=data["birth_date"], size=ON_PAGE, after=data["after"], before=data["before"])
        rows = [found_row(row) for row in page.rows]
        request.reading.show(rows, action=LogAction.SEARCH)
    else:
        request.reading.counts_only()
    context = {
        "form": form,
        "search_fields": None,
        "is_asked": form.is_bound and not form.errors,
        "may_open": form.is_bound and not form.errors and not rows and opens_pathways(request.acting),
        "page": page,
        "rows": rows,
        "count_text": count_words(page),
        "breadcrumbs": [(_("Clients"), reverse("guidance:client_list")), (_("Search for a client"), "")],
    }
    return render(request, "guidance/client_search.html", context, status=INVALID if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def client_edit(request: HttpRequest, pseudonym: str) -> HttpResponse:
    """Name, birth date, contact, languages. Of two people who save at once the second sees both versions (409)."""
    pathway = get_pathway_for(request, pseudonym)
    client = pathway.client
    if not may_see_protected_details(request.acting, pathway):
        raise Refused([pseudonym])
    form = EditClientForm(posted(request), client=client)
    if form.is_valid():
        values = form.values()
        stale = [name for name in form.changed_values() if name in form.cleaned_data["seen"] and form.cleaned_data["seen"][name] != (plain(getattr(client, name)) or "")]
        if stale:
            return _both_versions(request, pathway, form, stale)
        try:
            # What was compared above is compared again under the lock.
            edit_client(by=request.acting, pathway=pathway, seen={name: getattr(client, name) for name in values}, **values)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(pathway)
    return form_page(request, "guidance/client_edit.html", pathway, form, _("Edit who the client is"))


def _both_versions(request: HttpRequest, pathway, form: EditClientForm, stale: list[str]) -> HttpResponse:
    client = pathway.client
    data = request.POST.copy()
    data["seen"] = sign_values({name: getattr(client, name) for name in form.fields if name != "seen"})
    again = EditClientForm(data, client=client)
    sides = [(again[name], plain(getattr(client, name))) for name in stale]
    same = [again[name] for name in again.fields if name not in stale and name != "seen"]
    context = {"pathway": pathway, "form": again, "sides": sides, "same": same, "cancel_url": pathway.get_absolute_url(), "breadcrumbs": breadcrumbs(pathway, (_("Edit who the client is"), ""))}
    return render(request, "guidance/client_conflict.html", context, status=409)
