"""The shared services of a whole country in a PostgreSQL: 10,000 services, 2,000 resources, 1,000,000 bookings, invented.

    DATABASE_URL=postgres://… python -m benchmarks.market [--services 10000]

Fills an empty database; there are always a fifth as many resources and a hundred times as many bookings as services.
The same day gives the same rows.
"""
import argparse
import random
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO

from benchmarks.prepared import set_up

SERVICES, SMALL_SERVICES = 10_000, 100
MUNICIPALITIES = 309
SOURCE = "made for the benchmark"
# Who asks for the pages. Its organisation lends so many resources and borrows about as much, whatever the size of the country.
HANDLER, ITS_RESOURCES = "handler-0@benchmark.example", 7
# One of another municipality, which lends an eighth of everything: so long a list of bookings has nobody else.
LENDER, ITS_SHARE = "handler-1@benchmark.example", 8
# So many bookings has every borrower, over 70 weeks that were and 30 that come.
BOOKINGS_A_BORROWER = 3_250
PAST_WEEKS, WEEKS = 70, 100
# Hours of the day, in UTC, that are booked; later ones are free for what is measured.
STARTS = (6, 8, 10, 12)
FREE_FROM, FREE_UNTIL, OPENS, CLOSES = time(17), time(19), time(8), time(20)
CHUNK = 200  # resources
RARE = "Lasinpuhalluspaja"
NULL = r"\N"


def fill(services: int, seed: int = 1) -> None:
    """Everything of a country with so many services. PostgreSQL only, as a superuser, load_network done."""
    from django.db import connection, transaction
    from django.utils import timezone

    from benchmarks.bulk import bare_tables, copy, finish
    from benchmarks.country import fill_up
    from services.models import Booking, BookingSeries, Occupancy

    fill_up(MUNICIPALITIES)
    columns = {
        BookingSeries: "id service_id resource_id organisation_id first_day last_day starts ends requested_at requested_by_id token",
        Booking: "id service_id resource_id series_id organisation_id place_id starts_at ends_at purpose people state reason requested_at requested_by_id answered_at answered_by_id ended_at ended_by_id token version is_demo",
        Occupancy: "resource_id booking_id starts_at ends_at",
    }
    rng = random.Random(seed)
    with transaction.atomic():
        handlers = _make_handlers()
        offered = _make_resources(services // 5, handlers, rng)
        _make_services(services, offered, handlers, rng)
    borrowers = handlers[: max(2, services * 100 // BOOKINGS_A_BORROWER)]
    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday())
    lines = Lines(rng, borrowers, monday - timedelta(weeks=PAST_WEEKS))
    connection.ensure_connection()
    with bare_tables([model._meta.db_table for model in columns]):
        for first in range(0, len(offered), CHUNK):
            for resource in offered[first : first + CHUNK]:
                lines.of(resource)
            texts = {BookingSeries: lines.series, Booking: lines.bookings, Occupancy: lines.occupancies}
            copy(connection.connection, columns, {model: "".join(text) for model, text in texts.items()})
            for text in texts.values():
                text.clear()
    finish(list(columns))


class Lines:
    """Lines for COPY: of each resource one booking on every working day; those of a Monday are of a series."""

    def __init__(self, rng: random.Random, borrowers: list, first: date) -> None:
        self.rng, self.borrowers, self.first = rng, borrowers, first
        self.now = datetime.now(UTC).replace(second=0, microsecond=0)
        self.series: list[str] = []
        self.bookings: list[str] = []
        self.occupancies: list[str] = []
        self.keys = {"series": 0, "booking": 0}

    def of(self, resource) -> None:
        # A whole is booked at the first hour, its parts at the others, so that they never meet.
        starts = STARTS[1:] if resource.whole_id else STARTS[:1] if resource.leaves else STARTS
        series = [self._series(resource, number, starts[0]) for number in (0, 1)]
        for number in range(WEEKS * 5):
            week, weekday = divmod(number, 5)
            hour = starts[0] if weekday == 0 else starts[int(self.rng.random() * len(starts))]
            at = datetime.combine(self.first + timedelta(weeks=week, days=weekday), time(hour), UTC)
            key, by = series[week * 2 // WEEKS] if weekday == 0 else (NULL, self.borrowers[int(self.rng.random() * len(self.borrowers))])
            self._booking(resource, key, by, at)

    def _series(self, resource, number: int, hour: int) -> tuple[int, object]:
        self.keys["series"] += 1
        key, by = self.keys["series"], self.rng.choice(self.borrowers)
        first = self.first + timedelta(weeks=number * WEEKS // 2)
        last = first + timedelta(weeks=WEEKS // 2 - 1)
        self.series.append(f"{key}\t{resource.service}\t{resource.pk}\t{by.organisation_id}\t{first}\t{last}\t{hour + 2:02}:00\t{hour + 4:02}:00\t{first - timedelta(days=40)} 08:00+00\t{by.pk}\t{self.rng.getrandbits(128):032x}\n")
        return key, by

    def _booking(self, resource, series, by, at: datetime) -> None:
        ends, asked, draw = at + timedelta(hours=2), at - timedelta(days=40), self.rng.random()
        state = "confirmed" if draw < 0.84 else "cancelled" if draw < 0.92 else "declined" if draw < 0.96 else "withdrawn"
        if at > self.now and draw > 0.92:
            state = "requested"
        answered = asked + timedelta(hours=30) if state in ("confirmed", "cancelled", "declined") else NULL
        answerer = NULL if answered == NULL or resource.at_once else resource.handler
        ended = asked + timedelta(hours=50) if state in ("cancelled", "withdrawn") else NULL
        self.keys["booking"] += 1
        key = self.keys["booking"]
        self.bookings.append(
            f"{key}\t{resource.service}\t{resource.pk}\t{series}\t{by.organisation_id}\t{resource.place_id}\t{at}\t{ends}\tKeksitty kurssi\t12\t{state}\t{'Keksitty syy' if state == 'declined' else ''}\t"
            f"{asked}\t{by.pk}\t{answered}\t{answerer}\t{ended}\t{by.pk if ended != NULL else NULL}\t{self.rng.getrandbits(128):032x}\t1\tf\n"
        )
        if state in ("confirmed", "requested"):
            self.occupancies += [f"{leaf}\t{key}\t{at}\t{ends}\n" for leaf in resource.leaves or [resource.pk]]


def _make_handlers() -> list:
    """One for each municipality, with two terms and two breaks of a school year."""
    from django.utils import timezone

    from accounts.models import User
    from pilots.choices import OrganisationKind, Role
    from pilots.models import Membership, Organisation
    from services.choices import TermPeriodKind
    from services.models import TermPeriod

    now, today = timezone.now(), timezone.localdate()
    # The made ones first: each name is one municipality's, and no contact is a real person.
    owners = sorted(Organisation.objects.filter(kind=OrganisationKind.MUNICIPALITY).select_related("municipality"), key=lambda one: (one.source != SOURCE, one.pk))
    users = User.objects.bulk_create(User(email=f"handler-{number}@benchmark.example", name=f"Benchmark Handler {number}", password="!", date_joined=now) for number in range(len(owners)))
    handlers = Membership.objects.bulk_create(Membership(user=user, organisation=owner, role=Role.SERVICE_HANDLER, started_at=now) for user, owner in zip(users, owners, strict=True))
    years = range(today.year - 2, today.year + 2)
    periods = [
        (kind, name, date(year + first[0], *first[1:]), date(year + last[0], *last[1:]))
        for year in years
        for kind, name, first, last in (
            (TermPeriodKind.TERM, "syyslukukausi", (0, 8, 10), (0, 12, 22)),
            (TermPeriodKind.BREAK, "syysloma", (0, 10, 12), (0, 10, 18)),
            (TermPeriodKind.TERM, "kevätlukukausi", (1, 1, 7), (1, 6, 5)),
            (TermPeriodKind.BREAK, "talviloma", (1, 3, 1), (1, 3, 7)),
        )
    ]
    TermPeriod.objects.bulk_create(TermPeriod(organisation=owner, kind=kind, name_fi=name, first_day=first, last_day=last) for owner in owners for kind, name, first, last in periods)
    return handlers


def _make_resources(count: int, handlers: list, rng: random.Random) -> list:
    """Rooms, of which one in twenty has two parts, and people; each with its place, hours, two exceptions and ten times that are busy elsewhere."""
    from django.utils import timezone

    from services.choices import BookingMode, ResourceKind
    from services.loading.demo_texts import ROOMS, TEACHERS
    from services.models import BusyTime, OpeningException, OpeningHours, Place, Resource

    today, now = timezone.localdate(), timezone.now()
    places, resources = [], []
    for number in range(count):
        if number % 20 in (18, 19):
            whole = resources[number - number % 20 + 15]
            resource = Resource(name_fi=f"{whole.name_fi}, lohko {number % 20 - 17}", kind=ResourceKind.SPACE, mode=whole.mode, owner=whole.owner, place=whole.place, whole=whole)
            resource.handler = whole.handler
        else:
            by = handlers[0] if number < ITS_RESOURCES else handlers[1] if number % ITS_SHARE == 0 else handlers[2 + number % (len(handlers) - 2)]
            here = by.organisation.municipality
            latitude, longitude = (round(one + rng.uniform(-0.05, 0.05), 4) if one else None for one in (here.latitude, here.longitude))
            places.append(Place(name_fi=f"Koulutalo {number}", owner=by.organisation, municipality=here, street_address=f"Keksitie {number}", postal_code="00000", latitude=latitude, longitude=longitude))
            person = number % 5 == 4
            what = TEACHERS[number % len(TEACHERS)] if person else ROOMS[number % len(ROOMS)]
            resource = Resource(
                name_fi=f"{what.fi} {number}", name_sv=f"{what.sv} {number}", owner=by.organisation, place=places[-1], kind=ResourceKind.PERSON if person else ResourceKind.SPACE,
                weekly_minutes=38 * 60 if person else None, mode=BookingMode.ON_REQUEST if number % 3 == 2 else BookingMode.AT_ONCE,
            )
            resource.handler = by
        resource.set_derived()
        resources.append(resource)
    for place in places:
        place.set_derived()
    Place.objects.bulk_create(places)
    # Wholes first: a part is stored with the key of its whole.
    Resource.objects.bulk_create(one for one in resources if one.whole is None)
    Resource.objects.bulk_create(one for one in resources if one.whole is not None)
    roots = [one for one in resources if one.whole_id is None]
    OpeningHours.objects.bulk_create((OpeningHours(resource=one, weekday=day, opens=OPENS, closes=CLOSES) for one in roots for day in range(1, 6)), batch_size=5000)
    OpeningException.objects.bulk_create(OpeningException(resource=one, first_day=day, last_day=day, reason_fi="Keksitty syy") for one in roots for day in (today + timedelta(days=60), today + timedelta(days=130)))
    BusyTime.objects.bulk_create(
        (
            BusyTime(resource=one, starts_at=at, ends_at=at + timedelta(hours=1), brought_at=now)
            for one in roots
            for number in range(10)
            for at in [datetime.combine(today + timedelta(days=number - today.weekday()), time(3), UTC)]
        ),
        batch_size=5000,
    )
    for one in resources:
        one.leaves = [part.pk for part in resources if part.whole_id == one.pk] if not one.is_person else []
        one.at_once, one.handler = one.mode == BookingMode.AT_ONCE, one.handler.pk
    return resources


def _make_services(count: int, offered: list, handlers: list, rng: random.Random) -> None:
    """Three in ten are of a resource, the others courses with a run; one in five is for a few organisations and areas."""
    from django.utils import timezone

    from pilots.models import EducationForm, PilotArea
    from services.choices import Audience, Delivery, Publication, ServiceKind
    from services.loading.demo_texts import COURSES
    from services.models import CourseRun, SharedService

    now, today = timezone.now(), timezone.localdate()
    forms, areas = list(EducationForm.objects.order_by("pk")), list(PilotArea.objects.order_by("pk"))
    roots = [one for one in offered if one.whole_id is None]
    places = {one.owner_id: one.place for one in reversed(roots)}
    services, runs = [], []
    for number in range(count):
        resource = roots[number] if number < len(roots) else roots[rng.randrange(len(roots))] if number < count * 3 // 10 else None
        if resource:
            owner, place, name_fi, name_sv = resource.owner, resource.place, resource.name_fi, resource.name_sv
            kind, text = ServiceKind.STAFF if resource.is_person else ServiceKind.FACILITY, "Vapaana iltaisin ja lomien aikana; varaaja siistii jälkensä."
        else:
            by, course = rng.choice(handlers), COURSES[number % len(COURSES)]
            owner, place, kind = by.organisation, places.get(by.organisation_id), ServiceKind.COURSE
            name_fi, name_sv = f"{course.fi} {number}", f"{course.sv} {number}"
            text = f"Kurssi työikäisille, {course.timetable}. Sopii aloittelijalle ja kertaajalle; oppimateriaali kuuluu hintaan."
        service = SharedService(
            name_fi=RARE if number == count - 1 else f"{name_fi}, {owner.municipality.name_fi}", name_sv="" if number == count - 1 else f"{name_sv}, {owner.municipality.name_sv}", kind=kind, state=Publication.PUBLIC,
            organisation=owner, resource=resource, place=place, description_fi=text, description_sv="För vuxna." if number % 4 == 0 else "", languages=["fi", "sv"] if number % 4 == 0 else ["fi"],
            delivery=Delivery.REMOTE if kind == ServiceKind.COURSE and number % 10 == 0 else Delivery.CONTACT, audience=Audience.CHOSEN if number % 5 == 4 else Audience.NETWORK, shown_outside=number % 10 != 9,
            check_by=today + timedelta(days=number % 400 - 40), created_at=now,
        )
        service.set_derived()
        services.append(service)
    SharedService.objects.bulk_create(services, batch_size=1000)
    chosen = [service for service in services if service.audience == Audience.CHOSEN]
    SharedService.education_forms.through.objects.bulk_create((SharedService.education_forms.through(sharedservice=service, educationform=rng.choice(forms)) for service in services), batch_size=5000)
    SharedService.for_areas.through.objects.bulk_create(SharedService.for_areas.through(sharedservice=service, pilotarea=rng.choice(areas)) for service in chosen[::2])
    SharedService.for_organisations.through.objects.bulk_create(SharedService.for_organisations.through(sharedservice=service, organisation=rng.choice(handlers).organisation) for service in chosen)
    for number, service in enumerate(one for one in services if one.kind == ServiceKind.COURSE):
        course = COURSES[number % len(COURSES)]
        first = today + timedelta(days=number % 200)
        runs.append(CourseRun(service=service, kind="qualification", first_day=first, last_day=first + timedelta(weeks=course.weeks), delivery=service.delivery, place=service.place, seats=10 + number % 15, enrol_by=first, entry="apply", created_at=now))
    CourseRun.objects.bulk_create(runs, batch_size=5000)
    first_of = {service.resource_id: service.pk for service in reversed(services) if service.resource_id}
    for one in offered:
        one.service = first_of[one.root_id]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--services", type=int, default=SERVICES)
    chosen = parser.parse_args()
    set_up()
    from django.core.management import call_command

    for command in (["migrate"], ["createcachetable"], ["build_word_forms"], ["load_network"]):
        call_command(*command, verbosity=0, stdout=StringIO())
    fill(chosen.services)


if __name__ == "__main__":
    main()
