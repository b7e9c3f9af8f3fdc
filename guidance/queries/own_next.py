"""The next appointment and whom to ask about it: all that is shown before a client is known for certain."""
from dataclasses import dataclass
from datetime import datetime

from guidance.choices import StepKind
from guidance.models import Client, NextStep, Pathway
from guidance.queries.own_contacts import Phone, phones_of
from pilots.models import Membership


@dataclass(frozen=True)
class NextAppointment:
    """`appointment` is None when none has been agreed; the contact is there all the same. No name of the client, and no place under non-disclosure."""

    appointment: NextStep | None
    contact: Membership | None
    phones: list[Phone]
    # Under non-disclosure only a named person's name: an organisation, its numbers and the domain of a mail address tell the region.
    name_only: bool = False


def next_appointment(pathway_ids: list[int], now: datetime) -> NextAppointment:
    """Of one or several pathways of one client, in four queries at most."""
    rows = NextStep.objects.open().filter(pathway__in=pathway_ids, pathway__closed_at=None, kind=StepKind.APPOINTMENT, starts_at__gte=now)
    appointment = rows.select_related("responsible__user", "responsible__organisation").order_by("starts_at", "pk").first()
    contact = appointment.responsible if appointment else _responsible(pathway_ids)
    client = Client.objects.filter(pathways__in=pathway_ids, is_protected=True).first()
    if client is not None:
        if appointment:
            appointment.place = ""
        return NextAppointment(appointment, _named(client, contact), [], name_only=True)
    return NextAppointment(appointment, contact, phones_of([contact.organisation_id])[contact.organisation_id] if contact else [])


def _named(client: Client, contact: Membership | None) -> Membership | None:
    """The contact, or else somebody who is named for the client."""
    named = list(client.named_people.select_related("user").order_by("pk"))
    return next((one for one in named if contact and one.pk == contact.pk), next(iter(named), None))


def _responsible(pathway_ids: list[int]) -> Membership | None:
    """Who answers for the newest open pathway, else for the newest that has ended."""
    pathways = Pathway.objects.filter(pk__in=pathway_ids, process_person__isnull=False).select_related("process_person__user", "process_person__organisation")
    found = sorted(pathways, key=lambda one: (one.closed_at is None, one.opened_at, one.pk), reverse=True)
    return found[0].process_person if found else None
