from .area import AreaMembership, Goal, PilotArea, QuotedTotal, Round
from .contact import Contact
from .lawful import LawfulCooperation
from .municipality import Indicator, Municipality, MunicipalityRegion, Region
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
    "Indicator",
    "Invitation",
    "JoinRequest",
    "LawfulCooperation",
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
    "Round",
    "SkillNeed",
    "Unit",
]
