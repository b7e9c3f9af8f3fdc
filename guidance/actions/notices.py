"""Mails of guidance. Never personal data: what waits, for whom, and the way to the page; no name, no pseudonym."""
from django.db.models import F

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from guidance.choices import EntryKind, StepKind
from guidance.models import ClientEntry, Handoff
from guidance.queries.absences import substitutes_of
from guidance.queries.receivers import receivers
from pilots.models import Membership


def tell_about_handoff(handoff: Handoff, kind: str, *, by: Membership | None = None) -> None:
    """The receiver is told of what was sent or withdrawn, the sender of what was answered or given back by the receiver."""
    given_back = by is not None and by.organisation_id != handoff.from_organisation_id
    to_receiver = kind in ("handoff_sent", "handoff_withdrawn") and not given_back
    undone = handoff.answered_at is not None and handoff.meeting_organisation_id == handoff.to_organisation_id
    receiving = who_meets if undone else handoff_receivers
    for person in receiving(handoff) if to_receiver else [handoff.from_person]:
        tell(person, kind)


def handoff_receivers(handoff: Handoff) -> list[Membership]:
    """The named person, and while they are away whoever stands in for them; otherwise all who can answer."""
    if handoff.to_person:
        return [handoff.to_person, *substitutes_of(handoff.to_person)]
    return colleagues_to_answer(handoff)


def colleagues_to_answer(handoff: Handoff) -> list[Membership]:
    people = receivers(handoff.to_organisation) if handoff.to_organisation else []
    return [person for person in people if person.user_id != handoff.from_person.user_id]


def who_meets(handoff: Handoff) -> list[Membership]:
    """Of an accepted one: who has, or had last, the first contact on their list, and who stands in for them; otherwise their colleagues."""
    contacts = handoff.first_contact_steps.filter(kind=StepKind.APPOINTMENT).select_related("responsible__user", "responsible__organisation")
    if step := contacts.order_by(F("done_at").desc(nulls_first=True), "-pk").first():
        return [step.responsible, *substitutes_of(step.responsible)]
    return receivers(handoff.meeting_organisation)


def tell(person: Membership, kind: str, *, page: str = "guidance:waiting", arguments: tuple = (), **context) -> None:
    notify(user_id=person.user_id, kind=kind, page=page, arguments=arguments, context={"organisation": person.organisation, **context})


def audit_handoff(handoff: Handoff, by: Membership | None, verb: str) -> None:
    record_event(by=by.user if by else None, verb=verb, target=handoff, organisation_id=by.organisation_id if by else None, detail={"pathway": handoff.pathway.pseudonym})


def tell_about_entry(entry: ClientEntry) -> None:
    """Who answers for the matter and who guides; that nobody has called also the partnership's lead and substitute."""
    pathway, partnership = entry.pathway, entry.pathway.partnership
    wanted = {pathway.process_person_id, pathway.guidance_lead_id} | ({partnership.lead_id, partnership.substitute_id} if entry.kind == EntryKind.NOT_CONTACTED else set())
    kind = "client_wrote"
    if entry.kind == EntryKind.NOT_CONTACTED:
        kind = "client_not_contacted"
    for person in Membership.objects.active().filter(pk__in=[pk for pk in wanted if pk], user__is_active=True).select_related("user", "organisation").order_by("pk"):
        tell(person, kind)


def tell_client(entry: ClientEntry) -> None:
    """That there is something to read, and not what. Whoever has closed the account is told by those who guide."""
    if entry.account:
        notify(user_id=entry.account.user_id, kind="own_answered", page="own:written")
