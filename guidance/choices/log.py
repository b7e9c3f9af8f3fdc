from django.db import models
from django.utils.translation import gettext_lazy as _


class LogAction(models.TextChoices):
    VIEW = "view", _("opened")
    LIST = "list", _("seen in a list")
    SEARCH = "search", _("found by search")
    CHANGE = "change", _("changed")
    EXPORT = "export", _("exported")
    PRINT = "print", _("printed or copied as text")
    REFUSAL = "refusal", _("refused")
    LINK = "link", _("opened by a body outside through its link")


class Purpose(models.TextChoices):
    GUIDANCE = "guidance", _("guiding the client")
    HANDOFF = "handoff", _("answering a hand-off")
    LEAD = "lead", _("the partnership's follow-up")
    PROTECTION = "protection", _("supervising data protection")
