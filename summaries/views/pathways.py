"""The pathways of one's organisation in figures, for those who may open each of them, and the list behind each number.

A page of figures names nobody and is no reading of a client; a list is, and is written in the log.
"""
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guidance.models import Partnership
from guidance.reading import client_page
from pilots.charts import mark_sign
from summaries.choices import GroupBy
from summaries.documents.pathway_file import PathwayFile, as_document, as_workbook
from summaries.documents.pathway_tables import PathwayTable, said, tables_of
from summaries.forms import GroupForm
from summaries.queries.pathway_choices import choices_of
from summaries.queries.pathway_counts import baseline, count_pathways
from summaries.queries.pathway_figures import Baseline, PathwayFigures
from summaries.views.answers import file_answer, require_file
from summaries.views.pathway_charts import LINES, charts_of


@dataclass(frozen=True)
class Read:
    """What the page and its files tell alike."""

    form: GroupForm
    partnership: Partnership | None
    figures: PathwayFigures
    quoted: list[Baseline]
    tables: list[PathwayTable]


def _read(request: HttpRequest) -> Read:
    request.reading.counts_only()
    organisation, today = request.acting.organisation_id, timezone.localdate()
    choices = choices_of(organisation)
    form = GroupForm(request.GET, choices)
    narrowed, asked = form.narrowed(), form.on

    def link(**more: str) -> str:
        return f"{reverse('summaries:our_pathways_list')}?{urlencode(asked | {name: value for name, value in more.items() if value})}"

    figures = count_pathways(organisation, narrowed, today, choices.words(form.group_by), link)
    # The source speaks of one partnership: beside all of several it would be compared with others.
    partnership = choices.chosen(asked.get("partnership", ""))
    quoted = baseline(organisation, narrowed, partnership, link) if partnership else []
    grouped_by = capfirst(str(GroupBy(form.group_by).label))
    return Read(form, partnership, figures, quoted, tables_of(figures, grouped_by, quoted))


@require_safe
@client_page
def our_pathways(request: HttpRequest) -> HttpResponse:
    read = _read(request)
    charts = charts_of(read.figures, read.form.group_by)
    context = {
        "form": read.form,
        "chips": read.form.chips(),
        "clear_url": read.form.clear_url(),
        "figures": read.figures,
        "sections": [(table, charts.get(table.meaning.code, "")) for table in read.tables],
        "signs": [(label, mark_sign(place)) for place, (label, _name) in enumerate(LINES)] if read.form.group_by == GroupBy.MONTH else [],
        "quoted": [one.quoted for one in read.quoted],
        "files": {what: f"{reverse('summaries:our_pathways_file', kwargs={'what': what})}?{request.GET.urlencode()}" for what in ("xlsx", "csv", "pdf")},
        "breadcrumbs": [(_("Waiting for me"), reverse("guidance:waiting")), (_("Our pathways in figures"), None)],
    }
    return render(request, "summaries/our_pathways.html", context)


@require_safe
@client_page
def our_pathways_file(request: HttpRequest, what: str) -> HttpResponse | StreamingHttpResponse:
    require_file(what)
    read, today = _read(request), timezone.localdate()
    about = [
        (_("Pathways that this organisation may open"), request.acting.organisation.name),
        (_("Counted on"), today),
        *read.form.words(),
        *((said(one.quoted, "name"), note) for one in read.quoted if (note := said(one.quoted, "note"))),
        (_("Asked for by"), request.user.name),
    ]
    file = PathwayFile(_("Our pathways in figures"), f"pathways-{today}", read.tables, about, today)
    return file_answer(file, what, as_workbook, as_document)
