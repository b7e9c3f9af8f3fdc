from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.clients import forget_history, take_protection_over
from guidance.actions.consents import end_consents
from guidance.actions.locks import lock_pathways, require_participant
from guidance.actions.naming import keep_somebody_named
from guidance.actions.timeline import refresh_next_due, write_event
from guidance.choices import ConsentEnd, ConsentScope, EventKind, HandoffKind, ItemState
from guidance.models import (
    AppointmentLink,
    AssessmentItem,
    Attachment,
    Client,
    ClientAccount,
    ClientEntry,
    ClientInvitation,
    Consent,
    EducationOption,
    Event,
    Handoff,
    ImportRow,
    NextStep,
    Participation,
    Pathway,
    PathwayAlias,
    PathwayEnrolment,
    RightsRequest,
    ShareLink,
    StagePeriod,
    WorkPeriod,
    WorkplacePeriod,
)
from guidance.permissions import may_see_protected_details
from guidance.queries.consents import consent_in_force
from guidance.registries import pathways_changed, pathways_go
from pilots.models import Membership

# Rows that move as they are.
MOVED = (Event, NextStep, Handoff, Consent, EducationOption, PathwayEnrolment, WorkplacePeriod, WorkPeriod, Attachment, AssessmentItem, Participation, RightsRequest, ShareLink, ClientEntry, AppointmentLink)
# What an empty field of the kept one takes over from the other.
PATHWAY_FILLED = ("guidance_lead", "study_counsellor", "target_group", "goal", "waits_since", "basis_ends_on")
CLIENT_FILLED = ("phone", "email", "address", "contact_address", "interpreter_language", "finnish_level", "swedish_level", "municipality", "municipality_code", "minor_actor", "minor_checked_on")


@transaction.atomic
def merge_pathways(*, by: Membership, keep: Pathway, other: Pathway, is_same_person: bool = False) -> Pathway:
    """Make one of two open pathways of the same person in one partnership; both histories stay whole.

    Everything of `other` moves to `keep`, whose owner and stage hold; the pseudonym of `other` becomes an alias, for log rows
    are never rewritten. By the process owner of both: what somebody else owns is transferred first.
    A file under non-disclosure is merged by a person named for it. When the birth dates differ, somebody says that it is one person.
    """
    if keep.pk == other.pk:
        raise ValidationError(_("These are the same pathway."))
    clients = {client.pk: client for client in Client.objects.select_for_update(no_key=True).filter(pk__in={keep.client_id, other.client_id}).order_by("pk")}
    keep, other = lock_pathways([keep.pk, other.pk])
    for pathway in (keep, other):
        require_participant(by, pathway)
        if pathway.process_owner_id != by.organisation_id:
            raise ValidationError(_("The process owner of both merges them. Ask for the transfer of the process responsibility first."))
        if not may_see_protected_details(by, pathway):
            raise ValidationError(_("One of the files is under non-disclosure: only the people named for it merge it."))
    if keep.partnership_id != other.partnership_id:
        raise ValidationError(_("Pathways of two partnerships are not merged: each partnership guides in its own."))
    if not is_same_person and clients[keep.client_id].birth_date != clients[other.client_id].birth_date:
        raise ValidationError({"is_same_person": _("The birth dates differ. Check that this is one person, and say so.")})
    if keep.client_id != other.client_id and ClientAccount.objects.filter(client__in=clients).count() > 1:
        raise ValidationError(_("Both files have an account for the client's own page, and one person has one page. Ask the portal's administrator to close the account that the client does not use."))
    _require_compatible_handoffs(keep, other)
    _require_one_seat(keep, other)
    now = timezone.now()
    before = _what_was(other)
    _join_participations(keep, other, now)
    _join_consents(keep, other, by)
    _join_items(keep, other, now)
    _join_stage_periods(keep, other)
    for model in MOVED:
        model.objects.filter(pathway=other).update(pathway=keep)
    ImportRow.objects.filter(duplicate_of=other).update(duplicate_of=keep)
    PathwayAlias.objects.filter(pathway=other).update(pathway=keep)
    _fill_pathway(keep, other)
    pseudonym, other_client, other_goal = other.pseudonym, clients[other.client_id], other.goal
    pathways_go([other.pk])
    other.delete()
    PathwayAlias.objects.create(pseudonym=pseudonym, pathway=keep, merged_at=now, by=by)
    text = other_goal if other_goal and other_goal != keep.goal else ""
    write_event(pathway=keep, kind=EventKind.MERGED, by=by, text=text, detail={"merged": pseudonym, **before})
    refresh_next_due(keep)
    record_event(by=by.user, verb="pathways_merged", target=keep, organisation_id=by.organisation_id, detail={"kept": keep.pseudonym, "merged": pseudonym})
    if other_client.pk != keep.client_id:
        clients[keep.client_id].repeat()
        _join_clients(clients[keep.client_id], other_client, by)
    return keep


def _require_compatible_handoffs(keep: Pathway, other: Pathway) -> None:
    handoffs = Handoff.objects.open().filter(pathway=other)
    receivers = handoffs.exclude(to_organisation=None).values("to_organisation")
    same = Q(to_organisation__in=receivers)
    if handoffs.filter(kind=HandoffKind.TRANSFER).exists():
        same |= Q(kind=HandoffKind.TRANSFER)
    if Handoff.objects.open().filter(pathway=keep).filter(same).exists():
        raise ValidationError(_("Both have an open hand-off to the same receiver. Withdraw one of them first."))


def _require_one_seat(keep: Pathway, other: Pathway) -> None:
    seats = PathwayEnrolment.objects.active()
    if seats.filter(pathway=other, enrolment__run__in=seats.filter(pathway=keep).values("enrolment__run")).exists():
        raise ValidationError(_("Both have a seat on the same course. Cancel one of them first."))


def _what_was(other: Pathway) -> dict:
    """Codes and ids of what the kept pathway's columns do not tell any more."""
    return {
        "stage": other.stage,
        "opened_at": other.opened_at.isoformat(),
        "process_person": other.process_person_id,
        "guidance_lead": other.guidance_lead_id,
        "study_counsellor": other.study_counsellor_id,
        "stages": [[period.stage, period.started_at.isoformat()] for period in other.stage_periods.order_by("started_at")],
    }


def _join_participations(keep: Pathway, other: Pathway, now: datetime) -> None:
    """An organisation in both takes part once, as it does in the kept one; the other row stays as ended history."""
    both = Participation.objects.filter(pathway=keep, ends_at=None).values("organisation")
    Participation.objects.filter(pathway=other, ends_at=None, organisation__in=both).update(ends_at=now)


def _join_consents(keep: Pathway, other: Pathway, by: Membership) -> None:
    """A body is told by one consent at a time: the one of the kept pathway, or the wider one of the other."""
    for consent in Consent.objects.in_force().filter(pathway=other):
        same = consent_in_force(keep, consent.organisation_id, consent.outside)
        if same:
            wider = consent.scope == ConsentScope.PATHWAY != same.scope
            end_consents([same if wider else consent], by=by, end=ConsentEnd.REPLACED)


def _join_items(keep: Pathway, other: Pathway, now: datetime) -> None:
    for item in AssessmentItem.objects.filter(pathway=keep).exclude(state=ItemState.RESOLVED):
        AssessmentItem.objects.filter(pathway=other, kind=item.kind, code=item.code).exclude(state=ItemState.RESOLVED).update(state=ItemState.RESOLVED, resolved_at=now)


def _join_stage_periods(keep: Pathway, other: Pathway) -> None:
    """What came before the kept one's first period continues its history backwards.

    Two stages at the same time would be a history that never was: what ran beside it is told by the events and by the
    merge's own row (`stages`).
    """
    first = keep.stage_periods.aggregate(first=Min("started_at"))["first"]
    StagePeriod.objects.filter(pathway=other, started_at__lt=first).update(pathway=keep)
    StagePeriod.objects.filter(pathway=other).delete()


def _fill_pathway(keep: Pathway, other: Pathway) -> None:
    for name in PATHWAY_FILLED:
        if not getattr(keep, name):
            setattr(keep, name, getattr(other, name))
    if keep.education_background == "unknown":
        keep.education_background = other.education_background
    keep.seeks_competence = keep.seeks_competence or other.seeks_competence
    keep.opened_at = min(keep.opened_at, other.opened_at)
    keep.last_event_at = Event.objects.filter(pathway=keep).counted().aggregate(last=Max("at"))["last"]
    keep.version += 1
    keep.save()


def _join_clients(keep: Client, other: Client, by: Membership) -> None:
    """The kept person's empty fields take what the other file knew; a file that no pathway needs any more goes, its history stays."""
    is_protected = other.is_protected or keep.is_protected
    if is_protected:
        take_protection_over(keep, other)
    else:
        for name in CLIENT_FILLED:
            if not getattr(keep, name):
                setattr(keep, name, getattr(other, name))
        keep.save()
    pathways_changed(keep.pathways.values_list("pk", flat=True))
    pk = other.pk
    if not other.pathways.exists():
        ClientAccount.objects.filter(client=other).update(client=keep)
        ClientInvitation.objects.open().filter(client=other).update(revoked_at=timezone.now())
        ClientInvitation.objects.filter(client=other).update(client=keep)
        other.delete()
        # Or nobody would find it when the person asks to see or erase what is held.
        Client.history.filter(id=pk).update(id=keep.pk)
    if is_protected:
        # The last row of a deleted client's history too.
        for one in (keep.pk, pk):
            forget_history(one)
        for pathway in Pathway.objects.open().filter(client__in=[keep.pk, pk]):
            keep_somebody_named(pathway, by=by)
