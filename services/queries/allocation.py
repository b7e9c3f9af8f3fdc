"""How wishes for weekly times are allocated: the rule alone, on plain values, without a database.

The order of the wishes: everybody's first wish, then everybody's second, and so on. Within a rank the organisations stand
in the order of a lot that is drawn for the round: first to last for odd ranks, last to first for even ones.

The objective, lexicographic in that order: the first wish gets the best of its slots that can be given at all; subject to
that the second gets the best of its own; and so on. Since what can be given stays so when less is given, taking the
wishes in order and giving each the best slot that is left is exactly the optimum (docs/decisions).
"""
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

DAY, WEEK = 24 * 60, 7 * 24 * 60


@dataclass(frozen=True)
class Choice:
    """A slot of a wish. `mask`: the minutes of the week that it holds, buffers included; `hard`: it cannot be given whoever else wishes."""

    leaves: frozenset[int]
    mask: int
    minutes: int
    person: int | None = None
    hard: bool = False

    def clashes(self, other: "Choice") -> bool:
        return bool(self.mask & other.mask) and not self.leaves.isdisjoint(other.leaves)


@dataclass(frozen=True)
class Asked:
    """A wish. `name` of its organisation stands for it in the lot."""

    key: int
    name: str
    rank: int
    choices: tuple[Choice, ...]


@dataclass
class Refusal:
    """Why a slot was not given, apart from what is hard: the granted wishes that hold its time, whether they use up the person's
    share, and all wishes before it that asked for what it asks: without those it would have been given."""

    given: list[int] = field(default_factory=list)
    share: bool = False
    before: list[int] = field(default_factory=list)


@dataclass
class Result:
    """`choice`: the number of the slot given, None when refused; `refusals`: of each slot that was not given before it."""

    choice: int | None
    refusals: list[Refusal]


@dataclass
class Given:
    """What has been given so far."""

    left: dict[int, int]
    held: dict[int, list[tuple[int, Choice]]] = field(default_factory=lambda: defaultdict(list))
    masks: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    minutes: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def is_free(self, choice: Choice) -> bool:
        return not any(self.masks[leaf] & choice.mask for leaf in choice.leaves) and not self.uses_up(choice)

    def uses_up(self, choice: Choice) -> bool:
        """The first one of a person is judged by what is hard alone."""
        used = self.minutes[choice.person] if choice.person is not None else 0
        return used > 0 and choice.person is not None and used + choice.minutes > self.left[choice.person]

    def in_the_way(self, choice: Choice) -> list[int]:
        return sorted({key for leaf in choice.leaves for key, other in self.held[leaf] if other.mask & choice.mask})

    def give(self, key: int, choice: Choice) -> None:
        for leaf in choice.leaves:
            self.held[leaf].append((key, choice))
            self.masks[leaf] |= choice.mask
        if choice.person is not None:
            self.minutes[choice.person] += choice.minutes


def mask_of(weekday: int, starts: int, ends: int, before: int = 0, after: int = 0) -> int:
    """Minutes of a week that begins on Monday; what goes over its end comes round to its start."""
    first = ((weekday - 1) * DAY + starts - before) % WEEK
    bits = ((1 << min(ends - starts + before + after, WEEK)) - 1) << first
    return (bits & ((1 << WEEK) - 1)) | (bits >> WEEK)


def lot_order(names: Iterable[str], lot: str) -> list[str]:
    """By the SHA-256 of the lot and the name: everybody can work it out, and nobody can choose it."""
    return sorted(set(names), key=lambda name: (hashlib.sha256(f"{lot}:{name}".encode()).hexdigest(), name))


def in_order(wishes: Iterable[Asked], lot: str, names: Iterable[str] = ()) -> list[Asked]:
    """`names`: all that take part in the lot, when the wishes are only some of them. The order in which the wishes are given in does not matter."""
    wishes = list(wishes)
    place = {name: number for number, name in enumerate(lot_order([*names, *(wish.name for wish in wishes)], lot))}
    return sorted(wishes, key=lambda wish: (wish.rank, place[wish.name] if wish.rank % 2 else -place[wish.name], wish.key))


def allocate(wishes: Sequence[Asked], *, lot: str, left: dict[int, int] | None = None, names: Iterable[str] = ()) -> tuple[dict[int, Result], Given]:
    """By the key of the wish, and what has been given in all. `left`: minutes of a week that each person has left to lend."""
    given, results = Given(left or {}), {}
    asked: dict[int, list[tuple[int, Choice]]] = defaultdict(list)
    for wish in in_order(wishes, lot, names):
        refusals: list[Refusal] = []
        chosen = None
        for number, choice in enumerate(wish.choices):
            if not choice.hard and given.is_free(choice):
                chosen = number
                given.give(wish.key, choice)
                break
            refusals.append(_why(choice, given, asked))
        results[wish.key] = Result(chosen, refusals)
        for choice in wish.choices:
            for leaf in choice.leaves if not choice.hard else ():
                asked[leaf].append((wish.key, choice))
    return results, given


def _why(choice: Choice, given: Given, asked: dict[int, list[tuple[int, Choice]]]) -> Refusal:
    blocking, share = given.in_the_way(choice), given.uses_up(choice)
    if not blocking and not share:
        return Refusal()
    # Of a person's time all of them: whoever of them gets another hour instead may use up the share.
    rivals = {key for leaf in choice.leaves for key, other in asked[leaf] if choice.person is not None or other.mask & choice.mask}
    return Refusal(blocking, share, sorted(rivals))
