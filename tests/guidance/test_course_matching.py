"""Open seats for one client: what is found and why it is in its order; and the pages that lead from it to a seat."""
from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from guidance.actions.enrolments import enrol_client
from guidance.models import AccessLog, Client, PathwayEnrolment
from guidance.queries.course_matching import find_courses, wanted_by
from guidance.queries.pathway_page import PathwayPage
from guidance.queries.pathway_rows import pathway_for_page
from services.choices import Audience, Delivery, EnrolmentState, Entry, Publication, ServiceKind
from services.models import CourseRun, Enrolment, SharedService
from tests.guidance.factories import make_counsellor, make_option, make_organisation, make_pathway, make_shared_pathway, new_client
from tests.guidance.web import counted, logged, sign_in, told
from tests.pilots.factories import make_municipality
from tests.services.courses import ask, make_application_run, make_quota, make_run
from tests.services.factories import make_place, make_service

TODAY = timezone.localdate


def course(name: str, **fields) -> CourseRun:
    """`service_` fields go to the course; a place in the municipality `at`."""
    service = {key.removeprefix("service_"): fields.pop(key) for key in list(fields) if key.startswith("service_")}
    if at := fields.pop("at", None):
        service["place"] = make_place(municipality=at)
    return make_run(service=make_service(kind=ServiceKind.COURSE, name_fi=name, **service), **fields)


def found(pathway, acting, **narrow) -> list:
    page = PathwayPage(pathway_for_page(acting, pathway.pseudonym), acting, timezone.now())
    return find_courses(acting, wanted_by(page), today=TODAY(), **narrow).hits


def names(hits) -> list[str]:
    return [hit.run.service.name_fi for hit in hits]


@pytest.fixture
def here():
    return make_municipality(latitude=62.9, longitude=27.7)


def test_the_words_of_the_goal_in_any_form_lead_and_are_said(made):
    pathway = make_pathway(made, goal="Haluan hitsaajaksi ja hitsauksen kurssille")
    for name in ("Keittiön perusteet", "Hitsauksen perusteet", "Ompelun perusteet", "Kirjanpidon perusteet"):
        course(name)

    hits = found(pathway, made.anna)

    assert names(hits)[0] == "Hitsauksen perusteet"
    assert "hitsauksen" in hits[0].reasons[0]
    assert [hit.words for hit in hits[1:]] == [[], [], []]


def test_language_distance_and_free_seats_give_the_order(made, here):
    client = new_client(service_language="sv", finnish_level="a1", municipality=here, municipality_code=here.code)
    pathway = make_pathway(made, client=client)
    near = course("Lähellä", at=here)
    course("Kaukana", at=make_municipality(latitude=60.2, longitude=24.9))
    course("Etänä", delivery=Delivery.REMOTE)
    course("Ruotsiksi", service_languages=["sv"])
    full = course("Täynnä", at=here, seats=1)
    ask(full)

    hits = found(pathway, made.anna)

    assert names(hits) == ["Ruotsiksi", "Lähellä", "Etänä", "Täynnä"]
    by_name = {hit.run.service.name_fi: hit for hit in hits}
    assert (by_name["Lähellä"].km, by_name["Lähellä"].run) == (0, near)
    assert len(by_name["Täynnä"].cautions) == 2
    assert "Kaukana" in names(found(pathway, made.anna, within=0))


def test_only_what_the_organisation_may_use_and_one_can_enrol_on(made):
    pathway = make_pathway(made)
    course("Muille", service_audience=Audience.CHOSEN)
    course("Luonnos", service_state=Publication.DRAFT)
    course("Umpeutunut", enrol_by=TODAY() - timedelta(days=1))
    kept = course("Kiintiö", seats=1)
    make_quota(kept, made.anna, 1)

    [hit] = found(pathway, made.anna)

    assert (hit.run, hit.seats.own(made.city.pk)) == (kept, 1)
    assert found(pathway, made.ossi) == [] or found(pathway, made.ossi)[0].cautions


def test_under_non_disclosure_there_is_no_home_and_no_distance(made, here):
    pathway = make_pathway(made, client=new_client(contact_address="PL 1", is_protected=True))
    course("Lähellä", at=here)

    assert [hit.km for hit in found(pathway, made.anna)] == [None]


def test_the_page_costs_the_same_however_many_courses_there_are(made, here):
    pathway = make_pathway(made, goal="hitsaus", client=new_client(municipality=here, municipality_code=here.code))
    make_option(pathway, made.anna)
    client, address = sign_in(made.anna), f"/en/guidance/pathways/{pathway.pseudonym}/courses/"
    ask(course("Eka", at=here))
    client.get(address)
    with counted() as few:
        client.get(address)
    for number in range(4):
        ask(course(f"Hitsaus {number}", at=here))
    with counted() as many:
        response = client.get(address)

    assert len(response.context["found"].hits) == 5
    assert len(few) == len(many), told(many)
    assert logged()[-1] == ("view", "guidance:course_find", [pathway.pseudonym])


def test_a_seat_is_asked_for_once_confirmed_and_cancelled_on_the_pages(made, nobody_lost):
    pathway = make_pathway(made)
    run, client = make_run(seats=1), sign_in(made.anna)
    address = f"/en/guidance/pathways/{pathway.pseudonym}/courses/{run.pk}/"
    form = {"token": str(uuid4()), "how": "hold", "acting": ""}
    form |= {name: value for name, value in client.get(address).context["form"].initial.items() if name == "token"}

    answers = [client.post(address, form) for _turn in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    link = PathwayEnrolment.objects.get()
    assert link.enrolment.state == EnrolmentState.HELD
    seat = f"/en/guidance/pathways/{pathway.pseudonym}/seats/{link.pk}/"
    assert client.post(seat, {"version": 9, "target": "enrolled"}).status_code == 409
    assert client.post(seat, {"version": 1, "target": "completed"}).status_code == 422
    assert client.post(seat, {"version": 1, "target": "enrolled"}).status_code == 302
    SharedService.objects.filter(pk=run.service_id).update(state=Publication.ARCHIVED)
    other = make_pathway(made)
    assert client.post(f"/en/guidance/pathways/{other.pseudonym}/courses/{run.pk}/", form | {"token": str(uuid4())}).status_code == 409
    assert Enrolment.objects.count() == 1
    nobody_lost()


def test_where_the_provider_is_asked_no_form_is_offered(made):
    run = make_run(entry=Entry.ASK, hold_days=None, service=make_service(kind=ServiceKind.COURSE, contact_email="kysy@example.org"))
    pathway = make_pathway(made)

    response = sign_in(made.anna).get(f"/en/guidance/pathways/{pathway.pseudonym}/courses/{run.pk}/")

    assert b"mailto:kysy@example.org" in response.content
    assert b'name="token"' not in response.content


def test_the_sheet_names_only_whom_the_reader_may_open(made):
    """By organisations: the city enrolled two, of whom one is under non-disclosure; the college enrolled one and offers the course."""
    run = make_run(service=make_service(kind=ServiceKind.COURSE, organisation=made.college), seats=9)
    alone = make_pathway(made, client=new_client(family_name="=Yksin", given_names="Aino"))
    hidden = make_pathway(made, client=new_client(family_name="Suojattu", given_names="Outi"))
    shared = make_shared_pathway(made, client=new_client(family_name="Yhteinen", given_names="Kaija"))
    for pathway, by in ((alone, made.anna), (hidden, made.anna), (shared, made.ossi)):
        enrol_client(by=by, pathway=pathway, run=run, token=uuid4())
    Client.objects.filter(pk=hidden.client_id).update(is_protected=True, contact_address="PL 1")
    hidden.client.named_people.set([made.anna])
    stranger = make_counsellor(make_organisation())
    address = f"/en/guidance/courses/{run.pk}/"

    def read(person) -> tuple[int, list[str]]:
        text = sign_in(person).get(address)
        return text.status_code, [name for name in ("Yksin", "Suojattu", "Yhteinen") if name in text.content.decode()]

    assert read(made.anna) == (200, ["Yksin", "Suojattu"])
    assert logged()[-1] == ("print", "guidance:course_sheet", sorted([alone.pseudonym, hidden.pseudonym]))
    assert read(made.city_people[1]) == (200, ["Yksin"])
    assert read(made.ossi) == (200, ["Yhteinen"])
    assert read(stranger) == (404, [])
    assert read(made.taru) == (404, [])
    answer = sign_in(made.city_people[1]).get(f"{address}names.xlsx")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows())
    assert [(row[0].value, row[0].data_type) for row in rows[2:]] == [("Aino =Yksin", "s")]
    assert AccessLog.objects.latest("pk").action == "export"
    listed = sign_in(made.ossi).get("/en/guidance/courses/")
    assert [row.clients for row in listed.context["page_obj"]] == [1]


def test_an_application_is_sent_without_a_choice_of_how(made):
    run, pathway = make_application_run(first_day=date(2030, 1, 1), last_day=date(2030, 2, 1), enrol_by=date(2029, 1, 1)), make_pathway(made)
    client, address = sign_in(made.anna), f"/en/guidance/pathways/{pathway.pseudonym}/courses/{run.pk}/"

    response = client.post(address, {"token": str(uuid4())})

    assert response.status_code == 302
    assert PathwayEnrolment.objects.get().told_state == EnrolmentState.APPLIED
