from django.db import models
from django.utils.translation import gettext_lazy as _


class EventKind(models.TextChoices):
    CALL = "call", _("call")
    NO_ANSWER = "no_answer", _("no answer")
    MESSAGE = "message", _("message")
    VISIT = "visit", _("visit")
    JOINT_MEETING = "joint_meeting", _("joint meeting")
    NO_SHOW = "no_show", _("no-show")
    DROP_IN = "drop_in", _("drop-in talk")
    CHECK_IN = "check_in", _("check-in during studies")
    NOTE = "note", _("note")
    CLIENT = "client", _("written by the client")
    ANSWER = "answer", _("answer to the client")
    MOVE = "move", _("move to another stage")
    HANDOFF = "handoff", _("hand-off")
    STEP = "step", _("next step")
    OPTION = "option", _("education option")
    SEAT = "seat", _("seat on a course")
    RESPONSIBILITY = "responsibility", _("responsibility")
    CONSENT = "consent", _("client's consent")
    PROTECTION = "protection", _("non-disclosure for personal safety")
    OPENED = "opened", _("pathway opened")
    CLOSED = "closed", _("pathway ended")
    MERGED = "merged", _("files merged")


LOGGED_BY_HAND = (EventKind.CALL, EventKind.NO_ANSWER, EventKind.MESSAGE, EventKind.VISIT, EventKind.JOINT_MEETING, EventKind.NO_SHOW, EventKind.CHECK_IN, EventKind.NOTE)

CONTACT_HELD = (EventKind.CALL, EventKind.VISIT, EventKind.JOINT_MEETING)

# An open step is done by these; not where nobody was reached or came.
DOES_A_STEP = (*CONTACT_HELD, EventKind.MESSAGE, EventKind.CHECK_IN, EventKind.NOTE)


class CheckIn(models.TextChoices):
    WELL = "well", _("going well")
    WORRIED = "worried", _("worried")
    ABSENT = "absent", _("absent")


class Visibility(models.TextChoices):
    """The client reads what every participant reads; the others are notes between organisations, which the own page counts."""

    PARTICIPANTS = "participants", _("every participating organisation, and the client")
    ORGANISATIONS = "organisations", _("every participating organisation, not the client")
    CHOSEN = "chosen", _("chosen organisations")
    OWN = "own", _("own organisation only")


class StepKind(models.TextChoices):
    STEP = "step", _("next step")
    APPOINTMENT = "appointment", _("appointment")
    CHECK_IN = "check_in", _("check-in with the client")
