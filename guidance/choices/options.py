from django.db import models
from django.utils.translation import gettext_lazy as _


class OptionKind(models.TextChoices):
    """The source's eight, in its order, then career alternatives and studying in support of job search."""

    LABOUR_MARKET_TRAINING = "labour_market_training", _("labour market training")
    RECRUITMENT_TRAINING = "recruitment_training", _("RekryKoulutus recruitment training")
    APPRENTICESHIP = "apprenticeship", _("apprenticeship training")
    COMPETENCE_ASSESSMENT = "competence_assessment", _("vocational competence assessment period")
    QUALIFICATION = "qualification", _("vocational upper secondary qualification")
    PARTIAL_QUALIFICATION = "partial_qualification", _("partial qualification")
    UPDATING = "updating", _("updating vocational competence")
    TAILORING = "tailoring", _("tailoring competence to a job")
    CAREER_ALTERNATIVE = "career_alternative", _("career alternative")
    STUDY_FOR_JOB_SEARCH = "study_for_job_search", _("studying in support of job search")


class OptionState(models.TextChoices):
    CONSIDERED = "considered", _("considered")
    CHOSEN = "chosen", _("chosen")
    APPLIED = "applied", _("applied")
    WAITING = "waiting", _("on the waiting list")
    ADMITTED = "admitted", _("admitted")
    NOT_ADMITTED = "not_admitted", _("not admitted")
    STARTED = "started", _("started")
    INTERRUPTED = "interrupted", _("interrupted")
    COMPLETED = "completed", _("completed")
    DROPPED = "dropped", _("no longer considered")


OPTION_MOVES: dict[str, tuple[str, ...]] = {
    OptionState.CONSIDERED: (OptionState.CHOSEN, OptionState.DROPPED),
    OptionState.CHOSEN: (OptionState.APPLIED, OptionState.ADMITTED, OptionState.CONSIDERED, OptionState.DROPPED),
    OptionState.APPLIED: (OptionState.ADMITTED, OptionState.WAITING, OptionState.NOT_ADMITTED, OptionState.DROPPED),
    OptionState.WAITING: (OptionState.ADMITTED, OptionState.NOT_ADMITTED, OptionState.DROPPED),
    OptionState.ADMITTED: (OptionState.STARTED, OptionState.DROPPED),
    OptionState.NOT_ADMITTED: (OptionState.CONSIDERED,),
    OptionState.STARTED: (OptionState.INTERRUPTED, OptionState.COMPLETED),
    OptionState.INTERRUPTED: (OptionState.STARTED, OptionState.DROPPED),
    OptionState.COMPLETED: (),
    OptionState.DROPPED: (OptionState.CONSIDERED,),
}


# Nothing comes of these any more, or all has.
OPTION_OVER = (OptionState.COMPLETED, OptionState.NOT_ADMITTED, OptionState.DROPPED)


class BenefitDecision(models.TextChoices):
    NOT_ASKED = "not_asked", _("not asked yet")
    PENDING = "pending", _("pending")
    MADE = "made", _("made")
    NOT_NEEDED = "not_needed", _("not needed")
