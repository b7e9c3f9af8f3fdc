"""Who offers in the demo, and what all of its parts share."""
import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from pilots.models import AreaMembership, EducationForm, Municipality, Organisation
from services.choices import TermPeriodKind
from services.models import SharedService, TermPeriod
from services.queries.times import week_of

# Of the demo's term, around today.
WEEKS_BEFORE, WEEKS_AFTER = 5, 12


@dataclass
class Body:
    """A member organisation with its neighbours in the area, and what it has been given."""

    organisation: Organisation
    municipality: Municipality
    neighbours: list["Body"] = field(default_factory=list)
    offers: list[SharedService] = field(default_factory=list)

    @property
    def in_swedish(self) -> bool:
        return self.organisation.slug in ("narpio", "sofuk")


@dataclass
class Demo:
    now: datetime
    draw: random.Random
    forms: dict[str, EducationForm]

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def token(self) -> uuid.UUID:
        return uuid.UUID(int=self.draw.getrandbits(128), version=4)


def demo_bodies() -> list[Body]:
    """Members of areas in the order of the areas; a unit counts as its owner. Whoever has no municipality stands in the area's first."""
    found: dict[int, Body] = {}
    rows = AreaMembership.objects.select_related("organisation__municipality", "unit__owner__municipality").order_by("area__number", "position", "pk")
    areas: dict[int, list[Organisation]] = {}
    for row in rows:
        areas.setdefault(row.area_id, []).append(row.organisation or row.unit.owner)
    for organisations in areas.values():
        homes = [one.municipality for one in organisations if one.municipality]
        members = []
        for one in organisations:
            if home := one.municipality or next(iter(homes), None):
                members.append(found.setdefault(one.pk, Body(one, home)))
        for member in members:
            member.neighbours += [other for other in members if other is not member and other not in member.neighbours]
    return list(found.values())


def school_years(body: Body, today: date) -> list[TermPeriod]:
    first = today.year if today.month >= 7 else today.year - 1
    rows = []
    for year in (first, first + 1):
        autumn, winter = week_of(date(year, 10, 15)), week_of(date(year + 1, 2, 24))
        rows += [
            (TermPeriodKind.TERM, "Syyslukukausi", "Hösttermin", date(year, 8, 9), date(year, 12, 20)),
            (TermPeriodKind.BREAK, "Syysloma", "Höstlov", autumn, autumn + timedelta(days=6)),
            (TermPeriodKind.TERM, "Kevätlukukausi", "Vårtermin", date(year + 1, 1, 7), date(year + 1, 6, 5)),
            (TermPeriodKind.BREAK, "Talviloma", "Sportlov", winter, winter + timedelta(days=6)),
        ]
    return [TermPeriod(organisation=body.organisation, kind=kind, name_fi=fi, name_sv=sv, first_day=start, last_day=end, is_demo=True) for kind, fi, sv, start, end in rows]
