"""Who sees what of a service, how it is found, and what the owner's answers look like."""
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxMessage
from pilots.models import AreaMembership, Membership
from services.actions.bookings import answer_booking
from services.actions.wrong import MOST_IN_WINDOW, tell_wrong
from services.choices import Audience, BookingMode, BookingState, Delivery, Publication
from services.models import Booking, SharedService
from services.queries.answering import answer_time
from services.queries.catalogue import municipalities_within, visible_services
from tests.guidance.web import counted
from tests.pilots.factories import make_area, make_contact, make_member, make_municipality, make_organisation, make_unit
from tests.services.factories import book, hours, make_handler, make_place, make_resource, make_service
from tests.services.web import sign_in, url

pytestmark = pytest.mark.django_db
SECRET = "Keksitty salainen kuvaus"


@pytest.fixture
def reader() -> Membership:
    """Of an organisation with a home municipality that belongs to an area by a unit of its own."""
    organisation = make_organisation(municipality=make_municipality("Keksilä"))
    make_member(make_area(), make_unit(owner=organisation))
    return make_handler(organisation)


def chosen_for(reader: Membership, how: str) -> SharedService:
    service = make_service(audience=Audience.CHOSEN, shown_outside=False, description_fi=SECRET)
    match how:
        case "area":
            service.for_areas.add(AreaMembership.objects.get(unit__owner=reader.organisation).area)
        case "municipality":
            service.for_municipalities.add(reader.organisation.municipality)
        case "organisation":
            service.for_organisations.add(reader.organisation)
    return service


def seen(acting) -> dict[int, bool]:
    return {service.pk: service.usable for service in visible_services(acting)}


@pytest.mark.parametrize("how", ["area", "municipality", "organisation"])
def test_chosen_service_is_for_those_chosen_and_nobody_else(reader, how):
    service = chosen_for(reader, how)
    outside = make_handler(make_organisation(municipality=make_municipality()))

    assert seen(reader) == {service.pk: True}
    assert seen(outside) == {}
    assert seen(None) == {}


def test_chosen_service_of_nobody_is_the_owner_s_alone(reader):
    service = make_service(audience=Audience.CHOSEN, shown_outside=False)

    assert seen(reader) == {}
    assert seen(make_handler(service.organisation)) == {service.pk: True}


@pytest.mark.parametrize("state", [Publication.DRAFT, Publication.ARCHIVED])
def test_what_is_not_public_is_seen_by_its_owner_alone(client, reader, state):
    service = make_service(state=state)
    owner = make_handler(service.organisation)

    assert seen(reader) == {}
    assert seen(None) == {}
    for person, status in ((reader, 404), (owner, 200)):
        client.force_login(person.user)
        assert client.get(service.get_absolute_url()).status_code == status


def test_outside_the_audience_only_that_it_exists_is_told(client, reader):
    place = make_place(name_fi="Keksitty kortteli", municipality=make_municipality("Muukunta"), street_address="Salatie 9")
    service = make_service(make_resource(place=place), place=place, audience=Audience.CHOSEN, description_fi=SECRET, contact_email="salainen@example.org", conditions_fi="Salaiset ehdot")
    client.force_login(reader.user)

    page = client.get(service.get_absolute_url()).content.decode()

    assert service.name_fi in page
    assert "Muukunta" in page
    for text in (SECRET, "Keksitty kortteli", "Salatie 9", "salainen@example.org", "Salaiset ehdot"):
        assert text not in page


@pytest.mark.parametrize("query", [{"q": "salainen"}, {"language": "fi"}, {"delivery": "contact"}])
def test_filters_do_not_tell_what_is_not_shown(client, reader, query):
    make_service(audience=Audience.CHOSEN, description_fi=SECRET)
    used = make_service(description_fi=SECRET)
    client.force_login(reader.user)

    assert list(client.get(reverse("services:service_list"), query).context["page_obj"]) == [used]


def test_visitor_finds_by_name_kind_and_place(client):
    service = make_service(name_fi="Keksitty puutyöluokka")

    for query in ({"q": "puutyö"}, {"kind": "facility"}, {"language": "sv"}):
        assert list(client.get(reverse("services:service_list"), query).context["page_obj"]) == [service]


def test_word_forms_find_a_service(client, reader):
    service = make_service(name_fi="Puutyöluokka")
    make_service(name_fi="Kemian laboratorio")
    client.force_login(reader.user)

    assert list(client.get(reverse("services:service_list"), {"q": "puutyöluokkaa"}).context["page_obj"]) == [service]


def test_distance_counts_from_the_place_else_from_the_provider(client, reader):
    home, near, far = (make_municipality(name, latitude=latitude, longitude=25.0) for name, latitude in (("Koti", 62.0), ("Lähi", 62.4), ("Kauko", 64.0)))
    by_place = make_service(make_resource(), place=make_place(municipality=near))
    by_provider = make_service(make_resource(make_organisation(municipality=home)))
    make_service(make_resource(make_organisation(municipality=home)), place=make_place(municipality=far))
    remote = make_service(make_resource(make_organisation(municipality=far)), delivery=Delivery.REMOTE)
    client.force_login(reader.user)

    def found(**query) -> set:
        return set(client.get(reverse("services:service_list"), {"near": home.code} | query).context["page_obj"])

    assert found() == {by_provider, remote}
    assert found(within="50") == {by_place, by_provider, remote}


def test_distance_without_a_municipality_says_so(client):
    page = client.get(reverse("services:service_list"), {"within": "50"})

    assert page.status_code == 200
    assert "near" in page.context["filter_form"].errors


def test_municipalities_within_keeps_to_the_distance():
    places = [make_municipality(f"Kunta {latitude}", latitude=latitude, longitude=25.0) for latitude in (62.0, 62.2, 63.0)]

    # A degree of latitude is 111 km.
    assert municipalities_within(places, places[0].code, 25) == [places[0].code, places[1].code]
    assert municipalities_within(places, places[0].code, 112) == [place.code for place in places]
    assert municipalities_within(places, "ei-ole", 25) == ["ei-ole"]


@pytest.mark.parametrize("rows", [1, 3])
def test_catalogue_reads_no_more_for_more_rows(client, reader, rows):
    for _number in range(rows):
        place = make_place()
        make_service(make_resource(place=place), place=place)
    client.force_login(reader.user)
    address = reverse("services:service_list") + f"?near={place.municipality.code}&within=200&q=keksitty"
    client.get(address)

    with counted() as statements:
        client.get(address)

    assert len(statements) <= 8


def asked(service: SharedService, *, after: timedelta | None, number: int) -> None:
    """A request of ten days ago, answered after that time or not at all."""
    booking = book(service, hours(8 + number, 9 + number))
    if after is not None:
        answer_booking(by=make_handler(service.organisation), booking=booking, target=BookingState.CONFIRMED)
    then = timezone.now() - timedelta(days=10)
    Booking.objects.filter(pk=booking.pk).update(requested_at=then, answered_at=then + after if after is not None else None)


def test_answer_time_is_the_median_and_counts_the_unanswered():
    service = make_service(make_resource(mode=BookingMode.ON_REQUEST))
    for number, after in enumerate((timedelta(hours=1), timedelta(days=2), timedelta(days=5), None)):
        asked(service, after=after, number=number)

    found = answer_time(service, timezone.now())

    assert (found.median, found.days, found.answered, found.unanswered) == (timedelta(days=2), 2, 3, 1)


def test_answer_time_leaves_out_what_was_booked_at_once_and_what_is_older_than_a_year():
    at_once, asked_for = make_service(), make_service(make_resource(mode=BookingMode.ON_REQUEST))
    book(at_once, hours(10, 11))
    asked(asked_for, after=timedelta(days=1), number=0)

    assert answer_time(at_once, timezone.now()).answered == 0
    assert answer_time(asked_for, timezone.now() + timedelta(days=360)).answered == 0


def test_wrong_reaches_the_owner_s_handlers_once(reader):
    service = make_service()
    owner, token = make_handler(service.organisation), uuid4()

    assert tell_wrong(by=reader, service=service, text="Väärä hinta", token=token) is True
    assert tell_wrong(by=reader, service=service, text="Väärä hinta", token=token) is False

    mail = OutboxMessage.objects.get(kind="service_wrong")
    assert mail.to_email == owner.user.email
    assert "Väärä hinta" in mail.body


def test_wrong_is_refused_for_what_one_does_not_see_and_in_floods(reader):
    hidden, service = make_service(audience=Audience.CHOSEN, shown_outside=False), make_service()
    make_handler(service.organisation)

    with pytest.raises(PermissionDenied):
        tell_wrong(by=reader, service=hidden, text="x", token=uuid4())
    with pytest.raises(PermissionDenied):
        tell_wrong(by=None, service=service, text="x", token=uuid4())
    for _number in range(MOST_IN_WINDOW):
        tell_wrong(by=reader, service=service, text="x", token=uuid4())
    with pytest.raises(ValidationError):
        tell_wrong(by=reader, service=service, text="x", token=uuid4())


def test_wrong_that_nobody_would_read_is_not_taken(reader):
    with pytest.raises(ValidationError):
        tell_wrong(by=reader, service=make_service(), text="x", token=uuid4())


@pytest.mark.parametrize(("audience", "bookable"), [(Audience.NETWORK, True), (Audience.CHOSEN, False)])
def test_booking_is_offered_to_those_who_may(client, reader, audience, bookable):
    service = make_service(audience=audience)
    client.force_login(reader.user)

    page = client.get(service.get_absolute_url()).content.decode()

    assert (reverse("services:booking_add", args=[service.pk]) in page) is bookable
    assert (reverse("services:service_calendar", args=[service.pk]) in page) is bookable


def test_contact_whose_time_is_over_is_shown_no_longer():
    service = make_service(contact_email="")
    contact = make_contact(service.organisation)
    service.contact = contact
    service.save()
    client = sign_in(make_handler())
    assert contact.email in client.get(url("service_detail", service.pk)).content.decode().replace("<wbr>", "")

    contact.ended_on = timezone.localdate()
    contact.save()

    assert contact.email not in client.get(url("service_detail", service.pk)).content.decode().replace("<wbr>", "")
