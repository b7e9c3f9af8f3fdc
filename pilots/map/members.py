"""What the map is given: plain rows, so that it knows neither models nor queries."""

from dataclasses import dataclass

MUNICIPALITY = "municipality"
ORGANISATION = "organisation"
UNIT = "unit"

DIRECT = "direct"
THROUGH = "through"
CHANNEL = "channel"


@dataclass(frozen=True)
class MapMember:
    """One membership. `body_id` is the same in every area the body belongs to; texts are in the page's language.

    `lat` and `lon` are the municipality's own or, for other bodies, their home municipality's; None when not recorded.
    `lang` is set only when the label is not in the page's language.
    """

    body_id: str
    label: str
    url: str
    kind: str
    participation: str
    lat: float | None
    lon: float | None
    short_label: str = ""
    through_id: str = ""
    lang: str = ""


@dataclass(frozen=True)
class MapArea:
    number: int
    name: str
    url: str
    members: tuple[MapMember, ...]
    lang: str = ""
    slug: str = ""

    @property
    def municipality_count(self) -> int:
        return sum(member.kind == MUNICIPALITY for member in self.members)

    @property
    def other_count(self) -> int:
        return len(self.members) - self.municipality_count
