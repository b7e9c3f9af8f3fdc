"""What every action holds before it looks: the pathway first, then the people it makes responsible.

Always in this order, and several rows of one kind by their id, so that no two actions wait for each other.
"""
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from guidance.models import Handoff, Pathway
from guidance.permissions import may_guide, takes_part
from pilots.models import Membership
from services.conflicts import Conflict


def lock_pathway(pathway: Pathway, *, open_only: bool = True, version: int | None = None, while_restricted: bool = False) -> Pathway:
    """The row as it stands now, locked until the transaction ends; every action on a pathway begins here.

    `version` is what the person saw: `Conflict` when somebody has changed the pathway since. `while_restricted`: for what the
    law lets be done while the use of the data is restricted: whatever the client asks or takes back, and what protects somebody.
    """
    return lock_pathways([pathway.pk], open_only=open_only, version=version, while_restricted=while_restricted)[0]


def lock_pathways(ids: list[int], *, open_only: bool = True, version: int | None = None, while_restricted: bool = False) -> list[Pathway]:
    # Joined rows are not read anew after a wait (PostgreSQL): a lead who was named meanwhile would come as none. So no joins here.
    rows = Pathway.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    found = {pathway.pk: pathway for pathway in rows}
    if set(ids) - set(found):
        raise ValidationError(_("This pathway has been merged into another one. Search for the client again."))
    for pathway in found.values():
        if open_only and pathway.closed_at:
            raise ValidationError(_("This pathway has ended. Reopen it before you go on."))
        if pathway.restricted_at and not while_restricted:
            raise ValidationError(_("The use of this client’s data is restricted: it is kept, and nothing is changed until the restriction ends."), code="restricted")
        check_version(pathway, version)
    return [found[pk] for pk in ids]


def check_version(pathway: Pathway, version: int | None) -> None:
    """For a (locked) pathway: `Conflict` when it is not as the person saw it."""
    if version is not None and pathway.version != version:
        raise Conflict(pathway, _("Somebody has changed this pathway in the meantime. Look at it as it is now, and make your change again if it is still needed."))


def lock_handoff(handoff: Handoff, *, expected: tuple[str, ...]) -> tuple[Pathway, Handoff]:
    """The pathway and then the hand-off as they stand now; `Conflict` unless it is in one of the expected states."""
    # The pathway is asked anew: a merge may have given the hand-off another one since the page was read.
    pathway = lock_pathway(Pathway.objects.get(handoffs=handoff.pk))
    Handoff.objects.select_for_update().get(pk=handoff.pk)
    handoff = Handoff.objects.select_related("from_person__user", "from_person__organisation", "to_person__user", "to_person__organisation", "to_organisation", "from_organisation").get(pk=handoff.pk)
    handoff.pathway = pathway
    if handoff.state not in expected:
        raise Conflict(handoff, _("This hand-off has changed in the meantime: it is now “%(state)s”.") % {"state": handoff.get_state_display()})
    return pathway, handoff


def lock_people(*people: Membership) -> list[Membership]:
    """The people as they stand now, in the given order, held until the transaction ends: none can be ended meanwhile.

    An ending waits here and then sees what the person has become responsible for; whoever comes second sees
    that the person has been ended. Rows that only name the person do not wait (`no_key`).
    """
    ids = {person.pk for person in people}
    rows = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("user", "organisation").filter(pk__in=ids).order_by("pk")
    found = {person.pk: person for person in rows}
    return [found[person.pk] for person in people]


def can_answer(person: Membership) -> bool:
    """An active counsellor whose account is active; ask it of a person from `lock_people`."""
    return may_guide(person) and person.user.is_active


def lock_guide(person: Membership) -> Membership:
    """The acting person, held; raises unless they may still guide clients."""
    [person] = lock_people(person)
    if not can_answer(person):
        raise ValidationError(_("Your membership has ended, or it does not let you guide clients."))
    return person


def lock_responsible(person: Membership, pathway: Pathway, field: str = "responsible") -> Membership:
    """Who becomes responsible, held: an active counsellor of an organisation that takes part."""
    [person] = lock_people(person)
    if not can_answer(person) or not takes_part(person.organisation_id, pathway):
        raise ValidationError({field: _("Choose an active counsellor of an organisation that takes part in this pathway.")})
    return person


def require_participant(by: Membership, pathway: Pathway) -> None:
    """Whoever changes anything about a client guides clients in an organisation that takes part now."""
    if not may_guide(by) or not takes_part(by.organisation_id, pathway):
        raise ValidationError(_("Your organisation does not take part in this pathway."))
