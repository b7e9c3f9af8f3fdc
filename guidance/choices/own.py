from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LocalReason(models.TextChoices):
    """Why a client signs in to the own page with an account of the portal, without external strong identification."""

    NO_MEANS = "no_means", _("the client has no means of strong identification and was identified face to face")
    SAFETY = "safety", _("strong identification would endanger the client")
    OTHER = "other", pgettext_lazy("reason", "another reason")


class IdentityCheck(models.TextChoices):
    """How a counsellor has made sure who the client is before a new second factor can be set up."""

    DOCUMENT = "document", _("face to face, from an identity document")
    KNOWN = "known", _("face to face, and I know the client")


class EntryKind(models.TextChoices):
    """What a client writes on the own page."""

    GOAL = "goal", _("my goal and wishes")
    DONE = "done", _("I did this")
    QUESTION = "question", _("a question")
    NOT_CONTACTED = "not_contacted", _("nobody has contacted me")
    NOT_RIGHT = "not_right", _("this is not right")


# These are answered in words; for the others it is enough to say that they have been seen.
ANSWERED_IN_WORDS = (EntryKind.QUESTION, EntryKind.NOT_CONTACTED, EntryKind.NOT_RIGHT)
