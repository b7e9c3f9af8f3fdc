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


class FactKind(models.TextChoices):
    """What of a pathway is counted (`models.PathwayFact`)."""

    OPENED = "opened", _("pathways opened")
    STAGE = "stage", _("stages")
    CLOSED = "closed", _("pathways ended")
    HANDOFF = "handoff", _("hand-offs between organisations")


class AgeGroup(models.TextChoices):
    """Age on the day on which the pathway was opened."""

    UNDER_20 = "under_20", _("under 20")
    FROM_20 = "20_24", "20–24"
    FROM_25 = "25_29", "25–29"
    FROM_30 = "30_39", "30–39"
    FROM_40 = "40_49", "40–49"
    FROM_50 = "50_59", "50–59"
    FROM_60 = "60_over", _("60 and over")
    UNKNOWN = "unknown", _("age not known")


class GroupBy(models.TextChoices):
    """By what figures of pathways stand side by side."""

    MONTH = "month", _("month")
    ORGANISATION = "organisation", _("organisation")
    MUNICIPALITY = "municipality", _("municipality")
    AGE = "age", _("age group")
    BACKGROUND = "background", _("education background")
    TARGET_GROUP = "group", _("target group")
    MEASURE = "measure", pgettext_lazy("guidance", "measure")


class PathwayList(models.TextChoices):
    """What a number of the pathway summary counts, and the list behind it shows."""

    OPENED = "opened", _("Pathways that were opened")
    REACHED = "reached", _("Pathways that have come to a stage")
    OPEN = "open", _("Pathways that are still open")
    CLOSED = "closed", _("Pathways that have ended")
    SEEKING = "seeking", _("Clients who seek competence development")
    UNQUALIFIED = "unqualified", _("Clients without a qualification after basic education")
    YOUNG = "young", _("Clients under 30 when the pathway was opened")
    PERIOD = "period", _("Periods in a stage")
    HANDOFF = "handoff", _("Hand-offs between organisations")
