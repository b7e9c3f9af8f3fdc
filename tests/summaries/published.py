"""People for the frozen tables of clients, and somebody who works out what was not told: a second implementation of the judging.

The attacker knows every figure that pages and files tell, how the tables hang together, and that hidden counts are not zero; nothing of
`summaries.queries.published_links`. Bounds are found with the solver's own modelling.
"""
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from math import ceil, floor

import highspy
from django.utils import timezone

from guidance.models import Client, Handoff, Pathway, StagePeriod
from summaries.actions.publishing import publish_month
from summaries.queries.published_before import numbers_before
from summaries.queries.published_counts import MonthCounts
from summaries.queries.published_links import Cell, linked_month, months_to_link
from summaries.queries.published_tables import BANDS, BY_CODE, EVERY, NETWORK, TABLES, WAY, PublishedTable
from tests.guidance.factories import MadePartnership, make_partnership

LARGE, NEAR = 100_000, 1e-6
# (month, table, partnership, column) -> the number, None where it is hidden.
Told = dict[tuple[date, str, str, str], int | None]
MONTHS = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
COHORT, FOLLOWED_IN = MONTHS[2], MONTHS[5]
PARTNERSHIPS = ["itä", "länsi", "pohjoinen"]
WITH_TRAITS = [table for table in TABLES if table.total[0] == "quarter"]


@dataclass
class Person:
    partnership: str
    month: date
    traits: dict[str, str]
    furthest: int
    outcome: str
    erased_in: date | None


def made_people(rng: random.Random) -> list[Person]:
    """Two quarters a year apart; large and small partnerships, some groups usual and some of a single person; a few are erased."""
    sizes = [rng.choice([0, 3, 9, 40]) for _ in PARTNERSHIPS]
    sizes[0] += 4
    found = []
    for partnership, size in zip(PARTNERSHIPS, sizes, strict=True):
        for month in MONTHS:
            for _person in range(rng.randrange(size + 1)):
                traits = {table.code: rng.choices([code for code, _label in table.columns[:-1]], [2 ** (place % 5) for place in range(len(table.columns) - 1)])[0] for table in WITH_TRAITS}
                furthest = min(rng.randrange(len(WAY)), rng.randrange(len(WAY)))
                found.append(Person(partnership, month, traits, furthest, rng.choice(["open", "open", "studying", "employed"]), rng.choice(MONTHS) if rng.random() < 0.05 else None))
    return found


def counts_of(people: Iterable[Person], month: date, rng: random.Random) -> MonthCounts:
    """As `count_month` would count them; hand-offs are made up for the month."""
    made = MonthCounts(PARTNERSHIPS)
    there = [person for person in people if person.erased_in is None or person.erased_in > month]
    quarter = [one for one in MONTHS if one.year == month.year and one <= month]
    for person in there:
        if person.month == month:
            made.add("opened", EVERY, person.partnership)
        if BY_CODE["age"].is_frozen_with(month) and person.month in quarter:
            made.add("quarter", EVERY, person.partnership)
            for table, column in person.traits.items():
                made.add(table, column, person.partnership)
        if BY_CODE["funnel"].is_frozen_with(month) and person.month.year == month.year - 1:
            made.add("funnel", EVERY, person.partnership)
            for stage in WAY[1 : person.furthest + 1]:
                made.add("funnel", stage, person.partnership)
            made.furthest["funnel", WAY[person.furthest], person.partnership] += 1
            made.add("outcome", person.outcome, person.partnership)
    for partnership in PARTNERSHIPS:
        for number in range(rng.choice([0, 2, 12, 40])):
            stood = rng.choices(["met", "accepted", "sent", "declined", "withdrawn"], [9, 3, 3, 1, 1])[0]
            cells = [("handoffs", EVERY, partnership), ("handoffs", stood, partnership), *([("days", rng.choice(list(BANDS)), partnership)] if stood == "met" else [])]
            for cell in cells:
                made.add(*cell)
                made.people.setdefault(cell, set()).add(number // rng.choice([1, 1, 4]))
    return made


def frozen_month_by_month(people: list[Person], rng: random.Random, hide) -> tuple[dict[Cell, int], set[Cell]]:
    """Everything that has been frozen, and which of it is hidden; `hide` judges a system. No month knows what was hidden before."""
    counts: dict[Cell, int] = {}
    secret: set[Cell] = set()
    for month in MONTHS:
        kept = {cell: None if cell in secret else count for cell, count in counts.items() if cell.month in months_to_link(month)}
        linked = linked_month(month, counts_of(people, month, rng), numbers_before(month, kept, counted_in(month, people)))
        new = [cell for cell in linked.counts if cell.month == month and not cell.extra]
        secret |= hide(linked, new)
        counts |= {cell: linked.counts[cell] for cell in new}
    return counts, secret


def counted_in(month: date, people: Iterable[Person]) -> Counter[Cell]:
    """Of earlier months, who is still there in `month`: as `counted_today` would count them."""
    found: Counter[Cell] = Counter()
    for person in people:
        if person.erased_in is None or person.erased_in > month:
            cells = [(person.month, "opened", EVERY)]
            for quarter in (month for month in (COHORT, FOLLOWED_IN) if month.year == person.month.year):
                cells += [(quarter, "quarter", EVERY), *((quarter, table, column) for table, column in person.traits.items())]
            found.update(Cell(when, table, scope, column) for when, table, column in cells for scope in (person.partnership, NETWORK))
    return found


def as_told(counts: Mapping[Cell, int], secret: set[Cell]) -> Told:
    return {cell[:4]: None if cell in secret else count for cell, count in counts.items()}


class Attacker:
    """All that was told, as one programme; a hidden number is anything from 1, or from 0 where nothing of its table is told."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.solver = highspy.Highs()
        self.solver.silent()
        self.solver.setOptionValue("threads", 1)
        speaking = {key[:2] for key, count in told.items() if count is not None}
        least = {key: int(key[:2] in speaking) if count is None else count for key, count in told.items()}
        self.of = {key: self.solver.addVariable(lb=least[key], ub=LARGE if count is None else count) for key, count in told.items()}
        # What is left of one number when others are taken from it.
        self.differences = {}
        months = sorted({key[0] for key in told})
        scopes = sorted({key[2] for key in told})
        for month in months:
            for table in (table for table in TABLES if table.is_frozen_with(month)):
                for scope in scopes:
                    self._table(month, table, scope)
            for table, column in {(key[1], key[3]) for key in told if key[0] == month}:
                self._sum((month, table, NETWORK, column), [(month, table, scope, column) for scope in scopes if scope])
        for scope in scopes:
            for month in months:
                if month.month % 3 == 0:
                    self._rest((month, "quarter", scope, EVERY), [(month.replace(month=month.month - back), "opened", scope, EVERY) for back in (0, 1, 2)])
                    self._rest((month, "funnel", scope, EVERY), [(month.replace(year=month.year - 1), "quarter", scope, EVERY)])

    def _table(self, month: date, table: PublishedTable, scope: str) -> None:
        keys = [(month, name, scope, own) for name, own in (table.cell(column) for column, _label in table.shown)]
        if keys[0] not in self.of or len(keys) == 1:
            return
        if table.is_funnel:
            for one, after in pairwise(keys):
                self._rest(one, [after])
        else:
            self._sum(keys[0], keys[1:])

    def _sum(self, total, parts) -> None:
        parts = [self.of[part] for part in parts if part in self.of]
        if total in self.of and parts:
            self.solver.addConstr(self.of[total] == self.solver.qsum(parts))

    def _rest(self, total, parts) -> None:
        """What the parts leave of the total is nobody or more."""
        known = [self.of[part] for part in parts if part in self.of]
        if total in self.of and known:
            left = self.solver.addVariable(lb=0, ub=LARGE)
            self.solver.addConstr(self.of[total] == self.solver.qsum([*known, left]))
            self.differences[total, parts[0]] = left

    def narrow(self, k: int = 5) -> list:
        """What can be one of fewer than k numbers though it was hidden; and differences that are known to be of a few people.

        Whatever was seen to be possible while something else was looked at is not asked for again.
        """
        lowest, highest = [float(LARGE)] * self.solver.numVariables, [0.0] * self.solver.numVariables

        def bounds(variable, enough) -> tuple[int, int]:
            for price in (1.0, -1.0):
                if not enough(lowest[variable.index], highest[variable.index]):
                    self.solver.changeColCost(variable.index, price)
                    self.solver.run()
                    assert self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal, "what was told contradicts itself"
                    for place, value in enumerate(self.solver.getSolution().col_value):
                        lowest[place], highest[place] = min(lowest[place], value), max(highest[place], value)
            self.solver.changeColCost(variable.index, 0.0)
            return ceil(lowest[variable.index] - NEAR), floor(highest[variable.index] + NEAR)

        found = []
        for key, variable in [(key, self.of[key]) for key, count in self.told.items() if count is None]:
            low, high = bounds(variable, lambda low, high: floor(high + NEAR) - ceil(low - NEAR) + 1 >= k)
            if high - low + 1 < k:
                found.append((key, low, high))
        for key, variable in self.differences.items():
            low, high = bounds(variable, lambda low, high: low < NEAR or high > k - NEAR)
            if low > 0 and high < k:
                found.append((key, low, high))
        return found


def found_by_partner(counts: Mapping[Cell, int], secret: set[Cell], slug: str) -> list:
    """Small counts of others that somebody who works in a partnership works out, knowing what was told and all of the own counts."""
    told = as_told(counts, {cell for cell in secret if cell.partnership != slug})
    small = {cell[:4] for cell, count in counts.items() if 0 < count < 5 and cell.partnership not in (slug, NETWORK)}
    return [found for found in Attacker(told).narrow() if found[0] in small]


def small_told(counts: Mapping[Cell, int], secret: set[Cell]) -> list[Cell]:
    return [cell for cell, count in counts.items() if 0 < count < 5 and cell not in secret]


def how_many(told: Told) -> Counter:
    return Counter("hidden" if count is None else "told" for count in told.values())


def store(people: Iterable[Person], rng: random.Random) -> dict[str, MadePartnership]:
    """The same people in the database, with what was sent of them; as history has it, no rule of today is asked."""
    made = {slug: make_partnership(people=1) for slug in PARTNERSHIPS}
    for slug, one in made.items():
        one.partnership.slug = slug
        one.partnership.save()
    people = list(people)
    clients = Client.objects.bulk_create([Client(family_name="Keksitty", given_names=f"{place}", birth_date=born(person), created_at=moment(person.month), sort_key=f"{place}", search_name=f"{place}") for place, person in enumerate(people)])
    pathways = Pathway.objects.bulk_create([_pathway(client, person, made[person.partnership]) for client, person in zip(clients, people, strict=True)])
    StagePeriod.objects.bulk_create(
        [StagePeriod(pathway=pathway, stage=stage, started_at=moment(person.month, days=9 * place)) for pathway, person in zip(pathways, people, strict=True) for place, stage in enumerate(WAY[: person.furthest + 1])]
    )
    Handoff.objects.bulk_create([_handoff(pathway, made[person.partnership], rng) for pathway, person in zip(pathways, people, strict=True) for _turn in range(rng.choice([0, 1, 1, 5]))])
    return made


AGES = {"under_20": 18, "20_24": 21, "25_29": 27, "30_39": 33, "40_49": 44, "50_59": 55, "60_over": 62, "unknown": -1}


def born(person: Person) -> date:
    return person.month.replace(year=person.month.year - AGES[person.traits["age"]])


def moment(month: date, days: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(month, time(12))) + timedelta(days=days)


def _pathway(client: Client, person: Person, made: MadePartnership) -> Pathway:
    end = {} if person.outcome == "open" else {"closed_at": moment(person.month, 200), "closed_by": made.anna, "end_reason": "own_wish", "outcome": person.outcome}
    return Pathway(
        client=client, partnership=made.partnership, stage=WAY[person.furthest], process_owner=made.city, process_person=made.anna, opened_at=moment(person.month), last_event_at=moment(person.month),
        education_background=person.traits["background"], target_group=person.traits["target"].replace("none", ""), seeks_competence=person.traits["seeking"] == "yes", **end,
    )  # fmt: skip


def _handoff(pathway: Pathway, made: MadePartnership, rng: random.Random) -> Handoff:
    """Sent in the month before one that is frozen; answered after some days, some of them too late to be looked at."""
    sent = moment(rng.choice(MONTHS), -rng.randrange(1, 25))
    answered, met = sent + timedelta(days=rng.randrange(20)), sent + timedelta(days=rng.randrange(20, 40))
    states = {
        "accepted": {"answered_at": answered, "answered_by": made.ossi, "first_contact_at": met, "first_contact_way": "visit"},
        "met": {"answered_at": answered, "answered_by": made.ossi, "first_contact_at": met, "first_contact_way": "visit", "met_at": met},
        "declined": {"answered_at": answered, "answered_by": made.ossi, "decline_reason": "Keksitty"},
        "withdrawn": {"withdrawn_at": answered, "withdrawn_by": made.anna},
    }
    state = rng.choices(list(states), [1, 9, 2, 1])[0]
    return Handoff(
        pathway=pathway, kind="referral", state=state, from_organisation=made.city, from_person=made.anna, to_outside="Keksitty", basis="statute", basis_statute="keksitty", reason="Keksitty",
        due_on=sent.date(), sent_at=sent, ladder_moved_at=sent, **states[state],
    )  # fmt: skip


def publish_all(months: Iterable[date] = tuple(MONTHS)) -> None:
    for month in months:
        publish_month(month, today=date(2026, 5, 2))
