"""Yearly figures and their files."""
from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    """What the figures of a place are sorted under."""

    POPULATION = "population", _("Population and migration")
    AGES = "ages", _("Age groups")
    EDUCATION = "education", _("Pupils and schools")
    ECONOMY = "economy", _("Work and finances")


class MeasureUnit(models.TextChoices):
    PEOPLE = "people", _("people")
    PERCENT = "percent", _("%")
    SCHOOLS = "schools", _("schools")
    EUROS_PER_PUPIL = "euros_per_pupil", _("€ per pupil")
    EUROS_PER_INHABITANT = "euros_per_inhabitant", _("€ per inhabitant")


class AreaRule(models.TextChoices):
    """How the figures of several municipalities become one."""

    SUM = "sum", _("The figures of the municipalities are added up.")
    WEIGHTED = "weighted", _("A mean of the municipalities, each with its own weight.")
    NONE = "none", _("Figures of several municipalities are not put together.")


class ImportStep(models.TextChoices):
    """How far a file of figures has come."""

    WAITING = "waiting", _("waits to be looked at")
    STORED = "stored", _("stored")
    DROPPED = "dropped", _("discarded")
