"""Term rounds: opened, allocated by the rule of `queries/allocation.py`, adjusted by hand with a reason, and booked.

Each raises PermissionDenied for people of another organisation, `Conflict` when somebody else was quicker or what was
proposed cannot be booked any more, and ValidationError with the fields' names for what cannot be stored.
"""
import uuid
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.actions.bookings import answer_series, request_series, tells_overlaps
from services.actions.notices import handlers_of, tell_about_round
from services.choices import ROUND_MOVES, BookingState, RoundState, WishState
from services.conflicts import Conflict
from services.models import BookingSeries, SharedService, TermRound, Wish, WishChange
from services.permissions import may_manage_round, may_offer
from services.queries.allocation import allocate
from services.queries.rounds import Ground, given_already, hours_of, read_ground, services_for_round, wishes_of
from services.queries.series import MOST_DATES
from services.wording import slot_words

DECIDED = ("state", "obstacles", "offered", "granted_service", "granted_slot", "reason", "version")
EDITABLE = (RoundState.DRAFT, RoundState.OPEN)
LONGEST = timedelta(days=7 * MOST_DATES - 1)


@transaction.atomic
def add_round(*, by: Membership, values: dict[str, Any], token: uuid.UUID) -> TermRound:
    """A draft of the own organisation. The same form sent twice makes one."""
    if not may_offer(by):
        raise PermissionDenied
    if (made := TermRound.objects.filter(token=token, organisation=by.organisation_id).first()) is not None:
        return made
    found = TermRound(organisation=by.organisation, created_at=timezone.now(), created_by=by, token=token, version=0)
    _store(found, values, by=by, verb="add_round")
    return found


@transaction.atomic
def edit_round(*, by: Membership, round: TermRound, version: int, values: dict[str, Any]) -> TermRound:
    """While it is a draft or takes wishes. A service that somebody wishes for stays."""
    found = _locked(by, round, version)
    if found.state not in EDITABLE:
        raise ValidationError(_("The wishes are closed: the round cannot be changed any more."))
    kept = {service.pk for service in values["services"]}
    if found.wishes.exclude(service__in=kept).exists():
        raise ValidationError({"services": _("Somebody wishes for a service that you took out. Leave it in.")})
    _store(found, values, by=by, verb="edit_round")
    return found


@transaction.atomic
def move_round(*, by: Membership, round: TermRound, version: int, target: str) -> TermRound:
    """Opened for wishes, closed, opened again."""
    found = _locked(by, round, version)
    _check_move(found, target)
    if target not in (RoundState.OPEN, RoundState.CLOSED):
        raise ValidationError(_("This cannot be done with the round now."))
    if target == RoundState.OPEN and found.wishes_until < timezone.localdate():
        raise ValidationError(_("The last day for wishes has passed. Give a later one first."))
    _move(found, target, by=by)
    return found


@transaction.atomic
def propose_round(*, by: Membership, round: TermRound, version: int) -> TermRound:
    """Allocates all wishes anew by the rule; what was adjusted by hand is put aside, its log stays."""
    found = _locked(by, round, version)
    _check_move(found, RoundState.PROPOSED)
    wishes = wishes_of(found)
    ground = read_ground(found, {wish.organisation_id for wish in wishes})
    asked = [ground.asked(wish) for wish in wishes]
    results, given = allocate(asked, lot=str(found.lot), left=ground.left)
    for wish in wishes:
        result = results[wish.pk]
        wish.state = WishState.REFUSED if result.choice is None else WishState.GRANTED
        wish.granted_service, wish.granted_slot = (None, None) if result.choice is None else (wish.service, wish.slots[result.choice])
        wish.obstacles, wish.reason, wish.version = ground.told(wish, result.refusals), "", wish.version + 1
        wish.offered = ground.next_free(wish, given) if result.choice is None else None
    Wish.objects.bulk_update(wishes, DECIDED, batch_size=200)
    found.allocated_at = timezone.now()
    _move(found, RoundState.PROPOSED, by=by, wishes=len(wishes), granted=sum(wish.state == WishState.GRANTED for wish in wishes))
    return found


@transaction.atomic
def adjust_wish(*, by: Membership, wish: Wish, version: int, reason: str, service: SharedService | None = None, slot: dict | None = None) -> Wish:
    """Grants a slot of a service of the round, or refuses when there is none; nothing that another wish has been given is taken from it."""
    found = TermRound.objects.select_for_update().get(pk=wish.round_id)
    if not may_manage_round(by, found):
        raise PermissionDenied
    _check_move(found, RoundState.ADJUSTED)
    wishes = wishes_of(found)
    wish = next(one for one in wishes if one.pk == wish.pk)
    if wish.version != version:
        raise Conflict(found, _("This wish has been changed in the meantime. Nothing of yours was stored: look at it again."))
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason: the organisation that wished reads it.")})
    ground = read_ground(found, {one.organisation_id for one in wishes})
    was = _described(wish)
    given = given_already(ground, wishes, but=wish.pk)
    if slot is not None and service is not None:
        _require_free(ground, wish, service, slot, wishes)
        wish.state, wish.granted_service, wish.granted_slot, wish.offered = WishState.GRANTED, ground.services[service.pk], slot, None
    else:
        wish.state, wish.granted_service, wish.granted_slot, wish.offered = WishState.REFUSED, None, None, ground.next_free(wish, given)
    wish.reason, wish.version = reason.strip()[:300], wish.version + 1
    wish.save(update_fields=DECIDED)
    WishChange.objects.create(wish=wish, changed_at=timezone.now(), changed_by=by, was=was, became=_described(wish), reason=wish.reason)
    _move(found, RoundState.ADJUSTED, by=by, wish=wish.pk)
    return wish


@tells_overlaps
@transaction.atomic
def confirm_round(*, by: Membership, round: TermRound, version: int) -> TermRound:
    """All granted wishes are booked as series, or none is: `Conflict` when one of them cannot be booked any more.

    Of the own organisation's resources the series are confirmed at once; another owner answers them as any request.
    """
    found = _locked(by, round, version)
    _check_move(found, RoundState.CONFIRMED)
    wishes = wishes_of(found)
    ground = read_ground(found, {wish.organisation_id for wish in wishes})
    granted = [wish for wish in wishes if wish.state == WishState.GRANTED]
    for wish in granted:
        _require_bookable(ground, found, wish)
    given = given_already(ground, wishes)
    for wish in wishes:
        wish.offered = ground.next_free(wish, given) if wish.state == WishState.REFUSED else None
    # In the order of what is held, so that two rounds that are confirmed at once wait for one another.
    for wish in sorted(granted, key=lambda one: (ground.weeks[ground.services[one.granted_service_id or 0].resource_id or 0].calendar.root.pk, one.pk)):
        wish.series = _book(ground, found, wish, by=by)
    for wish in wishes:
        wish.version += 1
    Wish.objects.bulk_update(wishes, ("offered", "series", "version"), batch_size=200)
    found.confirmed_at, found.confirmed_by = timezone.now(), by
    _move(found, RoundState.CONFIRMED, by=by, booked=len(granted))
    for organisation in {wish.organisation_id: wish.organisation for wish in wishes}.values():
        mine = [wish for wish in wishes if wish.organisation_id == organisation.pk]
        tell_about_round(found, organisation.pk, granted=sum(wish.state == WishState.GRANTED for wish in mine), refused=sum(wish.state == WishState.REFUSED for wish in mine))
    return found


def _book(ground: Ground, found: TermRound, wish: Wish, *, by: Membership) -> BookingSeries:
    """By the same action as any series, in the name of who wished, or of somebody else who handles services there."""
    service, slot = ground.services[wish.granted_service_id or 0], wish.granted_slot or {}
    person = wish.wished_by if wish.wished_by and may_offer(wish.wished_by) and wish.wished_by.user.is_active else next(iter(handlers_of(wish.organisation_id)), None)
    resource = service.resource
    if person is None or resource is None:
        raise Conflict(found, _("Nobody of %(organisation)s handles services any more. Refuse its wishes first.") % {"organisation": wish.organisation.name})
    dates = ground.fitting(service, slot, wish.organisation_id)
    starts, ends = hours_of(slot)
    try:
        series = request_series(
            by=person, service=service, resource=resource, first_day=min(dates), last_day=max(dates), starts=starts, ends=ends, purpose=wish.purpose, people=wish.people, token=uuid.uuid5(found.lot, str(wish.pk)), expected=dates
        )
    except (ValidationError, PermissionDenied, Conflict) as error:
        raise _not_bookable(found, wish) from error
    if resource.owner_id == by.organisation_id and series.bookings.filter(state=BookingState.REQUESTED).exists():
        answer_series(by=by, series=series, target=BookingState.CONFIRMED)
    return series


def _require_bookable(ground: Ground, found: TermRound, wish: Wish) -> None:
    service = ground.services.get(wish.granted_service_id or 0)
    if service is None or ground.obstacles(service, wish.granted_slot or {}, wish.organisation_id):
        raise _not_bookable(found, wish)


def _not_bookable(found: TermRound, wish: Wish) -> Conflict:
    said = {"organisation": wish.organisation.name, "rank": wish.rank}
    return Conflict(found, _("Wish %(rank)d of %(organisation)s cannot be booked as proposed any more. Nothing was booked: allocate again, or change that wish by hand.") % said)


def _require_free(ground: Ground, wish: Wish, service: SharedService, slot: dict, wishes: list[Wish]) -> None:
    if service.pk not in ground.services:
        raise ValidationError({"service": _("Choose a service of this round.")})
    service = ground.services[service.pk]
    if ground.obstacles(service, slot, wish.organisation_id):
        raise ValidationError({"starts": _("This time cannot be given for the whole term: it is taken, closed, or not for this organisation.")})
    given = given_already(ground, wishes, but=wish.pk)
    choice = ground.choice(service, slot, hard=False)
    if not given.is_free(choice):
        names = {one.pk: one.organisation.name for one in wishes}
        holders = ", ".join(dict.fromkeys(names[key] for key in given.in_the_way(choice)))
        raise ValidationError({"starts": _("This time is given already: %(organisations)s. Move or refuse that wish first.") % {"organisations": holders} if holders else _("The hours lent in a week do not suffice for it.")})


def _described(wish: Wish) -> str:
    return f"{wish.granted_service.name_fi}, {slot_words(wish.granted_slot)}"[:300] if wish.granted_service and wish.granted_slot else ""


def _locked(by: Membership, round: TermRound, version: int) -> TermRound:
    found = TermRound.objects.select_for_update().get(pk=round.pk)
    if not may_manage_round(by, found):
        raise PermissionDenied
    if version != found.version:
        raise Conflict(found, _("Somebody else of your organisation has changed this round in the meantime. Nothing of yours was stored: look at it again."))
    return found


def _check_move(found: TermRound, target: str) -> None:
    if found.state not in ROUND_MOVES.get(RoundState(target), ()):
        raise Conflict(found, _("The round is now “%(state)s”: this cannot be done with it.") % {"state": found.get_state_display()})


def _move(found: TermRound, target: str, *, by: Membership, **detail: int) -> None:
    found.state, found.version = RoundState(target), found.version + 1
    found.save()
    record_event(by=by.user, verb=f"{target}_round", target=found, organisation_id=by.organisation_id, detail=detail)


def _store(found: TermRound, values: dict[str, Any], *, by: Membership, verb: str) -> None:
    for name, value in values.items():
        if name != "services":
            setattr(found, name, value)
    if found.last_day - found.first_day > LONGEST:
        raise ValidationError({"last_day": _("A term has at most %(count)d weeks.") % {"count": MOST_DATES}})
    if found.wishes_until < timezone.localdate():
        raise ValidationError({"wishes_until": _("Give a day that is still to come.")})
    chosen = {service.pk for service in values["services"]}
    before = set(found.services.values_list("pk", flat=True)) if found.pk else set()
    if not chosen or chosen - before - set(services_for_round(by).values_list("pk", flat=True)):
        raise ValidationError({"services": _("Choose at least one facility or person that your organisation offers.")})
    found.set_derived()
    found.full_clean(exclude=["organisation", "created_by", "sort_key_fi", "sort_key_sv", "search_words"], validate_unique=False)
    found.version += 1
    found.save()
    found.services.set(values["services"])
    record_event(by=by.user, verb=verb, target=found, organisation_id=by.organisation_id, detail={"version": found.version})
