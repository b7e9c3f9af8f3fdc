"""Invented agreements of the demo's handlers in every state, one settlement that is locked and one being drafted. Every party's decision is invented."""
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count

from pilots.models import Membership
from services.actions.settlements import write_lines
from services.choices import AgreementState, BookingState, LendingForm, PriceBasis, SettlementState
from services.loading.demo_bodies import WEEKS_AFTER, WEEKS_BEFORE, Body, Demo
from services.models import Agreement, AgreementLine, AgreementParty, Booking, Settlement, SettlementAcceptance, SharedService
from services.queries.settlements import count_use
from services.queries.times import week_of

# Of how many handlers' organisations.
MOST_BODIES = 8
DECLINED, ENDED = "Hinta ylittää talousarvion. (Demo)", "Opettaja siirtyi muihin tehtäviin. (Demo)"
QUALIFICATION = "Keksitty: opetustoimen kelpoisuus täyttyy. (Demo)"
TERMS = "Keksitty esimerkki: matkoista sovitaan erikseen, irtisanomisaika on kaksi kuukautta. (Demo)"
Handlers = dict[int, Membership]


def agree(bodies: list[Body], handlers: Handlers, demo: Demo) -> None:
    """For each handler's organisation with two neighbours who offer something: six agreements."""
    found = [body for body in bodies if body.organisation.pk in handlers and len(_others(body)) > 1]
    for body in found[:MOST_BODIES]:
        start = week_of(demo.today) - timedelta(weeks=WEEKS_BEFORE)
        first, second = _neighbours(body, demo)
        end = start + timedelta(weeks=WEEKS_BEFORE + WEEKS_AFTER) - timedelta(days=1)
        room = _agreement(body, [(body, 7_000), (first, 3_000)], "Työtila naapurikunnasta (demo)", LendingForm.USE_OF_FACILITY, start, end, demo, terms=TERMS)
        _line(room, first, first.offers[0], PriceBasis.HOUR, "34.50")
        _line(room, first, None, PriceBasis.TERM, "180.00", "Tilan avaaminen ja siivous (demo)")
        _decide(room, handlers, demo, AgreementState.IN_FORCE)
        _settle(room, handlers, demo, start, start + timedelta(weeks=WEEKS_BEFORE) - timedelta(days=8), locked=True)
        _settle(room, handlers, demo, start + timedelta(weeks=WEEKS_BEFORE) - timedelta(days=7), demo.today - timedelta(days=1), locked=False)
        teacher = _agreement(body, [(body, 3_333), (second, 6_667)], "Opettaja kahden koulun yhteisenä (demo)", LendingForm.PART_TIME_POST, start, end, demo, qualification=QUALIFICATION, extract_seen_on=start - timedelta(days=20))
        _line(teacher, body, body.offers[1], PriceBasis.HOUR, "52.80")
        _decide(teacher, handlers, demo, AgreementState.IN_FORCE)
        post = _agreement(body, [(body, 5_000), (first, 2_500), (second, 2_500)], "Yhteinen erityisopettajan virka (demo)", LendingForm.JOINT_POST, end + timedelta(days=1), end + timedelta(days=300), demo, qualification=QUALIFICATION)
        _line(post, body, None, PriceBasis.TERM, "14200.00", "Erityisopettajan virka, puolet työajasta (demo)")
        _decide(post, handlers, demo, AgreementState.SENT, only=first)
        seats = _agreement(body, [(body, 10_000), (second, 0)], "Kurssipaikkoja kevääksi (demo)", LendingForm.COURSE_SEATS, demo.today, end, demo)
        _line(seats, second, second.offers[2], PriceBasis.SEAT, "95.00")
        refused = _agreement(second, [(second, 5_000), (body, 5_000)], "Kuvataiteen opetus ostopalveluna (demo)", LendingForm.PURCHASED_SERVICE, demo.today, end, demo)
        _line(refused, second, None, PriceBasis.TERM, "6900.00", "Kuvataiteen opetus, neljä viikkotuntia (demo)")
        _decide(refused, handlers, demo, AgreementState.DECLINED, only=second)
        past = _agreement(body, [(body, 6_000), (second, 4_000)], "Viime vuoden kieltenopetus (demo)", LendingForm.PURCHASED_SERVICE, start - timedelta(days=300), start - timedelta(days=100), demo)
        _line(past, second, None, PriceBasis.FREE, None, "Kieltenopetusta vastavuoroisesti (demo)")
        _decide(past, handlers, demo, AgreementState.ENDED)


def _others(body: Body) -> list[Body]:
    """Each once: who is a neighbour in two areas stands among them twice."""
    return list({one.organisation.pk: one for one in body.neighbours if one.organisation.pk != body.organisation.pk}.values())


def _neighbours(body: Body, demo: Demo) -> list[Body]:
    """Two of them, first the one whose room has been used the most, so that there is something to settle."""
    over = Booking.objects.filter(organisation=body.organisation, state=BookingState.CONFIRMED, ends_at__lte=demo.now - timedelta(weeks=1))
    used = dict(over.filter(service__in=[one.offers[0].pk for one in _others(body)]).order_by().values_list("service").annotate(Count("pk")))
    return sorted(_others(body), key=lambda one: -used.get(one.offers[0].pk, 0))[:2]


def _agreement(drafter: Body, parties: list[tuple[Body, int]], title: str, form: str, first_day, last_day, demo: Demo, **terms) -> Agreement:
    agreement = Agreement.objects.create(
        organisation=drafter.organisation, title=title, form=form, first_day=first_day, last_day=last_day, created_at=demo.now - timedelta(days=40), token=demo.token(), is_demo=True, **terms
    )
    AgreementParty.objects.bulk_create(AgreementParty(agreement=agreement, organisation=body.organisation, position=number, share=share) for number, (body, share) in enumerate(parties, start=1))
    return agreement


def _line(agreement: Agreement, provider: Body, service: SharedService | None, basis: str, price: str | None, subject: str = "") -> None:
    AgreementLine.objects.create(
        agreement=agreement, position=1 + agreement.lines.count(), provider=provider.organisation, service=service, subject=subject, basis=basis, price=Decimal(price) if price else None
    )


def _decide(agreement: Agreement, handlers: Handlers, demo: Demo, state: str, only: Body | None = None) -> None:
    """Sent, decided by all (or one), and what came of it; in the order in which the database lets it happen."""
    agreement.state, agreement.sent_at = AgreementState.SENT, demo.now - timedelta(days=38)
    agreement.save()
    for number, party in enumerate(agreement.parties.select_related("organisation"), start=1):
        if only is None or party.organisation_id == only.organisation.pk:
            party.body, party.decided_on, party.section = "Sivistyslautakunta (demo)", demo.today - timedelta(days=37 - number), f"§ {40 + number}"
            party.record_number, party.accepted_at, party.accepted_by = f"DEMO/{agreement.pk}/{number}", demo.now - timedelta(days=37 - number), handlers.get(party.organisation_id)
            party.save()
    if state in (AgreementState.IN_FORCE, AgreementState.ENDED):
        agreement.state, agreement.in_force_at = AgreementState.IN_FORCE, demo.now - timedelta(days=35)
        agreement.save()
    if state == AgreementState.ENDED:
        agreement.state, agreement.ended_on, agreement.reason = AgreementState.ENDED, agreement.last_day - timedelta(days=30), ENDED
        agreement.save()
    if state == AgreementState.DECLINED:
        agreement.state, agreement.reason = AgreementState.DECLINED, DECLINED
        agreement.save()


def _settle(agreement: Agreement, handlers: Handlers, demo: Demo, first_day, last_day, *, locked: bool) -> None:
    agreement = Agreement.objects.prefetch_related("parties", "lines__service").get(pk=agreement.pk)
    settlement = Settlement.objects.create(agreement=agreement, first_day=first_day, last_day=last_day, drafted_at=demo.now - timedelta(days=6), computed_at=demo.now - timedelta(days=6), token=demo.token(), is_demo=True)
    write_lines(settlement, agreement, count_use(agreement, first_day, last_day, demo.now))
    if locked:
        for party in agreement.parties.all():
            SettlementAcceptance.objects.create(settlement=settlement, organisation_id=party.organisation_id, accepted_at=demo.now - timedelta(days=5), accepted_by=handlers.get(party.organisation_id))
        settlement.state, settlement.locked_at = SettlementState.ACCEPTED, demo.now - timedelta(days=5)
        settlement.save()


def remove_agreements() -> None:
    """The demo's, and whoever wrote something about an offer of the demo: such an agreement is marked when it is sent."""
    rows = Agreement.objects.filter(is_demo=True) | Agreement.objects.filter(lines__service__is_demo=True)
    gone = list(rows.values_list("pk", flat=True).distinct())
    Settlement.objects.filter(agreement__in=gone, corrects__isnull=False).delete()
    Settlement.objects.filter(agreement__in=gone).delete()
    for agreement in Agreement.objects.filter(pk__in=gone).order_by("-edition", "-pk"):
        agreement.delete()
