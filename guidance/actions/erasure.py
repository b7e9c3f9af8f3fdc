"""Erasure: a pathway with everything that hangs on it, or an organisation's own notes and files; what a restore brings back goes again.

Source: General Data Protection Regulation (EU) 2016/679, article 17. What becomes of each table is declared with the model.
"""
from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.models import BouncedAddress, OutboxMessage, User
from accounts.personal import Erasure
from guidance.actions.enrolments import release_seats
from guidance.actions.ledger import OWN_ACCOUNT, digest_of, erased_before, write_ledger
from guidance.actions.locks import lock_pathways
from guidance.actions.own_account import close_own_account, remove_user
from guidance.actions.rights import ask_organisations, lock_request, own_answer
from guidance.choices import EndReason, Outcome, RightsKind, RightsOutcome
from guidance.models import (
    Attachment,
    Client,
    ClientAccount,
    EndedPathways,
    FileToRemove,
    Participation,
    Pathway,
    PathwayAlias,
    PathwayEnrolment,
    RightsRequest,
)
from guidance.queries.erasing import Line, lines_of, own_lines_of, pseudonyms_of
from guidance.queries.held import controllers_of
from guidance.queries.own_access import mails_of_links
from guidance.registries import pathways_changed, pathways_go
from pilots.attachments import forget
from pilots.models import Membership
from services.models import Enrolment


@transaction.atomic
def carry_out(*, by: Membership, request: RightsRequest, now: datetime) -> RightsRequest:
    """Do what the answers to an erasure request allow: everything, when every organisation has granted it; else the own notes and files."""
    pathway = request.pathway
    if request.kind != RightsKind.ERASURE or pathway is None:
        raise ValidationError(_("There is nothing to erase by this request."))
    client = Client.objects.select_for_update(no_key=True).filter(pk=pathway.client_id).first()
    if client is None:
        # Somebody else has pressed meanwhile.
        raise ValidationError(_("There is nothing to erase by this request."))
    request = lock_request(request)
    own = own_answer(by, request)
    if own.done_at:
        return request
    if own.outcome not in (RightsOutcome.GRANTED, RightsOutcome.PARTLY):
        raise ValidationError(_("Your organisation has not granted this request."))
    unasked = controllers_of(client) | set(client.pathways.values_list("process_owner", flat=True)) - {None}
    if erases_everything(request) and (unasked := unasked - set(request.answers.values_list("organisation", flat=True))):
        ask_organisations(request, unasked, now)
        # Not an error: the row must stay. The page says for whom it waits.
        return request
    if request.answers.waiting().exists():
        raise ValidationError(_("Wait until every organisation has answered: what is erased depends on all of them."))
    if erases_everything(request):
        request.answers.update(done_at=now)
        erase_pathways(list(client.pathways.all()), by=by, now=now)
    else:
        own.done_at = now
        own.save(update_fields=["done_at"])
        erase_own(client, organisation_id=by.organisation_id, by=by, now=now)
    return request


def erases_everything(request: RightsRequest) -> bool:
    return not request.answers.exclude(outcome=RightsOutcome.GRANTED).exists()


@transaction.atomic
def erase_pathways(pathways: Collection[Pathway], *, by: Membership | None, now: datetime) -> None:
    """Ended pathways of one client, and the client with the last one. Nothing is left but counts, pseudonyms in the logs, and the ledger."""
    client = Client.objects.select_for_update(no_key=True).get(pk=next(iter(pathways)).client_id)
    for pathway in pathways:
        release_seats(pathway, by=by, now=now)
    pathways = lock_pathways([pathway.pk for pathway in pathways], open_only=False, while_restricted=True)
    if any(pathway.closed_at is None for pathway in pathways):
        raise ValidationError(_("The guidance goes on. End the pathway first; then it can be erased."))
    with_client = not client.pathways.exclude(pk__in=[pathway.pk for pathway in pathways]).exists()
    write_ledger(pseudonyms_of(pathways), now=now)
    pathways_go([pathway.pk for pathway in pathways])
    for pathway in pathways:
        _count(pathway)
        record_event(by=by.user if by else None, verb="pathway_erased", target=pathway, organisation_id=by.organisation_id if by else pathway.process_owner_id, detail={"pathway": pathway.pseudonym})
    seats = list(Enrolment.objects.filter(pk__in=PathwayEnrolment.objects.filter(pathway__in=pathways).values("enrolment__pk")).values_list("pk", flat=True))
    users = list(User.objects.filter(client_account__client=client)) if with_client else []
    mails = {client.email, *client.invitations.values_list("email", flat=True), *(user.email for user in users)} - {""} if with_client else set()
    OutboxMessage.objects.filter(pk__in=mails_of_links(pathways)).delete()
    _take(list(lines_of(pathways, with_client=with_client)), now)
    # The seat stays, an organisation's and nameless; what was written about it may tell of the client.
    Enrolment.objects.filter(pk__in=seats).exclude(reason="").update(reason="–")
    OutboxMessage.objects.filter(to_email__in=mails).delete()
    BouncedAddress.objects.filter(email__in={mail.lower() for mail in mails}).delete()
    for user in users:
        remove_user(user, now)


@transaction.atomic
def erase_own(client: Client, *, organisation_id: int, by: Membership | None, now: datetime) -> None:
    """The notes and files of an organisation that takes part no more; the rest is not its own to erase."""
    pathways = lock_pathways(sorted(client.pathways.values_list("pk", flat=True)), open_only=False, while_restricted=True)
    if Participation.objects.filter(pathway__in=pathways, organisation=organisation_id, ends_at=None).exists():
        raise ValidationError(_("Your organisation still takes part in the guidance. Its part ends first; then it can be erased."))
    write_ledger(pseudonyms_of(pathways), now=now, organisation_id=organisation_id)
    _take(list(own_lines_of(client, organisation_id)), now)
    pathways_changed([pathway.pk for pathway in pathways])
    record_event(by=by.user if by else None, verb="own_rows_erased", target=pathways[0], organisation_id=organisation_id, detail={"pathway": pathways[0].pseudonym})


def _take(lines: list[Line], now: datetime) -> None:
    """Keys are read before anything goes: the rows of later lines are found through earlier ones."""
    keys = [(line, list(line.rows.values_list("pk", flat=True))) for line in lines if line.erasure != Erasure.KEEP]
    for line, found in keys:
        rows = line.table.filter(pk__in=found)
        if line.erasure == Erasure.EMPTY:
            rows.update(**line.personal.emptied)
            continue
        if line.model is Attachment:
            remove_after_commit(list(rows.values_list("stored_as", flat=True)), now)
        for field in line.model._meta.concrete_fields:
            # A row that names another of its table would hold it.
            if field.related_model is line.model and field.null:
                rows.update(**{field.name: None})
        rows.delete()
    for line, _found in keys:
        if line.is_history and line.erasure == Erasure.DELETE:
            # Its own deletion has left a last row.
            line.rows.delete()


def _count(pathway: Pathway) -> None:
    ended = timezone.localtime(pathway.closed_at)
    row, _made = EndedPathways.objects.get_or_create(partnership_id=pathway.partnership_id, year=ended.year, stage=pathway.stage, end_reason=pathway.end_reason, outcome=pathway.outcome)
    EndedPathways.objects.filter(pk=row.pk).update(count=F("count") + 1)


# Files ---------------------------------------------------------------------------------------------


def remove_after_commit(stored: Collection, now: datetime) -> None:
    FileToRemove.objects.bulk_create(FileToRemove(stored_as=one, asked_at=now) for one in stored)
    transaction.on_commit(lambda: remove_files(now))


def remove_files(now: datetime) -> int:
    """A due job too: whatever a process that died left behind."""
    removed = 0
    for row in list(FileToRemove.objects.all()):
        forget(row.stored_as)
        row.delete()
        removed += 1
    return removed


# Once more, after a restore --------------------------------------------------------------------------


def apply_erasures(now: datetime) -> int:
    """Erase again whoever a restore has brought back; how many pathways it was. Each pathway in a transaction of its own, so it can be run again."""
    ledger = erased_before()
    secrets = (settings.ERASURE_KEY, *settings.ERASURE_KEY_FALLBACKS)
    names = [*Pathway.objects.values_list("pk", "pseudonym"), *PathwayAlias.objects.values_list("pathway_id", "pseudonym")]
    again: dict[int, dict[int | None, datetime]] = {}
    for pk, pseudonym in names if ledger else []:
        for secret in secrets:
            if scopes := ledger.get(digest_of(pseudonym, secret)):
                again.setdefault(pk, {}).update(scopes)
    done = 0
    for pk, scopes in again.items():
        pathway = Pathway.objects.filter(pk=pk).select_related("client").first()
        if pathway is None:
            continue
        if None in scopes:
            _erase_again(pathway, now)
            done += 1
        else:
            done += sum(_close_again(pathway, at, now) if organisation_id == OWN_ACCOUNT else _erase_own_again(pathway, organisation_id, at, now) for organisation_id, at in scopes.items() if organisation_id is not None)
    return done


def _erase_again(pathway: Pathway, now: datetime) -> None:
    with transaction.atomic():
        if pathway.closed_at is None:
            # As it was before it ended and was erased; nothing of it may come back.
            Pathway.objects.filter(pk=pathway.pk).update(closed_at=now, closed_by=pathway.process_person_id, end_reason=EndReason.OWN_WISH, outcome=Outcome.UNKNOWN)
        erase_pathways([pathway], by=None, now=now)


def _erase_own_again(pathway: Pathway, organisation_id: int, at: datetime, now: datetime) -> bool:
    if Participation.objects.filter(pathway__client=pathway.client_id, organisation=organisation_id, starts_at__gt=at).exists():
        # It has come back since, so this copy is younger than the erasure: what it wrote then is there for good reason.
        return False
    if not any(line.rows.exists() for line in own_lines_of(pathway.client, organisation_id) if line.erasure == Erasure.DELETE or line.rows.exclude(**line.personal.emptied).exists()):
        return False
    Participation.objects.filter(pathway__client=pathway.client_id, organisation=organisation_id, ends_at=None).update(ends_at=now)
    erase_own(pathway.client, organisation_id=organisation_id, by=None, now=now)
    return True


def _close_again(pathway: Pathway, at: datetime, now: datetime) -> bool:
    """One that the client has made since stays."""
    account = ClientAccount.objects.filter(client=pathway.client_id, joined_at__lte=at).first()
    if account:
        close_own_account(account=account, now=now)
    return bool(account)
