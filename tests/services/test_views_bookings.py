"""Booking in the browser: what is said beforehand, what is taken, what is answered."""
import re
from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from pilots.acting import ACTING_FIELD
from pilots.choices import Role
from services.actions.bookings import answer_booking, move_booking
from services.choices import Audience, BookingMode, BookingState, Publication, ResourceKind
from services.models import Booking, BookingSeries, SharedService
from tests.guidance.web import counted
from tests.pilots.factories import make_membership
from tests.services.courses import ask as enrol_in
from tests.services.courses import make_run
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_place, make_resource, make_service, weekly
from tests.services.web import sent, sign_in, url

pytestmark = pytest.mark.django_db
DAY = f"{MONDAY.day}.{MONDAY.month}.{MONDAY.year}"


@pytest.fixture
def resource():
    return make_resource()


@pytest.fixture
def on_request():
    return make_resource(mode=BookingMode.ON_REQUEST)


@pytest.fixture
def borrower():
    return make_handler()


def ask(client, service, **fields):
    page = client.get(url("booking_add", service.pk))
    return client.post(url("booking_add", service.pk), sent(page.context["form"], **{"day": DAY, "starts": "9", "ends": "11.00", "purpose": "Keksitty kurssi"} | fields))


def test_booking_add_makes_one_however_often_it_is_sent(resource, borrower):
    service, client = make_service(resource), sign_in(borrower)
    page = client.get(url("booking_add", service.pk))
    data = sent(page.context["form"], day=DAY, starts="9", ends="11", purpose="Keksitty kurssi", people="12")

    first, second = (client.post(url("booking_add", service.pk), data) for _ in range(2))

    booking = Booking.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == url("booking_detail", booking.pk)
    assert (booking.state, booking.people, booking.starts_at) == (BookingState.CONFIRMED, 12, hours(9, 11).starts_at)


def test_booking_add_tells_who_has_a_taken_time_and_offers_others(resource, borrower):
    service, client = make_service(resource), sign_in(borrower)
    held = book(service, hours(9, 11))

    answer = ask(client, service, starts="10.00", ends="12.00", purpose="Minun kurssini")

    assert answer.status_code == 409
    assert held.organisation.name in answer.content.decode()
    assert answer.context["form"]["purpose"].value() == "Minun kurssini"
    assert [one.value for one in answer.context["free"]] == ["11.00-13.00", "11.15-13.15", "11.30-13.30"]

    taken = client.post(url("booking_add", service.pk), sent(answer.context["form"], take="11.00-13.00"))
    assert taken.status_code == 302
    assert Booking.objects.latest("pk").starts_at == hours(11, 13).starts_at


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"day": "eilen"}, "day"),
        ({"day": "1.1.2020"}, "starts"),
        ({"starts": "9.07"}, "starts"),
        ({"starts": "25"}, "starts"),
        ({"starts": "7"}, "starts"),
        ({"ends": "8.00"}, "ends"),
        ({"purpose": ""}, "purpose"),
        ({"people": "moni"}, "people"),
        ({"day": "4.10.2040"}, "day"),
    ],
)
def test_booking_add_names_the_field_that_is_wrong(resource, borrower, fields, wrong):
    answer = ask(sign_in(borrower), make_service(resource), **fields)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [wrong]
    assert not Booking.objects.exists()


def test_booking_add_of_a_part_asks_which(resource, borrower):
    part, service = make_part(resource), make_service(resource)

    ask(sign_in(borrower), service, resource=part.pk)

    assert Booking.objects.get().resource == part


@pytest.mark.parametrize("fields", [{"state": Publication.DRAFT}, {"audience": Audience.CHOSEN, "shown_outside": False}, {"audience": Audience.CHOSEN}])
def test_booking_add_is_refused_where_the_service_is_not_offered(resource, borrower, fields):
    service = make_service(resource, **fields)

    assert sign_in(borrower).get(url("booking_add", service.pk)).status_code == (403 if fields == {"audience": Audience.CHOSEN} else 404)
    assert sign_in(borrower).get(url("service_calendar", service.pk)).status_code == 404


def series_fields(weeks=3, **fields):
    last = MONDAY + timedelta(weeks=weeks - 1)
    return {"first_day": DAY, "last_day": f"{last.day}.{last.month}.{last.year}", "starts": "9", "ends": "11", "purpose": "Keksitty sarja"} | fields


def test_series_add_shows_the_dates_before_it_sends(resource, borrower):
    service, client = make_service(resource), sign_in(borrower)
    book(service, hours(9, 10, MONDAY + timedelta(weeks=1)))
    page = client.get(url("series_add", service.pk))

    preview = client.post(url("series_add", service.pk), sent(page.context["form"], **series_fields()))
    assert [one.fits for one in preview.context["plan"].dates] == [True, False, True]
    assert not BookingSeries.objects.exists()
    answer = client.post(url("series_add", service.pk), sent(preview.context["form"]))

    series = BookingSeries.objects.get()
    assert answer.headers["Location"] == url("series_detail", series.pk)
    shown = client.get(url("series_detail", series.pk))
    rejected = shown.context["rejected"][0]
    assert rejected.row.day == MONDAY + timedelta(weeks=1)
    taken = [client.post(url("series_take", series.pk, rejected.row.pk)) for _ in range(2)]
    assert [one.status_code for one in taken] == [302, 302]
    assert series.bookings.count() == 3
    assert client.get(url("series_detail", series.pk)).context["rejected"][0].booking == series.bookings.get(starts_at=hours(10, 12, rejected.row.day).starts_at)


def test_series_add_sends_nothing_when_a_date_was_taken_meanwhile(resource, borrower):
    service, client = make_service(resource), sign_in(borrower)
    preview = client.post(url("series_add", service.pk), series_fields() | {"token": uuid4()})
    book(service, hours(9, 10))

    answer = client.post(url("series_add", service.pk), sent(preview.context["form"]))

    assert answer.status_code == 409
    assert not BookingSeries.objects.exists()
    assert client.post(url("series_add", service.pk), sent(answer.context["form"])).status_code == 302
    assert BookingSeries.objects.get().bookings.count() == 2


def test_series_add_goes_back_to_what_was_written(resource, borrower):
    service, client = make_service(resource), sign_in(borrower)
    preview = client.post(url("series_add", service.pk), series_fields() | {"token": uuid4()})

    answer = client.post(url("series_add", service.pk), sent(preview.context["form"], change="1"))

    assert answer.context["form"]["purpose"].value() == "Keksitty sarja"
    assert "plan" not in answer.context


def test_series_answer_confirms_all_that_wait(on_request, borrower):
    service = make_service(on_request)
    owner = sign_in(make_handler(on_request.owner))
    series = weekly(service, by=borrower)
    page = owner.get(url("booking_list"))
    assert (page.context["count_text"], page.context["waiting_count"]) == ("1 request", 1)

    form = owner.get(url("series_answer", series.pk, "confirmed")).context["form"]
    answer = owner.post(url("series_answer", series.pk, "confirmed"), sent(form))

    assert answer.status_code == 302
    assert set(series.bookings.values_list("state", "version")) == {(BookingState.CONFIRMED, 2)}
    again = owner.post(url("series_answer", series.pk, "confirmed"), sent(form))
    assert again.status_code == 409


def test_home_lists_the_requests_to_answer(on_request, borrower):
    book(make_service(on_request), hours(9, 11), by=borrower)

    home = sign_in(make_handler(on_request.owner)).get("/en/")

    assert "1 request waits for your organisation" in home.content.decode()
    assert ([thing.count for thing in home.context["waiting"]], home.context["waiting_count"]) == ([1], 1)
    assert sign_in(borrower).get("/en/").context["waiting"] == []


def test_booking_answer_tells_what_happened_meanwhile(on_request, borrower):
    booking = book(make_service(on_request), hours(9, 11), by=borrower)
    owner = make_handler(on_request.owner)
    client = sign_in(owner)
    form = client.get(url("booking_answer", booking.pk, "confirmed")).context["form"]
    answer_booking(by=borrower, booking=booking, target=BookingState.WITHDRAWN)

    answer = client.post(url("booking_answer", booking.pk, "confirmed"), sent(form))

    assert answer.status_code == 409
    assert answer.context["who"] == borrower.organisation
    assert Booking.objects.get().state == BookingState.WITHDRAWN


def test_booking_answer_needs_a_reason_to_decline(on_request, borrower):
    booking = book(make_service(on_request), hours(9, 11), by=borrower)
    client = sign_in(make_handler(on_request.owner))
    form = client.get(url("booking_answer", booking.pk, "declined")).context["form"]

    without = client.post(url("booking_answer", booking.pk, "declined"), sent(form))
    assert list(without.context["form"].errors) == ["reason"]
    client.post(url("booking_answer", booking.pk, "declined"), sent(form, reason="Remontti"))

    booking.refresh_from_db()
    assert (booking.state, booking.reason) == (BookingState.DECLINED, "Remontti")


def test_booking_move_keeps_the_old_time_when_the_new_one_is_taken(resource, borrower):
    service, client = make_service(resource), sign_in(borrower)
    booking, other = book(service, hours(9, 11), by=borrower), book(service, hours(12, 14))
    form = client.get(url("booking_move", booking.pk)).context["form"]

    answer = client.post(url("booking_move", booking.pk), sent(form, starts="13", ends="15"))
    assert answer.status_code == 409
    assert other.organisation.name in answer.content.decode()
    assert client.post(url("booking_move", booking.pk), sent(answer.context["form"], take=answer.context["free"][0].value)).status_code == 302

    booking.refresh_from_db()
    assert (booking.starts_at, booking.version) == (hours(14, 16).starts_at, 2)
    assert client.post(url("booking_move", booking.pk), sent(form, starts="15", ends="17")).status_code == 409


def test_booking_is_missing_for_a_third_organisation(resource, borrower):
    booking = book(make_service(resource), hours(9, 11), by=borrower)
    client = sign_in(make_handler())

    for name, arguments in (("booking_detail", ()), ("booking_move", ()), ("booking_answer", ("cancelled",))):
        assert client.get(url(name, booking.pk, *arguments)).status_code == 404
    assert client.get(url("booking_list") + "?show=lent").context["page_obj"].object_list == []


def test_booking_move_is_the_borrowers_alone(resource, borrower):
    booking = book(make_service(resource), hours(9, 11), by=borrower)

    assert sign_in(make_handler(resource.owner)).get(url("booking_move", booking.pk)).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_booking_list_asks_the_same_for_every_number_of_rows(resource, borrower, rows):
    for number in range(rows):
        book(make_service(resource), hours(9 + number, 10 + number), by=borrower)
    client = sign_in(borrower)

    client.get(url("booking_list"))
    with counted() as statements:
        page = client.get(url("booking_list") + "?show=borrowed&period=coming")

    assert len(page.context["page_obj"].object_list) == rows
    assert len(statements) == 6


def test_booking_list_narrows_by_state_and_service(resource, borrower):
    service, other = make_service(resource), make_service(resource)
    first, second = book(service, hours(9, 10), by=borrower), book(other, hours(10, 11), by=borrower)
    answer_booking(by=borrower, booking=second, target=BookingState.CANCELLED)
    client = sign_in(borrower)

    def found(query):
        return [row.pk for row in client.get(url("booking_list") + "?show=borrowed&" + query).context["page_obj"].object_list]

    assert found("") == [second.pk, first.pk]
    assert found("state=cancelled") == [second.pk]
    assert found(f"service={service.pk}") == [first.pk]
    assert found("period=past") == []
    assert client.get(url("booking_list") + f"?show=lent&service={'9' * 40}&state=x").status_code == 200


def test_calendar_link_fills_the_form(resource, borrower):
    page = sign_in(borrower).get(url("booking_add", make_service(resource).pk) + "?day=2027-10-04&starts=09:00&ends=25:00")

    assert page.context["form"].initial["day"] == date(2027, 10, 4)
    assert "ends" not in page.context["form"].initial


def test_a_form_of_another_organisation_stores_nothing(resource, borrower):
    service, other = make_service(resource), make_membership(borrower.user, Role.SERVICE_HANDLER)
    client = sign_in(borrower)
    data = sent(client.get(url("booking_add", service.pk)).context["form"], day=DAY, starts="9", ends="11", purpose="Keksitty kurssi")

    refused = client.post(url("booking_add", service.pk), data | {ACTING_FIELD: str(other.pk)})
    assert (refused.status_code, Booking.objects.count()) == (409, 0)
    assert "You act for another organisation now" in refused.content.decode()

    client.post(url("booking_add", service.pk), data | {ACTING_FIELD: str(borrower.pk)})
    assert Booking.objects.get().organisation == borrower.organisation


def test_series_answer_sees_a_date_that_has_moved(on_request, borrower):
    service = make_service(on_request)
    owner, series = sign_in(make_handler(on_request.owner)), weekly(service, by=borrower)
    form = owner.get(url("series_answer", series.pk, "confirmed")).context["form"]
    booking = series.bookings.first()
    move_booking(by=borrower, booking=booking, slot=hours(17, 18), version=booking.version)

    answer = owner.post(url("series_answer", series.pk, "confirmed"), sent(form))

    assert answer.status_code == 409
    assert set(series.bookings.values_list("state", flat=True)) == {BookingState.REQUESTED}


def test_booking_is_not_moved_once_the_service_is_archived(resource, borrower):
    service = make_service(resource)
    booking = book(service, hours(9, 11), by=borrower)
    SharedService.objects.update(state=Publication.ARCHIVED)

    with pytest.raises(PermissionDenied):
        move_booking(by=borrower, booking=booking, slot=hours(12, 13), version=booking.version)

    assert Booking.objects.get().starts_at == hours(9, 11).starts_at


def test_place_of_a_person_is_ones_own_or_the_services(borrower):
    teacher = make_resource(kind=ResourceKind.PERSON)
    service = make_service(teacher, place=make_place(teacher.owner))
    own, _hidden = make_place(borrower.organisation), make_place(teacher.owner)

    form = sign_in(borrower).get(url("booking_add", service.pk)).context["form"]

    assert {key for key, _name in form.fields["place"].choices if key} == {str(own.pk), str(service.place_id)}


@pytest.mark.parametrize(("opened", "last_day", "status"), [("always", MONDAY + timedelta(days=2), 302), ("nights", MONDAY + timedelta(days=2), 302), ("days", MONDAY + timedelta(days=2), 200), ("always", MONDAY - timedelta(days=1), 200)])
def test_booking_add_ends_on_another_day_where_it_is_open_through_the_night(borrower, opened, last_day, status):
    """Monday 18.00 to Wednesday 10.00: without hours of its own, or open round the clock; not where it closes for the night."""
    times = {"always": None, "nights": (time(0), time(0)), "days": (time(8), time(20))}[opened]
    service, client = make_service(make_resource(hours=times)), sign_in(borrower)

    answer = ask(client, service, starts="18", ends="10", last_day=f"{last_day.day}.{last_day.month}.{last_day.year}")

    assert answer.status_code == status
    if status == 302:
        booking = Booking.objects.get()
        assert (booking.starts_at, booking.ends_at) == (hours(18, 19).starts_at, hours(10, 11, last_day).starts_at)
        assert client.get(url("booking_move", booking.pk)).context["form"]["last_day"].value() == last_day


def test_archived_service_still_opens_for_who_has_borrowed_it_and_for_nobody_else(resource, borrower):
    service = make_service(resource)
    booking = book(service, hours(9, 11), by=borrower)
    SharedService.objects.update(state=Publication.ARCHIVED)
    client = sign_in(borrower)
    page = client.get(url("booking_detail", booking.pk))

    links = set(re.findall(r'href="(/en/services/[^"#]+)"', page.content.decode()))
    assert {client.get(link.replace("&amp;", "&")).status_code for link in links} == {200}
    assert service.get_absolute_url().split("/services/")[1] in {link.split("/services/")[1] for link in links}
    assert [sign_in(make_handler()).get(url(name, service.pk)).status_code for name in ("service_detail", "service_calendar")] == [404, 404]


def test_archived_course_still_opens_for_who_has_seats_in_it_and_takes_no_more(borrower):
    run = make_run()
    enrol_in(run, borrower)
    SharedService.objects.update(state=Publication.ARCHIVED)

    page = sign_in(borrower).get(url("run_detail", run.pk))

    assert (page.status_code, page.context["may_ask"]) == (200, False)
    assert sign_in(make_handler()).get(url("run_detail", run.pk)).status_code == 404
