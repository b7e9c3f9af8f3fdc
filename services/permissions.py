"""Who may do what with services; a person acts for one organisation at a time (`pilots.permissions`)."""
from typing import TypeGuard

from django.utils import timezone

from pilots.choices import Permission
from pilots.models import Membership
from pilots.permissions import Acting, may
from services.choices import (
    AGREEMENT_MOVES,
    ATTENDED_IN,
    BOOKING_MOVES,
    ENROLMENT_MOVES,
    SETTLED_IN,
    AgreementMove,
    AgreementState,
    BookingMove,
    BookingState,
    EnrolmentMove,
    Publication,
    Side,
)
from services.models import Agreement, AgreementParty, Booking, CourseRun, Enrolment, Need, Resource, Settlement, SharedService, TermRound


def may_offer(acting: Acting) -> TypeGuard[Membership]:
    """Offers for the own organisation, and books from others."""
    return may(acting, Permission.HANDLE_SERVICES)


def may_manage_service(acting: Acting, service: SharedService) -> TypeGuard[Membership]:
    return may_offer(acting) and acting.organisation_id == service.organisation_id


def may_manage_resource(acting: Acting, resource: Resource) -> TypeGuard[Membership]:
    return may_offer(acting) and acting.organisation_id == resource.owner_id


def may_book(acting: Acting, service: SharedService) -> TypeGuard[Membership]:
    """Of a service that `queries.catalogue.may_use` lets the acting organisation use."""
    return may_offer(acting) and service.state == Publication.PUBLIC and service.resource_id is not None


def sides_between(acting: Acting, *, owner_id: int, borrower_id: int) -> frozenset[str]:
    """On which sides the person stands of what one organisation lends to another; of one's own on both."""
    if not may_offer(acting):
        return frozenset()
    return frozenset(side for side, organisation in ((Side.OWNER, owner_id), (Side.BORROWER, borrower_id)) if organisation == acting.organisation_id)


def sides_of(acting: Acting, booking: Booking) -> frozenset[str]:
    return sides_between(acting, owner_id=booking.resource.owner_id, borrower_id=booking.organisation_id)


def moves_for(acting: Acting, booking: Booking) -> list[BookingMove]:
    """What the person can do with the booking now; the same table guards the buttons and the action. What is over stays as it was."""
    sides = sides_of(acting, booking)
    over = booking.state == BookingState.CONFIRMED and booking.ends_at <= timezone.now()
    return [] if over else [move for move in BOOKING_MOVES if move.source == booking.state and move.side in sides]


def may_move(acting: Acting, booking: Booking) -> bool:
    """To another time: the borrower, while the booking holds its time and has not begun, and while the service is offered."""
    return Side.BORROWER in sides_of(acting, booking) and booking.holds and booking.starts_at > timezone.now() and booking.service.state == Publication.PUBLIC


def may_name_borrower(acting: Acting, *, owner_id: int, borrower_id: int) -> bool:
    """To all others the time is just taken."""
    return bool(sides_between(acting, owner_id=owner_id, borrower_id=borrower_id))


def may_manage_need(acting: Acting, need: Need) -> TypeGuard[Membership]:
    return may_offer(acting) and acting.organisation_id == need.organisation_id


def may_manage_round(acting: Acting, found: TermRound) -> TypeGuard[Membership]:
    return may_offer(acting) and acting.organisation_id == found.organisation_id


def may_ask_substitute(acting: Acting, booking: Booking) -> bool:
    """Who has borrowed a person, whatever became of the booking, until its time is over."""
    return Side.BORROWER in sides_of(acting, booking) and booking.resource.is_person and booking.ends_at > timezone.now()


def may_enrol(acting: Acting) -> TypeGuard[Membership]:
    """Asks for seats for the own organisation: who handles its services, and who guides its clients."""
    return may_offer(acting) or may(acting, Permission.GUIDE_CLIENTS)


def may_manage_run(acting: Acting, run: CourseRun) -> TypeGuard[Membership]:
    return may_manage_service(acting, run.service)


def enrolment_sides(acting: Acting, enrolment: Enrolment) -> frozenset[str]:
    """On which sides of the enrolment the person stands; of one's own course on both."""
    sides = set()
    if may_manage_run(acting, enrolment.run):
        sides.add(Side.OWNER)
    if may_enrol(acting) and acting.organisation_id == enrolment.organisation_id:
        sides.add(Side.BORROWER)
    return frozenset(sides)


def enrolment_moves(acting: Acting, enrolment: Enrolment) -> list[EnrolmentMove]:
    """What the person can do with the enrolment now; on one's own course the way without a reason goes first."""
    sides = enrolment_sides(acting, enrolment)
    moves = {move.target: move for move in reversed(ENROLMENT_MOVES) if move.source == enrolment.state and move.side in sides}
    return list(moves.values())[::-1]


def may_note_attendance(acting: Acting, enrolment: Enrolment) -> bool:
    """The provider, of those who have or had a seat."""
    return Side.OWNER in enrolment_sides(acting, enrolment) and enrolment.state in ATTENDED_IN


def is_drafter(acting: Acting, agreement: Agreement) -> TypeGuard[Membership]:
    return may_offer(acting) and acting.organisation_id == agreement.organisation_id


def own_party(acting: Acting, agreement: Agreement) -> AgreementParty | None:
    """The acting organisation's own line among the parties; only who handles services stands for it."""
    if not may_offer(acting):
        return None
    return next((party for party in agreement.parties.all() if party.organisation_id == acting.organisation_id), None)


def may_write_agreement(acting: Acting, agreement: Agreement) -> TypeGuard[Membership]:
    """Its drafter, while it is a draft."""
    return is_drafter(acting, agreement) and agreement.state == AgreementState.DRAFT


def may_decide(acting: Acting, agreement: Agreement) -> TypeGuard[Membership]:
    """Notes the own organisation's decision: each party once, on what was sent."""
    party = own_party(acting, agreement)
    return agreement.state == AgreementState.SENT and party is not None and party.accepted_at is None


def agreement_moves(acting: Acting, agreement: Agreement) -> list[AgreementMove]:
    """What the person can do with the agreement now; the same table guards the buttons and the action."""
    if own_party(acting, agreement) is None:
        return []
    return [move for move in AGREEMENT_MOVES if move.source == agreement.state and (not move.drafter_only or is_drafter(acting, agreement))]


def may_settle(acting: Acting, agreement: Agreement) -> TypeGuard[Membership]:
    """Any party of what is or was in force, from its first day on."""
    return own_party(acting, agreement) is not None and agreement.state in SETTLED_IN and agreement.first_day <= timezone.localdate()


def may_renew(acting: Acting, agreement: Agreement) -> TypeGuard[Membership]:
    return own_party(acting, agreement) is not None and agreement.state == AgreementState.IN_FORCE


def may_accept_settlement(acting: Acting, settlement: Settlement) -> TypeGuard[Membership]:
    """Each party of the agreement once, while it is a draft. Nobody accepts a term that has not passed."""
    party = own_party(acting, settlement.agreement)
    if settlement.is_locked or settlement.last_day >= timezone.localdate() or party is None:
        return False
    return all(one.organisation_id != party.organisation_id for one in settlement.acceptances.all())
