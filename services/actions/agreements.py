"""Drafting an agreement, sending it, each party's decision, a new version, the end. What the database refuses besides stands in `services/fixed.py`.

Each raises PermissionDenied for people without the right, `Conflict` when somebody else was quicker, and ValidationError
with the fields' names for what cannot be.
"""
import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership, Organisation
from services.actions.notices import tell_about_agreement
from services.choices import AgreementState, PriceBasis, ServiceKind
from services.conflicts import Conflict
from services.models import Agreement, AgreementLine, AgreementParty, SharedService
from services.models.agreement import WHOLE
from services.permissions import agreement_moves, is_drafter, may_decide, may_offer, may_renew, may_write_agreement
from services.queries.agreements import get_agreement, rival_of, services_to_agree_on
from services.queries.settlements import settled_until

EDITABLE = ("title", "form", "first_day", "last_day", "terms", "qualification", "extract_seen_on")
LINE_FIELDS = ("service", "subject", "basis", "price", "vat", "vat_rate")
MOST_LINES, MOST_PARTIES = 12, 5
Shares = Sequence[tuple[Organisation, int]]


@transaction.atomic
def draft_agreement(*, by: Membership, values: dict[str, Any], shares: Shares, token: uuid.UUID, now: datetime | None = None) -> Agreement:
    """`shares`: each party with its ten-thousandths, the own organisation first. The same form sent twice makes one."""
    if not may_offer(by):
        raise PermissionDenied
    Organisation.objects.select_for_update().get(pk=by.organisation_id)
    if (made := Agreement.objects.filter(token=token, organisation=by.organisation_id).first()) is not None:
        return made
    agreement = Agreement(organisation=by.organisation, created_at=now or timezone.now(), created_by=by, token=token, **{name: values[name] for name in EDITABLE if name in values})
    agreement.full_clean()
    agreement.save(force_insert=True)
    _set_parties(agreement, shares)
    record_event(by=by.user, verb="draft_agreement", target=agreement, organisation_id=by.organisation_id)
    return agreement


@transaction.atomic
def edit_agreement(*, by: Membership, agreement: Agreement, version: int, values: dict[str, Any], shares: Shares) -> Agreement:
    """Of a draft. A party that gives something in a line stays until the line is removed."""
    agreement = _hold_draft(by, agreement, version)
    for name in EDITABLE:
        if name in values:
            setattr(agreement, name, values[name])
    agreement.version += 1
    agreement.full_clean()
    agreement.save()
    gone = {line.provider_id for line in agreement.lines.all()} - {organisation.pk for organisation, _share in shares}
    if gone:
        raise ValidationError(_("An organisation that gives something in the agreement is one of its parties. Remove its line first."))
    AgreementParty.objects.filter(agreement=agreement).delete()
    _set_parties(agreement, shares)
    record_event(by=by.user, verb="edit_agreement", target=agreement, organisation_id=by.organisation_id)
    return agreement


@transaction.atomic
def set_line(*, by: Membership, agreement: Agreement, version: int, provider: Organisation | None, line: AgreementLine | None = None, **values: Any) -> AgreementLine:
    """Adds a line, or changes `line`. Of a service its owner is the provider; of a subject in words the party that is named."""
    agreement = _hold_draft(by, agreement, version)
    line = agreement.lines.get(pk=line.pk) if line else AgreementLine(agreement=agreement, position=1 + (agreement.lines.aggregate(last=Max("position"))["last"] or 0))
    if line.pk is None and agreement.lines.count() >= MOST_LINES:
        raise ValidationError(_("An agreement has %(most)s lines at most. Make another one.") % {"most": MOST_LINES})
    for name in LINE_FIELDS:
        if name in values:
            setattr(line, name, values[name])
    _check_service(by, agreement, line)
    if line.service:
        provider = line.service.organisation
    if provider is None or not agreement.parties.filter(organisation=provider).exists():
        raise ValidationError({"provider": _("Choose the party that gives it.")})
    line.provider = provider
    line.full_clean()
    line.save()
    _touch(agreement)
    record_event(by=by.user, verb="set_agreement_line", target=agreement, organisation_id=by.organisation_id, detail={"line": line.pk})
    return line


def _check_service(by: Membership, agreement: Agreement, line: AgreementLine) -> None:
    service: SharedService | None = line.service
    if service is None:
        return
    if service not in services_to_agree_on(by, agreement):
        raise ValidationError({"service": _("Choose a public service of one of the parties.")})
    is_course = service.kind == ServiceKind.COURSE
    if line.basis == PriceBasis.HOUR and is_course or line.basis == PriceBasis.SEAT and not is_course:
        raise ValidationError({"basis": _("Hours are counted of facilities and staff, seats of courses.")})


@transaction.atomic
def remove_line(*, by: Membership, agreement: Agreement, version: int, line: AgreementLine) -> None:
    agreement = _hold_draft(by, agreement, version)
    agreement.lines.filter(pk=line.pk).delete()
    _touch(agreement)
    record_event(by=by.user, verb="remove_agreement_line", target=agreement, organisation_id=by.organisation_id)


@transaction.atomic
def move_agreement(*, by: Membership, agreement: Agreement, target: str, version: int, reason: str = "", now: datetime | None = None) -> Agreement:
    """Send, take back to a draft, decline, end: as `choices.AGREEMENT_MOVES` says. Taken back, it forgets the decisions: all decide anew on what is sent then."""
    now = now or timezone.now()
    agreement = _hold(by, agreement)
    moves = [move for move in agreement_moves(by, agreement) if move.target == target]
    if agreement.version != version or (not moves and agreement.state == target):
        raise _changed(agreement)
    if not moves:
        raise PermissionDenied
    reason = reason.strip()
    if moves[0].needs_reason and not reason:
        raise ValidationError({"reason": _("Give the reason: the other organisations read it.")})
    today = timezone.localdate(now)
    match target:
        case AgreementState.SENT:
            _check_whole(agreement, by)
            agreement.sent_at = now
            agreement.is_demo = agreement.is_demo or any(line.service and line.service.is_demo for line in agreement.lines.all())
        case AgreementState.ENDED:
            if today < agreement.first_day:
                raise ValidationError(_("It can be ended from its first day on."))
            agreement.ended_on = min(today, agreement.last_day)
        case AgreementState.DRAFT:
            if agreement.replaces_id and Agreement.objects.filter(replaces=agreement.replaces_id).exclude(state=AgreementState.DECLINED).exclude(pk=agreement.pk).exists():
                raise ValidationError(_("Another new version has been begun in the meantime."))
    before, agreement.state, agreement.reason = agreement.state, target, reason[:300]
    # What was a draft is sent with its last change in it: the database keeps it as it was from here on.
    _touch(agreement)
    if target == AgreementState.DRAFT:
        agreement.parties.update(accepted_at=None, accepted_by=None, body="", decided_on=None, section="", record_number="")
    record_event(by=by.user, verb=f"agreement_{target}", target=agreement, organisation_id=by.organisation_id, detail={"from": before})
    tell_about_agreement(agreement, by=by)
    return agreement


@transaction.atomic
def decide(*, by: Membership, agreement: Agreement, version: int, body: str, decided_on: date, section: str = "", record_number: str = "", now: datetime | None = None) -> Agreement:
    """The own organisation's decision. With the last one the agreement is in force, and the version that it replaces ends on the day before its first."""
    now = now or timezone.now()
    agreement = _hold(by, agreement)
    if agreement.version != version:
        raise _changed(agreement)
    if not may_decide(by, agreement):
        raise PermissionDenied
    if decided_on > timezone.localdate(now):
        raise ValidationError({"decided_on": _("Note the decision when it has been made: the day is yet to come.")})
    party = agreement.parties.get(organisation=by.organisation_id)
    party.body, party.decided_on, party.section, party.record_number = body.strip(), decided_on, section.strip(), record_number.strip()
    party.accepted_at, party.accepted_by = now, by
    party.full_clean()
    party.save()
    if not agreement.parties.filter(accepted_at=None).exists():
        _put_in_force(agreement, now)
        # Until then the version stays: of two who decide at the same time neither has to look again.
        _touch(agreement)
    record_event(by=by.user, verb="decide_agreement", target=agreement, organisation_id=by.organisation_id, detail={"state": agreement.state})
    tell_about_agreement(agreement, by=by)
    return agreement


def _put_in_force(agreement: Agreement, now: datetime) -> None:
    # In order, so that two that come into force at once are judged one after the other.
    list(SharedService.objects.select_for_update().filter(agreement_lines__agreement=agreement).order_by("pk"))
    _check_days_of_version(agreement)
    _check_rivals(agreement)
    if agreement.replaces_id:
        old = Agreement.objects.select_for_update().get(pk=agreement.replaces_id)
        if old.state == AgreementState.IN_FORCE:
            old.state, old.ended_on, old.version = AgreementState.ENDED, min(old.last_day, agreement.first_day - timedelta(days=1)), old.version + 1
            old.save()
    agreement.state, agreement.in_force_at = AgreementState.IN_FORCE, now


@transaction.atomic
def renew_agreement(*, by: Membership, agreement: Agreement, now: datetime | None = None) -> Agreement:
    """A new version as a draft of the own organisation; the present one stays in force until all have decided on the new one."""
    now = now or timezone.now()
    agreement = _hold(by, agreement)
    if not may_renew(by, agreement):
        raise PermissionDenied
    if (begun := agreement.replaced_by.exclude(state=AgreementState.DECLINED).first()) is not None:
        if begun.organisation_id == by.organisation_id:
            return begun
        raise ValidationError(_("%(organisation)s is writing a new version already.") % {"organisation": begun.organisation.name})
    first_day = max(timezone.localdate(now), agreement.first_day, settled_until(agreement) or agreement.first_day) + timedelta(days=1)
    new = Agreement(
        organisation=by.organisation, created_at=now, created_by=by, replaces=agreement, edition=agreement.edition + 1, is_demo=agreement.is_demo,
        **{name: getattr(agreement, name) for name in EDITABLE} | {"first_day": first_day, "last_day": max(first_day, agreement.last_day)},
    )
    new.save(force_insert=True)
    AgreementParty.objects.bulk_create(AgreementParty(agreement=new, organisation=one.organisation, position=one.position, share=one.share) for one in agreement.parties.all())
    AgreementLine.objects.bulk_create(
        AgreementLine(agreement=new, provider=one.provider, position=one.position, **{name: getattr(one, name) for name in LINE_FIELDS}) for one in agreement.lines.all()
    )
    record_event(by=by.user, verb="renew_agreement", target=new, organisation_id=by.organisation_id, detail={"replaces": agreement.pk})
    return new


@transaction.atomic
def remove_agreement(*, by: Membership, agreement: Agreement, version: int) -> None:
    """A draft that nobody else has ever seen."""
    agreement = _hold_draft(by, agreement, version)
    if agreement.sent_at is not None:
        raise ValidationError(_("What the others have seen stays. Send it again, or leave it as a draft."))
    record_event(by=by.user, verb="remove_agreement", target=agreement, organisation_id=by.organisation_id)
    agreement.delete()


def end_agreements(now: datetime) -> int:
    """What has passed its last day is ended."""
    today = timezone.localdate(now)
    return Agreement.objects.filter(state=AgreementState.IN_FORCE, last_day__lt=today).update(state=AgreementState.ENDED, ended_on=F("last_day"), version=F("version") + 1)


def _hold(by: Membership, agreement: Agreement) -> Agreement:
    """As it now stands, locked; Http404 for whoever may not see it."""
    Agreement.objects.select_for_update().filter(pk=agreement.pk).first()
    return get_agreement(by, agreement.pk)


def _hold_draft(by: Membership, agreement: Agreement, version: int) -> Agreement:
    agreement = _hold(by, agreement)
    if not is_drafter(by, agreement):
        raise PermissionDenied
    if agreement.version != version or not may_write_agreement(by, agreement):
        raise _changed(agreement)
    return agreement


def _touch(agreement: Agreement) -> None:
    agreement.version += 1
    agreement.save()


def _changed(agreement: Agreement) -> Conflict:
    return Conflict(agreement, _("Somebody else has changed this agreement in the meantime. It is now “%(state)s”.") % {"state": agreement.get_state_display()})


def _set_parties(agreement: Agreement, shares: Shares) -> None:
    if len({organisation.pk for organisation, _share in shares}) != len(shares):
        raise ValidationError(_("Each organisation is a party once."))
    if not 2 <= len(shares) <= MOST_PARTIES or shares[0][0].pk != agreement.organisation_id:
        raise ValidationError(_("An agreement has two to five parties, your organisation among them."))
    if sum(share for _organisation, share in shares) != WHOLE:
        raise ValidationError({"share": _("The shares must add up to 100 %%. Now they add up to %(sum)s %%.") % {"sum": sum(share for _organisation, share in shares) / 100}})
    AgreementParty.objects.bulk_create(AgreementParty(agreement=agreement, organisation=organisation, position=number, share=share) for number, (organisation, share) in enumerate(shares, start=1))


def _check_whole(agreement: Agreement, by: Membership) -> None:
    if not agreement.lines.all():
        raise ValidationError(_("Add what is lent: an agreement has one line at least."))
    _check_days_of_version(agreement)
    _check_rivals(agreement, by)


def _check_days_of_version(agreement: Agreement) -> None:
    if (old := agreement.replaces) is not None:
        settled = settled_until(old)
        if agreement.first_day <= old.first_day or settled and agreement.first_day <= settled:
            raise ValidationError(_("A new version begins after the first day of the one before it, and after the days that have been settled."))


def _check_rivals(agreement: Agreement, by: Membership | None = None) -> None:
    """`by`: only agreements that the organisation knows of; the others are asked when all have decided, and none is named."""
    if rival_of(agreement, of=by.organisation_id if by else None):
        raise ValidationError(_("Another agreement between two of the parties is about the same service and some of the same days: it would be settled twice. Change the days, or end the other one first."))
