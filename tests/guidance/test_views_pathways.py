"""The page of one pathway and what is done from it: who sees it, what it costs, what it writes."""
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from guidance.actions.answers import decline_handoff
from guidance.actions.pathways import close_pathway
from guidance.actions.stages import is_met
from guidance.choices import BenefitDecision, EndReason, EventKind, HandoffState, OptionState, Outcome, Requirement, Stage
from guidance.models import AccessLog, Event, Handoff, Pathway
from guidance.queries.pathway_page import PathwayPage
from guidance.queries.pathway_rows import pathway_for_page
from tests.guidance.factories import (
    days_from_now,
    make_handoff,
    make_item,
    make_option,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    make_workplace,
    new_client,
)
from tests.guidance.test_views_handoffs import same_page
from tests.guidance.web import counted, logged, sign_in, told

# session, person, memberships, second factor; pathway with its short lists, participations, options, events; what waits; log, subject
PAGE_QUERIES = 11


def url(name: str, pathway: Pathway, *more) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym, *more])


@pytest.fixture
def anna(made):
    return sign_in(made.anna)


@pytest.fixture
def stranger(db):
    """A counsellor of a partnership that has nothing to do with the client."""
    return sign_in(make_partnership().anna)


def fill(made, pathway, rounds: int) -> None:
    for turn in range(rounds):
        option = make_option(pathway, made.anna, OptionState.STARTED)
        make_workplace(pathway, made.anna, option)
        pathway.events.create(kind="call", at=timezone.now() - timedelta(minutes=turn), by=made.anna, organisation=made.city, text=f"Puhelu {turn}")
        pathway.next_steps.create(what=f"Askel {turn}", due_on=days_from_now(turn), responsible=made.anna, created_by=made.anna, created_at=timezone.now())
        pathway.work_periods.create(employer="Keksitty työpaikka", starts_on=days_from_now(-9), by=made.anna)
    make_item(pathway, made.anna)


@pytest.mark.parametrize("rounds", [1, 3])
def test_pathway_page_asks_the_same_number_of_queries(made, anna, rounds):
    pathway = make_shared_pathway(made)
    fill(made, pathway, rounds)

    with counted() as statements:
        answer = anna.get(pathway.get_absolute_url())

    assert answer.status_code == 200
    assert f"Puhelu {rounds - 1}" in answer.content.decode()
    assert len(statements) == PAGE_QUERIES, told(statements)


def test_pathway_page_names_the_client_in_the_page_only(made, anna):
    pathway = make_pathway(made, client=new_client(family_name="Esimerkkinen", given_names="Keksi"))

    page = anna.get(pathway.get_absolute_url()).content.decode()

    title = page[page.index("<title>") : page.index("</title>")]
    assert title == f"<title>{pathway.pseudonym} - KOPA"
    assert page.count("Keksi Esimerkkinen") == 1


def test_pathway_page_writes_one_log_row_with_its_subject(made, anna):
    pathway = make_pathway(made)

    anna.get(pathway.get_absolute_url())

    assert logged() == [("view", "guidance:pathway_detail", [pathway.pseudonym])]


def test_pathway_page_foreign_equals_missing_and_is_refused_in_the_log(made, stranger):
    pathway = make_pathway(made)

    foreign = stranger.get(pathway.get_absolute_url())
    missing = stranger.get(reverse("guidance:pathway_detail", args=["2222-2222"]))

    def face(answer, pseudonym):
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
        return answer.status_code, len(answer.content), page.replace(pseudonym, "?"), {name: value for name, value in answer.items() if name not in ("Expires", "X-Request-ID")}

    assert face(foreign, pathway.pseudonym) == face(missing, "2222-2222")
    assert foreign.status_code == 404
    assert logged() == [("refusal", "guidance:pathway_detail", [pathway.pseudonym]), ("refusal", "guidance:pathway_detail", [])]


def test_pathway_page_pending_receiver_does_not_see_it_yet(made):
    pathway = make_pathway(made)
    make_handoff(made, pathway)

    assert sign_in(made.ossi).get(pathway.get_absolute_url()).status_code == 404


def test_pathway_page_ended_is_left_to_the_process_owner(made, anna):
    pathway = make_shared_pathway(made)
    close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.GOAL_REACHED, outcome=Outcome.EMPLOYED)

    page = anna.get(pathway.get_absolute_url())

    assert page.status_code == 200
    assert url("pathway_reopen", pathway) in page.content.decode()
    assert sign_in(made.ossi).get(pathway.get_absolute_url()).status_code == 404


def test_pathway_page_of_a_declined_hand_off_says_why_and_offers_another_receiver(made, anna):
    pathway = make_shared_pathway(made)
    handoff = decline_handoff(by=made.taru, handoff=make_handoff(made, pathway, to=made.te), reason="Ei keksittyä paikkaa")

    of_sender = [(thing.kind, thing.text, thing.url) for thing in PathwayPage(pathway_for_page(made.anna, pathway.pseudonym), made.anna, timezone.now()).attention if "Ei keksittyä" in thing.text]
    [of_another] = [thing.url for thing in PathwayPage(pathway_for_page(made.ossi, pathway.pseudonym), made.ossi, timezone.now()).attention if "Ei keksittyä" in thing.text]
    page = anna.get(pathway.get_absolute_url()).content.decode()

    assert [(kind, url) for kind, _text, url in of_sender] == [("danger", reverse("guidance:handoff_again", args=[handoff.pk]))]
    assert of_another == reverse("guidance:handoff_detail", args=[handoff.pk])
    assert f'href="{reverse("guidance:handoff_again", args=[handoff.pk])}"' in page
    assert pathway.next_steps.open().get(handoff=handoff).due_on == timezone.localdate()


def test_pathway_page_shows_what_is_late_or_undecided(made, anna):
    pathway = make_pathway(made)
    pathway.next_steps.update(due_on=days_from_now(-3))
    Pathway.objects.filter(pk=pathway.pk).update(last_event_at=timezone.now() - timedelta(days=31), waits_since=timezone.now(), basis_ends_on=days_from_now(5))
    make_option(pathway, made.anna, OptionState.ADMITTED, starts_on=days_from_now(9), benefit_decision=BenefitDecision.PENDING)
    make_handoff(made, pathway)
    Pathway.objects.filter(pk=pathway.pk).update(last_event_at=timezone.now() - timedelta(days=31))

    page = PathwayPage(pathway_for_page(made.anna, pathway.pseudonym), made.anna, timezone.now())

    assert [thing.kind for thing in page.attention] == ["danger", "waiting", "danger", "waiting", "waiting", "waiting"]
    assert page.attention[0].text.endswith("Keksitty askel")


def test_pathway_page_decided_benefit_is_no_red_item(made):
    pathway = make_pathway(made)
    make_option(pathway, made.anna, OptionState.ADMITTED, starts_on=days_from_now(9), benefit_decision=BenefitDecision.MADE)

    page = PathwayPage(pathway_for_page(made.anna, pathway.pseudonym), made.anna, timezone.now())

    assert page.attention == []


def test_pathway_page_needs_are_those_of_the_action(made):
    """What the page offers and what the action allows are one rule: every need over pathways with more and more in them."""
    pathway = make_pathway(made)
    growing = [
        lambda: None,
        lambda: make_item(pathway, made.anna),
        lambda: Pathway.objects.filter(pk=pathway.pk).update(guidance_lead=made.ossi),
        *(lambda state=state: make_option(pathway, made.anna, state) for state in OptionState),
        lambda: make_option(pathway, made.anna, OptionState.ADMITTED, starts_on=days_from_now(3)),
        lambda: make_option(pathway, made.anna, OptionState.STARTED, benefit_decision=BenefitDecision.NOT_NEEDED),
        lambda: make_workplace(pathway, made.anna),
    ]
    needs = [need for need in Requirement if need != Requirement.REASON]
    seen = set()

    for grow in growing:
        grow()
        fresh = Pathway.objects.get(pk=pathway.pk)
        page = PathwayPage(pathway_for_page(made.anna, pathway.pseudonym), made.anna, timezone.now())
        for need in needs:
            for target in (Stage.REGISTERED, Stage.STUDYING):
                assert page.is_met(need, target) == is_met(need, fresh, target=target), (need, target)
                seen.add((need, page.is_met(need, target)))

    assert {need for need, met in seen if met} == set(needs)


def test_pathway_page_keeps_protected_details_from_all_but_named_people(made, anna):
    pathway = make_pathway(made, by=made.city_people[1], client=new_client(is_protected=True, contact_address="Postilokero 1"))
    option = make_option(pathway, made.anna, OptionState.STARTED, provider_outside="Salattu opisto", distance_km=77)
    make_workplace(pathway, made.anna, option)
    pathway.next_steps.update(place="Salattu paikka")

    hidden = anna.get(pathway.get_absolute_url()).content.decode()
    pathway.client.named_people.add(made.anna)
    shown = anna.get(pathway.get_absolute_url()).content.decode()

    secrets = ("Salattu opisto", "Salattu paikka", "Keksitty työnantaja")
    assert [secret in hidden for secret in secrets] == [False, False, False]
    assert [secret in shown for secret in secrets] == [True, True, True]


@pytest.mark.parametrize("name, query", [("pathway_detail", ""), ("pathway_move", "?to=mapping"), ("pathway_timeline", ""), ("pathway_plain_text", ""), ("client_edit", "")])
def test_page_of_a_merged_pseudonym_leads_to_the_same_page_of_the_one_that_goes_on(made, anna, name, query):
    pathway = make_pathway(made)
    pathway.aliases.create(pseudonym="AAAA-2222", merged_at=timezone.now(), by=made.anna)

    answer = anna.get(reverse(f"guidance:{name}", args=["AAAA-2222"]) + query)

    assert (answer.status_code, answer["Location"]) == (301, url(name, pathway) + query)
    assert ("no-store" in answer["Cache-Control"], logged()) == (True, [])


def test_merged_pseudonym_is_missing_to_whoever_may_not_see_the_pathway(made, stranger):
    pathway = make_pathway(made)
    pathway.aliases.create(pseudonym="AAAA-2222", merged_at=timezone.now(), by=made.anna)

    merged, missing = (stranger.get(reverse("guidance:pathway_detail", args=[pseudonym])) for pseudonym in ("AAAA-2222", "AAAA-3333"))

    assert (merged.status_code, same_page(merged, missing)) == (404, True)
    assert [row[::2] for row in logged()] == [("refusal", [pathway.pseudonym]), ("refusal", [])]


def test_form_posted_to_a_merged_pseudonym_changes_nothing_and_opens_anew(made, anna):
    pathway = make_pathway(made)
    pathway.aliases.create(pseudonym="AAAA-2222", merged_at=timezone.now(), by=made.anna)

    answer = anna.post(reverse("guidance:pathway_end", args=["AAAA-2222"]), {"end_reason": EndReason.DIED, "outcome": Outcome.UNKNOWN})

    assert (answer.status_code, answer["Location"]) == (301, url("pathway_end", pathway))
    assert Pathway.objects.get(pk=pathway.pk).closed_at is None


# Moves, people, end ----------------------------------------------------------------------------


def test_move_is_made_and_tells_what_is_next_without_a_name(made, anna):
    pathway = make_pathway(made, client=new_client(family_name="Esimerkkinen"))

    answer = anna.post(url("pathway_move", pathway), {"target": Stage.IDENTIFICATION, "version": pathway.version, "reason": ""}, follow=True)

    assert answer.redirect_chain[-1] == (pathway.get_absolute_url(), 302)
    assert Pathway.objects.get(pk=pathway.pk).stage == Stage.IDENTIFICATION
    assert ["Esimerkkinen" in str(message) for message in answer.context["messages"]] == [False]


def test_move_that_lacks_something_is_not_offered_and_says_what(made, anna):
    pathway = make_pathway(made)
    Pathway.objects.filter(pk=pathway.pk).update(stage=Stage.IDENTIFICATION)

    page = anna.get(url("pathway_move", pathway))
    answer = anna.post(url("pathway_move", pathway), {"target": Stage.REFERRAL, "version": pathway.version, "reason": ""})

    assert [[str(thing) for thing in move.missing] for move in page.context["blocked"]] == [[str(Requirement.ASSESSED.label)]]
    assert answer.status_code == 422
    assert Pathway.objects.get(pk=pathway.pk).stage == Stage.IDENTIFICATION


def test_move_after_somebody_elses_move_is_a_conflict(made, anna):
    pathway = make_pathway(made)
    form = {"target": Stage.INTERRUPTED, "interruption": "work", "version": pathway.version, "reason": "Keksitty syy"}
    Pathway.objects.filter(pk=pathway.pk).update(stage=Stage.IDENTIFICATION, version=pathway.version + 1)

    answer = anna.post(url("pathway_move", pathway), form)

    assert answer.status_code == 409
    assert Pathway.objects.get(pk=pathway.pk).stage == Stage.IDENTIFICATION


def test_interruption_has_a_coded_reason_that_the_timeline_tells(made, anna):
    pathway = make_pathway(made)
    address = url("pathway_move", pathway)

    without = anna.post(address, {"target": Stage.INTERRUPTED, "version": pathway.version, "reason": "Keksitty syy"})
    anna.post(address, {"target": Stage.INTERRUPTED, "interruption": "family", "version": pathway.version, "reason": ""})

    assert (without.status_code, list(without.context["form"].errors)) == (422, ["interruption"])
    event = pathway.events.get(kind=EventKind.MOVE)
    assert (event.detail, event.text) == ({"from": Stage.REGISTERED, "to": Stage.INTERRUPTED, "interruption": "family"}, "")
    with translation.override("en"):
        assert "family reasons" in anna.get(pathway.get_absolute_url()).content.decode()


def test_return_asks_for_no_reason_of_an_interruption(made, anna):
    pathway = make_pathway(made)
    anna.post(url("pathway_move", pathway), {"target": Stage.INTERRUPTED, "interruption": "work", "version": pathway.version})

    form = anna.get(url("pathway_move", pathway)).context["form"]

    assert "interruption" not in form.fields


def test_move_back_asks_for_a_reason_and_returns(made, anna):
    pathway = make_pathway(made)

    without = anna.post(url("pathway_move", pathway), {"target": Stage.INTERRUPTED, "interruption": "other", "version": pathway.version, "reason": " "})
    anna.post(url("pathway_move", pathway), {"target": Stage.INTERRUPTED, "interruption": "work", "version": pathway.version, "reason": "Keksitty syy"})
    interrupted = Pathway.objects.get(pk=pathway.pk)
    offered = [move.target for move in anna.get(url("pathway_move", pathway)).context["page"].moves]
    anna.post(url("pathway_move", pathway), {"target": Stage.REGISTERED, "version": interrupted.version, "reason": "Paluu"})

    assert without.status_code == 422
    assert interrupted.stage == Stage.INTERRUPTED
    assert set(offered) == {Stage.REGISTERED, Stage.MAPPING}
    assert Pathway.objects.get(pk=pathway.pk).stage == Stage.REGISTERED


def test_end_and_reopen_of_a_pathway(made, anna):
    pathway = make_pathway(made)

    ended = anna.post(url("pathway_end", pathway), {"end_reason": EndReason.OWN_WISH, "outcome": Outcome.UNKNOWN, "text": ""})
    closed = Pathway.objects.get(pk=pathway.pk)
    opened = anna.post(url("pathway_reopen", pathway), {"reason": "Keksitty syy", "first_step": "Soitetaan", "first_due_on": "1.2.2199"})

    assert (ended.status_code, opened.status_code) == (302, 302)
    assert (closed.end_reason, closed.outcome) == (EndReason.OWN_WISH, Outcome.UNKNOWN)
    assert Pathway.objects.get(pk=pathway.pk).closed_at is None
    assert pathway.next_steps.open().get().what == "Soitetaan"


def test_end_with_an_open_handoff_is_refused_in_words(made, anna):
    pathway = make_pathway(made)
    make_handoff(made, pathway)

    answer = anna.post(url("pathway_end", pathway), {"end_reason": EndReason.OWN_WISH, "outcome": Outcome.UNKNOWN})

    assert answer.status_code == 422
    assert len(answer.context["form"].non_field_errors()) == 1
    assert Pathway.objects.get(pk=pathway.pk).closed_at is None


def test_responsible_person_changes_inside_the_process_owner(made, anna):
    pathway = make_shared_pathway(made)
    colleague = made.city_people[1]

    answer = anna.post(url("pathway_process_person", pathway), {"person": colleague.pk})
    foreign = anna.post(url("pathway_process_person", pathway), {"person": made.ossi.pk})

    assert (answer.status_code, foreign.status_code) == (302, 422)
    assert Pathway.objects.get(pk=pathway.pk).process_person_id == colleague.pk


def test_responsible_person_is_not_for_another_organisation_to_change(made):
    pathway = make_shared_pathway(made)

    answer = sign_in(made.ossi).post(url("pathway_process_person", pathway), {"person": made.city_people[1].pk})

    assert answer.status_code == 404
    assert logged()[-1] == ("refusal", "guidance:pathway_process_person", [pathway.pseudonym])


def test_study_counsellor_can_be_anyone_who_takes_part(made, anna):
    pathway = make_shared_pathway(made)

    anna.post(url("pathway_study_counsellor", pathway), {"person": made.ossi.pk})
    stranger = anna.post(url("pathway_study_counsellor", pathway), {"person": made.taru.pk})

    assert stranger.status_code == 422
    assert Pathway.objects.get(pk=pathway.pk).study_counsellor_id == made.ossi.pk


def test_participation_ends_for_the_leaver_and_hides_the_pathway_at_once(made):
    pathway = make_shared_pathway(made)
    Pathway.objects.filter(pk=pathway.pk).update(guidance_lead=made.anna)
    pathway.next_steps.open().update(responsible=made.anna)
    ossi = sign_in(made.ossi)

    answer = ossi.post(url("participation_end", pathway, made.college.pk), {"reason": "Keksitty syy"})

    assert (answer.status_code, answer["Location"]) == (302, reverse("guidance:waiting"))
    assert ossi.get(pathway.get_absolute_url()).status_code == 404


def test_participation_of_the_process_owner_is_not_ended(made, anna):
    pathway = make_shared_pathway(made)

    answer = anna.post(url("participation_end", pathway, made.city.pk), {"reason": "Keksitty syy"})

    assert answer.status_code == 422
    assert pathway.participations.filter(organisation=made.city, ends_at=None).exists()


# Goal and background ---------------------------------------------------------------------------


def goal_form(pathway, **changes) -> dict:
    return {"version": pathway.version, "target_group": "", "education_background": "unknown", "goal": "", "basis_ends_on": ""} | changes


def test_edit_saves_and_the_same_edit_on_an_old_state_is_told_both_versions(made, anna):
    pathway = make_pathway(made)

    first = anna.post(url("pathway_edit", pathway), goal_form(pathway, goal="Annan sana"))
    second = sign_in(made.city_people[1]).post(url("pathway_edit", pathway), goal_form(pathway, goal="Toisen sana"))

    page = second.content.decode()
    assert (first.status_code, second.status_code) == (302, 409)
    assert "Annan sana" in page
    assert "Toisen sana" in page
    assert Pathway.objects.get(pk=pathway.pk).goal == "Annan sana"


def test_edit_conflict_is_saved_deliberately(made, anna):
    pathway = make_pathway(made)
    anna.post(url("pathway_edit", pathway), goal_form(pathway, goal="Annan sana"))
    now = Pathway.objects.get(pk=pathway.pk)

    answer = anna.post(url("pathway_edit", pathway), goal_form(now, goal="Toisen sana"))

    assert answer.status_code == 302
    assert Pathway.objects.get(pk=pathway.pk).goal == "Toisen sana"


@pytest.mark.parametrize(
    "field,value",
    [("goal", "a\x00b"), ("goal", "x" * 2001), ("target_group", "made-up"), ("basis_ends_on", "31.2.2027"), ("basis_ends_on", "1.1.0001"), ("basis_ends_on", "2.1.2020"), ("version", "99999999999999999999"), ("version", "x")],
)
def test_edit_with_bad_input_names_the_field_and_writes_nothing(made, anna, field, value):
    pathway = make_pathway(made)

    answer = anna.post(url("pathway_edit", pathway), goal_form(pathway, **{field: value}))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Pathway.objects.get(pk=pathway.pk).version == pathway.version


# Who may not -----------------------------------------------------------------------------------

PAGES = [
    *("pathway_detail", "pathway_edit", "pathway_move", "pathway_end", "pathway_reopen", "pathway_process_person", "pathway_study_counsellor", "pathway_own_part"),
    *("pathway_timeline", "pathway_log", "attachment_add", "step_add", "assessment_add", "option_compare", "option_add", "workplace_add", "work_add"),
    *("pathway_text", "pathway_plain_text", "pathway_print", "pathway_export", "pathway_export_print"),
]


@pytest.mark.parametrize("name", PAGES)
def test_page_of_a_foreign_client_is_refused_and_of_an_own_one_is_logged(made, stranger, anna, name):
    pathway = make_pathway(made)

    refused = stranger.get(url(name, pathway))
    shown = anna.get(url(name, pathway))

    assert (refused.status_code, shown.status_code) == (404, 200)
    action = {"pathway_text": "print", "pathway_plain_text": "print", "pathway_print": "print", "pathway_export": "export", "pathway_export_print": "export"}.get(name, "view")
    assert logged() == [("refusal", f"guidance:{name}", [pathway.pseudonym]), (action, f"guidance:{name}", [pathway.pseudonym])]


@pytest.mark.django_db(transaction=True)
def test_refusal_is_committed_before_the_404_is_answered(at_once):
    made = make_partnership()
    pathway = make_pathway(made)
    stranger = sign_in(make_partnership().anna)

    answer = stranger.get(pathway.get_absolute_url())
    [seen] = at_once([lambda: list(AccessLog.objects.values_list("action", flat=True))])

    assert answer.status_code == 404
    assert seen == ["refusal"]


def test_row_of_another_pathway_is_refused_under_this_one(made, anna):
    pathway, other = make_pathway(made), make_pathway(made)
    step = other.next_steps.get()

    answer = anna.get(url("step_finish", pathway, step.pk))

    assert answer.status_code == 404
    assert logged() == [("refusal", "guidance:step_finish", [pathway.pseudonym])]


def test_pages_open_for_a_receiver_only_after_acceptance_and_close_when_declined(made):
    pathway = make_pathway(made)
    handoff = make_handoff(made, pathway)
    Handoff.objects.filter(pk=handoff.pk).update(state=HandoffState.DECLINED, answered_at=timezone.now(), decline_reason="Keksitty syy")

    assert sign_in(made.ossi).get(pathway.get_absolute_url()).status_code == 404
    assert Event.objects.filter(pathway=pathway).count() == 2


# Moves that are not there yet, and those of others ----------------------------------------------


def page_of(pathway, acting) -> PathwayPage:
    return PathwayPage(pathway_for_page(acting, pathway.pseudonym), acting, timezone.now())


def at_stage(pathway, *stages) -> Pathway:
    """Past the actions: the stages that the pathway has been at."""
    for turn, stage in enumerate(stages):
        pathway.stage_periods.create(stage=stage, started_at=timezone.now() + timedelta(seconds=turn))
    Pathway.objects.filter(pk=pathway.pk).update(stage=stages[-1])
    return Pathway.objects.get(pk=pathway.pk)


def test_missing_thing_of_a_move_leads_to_where_it_comes_to_be(made, anna):
    pathway = at_stage(make_pathway(made), Stage.IDENTIFICATION)

    [blocked] = [move for move in page_of(pathway, made.anna).moves if move.missing]

    assert [(str(thing), thing.url) for thing in blocked.missing] == [(str(Requirement.ASSESSED.label), url("assessment_add", pathway))]
    assert f'href="{url("assessment_add", pathway)}">{Requirement.ASSESSED.label}</a>' in anna.get(pathway.get_absolute_url()).content.decode()


def test_moves_of_others_name_who_makes_them(made, anna):
    pathway = at_stage(make_shared_pathway(made), Stage.STUDYING)

    others = dict(page_of(pathway, made.anna).moves_of_others)

    assert others[str(Stage.GRADUATED.label)] == [made.college.name]
    assert page_of(pathway, made.ossi).moves_of_others == []
    assert made.college.name in anna.get(pathway.get_absolute_url()).content.decode()


def test_return_from_an_interruption_is_first_to_the_stage_that_was_interrupted(made):
    pathway = at_stage(make_shared_pathway(made), Stage.MAPPING, Stage.PLANNING, Stage.INTERRUPTED)

    page = page_of(pathway, made.anna)

    assert [move.target for move in page.moves][0] == Stage.PLANNING
    assert page.moves[0].label == f"Back to “{Stage.PLANNING.label}”, which was interrupted"
