from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditEvent
from guidance.actions.participations import end_participation, name_responsible
from guidance.actions.pathways import close_pathway, edit_pathway, open_pathway, reopen_pathway
from guidance.actions.stages import is_met, move_stage
from guidance.choices import MOVES, Actor, BenefitDecision, EndReason, EventKind, OptionState, Outcome, Requirement, Stage, find_move
from guidance.models import Client, DropIn, Event, NextStep, Participation, Pathway, StagePeriod
from guidance.permissions import capacities
from pilots.choices import Role
from services.conflicts import Conflict
from tests.guidance.factories import (
    accept,
    days_from_now,
    make_client,
    make_counsellor,
    make_handoff,
    make_item,
    make_option,
    make_organisation,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    make_workplace,
    meet,
    new_client,
    open_steps,
)


def opened(made, **fields):
    values = {"by": made.anna, "partnership": made.partnership, "client": new_client(), "first_step": "Askel", "first_due_on": days_from_now(7)} | fields
    return open_pathway(**values)


# Opening ------------------------------------------------------------------------------------------


def test_open_begins_with_everything(made, nobody_lost):
    pathway = opened(made)

    assert (pathway.stage, pathway.process_owner, pathway.process_person) == (Stage.REGISTERED, made.city, made.anna)
    assert [(p.organisation, p.responsible, p.processing_basis, p.disclosure_basis) for p in pathway.participations.all()] == [(made.city, made.anna, "statutory_task", "own")]
    assert [(step.responsible, step.due_on) for step in open_steps(pathway)] == [(made.anna, days_from_now(7))]
    assert pathway.stage_periods.count() == 1
    assert AuditEvent.objects.filter(verb="pathway_opened", target_id=str(pathway.pk)).count() == 1
    nobody_lost()


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"by": "ossi"}, "The employment service opens"),
        ({"by": "officer"}, "does not let you guide"),
        ({"by": "ended"}, "membership has ended"),
        ({"first_due_on": date(2020, 1, 1)}, "in the past"),
        ({"first_due_on": None}, "Choose the day"),
        ({"first_step": ""}, "blank"),
        ({"target_group": "nonsense"}, "not a valid choice"),
        ({"client": "future"}, "in the future"),
        ({"client": "nameless"}, "blank"),
        ({"client": "minor"}, "under 18"),
        ({"client": "minor, unasked"}, "under 18"),
        ({"client": "protected with a telephone"}, "Under non-disclosure"),
    ],
)
def test_open_refuses(made, changes, message):
    ended = make_counsellor(made.city)
    ended.ended_at, ended.end_reason = timezone.now(), "left"
    ended.save()
    young = timezone.localdate() - timedelta(days=16 * 365)
    named = {
        "ossi": made.ossi,
        "officer": make_counsellor(made.city, Role.EDUCATION_OFFICER),
        "ended": ended,
        "future": new_client(birth_date=days_from_now(1)),
        "nameless": new_client(family_name=""),
        "minor": new_client(birth_date=young),
        "minor, unasked": new_client(birth_date=young, minor_actor="guardian"),
        "protected with a telephone": new_client(is_protected=True, phone="050"),
    }
    changes = {name: named.get(value, value) if isinstance(value, str) else value for name, value in changes.items()}

    with pytest.raises(ValidationError, match=message):
        opened(made, **changes)

    assert not Pathway.objects.exists()
    assert not Client.objects.exists()


def test_open_minor_that_was_asked_about(made):
    client = new_client(birth_date=timezone.localdate() - timedelta(days=16 * 365), minor_actor="both", minor_checked_on=timezone.localdate())

    assert opened(made, client=client).client == client


def test_open_needs_an_open_partnership():
    made = make_partnership(is_open=False)

    with pytest.raises(ValidationError, match="not open yet"):
        opened(made)


test_open_needs_an_open_partnership = pytest.mark.django_db(test_open_needs_an_open_partnership)


def test_open_twice_for_a_client_is_refused(made):
    client = make_client()
    opened(made, client=client)

    with pytest.raises(ValidationError, match="already has an open pathway"):
        opened(made, client=client)


def test_open_same_token_is_one_client(made):
    token = uuid4()

    first, second = opened(made, token=token), opened(made, token=token)

    assert first == second
    assert Client.objects.count() == 1


def test_open_with_another_person_s_token_shows_nothing(made):
    token = uuid4()
    opened(made, token=token)

    with pytest.raises(ValidationError, match="used already"):
        opened(made, by=made.city_people[1], token=token)


def test_open_adopts_a_drop_in_talk(made, nobody_lost):
    talk = DropIn.objects.create(partnership=made.partnership, at=timezone.now() - timedelta(days=2), by=made.ossi, organisation=made.college, topic="education")

    pathway = opened(made, drop_in=talk)

    talk.refresh_from_db()
    assert (talk.event.pathway, talk.event.kind, talk.event.by, talk.event.at) == (pathway, EventKind.DROP_IN, made.ossi, talk.at)
    with pytest.raises(ValidationError, match="already belongs"):
        opened(made, drop_in=talk)
    nobody_lost()


# Moves: every row of the table --------------------------------------------------------------------


def satisfy(pathway, need, by, target) -> None:
    """What the requirement asks for, and no more than that."""
    {
        Requirement.ASSESSED: lambda: make_item(pathway, by),
        Requirement.LEAD_NAMED: lambda: None,
        Requirement.OPTION_CONSIDERED: lambda: make_option(pathway, by),
        Requirement.OPTION_CHOSEN: lambda: make_option(pathway, by, OptionState.CHOSEN),
        Requirement.OPTION_ADMITTED: lambda: make_option(pathway, by, OptionState.ADMITTED, starts_on=date(2026, 1, 1)),
        Requirement.OPTION_STARTED: lambda: make_option(pathway, by, OptionState.STARTED),
        Requirement.BENEFIT_DECIDED: lambda: make_option(pathway, by, OptionState.STARTED, benefit_decision=BenefitDecision.MADE),
        Requirement.WORKPLACE_PERIOD: lambda: make_workplace(pathway, by),
        Requirement.OPTION_COMPLETED: lambda: make_option(pathway, by, OptionState.COMPLETED),
        Requirement.BEEN_THERE: lambda: StagePeriod.objects.create(pathway=pathway, stage=target, started_at=pathway.opened_at - timedelta(days=9)),
        Requirement.REASON: lambda: None,
    }[need]()


def at_stage(made, stage, *, lead=True):
    """A pathway raw in a stage: the city owns, TE leads the guidance, the college takes part."""
    pathway = make_pathway(made)
    for person in (made.ossi, made.taru):
        Participation.objects.create(
            pathway=pathway, organisation=person.organisation, responsible=person, starts_at=timezone.now(), processing_basis="contract", disclosure_basis="statute", disclosure_statute="keksitty"
        )
    StagePeriod.objects.filter(pathway=pathway).update(stage=stage)
    Pathway.objects.filter(pk=pathway.pk).update(stage=stage, guidance_lead=made.taru if lead else None)
    return Pathway.objects.get(pk=pathway.pk)


def mover(made, actor):
    return {Actor.PROCESS_OWNER: made.anna, Actor.GUIDANCE_LEAD: made.taru, Actor.STAGE_PART: made.ossi}[actor]


def college_answers_for(made, *stages: str) -> None:
    """For these stages the college alone, for the others the employment service alone."""
    made.partnership.stage_parts = {stage: ["college" if stage in stages else "employment"] for stage in Stage.values}
    made.partnership.save()


ROWS = [pytest.param(move, id=f"{move.source}-{move.target}") for move in MOVES]


@pytest.mark.parametrize("move", ROWS)
def test_move_by_each_who_may_and_refused_for_others(made, move, nobody_lost):
    college_answers_for(made, move.source)
    for actor in Actor:
        pathway = at_stage(made, move.source)
        for need in move.needs:
            satisfy(pathway, need, made.anna, move.target)

        if actor in move.who:
            move_stage(by=mover(made, actor), pathway=pathway, target=move.target, reason="Syy", interruption="other")
            pathway.refresh_from_db()
            assert pathway.stage == move.target
            assert pathway.stage_periods.order_by("started_at").last().stage == move.target
            detail = {"from": move.source, "to": move.target} | ({"interruption": "other"} if move.target == Stage.INTERRUPTED else {})
            assert Event.objects.filter(pathway=pathway, kind=EventKind.MOVE, detail=detail).count() == 1
        else:
            with pytest.raises(ValidationError, match="does not make this move"):
                move_stage(by=mover(made, actor), pathway=pathway, target=move.target, reason="Syy", interruption="other")
            assert Pathway.objects.get(pk=pathway.pk).stage == move.source
    broken = {"stage_history_starts_late"} if Requirement.BEEN_THERE in move.needs else set()
    assert broken or nobody_lost() is None


def test_a_stage_is_moved_on_by_the_part_that_the_partnership_names_for_it(made):
    """Identifying needs is the employment service's; TE services may move it on only where the partnership says that they answer for it."""
    pathway = at_stage(made, Stage.IDENTIFICATION, lead=False)
    satisfy(pathway, Requirement.ASSESSED, made.anna, Stage.REFERRAL)
    with pytest.raises(ValidationError, match="does not make this move"):
        move_stage(by=made.taru, pathway=pathway, target=Stage.REFERRAL)

    made.partnership.stage_parts |= {Stage.IDENTIFICATION: ["te"]}
    made.partnership.save()

    assert move_stage(by=made.taru, pathway=pathway, target=Stage.REFERRAL).stage == Stage.REFERRAL


def test_the_employment_parts_stages_are_the_process_owners_after_a_transfer(made):
    """Whoever handed the process to another employment service answers for its stages no more."""
    pathway = at_stage(made, Stage.IDENTIFICATION, lead=False)
    other = make_counsellor(make_organisation("Toisen alueen työllisyyspalvelu"))
    Pathway.objects.filter(pk=pathway.pk).update(process_owner=other.organisation, process_person=other)

    assert Actor.STAGE_PART not in capacities(made.anna, Pathway.objects.get(pk=pathway.pk))
    assert capacities(other, Pathway.objects.get(pk=pathway.pk)) == {Actor.PROCESS_OWNER, Actor.STAGE_PART}


@pytest.mark.parametrize("move, missing", [pytest.param(move, need, id=f"{move.source}-{move.target}-{need}") for move in MOVES for need in move.needs])
def test_move_needs_each_of_its_requirements(made, move, missing):
    actor = next(actor for actor in (Actor.PROCESS_OWNER, Actor.STAGE_PART) if actor in move.who)
    college_answers_for(made, move.source)
    pathway = at_stage(made, move.source, lead=missing != Requirement.LEAD_NAMED)
    for need in move.needs:
        if need != missing and not (missing == Requirement.OPTION_STARTED and need == Requirement.BENEFIT_DECIDED):
            satisfy(pathway, need, made.anna, move.target)

    with pytest.raises(ValidationError, match=str(Requirement(missing).label)):
        move_stage(by=mover(made, actor), pathway=pathway, target=move.target, reason="" if missing == Requirement.REASON else "Syy", interruption="other")

    assert Pathway.objects.get(pk=pathway.pk).stage == move.source


@pytest.mark.parametrize("source", Stage.values)
def test_every_move_that_is_not_in_the_table_is_refused(made, source):
    pathway = at_stage(made, source)
    for target in Stage.values:
        if target != source and find_move(source, target) is None:
            with pytest.raises(ValidationError, match="not possible from the stage"):
                move_stage(by=made.anna, pathway=pathway, target=target, reason="Syy", interruption="other")


def test_interruption_is_no_way_round(made):
    """Studying, interrupted, and then a qualification that nobody completed: refused."""
    pathway = at_stage(made, Stage.STUDYING)
    move_stage(by=made.anna, pathway=pathway, target=Stage.INTERRUPTED, interruption="work", reason="Muutto")

    with pytest.raises(ValidationError, match="an earlier time in that stage"):
        move_stage(by=made.anna, pathway=pathway, target=Stage.GRADUATED, reason="Valmis")
    assert move_stage(by=made.anna, pathway=pathway, target=Stage.STUDYING, reason="Palasi").stage == Stage.STUDYING


@pytest.mark.parametrize("code", ["", "illness"])
def test_interruption_needs_a_code_that_there_is(made, pathway, code):
    with pytest.raises(ValidationError) as refusal:
        move_stage(by=made.anna, pathway=pathway, target=Stage.INTERRUPTED, reason="Syy", interruption=code)

    assert list(refusal.value.message_dict) == ["interruption"]


def test_interruption_is_told_by_its_code_and_another_reason_by_its_words(made, pathway):
    with pytest.raises(ValidationError, match="a reason"):
        move_stage(by=made.anna, pathway=pathway, target=Stage.INTERRUPTED, reason=" ", interruption="other")

    assert move_stage(by=made.anna, pathway=pathway, target=Stage.INTERRUPTED, interruption="family").stage == Stage.INTERRUPTED


def test_code_of_an_interruption_is_kept_by_no_other_move(made, pathway):
    move_stage(by=made.anna, pathway=pathway, target=Stage.IDENTIFICATION, interruption="work")

    assert pathway.events.get(kind=EventKind.MOVE).detail == {"from": Stage.REGISTERED, "to": Stage.IDENTIFICATION}


def test_move_is_not_made_by_an_outsider_nor_on_an_ended_pathway(made, pathway):
    with pytest.raises(ValidationError, match="does not take part"):
        move_stage(by=made.ossi, pathway=pathway, target=Stage.IDENTIFICATION)
    close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.MOVED, outcome=Outcome.UNKNOWN)
    with pytest.raises(ValidationError, match="has ended"):
        move_stage(by=made.anna, pathway=pathway, target=Stage.IDENTIFICATION)


def test_move_twice_is_once_and_an_old_page_conflicts(made, pathway):
    seen = pathway.version
    for _turn in range(2):
        move_stage(by=made.anna, pathway=pathway, target=Stage.IDENTIFICATION, version=seen)

    assert pathway.stage_periods.count() == 2
    with pytest.raises(Conflict):
        move_stage(by=made.anna, pathway=pathway, target=Stage.INTERRUPTED, interruption="work", reason="Syy", version=seen)


def test_what_is_over_does_not_carry_a_new_round(made, pathway):
    make_option(pathway, made.anna, OptionState.COMPLETED)
    make_option(pathway, made.anna, OptionState.DROPPED)

    assert not is_met(Requirement.OPTION_CONSIDERED, pathway)
    assert not is_met(Requirement.OPTION_CHOSEN, pathway)


# Editing ------------------------------------------------------------------------------------------


def test_edit_and_its_conflict(made, pathway):
    seen = pathway.version
    edit_pathway(by=made.anna, pathway=pathway, version=seen, goal="Lähihoitaja", target_group="no_qualification")

    with pytest.raises(Conflict):
        edit_pathway(by=made.city_people[1], pathway=pathway, version=seen, goal="Kokki")

    pathway.refresh_from_db()
    assert (pathway.goal, pathway.target_group, pathway.version) == ("Lähihoitaja", "no_qualification", seen + 1)
    assert "Lähihoitaja" not in str(list(AuditEvent.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize("fields", [{"stage": "graduated"}, {"process_person_id": 1}, {"target_group": "nonsense"}, {"basis_ends_on": date(2020, 1, 1)}])
def test_edit_refuses(made, pathway, fields):
    with pytest.raises(ValidationError):
        edit_pathway(by=made.anna, pathway=pathway, version=pathway.version, **fields)


# Ending and beginning again -----------------------------------------------------------------------


def closed(made, pathway, **fields):
    values = {"by": made.anna, "end_reason": EndReason.GOAL_REACHED, "outcome": Outcome.EMPLOYED} | fields
    return close_pathway(pathway=pathway, **values)


def test_close_ends_all_work(made, nobody_lost):
    pathway = make_shared_pathway(made)

    closed(made, pathway)

    pathway.refresh_from_db()
    assert (pathway.end_reason, pathway.outcome, pathway.closed_by, pathway.next_due_on) == (EndReason.GOAL_REACHED, Outcome.EMPLOYED, made.anna, None)
    assert not NextStep.objects.open().filter(pathway=pathway).exists()
    assert not Participation.objects.filter(pathway=pathway, ends_at=None).exists()
    nobody_lost()


@pytest.mark.parametrize("fields", [{"end_reason": ""}, {"outcome": ""}, {"end_reason": "nonsense"}, {"outcome": "nonsense"}])
def test_close_needs_reason_and_outcome(made, pathway, fields):
    with pytest.raises(ValidationError):
        closed(made, pathway, **fields)
    assert Pathway.objects.get(pk=pathway.pk).closed_at is None


def test_close_only_by_the_owner_and_without_open_hand_off(made):
    pathway = make_shared_pathway(made)
    with pytest.raises(ValidationError, match="Only the organisation that owns"):
        closed(made, pathway, by=made.ossi)
    accept(make_handoff(made, pathway, to=made.te), made.taru)
    with pytest.raises(ValidationError, match="hand-off is still open"):
        closed(made, pathway)


def reopened(made, pathway, **fields):
    values = {"by": made.anna, "reason": "Palasi", "first_step": "Askel", "first_due_on": days_from_now(3)} | fields
    return reopen_pathway(pathway=pathway, **values)


def test_reopen_has_owner_step_and_stage(made, pathway, nobody_lost):
    closed(made, pathway)
    Pathway.objects.update(basis_ends_on=date(2020, 1, 1))

    reopened(made, pathway, by=made.city_people[1])

    pathway.refresh_from_db()
    assert (pathway.closed_at, pathway.process_person, pathway.stage, pathway.basis_ends_on) == (None, made.city_people[1], Stage.REGISTERED, None)
    assert [step.due_on for step in open_steps(pathway)] == [days_from_now(3)]
    assert pathway.stage_periods.count() == 2
    assert reopened(made, pathway) == pathway
    assert len(open_steps(pathway)) == 1
    nobody_lost()


@pytest.mark.parametrize("fields, message", [({"by": "ossi"}, "owned the process"), ({"reason": " "}, "why"), ({"first_due_on": date(2020, 1, 1)}, "past")])
def test_reopen_refuses(made, pathway, fields, message):
    closed(made, pathway)
    fields = {name: made.ossi if value == "ossi" else value for name, value in fields.items()}

    with pytest.raises(ValidationError, match=message):
        reopened(made, pathway, **fields)


def test_reopen_beside_a_new_pathway_is_refused(made, pathway):
    closed(made, pathway)
    opened(made, client=pathway.client)

    with pytest.raises(ValidationError, match="already has an open pathway"):
        reopened(made, pathway)


# Taking part --------------------------------------------------------------------------------------


def left(made, pathway, organisation, by=None, reason="Valmis"):
    end_participation(by=by or made.anna, pathway=pathway, organisation_id=organisation.pk, reason=reason)


def test_leave_when_nothing_is_answered_for(made, nobody_lost):
    pathway = make_shared_pathway(made)
    Pathway.objects.update(guidance_lead=None)
    name_responsible(by=made.ossi, pathway=pathway, duty="study_counsellor", person=made.ossi)
    NextStep.objects.open().update(responsible=made.anna)

    left(made, pathway, made.college, by=made.ossi)

    pathway.refresh_from_db()
    assert pathway.study_counsellor is None
    assert not pathway.participations.filter(organisation=made.college, ends_at=None).exists()
    left(made, pathway, made.college)
    nobody_lost()


@pytest.mark.parametrize("why", ["owner", "lead", "step", "handoff", "reason", "stranger"])
def test_leave_refuses(made, why):
    pathway = make_shared_pathway(made)
    if why not in ("lead",):
        Pathway.objects.update(guidance_lead=None)
    NextStep.objects.open().update(responsible=made.anna)
    if why == "step":
        NextStep.objects.open().update(responsible=made.ossi)
    if why == "handoff":
        make_handoff(made, pathway)
    message = {
        "owner": "process owner cannot leave", "lead": "leads the guidance", "step": "open step", "handoff": "open hand-off", "reason": "why the participation ends", "stranger": "does not take part",
    }[why]

    with pytest.raises(ValidationError, match=message):
        left(made, pathway, made.city if why == "owner" else made.college, by=made.taru if why == "stranger" else None, reason=" " if why == "reason" else "Valmis")

    assert pathway.participations.filter(ends_at=None).count() == 2


def test_name_process_person_and_study_counsellor(made, nobody_lost):
    pathway = make_shared_pathway(made)

    name_responsible(by=made.anna, pathway=pathway, duty="process_person", person=made.city_people[1])
    name_responsible(by=made.anna, pathway=pathway, duty="study_counsellor", person=made.college_people[1])
    name_responsible(by=made.ossi, pathway=pathway, duty="participant", person=made.college_people[1])

    pathway.refresh_from_db()
    assert (pathway.process_person, pathway.study_counsellor) == (made.city_people[1], made.college_people[1])
    assert pathway.participations.get(organisation=made.college).responsible == made.college_people[1]
    name_responsible(by=made.anna, pathway=pathway, duty="study_counsellor", person=None)
    assert Pathway.objects.get(pk=pathway.pk).study_counsellor is None
    nobody_lost()


@pytest.mark.parametrize(
    "by, duty, person",
    [
        ("anna", "process_person", "ossi"), ("ossi", "process_person", "anna"), ("anna", "process_person", None), ("anna", "process_person", "ended"), ("anna", "study_counsellor", "taru"),
        ("anna", "guidance_lead", "ossi"), ("anna", "process_owner", "ossi"), ("taru", "study_counsellor", "ossi"), ("ossi", "participant", "anna"), ("anna", "study_counsellor", "officer"),
    ],
)
def test_name_refuses(made, by, duty, person):
    pathway = make_shared_pathway(made)
    ended = make_counsellor(made.city)
    ended.ended_at, ended.end_reason = timezone.now(), "left"
    ended.save()
    people = {"anna": made.anna, "ossi": made.ossi, "taru": made.taru, "ended": ended, "officer": make_counsellor(made.college, Role.EDUCATION_OFFICER), None: None}
    before = Pathway.objects.filter(pk=pathway.pk).values().get()

    with pytest.raises(ValidationError):
        name_responsible(by=people[by], pathway=pathway, duty=duty, person=people[person])

    assert Pathway.objects.filter(pk=pathway.pk).values().get() == before


def test_transfer_then_leave(made, pathway, nobody_lost):
    meet(accept(make_handoff(made, pathway, kind="transfer", to=made.te), made.taru), made.taru)
    NextStep.objects.open().update(responsible=made.taru)

    left(made, pathway, made.city, by=made.anna)

    assert Pathway.objects.get(pk=pathway.pk).process_owner == made.te
    nobody_lost()
