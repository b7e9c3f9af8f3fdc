from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class HandoffKind(models.TextChoices):
    REFERRAL = "referral", _("referral")
    TRANSFER = "transfer", _("transfer of process responsibility")
    ASSIGNMENT = "assignment", _("assignment")
    REQUEST_TO_TAKE = "request_to_take", _("request to take")


class HandoffState(models.TextChoices):
    SENT = "sent", _("sent")
    ACCEPTED = "accepted", _("accepted, not met yet")
    MET = "met", _("met")
    DECLINED = "declined", pgettext_lazy("hand-off", "declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


OPEN_HANDOFF = (HandoffState.SENT, HandoffState.ACCEPTED)


class ContactWay(models.TextChoices):
    JOINT_MEETING = "joint_meeting", _("meeting of three")
    VISIT = "visit", _("visit")
    PHONE = "phone", _("telephone")
    REMOTE = "remote", _("remote meeting")


class LadderStep(models.IntegerChoices):
    """How far silence has gone. Never a cancellation: the last step is a person with the hand-off on their list."""

    SENT = 0, _("waits for the receiver")
    REMINDED = 1, _("receiver reminded")
    COLLEAGUES = 2, _("receiver's colleagues told")
    LEAD = 3, _("on the partnership lead's list")


class Section(models.TextChoices):
    """What can be passed on with a hand-off or shown by a link."""

    IDENTITY = "identity", _("name and contact details")
    GOAL = "goal", _("goal and target group")
    ASSESSMENT = "assessment", _("assessment")
    OPTIONS = "options", _("education options")
    NEXT_STEPS = "next_steps", _("next steps")
    EVENTS = "events", _("events that the receiver may see")
