"""Many pathways opened at once, for a client list: the same rows as `pathways.open_pathway` writes, in a statement for each kind.

One by one, five thousand would hold locks for minutes. What one of each looks like is decided there; that both write the
same, field by field, is held by tests/guidance/test_imports_openings.py.
"""
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import event_of
from accounts.models import AuditEvent
from guidance.actions.locks import lock_guide
from guidance.actions.participations import participation_of, required_part
from guidance.actions.pathways import require_minor_asked
from guidance.actions.timeline import require_not_past
from guidance.choices import DisclosureBasis, EventKind, Stage, StepKind
from guidance.models import Client, Event, NextStep, Participation, Partnership, Pathway, PathwayAlias, StagePeriod
from guidance.models.pathway import new_pseudonym
from guidance.registries import pathways_changed
from pilots.models import Membership

AT_ONCE = 1_000
# Made by the row itself, or read from the database a moment ago.
MADE = {
    Client: ["sort_key", "search_name", "municipality", "created_at"],
    Pathway: ["client", "partnership", "process_owner", "process_person", "pseudonym", "opened_at", "last_event_at", "stage"],
    NextStep: ["pathway", "responsible", "created_by", "created_at", "done_by", "handoff", "token"],
}


@dataclass(frozen=True)
class Opening:
    """A new client, what is known of the pathway, and the first step; from `checked` only. `token` makes it one pathway."""

    client: Client
    pathway: Pathway
    step: NextStep
    token: uuid.UUID


def checked(*, client: Client, first_step: str, first_due_on: date | None, token: uuid.UUID, **fields) -> Opening:
    """One of many, by the rules of the form and of one client alone; ValidationError by field."""
    if client.pk:
        raise ValueError("many at once are new clients")
    if first_due_on is None:
        raise ValidationError({"first_due_on": _("Choose the day.")})
    require_not_past(first_due_on, "first_due_on")
    require_minor_asked(client)
    pathway, step = Pathway(**fields), NextStep(kind=StepKind.STEP, what=first_step, due_on=first_due_on)
    for row in (client, pathway, step):
        row.clean_fields(exclude=MADE[type(row)])
    return Opening(client, pathway, step, token)


@transaction.atomic
def open_pathways(*, by: Membership, partnership: Partnership, openings: Sequence[Opening]) -> list[Pathway]:
    """All of them or none; by whom, where and with what as `open_pathway` says."""
    by = lock_guide(by)
    partnership = Partnership.objects.get(pk=partnership.pk)
    if partnership.opened_at is None:
        raise ValidationError(_("This partnership is not open yet: its agreement of roles, impact assessment and lead come first."))
    if by.organisation_id != partnership.process_organisation_id:
        raise ValidationError(_("The employment service opens a pathway. Send the client there, or log a drop-in talk."))
    if Event.objects.filter(token__in=[one.token for one in openings]).exists():
        raise ValidationError(_("This form has been used already. Open the page again."))
    clients = _store_clients([one.client for one in openings])
    pathways = _store_pathways(by, partnership, openings, clients)
    _store_beside(by, partnership, openings, pathways)
    pathways_changed([one.pk for one in pathways])
    return pathways


def _store_clients(clients: list[Client]) -> list[Client]:
    now = timezone.now()
    for client in clients:
        client.created_at = now
        client.make_keys()
    stored = Client.objects.bulk_create(clients, batch_size=AT_ONCE)
    Client.history.bulk_history_create(stored, batch_size=AT_ONCE, default_change_reason=None)
    return stored


def _store_pathways(by: Membership, partnership: Partnership, openings: Sequence[Opening], clients: list[Client]) -> list[Pathway]:
    now = timezone.now()
    pathways = [one.pathway for one in openings]
    for one, client, pseudonym in zip(openings, clients, _free_pseudonyms(len(openings)), strict=True):
        pathway = one.pathway
        pathway.pseudonym, pathway.client, pathway.partnership, pathway.stage = pseudonym, client, partnership, Stage.REGISTERED
        pathway.process_owner_id, pathway.process_person = by.organisation_id, by
        pathway.opened_at = pathway.last_event_at = now
        pathway.next_due_on = one.step.due_on
    return Pathway.objects.bulk_create(pathways, batch_size=AT_ONCE)


def _free_pseudonyms(count: int) -> list[str]:
    """Of thousands against hundreds of thousands one is drawn twice now and then."""
    free: set[str] = set()
    while len(free) < count:
        drawn = {new_pseudonym() for _turn in range(count - len(free))}
        for model in (Pathway, PathwayAlias):
            drawn -= set(model.objects.filter(pseudonym__in=drawn).values_list("pseudonym", flat=True))
        free |= drawn
    return sorted(free)


def _store_beside(by: Membership, partnership: Partnership, openings: Sequence[Opening], pathways: list[Pathway]) -> None:
    part = required_part(by.organisation_id, partnership.pk)
    for one, pathway in zip(openings, pathways, strict=True):
        one.step.pathway, one.step.responsible, one.step.created_by, one.step.created_at = pathway, by, by, pathway.opened_at
    StagePeriod.objects.bulk_create((StagePeriod(pathway=one, stage=one.stage, started_at=one.opened_at, by=by) for one in pathways), batch_size=AT_ONCE)
    taking_part = [participation_of(pathway=one, person=by, part=part, disclosure_basis=DisclosureBasis.OWN) for one in pathways]
    for row in taking_part:
        row.repeat(row.pathway.client)
    Participation.objects.bulk_create(taking_part, batch_size=AT_ONCE)
    NextStep.objects.bulk_create((one.step for one in openings), batch_size=AT_ONCE)
    Event.objects.bulk_create(
        (Event(pathway=pathway, kind=EventKind.OPENED, at=pathway.opened_at, by=by, organisation_id=by.organisation_id, token=one.token) for one, pathway in zip(openings, pathways, strict=True)),
        batch_size=AT_ONCE,
    )
    AuditEvent.objects.bulk_create(
        (event_of(by=by.user, verb="pathway_opened", target=one, organisation_id=by.organisation_id, detail={"pathway": one.pseudonym}) for one in pathways), batch_size=AT_ONCE
    )
