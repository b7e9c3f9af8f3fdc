"""What people may ask about their own data, and how it is answered: General Data Protection Regulation (EU) 2016/679, articles 12 and 15 to 21."""
import calendar
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _


class RightsKind(models.TextChoices):
    ACCESS = "access", _("to see the data")
    PORTABILITY = "portability", _("to take the data along in a file")
    RECTIFICATION = "rectification", _("to have the data put right")
    RESTRICTION = "restriction", _("to have the use of the data restricted")
    ERASURE = "erasure", _("to have the data erased")
    OBJECTION = "objection", _("to object to the use of the data")


# Of the others every organisation answers for its own rows.
ANSWERED_BY_PROCESS_OWNER = frozenset({RightsKind.RECTIFICATION, RightsKind.RESTRICTION})
EXPORTED = frozenset({RightsKind.ACCESS, RightsKind.PORTABILITY})


class RightsOutcome(models.TextChoices):
    GRANTED = "granted", _("granted")
    PARTLY = "partly", _("granted in part")
    REFUSED = "refused", _("refused")


class RefusalReason(models.TextChoices):
    """Whole sentences: the client is told them as they stand, in the own language."""

    RETENTION = "retention", _("The law requires the organisation to keep this data (article 17(3)(b) of the General Data Protection Regulation).")
    STILL_NEEDED = "still_needed", _("The guidance goes on and needs this data for a task that the law gives to the organisation (article 17(1)(a) and (3)(b)).")
    LEGAL_CLAIM = "legal_claim", _("The data is needed for a legal claim (article 17(3)(e)).")
    OTHER_PEOPLE = "other_people", _("A part of the data is about somebody else, whose rights would suffer (article 15(4)).")
    ACCESS_LIMITED = "access_limited", _("The law limits the right to see this data (Data Protection Act, section 34).")
    NOT_PORTABLE = "not_portable", _("The organisation processes this data for a task given by law, not by consent or contract, so it need not be given in a file (article 20). The data can be seen all the same.")
    ACCURATE = "accurate", _("The organisation has looked at the data again and found it right (article 16).")
    NO_GROUND_TO_RESTRICT = "no_ground_to_restrict", _("None of the grounds for restricting the use of the data is there (article 18(1)).")
    WEIGHTIER_GROUND = "weightier_ground", _("The organisation has a ground for using the data that weighs more than the objection (article 21(1)).")
    LAW_NOT_INTEREST = "law_not_interest", _("The data is used because the law obliges to it, and that use cannot be objected to (article 21(1)).")
    NOT_IDENTIFIED = "not_identified", _("The organisation could not make sure who is asking (article 12(6)).")
    UNFOUNDED = "unfounded", _("The same has been asked again and again without a new ground (article 12(5)).")
    NOTHING_HELD = "nothing_held", _("The organisation holds no data of the client in this portal.")


_ALWAYS = (RefusalReason.NOT_IDENTIFIED, RefusalReason.UNFOUNDED, RefusalReason.NOTHING_HELD)
REFUSALS: dict[str, tuple[RefusalReason, ...]] = {
    RightsKind.ACCESS: (RefusalReason.OTHER_PEOPLE, RefusalReason.ACCESS_LIMITED, *_ALWAYS),
    RightsKind.PORTABILITY: (RefusalReason.NOT_PORTABLE, RefusalReason.OTHER_PEOPLE, *_ALWAYS),
    RightsKind.RECTIFICATION: (RefusalReason.ACCURATE, *_ALWAYS),
    RightsKind.RESTRICTION: (RefusalReason.NO_GROUND_TO_RESTRICT, *_ALWAYS),
    RightsKind.ERASURE: (RefusalReason.RETENTION, RefusalReason.STILL_NEEDED, RefusalReason.LEGAL_CLAIM, *_ALWAYS),
    RightsKind.OBJECTION: (RefusalReason.WEIGHTIER_GROUND, RefusalReason.LAW_NOT_INTEREST, RefusalReason.LEGAL_CLAIM, *_ALWAYS),
}


class ExtensionReason(models.TextChoices):
    """Article 12(3): the only two that the law knows."""

    COMPLEX = "complex", _("The request is complex.")
    MANY = "many", _("The organisation has had many requests.")


# Calendar months: to answer, and by how many more at most when the client has been told why within the first.
ANSWER_MONTHS, EXTENSION_MONTHS = 1, 2


def months_after(day: date, months: int) -> date:
    """The same day of a later calendar month, or that month's last day (Regulation (EEC, Euratom) No 1182/71, article 3(2)(c))."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


class Retained(models.TextChoices):
    """What an organisation can set a time for. All of it counts from a day that does not move, but for a pathway that is opened again."""

    PATHWAY = "pathway", _("Ended pathways")
    FILES = "files", _("Files of ended pathways")
    NOTES = "notes", _("Texts on the timeline of ended pathways")
    RIGHTS = "rights", _("Answered requests about the own data")


# From which day, and what then.
RETAINED_FROM = {
    Retained.PATHWAY: _("from the end of the pathway"),
    Retained.FILES: _("from the end of the pathway"),
    Retained.NOTES: _("from the end of the pathway"),
    Retained.RIGHTS: _("from the last answer"),
}
RETAINED_THEN = {
    Retained.PATHWAY: _("The client and everything about the pathway is removed; only counts by year are left."),
    Retained.FILES: _("The files are removed."),
    Retained.NOTES: _("The texts are emptied. What happened and when stays."),
    Retained.RIGHTS: _("The requests and their answers are removed."),
}
