"""Wishes of an organisation in a round that takes them; see `actions/rounds.py` for what becomes of them."""
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.conflicts import Conflict
from services.models import SharedService, TermRound, Wish
from services.permissions import may_offer
from services.queries.fitting import on_interval
from services.queries.rounds import hours_of, rounds_of, wishable

MOST_WISHES, MOST_SLOTS = 50, 3


@transaction.atomic
def add_wish(*, by: Membership, round: TermRound, service: SharedService, slots: list[dict], purpose: str, people: int | None, token: uuid.UUID) -> Wish:
    """The last of the organisation's own ranks. The same form sent twice makes one."""
    found = _open_round(by, round)
    if (made := Wish.objects.filter(token=token, organisation=by.organisation_id).first()) is not None:
        return made
    ranks = list(Wish.objects.filter(round=found, organisation=by.organisation_id).values_list("rank", flat=True))
    if len(ranks) >= MOST_WISHES:
        raise ValidationError(_("An organisation has at most %(count)d wishes in a round.") % {"count": MOST_WISHES})
    wish = Wish(round=found, organisation=by.organisation, rank=max(ranks, default=0) + 1, wished_at=timezone.now(), wished_by=by, token=token)
    _store(wish, by=by, service=service, slots=slots, purpose=purpose, people=people)
    wish.save(force_insert=True)
    record_event(by=by.user, verb="add_wish", target=wish, organisation_id=by.organisation_id, detail={"round": found.pk, "rank": wish.rank})
    return wish


@transaction.atomic
def edit_wish(*, by: Membership, wish: Wish, version: int, **values: Any) -> Wish:
    wish = _own_wish(by, wish, version)
    _store(wish, by=by, **values)
    wish.version += 1
    wish.save()
    record_event(by=by.user, verb="edit_wish", target=wish, organisation_id=by.organisation_id)
    return wish


@transaction.atomic
def raise_wish(*, by: Membership, wish: Wish, version: int) -> Wish:
    """It and the one before it change places; the first one stays."""
    wish = _own_wish(by, wish, version)
    before = Wish.objects.filter(round=wish.round_id, organisation=wish.organisation_id, rank__lt=wish.rank).order_by("-rank").first()
    if before is not None:
        mine, theirs = wish.rank, before.rank
        # Through a rank that nobody has: no two may have the same one, not even for a moment.
        _set_rank(wish, MOST_WISHES + 1)
        _set_rank(before, mine)
        _set_rank(wish, theirs)
        record_event(by=by.user, verb="raise_wish", target=wish, organisation_id=by.organisation_id, detail={"rank": theirs})
    return wish


@transaction.atomic
def remove_wish(*, by: Membership, wish: Wish, version: int) -> None:
    """The ones after it move up."""
    wish = _own_wish(by, wish, version)
    record_event(by=by.user, verb="remove_wish", target=wish, organisation_id=by.organisation_id, detail={"round": wish.round_id})
    rank, round_id = wish.rank, wish.round_id
    wish.delete()
    for after in Wish.objects.filter(round=round_id, organisation=by.organisation_id, rank__gt=rank).order_by("rank"):
        _set_rank(after, after.rank - 1)


def _set_rank(wish: Wish, rank: int) -> None:
    wish.rank, wish.version = rank, wish.version + 1
    wish.save(update_fields=["rank", "version"])


def _open_round(by: Membership, round: TermRound) -> TermRound:
    """Held, so that wishes of one organisation follow one another and none slips in after the wishes are closed."""
    found = TermRound.objects.select_for_update().get(pk=round.pk)
    if not may_offer(by) or not rounds_of(by).filter(pk=found.pk).exists():
        raise PermissionDenied
    if not found.takes_wishes():
        raise Conflict(found, _("This round takes no wishes now."))
    return found


def _own_wish(by: Membership, wish: Wish, version: int) -> Wish:
    found = _open_round(by, wish.round)
    locked = Wish.objects.select_for_update().filter(pk=wish.pk).first()
    if locked is None:
        raise Conflict(found, _("Somebody else of your organisation has changed this wish in the meantime. Nothing of yours was stored: look at your wishes again."))
    if not may_offer(by) or locked.organisation_id != by.organisation_id:
        raise PermissionDenied
    if version != locked.version:
        raise Conflict(found, _("Somebody else of your organisation has changed this wish in the meantime. Nothing of yours was stored: look at your wishes again."))
    return locked


def _store(wish: Wish, *, by: Membership, service: SharedService, slots: list[dict], purpose: str, people: int | None) -> None:
    current = wishable(by, wish.round).filter(pk=service.pk).first()
    if current is None or current.resource is None:
        raise ValidationError({"service": _("Choose a service of this round that your organisation may use.")})
    if not 1 <= len(slots) <= MOST_SLOTS:
        raise ValidationError(_("A wish has one to three times."))
    root = current.resource.whole or current.resource
    for number, slot in enumerate(slots, start=1):
        starts, ends = hours_of(slot)
        if ends <= starts and ends.hour + ends.minute:
            raise ValidationError({f"ends_{number}": _("The end must be after the start.")})
        if not on_interval(starts, root):
            raise ValidationError({f"starts_{number}": _("Bookings start every %(minutes)s minutes, from the full hour on. Choose such a time.") % {"minutes": root.start_interval}})
        if slot in slots[: number - 1]:
            raise ValidationError({f"starts_{number}": _("This time stands above already.")})
    if not purpose.strip():
        raise ValidationError({"purpose": _("Write in a few words what it is for.")})
    wish.service, wish.slots, wish.purpose, wish.people = current, slots, purpose.strip()[:200], people
