"""Models, publications and needs for skills."""
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PublicationKind(models.TextChoices):
    PRE_STUDY = "pre_study", _("pre-study")
    FINAL_REPORT = "final_report", _("final report")
    REPORT = "report", _("report")
    VIDEO = "video", _("video")
    NEWS = "news", pgettext_lazy("publication", "news")
    WEB_PAGE = "web_page", _("web page")
    EXPERTS = "experts", _("experts to contact")


class NeedNow(models.TextChoices):
    """How much an area's working life needs a skill today."""

    SMALL = "small", pgettext_lazy("need for a skill", "small")
    MODERATE = "moderate", pgettext_lazy("need for a skill", "moderate")
    LARGE = "large", pgettext_lazy("need for a skill", "large")
    URGENT = "urgent", pgettext_lazy("need for a skill", "urgent")


class NeedLater(models.TextChoices):
    """What the need is thought to be in five years, beside today's."""

    DECREASING = "decreasing", pgettext_lazy("need for a skill", "decreasing")
    SAME = "same", pgettext_lazy("need for a skill", "the same")
    GROWING = "growing", pgettext_lazy("need for a skill", "growing")
    URGENT = "urgent", pgettext_lazy("need for a skill", "urgent")


class PublicationState(models.TextChoices):
    """Of what an area writes: a draft is seen by its own people, what is archived is read but no longer listed."""

    DRAFT = "draft", pgettext_lazy("publication", "draft")
    PUBLIC = "public", pgettext_lazy("publication", "public")
    ARCHIVED = "archived", pgettext_lazy("publication", "archived")


# From, to: the same for everybody who may edit the thing.
PUBLICATION_MOVES = {
    PublicationState.DRAFT: (PublicationState.PUBLIC, PublicationState.ARCHIVED),
    PublicationState.PUBLIC: (PublicationState.ARCHIVED,),
    PublicationState.ARCHIVED: (PublicationState.PUBLIC,),
}


class ModelStatus(models.TextChoices):
    """How far a cooperation model has come; in the order in which it goes on."""

    IDEA = "idea", pgettext_lazy("cooperation model", "idea")
    TRIAL = "trial", pgettext_lazy("cooperation model", "being tried")
    IN_USE = "in_use", pgettext_lazy("cooperation model", "in use")
    ENDED = "ended", pgettext_lazy("cooperation model", "ended")


class ResultTag(models.TextChoices):
    """What a result is about: the words of the network's first goal, and of the fourth."""

    AVAILABILITY = "availability", _("availability")
    ACCESSIBILITY = "accessibility", _("accessibility")
    QUALITY = "quality", _("quality")
    ECONOMY = "economy", _("economy")
