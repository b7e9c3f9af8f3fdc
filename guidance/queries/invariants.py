"""The invariants of the guarantee, each a query that finds what breaks it. `manage.py check_pathways` runs them all.

Each is one statement over the whole database, so that 300,000 pathways take seconds and no memory; what it finds is
told by pseudonym.
"""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from guidance.choices import ConsentScope, DisclosureBasis, HandoffState, LadderStep, StepKind
from guidance.models import (
    UNSETTLED,
    Client,
    Consent,
    Event,
    Handoff,
    NextStep,
    Participation,
    Partnership,
    Pathway,
    PathwayAlias,
    PathwayEnrolment,
    StagePeriod,
)
from pilots.choices import PERMISSIONS, Permission
from pilots.models import Membership
from services.choices import EnrolmentState

SHOWN = 20
SEAT_ROLES = [role for role, permissions in PERMISSIONS.items() if {Permission.GUIDE_CLIENTS, Permission.HANDLE_SERVICES} & set(permissions)]
GUIDING_ROLES = [role for role, permissions in PERMISSIONS.items() if Permission.GUIDE_CLIENTS in permissions]


@dataclass(frozen=True)
class Finding:
    rule: str
    count: int
    pseudonyms: list[str]


def check_everything(now: datetime) -> list[Finding]:
    """Every rule with how many break it (0 when all is well) and the first pseudonyms."""
    findings = []
    for rule, broken in RULES.items():
        rows = broken(now)
        count = rows.count()
        findings.append(Finding(rule, count, list(rows.values_list(_pseudonym_of(rows), flat=True).order_by()[:SHOWN]) if count else []))
    return findings


def _pseudonym_of(rows: QuerySet) -> str:
    return {Pathway: "pseudonym", Partnership: "slug"}.get(rows.model, "pathway__pseudonym")


def _active(prefix: str) -> Q:
    return Q(**{f"{prefix}__ended_at": None, f"{prefix}__user__is_active": True, f"{prefix}__role__in": GUIDING_ROLES})


def _takes_part(pathway: str, organisation: str) -> Exists:
    return Exists(Participation.objects.filter(pathway=OuterRef(pathway), organisation=OuterRef(organisation), ends_at=None))


def _open() -> QuerySet:
    return Pathway.objects.open()


def without_owner(now):
    return _open().filter(Q(process_owner=None) | Q(process_person=None) | ~_active("process_person") | ~Q(process_person__organisation=F("process_owner")))


def owner_takes_no_part(now):
    return _open().filter(~_takes_part("pk", "process_owner"))


def lead_not_active(now):
    return _open().filter(guidance_lead__isnull=False).filter(~_active("guidance_lead") | ~_takes_part("pk", "guidance_lead__organisation"))


def study_counsellor_not_active(now):
    return _open().filter(study_counsellor__isnull=False).filter(~_active("study_counsellor") | ~_takes_part("pk", "study_counsellor__organisation"))


def stage_differs_from_history(now):
    last = StagePeriod.objects.filter(pathway=OuterRef("pk")).order_by("-started_at").values("stage")[:1]
    return _open().alias(last=Subquery(last)).filter(Q(last=None) | ~Q(stage=F("last")))


def stage_history_starts_late(now):
    first = StagePeriod.objects.filter(pathway=OuterRef("pk")).order_by("started_at").values("started_at")[:1]
    return _open().alias(first=Subquery(first)).filter(Q(first=None) | Q(first__gt=F("opened_at")))


def without_next_step(now):
    return _open().filter(~Exists(NextStep.objects.open().filter(pathway=OuterRef("pk"))))


def step_without_person(now):
    return NextStep.objects.open().filter(pathway__closed_at=None).filter(~_active("responsible") | ~_takes_part("pathway", "responsible__organisation"))


def participation_without_person(now):
    return Participation.objects.filter(ends_at=None, pathway__closed_at=None).filter(~_active("responsible") | ~Q(responsible__organisation=F("organisation")))


def participation_without_basis(now):
    return Participation.objects.filter(ends_at=None).filter(Q(processing_basis="") | Q(disclosure_basis=""))


def participation_without_consent(now):
    """Told by consent means by one that is in force and reaches to the pathway."""
    consents = Consent.objects.in_force().filter(pathway=OuterRef("pathway"), organisation=OuterRef("organisation"), scope=ConsentScope.PATHWAY)
    return Participation.objects.filter(ends_at=None, disclosure_basis=DisclosureBasis.CONSENT).filter(~Exists(consents))


def handoff_without_consent(now):
    """Whoever takes part already, on whatever ground, is told of a hand-off by that."""
    consents = Consent.objects.in_force().filter(pathway=OuterRef("pathway"))
    to_organisation = Q(to_organisation__isnull=False) & ~_takes_part("pathway", "to_organisation") & ~Exists(consents.filter(organisation=OuterRef("to_organisation")))
    to_outside = Q(to_organisation=None) & ~Exists(consents.filter(outside=OuterRef("to_outside")))
    return Handoff.objects.open().filter(basis=DisclosureBasis.CONSENT).filter(to_organisation | to_outside)


def handoff_past_its_ladder(now):
    """Silent for longer than the last step allows and yet on nobody's list, paused or not. A day's grace for the nightly run.

    One statement: how long a partnership's ladder is, is a handful of values, asked for in the same breath.
    """
    grace = now - timedelta(days=1)
    late = Q(pk__in=[])
    for days in Partnership.objects.values_list("lead_after", flat=True).distinct().order_by("lead_after"):
        limit = grace - timedelta(days=days)
        silent = Q(state=HandoffState.SENT, sent_at__lt=limit) | (Q(state=HandoffState.ACCEPTED) & (Q(first_contact_at__lt=limit) | Q(answered_at__lt=limit - timedelta(days=days))))
        late |= Q(pathway__partnership__lead_after=days) & silent
    return Handoff.objects.open().filter(late).exclude(ladder_step=LadderStep.LEAD)


def handoff_without_people(now):
    """The sender is responsible until the client was met: active, of an organisation that takes part; a named receiver is active."""
    sender = ~_active("from_person") | ~Q(from_person__organisation=F("from_organisation")) | ~_takes_part("pathway", "from_organisation")
    receiver = Q(to_person__isnull=False) & (~_active("to_person") | ~Q(to_person__organisation=F("to_organisation")))
    return Handoff.objects.open().filter(pathway__closed_at=None).filter(sender | receiver)


def accepted_without_participation(now):
    return Handoff.objects.filter(state=HandoffState.ACCEPTED, to_organisation__isnull=False, pathway__closed_at=None).filter(~_takes_part("pathway", "to_organisation"))


def accepted_without_first_contact(now):
    """A promised first contact is an open step on somebody's list until it was held."""
    return Handoff.objects.filter(state=HandoffState.ACCEPTED, pathway__closed_at=None).filter(
        Q(first_contact_at=None) | ~Exists(NextStep.objects.open().filter(handoff=OuterRef("pk"), pathway=OuterRef("pathway"), kind=StepKind.APPOINTMENT))
    )


def protected_without_named_person(now):
    """Under non-disclosure somebody active, of an organisation that takes part, sees what is hidden."""
    takes_part = Exists(Participation.objects.filter(pathway=OuterRef(OuterRef("pk")), organisation=OuterRef("membership__organisation"), ends_at=None))
    named = Client.named_people.through.objects.filter(client=OuterRef("client")).filter(_active("membership"), takes_part)
    return _open().filter(client__is_protected=True).filter(~Exists(named))


def handoff_of_ended_pathway(now):
    return Handoff.objects.open().filter(pathway__closed_at__isnull=False)


def ended_with_open_work(now):
    return Pathway.objects.filter(closed_at__isnull=False).filter(
        Exists(NextStep.objects.open().filter(pathway=OuterRef("pk"))) | Exists(Participation.objects.filter(pathway=OuterRef("pk"), ends_at=None))
    )


def next_due_differs(now):
    due = NextStep.objects.open().filter(pathway=OuterRef("pk")).order_by().values("pathway").annotate(first=Min("due_on")).values("first")
    same = Q(due__isnull=False, next_due_on__isnull=False, due=F("next_due_on")) | Q(due=None, next_due_on=None)
    return _open().alias(due=Subquery(due)).exclude(same)


def last_event_differs(now):
    last = Event.objects.filter(pathway=OuterRef("pk")).counted().order_by().values("pathway").annotate(last=Max("at")).values("last")
    return _open().alias(last=Subquery(last)).filter(Q(last=None) | ~Q(last=F("last_event_at")))


def name_differs(now):
    """What an organisation orders, finds and narrows its clients by is the client's own name and birth date."""
    return Participation.objects.filter(reduce(or_, (~Q(**{name: F(f"pathway__client__{name}")}) for name in Client.REPEATED)))


def basis_ended(now):
    """The employment authority's basis has ended and the pathway is still open on it."""
    return _open().filter(basis_ends_on__lt=timezone.localdate(now))


def partnership_without_lead(now):
    return Partnership.objects.filter(opened_at__isnull=False).filter(
        Q(lead=None) | ~_active("lead") | ~Q(lead__organisation=F("process_organisation"))
    )


def seat_of_ended_pathway(now):
    """Given back when the pathway ends; who is enrolled keeps the seat, and somebody of the organisation can still answer for it."""
    people = Membership.objects.filter(organisation=OuterRef("enrolment__organisation"), ended_at=None, user__is_active=True, role__in=SEAT_ROLES)
    nobody = Q(enrolment__state=EnrolmentState.ENROLLED) & ~Exists(people)
    return PathwayEnrolment.objects.filter(pathway__closed_at__isnull=False).filter(Q(enrolment__state__in=UNSETTLED) | nobody)


def seat_of_a_stranger(now):
    """A client's seat is one alone, asked for by an organisation that takes or took part."""
    took_part = Exists(Participation.objects.filter(pathway=OuterRef("pathway"), organisation=OuterRef("enrolment__organisation")))
    return PathwayEnrolment.objects.filter(~took_part | Q(enrolment__is_group=True) | ~Q(enrolment__size=1))


def seat_twice(now):
    same = PathwayEnrolment.objects.active().filter(pathway=OuterRef("pathway"), enrolment__run=OuterRef("enrolment__run"), pk__lt=OuterRef("pk"))
    return PathwayEnrolment.objects.active().filter(Exists(same))


def seat_told_differs(now):
    """Each change of a seat was told on the timeline."""
    return PathwayEnrolment.objects.exclude(told_state=F("enrolment__state"))


def alias_of_a_living_pathway(now):
    """A merged pseudonym is never given out again."""
    return Pathway.objects.filter(Exists(PathwayAlias.objects.filter(pseudonym=OuterRef("pseudonym"))))


RULES: dict[str, Callable[[datetime], QuerySet]] = {
    rule.__name__: rule
    for rule in (
        without_owner,
        owner_takes_no_part,
        lead_not_active,
        study_counsellor_not_active,
        stage_differs_from_history,
        stage_history_starts_late,
        without_next_step,
        step_without_person,
        participation_without_person,
        participation_without_basis,
        participation_without_consent,
        handoff_without_consent,
        handoff_past_its_ladder,
        handoff_without_people,
        accepted_without_participation,
        accepted_without_first_contact,
        protected_without_named_person,
        handoff_of_ended_pathway,
        ended_with_open_work,
        next_due_differs,
        last_event_differs,
        name_differs,
        basis_ended,
        partnership_without_lead,
        alias_of_a_living_pathway,
        seat_of_ended_pathway,
        seat_of_a_stranger,
        seat_twice,
        seat_told_differs,
    )
}
