"""The list behind a number of the pathway summary: names as the client list shows them, and each list in the read log."""
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from guidance.choices import HandoffState, LogAction, Outcome, Stage
from guidance.reading import client_page
from summaries.choices import FactKind, PathwayList
from summaries.forms import PathwayListForm
from summaries.models import PathwayFact
from summaries.queries.pathway_choices import choices_of
from summaries.queries.pathway_figures import DUE, ENDED, GOES_ON, MET_OF_DUE, MOVED
from summaries.queries.pathway_lists import Behind, list_behind, list_page

ON_PAGE = 25


@dataclass(frozen=True)
class Row:
    pseudonym: str
    name: str
    is_protected: bool
    facts: list[str]


@require_safe
@client_page
def our_pathways_list(request: HttpRequest) -> HttpResponse:
    asked = request.GET.copy()
    after, before = ("".join(asked.pop(name, [""])[-1:]) for name in ("after", "before"))
    form = PathwayListForm(asked, choices_of(request.acting.organisation_id))
    behind, today = form.behind(), timezone.localdate()
    page = list_page(list_behind(request.acting.organisation_id, form.narrowed(), behind, today), size=ON_PAGE, after=after, before=before)
    rows = [_row(fact) for fact in page.rows]
    request.reading.show(rows, action=LogAction.LIST)
    context = {
        "form": form,
        "title": title_of(behind),
        "state": _state_words(behind),
        "rows": rows,
        "page": page,
        "count_text": _count_words(behind, page.count),
        "chips": form.chips(),
        "clear_url": form.clear_url(),
        "breadcrumbs": [(_("Waiting for me"), reverse("guidance:waiting")), (_("Our pathways in figures"), reverse("summaries:our_pathways")), (title_of(behind), None)],
    }
    return render(request, "summaries/our_pathways_list.html", context)


def title_of(behind: Behind) -> str:
    figure = PathwayList(behind.figure)
    if behind.stage and figure in (PathwayList.REACHED, PathwayList.PERIOD):
        return _("%(what)s: %(stage)s") % {"what": figure.label, "stage": Stage(behind.stage).label}
    return str(figure.label)


def _state_words(behind: Behind) -> str:
    """Which of them, as the column of the table says it."""
    if behind.figure == PathwayList.PERIOD:
        return {MOVED: _("The client moved on to another stage."), ENDED: _("The pathway ended in this stage."), GOES_ON: _("The stage goes on.")}.get(behind.state, "")
    if behind.figure == PathwayList.CLOSED and behind.state in Outcome.values:
        return capfirst(str(Outcome(behind.state).label))
    if behind.figure == PathwayList.HANDOFF:
        words = {DUE: _("Those that had their time to be met; the withdrawn ones are left out."), MET_OF_DUE: _("Those that had their time to be met, and were met.")}
        return words.get(behind.state) or _handoff_state(behind.state)
    return ""


def _handoff_state(state: str) -> str:
    words = {"met": HandoffState.MET, "accepted": HandoffState.ACCEPTED, "unanswered": HandoffState.SENT, "declined": HandoffState.DECLINED, "withdrawn": HandoffState.WITHDRAWN}
    return capfirst(str(words[state].label)) if state in words else ""


def _count_words(behind: Behind, count: int) -> str:
    if behind.figure == PathwayList.HANDOFF:
        words = ngettext("%(count)s hand-off", "%(count)s hand-offs", count)
    elif behind.figure == PathwayList.PERIOD:
        words = ngettext("%(count)s period", "%(count)s periods", count)
    else:
        words = ngettext("%(count)s pathway", "%(count)s pathways", count)
    return words % {"count": number_format(count, force_grouping=True)}


def _row(fact: PathwayFact) -> Row:
    pathway = fact.pathway
    return Row(pathway.pseudonym, f"{pathway.client.family_name} {pathway.client.given_names}", pathway.client.is_protected, _facts(fact))


def _facts(fact: PathwayFact) -> list[str]:
    month = date_format(fact.month, "YEAR_MONTH_FORMAT")
    days = ngettext("%(days)s day", "%(days)s days", fact.days) % {"days": number_format(fact.days, force_grouping=True)} if fact.days is not None else ""
    if fact.kind == FactKind.HANDOFF:
        target = fact.to_organisation.name if fact.to_organisation else _("A body outside the portal")
        way = _("%(source)s → %(target)s") % {"source": fact.from_organisation.name, "target": target}
        return [way, _("sent in %(month)s") % {"month": month}, str(HandoffState(fact.state).label), *([_("met after %(days)s") % {"days": days}] if days else [])]
    if fact.kind == FactKind.STAGE:
        return [str(Stage(fact.stage).label), _("from %(month)s") % {"month": month}, days or _("goes on")]
    if fact.kind == FactKind.CLOSED:
        return [_("opened in %(month)s") % {"month": month}, str(Outcome(fact.state).label), days]
    now = pgettext("pathway", "ended") if fact.pathway.closed_at else str(Stage(fact.pathway.stage).label)
    return [_("opened in %(month)s") % {"month": month}, now]
