"""What the shared services hold of people: who offered, asked, answered and decided. Nothing of a client: a seat has a reference and no name."""
from accounts.personal import Declarations, Kept, Personal, What, Who, Why
from services import models


def done_by(*names: str, words: tuple[str, ...] = (), kept: Kept = Kept.WORK) -> Personal:
    return Personal(Who.WORKER, Why.SHARING, kept, {What.ROLES: names} | ({What.WORDS: words} if words else {}))


DECLARED = Declarations(
    "services",
    {
        models.Agreement: done_by("created_by", words=("terms", "reason")),
        models.AgreementLine: None,
        models.AgreementParty: done_by("body", "accepted_by"),
        models.Booking: done_by("requested_by", "answered_by", "ended_by", words=("purpose", "reason")),
        models.BookingSeries: done_by("requested_by"),
        models.BusySource: done_by("created_by"),
        models.BusyTime: None,
        models.CourseRun: done_by("created_by", "called_off_by"),
        models.Enrolment: done_by("asked_by", "answered_by", "ended_by", words=("reason", "special_needs")),
        models.Favourite: done_by("user", kept=Kept.ACCOUNT),
        models.FeedAddress: done_by("membership", "revoked_by"),
        models.ListColumns: None,
        models.ListImport: done_by("by", "stored_by", kept=Kept.LIST),
        models.ListRow: None,
        models.Need: done_by("created_by", "ended_by"),
        models.NeedAnswer: done_by("answered_by", words=("text",)),
        models.Occupancy: None,
        models.OpeningException: None,
        models.OpeningHours: None,
        models.Place: None,
        models.Quota: None,
        models.RejectedDate: None,
        # A named person whose working time is lent.
        models.Resource: Personal(Who.WORKER, Why.SHARING, Kept.WORK, {What.IDENTITY: ("name_fi", "name_sv")}),
        models.SavedSearch: done_by("membership", "name", "query", kept=Kept.ACCOUNT),
        models.ServicePhoto: done_by("stored_by"),
        models.Settlement: done_by("drafted_by", words=("reason",)),
        models.SettlementAcceptance: done_by("accepted_by"),
        models.SettlementLine: None,
        models.SettlementShare: None,
        models.SharedService: Personal(Who.CONTACT, Why.SHARING, Kept.WORK, {What.CONTACT: ("contact_email", "contact_phone"), What.ROLES: ("created_by",)}),
        models.TermPeriod: None,
        models.TermRound: done_by("created_by", "confirmed_by"),
        models.Wish: done_by("wished_by", words=("purpose", "reason")),
        models.WishChange: done_by("changed_by", words=("reason",)),
    },
)
