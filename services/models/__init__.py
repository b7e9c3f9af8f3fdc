from .booking import Booking, BookingSeries, Occupancy, RejectedDate
from .calendar import TermPeriod
from .feed import FeedAddress
from .place import Place
from .resource import BusyTime, OpeningException, OpeningHours, Resource
from .service import SharedService

__all__ = [
    "Booking",
    "BookingSeries",
    "BusyTime",
    "FeedAddress",
    "Occupancy",
    "OpeningException",
    "OpeningHours",
    "Place",
    "RejectedDate",
    "Resource",
    "SharedService",
    "TermPeriod",
]
