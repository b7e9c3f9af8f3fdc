"""What is offered, to whom, how and at what price."""
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ServiceKind(models.TextChoices):
    FACILITY = "facility", _("facility")
    STAFF = "staff", _("staff")
    COURSE = "course", _("course")


class Publication(models.TextChoices):
    DRAFT = "draft", _("draft")
    PUBLIC = "public", pgettext_lazy("publication", "public")
    ARCHIVED = "archived", _("archived")


class Audience(models.TextChoices):
    """Who may use a service; the lists stand on the service itself."""

    NETWORK = "network", _("every organisation of the network")
    CHOSEN = "chosen", _("only the areas, municipalities and organisations chosen below")


class Delivery(models.TextChoices):
    CONTACT = "contact", _("on the spot")
    REMOTE = "remote", _("remotely")
    HYBRID = "hybrid", _("both on the spot and remotely")


class ServiceLanguage(models.TextChoices):
    FINNISH = "fi", _("Finnish")
    SWEDISH = "sv", _("Swedish")
    ENGLISH = "en", _("English")


class PriceBasis(models.TextChoices):
    FREE = "free", _("free of charge")
    HOUR = "hour", _("per hour")
    SEAT = "seat", _("per seat")
    TERM = "term", _("per term")
    AGREED = "agreed", _("as agreed")


class ResourceKind(models.TextChoices):
    SPACE = "space", _("space")
    PERSON = "person", _("person")
    POST = "post", _("post")


class BookingMode(models.TextChoices):
    """A resource whose busy times the portal does not know is on request: it is never booked at once."""

    AT_ONCE = "at_once", _("booked at once")
    ON_REQUEST = "on_request", _("on request")
