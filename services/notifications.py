"""What people who lend and borrow are told of."""
from django.utils.translation import gettext_lazy as _

from accounts.notifications import Kind
from pilots.choices import Permission
from pilots.notifications import is_of_the_network, who_may

HANDLERS = who_may(Permission.HANDLE_SERVICES)

KINDS = (
    Kind("bookings", _("Bookings of your organisation"), ("booking_asked", "booking_changed", "bookings_brought"), meant_for=HANDLERS),
    Kind("enrolments", _("Seats on courses"), ("enrolment_asked", "enrolment_changed"), meant_for=HANDLERS),
    Kind("needs", _("What others look for, and answers to what you look for"), ("need_urgent", "need_answered"), meant_for=HANDLERS),
    Kind("agreements", _("Agreements and settlements"), ("agreement_changed", "settlement_changed"), meant_for=HANDLERS),
    Kind("rounds", _("Wishes for a term, when they have been decided"), ("round_confirmed",), meant_for=HANDLERS),
    Kind("busy", _("Times brought in from another calendar: clashes, and when they have grown old"), ("busy_clash", "busy_old"), meant_for=HANDLERS),
    Kind("corrections", _("What readers say is wrong in your services"), ("service_wrong",), meant_for=HANDLERS),
    Kind("searches", _("New services that match your saved searches"), ("services_found",), meant_for=is_of_the_network),
)
