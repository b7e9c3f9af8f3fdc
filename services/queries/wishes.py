"""What became of wishes, in words."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import ngettext

from pilots.models import Organisation
from services.choices import Misfit, Obstacle, WishState
from services.models import TermRound, Wish
from services.wording import slot_words

LABELS = {**dict(Misfit.choices), **dict(Obstacle.choices)}


@dataclass(frozen=True)
class Explained:
    """A wish with its times: (in words, why not). `granted`, `offered`: slots in words; `book`: what the form of a series opens with for the offered one."""

    wish: Wish
    slots: list[tuple[str, list[str]]]
    granted: str
    offered: str
    book: dict[str, str]

    @property
    def moved(self) -> bool:
        """By hand, to another service or time."""
        return self.wish.state == WishState.GRANTED and (self.wish.granted_service_id != self.wish.service_id or self.wish.granted_slot not in self.wish.slots)


def explain(wishes: Iterable[Wish], found: TermRound) -> list[Explained]:
    """Two queries more: who holds what stands in the way."""
    wishes = list(wishes)
    rows = [row for wish in wishes for slot in wish.obstacles for row in slot]
    given = {key for row in rows for key in row.get("wishes", ())}
    holders = dict(Wish.objects.filter(pk__in=given).values_list("pk", "organisation")) if given else {}
    names = {one.pk: one.name for one in Organisation.objects.filter(pk__in={*holders.values(), *(row["holder"] for row in rows if "holder" in row)})} if rows else {}
    return [_explained(wish, found, holders, names) for wish in wishes]


def _explained(wish: Wish, found: TermRound, holders: dict[int, int], names: dict[int, str]) -> Explained:
    why = [*wish.obstacles, *([] for _slot in wish.slots)]
    slots = [(slot_words(slot), [_words(row, holders, names) for row in rows]) for slot, rows in zip(wish.slots, why, strict=False)]
    offered = wish.offered or {}
    first = found.first_day + timedelta(days=(offered["weekday"] - found.first_day.isoweekday()) % 7) if offered else found.first_day
    book = {"day": first.isoformat(), "starts": offered["starts"], "ends": offered["ends"]} if offered else {}
    return Explained(wish, slots, slot_words(wish.granted_slot) if wish.granted_slot else "", slot_words(offered) if offered else "", book)


def _words(row: dict, holders: dict[int, int], names: dict[int, str]) -> str:
    label = str(LABELS.get(row["code"], row["code"]))
    if row["code"] == Obstacle.GIVEN:
        who = ", ".join(dict.fromkeys(names.get(holders.get(key, 0), "") for key in row["wishes"]))
        words = ngettext("given to %(who)s: %(count)d wish that goes before yours asks for this time", "given to %(who)s: %(count)d wishes that go before yours ask for this time", row["before"])
        return words % {"who": who, "count": row["before"]}
    if row.get("day"):
        said = {"reason": label, "day": date_format(date.fromisoformat(row["day"]), "SHORT_DATE_FORMAT"), "count": row["dates"], "who": names.get(row.get("holder", 0), "")}
        if said["who"]:
            return ngettext("%(reason)s by %(who)s on %(day)s", "%(reason)s by %(who)s on %(count)d dates, first on %(day)s", row["dates"]) % said
        return ngettext("%(reason)s on %(day)s", "%(reason)s on %(count)d dates, first on %(day)s", row["dates"]) % said
    return label


