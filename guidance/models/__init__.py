from .assessment import AssessmentItem
from .check import CheckRun
from .client import Client
from .consent import Consent
from .enrolment import UNSETTLED, PathwayEnrolment
from .erasure import EndedPathways, ErasedRecord, FileToRemove, RetentionRule
from .handoff import Handoff, OutsideLink
from .imports import ColumnMapping, ImportBatch, ImportRow
from .legal import LegalGround
from .log import AccessLog, AccessLogSubject
from .options import EducationOption, WorkPeriod, WorkplacePeriod
from .own import AppointmentLink, ClientAccount, ClientEntry, ClientInvitation
from .participation import Absence, Participation
from .partnership import Partnership, PartnershipPart, Programme, QuotedFigure
from .pathway import Pathway, PathwayAlias, StagePeriod
from .reading import ReadingThreshold
from .rights import RightsAnswer, RightsRequest
from .sharing import ReaderNaming, ShareLink, ShareOpening
from .timeline import Attachment, DropIn, Event, NextStep

__all__ = [
    "UNSETTLED",
    "Absence",
    "AccessLog",
    "AccessLogSubject",
    "AppointmentLink",
    "AssessmentItem",
    "Attachment",
    "CheckRun",
    "Client",
    "ClientAccount",
    "ClientEntry",
    "ClientInvitation",
    "ColumnMapping",
    "Consent",
    "DropIn",
    "EducationOption",
    "EndedPathways",
    "ErasedRecord",
    "Event",
    "FileToRemove",
    "Handoff",
    "ImportBatch",
    "ImportRow",
    "LegalGround",
    "NextStep",
    "OutsideLink",
    "Participation",
    "Partnership",
    "PartnershipPart",
    "Pathway",
    "PathwayAlias",
    "PathwayEnrolment",
    "Programme",
    "QuotedFigure",
    "ReaderNaming",
    "ReadingThreshold",
    "RetentionRule",
    "RightsAnswer",
    "RightsRequest",
    "ShareLink",
    "ShareOpening",
    "StagePeriod",
    "WorkPeriod",
    "WorkplacePeriod",
]
