"""A client list line by line: what is wrong, who is perhaps here already, what to do; then all of it is stored."""
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guidance.actions.import_store import review_again, store_list
from guidance.actions.imports import decide_row, edit_row, leave_out
from guidance.choices import ImportState, LogAction, RowDecision, RowState
from guidance.forms.imports import RowForm
from guidance.forms.outcomes import refused
from guidance.models import ImportBatch, ImportRow
from guidance.queries.imports import STATES, ShownRow, counts_by_state, erased_on, page_of_rows, shown_rows
from guidance.reading import Refused, client_page
from guidance.views.conflicts import tells_conflicts
from guidance.views.imports import get_batch_for, import_breadcrumbs
from guidance.views.pathways import INVALID, posted


@require_safe
@client_page
def import_review(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_batch_for(request, pk)
    if batch.state == ImportState.UPLOADED:
        request.reading.counts_only()
        return redirect("guidance:import_columns", batch.pk)
    return review_page(request, batch)


def review_page(request: HttpRequest, batch: ImportBatch, error: ValidationError | None = None) -> HttpResponse:
    """25 lines at a time, all or those of one state. Looking at a list is logged, with the clients who stand beside its lines."""
    if not batch.is_open:
        request.reading.counts_only()
        context = {"batch": batch, "breadcrumbs": import_breadcrumbs((_("A client list"), ""))}
        return render(request, "guidance/import_done.html", context)
    state = request.GET.get("show", "")
    state = state if state in RowState.values else ""
    page = page_of_rows(batch, state=state, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    rows = shown_rows(request.acting, batch, page.rows)
    show_beside(request, rows, LogAction.LIST)
    counts = counts_by_state(batch)
    here = reverse("guidance:import_review", args=[batch.pk])
    context = {
        "batch": batch,
        "rows": rows,
        "page": page,
        "counts": counts,
        "unsettled": counts[RowState.WRONG] + counts[RowState.ASK],
        "state": state,
        "place": place_of(request),
        "tabs": [("", _("All lines"), sum(counts.values()), here), *((code, RowState(code).label, counts[code], f"{here}?show={code}") for code in STATES)],
        "erased_on": erased_on(batch),
        "error": error,
        "breadcrumbs": import_breadcrumbs((_("A client list"), "")),
    }
    return render(request, "guidance/import_review.html", context, status=INVALID if error else 200)


def place_of(request: HttpRequest) -> str:
    """Where in the list somebody is, to come back there; numbers and codes only."""
    place = {name: value for name in ("after", "before") if (value := request.GET.get(name, "")).isascii() and value.isdigit() and len(value) < 10}
    if (state := request.GET.get("show", "")) in RowState.values:
        place["show"] = state
    return urlencode(place)


def show_beside(request: HttpRequest, rows: list[ShownRow], action: str) -> None:
    request.reading.show([pathway for row in rows for pathway, _stage in row.likely], action=action)


def back_to_review(request: HttpRequest, batch: ImportBatch, line: int | None = None) -> HttpResponse:
    response = redirect("guidance:import_review", batch.pk)
    place = place_of(request)
    response["Location"] += (f"?{place}" if place else "") + (f"#line-{line}" if line else "")
    return response


def get_row_for(batch: ImportBatch, line: int) -> ImportRow:
    row = batch.rows.filter(line=line).first() if line < 2**31 else None
    if row is None:
        raise Refused
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
@tells_conflicts
def import_row(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """One line: its fields, what is wrong with them, and everybody whom it looks like."""
    batch = get_batch_for(request, pk)
    row = get_row_for(batch, line)
    [shown] = shown_rows(request.acting, batch, [row])
    show_beside(request, [shown], LogAction.CHANGE if request.method == "POST" else LogAction.VIEW)
    if batch.state != ImportState.MAPPED or row.is_emptied:
        return redirect("guidance:import_review" if batch.state != ImportState.UPLOADED else "guidance:import_columns", batch.pk)
    form = RowForm(posted(request), row=row)
    if form.is_valid():
        try:
            row = edit_row(by=request.acting, batch=batch, line=line, values=form.values(), seen=form.cleaned_data["seen"])
        except ValidationError as error:
            refused(form, error)
        else:
            if row.state == RowState.ASK:
                messages.warning(request, _("Saved. Perhaps this person is here already: look below."))
                return redirect("guidance:import_row", batch.pk, line)
            messages.success(request, _("Line %(line)s is saved.") % {"line": line})
            return back_to_review(request, batch, line)
    elif not form.is_bound:
        form = RowForm.with_faults(row)
    context = {
        "batch": batch,
        "one": shown,
        "row": row,
        "form": form,
        "place": place_of(request),
        "cancel_url": back_to_review(request, batch, line)["Location"],
        "breadcrumbs": import_breadcrumbs((_("A client list"), reverse("guidance:import_review", args=[batch.pk])), (_("Line %(line)s") % {"line": line}, "")),
    }
    return render(request, "guidance/import_row.html", context, status=INVALID if request.method == "POST" else 200)


@require_POST
@client_page
@tells_conflicts
def import_decide(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Leave a line out, take it in again, or say that it is another person than those shown beside it."""
    batch = get_batch_for(request, pk)
    row = get_row_for(batch, line)
    request.reading.show([], action=LogAction.CHANGE)
    try:
        decided = decide_row(by=request.acting, batch=batch, line=row.line, decision=request.POST.get("decision", ""), seen=set(request.POST.get("seen", "")[:500].split(",")))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = _("Line %(line)s is left out.") if decided.decision == RowDecision.SKIP else _("Line %(line)s is taken in.")
        messages.success(request, words % {"line": line})
    return back_to_review(request, batch, line)


@require_POST
@client_page
@tells_conflicts
def import_leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_batch_for(request, pk)
    request.reading.counts_only()
    try:
        count = leave_out(by=request.acting, batch=batch, state=request.POST.get("state", ""))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, ngettext("%(count)s line is left out.", "%(count)s lines are left out.", count) % {"count": count})
    return redirect("guidance:import_review", batch.pk)


@require_POST
@client_page
@tells_conflicts
def import_store(request: HttpRequest, pk: int) -> HttpResponse:
    """All or nothing. What has changed since the review (days, new clients) is shown instead of being stored over."""
    batch = get_batch_for(request, pk)
    request.reading.counts_only()
    try:
        pathways = store_list(by=request.acting, batch=batch)
    except ValidationError as error:
        batch.refresh_from_db()
        if batch.state == ImportState.MAPPED:
            review_again(by=request.acting, batch=batch)
            return review_page(request, batch, error)
        messages.error(request, " ".join(error.messages))
        return redirect("guidance:import_columns", batch.pk)
    request.reading.show(pathways, action=LogAction.CHANGE)
    if pathways:
        count = len(pathways)
        messages.success(request, ngettext("%(count)s client is stored, and their first step waits on your list.", "%(count)s clients are stored, and their first steps wait on your list.", count) % {"count": count})
    return redirect("guidance:import_review", batch.pk)
