"""What is told of clients gives no small count away: over tables, levels, quarters and a year, with people who are erased between."""
import pytest

from summaries.actions import publishing
from summaries.actions.publishing import hidden_of
from summaries.queries.published_links import Cell
from tests.summaries.published import (
    COHORT,
    FOLLOWED_IN,
    PARTNERSHIPS,
    Attacker,
    as_told,
    found_by_partner,
    frozen_month_by_month,
    how_many,
    made_people,
    small_told,
)


def only_small(linked, new):
    """The judging with its complement out: what was hidden stays hidden, and nothing protects it."""
    return {cell for cell in new if 0 < linked.counts[cell] < 5 or linked.told.get(cell) is False}


def nobody_erased(rng):
    people = made_people(rng)
    for person in people:
        person.erased_in = None
    return people


@pytest.mark.battery
def test_nobody_can_be_found_in_what_was_told_of_random_people(rng, proof):
    """Not by a reader, nor, where nobody has been erased, by who works in a partnership and knows all its counts. Seconds each, so that the usual run has fewer than a tenth."""
    seen = 0
    for turn in range(1_000 if proof else 8):
        people = made_people(rng) if turn % 2 else nobody_erased(rng)
        counts, secret = frozen_month_by_month(people, rng, hidden_of)
        told = as_told(counts, secret)
        assert small_told(counts, secret) == []
        told_tables = {(cell.month, cell.table) for cell in counts if cell not in secret}
        assert not [cell for cell in secret if not counts[cell] and (cell.month, cell.table) in told_tables], "a zero is told where anything is"
        assert Attacker(told).narrow() == []
        for slug in PARTNERSHIPS if not turn % 2 else ():
            assert found_by_partner(counts, secret, slug) == []
        seen += how_many(told)["told"]
    assert seen


def test_partners_are_seen_to_find_somebody_when_only_readers_are_thought_of(rng, monkeypatch):
    monkeypatch.setattr(publishing, "_hidden_from_partners", lambda part, secret: set(secret))
    found = 0
    for _turn in range(6):
        counts, secret = frozen_month_by_month(nobody_erased(rng), rng, hidden_of)
        found += sum(bool(found_by_partner(counts, secret, slug)) for slug in PARTNERSHIPS)
    assert found


def test_hiding_only_the_small_ones_is_seen_to_tell_them(rng):
    given_away = 0
    for _turn in range(10):
        counts, secret = frozen_month_by_month(made_people(rng), rng, only_small)
        assert small_told(counts, secret) == []
        given_away += bool(Attacker(as_told(counts, secret)).narrow())
    assert given_away >= 9


def test_total_that_was_told_is_told_again_a_year_later_though_somebody_was_erased(rng):
    compared = 0
    for _turn in range(5):
        people = made_people(rng)
        for person in people[:10]:
            person.erased_in = FOLLOWED_IN
        counts, secret = frozen_month_by_month(people, rng, hidden_of)
        told = [cell.partnership for cell in counts if cell[:2] == (COHORT, "quarter") and cell not in secret]
        # In a small country a whole quarter may be hidden.
        compared += len(told)
        for partnership in told:
            assert counts[Cell(FOLLOWED_IN, "funnel", partnership, "all")] == counts[Cell(COHORT, "quarter", partnership, "all")]
    assert compared
