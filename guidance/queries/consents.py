"""On what ground each organisation is told about a client, and what ends when the client takes a consent back."""
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from guidance.choices import ConsentScope, DisclosureBasis
from guidance.models import Consent, Handoff, NextStep, Participation, Pathway
from guidance.queries.consent_texts import ConsentText, consent_text
from pilots.models import Organisation
from pilots.models.base import sort_field


def consent_in_force(pathway: Pathway, organisation_id: int | None, outside: str = "") -> Consent | None:
    return Consent.objects.in_force().to(organisation_id, outside).filter(pathway=pathway).first()


def consents_of(pathway: Pathway) -> QuerySet[Consent]:
    return Consent.objects.filter(pathway=pathway).select_related("organisation", "recorded_by__user", "recorded_by__organisation", "ended_by__user")


def text_of(consent: Consent) -> ConsentText:
    """As the client was shown it."""
    return consent_text(version=consent.text_version, language=consent.language, scope=consent.scope, receiver=consent.receiver_name, until=consent.valid_until, sections=consent.sections)


def bodies_that_can_be_told(pathway: Pathway, *, been_told: bool = False) -> list[Organisation]:
    """The partnership's organisations and those that take part, without the process owner: it is not told, it tells.

    `been_told`: also those to which a consent was once given, wherever they are now.
    """
    here = Q(partnership_parts__partnership=pathway.partnership_id) | Q(participations__pathway=pathway, participations__ends_at=None)
    if been_told:
        here |= Q(pk__in=Consent.objects.filter(pathway=pathway).values("organisation"))
    return list(Organisation.objects.filter(here).exclude(pk=pathway.process_owner_id).distinct().order_by(sort_field(), "pk"))


@dataclass(frozen=True)
class Ground:
    """One participation with what it rests on; `consent` is the one it rests on, when it does and one was written down."""

    participation: Participation
    consent: Consent | None = None
    is_missing: bool = False


def grounds_of(pathway: Pathway, consents: list[Consent]) -> list[Ground]:
    """Every participation, those of today first, newest first. A consent is sought among those that were in force during it."""
    rows = pathway.participations.select_related("organisation", "responsible__user", "processing_ground", "disclosure_ground")
    found = []
    for row in sorted(rows, key=lambda row: (row.ends_at is not None, -row.starts_at.timestamp(), row.pk)):
        if row.disclosure_basis != DisclosureBasis.CONSENT:
            found.append(Ground(row))
            continue
        during = (one for one in consents if one.organisation_id == row.organisation_id and one.scope == ConsentScope.PATHWAY and _overlaps(one, row))
        consent = next(during, None)
        found.append(Ground(row, consent, is_missing=consent is None))
    return found


def _overlaps(consent: Consent, row: Participation) -> bool:
    if row.ends_at is None:
        return consent.ended_at is None
    return consent.recorded_at <= row.ends_at and (consent.ended_at is None or consent.ended_at >= row.starts_at)


@dataclass
class Withdrawal:
    """What ends with a consent: hand-offs taken back, a participation, and duties that fall to the process owner."""

    handoffs: list[Handoff] = field(default_factory=list)
    participation: Participation | None = None
    consent: Consent | None = None
    steps: int = 0
    leads: bool = False
    counsels: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.handoffs and self.participation is None and self.consent is None


def what_withdrawal_ends(pathway: Pathway, organisation: Organisation | None, outside: str = "", *, lock: bool = False) -> Withdrawal:
    """For the action, which holds the pathway's lock (`lock`), and for the page that says beforehand what the action will do.

    Hand-offs to the body that rest on the consent; and when its participation rests on it too, every open hand-off that it received
    or sent.
    """
    found = Withdrawal(consent=consent_in_force(pathway, organisation.pk if organisation else None, outside))
    if organisation is None:
        concerned = Q(to_organisation=None, to_outside=outside, basis=DisclosureBasis.CONSENT)
    else:
        concerned = Q(to_organisation=organisation, basis=DisclosureBasis.CONSENT)
        found.participation = pathway.participations.filter(organisation=organisation, ends_at=None, disclosure_basis=DisclosureBasis.CONSENT).first()
    if found.participation:
        concerned |= Q(to_organisation=organisation) | Q(from_organisation=organisation)
        found.steps = NextStep.objects.open().filter(pathway=pathway, responsible__organisation=organisation).count()
        found.leads = bool(pathway.guidance_lead and pathway.guidance_lead.organisation_id == organisation.pk)
        found.counsels = bool(pathway.study_counsellor and pathway.study_counsellor.organisation_id == organisation.pk)
    open_ones = pathway.handoffs.open()
    ids = [handoff.pk for handoff in (open_ones.select_for_update() if lock else open_ones).filter(concerned).order_by("pk")]
    related = ("from_person__user", "from_person__organisation", "to_person__user", "to_person__organisation", "to_organisation", "from_organisation")
    found.handoffs = list(Handoff.objects.select_related(*related).filter(pk__in=ids).order_by("pk"))
    return found
