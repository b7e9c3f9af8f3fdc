"""Client lists: which there are, a new file, which column is what, and discarding one."""
import csv
import io

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from guidance.actions.imports import discard_list, map_columns, upload_list
from guidance.choices import ImportState, LogAction
from guidance.forms.imports import ColumnsForm, UploadForm
from guidance.forms.outcomes import refused
from guidance.models import ColumnMapping, ImportBatch
from guidance.queries.imports import batches_of, erased_on, latest_batches, partnerships_to_import_to
from guidance.reading import Refused, client_page
from guidance.tables.columns import IN_TEMPLATE, Column
from guidance.views.conflicts import tells_conflicts
from guidance.views.pathways import INVALID, posted
from services.tables.headers import suggested
from services.tables.limits import LARGEST

SAMPLES = 20


def get_batch_for(request: HttpRequest, pk: int) -> ImportBatch:
    """A list of one's own organisation; another's is as good as missing."""
    batch = batches_of(request.acting).filter(pk=pk).first()
    if batch is None:
        raise Refused
    return batch


def import_breadcrumbs(*own: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Clients"), reverse("guidance:client_list")), (_("Import a client list"), reverse("guidance:import_list") if own else ""), *own]


def address_of(batch: ImportBatch) -> str:
    """Where the work on a list goes on."""
    return reverse("guidance:import_columns" if batch.state == ImportState.UPLOADED else "guidance:import_review", args=[batch.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
def import_list(request: HttpRequest) -> HttpResponse:
    """The lists of the own organisation and the form for a new one. Counts and file names, no client."""
    request.reading.counts_only()
    partnerships = partnerships_to_import_to(request.acting)
    is_sent = bool(partnerships) and request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None, partnerships=partnerships)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # One byte more than allowed is enough to know; the rest of a large file is never read into memory.
            batch, codes = upload_list(by=request.acting, partnership=form.chosen_partnership, name=file.name, content=file.read(LARGEST + 1))
        except ValidationError as error:
            refused(form, error if hasattr(error, "error_dict") else ValidationError({"file": error.error_list}))
        else:
            if codes:
                messages.warning(request, ngettext("%(count)s personal identity code was left out: it is not kept here.", "%(count)s personal identity codes were left out: they are not kept here.", codes) % {"count": codes})
            return redirect(address_of(batch))
    context = {
        "form": form,
        "may_import": bool(partnerships),
        "multipart": True,
        "batches": [(batch, address_of(batch), erased_on(batch)) for batch in latest_batches(request.acting)],
        "breadcrumbs": import_breadcrumbs(),
    }
    return render(request, "guidance/import_list.html", context, status=INVALID if form.is_bound and form.errors else 200)


@require_safe
@client_page
def import_template(request: HttpRequest) -> HttpResponse:
    """An empty list with the columns' names, as spreadsheets of these languages open it: semicolons, UTF-8 with its mark."""
    request.reading.counts_only()
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerow([column.label for column in IN_TEMPLATE])
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="clients.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
@tells_conflicts
def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_batch_for(request, pk)
    # What stands in the first lines is a client's, though not yet one of ours.
    request.reading.show([], action=LogAction.CHANGE if request.method == "POST" else LogAction.LIST)
    if not batch.is_open:
        return redirect("guidance:import_review", batch.pk)
    kept = ColumnMapping.objects.filter(organisation=request.acting.organisation_id).first()
    columns = batch.columns or suggested(Column, batch.header, kept.columns if kept else {})
    samples = list(batch.rows.exclude(cells=[]).order_by("line").values_list("cells", flat=True)[:SAMPLES])
    form = ColumnsForm(posted(request), batch=batch, columns=columns, samples=samples)
    if form.is_valid():
        data = form.cleaned_data
        try:
            map_columns(by=request.acting, batch=batch, columns=form.columns(), first_step=data["first_step"], first_due_on=data["first_due_on"])
        except ValidationError as error:
            refused(form, error)
        else:
            return redirect("guidance:import_review", batch.pk)
    context = {
        "batch": batch,
        "form": form,
        "is_again": batch.state == ImportState.MAPPED,
        "cancel_url": reverse("guidance:import_review", args=[batch.pk]) if batch.state == ImportState.MAPPED else reverse("guidance:import_list"),
        "breadcrumbs": import_breadcrumbs((_("Which column is what"), "")),
    }
    return render(request, "guidance/import_columns.html", context, status=INVALID if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@client_page
@tells_conflicts
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    batch = get_batch_for(request, pk)
    request.reading.counts_only()
    if request.method == "POST":
        discard_list(by=request.acting, batch=batch)
        messages.success(request, _("The list is discarded and its lines are erased. No client was stored."))
        return redirect("guidance:import_list")
    if not batch.is_open:
        return redirect("guidance:import_review", batch.pk)
    context = {
        "batch": batch,
        "count": batch.rows.count(),
        "form": None,
        "danger": True,
        "cancel_url": address_of(batch),
        "breadcrumbs": import_breadcrumbs((_("Discard the list"), "")),
    }
    return render(request, "guidance/import_discard.html", context)
