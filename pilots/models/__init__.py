from .area import AreaMembership, Goal, PilotArea, QuotedTotal, Round
from .contact import Contact
from .cooperation import CooperationModel, ModelFile, ModelGoal, ModelLink, ModelPartner, ModelResult, ModelStatusPeriod
from .discussion import Comment, FaultReport
from .indicator import IndicatorImport, IndicatorValue, Measure, ReplacedValue
from .lawful import LawfulCooperation
from .municipality import Municipality, MunicipalityRegion, Region
from .obstacle import Obstacle, ObstacleEvent, ObstacleSupport, Proposal
from .organisation import EducationForm, EmploymentArea, Organisation, Unit
from .people import Invitation, JoinRequest, Membership
from .provision import Provision
from .publication import Publication
from .skill import FieldOfEducation, SkillNeed
from .token import ApiToken, RequestCount

__all__ = [
    "ApiToken",
    "AreaMembership",
    "Comment",
    "Contact",
    "CooperationModel",
    "EducationForm",
    "EmploymentArea",
    "FaultReport",
    "FieldOfEducation",
    "Goal",
    "IndicatorImport",
    "IndicatorValue",
    "Invitation",
    "JoinRequest",
    "LawfulCooperation",
    "Measure",
    "Membership",
    "ModelFile",
    "ModelGoal",
    "ModelLink",
    "ModelPartner",
    "ModelResult",
    "ModelStatusPeriod",
    "Municipality",
    "MunicipalityRegion",
    "Obstacle",
    "ObstacleEvent",
    "ObstacleSupport",
    "Organisation",
    "PilotArea",
    "Proposal",
    "Provision",
    "Publication",
    "QuotedTotal",
    "Region",
    "ReplacedValue",
    "RequestCount",
    "Round",
    "SkillNeed",
    "Unit",
]
