"""Every named constraint of guidance, on both sides: what it refuses, and the nearest row that it lets through."""
import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from guidance.choices import HandoffState
from guidance.models import (
    Absence,
    AssessmentItem,
    Client,
    ClientAccount,
    ClientEntry,
    ClientInvitation,
    Consent,
    EducationOption,
    EndedPathways,
    Event,
    Handoff,
    ImportBatch,
    ImportRow,
    LegalGround,
    NextStep,
    Participation,
    Partnership,
    PartnershipPart,
    Pathway,
    Programme,
    QuotedFigure,
    ReadingThreshold,
    RetentionRule,
    RightsAnswer,
    RightsRequest,
    ShareLink,
    StagePeriod,
    WorkPeriod,
    WorkplacePeriod,
)
from tests.guidance.factories import (
    days_from_now,
    make_client,
    make_counsellor,
    make_handoff,
    make_item,
    make_option,
    make_organisation,
    make_pathway,
    make_workplace,
)

NOW = timezone.now


def set_on(model, **fields):
    return lambda m: model.objects.update(**fields)


def copy_of(model, **fields):
    """A second row like the first, but for some fields."""

    def make(m):
        row = model.objects.order_by("pk").first()
        row.pk, row._state.adding = None, True
        if hasattr(row, "token"):
            row.token = uuid.uuid4()
        if hasattr(row, "pseudonym"):
            row.pseudonym = "2222-3333"
        for name, value in fields.items():
            setattr(row, name, value(m) if callable(value) else value)
        row.save()

    return make


def stored(m) -> None:
    ImportBatch.objects.update(state="stored", stored_at=NOW(), stored_by=m.anna)


def answered(m, **fields) -> None:
    RightsAnswer.objects.update(answered_at=NOW(), answered_by=m.anna, **fields)


# name -> (what is refused, what passes), each a list of writes past the actions.
CONSTRAINTS = {
    "pathway_open_has_owner_and_stage": (
        [set_on(Pathway, process_owner=None), set_on(Pathway, process_person=None), set_on(Pathway, stage=""), set_on(Pathway, stage="nonsense")],
        [set_on(Pathway, stage="graduated"), lambda m: Pathway.objects.update(closed_at=NOW(), closed_by=m.anna, end_reason="died", outcome="unknown", process_person=None)],
    ),
    "pathway_end_is_whole": (
        [
            lambda m: Pathway.objects.update(closed_at=NOW(), closed_by=m.anna, end_reason="", outcome="unknown"),
            lambda m: Pathway.objects.update(closed_at=NOW(), closed_by=m.anna, end_reason="moved", outcome=""),
            lambda m: Pathway.objects.update(closed_at=NOW(), closed_by=None, end_reason="moved", outcome="unknown"),
            set_on(Pathway, end_reason="moved"), set_on(Pathway, outcome="unknown"), lambda m: Pathway.objects.update(closed_by=m.anna),
        ],
        [lambda m: Pathway.objects.update(closed_at=NOW(), closed_by=m.anna, end_reason="moved", outcome="unknown")],
    ),
    "pathway_one_open": (
        [copy_of(Pathway)],
        [copy_of(Pathway, client=lambda m: make_client()), copy_of(Pathway, closed_at=lambda m: NOW(), closed_by=lambda m: m.anna, end_reason="moved", outcome="unknown")],
    ),
    "stage_period_one_start": ([copy_of(StagePeriod)], [copy_of(StagePeriod, started_at=lambda m: NOW() + timedelta(seconds=1))]),
    "participation_once": (
        [copy_of(Participation)],
        [copy_of(Participation, organisation=lambda m: m.te, responsible=lambda m: m.taru), copy_of(Participation, ends_at=lambda m: NOW() + timedelta(seconds=1))],
    ),
    "participation_ends_after_start": (
        [lambda m: Participation.objects.update(ends_at=F("starts_at") - timedelta(seconds=1))],
        [lambda m: Participation.objects.update(ends_at=F("starts_at"))],
    ),
    "participation_consent_has_date": ([set_on(Participation, disclosure_basis="consent")], [set_on(Participation, disclosure_basis="consent", consented_on=days_from_now(0))]),
    "participation_statute_is_named": ([set_on(Participation, disclosure_basis="statute", disclosure_statute="")], [set_on(Participation, disclosure_basis="statute", disclosure_statute="keksitty")]),
    "handoff_has_one_receiver": (
        [set_on(Handoff, to_organisation=None), set_on(Handoff, to_outside="Keksitty")],
        [set_on(Handoff, to_organisation=None, to_outside="Keksitty")],
    ),
    "handoff_to_another": (
        [lambda m: Handoff.objects.update(to_organisation=m.city), lambda m: Handoff.objects.update(to_organisation=m.city, kind="transfer")],
        [lambda m: Handoff.objects.update(to_organisation=m.city, kind="assignment"), lambda m: Handoff.objects.update(to_organisation=m.city, kind="request_to_take")],
    ),
    "handoff_state_matches_facts": (
        [
            set_on(Handoff, state="accepted"), set_on(Handoff, state="accepted", answered_at=NOW()), set_on(Handoff, state="met", answered_at=NOW(), first_contact_at=NOW()),
            set_on(Handoff, state="declined"), set_on(Handoff, state="declined", answered_at=NOW()), set_on(Handoff, state="withdrawn"), set_on(Handoff, answered_at=NOW()),
            set_on(Handoff, met_at=NOW()), set_on(Handoff, withdrawn_at=NOW()), set_on(Handoff, state="nonsense"),
        ],
        [
            set_on(Handoff, state="accepted", answered_at=NOW(), first_contact_at=NOW()), set_on(Handoff, state="met", answered_at=NOW(), first_contact_at=NOW(), met_at=NOW()),
            set_on(Handoff, state="declined", answered_at=NOW(), decline_reason="Syy"), set_on(Handoff, state="withdrawn", withdrawn_at=NOW()),
            set_on(Handoff, state="withdrawn", withdrawn_at=NOW(), answered_at=NOW(), first_contact_at=NOW()),
        ],
    ),
    "handoff_statute_is_named": ([set_on(Handoff, basis_statute="")], [set_on(Handoff, basis="own", basis_statute="")]),
    "handoff_consent_has_date": ([set_on(Handoff, basis="consent")], [set_on(Handoff, basis="consent", consented_on=days_from_now(0))]),
    "handoff_decision_is_whole": (
        [set_on(Handoff, decided_by="Keksitty johtaja", decided_on=days_from_now(0)), set_on(Handoff, kind="transfer", decided_by="Keksitty johtaja"), set_on(Handoff, kind="transfer", decided_on=days_from_now(0))],
        [set_on(Handoff, kind="transfer", decided_by="Keksitty johtaja", decided_on=days_from_now(0)), set_on(Handoff, kind="transfer")],
    ),
    "handoff_one_open_to": ([copy_of(Handoff)], [copy_of(Handoff, to_organisation=lambda m: m.te), copy_of(Handoff, state=HandoffState.WITHDRAWN, withdrawn_at=lambda m: NOW())]),
    "handoff_one_open_transfer": (
        [lambda m: (Handoff.objects.update(kind="transfer"), copy_of(Handoff, to_organisation=lambda m: m.te)(m))],
        [copy_of(Handoff, to_organisation=lambda m: m.te, kind="transfer")],
    ),
    "consent_tells_one_body": (
        [set_on(Consent, outside="Keksitty paja"), set_on(Consent, organisation=None), set_on(Consent, organisation=None, outside="Keksitty paja")],
        [set_on(Consent, organisation=None, outside="Keksitty paja", scope="handoff"), set_on(Consent, scope="handoff")],
    ),
    "consent_end_is_whole": (
        [set_on(Consent, ended_at=NOW()), set_on(Consent, ended_at=NOW(), end="replaced"), set_on(Consent, end="withdrawn"), lambda m: Consent.objects.update(ended_by=m.anna), lambda m: Consent.objects.update(ended_by=m.anna, ended_at=NOW(), end="nonsense")],
        [lambda m: Consent.objects.update(ended_by=m.anna, ended_at=NOW(), end="withdrawn"), set_on(Consent, ended_at=NOW(), end="withdrawn"), set_on(Consent, ended_at=NOW(), end="expired")],
    ),
    "consent_ends_after_it_was_given": ([lambda m: Consent.objects.update(valid_until=days_from_now(-1))], [lambda m: Consent.objects.update(valid_until=days_from_now(0))]),
    "consent_one_in_force": (
        [copy_of(Consent)],
        [copy_of(Consent, organisation=lambda m: m.te), copy_of(Consent, ended_at=lambda m: NOW(), ended_by=lambda m: m.anna, end="replaced")],
    ),
    "consent_one_in_force_outside": (
        [lambda m: (Consent.objects.update(organisation=None, outside="Keksitty paja", scope="handoff"), copy_of(Consent)(m))],
        [lambda m: (Consent.objects.update(organisation=None, outside="Keksitty paja", scope="handoff"), copy_of(Consent, outside="Toinen paja")(m))],
    ),
    "event_writer_has_organisation": ([set_on(Event, organisation=None)], [set_on(Event, by=None, organisation=None)]),
    "event_check_in_says_how": ([set_on(Event, kind="check_in")], [set_on(Event, kind="check_in", check_in="well")]),
    "appointment_has_time": ([set_on(NextStep, kind="appointment")], [set_on(NextStep, kind="appointment", starts_at=NOW())]),
    "step_done_pair": ([lambda m: NextStep.objects.update(done_by=m.anna)], [lambda m: NextStep.objects.update(done_by=m.anna, done_at=NOW()), set_on(NextStep, done_at=NOW())]),
    "assessment_item_open_once": (
        [copy_of(AssessmentItem), copy_of(AssessmentItem, state="in_hand")],
        [copy_of(AssessmentItem, code="job_search"), copy_of(AssessmentItem, state="resolved", resolved_at=lambda m: NOW())],
    ),
    "assessment_item_resolved_pair": ([set_on(AssessmentItem, state="resolved"), set_on(AssessmentItem, resolved_at=NOW())], [set_on(AssessmentItem, state="resolved", resolved_at=NOW())]),
    "option_started_has_date": (
        [set_on(EducationOption, state="started", starts_on=None), set_on(EducationOption, state="completed", starts_on=None)],
        [set_on(EducationOption, state="admitted", starts_on=None)],
    ),
    "option_ends_after_start": (
        [set_on(EducationOption, starts_on=days_from_now(2), ended_on=days_from_now(1))],
        [set_on(EducationOption, starts_on=days_from_now(1), ended_on=days_from_now(1)), set_on(EducationOption, state="considered", starts_on=None, ended_on=days_from_now(1))],
    ),
    "workplace_period_ends_after_start": ([set_on(WorkplacePeriod, starts_on=days_from_now(2), ends_on=days_from_now(1))], [set_on(WorkplacePeriod, starts_on=days_from_now(1), ends_on=days_from_now(1))]),
    "work_period_ends_after_start": ([set_on(WorkPeriod, starts_on=days_from_now(2), ends_on=days_from_now(1))], [set_on(WorkPeriod, starts_on=days_from_now(1), ends_on=days_from_now(1))]),
    "absence_ends_after_start": ([set_on(Absence, ends_on=days_from_now(-1))], [set_on(Absence, ends_on=days_from_now(0))]),
    "absence_substitute_is_another": ([lambda m: Absence.objects.update(substitute=m.anna)], [lambda m: Absence.objects.update(substitute=m.lead)]),
    "client_protected_keeps_contact_address_only": (
        [set_on(Client, is_protected=True, phone="050"), set_on(Client, is_protected=True, email="a@example.org"), set_on(Client, is_protected=True, address="Tie 1"), set_on(Client, is_protected=True, municipality_code="905")],
        [set_on(Client, is_protected=True, contact_address="PL 1"), set_on(Client, phone="050", address="Tie 1")],
    ),
    "partnership_opens_complete": (
        [set_on(Partnership, lead=None), set_on(Partnership, roles_agreed_on=None), set_on(Partnership, roles_agreement=""), set_on(Partnership, dpia_reference="")],
        [set_on(Partnership, opened_at=None, lead=None, roles_agreed_on=None, roles_agreement="", dpia_reference="")],
    ),
    "partnership_substitute_is_another": ([lambda m: Partnership.objects.update(substitute=F("lead"))], [lambda m: Partnership.objects.update(substitute=m.anna)]),
    "partnership_ladder_rises": (
        [set_on(Partnership, remind_after=0), set_on(Partnership, colleagues_after=3), set_on(Partnership, lead_after=7)],
        [set_on(Partnership, remind_after=1, colleagues_after=2, lead_after=3)],
    ),
    "partnership_part_once": ([copy_of(PartnershipPart, part="other")], [copy_of(PartnershipPart, part="other", organisation=lambda m: make_organisation())]),
    "partnership_one_employment_part": ([copy_of(PartnershipPart, organisation=lambda m: make_organisation())], [copy_of(PartnershipPart, organisation=lambda m: make_organisation(), part="college")]),
    "programme_ended_is_historical": (
        [set_on(Programme, ended_on=days_from_now(0))],
        [set_on(Programme, ended_on=days_from_now(0), is_historical=True), set_on(Programme, is_historical=True)],
    ),
    "quoted_figure_almost_has_no_share": (
        [set_on(QuotedFigure, share_percent=22, is_almost=True), set_on(QuotedFigure, share_percent=40, is_percent=True)],
        [set_on(QuotedFigure, share_percent=22), set_on(QuotedFigure, is_almost=True)],
    ),
    "quoted_figure_once": ([copy_of(QuotedFigure)], [copy_of(QuotedFigure, code="toinen")]),
    "programme_once": ([copy_of(Programme)], [copy_of(Programme, code="toinen")]),
    "import_batch_same_file_once": (
        [lambda m: (stored(m), copy_of(ImportBatch)(m))],
        [copy_of(ImportBatch), lambda m: (stored(m), copy_of(ImportBatch, sha256="1" * 64)(m))],
    ),
    "import_batch_stored_is_whole": (
        [set_on(ImportBatch, state="stored"), set_on(ImportBatch, stored_at=NOW()), set_on(ImportBatch, stored_count=1), lambda m: ImportBatch.objects.update(stored_by=m.anna)],
        [lambda m: stored(m)],
    ),
    "event_taken_back_pair": (
        [lambda m: Event.objects.update(taken_back_at=NOW()), lambda m: Event.objects.update(taken_back_by=m.anna)],
        [lambda m: Event.objects.update(taken_back_at=NOW(), taken_back_by=m.anna)],
    ),
    "reading_threshold_once": ([copy_of(ReadingThreshold)], [copy_of(ReadingThreshold, rule="night"), copy_of(ReadingThreshold, organisation=lambda m: m.college)]),
    "reading_threshold_is_a_number": ([lambda m: ReadingThreshold.objects.update(threshold=0)], [lambda m: ReadingThreshold.objects.update(threshold=1)]),
    "legal_ground_version_once": ([copy_of(LegalGround, replaced_at=lambda m: NOW())], [copy_of(LegalGround, replaced_at=lambda m: NOW(), version=2)]),
    "legal_ground_one_current": ([copy_of(LegalGround, version=2)], [copy_of(LegalGround, slug="toinen")]),
    "legal_ground_unchecked_names_no_section": ([set_on(LegalGround, section="2 §")], [set_on(LegalGround, section="2 §", is_checked=True)]),
    "legal_ground_is_for_something": ([set_on(LegalGround, for_disclosure=False)], [set_on(LegalGround, for_disclosure=False, for_processing=True)]),
    "legal_ground_ends_after_start": (
        [lambda m: LegalGround.objects.update(since=days_from_now(1), until=days_from_now(0))], [lambda m: LegalGround.objects.update(since=days_from_now(0), until=days_from_now(0)), lambda m: LegalGround.objects.update(until=days_from_now(0))],
    ),
    "share_link_ends_after_start": ([lambda m: ShareLink.objects.update(ends_on=days_from_now(-1))], [lambda m: ShareLink.objects.update(ends_on=days_from_now(0))]),
    "pathway_restricted_pair": ([set_on(Pathway, restricted_at=NOW()), lambda m: Pathway.objects.update(restricted_by=m.lead)], [lambda m: Pathway.objects.update(restricted_at=NOW(), restricted_by=m.lead)]),
    "ended_pathways_once": ([copy_of(EndedPathways)], [copy_of(EndedPathways, year=2027), copy_of(EndedPathways, outcome="unknown")]),
    "retention_rule_once": ([copy_of(RetentionRule)], [copy_of(RetentionRule, what="notes"), copy_of(RetentionRule, organisation=lambda m: m.college)]),
    "retention_rule_months": ([set_on(RetentionRule, months=0), set_on(RetentionRule, months=601)], [set_on(RetentionRule, months=1), set_on(RetentionRule, months=600)]),
    "rights_answer_extension_is_whole": (
        [
            lambda m: RightsAnswer.objects.update(extended_at=NOW()), lambda m: RightsAnswer.objects.update(extended_by=m.anna, extension_reason="many"),
            lambda m: RightsAnswer.objects.update(extended_at=NOW(), extended_by=m.anna), lambda m: RightsAnswer.objects.update(extended_at=NOW(), extended_by=m.anna, extension_reason="holidays"),
        ],
        [lambda m: RightsAnswer.objects.update(extended_at=NOW(), extended_by=m.anna, extension_reason="many")],
    ),
    "rights_answer_once": ([copy_of(RightsAnswer)], [copy_of(RightsAnswer, organisation=lambda m: m.te)]),
    "rights_answer_is_whole": (
        [
            lambda m: answered(m, outcome="refused"), lambda m: answered(m, outcome="granted", reason="retention"), lambda m: answered(m, outcome="partly", reason="because"), lambda m: answered(m),
            set_on(RightsAnswer, outcome="granted"), lambda m: RightsAnswer.objects.update(answered_by=m.anna), lambda m: RightsAnswer.objects.update(done_at=NOW()),
        ],
        [lambda m: answered(m, outcome="granted", done_at=NOW()), lambda m: answered(m, outcome="refused", reason="retention")],
    ),
    "client_account_reason_in_words": ([lambda m: ClientAccount.objects.update(local_reason="other")], [lambda m: ClientAccount.objects.update(local_reason="other", local_text="Keksitty syy")]),
    "client_invitation_reason_in_words": ([lambda m: ClientInvitation.objects.update(local_text="Keksitty syy")], [lambda m: ClientInvitation.objects.update(local_reason="other", local_text="Keksitty syy")]),
    "client_invitation_ends_once": ([lambda m: ClientInvitation.objects.update(used_at=NOW(), revoked_at=NOW())], [lambda m: ClientInvitation.objects.update(revoked_at=NOW())]),
    "client_invitation_one_open": ([copy_of(ClientInvitation, key_hash="2" * 64)], [copy_of(ClientInvitation, key_hash="2" * 64, used_at=NOW())]),
    "entry_answer_is_whole": (
        [lambda m: ClientEntry.objects.update(answered_at=NOW()), lambda m: ClientEntry.objects.update(answer=Event.objects.last())],
        [lambda m: ClientEntry.objects.update(answered_at=NOW(), answered_by=m.anna)],
    ),
    "import_row_line_once": ([copy_of(ImportRow)], [copy_of(ImportRow, line=2)]),
}
# Named by other files of tests.
ELSEWHERE: set[str] = set()


@pytest.fixture
def everything(made):
    pathway = make_pathway(made)
    make_handoff(made, pathway)
    Consent.objects.create(pathway=pathway, organisation=made.college, scope="pathway", text_version=1, language="fi", given_on=days_from_now(0), recorded_at=NOW(), recorded_by=made.anna)
    make_item(pathway, made.anna)
    make_workplace(pathway, made.anna, make_option(pathway, made.anna, "started"))
    WorkPeriod.objects.create(pathway=pathway, starts_on=days_from_now(0), by=made.anna)
    Absence.objects.create(membership=made.anna, substitute=made.city_people[1], starts_on=days_from_now(0), ends_on=days_from_now(3))
    QuotedFigure.objects.create(partnership=made.partnership, code="keksitty", name_fi="Keksitty", value=10, began_on=NOW().date(), quote="keksitty", source="made for tests")
    Programme.objects.create(partnership=made.partnership, code="keksitty", name_fi="Keksitty", source="made for tests", kind="measure")
    batch = ImportBatch.objects.create(partnership=made.partnership, organisation=made.city, by=made.anna, uploaded_at=NOW(), file_name="lista.csv", sha256="0" * 64)
    ImportRow.objects.create(batch=batch, line=1)
    account = ClientAccount.objects.create(client=pathway.client, user=make_counsellor(made.city).user, joined_at=NOW())
    ClientInvitation.objects.create(client=pathway.client, email="asiakas@example.org", key_hash="1" * 64, by=made.anna, sent_at=NOW(), expires_at=NOW())
    ClientEntry.objects.create(pathway=pathway, account=account, kind="goal", event=pathway.events.first(), at=NOW())
    ReadingThreshold.objects.create(organisation=made.city, rule="many_clients", threshold=3)
    LegalGround.objects.create(slug="keksitty", statute_fi="Keksitty laki", title_fi="Keksitty", for_disclosure=True, source="made for tests")
    ShareLink.objects.create(pathway=pathway, label="työnantajalle", sections=["goal"], key_digest="0" * 64, starts_on=days_from_now(0), ends_on=days_from_now(1), made_at=NOW())
    request = RightsRequest.objects.create(pathway=pathway, pseudonym=pathway.pseudonym, kind="access", received_at=NOW())
    RightsAnswer.objects.create(request=request, organisation=made.city, asked_at=NOW(), due_on=days_from_now(30))
    EndedPathways.objects.create(partnership=made.partnership, year=2026, stage="graduated", end_reason="moved", outcome="employed", count=3)
    RetentionRule.objects.create(organisation=made.city, what="files", months=12)
    return made


def test_every_constraint_has_its_row():
    named = {constraint.name for model in apps.get_app_config("guidance").get_models() if not model.__name__.startswith("Historical") for constraint in model._meta.constraints}

    assert named - ELSEWHERE == set(CONSTRAINTS)


@pytest.mark.parametrize("name, way", [(name, way) for name, (refused, _passes) in CONSTRAINTS.items() for way in range(len(refused))])
def test_constraint_refuses(everything, name, way):
    with pytest.raises(IntegrityError), transaction.atomic():
        CONSTRAINTS[name][0][way](everything)


@pytest.mark.parametrize("name, way", [(name, way) for name, (_refused, passes) in CONSTRAINTS.items() for way in range(len(passes))])
def test_constraint_lets_through(everything, name, way):
    CONSTRAINTS[name][1][way](everything)
