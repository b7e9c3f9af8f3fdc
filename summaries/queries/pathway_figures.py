"""Figures of pathways as a page tells them, made of grouped counts: counted now, or kept for a month. Nothing here asks the database.

A count that is None is hidden (`summaries/suppression.py`), and whatever would be made of it is not told either. `link` gives the
address of the list behind a number by its coded values, and "" where the reader opens no list.
"""
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.choices import HandoffState, Outcome, Stage
from guidance.models import QuotedFigure

Link = Callable[..., str]
# Nobody comes nearer to a qualification by it: it stands among the stages' days and not in the funnel.
FUNNEL_STAGES = [stage for stage in Stage if stage != Stage.INTERRUPTED]
# What becomes of a stage; MOVED stands for whichever stage came next.
MOVED, ENDED, GOES_ON = "moved", "closed", "goes_on"
# The receiver of a hand-off that is no organisation of the portal.
OUTSIDE = "outside"


def no_link(**asked: str) -> str:
    return ""


@dataclass(frozen=True)
class Count:
    """`value` is None where it is hidden; `url` leads to the list that is exactly so long."""

    value: int | None
    url: str = ""


def share(part: Count, whole: Count) -> float | None:
    """None where one of them is hidden, or there is nothing to be a part of."""
    return part.value / whole.value if part.value is not None and whole.value else None


@dataclass(frozen=True)
class Quartiles:
    """Days until which a quarter, a half and three quarters were ready; None where it falls among those that are not ready yet."""

    first: int | None
    middle: int | None
    third: int | None


def quartiles(days: Mapping[int, int], unready: int) -> Quartiles | None:
    """`days`: how many were ready in so many days. Who is not ready counts as longer than anybody who is. None of nothing.

    The smallest number of days in which at least that part of all was ready: no number is told that nobody had.
    """
    total = sum(days.values()) + unready
    if not total:
        return None
    found: list[int | None] = []
    for quarter in (1, 2, 3):
        needed, ready = ceil(total * quarter / 4), 0
        for number in sorted(days):
            ready += days[number]
            if ready >= needed:
                found.append(number)
                break
        else:
            found.append(None)
    return Quartiles(*found)


@dataclass(frozen=True)
class Reached:
    stage: str
    label: str
    count: Count
    of_opened: float | None


def funnel(opened: Count, reached: Mapping[str, int | None], link: Link = no_link) -> list[Reached]:
    """How many of the opened ones have reached each stage, whether they are there, further on or have ended."""
    found = []
    for stage in FUNNEL_STAGES:
        count = Count(reached.get(stage, 0), link(figure="reached", stage=stage.value))
        found.append(Reached(stage.value, str(stage.label), count, share(count, opened)))
    return found


@dataclass(frozen=True)
class StageDays:
    """Periods in a stage: each began, and then the client moved on, the pathway ended there, or the stage goes on."""

    stage: str
    label: str
    began: Count
    moved: Count
    ended: Count
    goes_on: Count
    days: Quartiles | None

    @property
    def dropped(self) -> float | None:
        """The part of those who began here whose pathway ended here."""
        return share(self.ended, self.began)


def stage_days(began: Mapping[str, int | None], became: Mapping[tuple[str, str], int | None], days: Mapping[str, Mapping[int, int]], link: Link = no_link) -> list[StageDays]:
    """`became`: by stage and MOVED, ENDED, GOES_ON. `days`: of the periods that are over, by stage; where a number is hidden, no days are told."""
    found = []
    for stage in Stage:
        code = stage.value
        counts = {state: Count(became.get((code, state), 0), link(figure="period", stage=code, state=state)) for state in (MOVED, ENDED, GOES_ON)}
        going = counts[GOES_ON].value
        told = quartiles(days.get(code, {}), going) if going is not None else None
        found.append(StageDays(code, str(stage.label), Count(began.get(code, 0), link(figure="period", stage=code)), counts[MOVED], counts[ENDED], counts[GOES_ON], told))
    return found


@dataclass(frozen=True)
class Transition:
    """Hand-offs from one organisation to another. `due`: those that had their time to be met, without the withdrawn; `met_of_due` of them."""

    source: str
    target: str
    sent: Count
    met: Count
    accepted: Count
    unanswered: Count
    declined: Count
    withdrawn: Count
    due: Count
    met_of_due: Count
    days: Quartiles | None

    @property
    def met_share(self) -> float | None:
        return share(self.met_of_due, self.due)


STATES = {"met": HandoffState.MET, "accepted": HandoffState.ACCEPTED, "unanswered": HandoffState.SENT, "declined": HandoffState.DECLINED, "withdrawn": HandoffState.WITHDRAWN}
# What is told of a pair beside its states.
SENT, DUE, MET_OF_DUE = "sent", "due", "met_of_due"


def transition(source: str, target: str, counts: Mapping[str, int | None], days: Mapping[int, int] | None, link: Link = no_link) -> Transition:
    """`counts`: by name of the field. `days`: from sent to met, of `met_of_due`; None where they are not told."""
    told = {name: Count(counts.get(name, 0), link(figure="handoff", state=name)) for name in (*STATES, DUE, MET_OF_DUE)}
    told[SENT] = Count(counts.get(SENT, 0), link(figure="handoff"))
    due, met = told[DUE].value, told[MET_OF_DUE].value
    waits = quartiles(days, due - met) if days is not None and due is not None and met is not None else None
    return Transition(source, target, days=waits, **told)


def longest_first(transitions: Iterable[Transition]) -> list[Transition]:
    """By the wait in the middle, the longest first; half of the clients not met is longer than any; pairs that have had no time yet last."""

    def order(one: Transition) -> tuple:
        if one.days is None:
            return (1, 0, -(one.sent.value or 0))
        return (0, -(one.days.middle if one.days.middle is not None else 10**6), -(one.sent.value or 0))

    return sorted(transitions, key=order)


def together(rows: Sequence[Transition], title: str, days: Mapping[int, int] | None, link: Link = no_link) -> Transition:
    """All of them as one line; hidden where one of them is."""
    names = (*STATES, SENT, DUE, MET_OF_DUE)
    sums: dict[str, int | None] = {}
    for name in names:
        values = [getattr(row, name).value for row in rows]
        sums[name] = None if None in values else sum(values)
    return transition(title, "", sums, days, link)


@dataclass(frozen=True)
class Ending:
    """An outcome, or "" of what is still open."""

    outcome: str
    label: str
    count: Count
    of_opened: float | None


def endings(opened: Count, still_open: int | None, outcomes: Mapping[str, int | None], link: Link = no_link) -> list[Ending]:
    """Of the opened ones: still open, and how the others ended. They add up to all of them."""
    counts = [("", _("Still open"), Count(still_open, link(figure="open")))]
    counts += [(one.value, capfirst(str(one.label)), Count(outcomes.get(one.value, 0), link(figure="closed", state=one.value))) for one in Outcome]
    return [Ending(code, label, count, share(count, opened)) for code, label, count in counts]


@dataclass(frozen=True)
class Group:
    """One month, organisation, age group and so on, beside the others. `key` is its code, `label` its name."""

    key: str
    label: str
    opened: Count
    studying: Count
    ended: Count
    sent: Count
    due: Count
    met_of_due: Count

    @property
    def studying_share(self) -> float | None:
        return share(self.studying, self.opened)

    @property
    def met_share(self) -> float | None:
        return share(self.met_of_due, self.due)


# The columns of a group, and what each asks of the list.
GROUP_LISTS: dict[str, dict[str, str]] = {
    "opened": {"figure": "opened"},
    "studying": {"figure": "reached", "stage": Stage.STUDYING.value},
    "ended": {"figure": "closed"},
    "sent": {"figure": "handoff"},
    "due": {"figure": "handoff", "state": DUE},
    "met_of_due": {"figure": "handoff", "state": MET_OF_DUE},
}


def group(key: str, label: str, counts: Mapping[str, int | None], link: Link = no_link) -> Group:
    """`counts`: by the name of the column."""
    return Group(key, label, **{name: Count(counts.get(name, 0), link(**asked)) for name, asked in GROUP_LISTS.items()})


@dataclass(frozen=True)
class Baseline:
    """What the source says of the trial's clients, and the same of those counted here. `share`: of those opened, where the source tells one."""

    quoted: QuotedFigure
    measured: Count
    share: float | None


@dataclass(frozen=True)
class PathwayFigures:
    """All figures of a page. `transitions` stand as `longest_first` has them."""

    counted_on: date
    opened: Count
    funnel: list[Reached]
    stages: list[StageDays]
    transitions: list[Transition]
    all_handoffs: Transition
    endings: list[Ending]
    groups: list[Group]

    @property
    def longest(self) -> Transition | None:
        """Where clients wait longest from sent to met."""
        first = self.transitions[0] if self.transitions else None
        return first if first and first.days else None


@dataclass(frozen=True)
class Meaning:
    """What a group of figures counts and what not: one click away from each of them."""

    code: str
    title: str | Promise
    counted: str | Promise
    not_counted: str | Promise


MEANINGS = (
    Meaning(
        "funnel", gettext_lazy("Way through the stages"),
        gettext_lazy("Pathways that were opened in the chosen months, and how many of them have reached each stage, wherever they are today. The share is of all that were opened: who is on the way or has ended stays in it."),
        gettext_lazy("A stage that a client never came to. Support before studies and learning at a workplace are not for everybody."),
    ),
    Meaning(
        "days", gettext_lazy("Days in each stage"),
        gettext_lazy("Each period in a stage that began in the chosen months; a client who comes back to a stage has two. Days until a quarter, a half and three quarters of the periods were over. A period that goes on counts as longer than any that is over."),
        gettext_lazy("Days of a stage that goes on are not counted as if it were over: where they decide, the page says “not reached yet”."),
    ),
    Meaning(
        "transitions", gettext_lazy("Hand-offs between organisations"),
        gettext_lazy("Hand-offs that were sent in the chosen months, by what has become of them. An assignment that stays inside one organisation is no hand-off between organisations."),
        gettext_lazy("A hand-off that was sent again after a refusal is a new one; the refused one stays a refused one."),
    ),
    Meaning(
        "waiting", gettext_lazy("From sent to met"),
        gettext_lazy("Days from the sending until the first contact was held. Only hand-offs count that have had their time: since the sending as many days have passed as the partnership gives until its lead is told. Among them the share that was met, and the days in which a quarter, a half and three quarters were. Unanswered, refused and not yet met ones count as longer than any that was met."),
        gettext_lazy("Withdrawn hand-offs, and those sent so lately that nobody is late yet."),
    ),
    Meaning(
        "outcomes", gettext_lazy("How pathways ended"),
        gettext_lazy("Pathways that were opened in the chosen months: those that have ended by their outcome, and those still open. They add up to all that were opened."),
        gettext_lazy("A pathway that ended and was opened again is open."),
    ),
    Meaning(
        "groups", gettext_lazy("Side by side"),
        gettext_lazy("The same figures for each month or group. Month, age group and municipality are those of the day on which the pathway was opened; of a hand-off the month is that of its sending."),
        gettext_lazy("The home municipality of a client under non-disclosure: it stands among those that are not known."),
    ),
    Meaning(
        "baseline", gettext_lazy("The source’s figures"),
        gettext_lazy("What the source says of the trial’s clients on the day beside it, and the same counted here of the pathways opened in the chosen months. Under 30: on the day on which the pathway was opened. Without a qualification: basic education or less."),
        gettext_lazy("The two are of different people, times and ways of counting. One does not correct the other."),
    ),
)


def meaning(code: str) -> Meaning:
    return next(one for one in MEANINGS if one.code == code)
