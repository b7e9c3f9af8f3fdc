from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import can_answer, lock_people
from guidance.models import Absence
from guidance.permissions import may_guide
from pilots.models import Membership


@transaction.atomic
def add_absence(*, by: Membership, membership: Membership, substitute: Membership, starts_on: date, ends_on: date) -> Absence:
    """Name who has a person's work on the own list while they are away: by the person or a colleague who guides.

    The substitute is an active counsellor of the same organisation, held, so that nobody is named who is just being ended.
    """
    _require_own(by, membership)
    membership, substitute = lock_people(membership, substitute)
    if not can_answer(membership):
        raise ValidationError({"membership": _("Choose an active counsellor.")})
    if substitute.organisation_id != membership.organisation_id or substitute.pk == membership.pk or not can_answer(substitute):
        raise ValidationError({"substitute": _("Choose another active counsellor of the same organisation.")})
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day must not be before the first.")})
    if ends_on < timezone.localdate():
        raise ValidationError({"ends_on": _("This day is in the past.")})
    if Absence.objects.filter(membership=membership, starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise ValidationError(_("Another absence is already written for these days."))
    _require_somebody_there(membership, substitute, starts_on, ends_on)
    absence = Absence.objects.create(membership=membership, substitute=substitute, starts_on=starts_on, ends_on=ends_on)
    _audit(absence, by, "absence_added")
    return absence


@transaction.atomic
def change_substitute(*, by: Membership, absence: Absence, substitute: Membership) -> Absence:
    """Somebody else stands in from now on."""
    _require_own(by, absence.membership)
    _membership, substitute = lock_people(absence.membership, substitute)
    absence = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
    if substitute.organisation_id != by.organisation_id or substitute.pk == absence.membership_id or not can_answer(substitute):
        raise ValidationError({"substitute": _("Choose another active counsellor of the same organisation.")})
    _require_somebody_there(absence.membership, substitute, absence.starts_on, absence.ends_on)
    absence.substitute = substitute
    absence.save(update_fields=["substitute"])
    _audit(absence, by, "absence_changed")
    return absence


@transaction.atomic
def end_absence(*, by: Membership, absence: Absence) -> None:
    """The person is back: an absence that has begun ended yesterday, one to come is taken away."""
    _require_own(by, absence.membership)
    if not Absence.objects.select_for_update().filter(pk=absence.pk):
        return
    absence.refresh_from_db()
    _audit(absence, by, "absence_ended")
    yesterday = date.fromordinal(timezone.localdate().toordinal() - 1)
    if absence.starts_on <= yesterday < absence.ends_on:
        absence.ends_on = yesterday
        absence.save(update_fields=["ends_on"])
    elif absence.starts_on > yesterday:
        absence.delete()


def _require_somebody_there(membership: Membership, substitute: Membership, first: date, last: date) -> None:
    """A substitute who is away too passes the work on; it must not come back to the one who is away."""
    ways, seen = {(substitute.pk, first, last)}, set()
    while ways:
        seen.add(way := ways.pop())
        person, begins, ends = way
        if person == membership.pk:
            raise ValidationError({"substitute": _("%(name)s is away on these days too, and the work would come back to the one who is away. Choose somebody who is there.") % {"name": substitute.user.name}})
        away = Absence.objects.filter(membership=person, starts_on__lte=ends, ends_on__gte=begins)
        ways |= {(absence.substitute_id, max(begins, absence.starts_on), min(ends, absence.ends_on)) for absence in away} - seen


def _require_own(by: Membership, membership: Membership) -> None:
    if not may_guide(by) or by.organisation_id != membership.organisation_id:
        raise ValidationError(_("Absences are written inside one's own organisation."))


def _audit(absence: Absence, by: Membership, verb: str) -> None:
    record_event(by=by.user, verb=verb, target=absence, organisation_id=by.organisation_id, detail={"person": absence.membership_id, "substitute": absence.substitute_id})
