"""Coded values of guidance, and the one table of moves that action, form, template and picture read.

Source of the stages: the partnership model of the City of Kuopio and Savon koulutuskuntayhtymä, Kuvio 1
("Työttömyydestä tutkintoon") and Kuvio 2 ("Asiakkaan ohjausprosessi"). Steps marked *inferred* are not named there.
"""
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class Part(models.TextChoices):
    """The parts of a partnership, each with the source's colour and a letter as second cue."""

    EMPLOYMENT = "employment", _("employment service")
    COLLEGE = "college", _("education provider")
    TE = "te", _("TE services")
    OTHER = "other", _("other partner")


class Stage(models.TextChoices):
    REGISTERED = "registered", _("Registered as unemployed")
    IDENTIFICATION = "identification", _("Identifying service needs")
    REFERRAL = "referral", _("Referral to a counsellor")
    MAPPING = "mapping", _("Mapping the education options")
    PLANNING = "planning", _("Planning the study path")
    SUPPORT_BEFORE = "support_before", _("Support before studies")
    STARTING = "starting", _("Starting the study path")
    STUDYING = "studying", _("Studying, with support")
    WORKPLACE_LEARNING = "workplace_learning", _("Learning at a workplace")
    GRADUATED = "graduated", _("Qualification completed")
    JOB_SEARCH_SUPPORT = "job_search_support", _("Support in job search")
    INTERRUPTED = "interrupted", _("Interrupted")


class Actor(models.TextChoices):
    """Who may make a move: any counsellor whose organisation takes part in this capacity."""

    PROCESS_OWNER = "process_owner", _("the organisation that owns the process")
    GUIDANCE_LEAD = "guidance_lead", _("the guidance lead's organisation")
    PROVIDER = "provider", _("the education provider")


class Requirement(models.TextChoices):
    """What must be there before a move; `actions.pathways` checks, the form says what is missing."""

    ASSESSED = "assessed", _("at least one need, obstacle or competence need")
    LEAD_NAMED = "lead_named", _("a guidance lead")
    OPTION_CONSIDERED = "option_considered", _("at least one education option under consideration")
    OPTION_CHOSEN = "option_chosen", _("an education option chosen with the client")
    OPTION_ADMITTED = "option_admitted", _("an education option with admission and a start date")
    BENEFIT_DECIDED = "benefit_decided", _("the decision on the benefit during studies, or that none is needed")
    OPTION_STARTED = "option_started", _("an education option that has started")
    WORKPLACE_PERIOD = "workplace_period", _("a learning period with an employer")
    OPTION_COMPLETED = "option_completed", _("a completed education option")
    BEEN_THERE = "been_there", _("an earlier time in that stage")
    REASON = "reason", _("a reason")


@dataclass(frozen=True)
class Move:
    source: str
    target: str
    who: frozenset[str]
    needs: tuple[str, ...] = ()
    back: bool = False


_EVERYONE = frozenset(Actor.values)
_EMPLOYMENT = frozenset({Actor.PROCESS_OWNER})
_GUIDES = frozenset({Actor.PROCESS_OWNER, Actor.GUIDANCE_LEAD})
_COLLEGE = frozenset({Actor.PROVIDER, Actor.GUIDANCE_LEAD})
S, R = Stage, Requirement

MOVES: tuple[Move, ...] = (
    Move(S.REGISTERED, S.IDENTIFICATION, _EMPLOYMENT),
    Move(S.IDENTIFICATION, S.REFERRAL, _EMPLOYMENT, (R.ASSESSED,)),
    Move(S.REFERRAL, S.MAPPING, _GUIDES, (R.LEAD_NAMED,)),
    Move(S.MAPPING, S.PLANNING, _GUIDES, (R.OPTION_CONSIDERED,)),
    Move(S.PLANNING, S.SUPPORT_BEFORE, _GUIDES, (R.OPTION_CHOSEN,)),
    Move(S.PLANNING, S.STARTING, _GUIDES, (R.OPTION_CHOSEN,)),
    Move(S.SUPPORT_BEFORE, S.STARTING, _GUIDES, (R.OPTION_CHOSEN,)),
    Move(S.STARTING, S.STUDYING, _COLLEGE, (R.OPTION_STARTED, R.BENEFIT_DECIDED)),
    Move(S.STUDYING, S.WORKPLACE_LEARNING, _COLLEGE, (R.WORKPLACE_PERIOD,)),
    Move(S.WORKPLACE_LEARNING, S.STUDYING, _COLLEGE),
    Move(S.STUDYING, S.GRADUATED, _COLLEGE, (R.OPTION_COMPLETED,)),
    Move(S.WORKPLACE_LEARNING, S.GRADUATED, _COLLEGE, (R.OPTION_COMPLETED,)),
    Move(S.GRADUATED, S.JOB_SEARCH_SUPPORT, _EVERYONE),
    Move(S.JOB_SEARCH_SUPPORT, S.MAPPING, _GUIDES, (R.REASON,), back=True),
    Move(S.PLANNING, S.MAPPING, _GUIDES, back=True),
    Move(S.SUPPORT_BEFORE, S.MAPPING, _GUIDES, (R.REASON,), back=True),
    Move(S.STARTING, S.MAPPING, _GUIDES, (R.REASON,), back=True),
    Move(S.STUDYING, S.MAPPING, _EVERYONE, (R.REASON,), back=True),
    *(Move(stage, S.INTERRUPTED, _EVERYONE, (R.REASON,)) for stage in Stage if stage != S.INTERRUPTED),
    # Back to where the client has been, or to mapping: an interruption is no way past what a stage asks for.
    Move(S.INTERRUPTED, S.MAPPING, _EVERYONE, (R.REASON,), back=True),
    *(Move(S.INTERRUPTED, stage, _EVERYONE, (R.REASON, R.BEEN_THERE), back=True) for stage in Stage if stage not in (S.INTERRUPTED, S.MAPPING)),
)


def moves_from(stage: str) -> list[Move]:
    return [move for move in MOVES if move.source == stage]


def find_move(source: str, target: str) -> Move | None:
    return next((move for move in MOVES if (move.source, move.target) == (source, target)), None)


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


class BenefitDecision(models.TextChoices):
    NOT_ASKED = "not_asked", _("not asked yet")
    PENDING = "pending", _("pending")
    MADE = "made", _("made")
    NOT_NEEDED = "not_needed", _("not needed")


class ProcessingBasis(models.TextChoices):
    STATUTORY_TASK = "statutory_task", _("statutory task")
    CONSENT = "consent", _("the client's consent")
    CONTRACT = "contract", _("contract with the client")


class DisclosureBasis(models.TextChoices):
    OWN = "own", _("not a disclosure: the organisation's own data")
    STATUTE = "statute", _("a provision of law")
    CONSENT = "consent", _("the client's consent")


class HandoffKind(models.TextChoices):
    REFERRAL = "referral", _("referral")
    TRANSFER = "transfer", _("transfer of process responsibility")
    ASSIGNMENT = "assignment", _("assignment")
    REQUEST_TO_TAKE = "request_to_take", _("request to take")


class HandoffState(models.TextChoices):
    SENT = "sent", _("sent")
    ACCEPTED = "accepted", _("accepted, not met yet")
    MET = "met", _("met")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


OPEN_HANDOFF = (HandoffState.SENT, HandoffState.ACCEPTED)


class ContactWay(models.TextChoices):
    JOINT_MEETING = "joint_meeting", _("meeting of three")
    VISIT = "visit", _("visit")
    PHONE = "phone", _("telephone")
    REMOTE = "remote", _("remote meeting")


class LadderStep(models.IntegerChoices):
    """How far silence has gone. Never a cancellation: the last step is a person with the hand-off on their list."""

    SENT = 0, _("waits for the receiver")
    REMINDED = 1, _("receiver reminded")
    COLLEAGUES = 2, _("receiver's colleagues told")
    LEAD = 3, _("on the partnership lead's list")


class Section(models.TextChoices):
    """What can be passed on with a hand-off or shown by a link."""

    IDENTITY = "identity", _("name and contact details")
    GOAL = "goal", _("goal and target group")
    ASSESSMENT = "assessment", _("assessment")
    OPTIONS = "options", _("education options")
    NEXT_STEPS = "next_steps", _("next steps")
    EVENTS = "events", _("events that the receiver may see")


class EventKind(models.TextChoices):
    CALL = "call", _("call")
    NO_ANSWER = "no_answer", _("no answer")
    MESSAGE = "message", _("message")
    VISIT = "visit", _("visit")
    JOINT_MEETING = "joint_meeting", _("joint meeting")
    NO_SHOW = "no_show", _("no-show")
    DROP_IN = "drop_in", _("drop-in talk")
    CHECK_IN = "check_in", _("check-in during studies")
    NOTE = "note", _("note")
    MOVE = "move", _("move to another stage")
    HANDOFF = "handoff", _("hand-off")
    STEP = "step", _("next step")
    OPTION = "option", _("education option")
    RESPONSIBILITY = "responsibility", _("responsibility")
    OPENED = "opened", _("pathway opened")
    CLOSED = "closed", _("pathway ended")
    MERGED = "merged", _("files merged")


LOGGED_BY_HAND = (EventKind.CALL, EventKind.NO_ANSWER, EventKind.MESSAGE, EventKind.VISIT, EventKind.JOINT_MEETING, EventKind.NO_SHOW, EventKind.CHECK_IN, EventKind.NOTE)
CONTACT_HELD = (EventKind.CALL, EventKind.VISIT, EventKind.JOINT_MEETING)


class CheckIn(models.TextChoices):
    WELL = "well", _("going well")
    WORRIED = "worried", _("worried")
    ABSENT = "absent", _("absent")


class Visibility(models.TextChoices):
    PARTICIPANTS = "participants", _("every participating organisation")
    CHOSEN = "chosen", _("chosen organisations")
    OWN = "own", _("own organisation only")


class StepKind(models.TextChoices):
    STEP = "step", _("next step")
    APPOINTMENT = "appointment", _("appointment")
    CHECK_IN = "check_in", _("check-in with the client")


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


class ProgrammeKind(models.TextChoices):
    """Where a row of the source's programmes belongs; only a MEASURE can be given to a client."""

    MEASURE = "measure", _("measure or service")
    FRAMEWORK = "framework", _("framework")
    REFORM = "reform", _("reform")
    PUBLICATION = "publication", _("publication")


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", _("uploaded")
    MAPPED = "mapped", _("columns named")
    STORED = "stored", _("stored")
    DROPPED = "dropped", _("dropped")
