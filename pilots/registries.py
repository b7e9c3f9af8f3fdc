"""Where the apps above speak to this one; see accounts/registries.py."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise

from accounts.models import User
from accounts.registries import Registry
from pilots.models import CooperationModel, Membership, Municipality, PilotArea
from pilots.words import Alternatives, Piece

# What forbids ending a membership: each raises ValidationError with a sentence that says what to do first.
MembershipEndGuard = Callable[[Membership], None]
membership_end_guards: Registry[MembershipEndGuard] = Registry("what forbids ending a membership")

# Who else is told that somebody begins in a role that sees clients, beside the organisation's administrators.
ClientRoleWatchers = Callable[[Membership], list[User]]
client_role_watchers: Registry[ClientRoleWatchers] = Registry("who is told of a role that sees clients")


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the reader; also a row of components/waiting_list.html."""

    what: str
    count: int
    url: str
    since: datetime | date | None
    action: str
    overdue: bool = False


@dataclass(frozen=True)
class WaitingTerms:
    """What rows that wait are asked by: values, or places for them in a prepared query. Of `acting` the role and the keys are set, and nothing else."""

    acting: Membership
    today: Any
    now: Any
    # What is checked once a year has grown old when that was before this day.
    year_ago: Any


@dataclass(frozen=True)
class Waited:
    """What was found of a kind: how many, since when the oldest one waits, how many are late."""

    count: int
    since: Any = None
    late: int = 0


@dataclass(frozen=True)
class WaitingKind:
    """One kind of what waits: for whom, which rows, and how the home page tells of them.

    The home page and the number in the frame of every page ask for the same rows. `since` is the field of theirs that says from when on they have waited.
    """

    code: str
    waits_for: Callable[[Membership], bool]
    rows: Callable[[WaitingTerms], Sequence[QuerySet]]
    told: Callable[[Membership, Waited], Waiting]
    since: str = ""
    late: Callable[[WaitingTerms], Q] | None = None


waiting_kinds: Registry[WaitingKind] = Registry("what waits for a reader")


@dataclass(frozen=True)
class Passage:
    """A text of a thing in which words were found; `language` is "" where it has none (an abbreviation)."""

    pieces: list[Piece]
    language: str = ""


@dataclass(frozen=True)
class SearchHit:
    """One thing found: its page, its name, what it is in a few words, and where else than in the name the words stand."""

    url: str
    name: Passage
    facts: list[str] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)


@dataclass(frozen=True)
class SearchGroup:
    """What was found of one kind. `place`: its order on the page; `count_is_least`: there are more, which nobody counted; `list_url` leads to all of them."""

    code: str
    place: int
    heading: str | Promise
    hits: list[SearchHit]
    count: int
    count_is_least: bool = False
    list_url: str = ""
    list_label: str | Promise = ""


@dataclass(frozen=True)
class Asked:
    """What a reader searches for. `words` is never empty."""

    text: str
    words: Sequence[Alternatives]


# What the search over everything looks through: each source shows what the reader may see, and nothing else.
SearchSource = Callable[[Asked, Membership | None], list[SearchGroup]]
search_sources: Registry[SearchSource] = Registry("what the search looks through")


@dataclass(frozen=True)
class PageAction:
    """Something to do with a thing from its page, offered by an app above."""

    label: str | Promise
    url: str


# What else one can do from the page of an area, and of a municipality.
area_actions: Registry[Callable[[PilotArea], PageAction]] = Registry("actions on the page of an area")
municipality_actions: Registry[Callable[[Municipality], PageAction]] = Registry("actions on the page of a municipality")


@dataclass(frozen=True)
class PageSection:
    """A part of a page that an app above gives; the template finds `context` under the name `section`, and writes its own h2."""

    template: str
    context: dict


# None where it has nothing to say of the area.
AreaSectionSource = Callable[[HttpRequest, PilotArea], PageSection | None]
area_sections: Registry[AreaSectionSource] = Registry("sections of the page of an area")

# What else stands on the page of a cooperation model: each gives a template with what it shows under the name `section`, or None.
ModelSection = Callable[[HttpRequest, CooperationModel], PageSection | None]
model_sections: Registry[ModelSection] = Registry("sections of a cooperation model's page")
