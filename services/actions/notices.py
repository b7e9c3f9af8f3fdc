"""Mails about bookings and enrolments: which service, when, and the way to the page."""
from datetime import datetime

from accounts.actions.notifications import notify
from pilots.choices import PERMISSIONS, Permission
from pilots.models import Membership
from services.choices import AgreementState, BookingState, EnrolmentState
from services.models import Agreement, Booking, Enrolment, Need, NeedAnswer, Settlement, TermRound

HANDLING = [role for role, permissions in PERMISSIONS.items() if Permission.HANDLE_SERVICES in permissions]


def handlers_of(organisation_id: int) -> list[Membership]:
    """Active people who handle the organisation's services, each human once."""
    rows = Membership.objects.active().filter(organisation=organisation_id, role__in=HANDLING, user__is_active=True).select_related("user").order_by("pk")
    return list({row.user_id: row for row in rows}.values())


def tell_about_booking(booking: Booking, *, by: Membership, dates: int = 1) -> None:
    """The other side's handlers are told; whoever confirmed one's own booking is told nothing."""
    to_owner = by.organisation_id == booking.organisation_id
    other = booking.resource.owner_id if to_owner else booking.organisation_id
    if other == by.organisation_id:
        return
    kind = "booking_asked" if booking.state == BookingState.REQUESTED else "booking_changed"
    for person in handlers_of(other):
        context = {"booking": booking, "service": booking.service, "by": by.organisation, "state": booking.get_state_display, "dates": dates}
        page, pk = ("services:series_detail", booking.series_id) if dates > 1 and booking.series_id else ("services:booking_detail", booking.pk)
        notify(user_id=person.user_id, kind=kind, page=page, arguments=[pk], context=context)


def tell_about_enrolment(enrolment: Enrolment, *, by: Membership | None, now: datetime) -> None:
    """The other side is told; of what the clock and the waiting list did the borrower. Whoever asked is told too while active."""
    service, run = enrolment.run.service, enrolment.run
    to_owner = by is not None and by.organisation_id == enrolment.organisation_id
    other = service.organisation_id if to_owner else enrolment.organisation_id
    if by is not None and by.organisation_id == other:
        return
    people = handlers_of(other)
    asker = enrolment.asked_by
    if not to_owner and asker and asker.ended_at is None and asker.user.is_active and asker.user_id not in {one.user_id for one in people}:
        people.append(asker)
    kind = "enrolment_asked" if enrolment.state == EnrolmentState.APPLIED else "enrolment_changed"
    for person in people:
        context = {"enrolment": enrolment, "service": service, "run": run.title, "organisation": enrolment.organisation, "state": enrolment.get_state_display}
        notify(user_id=person.user_id, kind=kind, page="services:enrolment_detail", arguments=[enrolment.pk], context=context, now=now)


def tell_about_need(need: Need, organisation_id: int) -> None:
    """A substitute is looked for: the owner's handlers hear of it at once."""
    for person in handlers_of(organisation_id):
        notify(user_id=person.user_id, kind="need_urgent", page="services:need_detail", arguments=[need.pk], context={"need": need, "organisation": need.organisation})


def tell_about_answer(answer: NeedAnswer) -> None:
    for person in handlers_of(answer.need.organisation_id):
        context = {"need": answer.need, "organisation": answer.organisation, "text": answer.text}
        notify(user_id=person.user_id, kind="need_answered", page="services:need_detail", arguments=[answer.need_id], context=context)


def tell_about_agreement(agreement: Agreement, *, by: Membership) -> None:
    """The handlers of all other parties; what was taken back to a draft is its drafter's to see, so they are led to the list."""
    page, arguments = ("services:agreement_list", []) if agreement.state == AgreementState.DRAFT else ("services:agreement_detail", [agreement.pk])
    context = {"agreement": agreement, "by": by.organisation, "state": agreement.get_state_display}
    for party in agreement.parties.exclude(organisation=by.organisation_id):
        for person in handlers_of(party.organisation_id):
            notify(user_id=person.user_id, kind="agreement_changed", page=page, arguments=arguments, context=context)


def tell_about_settlement(settlement: Settlement, *, by: Membership) -> None:
    """The same of a settlement: who has drafted or accepted it, and whether it is locked."""
    context = {"settlement": settlement, "agreement": settlement.agreement, "by": by.organisation, "state": settlement.get_state_display}
    for party in settlement.agreement.parties.exclude(organisation=by.organisation_id):
        for person in handlers_of(party.organisation_id):
            notify(user_id=person.user_id, kind="settlement_changed", page="services:settlement_detail", arguments=[settlement.pk], context=context)


def tell_about_round(found: TermRound, organisation_id: int, *, granted: int, refused: int) -> None:
    """Who wished hears that all has been decided."""
    for person in handlers_of(organisation_id):
        context = {"name": found.name, "organisation": found.organisation, "granted": granted, "refused": refused}
        notify(user_id=person.user_id, kind="round_confirmed", page="services:round_detail", arguments=[found.pk], context=context)
