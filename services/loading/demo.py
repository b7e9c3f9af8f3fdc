"""Invented offers of the real member organisations, a term of bookings and enrolments, and their removal.

The same day and seed make the same rows. All rows are marked `is_demo`, or hang on one that is. What is written in one
go keeps every rule of the actions: bookings are asked from the calendars, seats are counted, queues numbered.
"""
import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from pilots.models import AreaMembership, EducationForm, Membership, Municipality, Organisation
from services.actions.notices import HANDLING
from services.choices import (
    Audience,
    BookingMode,
    BookingState,
    Delivery,
    EnrolmentState,
    Entry,
    PriceBasis,
    Publication,
    ResourceKind,
    ServiceKind,
    TermPeriodKind,
)
from services.loading.demo_texts import ABOUT_FI, ABOUT_SV, COURSES, DECLINED, PURPOSES, ROOMS, TEACHERS
from services.models import (
    Booking,
    BookingSeries,
    CourseRun,
    Enrolment,
    Occupancy,
    OpeningHours,
    Place,
    Quota,
    RejectedDate,
    Resource,
    SharedService,
    TermPeriod,
)
from services.queries.fitting import Calendar, Held, read_calendar
from services.queries.series import plan_series
from services.queries.times import Slot, slot_on, week_of

WEEKS_BEFORE, WEEKS_AFTER = 5, 12


class ServicesRefused(Exception):
    """Why demo offers cannot be loaded here, as a sentence."""


@dataclass
class Body:
    """A member organisation with its neighbours in the area, and what it has been given."""

    organisation: Organisation
    municipality: Municipality
    neighbours: list["Body"] = field(default_factory=list)
    offers: list[SharedService] = field(default_factory=list)

    @property
    def in_swedish(self) -> bool:
        return self.organisation.slug in ("narpio", "sofuk")


@dataclass
class Demo:
    now: datetime
    draw: random.Random
    forms: dict[str, EducationForm]

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def token(self) -> uuid.UUID:
        return uuid.UUID(int=self.draw.getrandbits(128), version=4)


@transaction.atomic
def load_services(*, now: datetime, seed: int = 1) -> dict[str, int]:
    """How many rows of each kind were made; nothing when they are there. Raises ServicesRefused without a network."""
    if SharedService.objects.filter(is_demo=True).exists():
        return {}
    bodies = _bodies()
    if not bodies:
        raise ServicesRefused("Run load_network first: no area has a member.")
    demo = Demo(now, random.Random(seed), {form.code: form for form in EducationForm.objects.all()})  # noqa: S311  invented rows
    TermPeriod.objects.bulk_create(period for body in bodies for period in _school_years(body, demo.today))
    _offer(bodies, demo)
    handlers = {one.organisation_id: one for one in Membership.objects.active().filter(user__is_demo=True, role__in=HANDLING).order_by("pk")}
    _book(bodies, handlers, demo)
    _run_courses(bodies, handlers, demo)
    made = (SharedService, Resource, Place, BookingSeries, Booking, CourseRun, Enrolment)
    return {str(model._meta.model_name): model.objects.count() if model is BookingSeries else model.objects.filter(is_demo=True).count() for model in made}


def _bodies() -> list[Body]:
    """Members of areas in the order of the areas; a unit counts as its owner. Whoever has no municipality stands in the area's first."""
    found: dict[int, Body] = {}
    rows = AreaMembership.objects.select_related("organisation__municipality", "unit__owner__municipality").order_by("area__number", "position", "pk")
    areas: dict[int, list[Organisation]] = {}
    for row in rows:
        areas.setdefault(row.area_id, []).append(row.organisation or row.unit.owner)
    for organisations in areas.values():
        homes = [one.municipality for one in organisations if one.municipality]
        members = []
        for one in organisations:
            if home := one.municipality or next(iter(homes), None):
                members.append(found.setdefault(one.pk, Body(one, home)))
        for member in members:
            member.neighbours += [other for other in members if other is not member and other not in member.neighbours]
    return list(found.values())


def _school_years(body: Body, today: date) -> list[TermPeriod]:
    first = today.year if today.month >= 7 else today.year - 1
    rows = []
    for year in (first, first + 1):
        autumn, winter = week_of(date(year, 10, 15)), week_of(date(year + 1, 2, 24))
        rows += [
            (TermPeriodKind.TERM, "Syyslukukausi", "Hösttermin", date(year, 8, 9), date(year, 12, 20)),
            (TermPeriodKind.BREAK, "Syysloma", "Höstlov", autumn, autumn + timedelta(days=6)),
            (TermPeriodKind.TERM, "Kevätlukukausi", "Vårtermin", date(year + 1, 1, 7), date(year + 1, 6, 5)),
            (TermPeriodKind.BREAK, "Talviloma", "Sportlov", winter, winter + timedelta(days=6)),
        ]
    return [TermPeriod(organisation=body.organisation, kind=kind, name_fi=fi, name_sv=sv, first_day=start, last_day=end, is_demo=True) for kind, fi, sv, start, end in rows]


def _offer(bodies: list[Body], demo: Demo) -> None:
    """A place, a room, a teacher and a course of each."""
    places, resources, parts, hours = [], [], [], []
    for number, body in enumerate(bodies):
        place = Place(
            owner=body.organisation, municipality=body.municipality, name_fi=f"Demotalo {number + 1}", name_sv=f"Demohuset {number + 1}", street_address=f"Keksitty tie {number + 1}",
            step_free=number % 4 != 3, accessible_toilet=number % 3 != 2, lift=None if number % 2 else True, induction_loop=number % 5 == 0, is_demo=True,
        )  # fmt: skip
        room, teacher = ROOMS[number % len(ROOMS)], TEACHERS[number % len(TEACHERS)]
        at_once = BookingMode.AT_ONCE if number % 2 == 0 else BookingMode.ON_REQUEST
        where = body.municipality
        space = Resource(
            owner=body.organisation, kind=ResourceKind.SPACE, place=place, capacity=room.capacity, name_fi=f"{room.fi}, {where.name_fi}", name_sv=f"{room.sv}, {where.name_sv or where.name_fi}",
            equipment_fi=room.equipment_fi, equipment_sv=room.equipment_sv, mode=at_once, buffer_after=room.buffer_after, start_interval=30, is_demo=True,
        )  # fmt: skip
        if room.halves:
            for fi, sv in (("pohjoispuoli", "norra halvan"), ("eteläpuoli", "södra halvan")):
                parts.append(
                    Resource(owner=body.organisation, kind=ResourceKind.SPACE, whole=space, place=place, capacity=room.capacity // 2, name_fi=f"{room.fi}, {fi}", name_sv=f"{room.sv}, {sv}", mode=at_once, is_demo=True)
                )
        name = f"Demo Opettaja {number + 1}"
        person = Resource(
            owner=body.organisation, kind=teacher.kind, place=place, weekly_minutes=teacher.weekly_minutes, mode=BookingMode.ON_REQUEST, start_interval=15, is_demo=True,
            name_fi=name if teacher.kind == ResourceKind.PERSON else f"{teacher.fi}, virka {number + 1}", name_sv=name if teacher.kind == ResourceKind.PERSON else f"{teacher.sv}, tjänst {number + 1}",
        )  # fmt: skip
        places.append(place)
        resources += [space, person]
        closes = time(21) if room.halves else time(18)
        hours += [OpeningHours(resource=space, weekday=day, opens=time(8), closes=closes) for day in range(1, 6 + room.halves)]
        hours += [OpeningHours(resource=person, weekday=day, opens=time(8), closes=time(16)) for day in range(1, 6)]
        _add_offers(body, number, space, person, place, demo)
    for row in (*places, *resources, *parts):
        row.set_derived()
    Place.objects.bulk_create(places)
    Resource.objects.bulk_create(resources)
    Resource.objects.bulk_create(parts)
    OpeningHours.objects.bulk_create(hours)
    offers = [offer for body in bodies for offer in body.offers]
    for offer in offers:
        offer.set_derived()
    SharedService.objects.bulk_create(offers)
    taught = SharedService.education_forms.through
    taught.objects.bulk_create(taught(sharedservice=offer, educationform=form) for offer in offers if (form := demo.forms.get(_form_of(offer))))
    chosen = SharedService.for_organisations.through
    chosen.objects.bulk_create(
        chosen(sharedservice=offer, organisation=other.organisation) for body in bodies for offer in body.offers if offer.audience == Audience.CHOSEN for other in body.neighbours
    )


def _form_of(offer: SharedService) -> str:
    course = next((one for one in COURSES if offer.name_fi.startswith(one.fi)), None)
    return course.form if course else "basic"


def _add_offers(body: Body, number: int, space: Resource, person: Resource, place: Place, demo: Demo) -> None:
    room, teacher, course = ROOMS[number % len(ROOMS)], TEACHERS[number % len(TEACHERS)], COURSES[number % len(COURSES)]
    where = body.municipality
    remote = course.fi.endswith("etäkurssi")
    for kind, what, resource in ((ServiceKind.FACILITY, room, space), (ServiceKind.STAFF, teacher, person), (ServiceKind.COURSE, course, None)):
        fi, sv = f"{what.fi}, {where.name_fi}", f"{what.sv}, {where.name_sv or where.name_fi}"
        basis = (PriceBasis.FREE, PriceBasis.HOUR, PriceBasis.AGREED)[number % 3] if resource else (PriceBasis.FREE, PriceBasis.SEAT)[number % 2]
        body.offers.append(
            SharedService(
                kind=kind, state=Publication.PUBLIC, organisation=body.organisation, resource=resource, place=place, name_fi=fi, name_sv=sv,
                description_fi=ABOUT_FI.format(name=fi), description_sv=ABOUT_SV.format(name=sv), languages=["sv", "fi"] if body.in_swedish else ["fi", "sv"] if number % 6 == 0 else ["fi"],
                delivery=Delivery.REMOTE if remote and not resource else Delivery.HYBRID if number % 5 == 0 and kind != ServiceKind.FACILITY else Delivery.CONTACT,
                subjects_fi=what.fi, subjects_sv=what.sv, price_basis=basis, price=20 + number if basis in (PriceBasis.HOUR, PriceBasis.SEAT) else None,
                contact_email=f"palvelut{number + 1}@example.org", audience=Audience.CHOSEN if number % 9 == 4 else Audience.NETWORK, shown_outside=number % 18 != 4,
                check_by=demo.today + timedelta(days=-20 if number % 11 == 7 else 30 + 5 * number), created_at=demo.now, is_demo=True,
            )
        )  # fmt: skip


def _book(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """Series of the demo's handlers first, with their rejected dates; then single bookings of neighbours where the calendars are free."""
    start = week_of(demo.today) - timedelta(weeks=WEEKS_BEFORE)
    until = start + timedelta(weeks=WEEKS_BEFORE + WEEKS_AFTER)
    made: list[tuple[Booking, Calendar]] = []
    singles = {}
    for number, body in enumerate(bodies):
        for offer in body.offers[:2]:
            if not body.neighbours:
                continue
            calendar = read_calendar(offer.resource, start, until, borrower_id=body.neighbours[0].organisation.pk)
            singles[offer.pk] = calendar
            turn = number % len(body.neighbours)
            for which in range(4):
                borrower = body.neighbours[(turn + which) % len(body.neighbours)].organisation
                day = start + timedelta(days=7 * demo.draw.randrange(1, WEEKS_BEFORE + WEEKS_AFTER - 1) + demo.draw.randrange(5))
                slot = slot_on(day, time(9 + 2 * (which % 3)), time(11 + 2 * (which % 3)))
                if slot is None or calendar.faults(slot, now=demo.now - timedelta(weeks=WEEKS_BEFORE + 1), place=offer.place, by_terms=True):
                    continue
                made.append((_booking(offer, borrower, slot, calendar, handlers, which, demo), calendar))
    Booking.objects.bulk_create(booking for booking, _calendar in made)
    Occupancy.objects.bulk_create(row for booking, calendar in made if booking.holds for row in _occupancies(booking, calendar))
    for body in bodies:
        for other in body.neighbours:
            if (by := handlers.get(body.organisation.pk)) and other.offers:
                _series(other.offers[0], by, start + timedelta(weeks=WEEKS_BEFORE + 1), until, demo)


def _booking(offer: SharedService, borrower: Organisation, slot: Slot, calendar: Calendar, handlers: dict[int, Membership], which: int, demo: Demo) -> Booking:
    """Confirmed where it is booked at once, or once it is over; else confirmed, requested or declined in turn. What holds time is added to the calendar."""
    over = slot.starts_at <= demo.now
    state = BookingState.CONFIRMED if calendar.at_once or over else (BookingState.CONFIRMED, BookingState.REQUESTED, BookingState.DECLINED, BookingState.REQUESTED)[which]
    asked = min(slot.starts_at, demo.now) - timedelta(days=7 + which)
    booking = Booking(
        service=offer, resource=offer.resource, organisation=borrower, place=offer.place, starts_at=slot.starts_at, ends_at=slot.ends_at, purpose=demo.draw.choice(PURPOSES), people=6 + 2 * which, state=state,
        reason=DECLINED if state == BookingState.DECLINED else "", requested_at=asked, requested_by=handlers.get(borrower.pk), token=demo.token(), is_demo=True,
        answered_at=None if state == BookingState.REQUESTED else asked + timedelta(hours=0 if calendar.at_once else 20),
    )  # fmt: skip
    if booking.holds:
        calendar.held.append(Held(calendar.with_buffers(slot), slot, borrower, offer.place, None))
    return booking


def _occupancies(booking: Booking, calendar: Calendar) -> list[Occupancy]:
    wide = calendar.with_buffers(Slot(booking.starts_at, booking.ends_at))
    return [Occupancy(resource_id=leaf, booking=booking, starts_at=wide.starts_at, ends_at=wide.ends_at) for leaf in calendar.leaves]


def _series(offer: SharedService, by: Membership, first_day: date, last_day: date, demo: Demo) -> None:
    """A weekly booking as the action makes it: what does not fit stays with its reason and the time offered instead."""
    first = first_day + timedelta(days=demo.draw.randrange(4))
    plan = plan_series(resource=offer.resource, borrower=by.organisation, first_day=first, last_day=last_day, starts=time(9), ends=time(11), place=offer.place, now=demo.now)
    if not plan.fitting:
        return
    series = BookingSeries.objects.create(
        service=offer, resource=offer.resource, organisation=by.organisation, first_day=first, last_day=last_day, starts=time(9), ends=time(11), requested_at=demo.now, requested_by=by, token=demo.token()
    )
    at_once = plan.calendar.at_once
    bookings = [
        Booking(
            service=offer, resource=offer.resource, series=series, organisation=by.organisation, place=offer.place, starts_at=one.slot.starts_at, ends_at=one.slot.ends_at, purpose=PURPOSES[0], requested_at=demo.now,
            requested_by=by, token=demo.token(), is_demo=True, state=BookingState.CONFIRMED if at_once else BookingState.REQUESTED, answered_at=demo.now if at_once else None,
        )
        for one in plan.fitting if one.slot
    ]  # fmt: skip
    Booking.objects.bulk_create(bookings)
    Occupancy.objects.bulk_create(row for booking in bookings for row in _occupancies(booking, plan.calendar))
    RejectedDate.objects.bulk_create(
        RejectedDate(
            series=series, day=one.day, misfit=one.faults[0].misfit, offered_starts_at=one.alternative.starts_at if one.alternative else None, offered_ends_at=one.alternative.ends_at if one.alternative else None
        )
        for one in plan.rejected
    )


def _run_courses(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
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


@transaction.atomic
def remove_services() -> dict[str, int]:
    """Removes the demo's offers with all that hangs on them, whoever made it. Places and resources that a real offer uses stay, and are demo no more."""
    offers = SharedService.objects.filter(is_demo=True)
    real = SharedService.objects.filter(is_demo=False)
    removed = {"sharedservice": offers.count(), "booking": Booking.objects.filter(service__in=offers).count(), "enrolment": Enrolment.objects.filter(run__service__in=offers).count()}
    for kept in (Place.objects.filter(is_demo=True, services__in=real), Resource.objects.filter(is_demo=True, services__in=real)):
        kept.model.objects.filter(pk__in=list(kept.values_list("pk", flat=True))).update(is_demo=False)
    Place.objects.filter(is_demo=True, resources__is_demo=False).update(is_demo=False)
    Enrolment.objects.filter(run__service__in=offers).delete()
    CourseRun.objects.filter(service__in=offers).delete()
    Booking.objects.filter(service__in=offers).delete()
    BookingSeries.objects.filter(service__in=offers).delete()
    offers.delete()
    Resource.objects.filter(is_demo=True, whole__isnull=False).delete()
    Resource.objects.filter(is_demo=True).delete()
    Place.objects.filter(is_demo=True).delete()
    TermPeriod.objects.filter(is_demo=True).delete()
    for model in (SharedService, Resource):
        model.history.filter(is_demo=True).exclude(id__in=model.objects.values("pk")).delete()
    return removed
