"""Lists that are brought in."""
from django.db import models
from django.utils.translation import gettext_lazy as _


class ListKind(models.TextChoices):
    """What a list brings in or takes out."""

    RESOURCES = "resources", _("Rooms and people")
    RUNS = "runs", _("Course runs")
    BOOKINGS = "bookings", _("Bookings")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("columns to name")
    MAPPED = "mapped", _("under review")
    STORED = "stored", _("stored")
    DROPPED = "dropped", _("discarded")
