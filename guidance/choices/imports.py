from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded")
    MAPPED = "mapped", _("columns named")
    STORED = "stored", _("stored")
    DROPPED = "dropped", _("dropped")


class RowState(models.TextChoices):
    """Where a line of a client list stands; only READY ones are stored, and nothing is while one is WRONG or to ASK about."""

    WRONG = "wrong", _("to correct")
    ASK = "ask", _("perhaps here already")
    READY = "ready", _("ready")
    LEFT_OUT = "left_out", _("left out")


class RowDecision(models.TextChoices):
    STORE = "store", _("store as a new client")
    SKIP = "skip", _("leave out")
