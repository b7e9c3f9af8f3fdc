"""Needs: posted, changed, ended and answered; one for a substitute is told at once to those who could help.

Each raises PermissionDenied for people without the right, `Conflict` when somebody else saved meanwhile, and
ValidationError with the fields' names for what cannot be stored.
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
from services.actions.notices import tell_about_answer, tell_about_need
from services.choices import Audience, NeedState
from services.conflicts import Conflict
from services.models import Booking, Need, NeedAnswer, SharedService
from services.permissions import may_ask_substitute, may_manage_need, may_offer
from services.queries.catalogue import open_to
from services.queries.meeting import matches_of
from services.queries.needs import needs_of_others

LISTS = ("for_areas", "for_municipalities", "for_organisations")
LONGEST = timedelta(days=731)


@transaction.atomic
def post_need(*, by: Membership, values: dict[str, Any], token: uuid.UUID, booking: Booking | None = None) -> Need:
    """Open at once. The same form sent twice makes one. With the `booking` of a person it is urgent, and owners of matching offers are told."""
    if not may_offer(by) or (booking is not None and not may_ask_substitute(by, booking)):
        raise PermissionDenied
    if (made := Need.objects.filter(token=token, organisation=by.organisation_id).first()) is not None:
        return made
    need = Need(organisation=by.organisation, created_at=timezone.now(), created_by=by, token=token, booking=booking, is_urgent=booking is not None, version=0)
    _store(need, values, by=by, verb="post_need")
    if booking is not None:
        owners = list(dict.fromkeys(match.service.organisation_id for match in matches_of(need) if _may_see(match.service, need)))
        for owner in owners:
            tell_about_need(need, owner)
    return need


@transaction.atomic
def edit_need(*, by: Membership, need: Need, version: int, values: dict[str, Any]) -> Need:
    need = _locked(by, need, version)
    if not need.is_open:
        raise Conflict(need, _("This need has been ended in the meantime. Nothing of yours was stored."))
    _store(need, values, by=by, verb="edit_need")
    return need


@transaction.atomic
def end_need(*, by: Membership, need: Need, version: int, state: str) -> Need:
    """Met or withdrawn; others see it no longer, those who answered it still do."""
    need = _locked(by, need, version)
    if not need.is_open:
        raise Conflict(need, _("This need has been ended in the meantime. Nothing of yours was stored."))
    if state not in (NeedState.MET, NeedState.WITHDRAWN):
        raise ValidationError(_("A need is met or withdrawn."))
    need.state, need.ended_at, need.ended_by, need.version = state, timezone.now(), by, need.version + 1
    need.save()
    record_event(by=by.user, verb="end_need", target=need, organisation_id=by.organisation_id, detail={"state": state})
    return need


@transaction.atomic
def answer_need(*, by: Membership, need: Need, text: str, service: SharedService | None = None) -> NeedAnswer:
    """“We can help”, told to who asked. Written anew it takes the place of the earlier one; the same words again change and tell nothing."""
    need = Need.objects.select_for_update().get(pk=need.pk)
    if not may_offer(by) or not needs_of_others(by).filter(pk=need.pk).exists():
        raise PermissionDenied
    if service is not None and service.organisation_id != by.organisation_id:
        raise ValidationError({"service": _("Choose one of your own organisation's.")})
    answer = NeedAnswer.objects.filter(need=need, organisation=by.organisation_id).first() or NeedAnswer(need=need, organisation=by.organisation)
    if answer.pk and (answer.text, answer.service_id) == (text, service.pk if service else None):
        return answer
    answer.text, answer.service, answer.answered_at, answer.answered_by = text, service, timezone.now(), by
    answer.save()
    record_event(by=by.user, verb="answer_need", target=need, organisation_id=by.organisation_id)
    tell_about_answer(answer)
    return answer


def _may_see(service: SharedService, need: Need) -> bool:
    return need.audience == Audience.NETWORK or Need.objects.filter(open_to(service.organisation_id, Need), pk=need.pk).exists()


def _locked(by: Membership, need: Need, version: int) -> Need:
    need = Need.objects.select_for_update().get(pk=need.pk)
    if not may_manage_need(by, need):
        raise PermissionDenied
    if version != need.version:
        raise Conflict(need, _("Somebody else of your organisation has saved this need in the meantime. What you wrote is still here: look at the need, then send it again."))
    return need


def _store(need: Need, values: dict[str, Any], *, by: Membership, verb: str) -> None:
    for name, value in values.items():
        if name not in LISTS:
            setattr(need, name, value)
    today = timezone.localdate()
    if need.last_day < today:
        raise ValidationError({"last_day": _("Give a day that is still to come.")})
    if need.last_day - need.first_day > LONGEST:
        raise ValidationError({"last_day": _("Give a period of two years at most.")})
    if need.check_by < today or need.check_by - today > LONGEST:
        raise ValidationError({"check_by": _("Give a day from today on, within two years.")})
    if need.audience == Audience.CHOSEN and not any(values.get(name) for name in LISTS):
        raise ValidationError({"audience": _("Choose the areas, municipalities or organisations that may see it, or show it to all.")})
    need.full_clean(exclude=["organisation", "created_by", "booking"], validate_unique=False)
    need.version += 1
    need.save()
    for name in LISTS:
        if name in values:
            getattr(need, name).set(values[name])
    record_event(by=by.user, verb=verb, target=need, organisation_id=by.organisation_id, detail={"version": need.version, "urgent": need.is_urgent})
