"""The one table of moves that action, form, template and picture read.

Source of the stages: the partnership model of the City of Kuopio and Savon koulutuskuntayhtymä, Kuvio 1
("Työttömyydestä tutkintoon") and Kuvio 2 ("Asiakkaan ohjausprosessi"). Steps marked *inferred* are not named there.
"""
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    STAGE_PART = "stage_part", _("the part that answers for the stage")


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


# Whoever answers for the stage a client is at moves them on from it; which part that is, each partnership says (`Partnership.stage_parts`).
_EVERYONE = frozenset(Actor.values)
_OWNER = frozenset({Actor.STAGE_PART, Actor.PROCESS_OWNER})
_GUIDE = frozenset({Actor.STAGE_PART, Actor.GUIDANCE_LEAD})
S, R = Stage, Requirement

MOVES: tuple[Move, ...] = (
    Move(S.REGISTERED, S.IDENTIFICATION, _OWNER),
    Move(S.IDENTIFICATION, S.REFERRAL, _OWNER, (R.ASSESSED,)),
    Move(S.REFERRAL, S.MAPPING, _EVERYONE, (R.LEAD_NAMED,)),
    Move(S.MAPPING, S.PLANNING, _EVERYONE, (R.OPTION_CONSIDERED,)),
    Move(S.PLANNING, S.SUPPORT_BEFORE, _EVERYONE, (R.OPTION_CHOSEN,)),
    Move(S.PLANNING, S.STARTING, _EVERYONE, (R.OPTION_CHOSEN,)),
    Move(S.SUPPORT_BEFORE, S.STARTING, _EVERYONE, (R.OPTION_CHOSEN,)),
    Move(S.STARTING, S.STUDYING, _GUIDE, (R.OPTION_STARTED, R.BENEFIT_DECIDED)),
    Move(S.STUDYING, S.WORKPLACE_LEARNING, _GUIDE, (R.WORKPLACE_PERIOD,)),
    Move(S.WORKPLACE_LEARNING, S.STUDYING, _GUIDE),
    Move(S.STUDYING, S.GRADUATED, _GUIDE, (R.OPTION_COMPLETED,)),
    Move(S.WORKPLACE_LEARNING, S.GRADUATED, _GUIDE, (R.OPTION_COMPLETED,)),
    Move(S.GRADUATED, S.JOB_SEARCH_SUPPORT, _EVERYONE),
    Move(S.JOB_SEARCH_SUPPORT, S.MAPPING, _EVERYONE, (R.REASON,), back=True),
    Move(S.PLANNING, S.MAPPING, _EVERYONE, back=True),
    Move(S.SUPPORT_BEFORE, S.MAPPING, _EVERYONE, (R.REASON,), back=True),
    Move(S.STARTING, S.MAPPING, _EVERYONE, (R.REASON,), back=True),
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
