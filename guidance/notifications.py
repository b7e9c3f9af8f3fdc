"""What people who guide clients are told of: that something waits and where, never whom it is about."""
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.notifications import Kind
from guidance.models import ClientAccount
from pilots.choices import Permission
from pilots.notifications import who_may


def is_client(request: HttpRequest) -> bool:
    return ClientAccount.objects.filter(user=request.user.pk).exists()


KINDS = (
    Kind("client_wrote", _("What your clients write to you"), ("client_wrote",), meant_for=who_may(Permission.GUIDE_CLIENTS)),
    Kind("not_contacted", _("Clients who say that nobody has contacted them"), ("client_not_contacted",), always=_("Always at once: it is the last step before a client would be lost."), meant_for=who_may(Permission.GUIDE_CLIENTS, Permission.LEAD_PARTNERSHIP)),
    Kind("own_answers", _("Answers on your own page"), ("own_answered",), meant_for=is_client),
    Kind("handoffs", _("Hand-offs sent to you, and answers to yours"), ("handoff_sent", "handoff_accepted", "handoff_declined", "handoff_met", "handoff_withdrawn"), meant_for=who_may(Permission.GUIDE_CLIENTS)),
    Kind("silent_handoffs", _("Hand-offs that nobody has taken up"), ("handoff_silent",), always=_("Always at once: it is the last step before a client would be lost."), meant_for=who_may(Permission.GUIDE_CLIENTS, Permission.LEAD_PARTNERSHIP)),
)
