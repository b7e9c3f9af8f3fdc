from django.db import models
from django.utils.translation import gettext_lazy as _


class SharedSection(models.TextChoices):
    """What a client can share by a link: a closed list. Never who they are, never notes, never anything of another person."""

    GOAL = "goal", _("my goal")
    NEXT_STEP = "next_step", _("my next appointment or step, with its day")
    OPTIONS = "options", _("the education options that I am looking at")
    STUDIES = "studies", _("my studies and learning periods")
    CONTACT = "contact", _("which organisation guides me, and its telephone")
