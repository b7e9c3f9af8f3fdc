from django.db import models
from django.utils.translation import gettext_lazy as _


class Part(models.TextChoices):
    """The parts of a partnership, each with the source's colour and a letter as second cue."""

    EMPLOYMENT = "employment", _("employment service")
    COLLEGE = "college", _("education provider")
    TE = "te", _("TE services")
    OTHER = "other", _("other partner")


class ProgrammeKind(models.TextChoices):
    """Where a row of the source's programmes belongs; only a MEASURE can be given to a client."""

    MEASURE = "measure", _("measure or service")
    FRAMEWORK = "framework", _("framework")
    REFORM = "reform", _("reform")
    PUBLICATION = "publication", _("publication")
