"""A client's seats on shared courses: what happens to a seat is told on the pathway, and nobody is left without a next step."""
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMessage
from guidance.actions.enrolments import enrol_client, move_seat
from guidance.actions.merging import merge_pathways
from guidance.actions.participations import end_participation
from guidance.actions.pathways import close_pathway
from guidance.choices import EndReason, EventKind, OptionState, Outcome
from guidance.models import EducationOption, Event, Pathway, PathwayEnrolment
from services.actions.enrolments import expire_holds, move_enrolment, note_attendance
from services.choices import EnrolmentState, Publication
from services.conflicts import Conflict
from services.models import Enrolment, SharedService
from tests.guidance.factories import make_option, make_pathway, make_shared_pathway, new_client, open_steps
from tests.services.courses import make_application_run, make_run, provider_of

HELD, WAITING, APPLIED, ENROLLED = EnrolmentState.HELD, EnrolmentState.WAITING, EnrolmentState.APPLIED, EnrolmentState.ENROLLED
DECLINED, CANCELLED, EXPIRED, COMPLETED = EnrolmentState.DECLINED, EnrolmentState.CANCELLED, EnrolmentState.EXPIRED, EnrolmentState.COMPLETED


def seat(pathway, run, by, **fields) -> PathwayEnrolment:
    return enrol_client(by=by, pathway=pathway, run=run, **{"token": uuid4()} | fields)


def of(link) -> Enrolment:
    return Enrolment.objects.get(reference=link.enrolment_id)


def told(pathway) -> list[tuple[str, str]]:
    events = Event.objects.filter(pathway=pathway, kind=EventKind.SEAT).order_by("pk")
    return [(event.detail["seat_was"], event.detail["seat_now"]) for event in events]


def made_by_seats(pathway) -> list[str]:
    return [step.what for step in open_steps(pathway) if step.what != "Keksitty askel"]


def end(made, pathway) -> Pathway:
    return close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.choices[0][0], outcome=Outcome.choices[0][0])


def test_a_hold_is_told_confirmed_and_completed_on_the_pathway(made, pathway, nobody_lost):
    run, option = make_run(), make_option(pathway, made.anna)
    token = uuid4()

    link = seat(pathway, run, made.anna, only_hold=True, option=option, token=token)
    assert seat(pathway, run, made.anna, token=token).pk == link.pk
    with pytest.raises(ValidationError):
        seat(pathway, run, made.anna)
    assert [step.due_on for step in open_steps(pathway) if step.pk == link.step_id] == [timezone.localdate() + timedelta(days=6)]
    with pytest.raises(Conflict):
        move_seat(by=made.anna, link=link, target=ENROLLED, version=9)
    move_seat(by=made.anna, link=link, target=ENROLLED, version=1)
    assert made_by_seats(pathway) == []
    provider = provider_of(run)
    move_enrolment(by=provider, enrolment=of(link), target=COMPLETED, attended=1)
    note_attendance(by=provider, enrolment=of(link), attended=0)

    assert told(pathway) == [("", HELD), (HELD, ENROLLED), (ENROLLED, COMPLETED), (COMPLETED, COMPLETED)]
    option = EducationOption.objects.get(pk=option.pk)
    assert (option.state, option.starts_on, option.ended_on) == (OptionState.COMPLETED, run.first_day, run.first_day)
    # The provider takes no part: it stays unnamed.
    assert [event.by_id for event in Event.objects.filter(kind=EventKind.SEAT).order_by("pk")] == [made.anna.pk, made.anna.pk, None, None]
    nobody_lost()


def test_the_last_seat_the_queue_and_the_clock_each_leave_a_step(made, nobody_lost):
    run = make_run(seats=1)
    first, second, third = (make_pathway(made) for _turn in range(3))
    one, two = seat(first, run, made.anna, only_hold=True), seat(second, run, made.anna)
    three = seat(third, run, made.anna)
    assert (of(two).state, of(three).state) == (WAITING, WAITING)

    now = timezone.now() + timedelta(days=8)
    expire_holds(now)

    assert (of(one).state, of(two).state, of(three).state) == (EXPIRED, HELD, WAITING)
    assert (told(first), told(second)) == ([("", HELD), (HELD, EXPIRED)], [("", WAITING), (WAITING, HELD)])
    assert [len(made_by_seats(pathway)) for pathway in (first, second, third)] == [1, 1, 0]
    nobody_lost(now - timedelta(days=8))


def test_a_declined_application_opens_a_step_and_the_option_is_not_admitted(made, pathway, nobody_lost):
    run, option = make_application_run(), make_option(pathway, made.anna)
    link = seat(pathway, run, made.anna, option=option)
    assert EducationOption.objects.get(pk=option.pk).state == OptionState.APPLIED

    move_enrolment(by=provider_of(run), enrolment=of(link), target=DECLINED, reason="Keksitty syy")

    assert EducationOption.objects.get(pk=option.pk).state == OptionState.NOT_ADMITTED
    assert len(made_by_seats(pathway)) == 1
    nobody_lost()


def test_whoever_cancels_for_the_client_knows_of_it_and_others_leave_a_step(made, pathway, nobody_lost):
    run = make_run()
    own = seat(pathway, run, made.anna)
    move_seat(by=made.anna, link=own, target=CANCELLED, version=1)
    assert made_by_seats(pathway) == []

    again = seat(pathway, run, made.anna)
    move_enrolment(by=provider_of(run), enrolment=of(again), target=CANCELLED, reason="Keksitty syy")
    assert len(made_by_seats(pathway)) == 1
    nobody_lost()


def test_only_the_organisation_that_asked_confirms_and_only_who_takes_part_asks(made, nobody_lost):
    shared, alone = make_shared_pathway(made), make_pathway(made)
    run = make_run()
    link = seat(shared, run, made.ossi, only_hold=True)

    with pytest.raises(ValidationError):
        move_seat(by=made.anna, link=link, target=ENROLLED, version=1)
    with pytest.raises(ValidationError):
        seat(alone, run, made.ossi)
    with pytest.raises(ValidationError):
        seat(alone, run, made.anna, token=of(link).token)
    with pytest.raises(ValidationError):
        seat(alone, run, made.anna, option=make_option(shared, made.ossi))
    nobody_lost()


def test_a_course_that_was_archived_meanwhile_is_a_conflict(made, pathway):
    run = make_run()
    SharedService.objects.filter(pk=run.service_id).update(state=Publication.ARCHIVED)

    with pytest.raises(Conflict):
        seat(pathway, run, made.anna)
    assert not PathwayEnrolment.objects.exists()


def test_an_end_gives_back_what_is_not_settled_and_keeps_the_enrolled_seat(made, nobody_lost):
    pathway = make_shared_pathway(made)
    held, applied, taken = seat(pathway, make_run(), made.ossi, only_hold=True), seat(pathway, make_application_run(), made.anna), seat(pathway, make_run(), made.anna)

    end(made, pathway)

    assert [of(link).state for link in (held, applied, taken)] == [CANCELLED, CANCELLED, ENROLLED]
    nobody_lost()
    move_enrolment(by=provider_of(of(taken).run), enrolment=of(taken), target=COMPLETED)
    assert told(pathway)[-1] == (ENROLLED, COMPLETED)
    nobody_lost()


def test_a_refused_end_gives_nothing_back(made, pathway):
    link = seat(pathway, make_run(), made.anna, only_hold=True)

    with pytest.raises(ValidationError):
        close_pathway(by=made.ossi, pathway=pathway, end_reason=EndReason.choices[0][0], outcome=Outcome.choices[0][0])
    assert of(link).state == HELD


def test_an_organisation_that_leaves_with_a_seat_leaves_a_step(made, nobody_lost):
    pathway = make_shared_pathway(made)
    Pathway.objects.filter(pk=pathway.pk).update(guidance_lead=made.anna)
    seat(pathway, make_run(), made.ossi)
    pathway.next_steps.filter(responsible__organisation=made.college).update(responsible=made.anna)

    before = {step.pk for step in open_steps(pathway)}

    end_participation(by=made.ossi, pathway=pathway, organisation_id=made.college.pk, reason="Keksitty syy")

    assert [step.responsible_id for step in open_steps(pathway) if step.pk not in before] == [made.anna.pk]
    nobody_lost()


def test_a_merge_carries_the_seat_and_refuses_two_on_one_run(made, nobody_lost):
    keep, other = make_pathway(made), make_pathway(made)
    run = make_run()
    link = seat(other, run, made.anna)
    twin = seat(keep, run, made.anna)

    with pytest.raises(ValidationError):
        merge_pathways(by=made.anna, keep=keep, other=other, is_same_person=True)
    move_seat(by=made.anna, link=twin, target=CANCELLED, version=1)
    merge_pathways(by=made.anna, keep=keep, other=other, is_same_person=True)

    assert set(keep.enrolments.values_list("pk", flat=True)) == {link.pk, twin.pk}
    move_enrolment(by=provider_of(run), enrolment=of(link), target=COMPLETED)
    assert told(keep)[-1] == (ENROLLED, COMPLETED)
    nobody_lost()


def test_no_name_leaves_guidance(made):
    pathway = make_pathway(made, client=new_client(family_name="Vuotokoe", given_names="Salli"))
    run = make_run(seats=1)
    link = seat(pathway, run, made.anna, only_hold=True)
    move_seat(by=made.anna, link=link, target=ENROLLED, version=1)
    move_enrolment(by=provider_of(run), enrolment=of(link), target=COMPLETED)

    outside = [str(row) for model in (Enrolment, OutboxMessage, AuditEvent) for row in model.objects.values()]
    assert outside
    assert [row for row in outside if "Vuotokoe" in row or pathway.pseudonym in row and "pathway_opened" not in row and "enrolment" in row] == []
