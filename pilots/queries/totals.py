"""The totals that the source states beside those that the portal counts itself, with the bodies behind each count."""
from collections.abc import Iterable
from dataclasses import dataclass

from pilots.choices import OrganisationKind, Participation, UnitKind
from pilots.models import AreaMembership, Municipality, Organisation, PilotArea, QuotedTotal, Round, Unit
from pilots.queries.network import Members, areas_in_order, is_municipality, members_of, shown_body

Thing = PilotArea | Municipality | Organisation | Unit


@dataclass(frozen=True)
class Total:
    """One total: as the source states it, and the things that we count for it."""

    quoted: QuotedTotal
    counted: list[Thing] | None

    @property
    def count(self) -> int | None:
        return None if self.counted is None else len(self.counted)

    @property
    def differs(self) -> bool:
        return self.count is not None and self.count != self.quoted.value


@dataclass(frozen=True)
class NetworkTotals:
    round: Round | None
    totals: list[Total]
    areas: list[PilotArea]
    members: Members

    @property
    def municipality_memberships(self) -> int:
        return sum(map(is_municipality, self.members.rows))

    @property
    def other_memberships(self) -> int:
        return len(self.members.rows) - self.municipality_memberships

    @property
    def unit_memberships(self) -> int:
        return sum(row.unit_id is not None for row in self.members.rows)

    @property
    def municipalities(self) -> list[Thing]:
        return distinct(row for row in self.members.rows if is_municipality(row))

    @property
    def through(self) -> list[Thing]:
        return distinct(row for row in self.members.rows if row.participation == Participation.THROUGH)

    @property
    def in_two_areas(self) -> list[Thing]:
        return [shown_body(rows[0]) for rows in self.members.bodies.values() if len({row.area_id for row in rows}) > 1]


def network_totals() -> NetworkTotals:
    """Of the latest round, in three queries."""
    areas = list(areas_in_order())
    members = members_of(areas)
    counted = counted_by_code(areas, members)
    quoted = QuotedTotal.objects.filter(round__in={area.round_id for area in areas}).order_by("position")
    return NetworkTotals(
        round=areas[0].round if areas else None,
        totals=[Total(total, counted.get(total.code)) for total in quoted],
        areas=areas,
        members=members,
    )


def counted_by_code(areas: list[PilotArea], members: Members) -> dict[str, list[Thing]]:
    """What the portal counts for each code of a quoted total.

    A joint authority also takes part through a unit of its own that the source names instead of it.
    """
    rows = members.rows

    def of_kind(kind: OrganisationKind) -> list[Thing]:
        return distinct(row for row in rows if row.organisation and row.organisation.kind == kind)

    owners = {row.unit.owner.pk: row.unit.owner for row in rows if row.unit and row.unit.owner.kind == OrganisationKind.JOINT_AUTHORITY}
    named = of_kind(OrganisationKind.JOINT_AUTHORITY)
    return {
        "areas": list(areas),
        "municipalities": of_kind(OrganisationKind.MUNICIPALITY),
        "joint-authorities": [*named, *(owner for owner in owners.values() if owner not in named)],
        "limited-companies": of_kind(OrganisationKind.LIMITED_COMPANY),
        "universities-of-applied-sciences": of_kind(OrganisationKind.UNIVERSITY_OF_APPLIED_SCIENCES),
        "municipal-enterprises": distinct(row for row in rows if row.unit and row.unit.kind == UnitKind.MUNICIPAL_ENTERPRISE),
    }


def distinct(rows: Iterable[AreaMembership]) -> list[Thing]:
    """The bodies of the memberships, each once."""
    return list({(type(shown_body(row)), shown_body(row).pk): shown_body(row) for row in rows}.values())
