"""A partnership's programmes: added, edited, ended and offered again; never deleted, for clients' files name them."""
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from guidance.actions.partnerships import ENTERED, audit_partnership, changed_meanwhile, lock_partnership
from guidance.choices import ProgrammeKind
from guidance.models import Partnership, Programme
from guidance.models.partnership import PROGRAMME_TEXTS
from guidance.queries.programmes import was_given
from pilots.models import Membership, Organisation

EDITED = ("kind", *PROGRAMME_TEXTS)


@transaction.atomic
def add_programme(*, by: Membership, partnership: Partnership, run_by: list[Organisation], **fields) -> Programme:
    """A new programme of the partnership, after the others; sent twice it is one."""
    partnership = lock_partnership(by, partnership)
    fields = {name: fields.get(name, "") for name in EDITED}
    if known := _same_name(partnership, fields["name_fi"]):
        if _as_seen(known) == fields | {"run_by": sorted(one.pk for one in run_by)}:
            return known
        raise _named_already()
    last = partnership.programmes.order_by("-position").first()
    programme = Programme(partnership=partnership, code=_free_code(partnership, fields["name_fi"]), position=(last.position if last else 0) + 1, text_is_ours=False, source=ENTERED, **fields)
    _store(programme, run_by)
    audit_partnership(partnership, by, "programme_added", programme=programme.pk)
    return programme


def _same_name(partnership: Partnership, name: str) -> Programme | None:
    return partnership.programmes.filter(name_fi=name).first()


def _named_already() -> ValidationError:
    return ValidationError({"name_fi": _("This partnership has a programme with this name already. Edit that one, or give another name.")})


def _free_code(partnership: Partnership, name: str) -> str:
    stem = slugify(name)[:50].strip("-") or "ohjelma"
    taken = set(partnership.programmes.filter(code__startswith=stem).values_list("code", flat=True))
    return next(code for code in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if code not in taken)


def _as_seen(programme: Programme) -> dict:
    """What a form shows of it, to be compared with what it shows now."""
    return {name: getattr(programme, name) for name in EDITED} | {"run_by": sorted(programme.run_by.values_list("pk", flat=True))}


@transaction.atomic
def edit_programme(*, by: Membership, programme: Programme, seen: dict, run_by: list[Organisation], **fields) -> Programme:
    """Kind, texts and who runs it. `Conflict` when somebody has changed it since what `seen` tells."""
    partnership, programme = _lock(by, programme)
    now = _as_seen(programme)
    new = {name: fields.get(name, now[name]) for name in EDITED} | {"run_by": sorted(one.pk for one in run_by)}
    if new == now:
        return programme
    if seen != now:
        raise changed_meanwhile(programme)
    if programme.kind == ProgrammeKind.MEASURE != new["kind"] and was_given(programme):
        raise ValidationError({"kind": _("Clients have been given this measure, so it stays one. End it, and add another programme.")})
    if new["name_fi"] != programme.name_fi and _same_name(partnership, new["name_fi"]):
        raise _named_already()
    for name in EDITED:
        setattr(programme, name, new[name])
    _store(programme, run_by)
    audit_partnership(partnership, by, "programme_edited", programme=programme.pk, fields=[name for name, value in new.items() if value != now[name]])
    return programme


@transaction.atomic
def end_programme(*, by: Membership, programme: Programme, ended_on: date) -> Programme:
    """Not offered any more: given to nobody new, while those who have it keep it, and shown as past. Ending it again changes nothing."""
    partnership, programme = _lock(by, programme)
    if programme.is_historical:
        return programme
    if ended_on > timezone.localdate():
        raise ValidationError({"ended_on": _("This day is still to come.")})
    programme.is_historical, programme.ended_on = True, ended_on
    programme.save(update_fields=["is_historical", "ended_on"])
    audit_partnership(partnership, by, "programme_ended", programme=programme.pk)
    return programme


@transaction.atomic
def resume_programme(*, by: Membership, programme: Programme) -> Programme:
    """Offered again; that it had ended stays in its history."""
    partnership, programme = _lock(by, programme)
    if not programme.is_historical:
        return programme
    programme.is_historical, programme.ended_on = False, None
    programme.save(update_fields=["is_historical", "ended_on"])
    audit_partnership(partnership, by, "programme_resumed", programme=programme.pk)
    return programme


def _lock(by: Membership, programme: Programme) -> tuple[Partnership, Programme]:
    """The partnership holds its programmes: one change after the other."""
    partnership = lock_partnership(by, Partnership(pk=programme.partnership_id))
    return partnership, Programme.objects.select_for_update(of=("self",)).get(pk=programme.pk)


def _store(programme: Programme, run_by: list[Organisation]) -> None:
    """One row of history for an edit, owners included: they are written before it, past the signals that would write one for each."""
    programme.full_clean(exclude=["loaded", "partnership"])
    if programme.pk is None:
        programme.save()
        programme.run_by.set(run_by)
        return
    owners = Programme.run_by.through.objects
    owners.filter(programme=programme).exclude(organisation__in=run_by).delete()
    owners.bulk_create((Programme.run_by.through(programme=programme, organisation=one) for one in run_by), ignore_conflicts=True)
    programme.save()
