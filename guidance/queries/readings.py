"""Who has read what: the read log as an organisation's data protection officer searches it."""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from guidance.choices import LogAction, Purpose
from guidance.models import AccessLog, AccessLogSubject, Pathway, PathwayAlias
from pilots.models import Membership, Organisation
from pilots.queries.keyset import MOST_COUNTED, KeysetPage, RowCount, page_of

ON_PAGE = 25


@dataclass(frozen=True)
class Asked:
    """What the log is narrowed by; `until` is the last day."""

    person: int | None = None
    pseudonym: str = ""
    action: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class ReadingRow:
    at: datetime
    # Of another organisation the person is not told.
    person: str
    organisation: str
    action: str
    purpose: str
    basis: str
    pseudonyms: tuple[str, ...]


def readings_of(acting: Membership, asked: Asked) -> QuerySet[AccessLog]:
    """Rows of the own organisation's people; of a client whose process it owns, those of every organisation."""
    names = names_of(acting, asked.pseudonym) if asked.pseudonym else []
    rows = AccessLog.objects.all() if names else AccessLog.objects.filter(organisation_id=acting.organisation_id)
    if asked.pseudonym:
        rows = rows.filter(pk__in=AccessLogSubject.objects.filter(pseudonym__in=names or [asked.pseudonym]).values("log_id"))
    if asked.person:
        rows = rows.filter(user_id=asked.person, organisation_id=acting.organisation_id)
    if asked.action:
        rows = rows.filter(action=asked.action)
    if asked.since:
        rows = rows.filter(at__gte=_start_of(asked.since))
    if asked.until:
        rows = rows.filter(at__lt=_start_of(asked.until + timedelta(days=1)))
    return rows


def names_of(acting: Membership, pseudonym: str) -> list[str]:
    """Every pseudonym of a pathway whose process the own organisation owns, by any of them; none of another's."""
    named = PathwayAlias.objects.filter(pseudonym=pseudonym).values("pathway")
    owned = Pathway.objects.filter(process_owner=acting.organisation_id)
    found = (owned.filter(pseudonym=pseudonym) | owned.filter(pk__in=named)).first()
    return [found.pseudonym, *found.aliases.values_list("pseudonym", flat=True)] if found else []


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def readings_page(acting: Membership, rows: QuerySet[AccessLog], *, after: str, before: str) -> KeysetPage:
    """The latest first. Five queries, however long the log."""

    def read(cursor: int | None, backwards: bool) -> list[AccessLog]:
        beside = rows.annotate(row_count=RowCount(rows, MOST_COUNTED + 1))
        if cursor is not None:
            beside = beside.filter(**{"pk__gt" if backwards else "pk__lt": cursor})
        return list(beside.order_by("pk" if backwards else "-pk")[: ON_PAGE + 1])

    page = page_of(read, size=ON_PAGE, after=after, before=before, most=MOST_COUNTED)
    return KeysetPage(_in_words(acting, page.rows), page.count, page.before, page.after)


def _in_words(acting: Membership, logs: Iterable[AccessLog]) -> list[ReadingRow]:
    logs = list(logs)
    subjects: dict[int, list[str]] = {}
    for log, pseudonym in AccessLogSubject.objects.filter(log_id__in=[log.pk for log in logs]).order_by("pseudonym").values_list("log_id", "pseudonym"):
        subjects.setdefault(log, []).append(pseudonym)
    people = people_named({log.user_id for log in logs if log.organisation_id == acting.organisation_id})
    organisations = Organisation.objects.in_bulk({log.organisation_id for log in logs if log.organisation_id})
    return [
        ReadingRow(
            at=log.at,
            person=people.get(log.user_id, ""),
            organisation=organisations[log.organisation_id].name if log.organisation_id in organisations else "",
            action=str(LogAction(log.action).label),
            purpose=str(Purpose(log.purpose).label),
            basis=log.basis,
            pseudonyms=tuple(subjects.get(log.pk, ())),
        )
        for log in logs
    ]


def people_named(ids: Iterable[int]) -> dict[int, str]:
    return {person.pk: str(person) for person in User.objects.filter(pk__in=ids)}


def readers(acting: Membership) -> list[tuple[int, str]]:
    """Everybody who acts or has acted for the organisation, by name."""
    people = User.objects.filter(memberships__organisation=acting.organisation_id).distinct()
    return sorted(((person.pk, str(person)) for person in people), key=lambda one: one[1].casefold())
