"""The clients of one's organisation, and the search among those whom it may see."""
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from guidance.choices import Stage
from guidance.models import Event, Participation, Pathway
from guidance.models.client import fold_name
from guidance.queries.waiting import Desk
from pilots.models import Membership

ON_PAGE = 25
SHORTEST_PART = 3
# What a filter leaves is counted row by row, and every row costs.
MOST_COUNTED_OF_FILTERED = 100
NAME_KEY = "sort_key"
SHOWN_FIELDS = (
    "pathway__pseudonym", "pathway__stage", "pathway__next_due_on", "pathway__last_event_at", "pathway__waits_since", "pathway__partnership_id", "pathway__process_person_id",
    "pathway__guidance_lead_id", "pathway__study_counsellor_id", "pathway__client__family_name", "pathway__client__given_names", "pathway__client__is_protected", "responsible_id",
)

FOUND_FIELDS = ("pathway__pseudonym", "pathway__stage", "pathway__closed_at", "pathway__client__family_name", "pathway__client__given_names", "pathway__client__birth_date")


def participations_now(acting: Membership) -> QuerySet[Participation]:
    """One row for each open pathway in which the organisation takes part now; in an ended one nobody does."""
    return Participation.objects.filter(organisation=acting.organisation_id, ends_at=None)


def participations_seen(acting: Membership) -> QuerySet[Participation]:
    """Those and the ones of ended pathways that stay with the organisation which owned the process: one row for each
    pathway of `visible_pathways`, for the owner takes part to the end."""
    owned = Pathway.objects.filter(pk=OuterRef("pathway"), process_owner=acting.organisation_id).order_by()
    # A subquery and no join: it is asked of what has ended only.
    ended = Q(ends_at=Subquery(owned.values("closed_at")[:1]))
    # The index of parts of names takes the type of its column and no other.
    organisation = Cast(Value(acting.organisation_id), BigIntegerField())
    return Participation.objects.filter(Q(ends_at=None) | ended, organisation=organisation)


def listed(rows: QuerySet[Participation], acting: Membership) -> QuerySet[Participation]:
    """`last_read_at`: the last event that the organisation may read; another's private note moves it not."""
    events = Event.objects.filter(pathway=OuterRef("pathway")).counted().visible_to(acting.organisation_id).order_by("-at", "-id")
    # A subquery and no join: a small table would be joined by reading it whole for each row passed over.
    person = Membership.objects.filter(pk=OuterRef("responsible")).values("user__name")
    return rows.select_related("pathway__client").only(*SHOWN_FIELDS).annotate(person_name=Subquery(person[:1]), last_read_at=Subquery(events.values("at")[:1]))


@dataclass(frozen=True)
class ClientRow:
    pseudonym: str
    name: str
    stage: str
    due_on: date | None
    last_event_at: datetime
    person: str
    is_late: bool
    is_stale: bool
    is_waiting: bool
    is_protected: bool
    is_mine: bool

    @property
    def when(self) -> list[str]:
        """In words, made here: written in the template they were a tenth of the page's time."""
        words = [_("next step %(day)s") % {"day": date_format(self.due_on, "SHORT_DATE_FORMAT")}] if self.due_on else []
        if self.last_event_at:
            words.append(_("last event %(day)s") % {"day": date_format(timezone.localtime(self.last_event_at), "SHORT_DATE_FORMAT")})
        return words


def client_row(row: Participation, desk: Desk) -> ClientRow:
    pathway, client = row.pathway, row.pathway.client
    stale_days = desk.stale_after.get(pathway.partnership_id)
    return ClientRow(
        pseudonym=pathway.pseudonym,
        name=f"{client.family_name} {client.given_names}",
        stage=str(Stage(pathway.stage).label),
        due_on=pathway.next_due_on,
        last_event_at=row.last_read_at,
        person=row.person_name,
        is_late=pathway.next_due_on is not None and pathway.next_due_on < desk.today,
        is_stale=stale_days is not None and (desk.now - pathway.last_event_at).total_seconds() > stale_days * 86400,
        is_waiting=pathway.waits_since is not None,
        is_protected=client.is_protected,
        is_mine=desk.acting.pk in (pathway.process_person_id, pathway.guidance_lead_id, pathway.study_counsellor_id, row.responsible_id),
    )


def found_by(acting: Membership, *, name: str = "", birth_date: date | None = None) -> QuerySet[Participation]:
    """By a part of the name, in any spelling of accents and in any order of its words, and by birth date; by name."""
    rows = participations_seen(acting)
    for word in fold_name(name).split():
        rows = rows.filter(search_name__contains=word)
    if birth_date:
        rows = rows.filter(pathway__client__birth_date=birth_date)
    return rows.order_by(NAME_KEY, "pk")


def found_rows() -> QuerySet[Participation]:
    """What is shown of a row that was found."""
    return Participation.objects.select_related("pathway__client").only(*FOUND_FIELDS)
