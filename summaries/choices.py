"""What the summaries are made of: parts of a summary, and of what a figure is."""
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Part(models.TextChoices):
    """Parts of a summary, in the order of the page. OVERVIEW has no figures of its own: it shows the first of each other part."""

    OVERVIEW = "overview", _("Overview")
    MEMBERS = "members", _("Members")
    EDUCATION = "education", _("Forms of education")
    GOALS = "goals", _("Models by goal")
    STATUSES = "statuses", _("Models by status")
    OBSTACLES = "obstacles", _("Obstacles")
    PROPOSALS = "proposals", _("Proposals")
    SERVICES = "services", _("Shared services")
    USE = "use", _("Use")


class ScopeKind(models.TextChoices):
    """What a figure is of."""

    NETWORK = "network", _("the whole network")
    AREA = "area", _("pilot area")
    MUNICIPALITY = "municipality", _("municipality")


class Border(models.TextChoices):
    """Which border a loan crosses; what is not known crosses none."""

    MUNICIPAL = "municipal", _("between municipalities")
    FORMS = "forms", _("between school forms")


class Lent(models.TextChoices):
    """What one organisation has had of another."""

    BOOKINGS = "bookings", pgettext_lazy("lent", "bookings of facilities and staff")
    ENROLMENTS = "enrolments", pgettext_lazy("lent", "enrolments for courses")
