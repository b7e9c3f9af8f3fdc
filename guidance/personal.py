"""What guidance holds of clients. The organisation that answers: the process owner for the pathway, the writer's for its own notes."""
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.personal import Declarations, Erasure, Kept, Personal, What, Who, Why
from guidance.models import (
    Absence,
    AccessLog,
    AccessLogSubject,
    AppointmentLink,
    AssessmentItem,
    Attachment,
    CheckRun,
    Client,
    ClientAccount,
    ClientEntry,
    ClientInvitation,
    ColumnMapping,
    Consent,
    DropIn,
    EducationOption,
    EndedPathways,
    ErasedRecord,
    Event,
    FileToRemove,
    Handoff,
    ImportBatch,
    ImportRow,
    LegalGround,
    NextStep,
    OutsideLink,
    Participation,
    Partnership,
    PartnershipPart,
    Pathway,
    PathwayAlias,
    PathwayEnrolment,
    Programme,
    QuotedFigure,
    ReaderNaming,
    ReadingThreshold,
    RetentionRule,
    RightsAnswer,
    RightsRequest,
    ShareLink,
    ShareOpening,
    StagePeriod,
    WorkPeriod,
    WorkplacePeriod,
)


def of_pathway(holds: dict[What, tuple[str, ...]], *, controller: str = "pathway__process_owner", route: str = "pathway__client", kept: Kept = Kept.PATHWAY, **more: Any) -> Personal:
    return Personal(Who.CLIENT, Why.GUIDANCE, kept, holds, route=route, controller=controller, **more)


ANSWERED = _("That it was asked and answered can be shown later, without a name.")
PSEUDONYMS_ONLY = _("Tells by a pseudonym who read or did what. It cannot be changed, and nothing is left that would tell whose the pseudonym was.")


CLIENTS = {
    Client: Personal(
        Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY,
        {
            What.IDENTITY: ("family_name", "given_names", "birth_date", "sort_key", "search_name"),
            What.CONTACT: ("phone", "email", "address", "contact_address", "municipality", "municipality_code", "is_protected", "named_people"),
            What.LANGUAGE: ("service_language", "interpreter_language", "finnish_level", "swedish_level"),
            What.SITUATION: ("minor_actor", "minor_checked_on"),
        },
        route="pk", controller="pathways__process_owner",
    ),
    Pathway: of_pathway(
        {
            What.IDENTITY: ("pseudonym",),
            What.SITUATION: ("stage", "target_group", "seeks_competence", "education_background", "end_reason", "outcome", "waits_since"),
            What.PLANS: ("goal", "next_due_on"),
            What.GROUNDS: ("basis_ends_on", "restricted_at"),
        },
        route="client", controller="process_owner",
    ),
    PathwayAlias: of_pathway({What.IDENTITY: ("pseudonym",)}),
    StagePeriod: of_pathway({What.SITUATION: ("stage", "started_at"), What.WORDS: ("reason",)}),
    AssessmentItem: of_pathway({What.SITUATION: ("kind", "code", "state", "programme", "noted_at", "resolved_at")}, controller="organisation", own=Erasure.DELETE),
    Participation: of_pathway(
        {
            What.IDENTITY: ("sort_key", "search_name", "birth_date"),
            What.GROUNDS: ("processing_basis", "processing_ground", "processing_statute", "disclosure_basis", "disclosure_ground", "disclosure_statute", "consented_on"),
            What.HANDING: ("organisation", "responsible", "starts_at", "ends_at"),
        },
        controller="organisation",
    ),
    Consent: of_pathway({What.GROUNDS: ("organisation", "outside", "scope", "sections", "valid_until", "text_version", "language", "given_on", "recorded_at", "ended_at", "end")}),
    EducationOption: of_pathway(
        {
            What.PLANS: (
                "kind", "title", "provider", "provider_outside", "state", "decides", "how_to_apply", "next_start_on", "benefit_effect", "language_level",
                "applied_to", "applied_on", "starts_on", "ended_on", "benefit_decision", "hoks_on", "hoks_teacher",
            ),
        },
        plain=("code_uri", "code_version"), workers=("hoks_teacher",),
    ),
    WorkplacePeriod: of_pathway({What.PLANS: ("employer", "starts_on", "ends_on")}),
    WorkPeriod: of_pathway({What.PLANS: ("employer", "starts_on", "ends_on")}),
    PathwayEnrolment: of_pathway({What.PLANS: ("enrolment", "told_state", "at")}, controller="by__organisation"),
    Handoff: of_pathway(
        {
            What.HANDING: (
                "kind", "state", "from_organisation", "to_organisation", "to_outside", "to_outside_email", "due_on", "sent_at", "answered_at", "first_contact_at",
                "first_contact_way", "met_at", "withdrawn_at", "paused_until", "sections", "snapshot_sent", "snapshot_answered",
            ),
            What.GROUNDS: ("basis", "basis_ground", "basis_statute", "consented_on", "decided_by", "decided_on"),
            What.WORDS: ("reason", "decline_reason", "pause_reason"),
        },
        workers=("decided_by",), controller="from_organisation",
    ),
    OutsideLink: of_pathway({What.HANDING: ("expires_at", "opened_at", "used_at")}, plain=("nonce",), route="handoff__pathway__client", controller="handoff__from_organisation"),
    ShareLink: of_pathway({What.HANDING: ("label", "sections", "starts_on", "ends_on", "made_at", "revoked_at")}, plain=("key_digest",)),
    ShareOpening: of_pathway({What.HANDING: ("at",)}, route="link__pathway__client", controller="link__pathway__process_owner"),
    Event: of_pathway({What.WORDS: ("text",), What.SITUATION: ("kind", "at", "check_in", "detail", "visibility", "shown_to", "programme", "taken_back_at")}, controller="organisation", kept=Kept.NOTES, own=Erasure.EMPTY, emptied={"text": ""}),
    NextStep: of_pathway({What.PLANS: ("kind", "what", "due_on", "starts_at", "minutes", "way", "place", "interpreter", "by_client", "done_at", "attended")}, controller="responsible__organisation", own=Erasure.EMPTY, emptied={"what": "", "place": ""}),
    Attachment: of_pathway({What.FILES: ("name", "content_type", "size", "visibility", "added_at")}, plain=("sha256",), controller="organisation", kept=Kept.FILES, own=Erasure.DELETE),
    ClientAccount: Personal(
        Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.SIGN_IN: ("user", "joined_at"), What.GROUNDS: ("local_reason", "local_text")}, route="client", controller="client__pathways__process_owner"
    ),
    ClientInvitation: Personal(
        Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.CONTACT: ("email",), What.LANGUAGE: ("language",), What.GROUNDS: ("local_reason", "local_text"), What.SIGN_IN: ("sent_at", "expires_at", "used_at", "revoked_at")},
        plain=("key_hash",), route="client", controller="by__organisation",
    ),
    AppointmentLink: of_pathway({What.USE: ("made_at", "expires_at", "opened_at")}, plain=("key_hash",), controller="by__organisation"),
    # Its words are the event's.
    ClientEntry: of_pathway({What.PLANS: ("kind", "step", "at", "answered_at")}),
    # A talk tells of nobody until it becomes the first event of a pathway.
    DropIn: of_pathway({What.SITUATION: ("at", "topic", "under_30")}, route="event__pathway__client", controller="organisation", erasure=Erasure.KEEP, stays=_("A talk without a name, counted. Nothing ties it to the client any more.")),
    ImportBatch: Personal(Who.CLIENT, Why.IMPORT, Kept.LIST, {What.FILES: ("file_name",), What.PLANS: ("first_step", "first_due_on")}, plain=("sha256", "header", "columns"), route="", erasure=Erasure.KEEP, stays=_("The list of an organisation. Its lines about the client are emptied.")),
    ImportRow: Personal(Who.CLIENT, Why.IMPORT, Kept.LIST, {What.IDENTITY: ("cells", "values", "likely")}, plain=("faults",), route="", erasure=Erasure.EMPTY, emptied={"cells": [], "values": {}, "likely": []}, stays=_("The number of the line stays in the list, without what stood on it.")),
    RightsRequest: Personal(Who.CLIENT, Why.RIGHTS, Kept.RIGHTS, {What.IDENTITY: ("pseudonym",), What.WORDS: ("text",), What.USE: ("kind", "received_at")}, route="pathway__client", controller="answers__organisation", erasure=Erasure.EMPTY, emptied={"text": ""}, stays=ANSWERED),
    RightsAnswer: Personal(Who.CLIENT, Why.RIGHTS, Kept.RIGHTS, {What.USE: ("asked_at", "due_on", "extended_at", "extension_reason", "outcome", "reason", "answered_at", "done_at")}, route="request__pathway__client", controller="organisation", erasure=Erasure.KEEP, stays=ANSWERED),
    # By pseudonym, in tables that cannot be changed: they outlive what they tell of.
    AccessLog: Personal(Who.CLIENT, Why.SUPERVISION, Kept.LOG, {What.USE: ("at", "user_id", "organisation_id", "action", "purpose", "basis")}, plain=("page",), route="", erasure=Erasure.KEEP, stays=PSEUDONYMS_ONLY),
    AccessLogSubject: Personal(Who.CLIENT, Why.SUPERVISION, Kept.LOG, {What.IDENTITY: ("pseudonym",)}, route="", erasure=Erasure.KEEP, stays=PSEUDONYMS_ONLY),
    CheckRun: Personal(Who.CLIENT, Why.SUPERVISION, Kept.LOG, {What.SITUATION: ("findings",)}, route="", erasure=Erasure.KEEP, stays=PSEUDONYMS_ONLY),
}  # fmt: skip

OTHERS = {
    Absence: Personal(Who.WORKER, Why.GUIDANCE, Kept.WORK, {What.ROLES: ("membership", "substitute", "starts_on", "ends_on")}),
    Partnership: Personal(Who.WORKER, Why.GUIDANCE, Kept.WORK, {What.ROLES: ("lead", "substitute")}),
    ColumnMapping: None,
    LegalGround: None,
    # Counts by year; a keyed hash; a random name of a file that is about to go.
    EndedPathways: None,
    ErasedRecord: None,
    FileToRemove: None,
    RetentionRule: None,
    PartnershipPart: None,
    Programme: None,
    QuotedFigure: None,
    ReaderNaming: None,
    ReadingThreshold: None,
}

DECLARED = Declarations("guidance", CLIENTS | OTHERS)
