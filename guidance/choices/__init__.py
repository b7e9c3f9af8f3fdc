"""Coded values of guidance, a module for each of its nouns."""
from .assessment import ASSESSMENT_CODES, AssessmentCode, AssessmentKind, ItemState
from .basis import ConsentEnd, ConsentScope, DisclosureBasis, ProcessingBasis, ProtectionEnd
from .handoff import OPEN_HANDOFF, ContactWay, HandoffKind, HandoffState, LadderStep, Section
from .imports import ImportState, RowDecision, RowState
from .log import OPENINGS, USUAL_THRESHOLDS, LogAction, Purpose, ReadingRule
from .moves import MOVES, Actor, Move, Requirement, Stage, find_move, moves_from
from .options import OPTION_MOVES, OPTION_OVER, BenefitDecision, OptionKind, OptionState
from .own import ANSWERED_IN_WORDS, EntryKind, LocalReason
from .partnership import Part, ProgrammeKind
from .pathway import EducationBackground, EndReason, Interruption, LanguageLevel, Outcome, TargetGroup
from .rights import (
    ANSWER_MONTHS,
    ANSWERED_BY_PROCESS_OWNER,
    EXPORTED,
    EXTENSION_MONTHS,
    REFUSALS,
    RETAINED_FROM,
    RETAINED_THEN,
    ExtensionReason,
    RefusalReason,
    Retained,
    RightsKind,
    RightsOutcome,
)
from .sharing import SharedSection
from .stage_parts import SOURCE_STAGE_PARTS, source_stage_parts
from .timeline import CONTACT_HELD, DOES_A_STEP, LOGGED_BY_HAND, CheckIn, EventKind, StepKind, Visibility

__all__ = [
    "ANSWERED_BY_PROCESS_OWNER",
    "ANSWERED_IN_WORDS",
    "ANSWER_MONTHS",
    "ASSESSMENT_CODES",
    "CONTACT_HELD",
    "DOES_A_STEP",
    "EXPORTED",
    "EXTENSION_MONTHS",
    "LOGGED_BY_HAND",
    "MOVES",
    "OPENINGS",
    "OPEN_HANDOFF",
    "OPTION_MOVES",
    "OPTION_OVER",
    "REFUSALS",
    "RETAINED_FROM",
    "RETAINED_THEN",
    "SOURCE_STAGE_PARTS",
    "USUAL_THRESHOLDS",
    "Actor",
    "AssessmentCode",
    "AssessmentKind",
    "BenefitDecision",
    "CheckIn",
    "ConsentEnd",
    "ConsentScope",
    "ContactWay",
    "DisclosureBasis",
    "EducationBackground",
    "EndReason",
    "EntryKind",
    "EventKind",
    "ExtensionReason",
    "HandoffKind",
    "HandoffState",
    "ImportState",
    "Interruption",
    "ItemState",
    "LadderStep",
    "LanguageLevel",
    "LocalReason",
    "LogAction",
    "Move",
    "OptionKind",
    "OptionState",
    "Outcome",
    "Part",
    "ProcessingBasis",
    "ProgrammeKind",
    "ProtectionEnd",
    "Purpose",
    "ReadingRule",
    "RefusalReason",
    "Requirement",
    "Retained",
    "RightsKind",
    "RightsOutcome",
    "RowDecision",
    "RowState",
    "Section",
    "SharedSection",
    "Stage",
    "StepKind",
    "TargetGroup",
    "Visibility",
    "find_move",
    "moves_from",
    "source_stage_parts",
]
