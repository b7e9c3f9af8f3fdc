from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.audit import record_event
from guidance.actions.timeline import write_event
from guidance.choices import EventKind
from guidance.models import Handoff, NextStep, Participation, Partnership, Pathway
from guidance.permissions import may_guide
from pilots.models import Membership


@dataclass(frozen=True)
class Caseload:
    """What a person answers for: pathways by duty, participations, steps, hand-offs sent to them by name."""

    pathways: list[Pathway]
    steps: int
    handoffs: int

    @property
    def is_empty(self) -> bool:
        return not (self.pathways or self.steps or self.handoffs)


def pathways_of(person: Membership):
    return (
        Pathway.objects.open()
        .filter(Q(process_person=person) | Q(guidance_lead=person) | Q(study_counsellor=person) | Q(participations__responsible=person, participations__ends_at=None) | Q(next_steps__responsible=person, next_steps__done_at=None))
        .distinct()
        .order_by("pk")
    )


def caseload_of(person: Membership) -> Caseload:
    return Caseload(
        pathways=list(pathways_of(person)),
        steps=NextStep.objects.open().filter(responsible=person, pathway__closed_at=None).count(),
        handoffs=Handoff.objects.open().filter(Q(to_person=person) | Q(from_person=person)).count(),
    )


@transaction.atomic
def transfer_caseload(*, by: Membership, person: Membership, heir: Membership, only: list[int] | None = None) -> int:
    """Give everything that `person` answers for to `heir`, a colleague of the same organisation; whole or not at all.

    `only` limits it to some pathways. By the person, the heir, a colleague who guides, or the partnership's lead.
    """
    if heir.organisation_id != person.organisation_id or heir.pk == person.pk:
        raise ValidationError({"heir": _("Choose another person of the same organisation.")})
    if not may_guide(heir):
        raise ValidationError({"heir": _("The heir must be an active counsellor.")})
    if by.organisation_id != person.organisation_id:
        raise ValidationError(_("A caseload is moved inside its own organisation."))
    pathways = pathways_of(person)
    if only is not None:
        pathways = pathways.filter(pk__in=only)
    locked = list(Pathway.objects.select_for_update(of=("self",)).filter(pk__in=list(pathways.values_list("pk", flat=True))).order_by("pk"))
    ids = [pathway.pk for pathway in locked]
    for duty in ("process_person", "guidance_lead", "study_counsellor"):
        Pathway.objects.filter(pk__in=ids, **{duty: person}).update(**{duty: heir})
    Participation.objects.filter(pathway__in=ids, responsible=person, ends_at=None).update(responsible=heir)
    NextStep.objects.open().filter(pathway__in=ids, responsible=person).update(responsible=heir)
    Handoff.objects.open().filter(pathway__in=ids, from_person=person).update(from_person=heir)
    open_to = Handoff.objects.open().filter(to_person=person)
    (open_to if only is None else open_to.filter(pathway__in=ids)).update(to_person=heir)
    for pathway in locked:
        write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, at=timezone.now(), detail={"caseload_from": person.pk, "caseload_to": heir.pk})
        record_event(by=by.user, verb="caseload_moved", target=pathway, organisation_id=by.organisation_id, detail={"from": person.pk, "to": heir.pk})
    return len(locked)


def forbid_ending_responsible(membership: Membership) -> None:
    """Registered with pilots: nobody is ended while a client would be left without a person, or a partnership without its lead."""
    count = pathways_of(membership).count()
    if count:
        text = ngettext(
            "This person answers for %(count)d client. Move the caseload to a colleague first.",
            "This person answers for %(count)d clients. Move the caseload to a colleague first.",
            count,
        )
        raise ValidationError(text, params={"count": count})
    if Handoff.objects.open().filter(Q(to_person=membership) | Q(from_person=membership)).exists():
        raise ValidationError(_("This person has an open hand-off. Move the caseload to a colleague first."))
    if Partnership.objects.filter(Q(lead=membership) | Q(substitute=membership)).exists():
        raise ValidationError(_("This person leads a partnership or is the lead's substitute. Name an heir on the partnership's page first."))
