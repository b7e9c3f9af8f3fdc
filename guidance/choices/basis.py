from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProcessingBasis(models.TextChoices):
    STATUTORY_TASK = "statutory_task", _("statutory task")
    CONSENT = "consent", _("the client's consent")
    CONTRACT = "contract", _("contract with the client")


class DisclosureBasis(models.TextChoices):
    OWN = "own", _("not a disclosure: the organisation's own data")
    STATUTE = "statute", _("a provision of law")
    CONSENT = "consent", _("the client's consent")


class ConsentScope(models.TextChoices):
    """How far a consent reaches; each has its paragraph in every version of the text."""

    PATHWAY = "pathway", _("taking part in the pathway")
    HANDOFF = "handoff", _("what one hand-off tells, nothing else")


class ConsentEnd(models.TextChoices):
    WITHDRAWN = "withdrawn", _("withdrawn by the client")
    REPLACED = "replaced", _("replaced by a newer consent")
    EXPIRED = "expired", pgettext_lazy("consent", "its last day is over")
    PATHWAY_ENDED = "pathway_ended", _("the pathway ended")


class ProtectionEnd(models.TextChoices):
    """Why non-disclosure for personal safety ends; a code, so that nothing is written about why it was needed."""

    REGISTER = "register", _("it has ended in the Population Information System")
    CLIENT = "client", _("the client asked for it, and it is no longer in the Population Information System")
    MISTAKE = "mistake", _("it was written here by mistake")
