"""Favourites, saved searches with their alerts, and the filter of free time."""
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.models import OutboxMessage
from pilots.choices import MembershipEnd
from pilots.models import Membership
from services.actions.finding import mark_favourite, save_search
from services.actions.offering import edit_service
from services.choices import Audience, Publication, ResourceKind, ServiceKind
from services.filters import tell_of_what_is_new
from services.models import BusyTime, Favourite, OpeningException, SavedSearch, SharedService
from services.queries.catalogue import visible_services
from services.queries.free_time import Wanted, with_free_time
from tests.guidance.web import counted
from tests.pilots.factories import make_municipality, make_organisation
from tests.services.courses import ask, make_run
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_place, make_resource, make_service
from tests.services.web import sign_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Membership:
    return make_handler()


def published(**fields) -> SharedService:
    return make_service(published_at=timezone.now(), **fields)


def run_alerts(after: timedelta = timedelta(hours=1)) -> list[str]:
    """What is told then, each mail once."""
    before = set(OutboxMessage.objects.values_list("pk", flat=True))
    tell_of_what_is_new(timezone.now() + after)
    return [mail.body for mail in OutboxMessage.objects.exclude(pk__in=before)]


def test_favourite_is_marked_shown_and_taken_off_without_script(reader):
    service, client = make_service(), sign_in(reader)
    back = url("service_list") + "?kind=facility"

    marked = client.post(url("favourite_list"), {"mark": service.pk, "back": back})
    client.post(url("favourite_list"), {"mark": service.pk, "back": back})

    assert marked.headers["Location"] == f"{back}#service-{service.pk}"
    assert [one.pk for one in client.get(url("favourite_list")).context["page_obj"]] == [service.pk]
    assert client.get(back).context["page_obj"].object_list[0].is_favourite is True
    client.post(url("favourite_list"), {"unmark": service.pk, "back": "https://example.org/"})
    assert Favourite.objects.count() == 0


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org/", ""])
def test_mark_leads_back_to_no_other_site(reader, back):
    answer = sign_in(reader).post(url("favourite_list"), {"mark": make_service().pk, "back": back})

    assert answer.headers["Location"].partition("#")[0] == url("favourite_list")


def test_what_is_not_seen_is_not_marked_and_what_is_hidden_later_is_said(reader):
    hidden, gone = make_service(audience=Audience.CHOSEN, shown_outside=False), make_service()

    with pytest.raises(PermissionDenied):
        mark_favourite(by=reader, service_id=hidden.pk, on=True)
    mark_favourite(by=reader, service_id=gone.pk, on=True)
    SharedService.objects.update(state=Publication.ARCHIVED)
    client = sign_in(reader)
    page = client.get(url("favourite_list"))

    assert (page.context["hidden"], list(page.context["page_obj"])) == (1, [])
    client.post(url("favourite_list"), {"drop": "1"})
    assert Favourite.objects.count() == 0


def test_search_is_saved_once_as_the_filters_in_use(reader):
    client = sign_in(reader)
    for query in ("?language=fi&kind=facility&page=3&delivery=no-such", "?kind=facility&language=fi&q="):
        client.post(url("search_add") + query, {"name": "Oma haku", "alerts": "on"})

    assert list(reader.saved_searches.values_list("name", "query", "alerts")) == [("Oma haku", "kind=facility&language=fi", True)]


def test_search_for_everything_is_not_saved(reader):
    answer = sign_in(reader).post(url("search_add"), {"name": "Kaikki"})

    assert (answer.status_code, SavedSearch.objects.count()) == (422, 0)


def test_alert_tells_once_of_what_matches_and_may_be_used(reader):
    save_search(by=reader, name="Oma haku", query="kind=facility", alerts=True)
    found = published(name_fi="Uusi sali")
    published(resource=make_resource(kind=ResourceKind.PERSON), name_fi="Uusi opettaja")
    published(name_fi="Muiden sali", audience=Audience.CHOSEN)
    published(name_fi="Oma sali", organisation=reader.organisation)

    first, second = run_alerts(), run_alerts(timedelta(days=3))

    assert len(first) == 1
    assert ("Uusi sali" in first[0], "Uusi opettaja" in first[0], "Muiden sali" in first[0], "Oma sali" in first[0]) == (True, False, False, False)
    assert found.get_absolute_url() in first[0]
    assert [part in first[0] for part in (reader.user.name, reader.user.email, "Oma haku")] == [False, False, False]
    assert second == []


def test_alert_comes_once_a_day_and_forgets_nothing(reader):
    save_search(by=reader, name="Oma haku", query="kind=facility", alerts=True)
    published()
    run_alerts()
    SharedService.objects.filter(pk=published(name_fi="Toinen sali").pk).update(published_at=timezone.now() + timedelta(hours=2))

    assert run_alerts(timedelta(hours=12)) == []
    assert ["Toinen sali" in body for body in run_alerts(timedelta(hours=26))] == [True]


def test_alert_tells_of_a_service_that_was_changed_so_that_it_matches(reader):
    by = make_handler()
    service = published(organisation=by.organisation, name_fi="Muutettu sali", languages=["fi"], place=make_place(by.organisation), contact_email="sali@example.org")
    published(name_fi="Ennestään sopiva", languages=["sv"])
    sign_in(reader).post(url("search_add") + "?language=sv", {"name": "Ruotsiksi", "alerts": "on"})

    assert run_alerts() == []
    edit_service(by=by, service=service, version=service.version, values={"languages": ["fi", "sv"]})
    mails = run_alerts()

    assert [("Muutettu sali" in body, "Ennestään sopiva" in body) for body in mails] == [(True, False)]
    assert run_alerts(timedelta(days=3)) == []


@pytest.mark.parametrize("how", ["left", "locked", "withdrawn", "stopped"])
def test_alert_stops_with_the_right_to_it(reader, how):
    search = save_search(by=reader, name="Oma haku", query="kind=facility", alerts=True)
    service = published()
    match how:
        case "left":
            Membership.objects.filter(pk=reader.pk).update(ended_at=timezone.now(), end_reason=MembershipEnd.values[0])
        case "locked":
            reader.user.is_active = False
            reader.user.save()
        case "withdrawn":
            SharedService.objects.filter(pk=service.pk).update(audience=Audience.CHOSEN)
        case "stopped":
            sign_in(reader).post(url("search_change", search.pk), {"do": "off"})

    assert run_alerts() == []


def test_link_of_a_mail_stops_the_mails_with_a_press_and_without_signing_in(reader):
    search = save_search(by=reader, name="Oma haku", query="kind=facility", alerts=True)
    published()
    link = "/" + next(line for line in run_alerts()[0].splitlines() if "/alerts/" in line).split("/", 3)[3]
    client = Client()

    opened = client.get(link)
    still_on = SavedSearch.objects.get().alerts
    client.post(link)

    assert (opened.status_code, still_on, SavedSearch.objects.get().alerts) == (200, True, False)
    assert search.name not in opened.content.decode()
    assert client.get(link[:-3] + "xx/").status_code == 404


def test_search_of_another_is_as_if_it_were_missing(reader):
    search = save_search(by=make_handler(), name="Muun haku", query="kind=facility", alerts=True)

    assert sign_in(reader).post(url("search_change", search.pk), {"do": "remove"}).status_code == 404


def free(reader: Membership, first: date = MONDAY, last: date | None = None, *, now=None, **wanted) -> set[int]:
    rows = with_free_time(visible_services(reader), Wanted(first, last or first, **wanted), now or timezone.now())
    return set(rows.values_list("pk", flat=True))


def test_free_time_counts_what_is_open_and_not_held(reader):
    """Open from 8 to 20: twelve hours, of which others take some."""
    service = make_service(make_resource(buffer_after=60))
    book(service, hours(10, 12))

    # Held from 10.00 to 13.00; one that ends before it must leave its own hour.
    assert free(reader, hours=8) == {service.pk}
    assert free(reader, hours=9) == set()
    BusyTime.objects.create(resource=service.resource, starts_at=hours(12, 20).starts_at, ends_at=hours(12, 20).ends_at, brought_at=timezone.now())
    assert free(reader, hours=2, opens=time(12), closes=time(20)) == set()
    assert free(reader, hours=1, opens=time(8), closes=time(10)) == {service.pk}


@pytest.mark.parametrize(("day", "closed", "found"), [(MONDAY, False, True), (MONDAY, True, False), (date(2027, 12, 6), False, False)])
def test_free_time_follows_exceptions_and_holidays(reader, day, closed, found):
    service = make_service()
    if closed:
        OpeningException.objects.create(resource=service.resource, first_day=day, last_day=day, reason_fi="Keksitty")

    assert free(reader, day) == ({service.pk} if found else set())


def test_free_time_keeps_to_the_weekday(reader):
    service = make_service()
    OpeningException.objects.create(resource=service.resource, first_day=MONDAY, last_day=MONDAY, reason_fi="Keksitty")

    assert free(reader, MONDAY, MONDAY + timedelta(days=6), weekday=1) == set()
    assert free(reader, MONDAY, MONDAY + timedelta(days=7), weekday=1) == {service.pk}


def test_free_time_of_a_space_with_parts_is_that_of_the_whole(reader):
    service = make_service()
    part = make_part(service.resource)
    book(service, hours(8, 20), resource=part)

    assert free(reader) == set()


def test_free_time_of_a_person_ends_with_the_share(reader):
    service = make_service(make_resource(kind=ResourceKind.PERSON, weekly_minutes=3 * 60))
    book(service, hours(8, 10, MONDAY + timedelta(days=2)))

    assert free(reader, hours=1) == {service.pk}
    assert free(reader, hours=2) == set()


def test_course_is_free_while_a_run_has_a_seat(reader):
    run = make_run(seats=1)
    first = run.first_day

    assert free(reader, first) == {run.service_id}
    assert free(reader, run.last_day + timedelta(days=1)) == set()
    ask(run, make_handler())
    assert free(reader, first) == set()


def test_free_time_of_what_may_not_be_used_is_not_told(reader):
    make_service(audience=Audience.CHOSEN, shown_outside=True)

    assert free(reader) == set()


def test_list_with_every_filter_asks_no_more_for_more_services(reader):
    client = sign_in(reader)
    query = f"?kind={ServiceKind.FACILITY}&language=fi&delivery=contact&free_from={MONDAY.isoformat()}&free_until={(MONDAY + timedelta(days=4)).isoformat()}&weekday=1&from_hour=9&to_hour=12&hours=2"
    place = make_place()
    query += f"&near={place.municipality.code}&within=50"
    found = []
    for _turn in range(2):
        make_service(make_resource(place=place), place=place)
        client.get(url("service_list"))
        with counted() as statements:
            page = client.get(url("service_list") + query)
        found.append((len(page.context["page_obj"].object_list), len(statements)))

    assert [number for number, _statements in found] == [1, 2]
    assert found[0][1] == found[1][1] <= 16


@pytest.mark.parametrize(
    ("query", "field"),
    [("free_until=3.3.2030", "free_from"), ("hours=2", "free_from"), ("free_from=4.3.2030&free_until=3.3.2030", "free_until"), ("free_from=1.3.2030&free_until=1.5.2030", "free_until"), ("free_from=1.3.2030&from_hour=12&to_hour=9", "to_hour")],
)
def test_period_that_makes_no_sense_is_named(reader, query, field):
    make_service()
    page = sign_in(reader).get(f"{url('service_list')}?{query}")

    assert (page.status_code, list(page.context["filter_form"].errors)) == (200, [field])


def test_map_counts_by_municipality_what_its_links_find(reader):
    """By the place, else by the provider; the filters of the address hold on the map and behind each of its marks."""
    place, home = make_place(municipality=make_municipality(latitude=62, longitude=25)), make_municipality("Kotila")
    make_service(make_resource(place=place), place=place)
    make_service(kind=ServiceKind.COURSE, organisation=make_organisation(municipality=place.municipality))
    make_service(kind=ServiceKind.COURSE, organisation=make_organisation(municipality=home))
    make_service(kind=ServiceKind.COURSE)
    client = sign_in(reader)

    for query, expected, nowhere in (("", {place.municipality_id: 2, home.pk: 1}, 1), ("?kind=course&q=keksitty", {place.municipality_id: 1, home.pk: 1}, 1)):
        page = client.get(url("service_map") + query)
        rows = page.context["rows"]
        assert ({row.municipality.pk: row.number for row in rows}, page.context["nowhere"]) == (expected, nowhere)
        assert [mark.url for mark in page.context["map"].marks] == [row.url for row in rows if row.municipality.latitude is not None]
        assert [client.get(row.url).context["page_obj"].count for row in rows] == [row.number for row in rows]
