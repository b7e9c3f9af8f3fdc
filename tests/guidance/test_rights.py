"""The register of what clients ask about their own data: the days, whose answer it is, and what a refusal must tell."""
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation

from accounts.models import User
from guidance.actions.handoffs import withdraw_handoff
from guidance.actions.merging import merge_pathways
from guidance.actions.pathways import close_pathway
from guidance.actions.rights import answer_request, extend_request, open_request
from guidance.choices import REFUSALS, RightsKind
from guidance.choices.rights import months_after
from guidance.models import ClientAccount, Pathway, RightsRequest
from pilots.choices import Role
from services.conflicts import Conflict
from tests.guidance.factories import make_counsellor, make_pathway, make_shared_pathway

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 1, 31, 9, tzinfo=HELSINKI)


@pytest.fixture
def officer(made):
    return make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)


@pytest.fixture
def college_lead(made):
    return make_counsellor(made.college, Role.PARTNERSHIP_LEAD)


def ask(pathway, made, kind=RightsKind.ACCESS, now=NOW, **fields) -> RightsRequest:
    return open_request(pathway=pathway, kind=kind, text="Keksitty pyyntö", now=now, by=made.anna, **fields)


@pytest.mark.parametrize("day, months, due", [(date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2026, 1, 31), 3, date(2026, 4, 30)), (date(2026, 11, 22), 1, date(2026, 12, 22)), (date(2026, 12, 15), 3, date(2027, 3, 15))])
def test_a_month_is_a_calendar_month(day, months, due):
    assert months_after(day, months) == due


def test_a_request_is_due_in_a_month_and_asked_of_every_organisation_that_holds_something(made):
    pathway = make_shared_pathway(made)

    request = ask(pathway, made)

    assert request.pseudonym == pathway.pseudonym
    assert {(answer.organisation, answer.due_on) for answer in request.answers.all()} == {(made.city, date(2026, 2, 28)), (made.college, date(2026, 2, 28))}
    assert {answer.organisation for answer in ask(pathway, made, RightsKind.RESTRICTION).answers.all()} == {made.city}


def test_one_form_sent_twice_is_one_request(made, pathway):
    token = "0b1f3c60-6f2f-4f6c-8a3e-000000000001"

    assert ask(pathway, made, token=token).pk == ask(pathway, made, token=token).pk


def test_whose_organisation_takes_no_part_writes_no_request_down(made, pathway):
    with pytest.raises(ValidationError):
        open_request(pathway=pathway, kind=RightsKind.ACCESS, text="", now=NOW, by=made.ossi)
    assert not RightsRequest.objects.exists()


def test_a_client_asks_about_nobody_else(made, pathway):
    own = make_pathway(made)
    user = User.objects.create_user("asiakas@example.org", None, name="Keksitty Asiakas")
    ClientAccount.objects.create(client=own.client, user=user, joined_at=NOW)

    assert open_request(pathway=own, kind=RightsKind.ACCESS, text="", now=NOW, by_user=user).by is None
    with pytest.raises(PermissionDenied):
        open_request(pathway=pathway, kind=RightsKind.ACCESS, text="", now=NOW, by_user=user)


def test_more_time_is_taken_once_and_within_the_first_month(made, pathway, officer):
    request = ask(pathway, made)

    assert extend_request(by=officer, request=request, reason="complex", now=NOW).due_on == date(2026, 4, 30)
    with pytest.raises(ValidationError):
        extend_request(by=officer, request=request, reason="complex", now=NOW)
    late = ask(pathway, made)
    with pytest.raises(ValidationError):
        extend_request(by=officer, request=late, reason="complex", now=datetime(2026, 3, 1, 9, tzinfo=HELSINKI))
    with pytest.raises(ValidationError):
        extend_request(by=officer, request=late, reason="holidays", now=NOW)


def test_more_time_of_one_organisation_is_nobody_elses(made, college_lead):
    request = ask(make_shared_pathway(made), made)

    extend_request(by=college_lead, request=request, reason="complex", now=NOW)

    assert [(one.organisation, one.due_on) for one in request.answers.all()] == [(made.city, date(2026, 2, 28)), (made.college, date(2026, 4, 30))]


def test_a_request_about_an_ended_pathway_is_asked_of_all_who_hold_something(made):
    pathway = make_shared_pathway(made)
    for handoff in pathway.handoffs.open():
        withdraw_handoff(by=made.anna, handoff=handoff)
    close_pathway(by=made.anna, pathway=pathway, end_reason="moved", outcome="unknown")

    request = ask(Pathway.objects.get(pk=pathway.pk), made, RightsKind.ERASURE)

    assert {answer.organisation for answer in request.answers.all()} == {made.city, made.college}


def test_each_organisation_answers_for_itself_and_once(made, officer, college_lead):
    request = ask(make_shared_pathway(made), made, RightsKind.ERASURE)

    answer_request(by=officer, request=request, outcome="refused", reason="retention", now=NOW)
    answer_request(by=college_lead, request=request, outcome="granted", reason="retention", now=NOW)

    assert [(one.organisation, one.outcome, one.reason) for one in request.answers.all()] == [(made.city, "refused", "retention"), (made.college, "granted", "")]
    assert not RightsRequest.objects.open().exists()
    with pytest.raises(Conflict):
        answer_request(by=made.lead, request=request, outcome="granted", now=NOW)


@pytest.mark.parametrize("outcome, reason", [("refused", ""), ("partly", ""), ("refused", "accurate"), ("", ""), ("perhaps", "retention")])
def test_a_refusal_has_a_reason_that_the_law_knows_for_that_request(made, pathway, officer, outcome, reason):
    request = ask(pathway, made, RightsKind.ERASURE)

    with pytest.raises(ValidationError):
        answer_request(by=officer, request=request, outcome=outcome, reason=reason, now=NOW)
    assert request.answers.waiting().count() == 1


def test_who_guides_or_was_not_asked_does_not_answer(made, pathway, college_lead):
    request = ask(pathway, made)

    for person in (made.anna, college_lead):
        with pytest.raises(PermissionDenied):
            answer_request(by=person, request=request, outcome="granted", now=NOW)
        with pytest.raises(PermissionDenied):
            extend_request(by=person, request=request, reason="many", now=NOW)


def test_every_kind_can_be_refused_with_a_sentence_of_its_own():
    assert set(REFUSALS) == set(RightsKind)
    for language in ("fi", "sv", "en"):
        with translation.override(language):
            assert all(len(str(reason.label).split()) > 4 for reasons in REFUSALS.values() for reason in reasons)


def test_a_merged_pathway_takes_its_requests_along(made, officer):
    kept, other = make_pathway(made), make_pathway(made)
    request = ask(other, made, now=timezone.now())

    merge_pathways(by=made.anna, keep=kept, other=other, is_same_person=True)

    request.refresh_from_db()
    assert request.pathway == kept
