"""Twelve want the same at once. Real threads, each with its own connection, on the database of the run.

One wins; the others are told who has it and when; the database itself refuses when nobody holds the row.
"""
from datetime import time
from functools import partial
from itertools import cycle
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from services.actions import bookings
from services.actions.bookings import request_booking, request_series
from services.choices import ResourceKind
from services.conflicts import Conflict
from services.models import Booking, Occupancy, Resource
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_resource, make_service

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]
PEOPLE = 12
SHAPES = ("same slot", "partly overlapping", "whole against part", "series against single", "person in two places")


@pytest.fixture
def rounds(battery_count):
    return range(battery_count(50))


@pytest.fixture
def people(transactional_db):
    return [make_handler() for _ in range(PEOPLE)]


def single(service, first, last, resource=None):
    return lambda by: request_booking(by=by, service=service, resource=resource or service.resource, slot=hours(first, last), purpose="Keksitty", token=uuid4())


def weekly(service, first, last):
    return lambda by: request_series(
        by=by, service=service, resource=service.resource, first_day=MONDAY, last_day=MONDAY, starts=time(first), ends=time(last), purpose="Keksitty", token=uuid4()
    )


def what_is_asked(shape: str) -> list:
    """The requests of the shape, for a resource of its own; people take them in turn."""
    person = shape == "person in two places"
    resource = make_resource(kind=ResourceKind.PERSON if person else ResourceKind.SPACE)
    service = make_service(resource)
    if shape == "whole against part":
        return [single(service, 9, 11), single(service, 10, 12, make_part(resource))]
    return {
        "same slot": [single(service, 9, 11)],
        "partly overlapping": [single(service, 9, 11), single(service, 10, 12)],
        "series against single": [weekly(service, 9, 11), single(service, 10, 12)],
        "person in two places": [single(service, 9, 11), single(make_service(resource), 10, 12)],
    }[shape]


def race(shape, people, at_once) -> list:
    return at_once([partial(ask, by) for ask, by in zip(cycle(what_is_asked(shape)), people, strict=False)])


@pytest.mark.parametrize("shape", SHAPES)
def test_one_of_twelve_wins(shape, rounds, people, at_once):
    for _round in rounds:
        results = race(shape, people, at_once)

        lost = [result for result in results if isinstance(result, BaseException)]
        assert [repr(one) for one in lost if not isinstance(one, Conflict | ValidationError)] == []
        assert len(results) - len(lost) == 1
        assert Booking.objects.count() == 1
        winner = Booking.objects.get().organisation.name
        assert all(winner in one.message for one in lost if isinstance(one, Conflict))
        Booking.objects.all().delete()


@pytest.mark.parametrize("shape", SHAPES)
def test_the_database_refuses_when_no_row_is_held(shape, people, at_once, monkeypatch):
    monkeypatch.setattr(bookings, "_hold", lambda service, resource: Resource.objects.get(pk=resource.root_id))

    results = race(shape, people, at_once)

    lost = [result for result in results if isinstance(result, BaseException)]
    assert [repr(one) for one in lost if not isinstance(one, Conflict | ValidationError)] == []
    assert len(results) - len(lost) == 1


@pytest.mark.engine("postgresql")
def test_who_waits_too_long_for_a_locked_row_is_told_and_stores_nothing():
    service, by, holder = make_service(), make_handler(), connection.copy()
    holder.set_autocommit(False)
    with holder.cursor() as cursor:
        cursor.execute("SELECT 1 FROM services_resource WHERE id = %s FOR UPDATE", [service.resource_id])
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    try:
        with pytest.raises(Conflict):
            book(service, hours(9, 11), by=by)
    finally:
        holder.rollback()
        holder.close()
        connection.close()

    assert not Booking.objects.exists()
    assert book(service, hours(9, 11), by=by).pk


def test_an_overlap_is_refused_by_the_database_alone():
    service = make_service()
    held = book(service, hours(9, 11)).occupancies.get()
    other, third = book(service, hours(12, 13)), book(service, hours(14, 15))
    third.occupancies.all().delete()

    def put(slot):
        with transaction.atomic():
            Occupancy.objects.filter(booking=other).update(starts_at=slot.starts_at, ends_at=slot.ends_at)

    def add(slot):
        with transaction.atomic():
            Occupancy.objects.create(resource=held.resource, booking=third, starts_at=slot.starts_at, ends_at=slot.ends_at)

    for slot in (hours(9, 11), hours(10, 12), hours(8, 10), hours(8, 12), hours(10, 11)):
        with pytest.raises(IntegrityError, match="occupancy_no_overlap"):
            put(slot)
        with pytest.raises(IntegrityError, match="occupancy_no_overlap"):
            add(slot)
    put(hours(11, 12))


def test_the_same_form_sent_twelve_times_makes_one(people, at_once):
    service, token = make_service(), uuid4()

    results = at_once([lambda: request_booking(by=people[0], service=service, resource=service.resource, slot=hours(9, 11), purpose="Keksitty", token=token)] * PEOPLE)

    assert {result.pk for result in results} == {Booking.objects.get().pk}
