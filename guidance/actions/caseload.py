from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import can_answer, lock_pathways, lock_people
from guidance.actions.naming import name_somebody_instead, pass_naming_on
from guidance.actions.timeline import write_event
from guidance.choices import OPEN_HANDOFF, EventKind
from guidance.models import Absence, Handoff, NextStep, Participation, Partnership, Pathway
from guidance.permissions import may_guide
from pilots.models import Membership

DUTIES = ("process_person", "guidance_lead", "study_counsellor")


@dataclass(frozen=True)
class Caseload:
    """What a person answers for: pathways by duty, participations, steps, hand-offs sent by them or to them by name."""

    pathways: list[Pathway]
    steps: int
    handoffs: int

    @property
    def is_empty(self) -> bool:
        return not (self.pathways or self.steps or self.handoffs)


def pathways_of(person: Membership) -> QuerySet[Pathway]:
    """Open pathways in which the person has a duty, an open step or an open hand-off of their own; each once, one index for each."""
    mine = Q()
    for duty in DUTIES:
        mine |= Q(**{duty: person})
    mine |= Q(pk__in=Participation.objects.filter(responsible=person, ends_at=None).values("pathway"))
    mine |= Q(pk__in=NextStep.objects.open().filter(responsible=person).values("pathway"))
    mine |= Q(pk__in=Handoff.objects.open().filter(from_person=person).values("pathway"))
    return Pathway.objects.open().filter(mine).order_by("pk")


def caseload_of(person: Membership) -> Caseload:
    return Caseload(
        pathways=list(pathways_of(person)),
        steps=NextStep.objects.open().filter(responsible=person, pathway__closed_at=None).count(),
        handoffs=Handoff.objects.open().filter(Q(to_person=person) | Q(from_person=person)).count(),
    )


@transaction.atomic
def transfer_caseload(*, by: Membership, person: Membership, heir: Membership, only: list[int] | None = None) -> int:
    """Give everything that `person` answers for to `heir`, a colleague of the same organisation; whole or not at all.

    `only` limits it to some pathways. By the person, the heir, or a colleague who guides. Gives how many pathways.
    Who sees what is hidden under non-disclosure moves along only when a named person moves it (`naming.pass_naming_on`).
    """
    if heir.organisation_id != person.organisation_id or heir.pk == person.pk:
        raise ValidationError({"heir": _("Choose another person of the same organisation.")})
    if by.organisation_id != person.organisation_id or not may_guide(by):
        raise ValidationError(_("A caseload is moved inside its own organisation, by somebody who guides clients there."))
    pathways = pathways_of(person)
    if only is not None:
        pathways = pathways.filter(pk__in=only)
    open_to = Handoff.objects.open().filter(to_person=person)
    if only is not None:
        open_to = open_to.filter(pathway__in=only)
    wanted = set(pathways.values_list("pk", flat=True))
    # Also those of the hand-offs that wait for the person: whoever answers one holds its pathway first.
    found = lock_pathways(sorted(wanted | set(open_to.values_list("pathway", flat=True))), open_only=False, while_restricted=True)
    # A pathway that ended meanwhile needs no heir any more.
    locked = [pathway for pathway in found if pathway.pk in wanted and pathway.closed_at is None]
    ids = [pathway.pk for pathway in locked]
    person, heir = lock_people(person, heir)
    if not can_answer(heir):
        raise ValidationError({"heir": _("The heir must be an active counsellor.")})
    answered = _answered_by(person, ids)
    for duty in DUTIES:
        Pathway.objects.filter(pk__in=ids, **{duty: person}).update(**{duty: heir}, version=F("version") + 1)
    Participation.objects.filter(pathway__in=ids, responsible=person, ends_at=None).update(responsible=heir)
    NextStep.objects.open().filter(pathway__in=ids, responsible=person).update(responsible=heir)
    Handoff.objects.open().filter(pathway__in=ids, from_person=person).update(from_person=heir)
    open_to.filter(pathway__in=[pathway.pk for pathway in found]).update(to_person=heir)
    for pathway in Pathway.objects.filter(pk__in=ids, client__is_protected=True, client__named_people=person).select_related("client").order_by("pk"):
        pass_naming_on(pathway, by=by, person=person, heir=heir, asks=pathway.pk in answered)
    now = timezone.now()
    for pathway in locked:
        write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, at=now, detail={"caseload_from": person.pk, "caseload_to": heir.pk})
        record_event(by=by.user, verb="caseload_moved", target=pathway, organisation_id=by.organisation_id, detail={"from": person.pk, "to": heir.pk})
    return len(locked)


def _answered_by(person: Membership, ids: list[int]) -> set[int]:
    """In which of the (held) pathways the person has a duty, and not a step or a hand-off only."""
    duties = Q(participations__responsible=person, participations__ends_at=None)
    for duty in DUTIES:
        duties |= Q(**{duty: person})
    return set(Pathway.objects.filter(duties, pk__in=ids).values_list("pk", flat=True))


def forbid_ending_responsible(membership: Membership) -> None:
    """Registered with pilots: nobody is ended while a client would be left without a person, or a partnership without its lead.

    Holds the membership first, so that whoever is about to make the person responsible has either done it already
    or comes after the ending. Where the person was the last who saw what is hidden of a client, somebody else does then.
    """
    lock_people(membership)
    if pathways_of(membership).exists():
        # Without a number: whoever asks need not be one who may see the clients.
        raise ValidationError(_("This person answers for clients. Move the caseload to a colleague first."))
    if Handoff.objects.filter(state__in=OPEN_HANDOFF).filter(Q(to_person=membership) | Q(from_person=membership)).exists():
        raise ValidationError(_("This person has an open hand-off. Move the caseload to a colleague first."))
    if Partnership.objects.filter(Q(lead=membership) | Q(substitute=membership)).exists():
        raise ValidationError(_("This person leads a partnership or is the lead's substitute. Name an heir on the partnership's page first."))
    if Absence.objects.filter(substitute=membership, ends_on__gte=timezone.localdate()).exists():
        raise ValidationError(_("This person stands in for a colleague who is away. Name another substitute first."))
    name_somebody_instead(membership)
