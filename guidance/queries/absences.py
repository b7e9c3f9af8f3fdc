from datetime import date

from django.utils import timezone

from guidance.models import Absence
from guidance.permissions import may_guide
from pilots.models import Membership


def absent_on(day: date):
    return Absence.objects.filter(starts_on__lte=day, ends_on__gte=day)


def stands_in_for(person: Membership, today: date | None = None) -> list[Membership]:
    """The colleagues whose work waits on this person's list today, because they are away.

    Goes on through a substitute who is away too, so that nobody's work waits for two absent people.
    """
    today = today or timezone.localdate()
    absences = absent_on(today).filter(membership__organisation=person.organisation_id).select_related("membership__user", "membership__organisation")
    away: dict[int, list[Membership]] = {}
    for absence in absences:
        away.setdefault(absence.substitute_id, []).append(absence.membership)
    found: dict[int, Membership] = {}
    waiting = [person.pk]
    while waiting:
        for absent in away.get(waiting.pop(), []):
            if absent.pk != person.pk and absent.pk not in found:
                found[absent.pk] = absent
                waiting.append(absent.pk)
    return list(found.values())


def substitutes_of(person: Membership, today: date | None = None) -> list[Membership]:
    """Who has this person's work on their own list today: the other way round."""
    today = today or timezone.localdate()
    absences = absent_on(today).filter(membership__organisation=person.organisation_id).select_related("substitute__user", "substitute__organisation")
    by_absent: dict[int, list[Membership]] = {}
    for absence in absences:
        by_absent.setdefault(absence.membership_id, []).append(absence.substitute)
    found: dict[int, Membership] = {}
    waiting = [person.pk]
    while waiting:
        for substitute in by_absent.get(waiting.pop(), []):
            if substitute.pk != person.pk and substitute.pk not in found:
                found[substitute.pk] = substitute
                waiting.append(substitute.pk)
    return [substitute for substitute in found.values() if may_guide(substitute)]
