"""Random histories of pathways, written as the past left them: every state of a hand-off, every stage, ended and open ones, others' too."""
import random
from datetime import date, datetime, timedelta
from types import SimpleNamespace

from django.utils import timezone

from guidance.choices import (
    ContactWay,
    DisclosureBasis,
    EducationBackground,
    EndReason,
    HandoffKind,
    HandoffState,
    Outcome,
    ProcessingBasis,
    ProgrammeKind,
    Stage,
    TargetGroup,
)
from guidance.models import Event, Handoff, Participation, Pathway, Programme, StagePeriod
from summaries.models import StaleFact
from tests.guidance.factories import MadePartnership, make_client, make_partnership
from tests.pilots.factories import make_municipality

PLACES = (("297", "Kuopio"), ("749", "Siilinjärvi"))


def make_histories(seed: int = 1, pathways: int = 20) -> SimpleNamespace:
    """`made`: a partnership with so many pathways of the last fourteen months, `other` one with some of its own; `anna` of the city sees most."""
    rng, made, other = random.Random(seed), make_partnership(), make_partnership()
    places = [make_municipality(name, code=code) for code, name in PLACES]
    measures = [Programme.objects.create(partnership=made.partnership, code=f"toimi-{number}", kind=ProgrammeKind.MEASURE, name_fi=f"Keksitty toimi {number}", source="made for tests") for number in (1, 2)]
    for number in range(pathways):
        _history(rng, made if number % 4 else other, places, measures)
    return SimpleNamespace(made=made, other=other, anna=made.anna, places=places, measures=measures)


def _history(rng: random.Random, made: MadePartnership, places: list, measures: list) -> None:
    # At noon, so that no month is another one elsewhere.
    opened = timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=rng.randint(20, 420)), datetime.min.time())) + timedelta(hours=12)
    place = rng.choice([None, *places])
    client = make_client(birth_date=date(rng.randint(1960, 2006), rng.randint(1, 12), rng.randint(1, 28)), municipality=place, municipality_code=place.code if place else "")
    pathway = Pathway.objects.create(
        client=client, partnership=made.partnership, stage=Stage.REGISTERED, process_owner=made.city, process_person=made.anna, opened_at=opened, last_event_at=opened, next_due_on=timezone.localdate(),
        target_group=rng.choice(["", *TargetGroup.values]), education_background=rng.choice(EducationBackground.values), seeks_competence=rng.random() < 0.4,
    )
    now = _stages(rng, pathway, opened)
    for person in (made.anna, made.ossi, made.taru):
        if person is made.anna or rng.random() < 0.5:
            Participation.objects.create(pathway=pathway, organisation=person.organisation, responsible=person, starts_at=opened, processing_basis=ProcessingBasis.STATUTORY_TASK, disclosure_basis=DisclosureBasis.OWN)
    for _turn in range(rng.randint(0, 3)):
        _hand_over(rng, made, pathway, opened)
    if rng.random() < 0.4:
        programme = rng.choice(measures)
        Event.objects.create(pathway=pathway, kind="visit", at=opened, by=made.anna, organisation=made.city, programme=programme)
    _end(rng, made, pathway, now)
    if rng.random() < 0.1:
        Pathway.objects.filter(pk=pathway.pk).update(restricted_at=now, restricted_by=made.anna)
    StaleFact.objects.create(pathway=pathway, at=timezone.now())


def _stages(rng: random.Random, pathway: Pathway, opened: datetime) -> datetime:
    now = opened
    stages = [Stage.REGISTERED, *rng.sample([stage for stage in Stage if stage != Stage.REGISTERED], rng.randint(0, 4))]
    for stage in stages:
        StagePeriod.objects.create(pathway=pathway, stage=stage, started_at=now)
        Pathway.objects.filter(pk=pathway.pk).update(stage=stage)
        now = min(now + timedelta(days=rng.randint(1, 60)), timezone.now() - timedelta(minutes=rng.randint(1, 600)))
    return now


def _hand_over(rng: random.Random, made: MadePartnership, pathway: Pathway, opened: datetime) -> None:
    people = [made.anna, made.ossi, made.taru]
    source, target = rng.sample(people, 2)
    state = rng.choice(HandoffState.values)
    kind = rng.choice([HandoffKind.REFERRAL, HandoffKind.REFERRAL, HandoffKind.REQUEST_TO_TAKE])
    outside = kind == HandoffKind.REFERRAL and rng.random() < 0.25
    open_to = Handoff.objects.filter(pathway=pathway, to_organisation=target.organisation, state__in=["sent", "accepted"])
    if state in (HandoffState.SENT, HandoffState.ACCEPTED) and not outside and open_to.exists():
        return
    sent = min(opened + timedelta(days=rng.randint(0, 200)), timezone.now() - timedelta(days=rng.randint(1, 30)))
    answered = sent + timedelta(hours=20)
    times = {
        HandoffState.SENT: {},
        HandoffState.ACCEPTED: {"answered_at": answered, "first_contact_at": answered, "first_contact_way": ContactWay.VISIT},
        HandoffState.MET: {"answered_at": answered, "first_contact_at": answered, "first_contact_way": ContactWay.VISIT, "met_at": sent + timedelta(days=rng.randint(0, 40))},
        HandoffState.DECLINED: {"answered_at": answered, "decline_reason": "Keksitty"},
        HandoffState.WITHDRAWN: {"withdrawn_at": answered, "withdrawn_by": source},
    }[state]
    receiver = {"to_outside": "Keksitty taho"} if outside else {"to_organisation": target.organisation, "to_person": target}
    Handoff.objects.create(
        pathway=pathway, kind=kind, state=state, from_organisation=source.organisation, from_person=source, basis=DisclosureBasis.STATUTE, basis_statute="keksitty säännös", reason="Keksitty",
        due_on=sent.date(), sent_at=sent, ladder_moved_at=sent, **receiver, **times,
    )


def _end(rng: random.Random, made: MadePartnership, pathway: Pathway, now: datetime) -> None:
    """Some have ended; of some of those that go on the employment service has left, so that nobody of it opens them."""
    draw = rng.random()
    if draw < 0.35:
        Participation.objects.filter(pathway=pathway).update(ends_at=now)
        Pathway.objects.filter(pk=pathway.pk).update(closed_at=now, closed_by=made.anna, end_reason=rng.choice(EndReason.values), outcome=rng.choice(Outcome.values))
    elif draw > 0.8:
        Participation.objects.filter(pathway=pathway, organisation=made.city).update(ends_at=now)
