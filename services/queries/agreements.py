"""Agreements as pages and actions read them. Nobody but the parties sees one, and a draft only its drafter."""
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from pilots.permissions import Acting
from services.choices import SETTLED_IN, AgreementState, Publication, SettlementState
from services.models import Agreement, AgreementLine, AgreementParty, Booking, Settlement, SharedService
from services.permissions import may_offer
from services.queries.catalogue import may_use
from services.queries.times import FINLAND

# The most lines and parties that a page reads of one agreement.
PARTIES = Prefetch("parties", AgreementParty.objects.select_related("organisation", "accepted_by__user"))
LINES = Prefetch("lines", AgreementLine.objects.select_related("service", "provider"))


def agreements_of(acting: Acting) -> QuerySet[Agreement]:
    """Those that the acting organisation is a party of; drafts are their drafter's alone."""
    if not may_offer(acting):
        return Agreement.objects.none()
    mine = AgreementParty.objects.filter(organisation=acting.organisation_id).values("agreement")
    return Agreement.objects.filter(~Q(state=AgreementState.DRAFT) | Q(organisation=acting.organisation_id), pk__in=mine)


def get_agreement(acting: Acting, pk: int) -> Agreement:
    """With its parties and lines. Http404 when there is none, or none that the person may see."""
    agreement = agreements_of(acting).select_related("organisation", "replaces").prefetch_related(PARTIES, LINES).filter(pk=pk).first()
    if agreement is None:
        raise Http404
    return agreement


def undecided(acting: Acting) -> QuerySet[Agreement]:
    """What waits for the acting organisation's own decision."""
    waiting = AgreementParty.objects.filter(organisation=acting.organisation_id, accepted_at=None).values("agreement") if acting else []
    return agreements_of(acting).filter(state=AgreementState.SENT, pk__in=waiting)


def unaccepted(acting: Acting) -> QuerySet[Settlement]:
    """Settlements of a period that has passed, which wait for the acting organisation's acceptance."""
    rows = Settlement.objects.filter(agreement__in=agreements_of(acting), state=SettlementState.DRAFT, last_day__lt=timezone.localdate())
    return rows.exclude(acceptances__organisation=acting.organisation_id).select_related("agreement") if acting else rows.none()


def agreement_of(booking: Booking) -> Agreement | None:
    """The one under which the booking is made: of its service, between its two sides, on its day."""
    if booking.organisation_id == booking.resource.owner_id:
        return None
    return _governing(booking.service_id, booking.starts_at.astimezone(FINLAND).date()).filter(parties__organisation=booking.organisation_id).first()


def agreements_on(acting: Acting, service: SharedService) -> list[Agreement]:
    """Today's and coming ones of the own organisation about the service, for its page."""
    return list(agreements_of(acting).filter(state=AgreementState.IN_FORCE, lines__service=service, last_day__gte=timezone.localdate()).distinct()[:5])


def _governing(service_id: int, day: date) -> QuerySet[Agreement]:
    until = Q(ended_on=None, last_day__gte=day) | Q(ended_on__gte=day)
    return Agreement.objects.filter(until, state__in=SETTLED_IN, lines__service=service_id, first_day__lte=day)


def rival_of(agreement: Agreement, *, of: int | None = None) -> Agreement | None:
    """Another one in force about one of its services for days of its own, with two of its parties: the same hours would be settled twice.

    What it replaces ends before it begins, and is none. `of`: only among the agreements of that organisation.
    """
    services = [line.service_id for line in agreement.lines.all() if line.service_id]
    parties = {party.organisation_id for party in agreement.parties.all()}
    rows = Agreement.objects.filter(Q(ended_on=None, last_day__gte=agreement.first_day) | Q(ended_on__gte=agreement.first_day), state__in=SETTLED_IN, first_day__lte=agreement.last_day)
    rows = rows.filter(lines__service__in=services).exclude(pk=agreement.pk).exclude(pk=agreement.replaces_id, state=AgreementState.IN_FORCE).distinct()
    if of is not None:
        rows = rows.filter(pk__in=AgreementParty.objects.filter(organisation=of).values("agreement"))
    return next((one for one in rows.prefetch_related("parties") if len(parties & {party.organisation_id for party in one.parties.all()}) > 1), None)


def services_to_agree_on(acting: Acting, agreement: Agreement) -> list[SharedService]:
    """Public services of the parties that the drafter may use, by provider and name; what is in the agreement already is left out by the form."""
    parties = [party.organisation_id for party in agreement.parties.all()]
    rows = SharedService.objects.filter(may_use(acting), organisation__in=parties, state=Publication.PUBLIC).select_related("organisation").distinct()
    return list(rows.order_by("organisation__sort_key_fi", "sort_key_fi", "pk")[:500])
