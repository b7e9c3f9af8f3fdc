from .booking import Booking, BookingSeries, Occupancy, RejectedDate
from .calendar import TermPeriod
from .place import Place
from .resource import BusyTime, OpeningException, OpeningHours, Resource
from .service import SharedService

__all__ = [
    "Booking",
    "BookingSeries",
    "BusyTime",
    "Occupancy",
    "OpeningException",
    "OpeningHours",
    "Place",
    "RejectedDate",
    "Resource",
    "SharedService",
    "TermPeriod",
]
