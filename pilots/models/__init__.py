from .area import AreaMembership, Goal, PilotArea, QuotedTotal, Round
from .contact import Contact
from .indicator import IndicatorImport, IndicatorValue, Measure, ReplacedValue
from .lawful import LawfulCooperation
from .municipality import Municipality, MunicipalityRegion, Region
from .obstacle import Obstacle, ObstacleEvent, ObstacleSupport, Proposal
from .organisation import EducationForm, EmploymentArea, Organisation, Unit
from .people import Invitation, JoinRequest, Membership
from .publication import Publication
from .skill import FieldOfEducation, SkillNeed

__all__ = [
    "AreaMembership",
    "Contact",
    "EducationForm",
    "EmploymentArea",
    "FieldOfEducation",
    "Goal",
    "IndicatorImport",
    "IndicatorValue",
    "Invitation",
    "JoinRequest",
    "LawfulCooperation",
    "Measure",
    "Membership",
    "Municipality",
    "MunicipalityRegion",
    "Obstacle",
    "ObstacleEvent",
    "ObstacleSupport",
    "Organisation",
    "PilotArea",
    "Proposal",
    "Publication",
    "QuotedTotal",
    "Region",
    "ReplacedValue",
    "Round",
    "SkillNeed",
    "Unit",
]
