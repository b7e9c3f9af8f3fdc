"""What the network comes to, counted from its memberships and set beside what the source says."""
from collections import Counter
from dataclasses import dataclass

from pilots.choices import OrganisationKind, Participation, UnitKind
from pilots.models import AreaMembership, PilotArea, QuotedTotal, Round


@dataclass(frozen=True)
class NetworkCounts:
    areas: int
    municipality_memberships: int
    municipalities: int
    through: int
    others: int
    units: int
    in_two_areas: list[str]
    # Code of a quoted total -> what the portal counts for it.
    totals: dict[str, int]


def count_network(round_: Round) -> NetworkCounts:
    """Counts of a round's memberships, ended ones included; two queries."""
    areas = PilotArea.objects.filter(round=round_).count()
    rows = list(AreaMembership.objects.filter(area__round=round_).select_related("organisation", "unit__owner"))
    municipal = [row for row in rows if row.organisation and row.organisation.kind == OrganisationKind.MUNICIPALITY]
    others = [row for row in rows if row not in municipal]
    places = Counter(row.organisation.name_fi for row in municipal)
    organisations = {row.organisation for row in others if row.organisation}
    kinds = Counter(body.kind for body in organisations)
    # A joint authority also takes part through a unit of its own, which the source names instead of it.
    behind = {row.unit.owner for row in others if row.unit and row.unit.owner.kind == OrganisationKind.JOINT_AUTHORITY}
    joint = {body for body in organisations if body.kind == OrganisationKind.JOINT_AUTHORITY} | behind
    units = {row.unit for row in others if row.unit}
    return NetworkCounts(
        areas=areas,
        municipality_memberships=len(municipal),
        municipalities=len(places),
        through=sum(row.participation == Participation.THROUGH for row in municipal),
        others=len(others),
        units=sum(row.unit is not None for row in others),
        in_two_areas=sorted(name for name, count in places.items() if count > 1),
        totals={
            "areas": areas,
            "municipalities": len(places),
            "joint-authorities": len(joint),
            "limited-companies": kinds[OrganisationKind.LIMITED_COMPANY],
            "universities-of-applied-sciences": kinds[OrganisationKind.UNIVERSITY_OF_APPLIED_SCIENCES],
            "municipal-enterprises": sum(unit.kind == UnitKind.MUNICIPAL_ENTERPRISE for unit in units),
        },
    )


def in_sentences(round_: Round) -> list[str]:
    """The counts for the terminal, each quoted total beside ours with the reason."""
    counts = count_network(round_)
    lines = [
        f"{round_.name_fi}: {counts.areas} areas, {counts.municipality_memberships} municipality memberships of {counts.municipalities} municipalities,",
        f"{counts.through} of them through another body, {counts.others} other memberships ({counts.units} of them units).",
        f"{len(counts.in_two_areas)} municipalities in two areas: {', '.join(counts.in_two_areas)}.",
        "The source's totals beside ours:",
    ]
    for total in QuotedTotal.objects.filter(round=round_):
        ours = counts.totals.get(total.code)
        verdict = "not counted" if ours is None else f"counted {ours}{'' if ours == total.value else ', differs'}"
        lines.append(f"  {total.code}: quoted {total.value}, {verdict}. {total.rule_en}")
    return lines
