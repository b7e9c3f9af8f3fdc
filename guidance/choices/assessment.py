from django.db import models
from django.utils.translation import gettext_lazy as _


class AssessmentKind(models.TextChoices):
    """"palvelutarpeet, työllistymisen esteet sekä osaamisen kehittämistarpeet"; no health codes."""

    NEED = "need", _("service need")
    OBSTACLE = "obstacle", _("obstacle to employment")
    COMPETENCE = "competence", _("competence need")


class AssessmentCode(models.TextChoices):
    GUIDANCE = "guidance", _("guidance in choosing a field")
    JOB_SEARCH = "job_search", _("support in job search")
    STUDY_SKILLS = "study_skills", _("support for studying")
    FINANCES = "finances", _("income during studies")
    NO_QUALIFICATION = "no_qualification", _("no qualification")
    OUTDATED = "outdated", _("outdated qualification")
    LANGUAGE = "language", _("Finnish or Swedish language")
    DISTANCE = "distance", _("distance or transport")
    CARE = "care", _("care duties")
    MOTIVATION = "motivation", _("uncertainty of direction")
    DIGITAL = "digital", _("digital skills")
    VOCATIONAL = "vocational", _("vocational skills")
    CARDS = "cards", _("permits and cards of a trade")
    WORKING_LIFE = "working_life", _("working-life skills")


ASSESSMENT_CODES: dict[str, tuple[str, ...]] = {
    AssessmentKind.NEED: (AssessmentCode.GUIDANCE, AssessmentCode.JOB_SEARCH, AssessmentCode.STUDY_SKILLS, AssessmentCode.FINANCES),
    AssessmentKind.OBSTACLE: (AssessmentCode.NO_QUALIFICATION, AssessmentCode.OUTDATED, AssessmentCode.LANGUAGE, AssessmentCode.DISTANCE, AssessmentCode.CARE, AssessmentCode.MOTIVATION),
    AssessmentKind.COMPETENCE: (AssessmentCode.DIGITAL, AssessmentCode.VOCATIONAL, AssessmentCode.CARDS, AssessmentCode.WORKING_LIFE, AssessmentCode.LANGUAGE),
}


class ItemState(models.TextChoices):
    OPEN = "open", _("open")
    IN_HAND = "in_hand", _("in hand")
    RESOLVED = "resolved", _("resolved")
