"""Week and term calendars: what is open, taken and free, and to whom a borrower is named."""
from datetime import date, time, timedelta

import pytest
from django.utils import timezone

from services.choices import BookingMode
from services.models import BusyTime, OpeningException
from services.queries.week import monday_of, written_week
from tests.guidance.web import counted
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_resource, make_service, weekly
from tests.services.web import sign_in, url

pytestmark = pytest.mark.django_db
WEEK = "?week=2027-W40"


@pytest.fixture
def service():
    return make_service(make_resource(hours=(time(8), time(16)), buffer_after=30))


def week_of(service, by, query=WEEK):
    return sign_in(by).get(url("service_calendar", service.pk) + query)


def written(day):
    return [(f"{entry.starts:%H:%M}-{entry.ends:%H:%M}", entry.state) for entry in day.entries]


def test_week_shows_what_is_taken_and_free(service):
    slot = hours(14, 15)
    BusyTime.objects.create(resource=service.resource, starts_at=slot.starts_at, ends_at=slot.ends_at, brought_at=timezone.now())
    OpeningException.objects.create(resource=service.resource, first_day=MONDAY + timedelta(days=1), last_day=MONDAY + timedelta(days=1), reason_fi="Remontti")
    book(service, hours(10, 11))

    page = week_of(service, make_handler())

    days = page.context["days"]
    assert written(days[0]) == [("08:00-09:30", "free"), ("10:00-11:00", "confirmed"), ("11:30-13:30", "free"), ("14:00-15:00", "busy"), ("15:00-16:00", "free")]
    assert (days[1].hours, written(days[1])) == ([], [])
    assert "Remontti" in page.content.decode()
    assert (page.context["previous_week"], page.context["next_week"]) == ("2027-W39", "2027-W41")


def test_week_says_a_holiday(service):
    day = week_of(service, make_handler(), "?week=2027-W49").context["days"][0]

    assert (day.day, day.holiday, day.entries) == (date(2027, 12, 6), True, [])


def test_week_names_the_borrower_to_the_two_sides_only(service):
    booking = book(service, hours(10, 11))
    borrower = booking.organisation.name

    assert borrower in week_of(service, booking.requested_by).content.decode()
    assert borrower in week_of(service, make_handler(service.organisation)).content.decode()
    assert borrower not in week_of(service, make_handler()).content.decode()


def test_week_of_a_part_shows_the_whole_and_not_the_other_part(service):
    whole = service.resource
    one, other = make_part(whole), make_part(whole)
    book(service, hours(8, 9), resource=other)
    book(service, hours(10, 11))
    book(service, hours(12, 13), resource=one)
    by = make_handler()

    def taken(shown):
        return [time for time, state in written(week_of(shown, by).context["days"][0]) if state != "free"]

    assert taken(make_service(one)) == ["10:00-11:00", "12:00-13:00"]
    assert taken(service) == ["08:00-09:00", "10:00-11:00", "12:00-13:00"]


def test_week_asks_the_same_however_much_is_booked(service):
    client = sign_in(make_handler(service.organisation))
    path = url("service_calendar", service.pk) + WEEK

    def asked(path):
        client.get(path)
        with counted() as statements:
            client.get(path)
        return len(statements)

    book(service, hours(8, 9))
    few = [asked(path), asked(url("organisation_calendar") + WEEK), asked(url("organisation_term") + WEEK)]
    for starts in (9, 11, 13):
        weekly(service, starts=starts, ends=starts + 1, weeks=5)
    many = [asked(path), asked(url("organisation_calendar") + WEEK), asked(url("organisation_term") + WEEK)]

    assert few == many
    assert max(many) <= 8


def test_organisation_week_holds_what_is_lent_and_borrowed(service):
    by = make_handler()
    own = book(make_service(make_resource(by.organisation, mode=BookingMode.ON_REQUEST)), hours(9, 10))
    borrowed = book(service, hours(10, 11), by=by)
    book(service, hours(12, 13))
    client = sign_in(by)

    shown = client.get(url("organisation_calendar") + WEEK).context["days"][0].entries

    assert [entry.booking.pk for entry in shown] == [own.pk, borrowed.pk]
    monday, _code, counts = client.get(url("organisation_term") + WEEK).context["weeks"][0]
    assert (monday, counts[0][1:], counts[1][1:]) == (MONDAY, (1, 1), (0, 0))


@pytest.mark.parametrize("written", ["", "2027-W54", "2027-W00", "0001-W01", "9999-W52", "2027-40", "2027-W4０", "\x00"])
def test_a_week_that_is_none_is_this_one(written):
    assert monday_of(written) == timezone.localdate() - timedelta(days=timezone.localdate().weekday())


def test_a_week_is_written_as_it_is_read():
    for monday in (date(2026, 12, 28), date(2027, 1, 4), MONDAY):
        assert monday_of(written_week(monday)) == monday
