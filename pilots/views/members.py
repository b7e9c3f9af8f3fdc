"""How members of areas are shown: grouped by kind, each with how it takes part and where else."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pilots.choices import OrganisationKind, Participation
from pilots.map import MapArea
from pilots.models import AreaMembership, EducationForm, Municipality, Organisation, Unit
from pilots.queries.network import UNIT, body_id, is_municipality, shown_body

KINDS_IN_PLURAL: dict[str, str | Promise] = {
    OrganisationKind.MUNICIPALITY: pgettext_lazy("heading", "Municipalities"),
    OrganisationKind.JOINT_AUTHORITY: _("Joint municipal authorities for education"),
    OrganisationKind.LIMITED_COMPANY: _("Limited companies"),
    OrganisationKind.UNIVERSITY_OF_APPLIED_SCIENCES: _("Universities of applied sciences"),
    OrganisationKind.UNIVERSITY: _("Universities"),
    OrganisationKind.MUNICIPAL_ENTERPRISE: _("Municipal enterprises"),
    OrganisationKind.EMPLOYMENT_AUTHORITY: _("Employment authorities"),
    OrganisationKind.TE_SERVICES: _("TE services (until 31.12.2024)"),
    OrganisationKind.ASSOCIATION: _("Associations and foundations"),
    OrganisationKind.EMPLOYER: _("Employers"),
    OrganisationKind.PRIVATE_PROVIDER: _("Private service producers"),
    OrganisationKind.WELLBEING_COUNTY: _("Wellbeing services counties"),
    OrganisationKind.KELA: _("Kela"),
    OrganisationKind.OUTREACH_YOUTH_WORK: _("Outreach youth work"),
    OrganisationKind.STATE_BODY: _("Ministries and other state bodies"),
    UNIT: _("Units of organisations"),
}


@dataclass(frozen=True)
class MemberRow:
    """`body` is what the row shows and leads to: the municipality itself where the member is one."""

    body: Municipality | Organisation | Unit
    membership: AreaMembership
    also_in: list[MapArea]
    education_forms: Sequence[EducationForm] = ()

    @classmethod
    def of(cls, membership: AreaMembership, areas: Sequence[MapArea], education_forms: Sequence[EducationForm] = ()) -> "MemberRow":
        same = body_id(membership)
        also_in = [area for area in areas if area.slug != membership.area.slug and any(member.body_id == same for member in area.members)]
        return cls(shown_body(membership), membership, also_in, education_forms)

    @property
    def through(self) -> Organisation | None:
        return self.membership.through

    @property
    def is_channel(self) -> bool:
        return self.membership.participation == Participation.CHANNEL

    @property
    def owner(self) -> Organisation | None:
        return self.membership.unit.owner if self.membership.unit else None

    @property
    def home(self) -> Municipality | None:
        """Where the body is; a municipality is its own place."""
        return None if is_municipality(self.membership) else self.membership.body.municipality

    @property
    def quoted_name(self) -> str:
        """The source's wording where it is not the name itself."""
        quoted = self.membership.quoted_name
        return "" if quoted in (self.body.name_fi, self.body.name_sv, self.membership.body.short_name) else quoted


@dataclass(frozen=True)
class MemberGroup:
    heading: str | Promise
    rows: list[MemberRow]

    @classmethod
    def of(cls, kind: str, rows: Sequence[AreaMembership], areas: Sequence[MapArea], forms_of: Mapping[int, Sequence[EducationForm]]) -> "MemberGroup":
        """`forms_of`: the forms of education that each membership's body gives, by the membership's key."""
        return cls(KINDS_IN_PLURAL[kind], [MemberRow.of(row, areas, forms_of.get(row.pk, ())) for row in rows])
