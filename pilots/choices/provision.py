"""How education is provided, and which form fits a learner."""
from django.db import models
from django.utils.translation import gettext_lazy as _


class ProvisionWay(models.TextChoices):
    """How a municipality's residents get a form of education."""

    OWN = "own", _("the municipality’s own")
    JOINT = "joint", _("a joint authority’s")
    OTHER_MUNICIPALITY = "other_municipality", _("another municipality’s")
    PRIVATE = "private", _("a private provider’s")
    REMOTE = "remote", _("taught remotely")
    MISSING = "missing", _("missing in this municipality")


class Schooling(models.TextChoices):
    NONE = "none", _("I have not finished comprehensive school.")
    BASIC = "basic", _("Comprehensive school")
    UPPER = "upper", _("General upper secondary school or a vocational qualification")


class LearnerGoal(models.TextChoices):
    FINISH_SCHOOL = "finish_school", _("To finish comprehensive school")
    OCCUPATION = "occupation", _("To learn an occupation")
    MATRICULATE = "matriculate", _("To take the matriculation examination")
    DEGREE = "degree", _("To study for a degree")
    LEISURE = "leisure", _("To study in my free time")


# Which forms of education answer a goal, or follow what has been finished.
FORMS_FOR_GOAL = {
    LearnerGoal.OCCUPATION: frozenset({"vocational"}),
    LearnerGoal.MATRICULATE: frozenset({"general-upper-secondary"}),
    LearnerGoal.DEGREE: frozenset({"higher"}),
    LearnerGoal.LEISURE: frozenset({"liberal-adult"}),
}
FORMS_AFTER = {
    Schooling.BASIC: frozenset({"general-upper-secondary", "vocational", "liberal-adult"}),
    Schooling.UPPER: frozenset({"higher", "vocational", "liberal-adult"}),
}
# The school year in which a child turns six is pre-primary; compulsory basic education ends at about sixteen.
PRE_PRIMARY_AGE, BASIC_AGE, LAST_BASIC_AGE = 6, 7, 16


def forms_for(age: int | None, schooling: str, goal: str) -> frozenset[str]:
    """Codes of the forms of education that fit a learner: by the goal, else by what is finished, else by the age; all when nothing is told."""
    school = frozenset({"basic"}) if age is None or age <= LAST_BASIC_AGE else frozenset({"basic-adult"})
    if goal == LearnerGoal.FINISH_SCHOOL:
        return frozenset({"basic", "basic-adult"}) if age is None else school
    if goal:
        return FORMS_FOR_GOAL[LearnerGoal(goal)]
    if schooling in FORMS_AFTER:
        return FORMS_AFTER[Schooling(schooling)]
    if age is not None and age < PRE_PRIMARY_AGE:
        return frozenset({"early-childhood"})
    if age == PRE_PRIMARY_AGE:
        return frozenset({"pre-primary", "early-childhood"})
    if age is not None and (schooling or age < LAST_BASIC_AGE):
        return school
    after = FORMS_AFTER[Schooling.BASIC] | FORMS_AFTER[Schooling.UPPER]
    return after if age is not None else after | {"early-childhood", "pre-primary", "basic", "basic-adult"}
