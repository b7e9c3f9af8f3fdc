from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded")
    MAPPED = "mapped", _("columns named")
    STORED = "stored", _("stored")
    DROPPED = "dropped", _("dropped")
