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
    OWN = "own", _("opened by the client")


class Purpose(models.TextChoices):
    GUIDANCE = "guidance", _("guiding the client")
    HANDOFF = "handoff", _("answering a hand-off")
    LEAD = "lead", _("the partnership's follow-up")
    PROTECTION = "protection", _("supervising data protection")
    OWN = "own", _("the client's own visit")
    RIGHTS = "rights", _("answering what the client asked about the own data")
    SHARED = "shared", _("shared by the client")


class ReadingRule(models.TextChoices):
    """What makes reading unusual enough to be looked at. It proves nothing: somebody may have had a reason."""

    MANY_CLIENTS = "many_clients", _("Many clients in a day")
    NIGHT = "night", _("At night, between 22 and 6")
    OWN_NAME = "own_name", _("A client of the reader's own name")
    SAME_SURNAME = "same_surname", _("A client of the reader's surname")


# Clients or openings by one person in one day from which on the rule tells; an organisation sets its own.
USUAL_THRESHOLDS = {ReadingRule.MANY_CLIENTS: 40, ReadingRule.NIGHT: 5, ReadingRule.OWN_NAME: 1, ReadingRule.SAME_SURNAME: 1}
# What opens one client's file; a row of a list is not counted.
OPENINGS = (LogAction.VIEW, LogAction.SEARCH, LogAction.CHANGE, LogAction.EXPORT, LogAction.PRINT)
