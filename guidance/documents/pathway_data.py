"""One client's whole path as data, as far as the organisation acted for may read it.

Complete from the first day on, so that what is written here is never locked in. Under non-disclosure address, place,
provider and employer are left out.
"""
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import models

from guidance.models import Event
from guidance.queries.consents import consents_of
from guidance.queries.pathway_page import PathwayPage
from guidance.queries.pathway_rows import SeatRow

FORMAT = "kopa-pathway-1"
CLIENT = ("family_name", "given_names", "birth_date", "service_language", "interpreter_language", "finnish_level", "swedish_level", "is_protected", "minor_actor", "minor_checked_on")
CLIENT_OPEN = ("phone", "email", "address", "municipality_code")
PATHWAY = (
    *("pseudonym", "stage", "target_group", "seeks_competence", "education_background", "goal", "opened_at", "closed_at", "end_reason", "outcome"),
    *("basis_ends_on", "next_due_on", "waits_since"),
)
PARTICIPATION = ("starts_at", "ends_at", "processing_basis", "processing_statute", "disclosure_basis", "disclosure_statute", "consented_on")
CONSENT = ("scope", "text_version", "language", "given_on", "recorded_at", "ended_at", "end")
STEP = ("kind", "what", "due_on", "starts_at", "minutes", "way", "interpreter", "created_at", "done_at", "attended")
OPTION = (
    *("kind", "title", "code_uri", "code_version", "state", "decides", "how_to_apply", "next_start_on", "benefit_effect", "cost_euros", "language_level"),
    *("applied_on", "starts_on", "ended_on", "benefit_decision", "hoks_on", "added_at", "changed_at"),
)
SEAT = ("state", "organisation", "asked_at", "held_until", "ended_at", "attended", "option")
SEAT_OPEN = ("course", "provider", "first_day", "last_day", "reason")
OPTION_OPEN = ("provider_outside", "distance_km", "applied_to", "hoks_teacher")
HANDOFF = (
    *("kind", "state", "to_outside", "basis", "basis_statute", "consented_on", "decided_by", "decided_on", "reason", "sections", "due_on", "sent_at", "answered_at", "answered_outside"),
    *("decline_reason", "first_contact_at", "first_contact_way", "met_at", "withdrawn_at", "paused_until", "pause_reason"),
)
EVENT = ("kind", "at", "text", "check_in", "visibility", "taken_back_at", "detail")
ITEM = ("kind", "code", "state", "noted_at", "resolved_at")


def plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value


def fields(row: models.Model | SeatRow, *names: str) -> dict:
    return {name: plain(getattr(row, name)) for name in names}


def who(membership) -> dict | None:
    return {"person": membership.user.name, "organisation": membership.organisation.name_fi} if membership else None


def pathway_data(page: PathwayPage, events: Iterable[Event], exported_at: datetime) -> dict:
    """`events`: what the organisation may read and wants in it, from `queries.timeline.events_for`; files come with their notes. A handful of queries."""
    pathway, client, rows = page.pathway, page.client, list(events)
    told = [_event(row) for row in rows]
    files = {file["id"] for row in rows for file in row.file_rows or []}
    is_open = not client.is_protected
    people = ("responsible__user", "responsible__organisation")
    return {
        "format": FORMAT,
        "exported_at": exported_at.isoformat(),
        "exported_for": page.acting.organisation.name_fi,
        "client": fields(client, *CLIENT, *(CLIENT_OPEN if is_open else ())),
        "pathway": fields(pathway, *PATHWAY) | {
            # Of what is told here: the pathway's own column counts the private notes of others too.
            "last_event_at": max((row["at"] for row in told if not row["taken_back_at"]), default=None),
            "partnership": pathway.partnership.name_fi,
            "process_owner": pathway.process_owner.name_fi if pathway.process_owner else None,
            "process_person": who(pathway.process_person),
            "guidance_lead": who(pathway.guidance_lead),
            "study_counsellor": who(pathway.study_counsellor),
        },
        "stages": [{"stage": row.stage, "started_at": plain(row.started_at), "ended_at": plain(row.ended_at), "by": row.by, "reason": row.reason} for row in page.stages],
        "participants": [fields(row, *PARTICIPATION) | {"organisation": row.organisation.name_fi, "responsible": row.responsible.user.name} for row in pathway.all_participations],
        "consents": [
            fields(row, *CONSENT) | {"to": row.receiver_name, "recorded_by": who(row.recorded_by)} for row in consents_of(pathway)
        ],
        "assessment": [fields(row, *ITEM) | {"measure": row.programme.name_fi if row.programme else None} for row in pathway.assessment_items.select_related("programme")],
        "options": [
            fields(row, *OPTION, *(OPTION_OPEN if is_open else ())) | ({"provider": row.provider.name_fi if row.provider else None} if is_open else {}) for row in pathway.all_options
        ],
        "seats": [fields(row, *SEAT, *(SEAT_OPEN if is_open else ())) for row in page.seats],
        "workplace_periods": [fields(row, "starts_on", "ends_on", *(("employer",) if is_open else ())) | {"option": row.option.title} for row in pathway.workplace_periods.select_related("option")],
        "work_periods": [fields(row, "starts_on", "ends_on", *(("employer",) if is_open else ())) for row in pathway.work_periods.all()],
        "next_steps": [fields(row, *STEP, *(("place",) if is_open else ())) | {"responsible": who(row.responsible)} for row in pathway.next_steps.select_related(*people)],
        "handoffs": [
            fields(row, *HANDOFF) | {"from": who(row.from_person), "to": row.to_organisation.name_fi if row.to_organisation else row.to_outside, "to_person": who(row.to_person)}
            for row in pathway.handoffs.select_related("from_person__user", "from_person__organisation", "to_organisation", "to_person__user", "to_person__organisation")
        ],
        "events": told,
        "files": [{"name": row.name, "size": row.size, "added_at": plain(row.added_at), "by": row.by} for row in page.files if row.pk in files],
    }


def _event(row: Event) -> dict:
    return fields(row, *EVENT) | {
        "by": row.by_name,
        "organisation": row.organisation.name_fi if row.organisation else None,
        "measure": row.measure,
        "readers": [reader["name"] for reader in row.reader_rows or []],
        "files": [{"name": file["name"], "size": file["size"]} for file in row.file_rows or []],
    }
