"""The figures of the pathways that one organisation may open, counted now: grouped counts, as many queries whatever there is to count."""
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from guidance.choices import HandoffState, Stage
from guidance.models import Partnership, StagePeriod
from pilots.models import Organisation
from summaries.choices import FactKind, GroupBy, PathwayList
from summaries.queries import pathway_figures as figures
from summaries.queries.pathway_figures import DUE, ENDED, GOES_ON, MET_OF_DUE, MOVED, OUTSIDE, SENT, STATES, Baseline, PathwayFigures
from summaries.queries.pathway_lists import OF_OPENED, Narrowed, facts_to_open, is_due, reached

# By which field of a fact the figures stand side by side.
FIELDS = {GroupBy.MONTH: "month", GroupBy.ORGANISATION: "owner", GroupBy.MUNICIPALITY: "municipality_code", GroupBy.AGE: "age_group", GroupBy.BACKGROUND: "education_background", GroupBy.TARGET_GROUP: "target_group", GroupBy.MEASURE: "measure"}
STATE_NAMES = {state.value: name for name, state in STATES.items()}
# The figures that the source tells of the trial's clients, and what is counted here beside each.
QUOTED = {"asiakkaat": PathwayList.OPENED, "osaamisen-kehittaminen": PathwayList.SEEKING, "ilman-tutkintoa": PathwayList.UNQUALIFIED, "alle-30": PathwayList.YOUNG}


@dataclass(frozen=True)
class GroupWords:
    """How the groups are told: `name` gives the label of a key, `asked` what narrows the list to it; `order` sorts them."""

    by: str
    name: Callable[[Any], str]
    asked: Callable[[Any], dict[str, str]]


def count_pathways(organisation_id: int, narrowed: Narrowed, today: date, words: GroupWords, link: figures.Link = figures.no_link) -> PathwayFigures:
    """Nine queries."""

    def facts(kind: str) -> QuerySet:
        return facts_to_open(organisation_id, narrowed, kind)

    opened, handoffs, by = facts(FactKind.OPENED), facts(FactKind.HANDOFF), FIELDS[GroupBy(words.by)]
    groups: dict[Any, Counter] = defaultdict(Counter)
    by_group = opened.values_list(by).annotate(all=Count("pathway"), still_open=Count("pathway", filter=OF_OPENED[PathwayList.OPEN]), studying=Count("pathway", filter=Q(reached(Stage.STUDYING))))
    for key, count, still_open, studying in by_group.order_by():
        groups[key] += Counter(opened=count, open=still_open, studying=studying)
    outcomes = Counter[str]()
    for key, outcome, count in facts(FactKind.CLOSED).values_list(by, "state").annotate(Count("pathway")).order_by():
        groups[key]["ended"] += count
        outcomes[outcome] += count
    due = Case(When(is_due(today), then=Value(DUE)), default=Value(""), output_field=CharField())
    for key, state, is_counted, count in handoffs.annotate(due=due).values_list(by, "state", "due").annotate(Count("pathway")).order_by():
        groups[key] += _handoff_counts(state, is_counted, count)
    in_order = sorted(groups, key=lambda key: (key is None or key == "", key if words.by == GroupBy.MONTH else words.name(key)))
    total = sum(groups.values(), Counter())
    all_opened = figures.Count(total["opened"], link(figure=PathwayList.OPENED.value))
    pairs, all_pairs = _transitions(handoffs.annotate(due=due), link)
    return PathwayFigures(
        counted_on=today,
        opened=all_opened,
        funnel=figures.funnel(all_opened, _reached(opened), link),
        stages=_stages(facts(FactKind.STAGE), link),
        transitions=figures.longest_first(pairs),
        all_handoffs=all_pairs,
        endings=figures.endings(all_opened, total["open"], outcomes, link),
        groups=[figures.group("" if key is None else str(key), words.name(key), groups[key], lambda key=key, **asked: link(**asked | words.asked(key))) for key in in_order],
    )


def _handoff_counts(state: str, due: str, count: int) -> Counter[str]:
    found = Counter({SENT: count, STATE_NAMES[state]: count})
    if due:
        found[DUE] = count
        found[MET_OF_DUE] = count if state == HandoffState.MET else 0
    return found


def _reached(opened: QuerySet) -> dict[str, int]:
    rows = StagePeriod.objects.filter(pathway__in=opened.values("pathway")).order_by()
    return dict(rows.values_list("stage").annotate(Count("pathway", distinct=True)))


def _stages(periods: QuerySet, link: figures.Link) -> list[figures.StageDays]:
    began, became, days = Counter[str](), Counter[tuple[str, str]](), defaultdict[str, Counter[int]](Counter)
    for stage, state, number, count in periods.values_list("stage", "state", "days").annotate(Count("pathway")).order_by():
        what = GOES_ON if state == "" else ENDED if state == FactKind.CLOSED else MOVED
        began[stage] += count
        became[stage, what] += count
        if what != GOES_ON:
            days[stage][number] += count
    return figures.stage_days(began, became, days, link)


def _transitions(handoffs: QuerySet, link: figures.Link) -> tuple[list[figures.Transition], figures.Transition]:
    counts: dict[tuple[int, int | None], Counter] = defaultdict(Counter)
    days: dict[tuple[int, int | None], Counter] = defaultdict(Counter)
    for source, target, state, due, number, count in handoffs.values_list("from_organisation", "to_organisation", "state", "due", "days").annotate(Count("pathway")).order_by():
        counts[source, target] += _handoff_counts(state, due, count)
        if due and state == HandoffState.MET:
            days[source, target][number] += count
    names: dict[int | None, str] = {one.pk: one.name for one in Organisation.objects.filter(pk__in={key for pair in counts for key in pair if key}).order_by()}
    names[None] = _("A body outside the portal")

    def row(pair: tuple[int, int | None]) -> figures.Transition:
        source, target = pair
        asked = {"source": str(source), "target": str(target) if target else OUTSIDE}
        return figures.transition(names[source], names[target], counts[pair], days[pair], lambda **more: link(**asked | more))

    rows = [row(pair) for pair in counts]
    return rows, figures.together(rows, _("All together"), sum(days.values(), Counter()), link)


def baseline(organisation_id: int, narrowed: Narrowed, partnership: Partnership, link: figures.Link = figures.no_link) -> list[Baseline]:
    """What the source says, beside what is counted here. Two queries; one where it says nothing of this partnership."""
    quoted = [one for one in partnership.quoted_figures.all() if one.code in QUOTED]
    if not quoted:
        return []
    opened = facts_to_open(organisation_id, narrowed, FactKind.OPENED)
    counted: Mapping[str, int] = opened.aggregate(opened=Count("pathway"), **{str(code): Count("pathway", filter=condition) for code, condition in OF_OPENED.items()})
    whole = figures.Count(counted["opened"])
    found = []
    for one in quoted:
        code = QUOTED[one.code]
        measured = figures.Count(counted[code.value], link(figure=code.value))
        # Of what is "almost" something the source gives no share, and none is counted beside it.
        part = None if one.is_almost or code == PathwayList.OPENED else figures.share(measured, whole)
        found.append(Baseline(one, measured, part))
    return found
