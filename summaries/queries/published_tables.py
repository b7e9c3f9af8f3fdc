"""The tables of clients that are told to those who may not open the lists: a closed, declared list, frozen month by month.

Nothing else is ever told, so that all of it can be judged together (docs/decisions/0027). There is no table by municipality, measure
or organisation: a partnership has few of each, and what is left when one is taken away would be a handful of people.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guidance.choices import EducationBackground, HandoffState, Outcome, Stage, TargetGroup
from summaries.choices import AgeGroup

EVERY = "all"
NETWORK = ""
# Days for which each pathway is followed, and after which each hand-off is looked at.
FOLLOWED_DAYS, LOOKED_AT_DAYS = 365, 28
QUARTER, YEAR = 3, 12
# An interruption is no step of the way: who is interrupted has come as far as before.
WAY = tuple(stage for stage in Stage if stage != Stage.INTERRUPTED)
BANDS: dict[str, tuple[int, str | Promise]] = {"days_0_3": (3, _("0–3 days")), "days_4_7": (7, _("4–7 days")), "days_8_14": (14, _("8–14 days")), "days_15_28": (LOOKED_AT_DAYS, _("15–28 days"))}
NO_GROUP, STILL_OPEN, GONE = "none", "open", "gone"
Column = tuple[str, str | Promise]


@dataclass(frozen=True)
class PublishedTable:
    """`total`: the table and the column that count the same people as all its columns together (in a funnel: as its first).

    `months`: of how many months, 1 or 3; one of a quarter is frozen with its last month. `lag`: how many months earlier than the
    frozen one those months are. `is_funnel`: each column holds the people of the next.
    """

    code: str
    title: str | Promise
    columns: tuple[Column, ...]
    total: tuple[str, str]
    counted: str | Promise
    not_counted: str | Promise
    months: int = 1
    lag: int = 0
    is_public: bool = True
    is_funnel: bool = False

    def is_frozen_with(self, month: date) -> bool:
        return month.month % self.months == 0

    def period(self, month: date) -> tuple[date, date]:
        """What the table frozen with `month` tells of: the first day, and the day after the last."""
        last = earlier(month, self.lag)
        return earlier(last, self.months - 1), earlier(last, -1)

    @property
    def shown(self) -> tuple[Column, ...]:
        """The total first; the days of those met are shares of them, which stand in the table of hand-offs too."""
        return (((EVERY, _("Total")),) if self.total[1] == EVERY else ((self.total[1], _("Met in all")),)) + tuple(column for column in self.columns if column[0] != EVERY)

    def cell(self, column: str) -> tuple[str, str]:
        """Where a column is kept: (table, column); several tables share one total."""
        return self.total if column == self.total[1] else (self.code, column)


def earlier(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


# Whoever was counted and has been erased or restricted since: a total that was told stays as it was told.
_GONE = (GONE, _("no longer counted"))


def _labels(choices: Iterable) -> tuple[Column, ...]:
    return tuple((one.value, one.label) for one in choices)


_WHO = _("Pathways that were opened in the quarter, by what was known when the month was frozen.")
_NOT_WHO = _("Pathways that had been erased when the month was frozen, or whose data might only be kept because its use was restricted. Those of which this has become true since stand in a column of their own: no longer counted. A client who has a pathway in two partnerships counts in both.")
_FOLLOWED = _("Of the pathways opened in the quarter one year earlier: each is followed for 365 days from its own opening. Those that have not come so far stay in the total; whoever skipped a stage and came to a later one has come so far.")
_NOT_FOLLOWED = _("What happened after the 365 days. Pathways that are no longer counted, because they have been erased or the use of their data is restricted, stay in the total, and nothing else is told of them.")
_NOT_LOOKED = _("Hand-offs within one organisation, those of clients the use of whose data is restricted, and what happened after the 28 days.")
OPENED, QUARTERS, FOLLOWED, HANDOFFS = "opened", "quarter", "funnel", "handoffs"
TABLES = (
    PublishedTable(OPENED, _("Pathways opened"), ((EVERY, _("Opened")),), (OPENED, EVERY), _("Pathways that were opened in the month."), _NOT_WHO),
    PublishedTable("age", _("Opened, by age"), (*_labels(AgeGroup), _GONE), (QUARTERS, EVERY), _WHO, _NOT_WHO, months=QUARTER),
    PublishedTable("background", _("Opened, by education"), (*_labels(EducationBackground), _GONE), (QUARTERS, EVERY), _WHO, _NOT_WHO, months=QUARTER),
    PublishedTable("target", _("Opened, by target group"), (*_labels(TargetGroup), (NO_GROUP, _("no target group")), _GONE), (QUARTERS, EVERY), _WHO, _NOT_WHO, months=QUARTER, is_public=False),
    PublishedTable("seeking", _("Opened, by what is sought"), (("yes", _("seeks competence development")), ("no", _("does not seek it")), _GONE), (QUARTERS, EVERY), _WHO, _NOT_WHO, months=QUARTER),
    PublishedTable(FOLLOWED, _("How far in a year"), _labels(WAY[1:]), (FOLLOWED, EVERY), _FOLLOWED, _NOT_FOLLOWED, months=QUARTER, lag=YEAR, is_funnel=True),
    PublishedTable("outcome", _("Outcome after a year"), ((STILL_OPEN, _("pathway still open")), *_labels(Outcome), _GONE), (FOLLOWED, EVERY), _FOLLOWED, _NOT_FOLLOWED, months=QUARTER, lag=YEAR, is_public=False),
    PublishedTable(
        HANDOFFS,
        _("Hand-offs"),
        ((HandoffState.MET.value, _("client met")), (HandoffState.ACCEPTED.value, _("accepted, not met")), (HandoffState.SENT.value, _("unanswered")), (HandoffState.DECLINED.value, pgettext_lazy("hand-off", "declined")), (HandoffState.WITHDRAWN.value, pgettext_lazy("hand-off", "withdrawn"))),
        (HANDOFFS, EVERY),
        _("Hand-offs between organisations that were sent in the month before, as each stood 28 days after it was sent. Met is when the receiver has met the client; the unanswered stay in the total."),
        _NOT_LOOKED,
        lag=1,
    ),
    PublishedTable("days", _("Days from sent to met"), tuple((code, label) for code, (_last, label) in BANDS.items()), (HANDOFFS, HandoffState.MET.value), _("Of the hand-offs sent in the month before whose client was met within 28 days: the days from the sending to the meeting."), _NOT_LOOKED, lag=1),
)
BY_CODE = {table.code: table for table in TABLES}


def tables_for(*, everything: bool) -> list[PublishedTable]:
    """All of them for Kuntaliitto's staff, some for everyone: the numbers are the same."""
    return [table for table in TABLES if everything or table.is_public]
