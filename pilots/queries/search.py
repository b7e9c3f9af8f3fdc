"""One search over the network: areas, municipalities, organisations and units, and what one may call about."""
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db.models import Q, QuerySet

from pilots.choices import ContactTask
from pilots.models import Municipality, Organisation, PilotArea, Unit
from pilots.models.base import sort_field
from pilots.queries.network import areas_in_order
from pilots.words import Alternatives, index_words, matching, query_words

MOST_HITS = 20
LONGEST_QUERY = 200
# Names of the network, in both languages.
MOST_NAMES = 4096

# Of each kind only what its row shows.
NAME = ("name_fi", "name_sv")
SHOWN = {
    "areas": ("slug", "quote", *NAME),
    "municipalities": ("code", "valid_to", *NAME, "successor__code", "successor__name_fi", "successor__name_sv"),
    "organisations": ("slug", "kind", "short_name", *NAME, "name_en"),
    "units": ("slug", "kind", "short_name", *NAME, "name_en", "owner__slug", "owner__name_fi", "owner__name_sv", "owner__name_en"),
}

Thing = PilotArea | Municipality | Organisation | Unit


@dataclass(frozen=True)
class Hit:
    """A thing found; `matched` holds the texts of it that the words were found in, where its shown name does not tell."""

    thing: Thing
    matched: list[tuple[str, str]]


@dataclass(frozen=True)
class Found:
    """`more`: there are more hits than are shown."""

    areas: list[Hit] = field(default_factory=list)
    municipalities: list[Hit] = field(default_factory=list)
    organisations: list[Hit] = field(default_factory=list)
    units: list[Hit] = field(default_factory=list)
    tasks: list[ContactTask] = field(default_factory=list)
    more: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        return len(self.tasks) + sum(len(hits) for hits in (self.areas, self.municipalities, self.organisations, self.units))


def search(text: str) -> Found:
    """Everything that holds every word of the text, in four queries; nothing for a blank text.

    A municipality is also found by its code and an organisation by its Business ID. A municipality as a body is
    left out: the municipality itself is there. PostgreSQL takes no NUL: the caller leaves it out.
    """
    text = text.strip()[:LONGEST_QUERY]
    if not text:
        return Found()
    words, order = matching(text), (sort_field(), "pk")
    groups: dict[str, QuerySet] = {
        "areas": areas_in_order().select_related(None).filter(words).order_by(*order),
        "municipalities": Municipality.objects.filter(words | Q(code=text)).select_related("successor").order_by(*order),
        "organisations": Organisation.objects.filter(words | Q(business_id=text)).exclude(kind="municipality", municipality__isnull=False).order_by(*order),
        "units": Unit.objects.filter(words).select_related("owner").order_by(*order),
    }
    found = {name: list(rows.only(*SHOWN[name])[: MOST_HITS + 1]) for name, rows in groups.items()}
    asked = query_words(text)
    hits = {name: [Hit(row, _matched(row, asked)) for row in rows[:MOST_HITS]] for name, rows in found.items()}
    more = frozenset(name for name, rows in found.items() if len(rows) > MOST_HITS)
    return Found(**hits, tasks=_tasks(asked), more=more)


def _tasks(asked: list[Alternatives]) -> list[ContactTask]:
    return [task for task in ContactTask if _holds(str(task.label), asked)]


def _matched(thing: Thing, asked: list[Alternatives]) -> list[tuple[str, str]]:
    """(text, its language) of what else than the shown name holds the words; empty when the name does."""
    if _holds(thing.name, asked):
        return []
    return [(other, language) for other, language in _other_texts(thing) if _holds(other, asked)]


def _holds(written: str, asked: list[Alternatives]) -> bool:
    """Whether a text holds every word asked for; none is held by none."""
    stored = _stored_words(written)
    return bool(asked) and all(word.matches(stored) for word in asked)


@lru_cache(maxsize=MOST_NAMES)
def _stored_words(written: str) -> str:
    return index_words(written)


def _other_texts(thing: Thing) -> Iterable[tuple[str, str]]:
    for language in ("fi", "sv", "en"):
        if (name := getattr(thing, f"name_{language}", "")) and name != thing.name:
            yield name, language
    if short := getattr(thing, "short_name", ""):
        yield short, ""
    if quote := getattr(thing, "quote", ""):
        yield quote, "fi"
