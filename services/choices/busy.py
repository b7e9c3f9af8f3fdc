"""Where busy times come from, and what can go wrong with a calendar."""
from django.db import models
from django.utils.translation import gettext_lazy as _


class BusyKind(models.TextChoices):
    """How busy times come from the owner's own booking system."""

    FEED = "feed", _("calendar address")
    FILE = "file", _("file")


class BusyProblem(models.TextChoices):
    """Why busy times were not taken; without a word of what the other end said."""

    ADDRESS = "address", _("The address has to begin with https:// and name a server that is open to the internet.")
    NO_ANSWER = "no_answer", _("The server did not answer in time.")
    CERTIFICATE = "certificate", _("The server's certificate is not valid.")
    REFUSED = "refused", _("The server refused. Perhaps the address is no longer in use.")
    TOO_LARGE = "too_large", _("The calendar is larger than 2 MB.")
    UNREADABLE = "unreadable", _("What came is no calendar, or it holds a time that cannot be read. The times from before are kept.")
