"""The rule by which a round is allocated: an independent search over everything finds nothing better, and each refusal names what stood in the way."""
import random
import time
from itertools import combinations, product

import pytest

from services.queries.allocation import WEEK, Asked, Choice, allocate, in_order, lot_order, mask_of

ROUNDS = 200
LEFT = {7: 240}
# A hall, its two halves, and a person; what is held of each.
HELD = {"hall": frozenset({1, 2}), "north": frozenset({1}), "south": frozenset({2}), "person": frozenset({7})}


def choice(what: str, day: int, starts: int, hours: int, *, hard: bool = False, after: int = 0) -> Choice:
    return Choice(HELD[what], mask_of(day, starts * 60, (starts + hours) * 60, after=after), hours * 60, 7 if what == "person" else None, hard)


def small_round(draw: random.Random) -> tuple[list[Asked], str]:
    """Three organisations with a wish or two each, of one or two slots that get in each other's way."""
    wishes: list[Asked] = []
    for name in ("alfa", "beta", "gamma"):
        for rank in range(1, draw.choice((2, 3, 3))):
            choices = tuple(
                choice(draw.choice(list(HELD)), draw.choice((1, 2)), draw.choice((8, 9, 10)), draw.choice((1, 2, 3)), hard=draw.random() < 0.1, after=draw.choice((0, 15))) for _number in range(draw.choice((1, 2)))
            )
            wishes.append(Asked(len(wishes) + 1, name, rank, choices))
    return wishes, str(draw.random())


def best_by_search(wishes: list[Asked], lot: str) -> dict[int, int | None]:
    """Of every allocation that breaks nothing the one that the objective puts first; written apart from the rule."""
    ordered = sorted(wishes, key=lambda wish: (wish.rank, lot_order({one.name for one in wishes}, lot).index(wish.name) * (1 if wish.rank % 2 else -1)))
    best, found = None, {}
    for numbers in product(*[[*range(len(wish.choices)), None] for wish in ordered]):
        given = [(wish, wish.choices[number]) for wish, number in zip(ordered, numbers, strict=True) if number is not None]
        if any(one.hard for _wish, one in given):
            continue
        if any(one.leaves & other.leaves and one.mask & other.mask for (_a, one), (_b, other) in combinations(given, 2)):
            continue
        lent = [one.minutes for _wish, one in given if one.person]
        if len(lent) > 1 and sum(lent) > LEFT[7]:
            continue
        worth = [99 if number is None else number for number in numbers]
        if best is None or worth < best:
            best, found = worth, {wish.key: number for wish, number in zip(ordered, numbers, strict=True)}
    return found


def chosen(wishes: list[Asked], lot: str) -> dict[int, int | None]:
    return {key: result.choice for key, result in allocate(wishes, lot=lot, left=LEFT)[0].items()}


def test_allocation_is_the_optimum_of_its_objective(rng: random.Random):
    refused = 0
    for _turn in range(ROUNDS):
        wishes, lot = small_round(rng)

        found = chosen(wishes, lot)

        assert found == best_by_search(wishes, lot)
        refused += sum(number is None for number in found.values())
    assert refused > ROUNDS // 4


def test_allocation_does_not_depend_on_the_order_of_its_input(rng: random.Random):
    for _turn in range(ROUNDS):
        wishes, lot = small_round(rng)
        shuffled = rng.sample(wishes, len(wishes))

        assert allocate(shuffled, lot=lot, left=LEFT)[0] == allocate(wishes, lot=lot, left=LEFT)[0]


def test_refused_slot_would_be_given_without_the_wishes_that_it_names(rng: random.Random):
    """All that stands in the way is named: with exactly those wishes taken out, the wish gets that slot or a dearer one."""
    proven = {"given": 0, "share": 0}
    for _turn in range(ROUNDS):
        wishes, lot = small_round(rng)
        names = {wish.name for wish in wishes}
        for wish in wishes:
            for number, refusal in enumerate(allocate(wishes, lot=lot, left=LEFT)[0][wish.key].refusals):
                if wish.choices[number].hard:
                    assert allocate([wish], lot=lot, left=LEFT)[0][wish.key].choice != number
                    continue
                assert refusal.given or refusal.share
                assert set(refusal.given) <= set(refusal.before)
                rest = [one for one in wishes if one.key not in refusal.before]

                alone = allocate(rest, lot=lot, left=LEFT, names=names)[0][wish.key]

                assert alone.choice in range(number + 1)
                proven["given" if refusal.given else "share"] += 1
    assert min(proven.values()) > 5


def test_hard_slot_is_given_once_it_is_hard_no_more():
    wish = Asked(1, "alfa", 1, (choice("hall", 1, 8, 2, hard=True), choice("hall", 2, 8, 2)))

    assert allocate([wish], lot="x")[0][1].choice == 1
    assert allocate([Asked(1, "alfa", 1, (choice("hall", 1, 8, 2), *wish.choices[1:]))], lot="x")[0][1].choice == 0


def test_lot_turns_round_with_each_rank():
    wishes = [Asked(10 * rank + number, name, rank, ()) for rank in (1, 2, 3) for number, name in enumerate(("a", "b", "c"))]
    names = lot_order({"a", "b", "c"}, "lot")

    assert [wish.name for wish in in_order(wishes, "lot")] == [*names, *names[::-1], *names]


@pytest.mark.parametrize(("one", "other", "clash"), [((7, 1380, 1440), (1, 0, 60), False), ((7, 1380, 1440, 0, 15), (1, 0, 60), True), ((1, 0, 60, 15, 0), (7, 1380, 1440), True), ((2, 540, 600), (2, 600, 660), False)])
def test_week_comes_round(one, other, clash):
    assert bool(mask_of(*one) & mask_of(*other)) is clash
    assert mask_of(*one) < 1 << WEEK


def test_allocation_of_2000_wishes_takes_no_time(rng: random.Random):
    """The rule alone; with the calendars see benchmarks."""
    wishes = [
        Asked(10 * number + rank, f"org{number}", rank, tuple(Choice(frozenset({rng.randrange(40)}), mask_of(rng.randrange(1, 6), 60 * rng.randrange(8, 18), 60 * 18 + 60), 120) for _slot in range(3)))
        for number in range(200) for rank in range(1, 11)
    ]  # fmt: skip
    begun = time.perf_counter()

    results, _given = allocate(wishes, lot="lot")

    assert len(results) == 2000
    assert time.perf_counter() - begun < 10
