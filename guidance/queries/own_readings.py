"""Who has read about a client, as the client reads it: by organisation, when, what and on which ground. Own visits are left out."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guidance.choices import DisclosureBasis, LogAction, Purpose, Section
from guidance.models import AccessLog, AccessLogSubject, ClientAccount, Handoff, Participation, Pathway, PathwayAlias, ReaderNaming
from guidance.models.log import NOBODY
from guidance.queries.readings import people_named
from pilots.models import Organisation
from pilots.queries.keyset import MOST_COUNTED, KeysetPage, RowCount, page_of

ON_PAGE = 25
MOST_TOLD = 50
# What a page was, in plain words; the first beginning of its name that fits.
PAGES: tuple[tuple[str, str | Promise], ...] = (
    ("share_open", gettext_lazy("what you shared by a link")),
    ("outside_answer", gettext_lazy("a request about you, by its link")),
    ("reading_", gettext_lazy("the log of who has read what")),
    ("pathway_export", gettext_lazy("everything that is kept of you")),
    ("pathway_text", gettext_lazy("your plan as a text")),
    ("pathway_plain", gettext_lazy("your plan as a text")),
    ("pathway_print", gettext_lazy("your plan on paper")),
    ("pathway_timeline", gettext_lazy("what has happened")),
    ("pathway_grounds", gettext_lazy("grounds and consents")),
    ("consent_", gettext_lazy("grounds and consents")),
    ("handoff_list", gettext_lazy("a list of hand-offs")),
    ("handoff_", gettext_lazy("a hand-off")),
    ("attachment_", gettext_lazy("a file")),
    ("option_", gettext_lazy("education options")),
    ("course_", gettext_lazy("courses")),
    ("seat_", gettext_lazy("courses")),
    ("step_", gettext_lazy("next steps")),
    ("client_list", gettext_lazy("a list of clients")),
    ("client_search", gettext_lazy("a search for clients")),
    ("waiting", gettext_lazy("a list of what waits")),
    ("lead_", gettext_lazy("a list of clients without names")),
    ("import_", gettext_lazy("a list that was brought in")),
    ("client_", gettext_lazy("who you are and how to reach you")),
)
WITHOUT_PART: dict[str, str | Promise] = {
    Purpose.SHARED: gettext_lazy("You shared it yourself."),
    Purpose.LEAD: gettext_lazy("Following up that nobody is lost, without your name."),
    Purpose.PROTECTION: gettext_lazy("Supervising data protection."),
    Purpose.RIGHTS: gettext_lazy("Answering what you asked about your data."),
}


@dataclass(frozen=True)
class Place:
    """Where in the log a row is: what `page_of` walks by."""

    pk: int
    row_count: int


@dataclass(frozen=True)
class OwnReading:
    at: datetime
    # Empty for whoever was not signed in.
    organisation: str
    # Only where the organisation has chosen so.
    person: str
    action: str
    page: str
    ground: str


def pseudonyms_of(pathways: list[Pathway]) -> list[str]:
    return [*(one.pseudonym for one in pathways), *PathwayAlias.objects.filter(pathway__in=pathways).values_list("pseudonym", flat=True)]


def own_readings(account: ClientAccount, pathways: list[Pathway], *, after: str, before: str) -> KeysetPage:
    """The latest first, in as many queries however long the log is."""
    names = pseudonyms_of(pathways)
    # One name walks its index in the order of the log; several are sorted.
    subjects = AccessLogSubject.objects.filter(pseudonym=names[0]) if len(names) == 1 else AccessLogSubject.objects.filter(pseudonym__in=names)
    of_others = AccessLog.objects.filter(pk=OuterRef("log_id")).exclude(action=LogAction.OWN).exclude(user_id=account.user_id)
    rows = subjects.filter(Exists(of_others))

    def read(cursor: int | None, backwards: bool) -> list[Place]:
        beside = rows
        if cursor is not None:
            way = "gt" if backwards else "lt"
            # On both sides: a join of two walks in order would otherwise walk the log from its end to the page.
            beside = subjects.filter(Exists(of_others.filter(**{f"pk__{way}": cursor})), **{f"log_id__{way}": cursor})
        beside = beside.annotate(row_count=RowCount(rows, MOST_COUNTED + 1))
        return [Place(*one) for one in beside.order_by("log_id" if backwards else "-log_id").values_list("log_id", "row_count")[: ON_PAGE + 1]]

    page = page_of(read, size=ON_PAGE, after=after, before=before, most=MOST_COUNTED)
    return KeysetPage(_in_words(pathways, dict.fromkeys(place.pk for place in page.rows)), page.count, page.before, page.after)


def _in_words(pathways: list[Pathway], ids: Iterable[int]) -> list[OwnReading]:
    found = AccessLog.objects.in_bulk(list(ids))
    logs = [found[pk] for pk in ids if pk in found]
    organisations = Organisation.objects.in_bulk({log.organisation_id for log in logs if log.organisation_id})
    naming = set(ReaderNaming.objects.filter(organisation__in=organisations, shows_names=True).values_list("organisation", flat=True))
    people = people_named({log.user_id for log in logs if log.organisation_id in naming and log.user_id != NOBODY})
    parts = list(Participation.objects.filter(pathway__in=pathways).select_related("processing_ground", "disclosure_ground").order_by("starts_at"))
    return [
        OwnReading(
            at=log.at,
            organisation=organisations[log.organisation_id].name if log.organisation_id in organisations else "",
            person=people.get(log.user_id, "") if log.organisation_id in naming else "",
            action=str(LogAction(log.action).label),
            page=page_words(log.page),
            ground=_ground(log, parts),
        )
        for log in logs
    ]


def page_words(page: str) -> str:
    name = page.partition(":")[2]
    return str(next((words for beginning, words in PAGES if name.startswith(beginning)), None) or _("your file"))


def _ground(log: AccessLog, parts: list[Participation]) -> str:
    if log.action == LogAction.REFUSAL:
        return _("Nothing was shown.")
    if words := WITHOUT_PART.get(log.purpose):
        return str(words)
    for part in parts:
        if part.organisation_id == log.organisation_id and part.starts_at <= log.at and (part.ends_at is None or log.at <= part.ends_at):
            return grounds_in_words(part)
    return capfirst(str(DisclosureBasis(log.basis).label)) if log.basis in DisclosureBasis.values else ""


def grounds_in_words(part: Participation) -> str:
    """Both of a participation: on what it works itself, and on what it is told."""
    own = capfirst(part.get_processing_basis_display())
    words = _("%(basis)s: %(statute)s.") % {"basis": own, "statute": part.processing_words} if part.processing_words else _("%(basis)s.") % {"basis": own}
    if part.disclosure_basis == DisclosureBasis.OWN:
        return words
    told = part.get_disclosure_basis_display()
    more = _("Told on: %(basis)s, %(statute)s.") % {"basis": told, "statute": part.disclosure_words} if part.disclosure_words else _("Told on: %(basis)s.") % {"basis": told}
    return f"{words} {more}"


@dataclass(frozen=True)
class Told:
    """A hand-off: one organisation has told another one about the client."""

    at: datetime
    sender: str
    receiver: str
    sections: list[str]
    ground: str
    state: str


def told_of(pathways: list[Pathway]) -> list[Told]:
    """The latest first. Inside an organisation nobody else is told."""
    rows = Handoff.objects.filter(pathway__in=pathways).exclude(basis=DisclosureBasis.OWN).select_related("from_organisation", "to_organisation", "basis_ground").defer("snapshot_sent", "snapshot_answered").order_by("-sent_at", "-pk")[:MOST_TOLD]
    return [
        Told(
            at=one.sent_at, sender=one.from_organisation.name, receiver=one.receiver_name, sections=[str(section.label) for section in Section if section.value in one.sections],
            ground=f"{capfirst(one.get_basis_display())}: {one.basis_words}" if one.basis_words else capfirst(one.get_basis_display()), state=one.get_state_display(),
        )
        for one in rows
    ]  # fmt: skip
