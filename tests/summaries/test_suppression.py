"""No small count is told, and none can be worked out: from one table, from several, from two dates, from a part and its whole.

The figures are made of single people, and judged by a second implementation, in whole numbers, that knows nothing of the first.
"""
import random
from collections import Counter
from itertools import combinations, product

import pytest

from summaries.suppression import SMALLEST, Linked, Sum, bounds, hidden

MONTHS, AGES = ("2026-01", "2026-02"), ("under 20", "20-29", "30-54", "55 and over")
AREAS = {"north": ("N1", "N2", "N3"), "south": ("S1", "S2"), "west": ("W1", "W2", "W3", "W4")}
HOMES = [(area, home) for area, homes in AREAS.items() for home in homes]
EVERY = "all"


def made_people(rng: random.Random) -> list[tuple[str, str, str, str]]:
    """(month, area, home, age): a few in most places, many in some, so that rows with a single person are usual."""
    weights = [rng.choice([0, 1, 1, 3, 12]) for _ in HOMES]
    weights[0] += 1
    homes = rng.choices(HOMES, weights, k=rng.randrange(20, 160))
    return [(rng.choice(MONTHS), *home, rng.choices(AGES, [5, 3, 2, 1])[0]) for home in homes]


def people_of(cell, people):
    month, area, home, age = cell
    return frozenset(
        number
        for number, person in enumerate(people)
        if (month == EVERY or month == person[0]) and (area in (EVERY, person[1])) and (home in (EVERY, person[2])) and age in (EVERY, person[3])
    )


PLACES = [(EVERY, EVERY), *((area, EVERY) for area in AREAS), *HOMES]
CELLS = [(month, *place, age) for month in (*MONTHS, EVERY) for place in PLACES for age in (*AGES, EVERY)]


def sums() -> list[Sum]:
    found = []
    for month, age in product((*MONTHS, EVERY), (*AGES, EVERY)):
        found.append(Sum((month, EVERY, EVERY, age), tuple((month, area, EVERY, age) for area in AREAS)))
        found += [Sum((month, area, EVERY, age), tuple((month, area, home, age) for home in homes)) for area, homes in AREAS.items()]
    for month, place in product((*MONTHS, EVERY), PLACES):
        found.append(Sum((month, *place, EVERY), tuple((month, *place, age) for age in AGES)))
    for place, age in product(PLACES, (*AGES, EVERY)):
        found.append(Sum((EVERY, *place, age), tuple((month, *place, age) for month in MONTHS)))
    return found


SUMS = sums()


def frozen_month_by_month(people) -> tuple[dict, frozenset]:
    """As it happens: the first month is told, then the second and the year so far, which cannot take back what was told."""
    counts = {cell: len(people_of(cell, people)) for cell in CELLS}
    first = {cell: count for cell, count in counts.items() if cell[0] == MONTHS[0]}
    early = hidden(Linked(first, [one for one in SUMS if one.total[0] == MONTHS[0]]))
    return counts, hidden(Linked(counts, SUMS, told={cell: cell not in early for cell in first}))


def narrowed(counts, sums, chosen, k=SMALLEST) -> list:
    """The hidden cells with fewer than k possible whole numbers. Written with the solver's own modelling, whole numbers and all cells."""
    import highspy

    solver = highspy.Highs()
    solver.silent()
    of = {
        cell: solver.addVariable(lb=1 if cell in chosen else count, ub=100_000 if cell in chosen else count, type=highspy.HighsVarType.kInteger)
        for cell, count in counts.items()
    }
    for one in sums:
        solver.addConstr(of[one.total] == solver.qsum(of[part] for part in one.parts))
    found = []
    for cell in sorted(chosen):
        solver.minimize(of[cell])
        low = round(solver.val(of[cell]))
        solver.maximize(of[cell])
        if round(solver.val(of[cell])) - low + 1 < k:
            found.append(cell)
    return found


@pytest.mark.battery
def test_no_small_count_can_be_worked_out_from_random_tables(rng, battery_count):
    for _ in range(battery_count(1_000)):
        people = made_people(rng)
        counts, chosen = frozen_month_by_month(people)
        assert {cell for cell, count in counts.items() if 0 < count < SMALLEST} <= chosen
        assert not {cell for cell in chosen if not counts[cell]}, "a zero is told"
        limits = bounds(Linked(counts, SUMS), chosen)
        assert min((high - low + 1 for low, high in limits.values()), default=SMALLEST) >= SMALLEST
        told = {cell: people_of(cell, people) for cell in CELLS if cell not in chosen}
        for one, other in combinations(told.values(), 2):
            if one < other or other < one:
                assert abs(len(one) - len(other)) >= SMALLEST, "the difference of two filters, dates or levels tells of a few"


def test_second_implementation_finds_no_narrow_cell_either(rng, battery_count):
    for _ in range(battery_count(30)):
        counts, chosen = frozen_month_by_month(made_people(rng))
        assert narrowed(counts, SUMS, chosen) == []


def test_hiding_only_the_small_ones_is_seen_to_tell_them(rng):
    """The guard's own proof: with the complement out, nearly every table gives a small count away."""
    given_away = Counter()
    for _ in range(20):
        people = made_people(rng)
        counts = {cell: len(people_of(cell, people)) for cell in CELLS}
        small = {cell for cell, count in counts.items() if 0 < count < SMALLEST}
        limits = bounds(Linked(counts, SUMS), small)
        given_away[any(high - low + 1 < SMALLEST for low, high in limits.values())] += 1
        assert bool(narrowed(counts, SUMS, small)) == any(high - low + 1 < SMALLEST for low, high in limits.values())
    assert given_away[True] >= 18


def test_bounds_of_a_small_table_are_those_found_by_trying_every_number():
    counts = {"a": 2, "b": 9, "c": 8, "d": 3, "ab": 11, "cd": 11, "ac": 10, "bd": 12}
    system = Linked(counts, [Sum("ab", ("a", "b")), Sum("cd", ("c", "d")), Sum("ac", ("a", "c")), Sum("bd", ("b", "d"))])
    tried = [(a, b, c, d) for a, b, c, d in product(range(1, 13), repeat=4) if (a + b, c + d, a + c, b + d) == (11, 11, 10, 12)]
    assert bounds(system, "abcd") == {name: (min(column), max(column)) for name, column in zip("abcd", zip(*tried, strict=True), strict=True)}


def test_what_is_left_of_a_total_is_protected_though_no_table_shows_it():
    """20 sent and 18 accepted tell of 2 who were not."""
    system = Linked({"sent": 20, "accepted": 18, "not accepted": 2}, [Sum("sent", ("accepted", "not accepted"))])
    assert "not accepted" in hidden(system)
    assert {"sent", "accepted"} & hidden(system)


def test_counts_that_are_large_enough_are_all_told():
    assert hidden(Linked({"a": 5, "b": 0, "ab": 5}, [Sum("ab", ("a", "b"))])) == frozenset()


def test_what_was_told_earlier_is_neither_hidden_nor_told_later():
    counts = {"January": 6, "February": 2, "year": 8}
    chosen = hidden(Linked(counts, [Sum("year", ("January", "February"))], told={"January": True}))
    assert chosen == {"February", "year"}
    assert "January" in hidden(Linked({"January": 40, "February": 50, "year": 90}, [Sum("year", ("January", "February"))], told={"January": False}))


def test_what_was_told_earlier_and_tells_a_small_count_is_refused():
    with pytest.raises(ValueError, match="a part"):
        hidden(Linked({"whole": 9, "a part": 2, "the rest": 7}, [Sum("whole", ("a part", "the rest"))], told={"whole": True, "the rest": True}))


def test_counts_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="sum"):
        Linked({"a": 1, "b": 2, "ab": 4}, [Sum("ab", ("a", "b"))])


def test_same_system_gives_the_same_answer(rng):
    people = made_people(rng)
    assert frozen_month_by_month(people) == frozen_month_by_month(people)
