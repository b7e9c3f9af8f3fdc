"""Settling an agreement for a term: a draft that is computed anew until all have accepted it, then locked; put right by a new entry only.

The agreement's row is held throughout, so that two who accept at once follow one another and no day is settled twice.
"""
import uuid
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.actions.notices import tell_about_settlement
from services.choices import PriceBasis, SettlementState
from services.conflicts import Conflict
from services.models import Agreement, Settlement, SettlementAcceptance, SettlementLine, SettlementShare
from services.permissions import may_accept_settlement, may_settle, own_party
from services.queries.agreements import get_agreement
from services.queries.settlements import count_use, get_settlement, shares_of, sums_of

# Per correction and line: no slip of the hand is larger than this many minutes or seats.
MOST_CORRECTED = 1_000_000


@transaction.atomic
def draft_settlement(*, by: Membership, agreement: Agreement, first_day: date, last_day: date, token: uuid.UUID, now: datetime | None = None) -> Settlement:
    """Of days of the agreement that no other settlement covers. The same form sent twice makes one."""
    now = now or timezone.now()
    agreement = _hold(by, agreement)
    if (made := Settlement.objects.filter(token=token, agreement=agreement).first()) is not None:
        return made
    if not may_settle(by, agreement):
        raise PermissionDenied
    if last_day < first_day:
        raise ValidationError({"last_day": _("The last day must not be before the first.")})
    if first_day < agreement.first_day or last_day > agreement.until:
        raise ValidationError({"first_day": _("The agreement holds %(period)s. Choose days within it.") % {"period": agreement.period}})
    if (other := agreement.settlements.filter(corrects=None, first_day__lte=last_day, last_day__gte=first_day).first()) is not None:
        raise ValidationError({"first_day": _("The settlement %(period)s covers some of these days already.") % {"period": other.period}})
    settlement = Settlement(agreement=agreement, first_day=first_day, last_day=last_day, drafted_at=now, drafted_by=by, computed_at=now, token=token, is_demo=agreement.is_demo)
    settlement.full_clean()
    settlement.save(force_insert=True)
    write_lines(settlement, agreement, count_use(agreement, first_day, last_day, now))
    record_event(by=by.user, verb="draft_settlement", target=settlement, organisation_id=by.organisation_id)
    tell_about_settlement(settlement, by=by)
    return settlement


@transaction.atomic
def compute_settlement(*, by: Membership, settlement: Settlement, version: int, now: datetime | None = None) -> bool:
    """A draft as it comes to now; whether anything has changed. What has changed is accepted anew. A correction stays as it was written."""
    now = now or timezone.now()
    settlement = _hold_draft(by, settlement, version)
    if settlement.corrects_id:
        raise ValidationError(_("A correction is written by hand. Discard it and write another one."))
    changed = _refresh(settlement, now)
    record_event(by=by.user, verb="compute_settlement", target=settlement, organisation_id=by.organisation_id, detail={"changed": changed})
    return changed


@transaction.atomic
def accept_settlement(*, by: Membership, settlement: Settlement, version: int, now: datetime | None = None) -> Settlement:
    """For the own organisation; with the last one it is locked. `Conflict` when the numbers are others than those that were seen: nothing is accepted unseen."""
    now = now or timezone.now()
    settlement = _hold_draft(by, settlement, version)
    if any(one.organisation_id == by.organisation_id for one in settlement.acceptances.all()):
        return settlement
    if not may_accept_settlement(by, settlement):
        raise PermissionDenied
    if not settlement.corrects_id and _differs(settlement, now):
        raise Conflict(settlement, _("Bookings or seats have changed since this was computed. Compute it anew and look at it again."))
    SettlementAcceptance.objects.create(settlement=settlement, organisation=by.organisation, accepted_at=now, accepted_by=by)
    accepted = {one.organisation_id for one in settlement.acceptances.all()} | {by.organisation_id}
    if {party.organisation_id for party in settlement.agreement.parties.all()} <= accepted:
        settlement.state, settlement.locked_at = SettlementState.ACCEPTED, now
        settlement.save()
    record_event(by=by.user, verb="accept_settlement", target=settlement, organisation_id=by.organisation_id, detail={"state": settlement.state})
    tell_about_settlement(settlement, by=by)
    return settlement


@transaction.atomic
def correct_settlement(*, by: Membership, settlement: Settlement, quantities: dict[int, Decimal], reason: str, token: uuid.UUID, now: datetime | None = None) -> Settlement:
    """A new entry of the same days: by line of the agreement what is added or (negative) taken off, in hours, seats or terms."""
    now = now or timezone.now()
    agreement = _hold(by, settlement.agreement)
    settlement = get_settlement(by, settlement.pk)
    if (made := Settlement.objects.filter(token=token, agreement=agreement).first()) is not None:
        return made
    if not settlement.is_locked or own_party(by, agreement) is None:
        raise PermissionDenied
    if settlement.corrects_id:
        raise ValidationError(_("Correct the settlement itself: a correction is put right by another one of the same settlement."))
    if (waiting := settlement.corrections.filter(state=SettlementState.DRAFT).first()) is not None:
        raise Conflict(waiting, _("Another correction of it waits to be accepted. Accept or discard it first."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is put right and why.")})
    counted = {}
    for line in agreement.lines.all():
        in_units = Decimal(quantities.get(line.pk, 0)) * (60 if line.basis == PriceBasis.HOUR else 1)
        if in_units != int(in_units) or abs(in_units) > MOST_CORRECTED:
            raise ValidationError(_("Give hours to the minute, and seats and terms as whole numbers."))
        if in_units:
            counted[line.pk] = (int(in_units), 0)
    if not counted:
        raise ValidationError(_("Write on one line at least what is added or taken off."))
    entry = Settlement.objects.create(
        agreement=agreement, first_day=settlement.first_day, last_day=settlement.last_day, corrects=settlement, reason=reason.strip()[:300],
        drafted_at=now, drafted_by=by, computed_at=now, token=token, is_demo=agreement.is_demo,
    )  # fmt: skip
    write_lines(entry, agreement, counted)
    record_event(by=by.user, verb="correct_settlement", target=entry, organisation_id=by.organisation_id, detail={"corrects": settlement.pk})
    tell_about_settlement(entry, by=by)
    return entry


@transaction.atomic
def discard_settlement(*, by: Membership, settlement: Settlement, version: int) -> None:
    """A draft that no other party has accepted."""
    settlement = _hold_draft(by, settlement, version)
    if any(one.organisation_id != by.organisation_id for one in settlement.acceptances.all()):
        raise ValidationError(_("Another organisation has accepted it already. Talk to them, or accept it and correct it afterwards."))
    record_event(by=by.user, verb="discard_settlement", target=settlement, organisation_id=by.organisation_id)
    settlement.delete()


def _hold(by: Membership, agreement: Agreement) -> Agreement:
    Agreement.objects.select_for_update().filter(pk=agreement.pk).first()
    return get_agreement(by, agreement.pk)


def _hold_draft(by: Membership, settlement: Settlement, version: int) -> Settlement:
    agreement = _hold(by, settlement.agreement)
    settlement = get_settlement(by, settlement.pk)
    if own_party(by, agreement) is None:
        raise PermissionDenied
    if settlement.version != version or settlement.is_locked:
        raise Conflict(settlement, _("This settlement has changed in the meantime. Look at it again."))
    return settlement


def _differs(settlement: Settlement, now: datetime) -> bool:
    found = count_use(settlement.agreement, settlement.first_day, settlement.last_day, now)
    return {line.line_id: (line.quantity, line.counted) for line in settlement.lines.all()} != found


def _refresh(settlement: Settlement, now: datetime) -> bool:
    changed = _differs(settlement, now)
    settlement.computed_at, settlement.version = now, settlement.version + 1
    settlement.save()
    if changed:
        settlement.acceptances.all().delete()
        settlement.lines.all().delete()
        write_lines(settlement, settlement.agreement, count_use(settlement.agreement, settlement.first_day, settlement.last_day, now))
    return changed


def write_lines(settlement: Settlement, agreement: Agreement, counted: dict[int, tuple[int, int]]) -> None:
    """Each line's sums, and each cent of its total allotted to a party."""
    parties = list(agreement.parties.all())
    for line in agreement.lines.all():
        if line.pk in counted:
            quantity, count = counted[line.pk]
            sums = sums_of(line, quantity)
            row = SettlementLine.objects.create(settlement=settlement, line=line, quantity=quantity, counted=count, net=sums.net, vat=sums.vat, total=sums.total)
            SettlementShare.objects.bulk_create(SettlementShare(line=row, organisation_id=organisation, cents=cents) for organisation, cents in shares_of(parties, sums.total))
