"""Coded values of the shared services, a module for each of their nouns."""
from .agreements import AGREEMENT_MOVES, SETTLED_IN, STAFF_FORMS, AgreementMove, AgreementState, LendingForm, SettlementState, Vat
from .bookings import BOOKING_MOVES, HOLDING, BookingMove, BookingState, Misfit, Side, TermPeriodKind, Weekday
from .busy import BusyKind, BusyProblem
from .courses import ATTENDED_IN, ENDED, ENROLMENT_MOVES, HOLDABLE, TAKING, CourseKind, EnrolmentMove, EnrolmentState, Entry, GroupLevel
from .imports import ImportState, ListKind
from .offers import Audience, BookingMode, Delivery, PriceBasis, Publication, ResourceKind, ServiceKind, ServiceLanguage
from .rounds import ROUND_MOVES, NeedState, Obstacle, RoundState, WishState

__all__ = [
    "AGREEMENT_MOVES",
    "ATTENDED_IN",
    "BOOKING_MOVES",
    "ENDED",
    "ENROLMENT_MOVES",
    "HOLDABLE",
    "HOLDING",
    "ROUND_MOVES",
    "SETTLED_IN",
    "STAFF_FORMS",
    "TAKING",
    "AgreementMove",
    "AgreementState",
    "Audience",
    "BookingMode",
    "BookingMove",
    "BookingState",
    "BusyKind",
    "BusyProblem",
    "CourseKind",
    "Delivery",
    "EnrolmentMove",
    "EnrolmentState",
    "Entry",
    "GroupLevel",
    "ImportState",
    "LendingForm",
    "ListKind",
    "Misfit",
    "NeedState",
    "Obstacle",
    "PriceBasis",
    "Publication",
    "ResourceKind",
    "RoundState",
    "ServiceKind",
    "ServiceLanguage",
    "SettlementState",
    "Side",
    "TermPeriodKind",
    "Vat",
    "Weekday",
    "WishState",
]
