"""Twelve want the last seat; the waiting list keeps its order whoever comes at once. Real threads on the database of the run."""
import random
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from services.actions import enrolments
from services.actions.enrolments import expire_holds, move_enrolment
from services.choices import ENDED, TAKING, EnrolmentState
from services.conflicts import Conflict
from services.models import CourseRun, Enrolment
from services.queries.courses import read_seats, waiting_list
from tests.services.courses import ask, make_quota, make_run
from tests.services.factories import make_handler

PEOPLE = 12


def wrong(run: CourseRun, day=None) -> list[str]:
    """What must never be: too many seats taken, a seat kept from nobody, a free seat that the first who waits could have."""
    seats, found = read_seats(run, day or timezone.localdate()), []
    if seats.free < 0:
        found.append("oversold")
    if seats.open < 0:
        found.append("a quota's seat was sold to others")
    waiting = list(waiting_list(run))
    if waiting and waiting[0].size <= seats.open_to(waiting[0].organisation_id):
        found.append("lost seat")
    return found


@pytest.mark.battery
@pytest.mark.django_db(transaction=True)
def test_twelve_want_the_last_seat(at_once, battery_count):
    people = [make_handler() for _ in range(PEOPLE)]
    for _round in range(battery_count(50)):
        run = make_run(seats=1)

        results = at_once([partial(ask, run, by) for by in people])

        assert [repr(one) for one in results if isinstance(one, BaseException)] == []
        assert sorted(one.state for one in results) == [EnrolmentState.ENROLLED] + [EnrolmentState.WAITING] * (PEOPLE - 1)
        assert sorted(one.queue_number for one in results if one.queue_number) == list(range(1, PEOPLE))


@pytest.mark.battery
@pytest.mark.django_db(transaction=True)
def test_freed_seats_go_on_in_order_while_others_come(at_once, battery_count):
    people = [make_handler() for _ in range(PEOPLE)]
    for _round in range(battery_count(50)):
        run = make_run(seats=4)
        taken = [ask(run, by) for by in people[:4]]
        queue = [ask(run, by) for by in people[4:8]]
        leave = [partial(move_enrolment, by=one.asked_by, enrolment=one, target=EnrolmentState.CANCELLED) for one in (*taken[:3], queue[0])]

        results = at_once([*leave, *(partial(ask, run, by) for by in people[8:])])

        assert [repr(one) for one in results if isinstance(one, BaseException) and not isinstance(one, Conflict)] == []
        assert wrong(run) == []
        waiting = set(waiting_list(run).values_list("pk", flat=True))
        assert waiting.isdisjoint(one.pk for one in queue[1:])
        assert {one.pk for one in results[4:]} & waiting


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_when_no_row_is_held(at_once, monkeypatch):
    monkeypatch.setattr(enrolments, "hold_run", lambda run: CourseRun.objects.select_related("service__organisation").get(pk=run.pk))
    run, people = make_run(seats=2), [make_handler() for _ in range(PEOPLE)]

    results = at_once([partial(ask, run, by) for by in people])

    assert [repr(one) for one in results if isinstance(one, BaseException) and not isinstance(one, Conflict)] == []
    assert sum(run.enrolments.filter(state__in=TAKING).values_list("size", flat=True)) == 2


@pytest.mark.battery
@pytest.mark.django_db
def test_no_sequence_of_steps_loses_or_oversells_a_seat(battery_count, seed):
    """Random enrolments, holds, cancellations, confirmations and days that pass; after each step the run is as it must be and the order was kept."""
    draw, steps = random.Random(seed), battery_count(5000)
    people = [make_handler() for _ in range(4)]
    while steps > 0:
        run = make_run(seats=draw.randint(1, 8))
        if run.seats > 2:
            make_quota(run, people[0], seats=draw.randint(1, 2), days=draw.randint(3, 20))
        now = timezone.now()
        for _step in range(60):
            steps -= 1
            queue = {one.pk: one for one in waiting_list(run)}
            cancelled, now = None, now + timedelta(hours=draw.choice((0, 0, 1, 30)))
            rows = list(run.enrolments.exclude(state__in=ENDED))
            what = draw.choice(("enrol", "enrol", "hold", "cancel", "confirm", "pass"))
            try:
                if what in ("enrol", "hold"):
                    ask(run, draw.choice(people), size=draw.choice((1, 1, 1, 2, 3)), only_hold=what == "hold", now=now)
                elif what == "pass" or not rows:
                    expire_holds(now)
                else:
                    cancelled = draw.choice(rows)
                    move_enrolment(by=cancelled.asked_by, enrolment=cancelled, target=EnrolmentState.CANCELLED if what == "cancel" else EnrolmentState.ENROLLED, now=now)
            except (Conflict, ValidationError):
                pass
            expire_holds(now)
            assert wrong(run, timezone.localdate(now)) == [], (what, seed)
            assert out_of_order(run, queue, cancelled) == [], (what, seed)


def out_of_order(run: CourseRun, queue: dict[int, Enrolment], cancelled: Enrolment | None) -> list[int]:
    """Who was promoted past somebody of the same organisation, or without a quota past anybody, who was there before and still waits."""
    still = [queue[pk] for pk in waiting_list(run).values_list("pk", flat=True) if pk in queue]
    gone = [one for pk, one in queue.items() if one not in still and Enrolment.objects.get(pk=pk).state in TAKING and one != cancelled]
    quotas = set(run.quotas.values_list("organisation", flat=True))
    return [one.pk for one in gone for before in still if before.queue_number < one.queue_number and (one.organisation_id not in quotas or one.organisation_id == before.organisation_id)]
