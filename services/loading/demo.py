"""Invented offers of the real member organisations, a term of bookings and enrolments, and their removal.

The same day and seed make the same rows. All rows are marked `is_demo`, or hang on one that is. What is written in one
go keeps every rule of the actions: bookings are asked from the calendars, seats are counted, queues numbered.
"""
import random
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Q

from pilots.models import EducationForm, Membership
from services.actions.notices import HANDLING
from services.choices import Audience, BookingMode, Delivery, PriceBasis, Publication, ResourceKind, ServiceKind
from services.loading.demo_agreements import agree, remove_agreements
from services.loading.demo_bodies import Body, Demo, demo_bodies, school_years
from services.loading.demo_bookings import book
from services.loading.demo_courses import run_courses
from services.loading.demo_finding import forget_kept, keep
from services.loading.demo_needs import hold_rounds, post_needs
from services.loading.demo_texts import ABOUT_FI, ABOUT_SV, COURSES, ROOMS, TEACHERS
from services.loading.demo_things import forget_busy_times, forget_photos, put_photos, tell_busy_times
from services.models import Booking, BookingSeries, CourseRun, Enrolment, Need, OpeningHours, Place, Resource, SharedService, TermPeriod, TermRound, Wish


class ServicesRefused(Exception):
    """Why demo offers cannot be loaded here, as a sentence."""


@transaction.atomic
def load_services(*, now: datetime, seed: int = 1) -> dict[str, int]:
    """How many rows of each kind were made; nothing when they are there. Raises ServicesRefused without a network."""
    if SharedService.objects.filter(is_demo=True).exists():
        return {}
    bodies = demo_bodies()
    if not bodies:
        raise ServicesRefused("Run load_network first: no area has a member.")
    demo = Demo(now, random.Random(seed), {form.code: form for form in EducationForm.objects.all()})  # noqa: S311  invented rows
    TermPeriod.objects.bulk_create(period for body in bodies for period in school_years(body, demo.today))
    _offer(bodies, demo)
    handlers = {one.organisation_id: one for one in Membership.objects.active().filter(user__is_demo=True, role__in=HANDLING).order_by("pk")}
    tell_busy_times(bodies, handlers, demo)
    book(bodies, handlers, demo)
    run_courses(bodies, handlers, demo)
    agree(bodies, handlers, demo)
    keep(bodies, handlers, demo)
    post_needs(bodies, handlers, demo)
    hold_rounds(bodies, handlers, demo)
    put_photos(bodies, handlers, demo)
    made = (SharedService, Resource, Place, BookingSeries, Booking, CourseRun, Enrolment, Need, TermRound)
    return {str(model._meta.model_name): model.objects.count() if model is BookingSeries else model.objects.filter(is_demo=True).count() for model in made}


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
                check_by=demo.today + timedelta(days=-20 if number % 11 == 7 else 30 + 5 * number), created_at=demo.now, published_at=demo.now, is_demo=True,
            )
        )  # fmt: skip


@transaction.atomic
def remove_services() -> dict[str, int]:
    """Removes the demo's offers with all that hangs on them, whoever made it. Places and resources that a real offer uses stay, and are demo no more."""
    offers = SharedService.objects.filter(is_demo=True)
    real = SharedService.objects.filter(is_demo=False)
    removed = {"sharedservice": offers.count(), "booking": Booking.objects.filter(service__in=offers).count(), "enrolment": Enrolment.objects.filter(run__service__in=offers).count()}
    forget_busy_times()
    for kept in (Place.objects.filter(is_demo=True, services__in=real), Resource.objects.filter(is_demo=True, services__in=real)):
        kept.model.objects.filter(pk__in=list(kept.values_list("pk", flat=True))).update(is_demo=False)
    Place.objects.filter(is_demo=True, resources__is_demo=False).update(is_demo=False)
    remove_agreements()
    Need.objects.filter(is_demo=True).delete()
    TermRound.objects.filter(is_demo=True).delete()
    Wish.objects.filter(Q(service__in=offers) | Q(granted_service__in=offers)).delete()
    Enrolment.objects.filter(run__service__in=offers).delete()
    CourseRun.objects.filter(service__in=offers).delete()
    Booking.objects.filter(service__in=offers).delete()
    BookingSeries.objects.filter(service__in=offers).delete()
    forget_kept()
    forget_photos()
    offers.delete()
    Resource.objects.filter(is_demo=True, whole__isnull=False).delete()
    Resource.objects.filter(is_demo=True).delete()
    Place.objects.filter(is_demo=True).delete()
    TermPeriod.objects.filter(is_demo=True).delete()
    for model in (SharedService, Resource):
        model.history.filter(is_demo=True).exclude(id__in=model.objects.values("pk")).delete()
    return removed
