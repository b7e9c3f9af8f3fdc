from .area import AreaMembership, Goal, PilotArea, QuotedTotal, Round
from .contact import Contact
from .municipality import Indicator, Municipality, MunicipalityRegion, Region
from .organisation import EducationForm, EmploymentArea, Organisation, Unit
from .people import Invitation, JoinRequest, Membership

__all__ = [
    "AreaMembership",
    "Contact",
    "EducationForm",
    "EmploymentArea",
    "Goal",
    "Indicator",
    "Invitation",
    "JoinRequest",
    "Membership",
    "Municipality",
    "MunicipalityRegion",
    "Organisation",
    "PilotArea",
    "QuotedTotal",
    "Region",
    "Round",
    "Unit",
]
