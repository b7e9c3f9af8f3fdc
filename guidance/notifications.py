"""What people who guide clients are told of: that something waits and where, never whom it is about."""
from django.utils.translation import gettext_lazy as _

from accounts.notifications import Kind
from pilots.choices import Permission
from pilots.notifications import who_may

KINDS = (
    Kind("handoffs", _("Hand-offs sent to you, and answers to yours"), ("handoff_sent", "handoff_accepted", "handoff_declined", "handoff_met", "handoff_withdrawn"), meant_for=who_may(Permission.GUIDE_CLIENTS)),
    Kind("silent_handoffs", _("Hand-offs that nobody has taken up"), ("handoff_silent",), always=_("Always at once: it is the last step before a client would be lost."), meant_for=who_may(Permission.GUIDE_CLIENTS, Permission.LEAD_PARTNERSHIP)),
)
