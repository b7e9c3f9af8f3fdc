"""A calendar feed read by a parser that is not the one that wrote it."""
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.utils import timezone

from services.actions.bookings import answer_booking, move_booking
from services.actions.feeds import make_feed_address, revoke_feed_address
from services.choices import BookingMode, BookingState, ResourceKind
from services.models import FeedAddress
from services.queries.feeds import hashed
from tests.services.factories import MONDAY, book, hours, make_handler, make_resource, make_service, weekly
from tests.services.web import sent, sign_in, url

pytestmark = pytest.mark.django_db
HELSINKI = ZoneInfo("Europe/Helsinki")


def read(text: str) -> list[dict[str, str]]:
    """RFC 5545 by hand: lines unfolded, the properties of each VEVENT with their parameters in the name, text unescaped."""
    assert text.endswith("\r\n")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    events, here = [], None
    for line in text.replace("\r\n ", "").split("\r\n"):
        if line == "BEGIN:VEVENT":
            here = {}
        elif line == "END:VEVENT":
            events.append(here)
            here = None
        elif here is not None:
            name, _colon, value = line.partition(":")
            here[name] = value.replace("\\,", ",").replace("\\;", ";").replace("\\n", "\n").replace("\\\\", "\\")
    return events


def local(event: dict, name: str) -> datetime:
    return datetime.strptime(event[f"{name};TZID=Europe/Helsinki"], "%Y%m%dT%H%M%S").replace(tzinfo=HELSINKI)


def feed_of(client, by, resource=None) -> str:
    _address, token = make_feed_address(by=by, resource=resource)
    response = client.get(url("feed", token))
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return response.content.decode()


@pytest.fixture
def owner():
    return make_handler()


@pytest.fixture
def service(owner):
    return make_service(make_resource(owner.organisation, mode=BookingMode.ON_REQUEST), name_fi="Keksitty, pitkä nimi; jossa on merkkejä ja vielä paljon muuta, niin että rivi täytyy taittaa")


def test_feed_holds_the_same_as_the_bookings(client, owner, service):
    series = weekly(service, first_day=MONDAY + timedelta(weeks=3), weeks=3)
    first, second, third = series.bookings.order_by("starts_at")
    answer_booking(by=owner, booking=first, target=BookingState.CONFIRMED)
    answer_booking(by=owner, booking=second, target=BookingState.DECLINED, reason="Juhla")
    before = read(feed_of(client, owner))
    move_booking(by=third.requested_by, booking=third, slot=hours(12, 13, third.starts_at.date()), version=1)
    events = read(feed_of(client, owner))

    assert [event["STATUS"] for event in events] == ["CONFIRMED", "CANCELLED", "TENTATIVE"]
    assert [event["UID"] for event in events] == [event["UID"] for event in before]
    assert [event["SEQUENCE"] for event in events] == ["1", "1", "1"]
    for event, booking in zip(events, series.bookings.order_by("starts_at"), strict=True):
        assert (local(event, "DTSTART").astimezone(UTC), local(event, "DTEND").astimezone(UTC)) == (booking.starts_at, booking.ends_at)
        assert service.name in event["SUMMARY"]
    assert {local(event, "DTSTART").utcoffset() for event in events} == {timedelta(hours=3), timedelta(hours=2)}


def test_feed_is_the_same_in_another_programs_eyes(client, owner, service):
    """vobject works out the time zone from the feed's own VTIMEZONE; the series passes the night in autumn or in spring when the clocks change."""
    series = weekly(service, first_day=MONDAY, weeks=30)
    bookings = list(series.bookings.order_by("starts_at"))
    answer_booking(by=owner, booking=bookings[0], target=BookingState.CONFIRMED)
    answer_booking(by=owner, booking=bookings[1], target=BookingState.DECLINED, reason="Juhla")
    move_booking(by=bookings[2].requested_by, booking=bookings[2], slot=hours(12, 13, bookings[2].starts_at.date()), version=1)

    events = vobject.readOne(feed_of(client, owner)).vevent_list

    bookings = list(series.bookings.order_by("starts_at"))
    assert [(event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC)) for event in events] == [(one.starts_at, one.ends_at) for one in bookings]
    assert {event.dtstart.value.utcoffset() for event in events} == {timedelta(hours=2), timedelta(hours=3)}
    assert {(event.dtstart.value.weekday(), event.dtstart.value.hour) for event in events[3:]} == {(0, 9)}
    assert [event.status.value for event in events[:3]] == ["CONFIRMED", "CANCELLED", "TENTATIVE"]
    assert len({event.uid.value for event in events}) == len(bookings)


def test_feed_tells_the_time_zone_with_both_its_changes(client, owner, service):
    book(service, hours(9, 11))

    text = feed_of(client, owner)

    assert text.count("BEGIN:VTIMEZONE") == 1
    zone = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE")]
    assert "TZID:Europe/Helsinki" in zone
    assert {"TZOFFSETTO:+0300", "TZOFFSETTO:+0200"} <= set(zone.split("\r\n"))


def test_feed_holds_no_person_and_no_purpose(client, owner):
    person = make_resource(owner.organisation, kind=ResourceKind.PERSON, name_fi="Salainen Nimi")
    booking = book(make_service(person), hours(9, 11), purpose="Salainen tarkoitus", people=431)

    for resource in (None, person):
        text = feed_of(client, owner, resource).replace("\r\n ", "")
        assert booking.organisation.name in text
        for hidden in ("Salainen", ":431", " 431", booking.requested_by.user.name, booking.requested_by.user.email):
            assert hidden not in text


def test_feed_shows_what_was_cancelled_for_thirty_days(client, owner, service):
    booking = book(service, hours(9, 11))
    answer_booking(by=booking.requested_by, booking=booking, target=BookingState.WITHDRAWN)
    assert [event["STATUS"] for event in read(feed_of(client, owner))] == ["CANCELLED"]

    type(booking).objects.filter(pk=booking.pk).update(ended_at=timezone.now() - timedelta(days=31))

    assert read(feed_of(client, owner)) == []


def test_feed_of_one_resource_holds_that_alone(client, owner, service):
    book(make_service(make_resource(owner.organisation)), hours(9, 11))
    book(service, hours(9, 11))

    assert len(read(feed_of(client, owner))) == 2
    assert len(read(feed_of(client, owner, service.resource))) == 1
    assert read(feed_of(client, make_handler())) == []


def test_feed_ends_with_its_address_and_its_membership(client, owner):
    address, token = make_feed_address(by=owner)
    _other, second = make_feed_address(by=owner)

    revoke_feed_address(by=make_handler(owner.organisation), address=address)
    assert [client.get(url("feed", one)).status_code for one in (token, second, "ei-ole")] == [404, 200, 404]
    owner.ended_at, owner.end_reason = timezone.now(), "left"
    owner.save()

    assert client.get(url("feed", second)).status_code == 404


def test_feed_address_is_shown_once_and_kept_as_a_hash(owner):
    browser = sign_in(owner)
    page = browser.get(url("feed_list"))

    shown = browser.post(url("feed_list"), sent(page.context["form"])).context["new_address"]

    token = shown.rpartition("/")[2].removesuffix(".ics")
    assert len(token) == 43
    assert FeedAddress.objects.get().token_hash == hashed(token)
    assert token not in str(dict(browser.session))
    assert browser.get(url("feed_list")).context["new_address"] == ""
    assert browser.post(url("feed_revoke", FeedAddress.objects.get().pk)).status_code == 302
    assert FeedAddress.objects.get().revoked_by == owner
