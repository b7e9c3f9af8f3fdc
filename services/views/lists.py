"""Lists in and out: rooms and people, course runs, bookings. A list that comes in is reviewed line by line and stored whole, or not at all."""
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from pilots.choices import Permission
from pilots.permissions import permission_required
from pilots.views.listing import list_context
from services.actions.list_storing import store_list
from services.actions.lists import discard_list, edit_row, leave_out, map_columns, upload_list
from services.choices import ImportState, ListKind
from services.conflicts import Conflict
from services.forms.lists import ColumnsForm, PeriodForm, RowForm, UploadForm
from services.forms.outcomes import INVALID, posted, refused
from services.models import ListColumns, ListImport
from services.queries.lists import (
    STATES,
    bookings_between,
    bookings_out,
    counts_by_state,
    erased_on,
    get_import,
    header_of,
    judge,
    latest_imports,
    resources_out,
    runs_out,
)
from services.tables.columns import COLUMNS
from services.tables.headers import suggested
from services.tables.limits import LARGEST
from services.tables.writing import csv_lines, xlsx_file
from services.views.conflicts import changed_page

HANDLE = permission_required(Permission.HANDLE_SERVICES)
FORM = require_http_methods(["GET", "HEAD", "POST"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SAMPLES = 20
# A workbook is made whole before it is sent; CSV goes out as it is read.
MOST_EXPORTED = {"csv": 250_000, "xlsx": 50_000}
USUAL_PERIOD = timedelta(days=182)


def _way(here: str, batch: ListImport | None = None) -> list[tuple[str, str | None]]:
    way = [(_("Our services"), reverse("services:offer_list")), (_("Lists in and out"), reverse("services:list_hub"))]
    return [*way, (batch.get_kind_display(), reverse("services:import_review", args=[batch.pk])), (here, None)] if batch else [*way, (here, None)]


def _kind(text: str) -> ListKind:
    if text not in ListKind.values:
        raise Http404
    return ListKind(text)


@require_safe
@HANDLE
def list_hub(request: HttpRequest) -> HttpResponse:
    return _hub(request, PeriodForm(initial=_usual_period()))


def _hub(request: HttpRequest, period: PeriodForm) -> HttpResponse:
    context = {
        "kinds": [(kind, kind.label) for kind in ListKind], "form": period, "batches": [(one, erased_on(one)) for one in latest_imports(request.acting)],
        "breadcrumbs": [(_("Our services"), reverse("services:offer_list")), (_("Lists in and out"), None)],
    }  # fmt: skip
    return render(request, "services/list_hub.html", context, status=INVALID if period.errors else 200)


def _usual_period() -> dict:
    return {"first_day": timezone.localdate(), "last_day": timezone.localdate() + USUAL_PERIOD}


@require_safe
@HANDLE
def list_export(request: HttpRequest, kind: str, what: str) -> HttpResponse:
    """`what`: csv, xlsx, or the empty list with its columns. The same columns as the import reads; bookings of a period."""
    kind = _kind(kind)
    header, rows = header_of(kind), iter(())
    if what not in ("csv", "xlsx", "template"):
        raise Http404
    if what != "template":
        if kind == ListKind.BOOKINGS:
            given = request.GET if request.GET else {name: f"{day.day}.{day.month}.{day.year}" for name, day in _usual_period().items()}
            form = PeriodForm(given)
            if not form.is_valid():
                return _hub(request, form)
            found = bookings_between(request.acting, **form.cleaned_data)
            if found.order_by()[: MOST_EXPORTED[what] + 1].count() > MOST_EXPORTED[what]:
                form.add_error("last_day", _("There are too many bookings for one file. Choose a shorter period."))
                return _hub(request, form)
            rows = bookings_out(found)
        else:
            rows = resources_out(request.acting) if kind == ListKind.RESOURCES else runs_out(request.acting)
        if kind == ListKind.RUNS:
            header += [_("Seats taken"), _("On the waiting list")]
    return _file(kind, what, header, rows)


def _file(kind: str, what: str, header: list[str], rows: Iterator[list[Any]]) -> HttpResponse:
    name = f"kopa-{kind}-{timezone.localdate():%Y-%m-%d}.{'xlsx' if what == 'xlsx' else 'csv'}"
    if what == "xlsx":
        return FileResponse(xlsx_file(header, rows), as_attachment=True, filename=name, content_type=XLSX)
    response = StreamingHttpResponse(csv_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@FORM
@HANDLE
def import_add(request: HttpRequest, kind: str) -> HttpResponse:
    kind = _kind(kind)
    form = UploadForm(posted(request), request.FILES if request.method == "POST" else None)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # One byte more than allowed is enough to know.
            batch, codes = upload_list(by=request.acting, kind=kind, name=file.name, content=file.read(LARGEST + 1))
        except ValidationError as error:
            refused(form, error if hasattr(error, "error_dict") else ValidationError({"file": error.error_list}))
        else:
            if codes:
                messages.warning(request, ngettext("%(count)s personal identity code was left out: it is not kept here.", "%(count)s personal identity codes were left out: they are not kept here.", codes) % {"count": codes})
            return redirect("services:import_columns", batch.pk)
    context = {"form": form, "kind": kind, "kind_label": kind.label, "breadcrumbs": _way(kind.label)}
    return render(request, "services/import_add.html", context, status=INVALID if form.errors else 200)


@FORM
@HANDLE
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_import(request.acting, pk)
    if not batch.is_open:
        return redirect("services:import_review", batch.pk)
    kept = ListColumns.objects.filter(organisation=batch.organisation_id, kind=batch.kind).first()
    columns = batch.columns or suggested(COLUMNS[ListKind(batch.kind)], batch.header, kept.columns if kept else {})
    samples = list(batch.rows.order_by("line").values_list("cells", flat=True)[:SAMPLES])
    form = ColumnsForm(posted(request), batch=batch, columns=columns, samples=samples)
    if form.is_valid():
        try:
            map_columns(by=request.acting, batch=batch, columns=form.columns())
        except Conflict as conflict:
            return changed_page(request, conflict, reverse("services:import_review", args=[batch.pk]))
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("services:import_review", batch.pk)
    context = {"batch": batch, "form": form, "is_again": batch.state == ImportState.MAPPED, "breadcrumbs": _way(_("Which column is what"), batch if batch.state == ImportState.MAPPED else None)}
    return render(request, "services/import_columns.html", context, status=INVALID if form.errors else 200)


@FORM
@HANDLE
def import_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Every line as it would be stored now; `do` says which of the page's buttons was pressed."""
    batch = get_import(request.acting, pk)
    if not batch.is_open:
        return render(request, "services/import_done.html", {"batch": batch, "breadcrumbs": _way(batch.get_kind_display())})
    if batch.state == ImportState.UPLOADED:
        return redirect("services:import_columns", batch.pk)
    problem, status = "", 200
    if request.method == "POST" and (do := request.POST.get("do", "")):
        try:
            if do == "store":
                count = store_list(by=request.acting, batch=batch)
                messages.success(request, ngettext("%(count)s line is stored.", "%(count)s lines are stored.", count) % {"count": count})
                return redirect("services:import_review", batch.pk)
            _leave(request, batch, do)
            back = redirect("services:import_review", batch.pk)
            if request.GET.urlencode():
                back["Location"] += f"?{request.GET.urlencode()}"
            return back
        except Conflict as conflict:
            if conflict.obj is not None:
                return changed_page(request, conflict, reverse("services:import_review", args=[batch.pk]))
            problem, status = conflict.message, 409
        except ValidationError as error:
            problem, status = " ".join(error.messages), INVALID
    judged = judge(batch)
    counts = counts_by_state(judged)
    show = request.GET.get("show", "")
    show = show if show in STATES else ""
    here = reverse("services:import_review", args=[batch.pk])
    labels = {"wrong": _("to correct"), "warned": _("to look at"), "ready": _("ready"), "left_out": _("left out")}
    context = list_context(request, [one for one in judged if show in ("", one.state)]) | {
        "batch": batch, "counts": counts, "stored": counts["ready"] + counts["warned"], "problem": problem, "show": show, "erased_on": erased_on(batch), "breadcrumbs": _way(batch.get_kind_display()),
        "tabs": [("", _("All lines"), len(judged), here), *((state, labels[state], counts[state], f"{here}?show={state}") for state in STATES)], "labels": labels,
    }  # fmt: skip
    context["rows"] = [(one, " · ".join(list(one.row.values.values())[:4]), labels[one.state], _told(batch, one)) for one in context["page_obj"].object_list]
    return render(request, "services/import_review.html", context, status=status)


def _told(batch: ListImport, judged: Any) -> list[tuple[str, str, str]]:
    """At which column, what is wrong, and what stands there now."""
    known = COLUMNS[ListKind(batch.kind)]
    return [(str(known(column).label) if column else _("The whole line"), text, judged.row.values.get(column, "")) for column, text in judged.faults.items()]


def _leave(request: HttpRequest, batch: ListImport, do: str) -> None:
    line = request.POST.get("line", "")
    number = int(line) if line.isascii() and line.isdigit() and len(line) < 9 else None
    if do == "leave_wrong":
        leave_out(by=request.acting, batch=batch)
    elif do in ("leave", "take") and number is not None:
        leave_out(by=request.acting, batch=batch, line=number, back=do == "take")
    else:
        raise Http404


@FORM
@HANDLE
def import_row(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    batch = get_import(request.acting, pk)
    row = batch.rows.filter(line=line).first() if line < 2**31 else None
    if row is None and batch.is_open:
        raise Http404
    if row is None or batch.state != ImportState.MAPPED:
        return redirect("services:import_review", batch.pk)
    form = RowForm(posted(request), batch=batch, row=row)
    if request.method == "POST" and form.is_valid():
        try:
            edit_row(by=request.acting, batch=batch, line=line, values=form.values(), version=form.cleaned_data["version"])
        except Conflict as conflict:
            form.add_error(None, conflict.message)
            return _row_page(request, batch, row, form, 409)
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The line is corrected."))
            return redirect("services:import_review", batch.pk)
    faults = [] if form.is_bound else next((_told(batch, one) for one in judge(batch) if one.row.pk == row.pk), [])
    return _row_page(request, batch, row, form, INVALID if form.errors else 200, faults)


def _row_page(request: HttpRequest, batch: ListImport, row: Any, form: RowForm, status: int, faults: list | None = None) -> HttpResponse:
    context = {"batch": batch, "row": row, "form": form, "faults": faults or [], "cancel_url": reverse("services:import_review", args=[batch.pk]), "breadcrumbs": _way(_("Line %(line)s") % {"line": row.line}, batch)}
    return render(request, "services/import_row.html", context, status=status)


@FORM
@HANDLE
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_import(request.acting, pk)
    if request.method == "POST":
        try:
            discard_list(by=request.acting, batch=batch)
        except Conflict as conflict:
            return changed_page(request, conflict, reverse("services:import_review", args=[batch.pk]))
        messages.success(request, _("The list is discarded and its lines are erased. Nothing was stored."))
        return redirect("services:list_hub")
    if not batch.is_open:
        return redirect("services:import_review", batch.pk)
    context = {"batch": batch, "count": batch.rows.count(), "form": None, "danger": True, "cancel_url": reverse("services:import_review", args=[batch.pk]), "breadcrumbs": _way(_("Discard the list"), batch)}
    return render(request, "services/import_discard.html", context)
