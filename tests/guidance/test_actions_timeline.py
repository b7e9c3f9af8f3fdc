from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from guidance.actions.contacts import log_event, take_back_event
from guidance.actions.pathways import close_pathway
from guidance.actions.timeline import add_step, change_step, finish_step, reassign_step
from guidance.choices import DOES_A_STEP, LOGGED_BY_HAND, CheckIn, ContactWay, EndReason, EventKind, Outcome, Section, StepKind, Visibility
from guidance.models import Event, NextStep, Pathway, Programme
from guidance.queries.handoff_page import passed_on
from pilots.choices import Role
from pilots.models import Membership
from services.conflicts import Conflict
from tests.guidance.factories import (
    accept,
    days_from_now,
    make_counsellor,
    make_handoff,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    open_steps,
    time_from_now,
)


def logged(made, pathway, **fields):
    values = {"by": made.anna, "kind": EventKind.NOTE, "at": timezone.now(), "text": "Teksti"} | fields
    return log_event(pathway=pathway, **values)


def opened_earlier(pathway, days=30):
    """Moves the whole beginning back, so that there is time to write about."""
    at = timezone.now() - timedelta(days=days)
    Pathway.objects.filter(pk=pathway.pk).update(opened_at=at, last_event_at=at)
    pathway.stage_periods.update(started_at=at)
    Event.objects.filter(pathway=pathway).update(at=at)
    return Pathway.objects.get(pk=pathway.pk)


@pytest.mark.parametrize("kind", LOGGED_BY_HAND)
def test_log_every_kind(made, pathway, kind, nobody_lost):
    event = logged(made, pathway, kind=kind, check_in=CheckIn.WORRIED if kind == EventKind.CHECK_IN else "")

    assert (event.kind, event.by, event.organisation, event.text) == (kind, made.anna, made.city, "Teksti")
    assert Pathway.objects.get(pk=pathway.pk).last_event_at == event.at
    nobody_lost()


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"at": timedelta(hours=1)}, "at"),
        ({"at": timedelta(days=-400)}, "at"),
        ({"text": "  "}, "text"),
        ({"kind": EventKind.MESSAGE, "text": ""}, "text"),
        ({"kind": EventKind.CHECK_IN}, "check_in"),
        ({"kind": EventKind.CHECK_IN, "check_in": "nonsense"}, "check_in"),
        ({"kind": EventKind.MOVE}, "kind"),
        ({"kind": EventKind.HANDOFF}, "kind"),
        ({"kind": "nonsense"}, "kind"),
        ({"text": "x" * 4001}, "text"),
        ({"visibility": "nonsense"}, "visibility"),
        ({"visibility": Visibility.CHOSEN}, "shown_to"),
        ({"visibility": Visibility.CHOSEN, "shown_to": "te"}, "shown_to"),
        ({"programme": "framework"}, "programme"),
        ({"programme": "historical"}, "programme"),
        ({"programme": "another's"}, "programme"),
    ],
)
def test_log_refuses(made, pathway, changes, field):
    changes = dict(changes)
    if "at" in changes:
        changes["at"] = timezone.now() + changes["at"]
    if "shown_to" in changes:
        changes["shown_to"] = [made.te]
    if kind := changes.get("programme"):
        partnership = make_partnership().partnership if kind == "another's" else made.partnership
        changes["programme"] = Programme.objects.create(
            partnership=partnership, code="keksitty", name_fi="Keksitty", source="made for tests", kind="framework" if kind == "framework" else "measure", is_historical=kind == "historical"
        )
    before = Event.objects.count()

    with pytest.raises(ValidationError) as refusal:
        logged(made, pathway, **changes)

    assert list(refusal.value.message_dict) == [field]
    assert Event.objects.count() == before


@pytest.mark.parametrize("who", ["ossi", "officer"])
def test_log_only_by_who_takes_part(made, pathway, who):
    by = made.ossi if who == "ossi" else make_counsellor(made.city, Role.ORGANISATION_ADMINISTRATOR)

    with pytest.raises(ValidationError, match="does not take part"):
        logged(made, pathway, by=by)


def test_log_nothing_on_an_ended_pathway(made, pathway):
    close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.MOVED, outcome=Outcome.UNKNOWN)

    with pytest.raises(ValidationError):
        logged(made, pathway)


def test_log_same_token_is_one(made, pathway):
    token = uuid4()

    assert logged(made, pathway, token=token) == logged(made, pathway, token=token, text="Toinen")
    with pytest.raises(ValidationError, match="another client"):
        logged(made, make_pathway(made), token=token)


def test_log_an_earlier_event_leaves_the_last(made, pathway, nobody_lost):
    pathway = opened_earlier(pathway)
    last = logged(made, pathway).at

    logged(made, pathway, at=timezone.now() - timedelta(days=3))

    assert Pathway.objects.get(pk=pathway.pk).last_event_at == last
    nobody_lost()


def test_chosen_organisations_read_it(made):
    pathway = make_shared_pathway(made)

    event = logged(made, pathway, visibility=Visibility.CHOSEN, shown_to=[made.college])
    own = logged(made, pathway, visibility=Visibility.OWN)

    assert event in Event.objects.visible_to(made.college.pk)
    assert own not in Event.objects.visible_to(made.college.pk)
    assert event not in Event.objects.visible_to(made.te.pk)
    assert {event, own} <= set(Event.objects.visible_to(made.city.pk))


@pytest.mark.parametrize(
    "kinds, waits",
    [
        (["no_answer"] * 2, False),
        (["no_answer"] * 3, True),
        (["no_answer", "no_answer", "call", "no_answer"], False),
        (["no_answer", "no_answer", "message", "no_answer"], False),
        (["no_answer"] * 3 + ["note"], True),
        (["no_answer"] * 3 + ["message"], True),
        (["no_answer"] * 3 + ["call"], False),
        (["no_answer"] * 3 + ["visit"], False),
        (["no_answer"] * 3 + ["joint_meeting"], False),
    ],
)
def test_three_calls_without_an_answer_wait(made, pathway, kinds, waits):
    for kind in kinds:
        logged(made, pathway, kind=kind)

    assert (Pathway.objects.get(pk=pathway.pk).waits_since is not None) is waits


def test_a_call_written_down_late_does_not_take_off_the_waiting_list(made, pathway):
    pathway = opened_earlier(pathway)
    for _turn in range(3):
        logged(made, pathway, kind=EventKind.NO_ANSWER)

    logged(made, pathway, kind=EventKind.CALL, at=timezone.now() - timedelta(days=5))

    assert Pathway.objects.get(pk=pathway.pk).waits_since is not None


# Steps --------------------------------------------------------------------------------------------


def test_step_and_appointment(made, pathway, nobody_lost):
    at = time_from_now(days=2)

    step = add_step(by=made.anna, pathway=pathway, responsible=made.city_people[1], what="Soita", due_on=days_from_now(1))
    appointment = add_step(by=made.anna, pathway=pathway, responsible=made.anna, what="Tapaa", kind=StepKind.APPOINTMENT, starts_at=at, way=ContactWay.VISIT, place="Palvelutori", interpreter=True)

    assert appointment.due_on == timezone.localdate(at)
    assert Pathway.objects.get(pk=pathway.pk).next_due_on == step.due_on == days_from_now(1)
    nobody_lost()


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"due_on": None}, "Choose the day"),
        ({"due_on": date(2020, 1, 1)}, "in the past"),
        ({"due_on": date(1, 1, 1)}, "in the past"),
        ({"what": ""}, "blank"),
        ({"what": "x" * 301}, "300"),
        ({"kind": StepKind.APPOINTMENT}, "needs a time"),
        ({"kind": StepKind.APPOINTMENT, "starts_at": timezone.now() - timedelta(days=2)}, "in the past"),
        ({"responsible": "ossi"}, "takes part"),
        ({"responsible": "ended"}, "takes part"),
        ({"by": "ossi"}, "does not take part"),
    ],
)
def test_step_refuses(made, pathway, fields, message):
    ended = make_counsellor(made.city)
    ended.ended_at, ended.end_reason = timezone.now(), "left"
    ended.save()
    people = {"ossi": made.ossi, "ended": ended}
    values = {"by": made.anna, "responsible": made.anna, "what": "Soita", "due_on": days_from_now(1)} | {name: people.get(value, value) if isinstance(value, str) else value for name, value in fields.items()}

    with pytest.raises(ValidationError, match=message):
        add_step(pathway=pathway, **values)

    assert len(open_steps(pathway)) == 1


def test_step_same_token_is_one(made, pathway):
    token = uuid4()

    steps = {add_step(by=made.anna, pathway=pathway, responsible=made.anna, what="Soita", due_on=days_from_now(1), token=token) for _turn in range(2)}

    assert len(steps) == 1


def test_last_step_needs_the_following(made, pathway, nobody_lost):
    [step] = open_steps(pathway)

    with pytest.raises(ValidationError, match="last open step"):
        finish_step(by=made.anna, step=step)
    finish_step(by=made.anna, step=step, following={"what": "Soita", "due_on": days_from_now(9), "responsible": made.city_people[1]})

    [following] = open_steps(pathway)
    assert (following.responsible, Pathway.objects.get(pk=pathway.pk).next_due_on) == (made.city_people[1], days_from_now(9))
    nobody_lost()


def test_finish_twice_is_once_and_another_is_told(made, pathway):
    [step] = open_steps(pathway)
    following = {"what": "Soita", "due_on": days_from_now(9), "responsible": made.anna}
    for _turn in range(2):
        finish_step(by=made.anna, step=step, following=following)

    with pytest.raises(Conflict):
        finish_step(by=made.city_people[1], step=step, following=following)

    assert len(open_steps(pathway)) == 1


@pytest.mark.parametrize("attended, kind", [(True, EventKind.STEP), (False, EventKind.NO_SHOW), (None, EventKind.STEP)])
def test_finish_tells_whether_the_client_came(made, pathway, attended, kind):
    [step] = open_steps(pathway)

    finish_step(by=made.anna, step=step, attended=attended, following={"what": "Soita", "due_on": days_from_now(9), "responsible": made.anna})

    step.refresh_from_db()
    assert (step.attended, step.done_by) == (attended, made.anna)
    assert Event.objects.filter(pathway=pathway, kind=kind, detail__step=step.pk).count() == 1


def test_finish_with_a_following_step_that_is_refused_changes_nothing(made, pathway):
    [step] = open_steps(pathway)

    with pytest.raises(ValidationError):
        finish_step(by=made.anna, step=step, following={"what": "Soita", "due_on": days_from_now(9), "responsible": made.ossi})

    assert open_steps(pathway) == [step]


def test_reassign_and_change(made, nobody_lost):
    pathway = make_shared_pathway(made)
    step = open_steps(pathway)[0]

    reassign_step(by=made.anna, step=step, responsible=made.ossi)
    change_step(by=made.ossi, step=step, due_on=days_from_now(2), what="Toinen")

    step.refresh_from_db()
    assert (step.responsible, step.due_on, step.what) == (made.ossi, days_from_now(2), "Toinen")
    with pytest.raises(ValidationError):
        reassign_step(by=made.anna, step=step, responsible=made.taru)
    with pytest.raises(ValidationError):
        change_step(by=made.anna, step=step, due_on=date(2020, 1, 1))
    nobody_lost()
    NextStep.objects.filter(pk=step.pk).update(done_at=timezone.now())
    for call in (lambda: reassign_step(by=made.anna, step=step, responsible=made.anna), lambda: change_step(by=made.anna, step=step, due_on=days_from_now(2))):
        with pytest.raises(Conflict):
            call()


def test_first_contact_of_a_hand_off_is_moved_on_its_page(made, pathway):
    accept(make_handoff(made, pathway), made.ossi)
    [step] = [step for step in open_steps(pathway) if step.handoff_id]

    for changes in ({"starts_at": time_from_now(days=300)}, {"kind": StepKind.STEP, "starts_at": None, "due_on": days_from_now(9)}, {"kind": StepKind.STEP}, {"way": ContactWay.PHONE}):
        with pytest.raises(ValidationError, match="hand-off's page"):
            change_step(by=made.ossi, step=step, **changes)
    change_step(by=made.ossi, step=step, responsible=made.college_people[1], what="Toisin sanoin", starts_at=step.starts_at, kind=step.kind)

    step.refresh_from_db()
    assert (step.responsible, step.what, step.kind) == (made.college_people[1], "Toisin sanoin", StepKind.APPOINTMENT)


def test_first_contact_of_a_hand_off_is_confirmed_on_its_page(made, pathway, nobody_lost):
    accept(make_handoff(made, pathway), made.ossi)
    [step] = [step for step in open_steps(pathway) if step.handoff_id]

    with pytest.raises(ValidationError, match="confirm on its page"):
        finish_step(by=made.ossi, step=step, attended=True)

    assert step in open_steps(pathway)
    nobody_lost()


# A contact that does a step -------------------------------------------------------------------------


NEXT = {"what": "Soita uudelleen", "due_on": days_from_now(9)}


@pytest.mark.parametrize("kind", DOES_A_STEP)
def test_contact_does_the_open_step_and_the_next_one_follows(made, pathway, kind, nobody_lost):
    [step] = open_steps(pathway)

    event = logged(made, pathway, kind=kind, check_in=CheckIn.WELL if kind == EventKind.CHECK_IN else "", step=step, following=NEXT | {"responsible": made.anna})

    step.refresh_from_db()
    assert (event.detail, step.done_by, step.attended) == ({"step": step.pk}, made.anna, None)
    assert [row.what for row in open_steps(pathway)] == ["Soita uudelleen"]
    assert Event.objects.filter(pathway=pathway).latest("pk").detail == {"step": step.pk, "attended": None}
    nobody_lost()


@pytest.mark.parametrize("kind, attended", [(EventKind.VISIT, True), (EventKind.MESSAGE, None)])
def test_contact_that_does_an_appointment_says_that_the_client_came(made, pathway, kind, attended):
    appointment = add_step(by=made.anna, pathway=pathway, responsible=made.anna, what="Tapaa", kind=StepKind.APPOINTMENT, starts_at=time_from_now(days=2), way=ContactWay.VISIT)

    logged(made, pathway, kind=kind, step=appointment)

    assert NextStep.objects.get(pk=appointment.pk).attended is attended


@pytest.mark.parametrize("kind", [EventKind.NO_ANSWER, EventKind.NO_SHOW])
def test_contact_with_nobody_does_no_step(made, pathway, kind):
    with pytest.raises(ValidationError) as refusal:
        logged(made, pathway, kind=kind, step=open_steps(pathway)[0], following=NEXT | {"responsible": made.anna})

    assert list(refusal.value.message_dict) == ["step"]


def test_contact_does_not_do_the_last_step_without_the_next(made, pathway):
    with pytest.raises(ValidationError, match="last open step"):
        logged(made, pathway, step=open_steps(pathway)[0])

    assert not Event.objects.filter(pathway=pathway, kind=EventKind.NOTE).exists()


@pytest.mark.parametrize("whose", ["done", "another client's"])
def test_contact_does_only_an_open_step_of_its_own_pathway(made, pathway, whose):
    [step] = open_steps(pathway if whose == "done" else make_pathway(made))
    if whose == "done":
        finish_step(by=made.anna, step=step, following=NEXT | {"responsible": made.anna})

    with pytest.raises(ValidationError) as refusal:
        logged(made, pathway, step=step, following=NEXT | {"responsible": made.anna})

    assert list(refusal.value.message_dict) == ["step"]


def test_contact_sent_twice_does_its_step_once(made, pathway):
    [step], token = open_steps(pathway), uuid4()

    events = {logged(made, pathway, step=step, following=NEXT | {"responsible": made.anna}, token=token) for _turn in range(2)}

    assert (len(events), len(open_steps(pathway))) == (1, 1)


def test_contact_taken_back_opens_its_step_again_for_who_can_answer(made, pathway, nobody_lost):
    [step] = open_steps(pathway)
    NextStep.objects.filter(pk=step.pk).update(responsible=made.city_people[1])
    event = logged(made, pathway, step=step, following=NEXT | {"responsible": made.anna})
    Membership.objects.filter(pk=made.city_people[1].pk).update(ended_at=timezone.now(), end_reason="left")

    take_back_event(by=made.anna, event=event)

    step.refresh_from_db()
    assert (step.done_at, step.done_by, step.responsible) == (None, None, made.anna)
    assert Pathway.objects.get(pk=pathway.pk).next_due_on == step.due_on
    nobody_lost()


# Taking back -----------------------------------------------------------------------------------


def test_take_back_keeps_the_event_with_who_and_when_and_twice_is_once(made, pathway, nobody_lost):
    event = logged(made, pathway)

    taken = take_back_event(by=made.anna, event=event)
    again = take_back_event(by=made.anna, event=event)

    assert Event.objects.get(pk=event.pk).text == "Teksti"
    assert (taken.taken_back_by_id, again.taken_back_at) == (made.anna.pk, taken.taken_back_at)
    nobody_lost()


def test_take_back_counts_neither_for_the_last_event_nor_for_the_waiting_list(made, pathway, nobody_lost):
    pathway = opened_earlier(pathway)
    *_two, third = [logged(made, pathway, kind=EventKind.NO_ANSWER, text="", at=timezone.now() - timedelta(days=3 - turn)) for turn in range(3)]
    assert Pathway.objects.get(pk=pathway.pk).waits_since

    take_back_event(by=made.anna, event=third)

    pathway.refresh_from_db()
    assert (pathway.waits_since, pathway.last_event_at) == (None, _two[-1].at)
    nobody_lost()


def test_take_back_of_a_contact_puts_back_on_the_waiting_list(made, pathway, nobody_lost):
    pathway = opened_earlier(pathway)
    for turn in range(3):
        logged(made, pathway, kind=EventKind.NO_ANSWER, text="", at=timezone.now() - timedelta(days=5 - turn))
    call = logged(made, pathway, kind=EventKind.CALL)
    assert Pathway.objects.get(pk=pathway.pk).waits_since is None

    take_back_event(by=made.anna, event=call)

    assert Pathway.objects.get(pk=pathway.pk).waits_since
    nobody_lost()


def test_after_taking_back_the_next_call_counts_from_what_is_left(made, pathway):
    pathway = opened_earlier(pathway)
    first, *_others = [logged(made, pathway, kind=EventKind.NO_ANSWER, text="", at=timezone.now() - timedelta(days=3 - turn)) for turn in range(2)]
    take_back_event(by=made.anna, event=first)

    logged(made, pathway, kind=EventKind.NO_ANSWER, text="")

    assert Pathway.objects.get(pk=pathway.pk).waits_since is None


@pytest.mark.parametrize("who", ["colleague", "receiver"])
def test_take_back_is_the_writers_only(made, who):
    pathway = make_shared_pathway(made)
    event = logged(made, pathway)

    with pytest.raises(ValidationError, match="logged yourself"):
        take_back_event(by={"colleague": made.city_people[1], "receiver": made.ossi}[who], event=event)

    assert Event.objects.get(pk=event.pk).taken_back_at is None


def test_take_back_is_of_what_is_logged_by_hand(made, pathway):
    with pytest.raises(ValidationError, match="logged yourself"):
        take_back_event(by=made.anna, event=Event.objects.get(pathway=pathway, kind=EventKind.OPENED))


def test_take_back_not_on_an_ended_pathway(made, pathway):
    event = logged(made, pathway)
    close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.GOAL_REACHED, outcome=Outcome.EMPLOYED)

    with pytest.raises(ValidationError, match="has ended"):
        take_back_event(by=made.anna, event=event)


def test_event_that_was_taken_back_is_not_passed_on(made, pathway):
    kept, taken = logged(made, pathway, text="Jää"), logged(made, pathway, text="Peruttu")
    take_back_event(by=made.anna, event=taken)

    [section] = passed_on(pathway, [Section.EVENTS], made.college.pk)

    assert [any(text in row for row in section.rows) for text in (kept.text, taken.text)] == [True, False]
