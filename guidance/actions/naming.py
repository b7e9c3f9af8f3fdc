"""Who sees what is hidden under non-disclosure: somebody always does, and nobody comes to by merely taking work over."""
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import can_answer
from guidance.actions.timeline import create_step, write_event
from guidance.choices import EventKind, StepKind
from guidance.models import Client, Pathway
from guidance.permissions import takes_part
from pilots.models import Membership

NEXT_AFTER_MOVING = timedelta(days=3)


def named_here(pathway: Pathway, *, besides: Membership | None = None) -> list[Membership]:
    """The named people who can see what is hidden of this pathway today."""
    people = Membership.objects.select_related("user", "organisation").filter(pk__in=Client.named_people.through.objects.filter(client=pathway.client_id).values("membership")).order_by("pk")
    return [person for person in people if person != besides and can_answer(person) and takes_part(person.organisation_id, pathway)]


def keep_somebody_named(pathway: Pathway, *, by: Membership | None, besides: Membership | None = None) -> None:
    """For actions that hold the pathway and have changed who takes part or who is named: when nobody is left who sees what is
    hidden, the responsible person of the process owner is named. `besides`: who is about to go."""
    if pathway.closed_at or not Client.objects.filter(pk=pathway.client_id, is_protected=True).exists():
        return
    if not named_here(pathway, besides=besides) and (person := pathway.process_person):
        _add(pathway, person, by=by)
        write_event(pathway=pathway, kind=EventKind.PROTECTION, by=by, detail={"person": person.pk})


def pass_naming_on(pathway: Pathway, *, by: Membership, person: Membership, heir: Membership, asks: bool) -> None:
    """For `caseload.transfer_caseload`: `person`, who is named, has given the work on this pathway to `heir`.

    A named person who moves it lets the naming go along. Anybody else moves the work only; a named person is asked, by a step,
    to say who sees what is hidden (`asks`: once, when a duty moved). That person needs no lock: to be ended, a named person
    needs the pathway, which the caller holds.
    """
    named = named_here(pathway)
    if by in named:
        if heir not in named:
            _add(pathway, heir, by=by)
        pathway.client.named_people.remove(person)
    elif not named:
        keep_somebody_named(pathway, by=by)
    elif asks and heir not in named:
        asked = next((one for one in named if one != person), person)
        create_step(
            by=by, pathway=pathway, responsible=asked, kind=StepKind.STEP, what=_("Name who sees what is hidden under non-disclosure: the work on this client has moved to a colleague"),
            due_on=timezone.localdate() + NEXT_AFTER_MOVING,
        )


def name_somebody_instead(membership: Membership) -> None:
    """A membership ends: wherever it was the last that saw what is hidden, the responsible person does from now on.

    For `caseload.forbid_ending_responsible`, which holds the membership already. So it never waits for a pathway, whose
    holder may be waiting for the membership.
    """
    wanted = set(Pathway.objects.open().filter(client__is_protected=True, client__named_people=membership).values_list("pk", flat=True))
    held = list(Pathway.objects.select_for_update(skip_locked=True).filter(pk__in=wanted).order_by("pk"))
    if len(held) < len(wanted):
        raise ValidationError(_("Somebody is just now changing a client under non-disclosure for whom this person is named. Try again in a moment."))
    for pathway in held:
        keep_somebody_named(pathway, by=None, besides=membership)


def _add(pathway: Pathway, person: Membership, *, by: Membership | None) -> None:
    pathway.client.named_people.add(person)
    record_event(
        by=by.user if by else None, verb="client_people_named", target=pathway.client, organisation_id=by.organisation_id if by else None,
        detail={"pathway": pathway.pseudonym, "people": [person.pk]},
    )
