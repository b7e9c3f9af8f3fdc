from django.db import models
from django.utils.translation import gettext_lazy as _


class ProcessingBasis(models.TextChoices):
    STATUTORY_TASK = "statutory_task", _("statutory task")
    CONSENT = "consent", _("the client's consent")
    CONTRACT = "contract", _("contract with the client")


class DisclosureBasis(models.TextChoices):
    OWN = "own", _("not a disclosure: the organisation's own data")
    STATUTE = "statute", _("a provision of law")
    CONSENT = "consent", _("the client's consent")
