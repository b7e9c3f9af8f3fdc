"""Skill needs of a coordinator's own area."""
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.actions.editing import ChangedMeanwhile
from pilots.models import Membership, PilotArea, SkillNeed
from pilots.permissions import may_edit_area
from pilots.queries.history import change_reason

SKILL_FIELDS = ("name_fi", "name_sv", "field", "need_now", "need_later", "source", "dated_on")


@transaction.atomic
def add_skill_need(*, by: Membership, area_id: int, values: dict[str, Any]) -> SkillNeed:
    """The same form sent twice makes one."""
    area = _locked(by, area_id)
    if twin := SkillNeed.objects.filter(area=area, ended_at=None, **values).first():
        return twin
    return _save(SkillNeed(area=area, **values), by, "add_skill_need")


@transaction.atomic
def edit_skill_need(*, by: Membership, area_id: int, pk: int, version: int, values: dict[str, Any]) -> bool:
    """Whether anything changed. Raises ChangedMeanwhile when `version` is no longer the need's."""
    need = _open(_locked(by, area_id), pk)
    changed = [name for name in SKILL_FIELDS if getattr(need, name) != values[name]]
    if not changed:
        return False
    if version != need.version:
        raise ChangedMeanwhile(need)
    for name in changed:
        setattr(need, name, values[name])
    need.version += 1
    _save(need, by, "edit_skill_need")
    return True


@transaction.atomic
def end_skill_need(*, by: Membership, area_id: int, pk: int) -> SkillNeed:
    """Shown no longer; the row and its history stay."""
    need = _open(_locked(by, area_id), pk)
    need.ended_at, need.ended_by = timezone.now(), by.user
    return _save(need, by, "end_skill_need")


def _locked(by: Membership, area_id: int) -> PilotArea:
    area = PilotArea.objects.select_for_update().get(pk=area_id)
    if not may_edit_area(by, area):
        raise PermissionDenied
    return area


def _open(area: PilotArea, pk: int) -> SkillNeed:
    need = SkillNeed.objects.select_related("field").get(pk=pk, area=area)
    if need.ended_at:
        raise ValidationError(_("This skill need has been ended in the meantime."), code="ended")
    return need


def _save(need: SkillNeed, by: Membership, verb: str) -> SkillNeed:
    if not (need.name_fi or need.name_sv):
        raise ValidationError({"name_fi": _("Name the skill in Finnish or in Swedish.")})
    if need.dated_on > timezone.localdate():
        raise ValidationError({"dated_on": _("Give today or a day that has been.")})
    need.clean_fields(exclude=["area", "field", "ended_by", "sort_key_fi", "sort_key_sv", "search_words"])
    need._history_user = by.user  # type: ignore[attr-defined]
    need._change_reason = change_reason(by, verb)  # type: ignore[attr-defined]
    need.save()
    record_event(by=by.user, verb=verb, target=need, organisation_id=by.organisation_id, detail={"area": need.area_id, "version": need.version})
    return need
