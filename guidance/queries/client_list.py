"""The clients of one's organisation, and the search among those whom it may see."""
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import OuterRef, QuerySet, Subquery

from guidance.choices import Stage
from guidance.models import Event, Participation, Pathway
from guidance.models.client import fold_name
from guidance.queries.duplicates import visible_pathways
from guidance.queries.waiting import Desk
from pilots.models import Membership

ON_PAGE = 25
SHORTEST_PART = 3
NAME_KEY = "pathway__client__sort_key"
SHOWN_FIELDS = (
    "pathway__pseudonym", "pathway__stage", "pathway__next_due_on", "pathway__last_event_at", "pathway__waits_since", "pathway__partnership_id", "pathway__process_person_id",
    "pathway__guidance_lead_id", "pathway__study_counsellor_id", "pathway__client__family_name", "pathway__client__given_names", "pathway__client__is_protected", "responsible__user__name",
)


def participations_now(acting: Membership) -> QuerySet[Participation]:
    """One row for each open pathway in which the organisation takes part now."""
    return Participation.objects.filter(organisation=acting.organisation_id, ends_at=None, pathway__closed_at=None)


def listed(rows: QuerySet[Participation], acting: Membership) -> QuerySet[Participation]:
    """`last_read_at`: the last event that the organisation may read; another's private note moves it not."""
    events = Event.objects.filter(pathway=OuterRef("pathway")).visible_to(acting.organisation_id).order_by("-at", "-id")
    return rows.select_related("pathway__client", "responsible__user").only(*SHOWN_FIELDS).annotate(last_read_at=Subquery(events.values("at")[:1]))


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


def client_row(row: Participation, desk: Desk) -> ClientRow:
    pathway, client = row.pathway, row.pathway.client
    stale_days = desk.stale_after.get(pathway.partnership_id)
    return ClientRow(
        pseudonym=pathway.pseudonym,
        name=f"{client.family_name} {client.given_names}",
        stage=str(Stage(pathway.stage).label),
        due_on=pathway.next_due_on,
        last_event_at=row.last_read_at,
        person=row.responsible.user.name,
        is_late=pathway.next_due_on is not None and pathway.next_due_on < desk.today,
        is_stale=stale_days is not None and (desk.now - pathway.last_event_at).total_seconds() > stale_days * 86400,
        is_waiting=pathway.waits_since is not None,
        is_protected=client.is_protected,
        is_mine=desk.acting.pk in (pathway.process_person_id, pathway.guidance_lead_id, pathway.study_counsellor_id, row.responsible_id),
    )


def found_by(acting: Membership, *, name: str = "", birth_date: date | None = None) -> QuerySet[Pathway]:
    """By a part of the name, in any spelling of accents and in any order of its words, and by birth date.

    The clients are found first, by their own indexes, and only then asked whether they may be seen.
    """
    rows = visible_pathways(acting)
    for word in fold_name(name).split():
        rows = rows.filter(client__search_name__contains=word)
    if birth_date:
        rows = rows.filter(client__birth_date=birth_date)
    return rows.select_related("client").order_by("client__sort_key", "pk")
