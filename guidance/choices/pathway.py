from django.db import models
from django.utils.translation import gettext_lazy as _


class TargetGroup(models.TextChoices):
    """The source's target groups: whom the partnership model is for."""

    NO_QUALIFICATION = "no_qualification", _("no qualification after basic education")
    CHANGING_OCCUPATION = "changing_occupation", _("changing occupation")
    UPDATING_COMPETENCE = "updating_competence", _("updating competence for better chances of work")


class EducationBackground(models.TextChoices):
    BASIC_UNFINISHED = "basic_unfinished", _("basic education not completed")
    BASIC = "basic", _("basic education")
    UPPER_SECONDARY_GENERAL = "general", _("general upper secondary education")
    VOCATIONAL = "vocational", _("vocational qualification")
    HIGHER = "higher", _("higher education degree")
    ABROAD = "abroad", _("education completed abroad, not recognised")
    UNKNOWN = "unknown", _("not known yet")


class LanguageLevel(models.TextChoices):
    NONE = "none", _("none")
    A1 = "a1", "A1"
    A2 = "a2", "A2"
    B1 = "b1", "B1"
    B2 = "b2", "B2"
    C = "c", "C1-C2"
    NATIVE = "native", _("first language")


class Interruption(models.TextChoices):
    """Why a pathway is interrupted, for a while; none tells of health. What fits nowhere is written in words."""

    WORK = "work", _("work")
    FAMILY = "family", _("family reasons")
    SERVICE = "service", _("military or civilian service")
    OTHER_SERVICE = "other_service", _("another service comes first")
    MONEY = "money", _("income or living costs")
    MOVING = "moving", _("moving elsewhere")
    OWN_WISH = "own_wish", _("the client's own wish")
    NOT_REACHED = "not_reached", _("the client is not reached")
    OTHER = "other", _("another reason")


class EndReason(models.TextChoices):
    GOAL_REACHED = "goal_reached", _("goal reached")
    MOVED = "moved", _("moved to another employment area")
    OWN_WISH = "own_wish", _("the client's own wish")
    OTHER_SERVICE = "other_service", _("another service took over")
    UNREACHABLE = "unreachable", _("not reached despite every step of the ladder")
    DIED = "died", _("died")


class Outcome(models.TextChoices):
    EMPLOYED = "employed", _("employed")
    SELF_EMPLOYED = "self_employed", _("self-employed")
    STUDYING = "studying", _("studying")
    QUALIFIED = "qualified", _("qualification, no work yet")
    UNEMPLOYED = "unemployed", _("unemployed")
    OUTSIDE = "outside", _("outside the labour force")
    UNKNOWN = "unknown", _("not known")
