"""Invented runs of courses with their seats, quotas and waiting lists."""
from datetime import timedelta

from pilots.models import Membership
from services.choices import EnrolmentState, Entry
from services.loading.demo_bodies import Body, Demo
from services.loading.demo_texts import COURSES
from services.models import CourseRun, Enrolment, Quota
from services.queries.times import week_of


def run_courses(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """A run that has been, one that comes, and one that comes and is full with people waiting."""
    runs, rows, quotas = [], [], []
    for number, body in enumerate(bodies):
        course, offer = COURSES[number % len(COURSES)], body.offers[2]
        for which, weeks in enumerate((-course.weeks - 2, 3 + number % 5, 9 + number % 4)):
            first = week_of(demo.today) + timedelta(weeks=weeks)
            run = CourseRun(
                service=offer, name="", kind=course.kind, first_day=first, last_day=first + timedelta(weeks=course.weeks, days=-3), timetable=course.timetable, delivery=offer.delivery, place=offer.place,
                seats=6 + (number + which) % 8, enrol_by=first - timedelta(days=5), entry=course.entry, hold_days=7 if course.entry == Entry.HOLD else None, created_at=demo.now - timedelta(days=90), is_demo=True,
            )  # fmt: skip
            runs.append(run)
            if course.entry != Entry.ASK and body.neighbours:
                rows += _enrolments(run, body, which, handlers, demo)
            if which == 1 and body.neighbours and number % 4 == 0:
                quotas.append(Quota(run=run, organisation=body.neighbours[0].organisation, seats=2, freed_on=demo.today + timedelta(days=7)))
    CourseRun.objects.bulk_create(runs)
    Quota.objects.bulk_create(quotas)
    Enrolment.objects.bulk_create(rows)


def _enrolments(run: CourseRun, body: Body, which: int, handlers: dict[int, Membership], demo: Demo) -> list[Enrolment]:
    """Asked one after the other; what has begun is completed, what comes is half full, the third is full and two wait."""
    rows, free, queue = [], run.seats, 0
    applied = run.entry == Entry.APPLY
    for turn in range(3 if which < 2 else 40):
        borrower = body.neighbours[turn % len(body.neighbours)].organisation
        size = 2 if turn == 0 else 1
        asked = demo.now - timedelta(days=12 - min(turn, 10), hours=turn % 7)
        row = Enrolment(run=run, organisation=borrower, size=size, is_group=size > 1, level="adult" if size > 1 else "", asked_at=asked, asked_by=handlers.get(borrower.pk), token=demo.token(), reference=demo.token(), is_demo=True)
        if which == 0:
            row.asked_at = asked - (demo.today - run.first_day)
            row.state = EnrolmentState.INTERRUPTED if turn == 2 else EnrolmentState.COMPLETED
            row.attended, row.ended_at = (0 if turn == 2 else size), demo.now - timedelta(days=3)
        elif applied and turn == 1:
            row.state = EnrolmentState.APPLIED
        elif size > free:
            queue += 1
            row.state, row.queue_number = EnrolmentState.WAITING, queue
        elif turn == 2 and not applied:
            row.state, row.held_until = EnrolmentState.HELD, demo.now + timedelta(days=4)
        else:
            row.state = EnrolmentState.ENROLLED
        if applied and row.state in (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.INTERRUPTED, EnrolmentState.WAITING):
            row.answered_at = row.asked_at + timedelta(hours=5)
        if row.state not in (EnrolmentState.WAITING, EnrolmentState.APPLIED):
            free -= size
        rows.append(row)
        if queue == 2:
            break
    return rows
