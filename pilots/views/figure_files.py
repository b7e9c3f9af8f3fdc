"""Files of figures: brought in, looked at, stored whole or discarded."""
import zlib

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pilots.actions.figures import LARGEST, BadFigures, discard_figures, judge_file, map_figures, store_figures, upload_figures
from pilots.choices import ImportStep, Permission
from pilots.forms.figures import FigureFileForm, FigureMappingForm
from pilots.models import IndicatorImport, Measure, Municipality
from pilots.permissions import permission_required
from pilots.queries.figure_files import Judged, read_dataset, replaced_by
from pilots.tables.mapping import Mapping, read_mapping

KEEP = permission_required(Permission.KEEP_FIGURES)
INVALID, SHOWN = 422, 20


@require_http_methods(["GET", "HEAD", "POST"])
@KEEP
def figure_file_list(request: HttpRequest) -> HttpResponse:
    form = FigureFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            batch = upload_figures(by=request.acting, name=data["file"].name, content=data["file"].read(LARGEST + 1), mapping=Mapping(source=data["source"], retrieved_on=data["retrieved_on"]))
        except ValidationError as error:
            form.add_error(None, error) if not hasattr(error, "error_dict") else [form.add_error(name, errors) for name, errors in error.error_dict.items()]
        else:
            return redirect("pilots:figure_file", batch.pk)
    context = {
        "breadcrumbs": [(_("Municipalities"), reverse("pilots:municipality_list")), (_("Files of figures"), None)],
        "form": form,
        "multipart": True,
        "batches": IndicatorImport.objects.select_related("by__user").defer("content", "mapping")[:SHOWN],
    }
    return render(request, "pilots/figure_file_list.html", context, status=INVALID if form.is_bound and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@KEEP
def figure_file(request: HttpRequest, pk: int) -> HttpResponse:
    """What is what in the file, and what would be stored; `do` says which of the page's buttons was pressed."""
    batch = IndicatorImport.objects.select_related("by__user").filter(pk=pk).first() if pk < 2**31 else None
    if batch is None:
        raise Http404
    way = [(_("Municipalities"), reverse("pilots:municipality_list")), (_("Files of figures"), reverse("pilots:figure_file_list")), (batch.file_name, None)]
    if batch.step != ImportStep.WAITING:
        return render(request, "pilots/figure_file.html", {"breadcrumbs": way, "batch": batch, "form": None, "judged": None, "samples": [], "replaced": replaced_by(batch)})
    dataset, mapping = read_dataset(zlib.decompress(bytes(batch.content))), read_mapping(batch.mapping)
    do = request.POST.get("do", "") if request.method == "POST" else ""
    form = FigureMappingForm(request.POST if do == "map" else None, dataset=dataset, mapping=mapping)
    judged, problem = None, ""
    try:
        if do == "map" and form.is_valid():
            map_figures(by=request.acting, batch=batch, mapping=form.read())
            return redirect("pilots:figure_file", batch.pk)
        if do == "store":
            stored = store_figures(by=request.acting, batch=batch)
            messages.success(request, _("Stored: %(added)s figures added, %(replaced)s replaced, %(unchanged)s as they were.") % {"added": stored.added, "replaced": stored.replaced, "unchanged": stored.unchanged})
            return redirect("pilots:figure_file", batch.pk)
        if do == "discard":
            discard_figures(by=request.acting, batch=batch)
            messages.success(request, _("The file is discarded. Nothing was stored."))
            return redirect("pilots:figure_file_list")
    except BadFigures as error:
        judged, problem = error.judged, " ".join(error.messages)
    except ValidationError as error:
        problem = " ".join(error.messages)
    judged = judged or judge_file(batch)
    context = {"breadcrumbs": way, "batch": batch, "form": form, "judged": judged, "problem": problem, "samples": _samples(judged), "title": dataset.title}
    return render(request, "pilots/figure_file.html", context, status=INVALID if problem or (form.is_bound and form.errors) else 200)


def _samples(judged: Judged) -> list[tuple]:
    """The first figures as they would be stored."""
    keys = list(judged.figures)[:SHOWN]
    places = Municipality.objects.only("name_fi", "name_sv").in_bulk({key[0] for key in keys})
    measures = Measure.objects.in_bulk({key[1] for key in keys})
    return [(places[place], part, measures[measure], year, judged.figures[place, measure, part, year][0], judged.figures[place, measure, part, year][1]) for place, measure, part, year in keys]
