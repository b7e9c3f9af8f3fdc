"""Seats of course runs: who gets them, who waits, what is refused. Each rule of `actions/enrolments.py` and `actions/courses.py`."""
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import OutboxMessage
from pilots.choices import Role
from services.actions.courses import call_off_run, change_run, offer_run, set_quota
from services.actions.enrolments import enrol, expire_holds, move_enrolment, note_attendance
from services.choices import CourseKind, EnrolmentState, Entry, Publication, ServiceKind
from services.conflicts import Conflict
from services.models import CourseRun, Enrolment, SharedService
from services.queries.courses import read_seats, runs_of_many
from services.registries import enrolment_changed
from tests.pilots.factories import make_membership
from tests.services.courses import ask, make_application_run, make_quota, make_run, provider_of
from tests.services.factories import make_handler, make_service

pytestmark = pytest.mark.django_db
HELD, WAITING, APPLIED, ENROLLED = EnrolmentState.HELD, EnrolmentState.WAITING, EnrolmentState.APPLIED, EnrolmentState.ENROLLED
CANCELLED, EXPIRED, DECLINED, COMPLETED = EnrolmentState.CANCELLED, EnrolmentState.EXPIRED, EnrolmentState.DECLINED, EnrolmentState.COMPLETED


def states(*enrolments: Enrolment) -> list[str]:
    known = dict(Enrolment.objects.values_list("pk", "state"))
    return [known[one.pk] for one in enrolments]


def move(enrolment: Enrolment, target: str, by=None, **given) -> Enrolment:
    return move_enrolment(by=by or enrolment.asked_by, enrolment=enrolment, target=target, **given)


def later(days: int):
    return timezone.now() + timedelta(days=days)


def test_seats_are_taken_while_free_and_then_waited_for():
    run = make_run(seats=3)

    one, two, three = ask(run, size=2), ask(run, only_hold=True), ask(run)

    assert states(one, two, three) == [ENROLLED, HELD, WAITING]
    assert two.held_until - two.asked_at == timedelta(days=7)
    assert read_seats(run, timezone.localdate()).free == 0


def test_a_freed_seat_goes_to_the_first_who_waits():
    run = make_run(seats=1)
    holder, first, second = ask(run), ask(run), ask(run)

    move(holder, CANCELLED)

    assert states(holder, first, second) == [CANCELLED, HELD, WAITING]


def test_a_cancelled_waiting_entry_promotes_nobody():
    run = make_run(seats=1)
    holder, first, second = ask(run), ask(run), ask(run)

    move(first, CANCELLED)

    assert states(holder, first, second) == [ENROLLED, CANCELLED, WAITING]


def test_a_group_that_does_not_fit_waits_and_those_behind_it_wait():
    run = make_run(seats=3)
    one, rest = ask(run), ask(run, size=2)
    group, behind = ask(run, size=3, is_group=True, level="adult"), ask(run)

    move(rest, CANCELLED)
    newcomer = ask(run)

    assert states(one, group, behind, newcomer) == [ENROLLED, WAITING, WAITING, WAITING]
    move(group, CANCELLED)
    assert states(group, behind, newcomer) == [CANCELLED, HELD, HELD]


def test_a_hold_expires_and_its_seat_goes_on():
    run = make_run(seats=1)
    held, first = ask(run, only_hold=True), ask(run)

    assert (expire_holds(later(6)), expire_holds(later(8)), expire_holds(later(8))) == (0, 1, 0)
    assert states(held, first) == [EXPIRED, HELD]


def test_a_hold_is_confirmed_while_it_lasts():
    run = make_run(seats=2)
    held, late = ask(run, only_hold=True), ask(run, only_hold=True)

    move(held, ENROLLED)
    with pytest.raises(Conflict):
        move(late, ENROLLED, now=later(8))

    assert states(held, late) == [ENROLLED, HELD]


def test_a_waiting_list_ends_when_the_course_has_begun():
    run = make_run(seats=1)
    ask(run)
    waiting = ask(run)

    assert (expire_holds(later(60)), expire_holds(later(61))) == (0, 1)
    assert states(waiting) == [EXPIRED]


def test_an_application_takes_no_seat_until_the_provider_admits_it():
    run = make_application_run(seats=1)
    by = provider_of(run)
    one, two, three = ask(run), ask(run), ask(run)
    assert states(one, two, three) == [APPLIED] * 3

    move(one, ENROLLED, by)
    with pytest.raises(Conflict):
        move(two, ENROLLED, by)
    move(two, WAITING, by)
    move(three, DECLINED, by, reason="Keksitty syy")
    move(one, CANCELLED)

    assert states(one, two, three) == [CANCELLED, ENROLLED, DECLINED]
    assert Enrolment.objects.get(pk=three.pk).answered_by == by


def test_a_quota_keeps_seats_until_they_are_freed():
    run, holder, other = make_run(seats=2), make_handler(), make_handler()
    make_quota(run, holder, seats=1, days=10)

    taken, waiting = ask(run, other), ask(run, other)
    own = ask(run, holder)

    assert states(taken, waiting, own) == [ENROLLED, WAITING, ENROLLED]
    move(own, CANCELLED)
    assert states(waiting) == [WAITING]
    assert (expire_holds(later(9)), expire_holds(later(10)), expire_holds(later(10))) == (0, 1, 0)
    assert states(waiting) == [HELD]


def test_who_waits_for_the_own_quota_is_not_stopped_by_others():
    run, holder, other = make_run(seats=2), make_handler(), make_handler()
    make_quota(run, holder, seats=1)
    ask(run, other)
    own = ask(run, holder)
    others, mine = ask(run, other), ask(run, holder)

    move(own, CANCELLED)

    assert states(others, mine) == [WAITING, HELD]


def test_a_quota_takes_only_free_seats():
    run, other = make_run(seats=3), make_handler()
    by = provider_of(run)
    ask(run, size=2)
    given = {"by": by, "run": run, "organisation": other.organisation, "freed_on": timezone.localdate() + timedelta(days=5)}

    for wrong in ({"seats": 2}, {"seats": 1, "freed_on": timezone.localdate()}, {"seats": 1, "freed_on": run.last_day + timedelta(days=1)}):
        with pytest.raises(ValidationError):
            set_quota(**given | wrong)
    with pytest.raises(PermissionDenied):
        set_quota(**given | {"by": other, "seats": 1})
    assert run.quotas.count() == 0
    set_quota(**given, seats=1)
    waiting = ask(run)
    set_quota(**given, seats=0)

    assert states(waiting) == [HELD]


def test_seats_are_changed_and_added_ones_go_to_who_waits():
    run = make_run(seats=2)
    by = provider_of(run)
    ask(run, size=2)
    waiting = ask(run, size=2)

    for seats in (1, 0):
        with pytest.raises(ValidationError):
            change_run(by=by, run=run, version=1, seats=seats)
    change_run(by=by, run=run, version=1, seats=4)

    assert states(waiting) == [HELD]
    with pytest.raises(Conflict):
        change_run(by=by, run=run, version=1, seats=5)
    with pytest.raises(PermissionDenied):
        change_run(by=make_handler(), run=run, version=2, seats=5)


def test_a_run_keeps_room_for_the_group_that_waits():
    run = make_run(seats=3)
    by, one = provider_of(run), ask(run)
    ask(run, size=3)

    with pytest.raises(ValidationError):
        change_run(by=by, run=run, version=1, seats=2)
    with pytest.raises(ValidationError):
        change_run(by=by, run=run, version=1, entry=Entry.ASK, hold_days=None)

    assert states(one) == [ENROLLED]


def test_a_run_is_offered_by_the_provider_of_a_course():
    service = make_service(kind=ServiceKind.COURSE)
    by, today = make_handler(service.organisation), timezone.localdate()
    fields = {"kind": CourseKind.TASTER, "first_day": today, "last_day": today, "enrol_by": today, "seats": 5, "entry": Entry.HOLD, "hold_days": 3}

    run = offer_run(by=by, service=service, **fields)

    assert (run.seats, run.created_by) == (5, by)
    with pytest.raises(PermissionDenied):
        offer_run(by=make_handler(), service=service, **fields)
    with pytest.raises(ValidationError):
        offer_run(by=by, service=make_service(organisation=service.organisation), **fields)
    for wrong in ({"kind": CourseKind.QUALIFICATION}, {"hold_days": None}, {"seats": 0}, {"enrol_by": today + timedelta(days=1)}, {"last_day": today - timedelta(days=1)}):
        with pytest.raises(ValidationError):
            offer_run(by=by, service=service, **fields | wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            CourseRun.objects.create(service=service, created_at=timezone.now(), **fields | wrong)


def test_what_cannot_be_enrolled_is_refused():
    run, by = make_run(seats=2), make_handler()

    for wrong in ({"size": 3}, {"size": 0}, {"is_group": True}, {"level": "adult"}, {"special_needs": "Keksitty"}, {"now": later(51)}):
        with pytest.raises(ValidationError):
            ask(run, by, **wrong)
    with pytest.raises(ValidationError):
        ask(make_run(kind=CourseKind.QUALIFICATION, entry=Entry.ASK), by)
    with pytest.raises(PermissionDenied):
        ask(run, make_membership(role=Role.EDUCATION_OFFICER))
    SharedService.objects.update(state=Publication.DRAFT)
    with pytest.raises(PermissionDenied):
        ask(run, by)
    SharedService.objects.update(state=Publication.PUBLIC, audience="chosen")
    with pytest.raises(PermissionDenied):
        ask(run, by)
    assert Enrolment.objects.count() == 0


def test_a_counsellor_asks_for_seats_and_answers_nothing():
    run = make_application_run()
    counsellor = make_membership(role=Role.COUNSELLOR, organisation=run.service.organisation)
    application = ask(run, counsellor)

    with pytest.raises(Conflict):
        move(application, ENROLLED)
    assert states(move(application, CANCELLED)) == [CANCELLED]


def test_moves_are_of_the_right_side_and_not_repeated():
    run = make_run()
    by, enrolment = provider_of(run), ask(run)

    with pytest.raises(PermissionDenied):
        move(enrolment, CANCELLED, make_handler())
    with pytest.raises(Conflict):
        move(enrolment, COMPLETED)
    with pytest.raises(Conflict):
        move(enrolment, CANCELLED, version=9)
    with pytest.raises(ValidationError):
        move(enrolment, CANCELLED, by)
    move(enrolment, CANCELLED, by, reason="Keksitty syy")
    with pytest.raises(Conflict):
        move(enrolment, CANCELLED)


def test_completion_keeps_the_seat_and_tells_upwards(monkeypatch):
    told = []
    monkeypatch.setattr(enrolment_changed, "_items", {1: lambda enrolment, before, by, now: told.append((before, enrolment.state))})
    run = make_run(seats=2)
    by, group = provider_of(run), ask(run, size=2)
    waiting = ask(run)

    with pytest.raises(ValidationError):
        move(group, COMPLETED, by, attended=3)
    move(group, COMPLETED, by, attended=1)
    seen = Enrolment.objects.get(pk=group.pk).version
    note_attendance(by=by, enrolment=group, attended=2, version=seen)
    with pytest.raises(Conflict):
        note_attendance(by=by, enrolment=group, attended=0, version=seen)

    assert told == [("", ENROLLED), ("", WAITING), (ENROLLED, COMPLETED), (COMPLETED, COMPLETED)]
    assert Enrolment.objects.get(pk=group.pk).attended == 2
    assert states(waiting) == [WAITING]
    with pytest.raises(PermissionDenied):
        note_attendance(by=group.asked_by, enrolment=group, attended=1)
    with pytest.raises(Conflict):
        note_attendance(by=by, enrolment=waiting, attended=1)


def test_the_same_form_sent_twice_makes_one():
    run, by, token = make_run(), make_handler(), uuid4()

    assert enrol(by=by, run=run, token=token).pk == enrol(by=by, run=run, token=token, size=2).pk


def test_the_other_side_is_told_by_mail():
    run = make_run(seats=1)
    provider, borrower, third = provider_of(run), make_handler(), make_handler()

    enrolment = ask(run, borrower)
    ask(run, third)
    move(enrolment, CANCELLED, provider, reason="Keksitty syy")

    told = list(OutboxMessage.objects.order_by("pk").values_list("kind", "to_email"))
    assert told == [("enrolment_changed", person.user.email) for person in (provider, provider, borrower, third)]


def test_the_database_alone_refuses_more_than_the_seats():
    run = make_run(seats=2)
    one, waiting = ask(run, size=2), ask(run)
    fields = {"run": run, "organisation": one.organisation, "asked_at": timezone.now()}

    for break_it in (
        lambda: Enrolment.objects.create(state=ENROLLED, **fields),
        lambda: Enrolment.objects.filter(pk=waiting.pk).update(state=ENROLLED, queue_number=None),
        lambda: Enrolment.objects.filter(pk=one.pk).update(size=3),
        lambda: CourseRun.objects.filter(pk=run.pk).update(seats=1),
    ):
        with pytest.raises(IntegrityError, match="course_run_not_oversold"), transaction.atomic():
            break_it()
    Enrolment.objects.create(state=APPLIED, **fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": 0}, {"is_group": True}, {"level": "adult"}, {"state": WAITING}, {"queue_number": 1}, {"state": HELD}, {"held_until": timezone.now()}, {"state": CANCELLED}, {"ended_at": timezone.now()},
        {"attended": 2}, {"state": APPLIED, "attended": 1}, {"state": DECLINED, "ended_at": timezone.now()},
    ],
    ids=" ".join,
)  # fmt: skip
def test_the_database_refuses_what_no_enrolment_is(wrong):
    run = make_run()
    fields = {"run": run, "organisation": run.service.organisation, "asked_at": timezone.now(), "state": ENROLLED}
    Enrolment.objects.create(**fields)

    with pytest.raises(IntegrityError), transaction.atomic():
        Enrolment.objects.create(**fields | wrong)


def test_run_that_is_called_off_ends_every_enrolment_with_the_reason(monkeypatch):
    told = []
    monkeypatch.setattr(enrolment_changed, "_items", {1: lambda enrolment, before, by, now: told.append((before, enrolment.state, enrolment.reason))})
    run = make_run(seats=1)
    first, second = ask(run), ask(run)
    by = provider_of(run)

    called_off = call_off_run(by=by, run=run, reason=" Opettaja vaihtui. ", version=run.version)

    assert told[2:] == [(ENROLLED, CANCELLED, "Opettaja vaihtui."), (WAITING, CANCELLED, "Opettaja vaihtui.")]
    assert OutboxMessage.objects.filter(to_email__in=[first.asked_by.user.email, second.asked_by.user.email], kind="enrolment_changed").count() == 2
    assert (read_seats(run, timezone.localdate()).taken, called_off.called_off_because, called_off.called_off_by) == (0, "Opettaja vaihtui.", by)
    assert runs_of_many([run.service_id], run.first_day, run.last_day, timezone.localdate()) == {}
    for late in (
        lambda: ask(run),
        lambda: set_quota(by=by, run=run, organisation=first.organisation, seats=1, freed_on=later(20).date()),
        lambda: change_run(by=by, run=run, version=called_off.version, seats=9),
        lambda: call_off_run(by=by, run=run, reason="Taas", version=called_off.version),
    ):
        with pytest.raises((ValidationError, Conflict)):
            late()


def test_run_is_called_off_by_its_provider_with_a_reason_before_it_is_over():
    run, over = make_run(), make_run(first_day=later(-9).date(), last_day=later(-2).date(), enrol_by=later(-9).date())

    with pytest.raises(PermissionDenied):
        call_off_run(by=make_handler(), run=run, reason="Syy", version=1)
    with pytest.raises(ValidationError):
        call_off_run(by=provider_of(run), run=run, reason=" ", version=1)
    with pytest.raises(Conflict):
        call_off_run(by=provider_of(run), run=run, reason="Syy", version=7)
    with pytest.raises(ValidationError):
        call_off_run(by=provider_of(over), run=over, reason="Syy", version=1)
    with pytest.raises(IntegrityError, match="course_run_called_off_has_reason"), transaction.atomic():
        CourseRun.objects.filter(pk=run.pk).update(called_off_at=timezone.now())
