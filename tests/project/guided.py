"""The guidance part of the made world: on each side a partnership with one client's pathway and a row of each kind."""
from datetime import date, timedelta
from types import SimpleNamespace

from django.utils import timezone

from accounts.models import User
from guidance.actions.attachments import attach_file
from guidance.actions.contacts import log_event
from guidance.actions.own_entries import write_entry
from guidance.actions.own_invitations import make_appointment_link
from guidance.actions.rights import open_request
from guidance.actions.sharing import make_link
from guidance.actions.timeline import add_step
from guidance.choices import DisclosureBasis, EntryKind, EventKind, LocalReason, Part, ProgrammeKind, RightsKind, SharedSection, StepKind
from guidance.models import Absence, ClientAccount, LegalGround, Partnership, PartnershipPart, Pathway, Programme, WorkPeriod
from pilots.models import Membership
from tests.guidance.factories import (
    accept,
    make_counsellor,
    make_handoff,
    make_item,
    make_option,
    make_organisation,
    make_shared_pathway,
    make_workplace,
    new_client,
)
from tests.guidance.factories import make_pathway as open_pathway
from tests.guidance.lists import PEOPLE, csv_of, mapped
from tests.pilots.files import SMALLEST_PNG


def make_own(side: SimpleNamespace, user: User) -> None:
    """The side's client has an account, whose reason for opening without strong identification is recorded."""
    side.account = ClientAccount.objects.create(client=side.pathway.client, user=user, joined_at=timezone.now(), local_reason=LocalReason.NO_MEANS, local_text="Keksitty syy")
    side.share, _key = make_link(by_user=user, pathway=side.pathway, label="Keksitylle työnantajalle", sections=SharedSection.values, starts_on=timezone.localdate(), ends_on=timezone.localdate())
    side.entry = write_entry(account=side.account, pathway=side.pathway, kind=EntryKind.QUESTION, text=f"Salainen kysymys {side.organisation.slug}", now=timezone.now())


def make_guided(side: SimpleNamespace, counsellor: Membership, lead: Membership) -> None:
    side.partner = make_organisation(f"Keksitty opisto {side.organisation.slug}")
    receiver = make_counsellor(side.partner)
    words = {f"{name}_{code}": f"keksitty {name}" for name in ("statute", "title") for code in ("fi", "sv", "en")}
    LegalGround.objects.get_or_create(slug="made", defaults={"for_processing": True, "for_disclosure": True, "source": "made for tests", **words})
    side.partnership = Partnership.objects.create(
        slug=f"kumppanuus-{side.organisation.slug}",
        name_fi=f"Keksitty kumppanuus {side.organisation.slug}",
        name_sv=f"Påhittat partnerskap {side.organisation.slug}",
        process_organisation=side.organisation,
        lead=lead,
        roles_agreement="Keksitty sopimus",
        roles_agreed_on=date(2026, 1, 1),
        dpia_reference="Keksitty arvio",
        opened_at=timezone.now(),
        source="made for tests",
    )
    side.part = PartnershipPart.objects.create(partnership=side.partnership, organisation=side.organisation, part=Part.EMPLOYMENT, acts_as_authority=True, processing_statute="keksitty säännös")
    PartnershipPart.objects.create(partnership=side.partnership, organisation=side.partner, part=Part.COLLEGE, position=1, acts_as_authority=True, processing_statute="keksitty säännös")
    side.programme = Programme.objects.create(partnership=side.partnership, code="keksitty", kind=ProgrammeKind.MEASURE, name_fi=f"Keksitty valmennus {side.organisation.slug}", source="made for tests")
    made = SimpleNamespace(partnership=side.partnership, anna=counsellor, ossi=receiver, college=side.partner)
    side.pathway = open_pathway(made, client=new_client(family_name=f"Salainen-{side.organisation.slug}"))
    side.step = side.pathway.next_steps.get()
    side.item = make_item(side.pathway, counsellor)
    side.option = make_option(side.pathway, counsellor)
    side.workplace = make_workplace(side.pathway, counsellor)
    side.work = WorkPeriod.objects.create(pathway=side.pathway, employer="Keksitty työnantaja", starts_on=date(2026, 1, 1), by=counsellor)
    side.handoff = make_handoff(made, side.pathway)
    side.receiver = receiver
    by_consent = {"basis": DisclosureBasis.CONSENT, "basis_statute": "", "consented_on": timezone.localdate()}
    make_handoff(made, side.pathway, to_outside="Keksitty paja", to_outside_email="paja@example.org", **by_consent)
    side.consent = side.pathway.consents.get()
    side.told = make_organisation(f"Keksitty kuulija {side.organisation.slug}")
    PartnershipPart.objects.create(partnership=side.partnership, organisation=side.told, part=Part.OTHER, position=2, acts_as_authority=True, processing_statute="keksitty säännös")
    hearer = make_counsellor(side.told)
    accept(make_handoff(made, side.pathway, to=side.told, **by_consent), hearer)
    side.attachment = attach_file(by=counsellor, pathway=side.pathway, name="keksitty.png", content=SMALLEST_PNG)
    side.appointment = add_step(by=counsellor, pathway=side.pathway, responsible=counsellor, kind=StepKind.APPOINTMENT, what="Tapaaminen", due_on=timezone.localdate(), starts_at=timezone.now() + timedelta(days=1))
    side.appointment_link = make_appointment_link(by=counsellor, pathway=side.pathway, now=timezone.now())[0]
    side.taking_part = side.organisation
    side.incoming = make_handoff(made, make_shared_pathway(made), by=receiver, to=side.organisation)
    side.absence = Absence.objects.create(membership=counsellor, substitute=lead, starts_on=timezone.localdate() + timedelta(days=1), ends_on=timezone.localdate() + timedelta(days=2))
    side.event = log_event(by=counsellor, pathway=side.pathway, kind=EventKind.NOTE, at=timezone.now(), text=f"Salainen muistiinpano {side.organisation.slug}")
    side.access_request, side.erasure_request, side.restriction_request = (
        open_request(by=counsellor, pathway=side.pathway, kind=kind, text="Keksitty pyyntö", now=timezone.now()) for kind in (RightsKind.ACCESS, RightsKind.ERASURE, RightsKind.RESTRICTION)
    )
    side.pathway = Pathway.objects.get(pk=side.pathway.pk)
    # A line to correct, one like another, one that is ready.
    side.batch = mapped(made, csv_of([PEOPLE[0], PEOPLE[0], ["", "Ei nimeä", "huomenna", ""]]))
