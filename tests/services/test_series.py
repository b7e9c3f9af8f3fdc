"""A weekly series: what fits, what does not and why, what is offered instead, in how many queries."""
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from services.actions.bookings import propose_series
from services.choices import Misfit, ResourceKind, TermPeriodKind
from services.conflicts import Conflict
from services.models import BookingSeries, OpeningException, TermPeriod
from tests.pilots.factories import make_municipality
from tests.services.factories import MONDAY, book, hours, make_handler, make_place, make_resource, make_service, weekly

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def service():
    return make_service()


def plan(service, by=None, *, starts=9, ends=11, weeks=3, first_day=MONDAY, **fields):
    given = {"resource": service.resource, "first_day": first_day, "last_day": first_day + (weeks - 1) * WEEK, "starts": time(starts), "ends": time(ends)} | fields
    return propose_series(by=by or make_handler(), service=service, **given)


def misfits(found):
    return {one.day: one.faults[0].misfit for one in found.rejected}


def test_series_tells_each_date_that_does_not_fit(service):
    held = book(service, hours(10, 12, MONDAY + WEEK))
    OpeningException.objects.create(resource=service.resource, first_day=MONDAY + 2 * WEEK, last_day=MONDAY + 2 * WEEK, reason_fi="Remontti")
    first_day = date(2027, 10, 4)
    found = plan(service, weeks=10, first_day=first_day)

    assert misfits(found) == {MONDAY + WEEK: Misfit.TAKEN, MONDAY + 2 * WEEK: Misfit.EXCEPTION, date(2027, 12, 6): Misfit.HOLIDAY}
    taken = found.rejected[0]
    assert (taken.faults[0].holder, taken.faults[0].held) == (held.organisation, hours(10, 12, MONDAY + WEEK))
    assert taken.alternative == hours(8, 10, MONDAY + WEEK)
    assert found.rejected[1].alternative is None


def test_series_keeps_to_the_terms_of_both_sides(service):
    by = make_handler()
    for organisation, kind, first, last in (
        (service.organisation, TermPeriodKind.TERM, MONDAY, MONDAY + 3 * WEEK), (service.organisation, TermPeriodKind.BREAK, MONDAY + WEEK, MONDAY + WEEK),
        (by.organisation, TermPeriodKind.BREAK, MONDAY + 2 * WEEK, MONDAY + 2 * WEEK),
    ):
        TermPeriod.objects.create(organisation=organisation, kind=kind, name_fi="Keksitty", first_day=first, last_day=last)

    found = plan(service, by, weeks=5)

    assert misfits(found) == dict.fromkeys((MONDAY + WEEK, MONDAY + 2 * WEEK, MONDAY + 4 * WEEK), Misfit.BREAK)


def test_series_over_the_night_of_the_clock_change():
    service = make_service(make_resource(hours=None))

    found = plan(service, first_day=date(2027, 3, 21), starts=3, ends=5)

    assert misfits(found) == {date(2027, 3, 28): Misfit.NOT_A_TIME}
    assert [one.slot.length for one in found.fitting] == [timedelta(hours=2)] * 2


def test_series_counts_its_own_dates_in_the_share_of_a_week():
    person = make_resource(kind=ResourceKind.PERSON, weekly_minutes=3 * 60)
    service = make_service(person)
    book(service, hours(12, 14, MONDAY + WEEK))

    assert misfits(plan(service)) == {MONDAY + WEEK: Misfit.SHARE}


def test_travel_between_places_takes_its_time():
    near, far = make_municipality(latitude=62.0, longitude=27.0), make_municipality(latitude=62.9, longitude=27.0)
    person = make_resource(kind=ResourceKind.PERSON)
    here, there = make_place(person.owner, municipality=near), make_place(person.owner, municipality=far)
    service = make_service(person)
    book(service, hours(9, 11), place=here)

    # 100 km as the crow flies: two and a half hours with the parking.
    with pytest.raises(ValidationError):
        book(service, hours(13, 14), place=there)
    assert book(service, hours(time(13, 30), 14), place=there)
    assert book(service, hours(8, 9), place=here)


def test_series_that_fits_nowhere_or_is_too_long_is_refused(service):
    book(service, hours(8, 20))

    with pytest.raises(ValidationError):
        weekly(service, weeks=1)
    with pytest.raises(ValidationError) as caught:
        weekly(service, weeks=61)
    assert list(caught.value.message_dict) == ["last_day"]
    with pytest.raises(ValidationError) as caught:
        weekly(service, weeks=0)
    assert list(caught.value.message_dict) == ["last_day"]
    assert not BookingSeries.objects.exists()


def test_series_with_other_dates_than_were_seen_stores_nothing(service):
    with pytest.raises(Conflict):
        weekly(service, expected=frozenset({MONDAY}))

    assert not BookingSeries.objects.exists()
    assert weekly(service, expected=frozenset({MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK})).bookings.count() == 3


def test_series_asks_as_much_for_forty_weeks_as_for_five():
    def asked(weeks):
        service, by = make_service(), make_handler()
        make_handler(service.organisation)
        book(service, hours(9, 10))
        with CaptureQueriesContext(connection) as queries:
            series = weekly(service, by=by, weeks=weeks)
        assert series.bookings.count() >= weeks - 5
        return len(queries)

    assert asked(40) == asked(5)
