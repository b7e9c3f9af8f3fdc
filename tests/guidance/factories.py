"""Plainly invented partnerships, people and clients. Everything is made through the actions where there is one."""
import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from accounts.models import User
from guidance.actions.answers import accept_handoff
from guidance.actions.first_contacts import confirm_met
from guidance.actions.handoffs import send_handoff
from guidance.actions.pathways import open_pathway
from guidance.choices import AssessmentCode, AssessmentKind, ContactWay, DisclosureBasis, HandoffKind, OptionKind, OptionState, Part, Section
from guidance.models import AssessmentItem, Client, EducationOption, Handoff, NextStep, Partnership, PartnershipPart, Pathway, WorkplacePeriod
from pilots.choices import LegalForm, OrganisationKind, Role
from pilots.models import Membership, Organisation

SOURCE = "made for tests"
_numbers = itertools.count(1)
GIVEN = ("Keksi", "Tarina", "Mielikki", "Kuvitelma", "Sepite")
FAMILY = ("Esimerkki", "Malli", "Näyte", "Ölander-Koe", "Åkeksi")


def make_organisation(name: str = "", kind: str = OrganisationKind.ASSOCIATION, legal_form: str = LegalForm.ASSOCIATION) -> Organisation:
    number = next(_numbers)
    return Organisation.objects.create(slug=f"keksitty-{number}", name_fi=name or f"Keksitty yhteisö {number}", kind=kind, legal_form=legal_form, source=SOURCE)


def make_counsellor(organisation: Organisation, role: str = Role.COUNSELLOR, name: str = "") -> Membership:
    number = next(_numbers)
    user = User.objects.create_user(f"ohjaaja{number}@example.org", None, name=name or f"Demo Ohjaaja {number}")
    return Membership.objects.create(user=user, organisation=organisation, role=role, started_at=timezone.now())


@dataclass
class MadePartnership:
    """Three parts with two counsellors each; the lead is the employment service's."""

    partnership: Partnership
    lead: Membership
    city: Organisation
    college: Organisation
    te: Organisation
    city_people: list[Membership] = field(default_factory=list)
    college_people: list[Membership] = field(default_factory=list)
    te_people: list[Membership] = field(default_factory=list)

    @property
    def anna(self) -> Membership:
        """A counsellor of the employment service."""
        return self.city_people[0]

    @property
    def ossi(self) -> Membership:
        """A counsellor of the college."""
        return self.college_people[0]

    @property
    def taru(self) -> Membership:
        """A counsellor of TE services."""
        return self.te_people[0]

    @property
    def organisations(self) -> list[Organisation]:
        return [self.city, self.college, self.te]

    @property
    def people(self) -> list[Membership]:
        return [*self.city_people, *self.college_people, *self.te_people]


def make_partnership(*, is_open: bool = True, people: int = 2) -> MadePartnership:
    city = make_organisation("Keksilän työllisyyspalvelu", OrganisationKind.EMPLOYMENT_AUTHORITY)
    college = make_organisation("Keksilän opisto", OrganisationKind.JOINT_AUTHORITY)
    te = make_organisation("Keksilän TE-palvelut", OrganisationKind.TE_SERVICES)
    lead = make_counsellor(city, Role.PARTNERSHIP_LEAD, "Demo Vetäjä")
    partnership = Partnership.objects.create(
        slug=f"keksila-{next(_numbers)}", name_fi="Keksilän kumppanuusmalli", name_sv="Påhitts partnerskap", source=SOURCE, process_organisation=city, lead=lead,
        roles_agreement="Keksitty sopimus 1", roles_agreed_on=date(2026, 1, 1), dpia_reference="Keksitty arvio 1", opened_at=timezone.now() if is_open else None,
    )
    for position, (organisation, part) in enumerate(((city, Part.EMPLOYMENT), (college, Part.COLLEGE), (te, Part.TE))):
        PartnershipPart.objects.create(partnership=partnership, organisation=organisation, part=part, position=position, acts_as_authority=part != Part.COLLEGE, processing_statute="keksitty säännös")
    made = MadePartnership(partnership, lead, city, college, te)
    for organisation, group in ((city, made.city_people), (college, made.college_people), (te, made.te_people)):
        group.extend(make_counsellor(organisation) for _turn in range(people))
    return made


def new_client(**fields) -> Client:
    """Unsaved, as a form gives it."""
    number = next(_numbers)
    values = {"family_name": f"{FAMILY[number % 5]}", "given_names": f"{GIVEN[number % 5]} {number}", "birth_date": date(1990, 1 + number % 12, 1 + number % 28)} | fields
    return Client(**values)


def make_client(**fields) -> Client:
    client = new_client(**fields)
    client.created_at = timezone.now()
    client.save()
    return client


def make_pathway(made: MadePartnership, *, by: Membership | None = None, client: Client | None = None, **fields) -> Pathway:
    return open_pathway(by=by or made.anna, partnership=made.partnership, client=client or new_client(), first_step="Keksitty askel", first_due_on=days_from_now(7), **fields)


def days_from_now(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def time_from_now(**delta) -> datetime:
    return timezone.now() + timedelta(**delta)


def make_handoff(made: MadePartnership, pathway: Pathway, *, by: Membership | None = None, to: Organisation | None = None, kind: str = HandoffKind.REFERRAL, **fields) -> Handoff:
    receiver = {} if "to_outside" in fields else {"to_organisation": to or made.college}
    values = {"reason": "Keksitty syy", "sections": [Section.GOAL], "due_on": days_from_now(7), "basis": DisclosureBasis.STATUTE, "basis_statute": "keksitty säännös"} | receiver | fields
    if kind == HandoffKind.TRANSFER:
        values = {"decided_by": "Keksitty johtaja", "decided_on": timezone.localdate()} | values
    return send_handoff(by=by or made.anna, pathway=pathway, kind=kind, **values)


def accept(handoff: Handoff, by: Membership, **fields) -> Handoff:
    values = {"first_contact_at": time_from_now(days=2), "first_contact_way": ContactWay.VISIT} | fields
    return accept_handoff(by=by, handoff=handoff, **values)


def meet(handoff: Handoff, by: Membership, **fields) -> Handoff:
    values = {"held_at": timezone.now(), "way": ContactWay.VISIT} | fields
    return confirm_met(by=by, handoff=handoff, **values)


def make_shared_pathway(made: MadePartnership, **fields) -> Pathway:
    """A pathway in which the college takes part and leads the guidance: handed over, accepted and met."""
    pathway = make_pathway(made, **fields)
    meet(accept(make_handoff(made, pathway), made.ossi), made.ossi)
    return Pathway.objects.get(pk=pathway.pk)


def make_option(pathway: Pathway, by: Membership, state: str = OptionState.CONSIDERED, **fields) -> EducationOption:
    """A raw row in a given state, past the actions."""
    now = timezone.now()
    if state in (OptionState.STARTED, OptionState.COMPLETED):
        fields.setdefault("starts_on", date(2026, 1, 1))
    return EducationOption.objects.create(pathway=pathway, kind=fields.pop("kind", OptionKind.QUALIFICATION), title="Keksitty tutkinto", state=state, added_by=by, added_at=now, changed_at=now, **fields)


def make_item(pathway: Pathway, by: Membership, kind: str = AssessmentKind.NEED, code: str = AssessmentCode.GUIDANCE) -> AssessmentItem:
    return AssessmentItem.objects.create(pathway=pathway, kind=kind, code=code, noted_at=timezone.now(), noted_by=by, organisation=by.organisation)


def make_workplace(pathway: Pathway, by: Membership, option: EducationOption | None = None) -> WorkplacePeriod:
    return WorkplacePeriod.objects.create(pathway=pathway, option=option or make_option(pathway, by, OptionState.STARTED), employer="Keksitty työnantaja", starts_on=date(2026, 1, 1), by=by)


def open_steps(pathway: Pathway) -> list[NextStep]:
    return list(NextStep.objects.open().filter(pathway=pathway).order_by("pk"))
