from .agreement import Agreement, AgreementLine, AgreementParty
from .booking import Booking, BookingSeries, Occupancy, RejectedDate
from .busy import BusySource, BusyTime
from .calendar import TermPeriod
from .course import CourseRun, Enrolment, Quota
from .feed import FeedAddress
from .finding import Favourite, SavedSearch
from .imports import ListColumns, ListImport, ListRow
from .need import Need, NeedAnswer
from .photo import ServicePhoto
from .place import Place
from .resource import OpeningException, OpeningHours, Resource
from .round import TermRound, Wish, WishChange
from .service import SharedService
from .settlement import Settlement, SettlementAcceptance, SettlementLine, SettlementShare

__all__ = [
    "Agreement",
    "AgreementLine",
    "AgreementParty",
    "Booking",
    "BookingSeries",
    "BusySource",
    "BusyTime",
    "CourseRun",
    "Enrolment",
    "Favourite",
    "FeedAddress",
    "ListColumns",
    "ListImport",
    "ListRow",
    "Need",
    "NeedAnswer",
    "Occupancy",
    "OpeningException",
    "OpeningHours",
    "Place",
    "Quota",
    "RejectedDate",
    "Resource",
    "SavedSearch",
    "ServicePhoto",
    "Settlement",
    "SettlementAcceptance",
    "SettlementLine",
    "SettlementShare",
    "SharedService",
    "TermPeriod",
    "TermRound",
    "Wish",
    "WishChange",
]
