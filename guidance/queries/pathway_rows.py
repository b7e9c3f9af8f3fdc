"""What the page of one pathway reads: four queries whatever there is of it, and the rows that its short lists become.

Short lists (assessment, stages, steps, hand-offs, work, files) ride with the pathway's row; what grows long is the
timeline, by pages.
"""
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db.models import BigIntegerField, CharField, F, OuterRef, QuerySet, Subquery
from django.utils.translation import get_language

from guidance.choices import OPEN_HANDOFF, Move
from guidance.models import (
    UNSETTLED,
    AssessmentItem,
    Attachment,
    Client,
    ClientEntry,
    EducationOption,
    Event,
    Handoff,
    NextStep,
    Participation,
    PartnershipPart,
    Pathway,
    PathwayEnrolment,
    StagePeriod,
    WorkPeriod,
    WorkplacePeriod,
)
from guidance.queries.rows import JSONRows, name_in_language
from pilots.models import Membership
from pilots.queries.prepared import Given, Prepared
from services.choices import ENDED

MOST = 100
FILES_SHOWN = 10
NOT_SHOWN_OF_ORGANISATION = ("search_words", "note_fi", "note_sv", "note_en", "loaded")


def _without_notes(*paths: str) -> list[str]:
    return [f"{path}__{name}" for path in paths for name in NOT_SHOWN_OF_ORGANISATION]


def pathway_for_page(acting: Membership, pseudonym: str) -> Pathway | None:
    """The pathway with all that its page shows: three queries."""
    of_pathway, of_participations, of_options = _queries(get_language())
    for pathway in of_pathway.ask(pseudonym=pseudonym, organisation=acting.organisation_id):
        pathway.all_participations = of_participations.ask(pathway=pathway.pk)
        pathway.all_options = of_options.ask(pathway=pathway.pk)
        return pathway
    return None


@cache
def _queries(language: str) -> tuple[Prepared, Prepared, Prepared]:
    """The pathway, its participations, its options."""
    pathway = Given("pathway", BigIntegerField())
    options = EducationOption.objects.select_related("provider").defer(*_without_notes("provider")).order_by("added_at", "id")
    return (
        Prepared(_pathways(Given("organisation", BigIntegerField())).filter(pseudonym=Given("pseudonym", CharField()))),
        Prepared(_participations().filter(pathway=pathway)),
        Prepared(options.filter(pathway=pathway)),
    )


def _pathways(organisation: Given) -> QuerySet[Pathway]:
    """With all their short lists, of which files depend on the organisation that reads."""
    own = OuterRef("pk")
    return (
        Pathway.objects.select_related(
            "client__municipality", "partnership", "process_owner", "process_person__user", "guidance_lead__user", "guidance_lead__organisation", "study_counsellor__user", "study_counsellor__organisation"
        )
        .defer("partnership__loaded", *_without_notes("process_owner", "guidance_lead__organisation", "study_counsellor__organisation"))
        .annotate(
            named_rows=JSONRows(Client.named_people.through.objects.filter(client=OuterRef("client")).order_by("id")[:MOST], id=F("membership_id")),
            stage_rows=JSONRows(StagePeriod.objects.filter(pathway=own).order_by("started_at")[:MOST], stage=F("stage"), started_at=F("started_at"), by=F("by__user__name"), reason=F("reason")),
            assessment_rows=JSONRows(
                AssessmentItem.objects.filter(pathway=own).order_by("kind", "noted_at", "id")[:MOST],
                id=F("id"), kind=F("kind"), code=F("code"), state=F("state"), programme=name_in_language("programme", ("sv",)), noted_at=F("noted_at"), resolved_at=F("resolved_at"),
            ),
            workplace_rows=JSONRows(
                WorkplacePeriod.objects.filter(pathway=own).order_by("-starts_on", "-id")[:MOST], id=F("id"), employer=F("employer"), starts_on=F("starts_on"), ends_on=F("ends_on"), option=F("option__title")
            ),
            work_rows=JSONRows(WorkPeriod.objects.filter(pathway=own).order_by("-starts_on", "-id")[:MOST], id=F("id"), employer=F("employer"), starts_on=F("starts_on"), ends_on=F("ends_on")),
            step_rows=JSONRows(
                NextStep.objects.open().filter(pathway=own).order_by("due_on", "starts_at", "id")[:MOST],
                **{name: F(name) for name in ("id", "kind", "what", "due_on", "starts_at", "minutes", "way", "place", "interpreter", "handoff_id", "responsible_id")},
                responsible=F("responsible__user__name"),
                organisation=name_in_language("responsible__organisation"),
            ),
            handoff_rows=JSONRows(
                Handoff.objects.filter(pathway=own).order_by("-sent_at", "-id")[:MOST],
                **{name: F(name) for name in ("id", "kind", "state", "sent_at", "due_on", "first_contact_at", "met_at", "to_outside", "ladder_step", "decline_reason", "reason", "from_organisation_id")},
                receiver=name_in_language("to_organisation"),
                receiver_person=F("to_person__user__name"),
                sender=name_in_language("from_organisation"),
                sender_person=F("from_person__user__name"),
            ),
            seat_rows=JSONRows(
                PathwayEnrolment.objects.filter(pathway=own).order_by("-at", "-id")[:MOST],
                id=F("id"), option=F("option__title"), course=name_in_language("enrolment__run__service", ("sv",)), provider=name_in_language("enrolment__run__service__organisation"),
                organisation=name_in_language("enrolment__organisation"), organisation_id=F("enrolment__organisation_id"), run=F("enrolment__run_id"),
                **{name: F(f"enrolment__{name}") for name in ("state", "held_until", "asked_at", "ended_at", "reason", "attended")},
                **{name: F(f"enrolment__run__{name}") for name in ("first_day", "last_day")},
            ),
            entry_rows=JSONRows(ClientEntry.objects.unanswered().filter(pathway=own).order_by("at", "id")[:MOST], id=F("id"), kind=F("kind"), at=F("at")),
            file_rows=JSONRows(_readable_files(organisation).filter(pathway=own)[: FILES_SHOWN + 1], id=F("id"), name=F("name"), size=F("size"), added_at=F("added_at"), by=F("by__user__name")),
        )
    )


def _readable_files(organisation: Given) -> QuerySet[Attachment]:
    """A file is read by whoever may read the event that it came with."""
    return Attachment.objects.filter(event__in=Event.objects.filter(pathway=OuterRef("pathway")).visible_to(organisation)).order_by("-added_at", "-id")


def _participations() -> QuerySet[Participation]:
    part = PartnershipPart.objects.filter(partnership=OuterRef("pathway__partnership"), organisation=OuterRef("organisation")).values("part")[:1]
    return Participation.objects.select_related("organisation", "responsible__user").defer(*_without_notes("organisation")).annotate(part=Subquery(part)).order_by("starts_at", "id")


@dataclass(frozen=True)
class Missing:
    """What has to be there before a move, and the page on which it comes to be."""

    text: str
    url: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class ShownMove:
    """A move that the viewer's organisation may make; `missing` is what has to be there first."""

    move: Move
    target: str
    label: str
    back: bool
    asks_reason: bool
    missing: list[Missing]


@dataclass(frozen=True)
class Attention:
    """What is late or wrong, with the one thing to do about it."""

    kind: str
    text: str
    url: str
    action: str


@dataclass(frozen=True)
class StageRow:
    stage: str
    label: str
    started_at: datetime
    ended_at: datetime | None
    by: str
    reason: str


@dataclass(frozen=True)
class AssessmentRow:
    pk: int
    label: str
    state: str
    state_label: str
    programme: str
    noted_on: date


@dataclass(frozen=True)
class AssessmentGroup:
    kind: str
    label: str
    items: list[AssessmentRow]


@dataclass(frozen=True)
class PeriodRow:
    pk: int
    employer: str
    starts_on: date
    ends_on: date | None
    option: str


@dataclass(frozen=True)
class SeatRow:
    """A seat on a course. What tells where somebody is, is empty for who may not see it."""

    pk: int
    state: str
    state_label: str
    organisation: str
    organisation_pk: int
    option: str
    asked_at: datetime
    held_until: datetime | None
    ended_at: datetime | None
    attended: int | None
    run_pk: int
    course: str
    provider: str
    first_day: date | None
    last_day: date | None
    reason: str

    @property
    def is_active(self) -> bool:
        return self.state not in ENDED

    @property
    def waits(self) -> bool:
        return self.state in UNSETTLED


@dataclass(frozen=True)
class FileRow:
    pk: int
    name: str
    size: int
    added_at: datetime
    by: str


@dataclass(frozen=True)
class StepRow:
    pk: int
    kind: str
    kind_label: str
    what: str
    due_on: date
    starts_at: datetime | None
    minutes: int | None
    way: str
    place: str
    interpreter: bool
    responsible: str
    organisation: str
    is_mine: bool
    is_late: bool
    handoff_pk: int | None
    waits_to_be_met: bool
    was_declined: bool

    @property
    def is_appointment(self) -> bool:
        return self.starts_at is not None


@dataclass(frozen=True)
class HandoffRow:
    pk: int
    kind_label: str
    state: str
    state_label: str
    receiver: str
    receiver_person: str
    sender: str
    sender_person: str
    sent_at: datetime
    due_on: date
    first_contact_at: datetime | None
    met_at: datetime | None
    reason: str
    decline_reason: str
    sender_pk: int

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_HANDOFF
