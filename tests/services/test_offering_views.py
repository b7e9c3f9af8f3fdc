"""The wizard from the first step to the public page, and what the list of one's own says."""
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from pilots.forms.days import written
from services.choices import Audience, BookingMode, Publication, ServiceKind
from services.models import SharedService
from tests.pilots.factories import make_municipality, make_organisation
from tests.services.factories import make_handler, make_place, make_resource, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler():
    return make_handler(make_organisation(municipality=make_municipality(latitude=62.0, longitude=25.0)))


@pytest.fixture
def web(client, handler):
    client.force_login(handler.user)
    return client


def what(**fields) -> dict:
    return {"version": 0, "kind": ServiceKind.FACILITY, "name_fi": "Keksitty puutyöluokka", "description_fi": "Keksitty.", "languages": ["fi"], "delivery": "contact"} | fields


def terms(service, **fields) -> dict:
    day = written(timezone.localdate() + timedelta(days=100))
    return {"version": service.version, "audience": "network", "price_basis": "hour", "price": "12,50", "contact_email": "tilat@example.org", "check_by": day, "shown_outside": "on"} | fields


def test_wizard_leads_from_nothing_to_a_public_service(web, handler):
    answer = web.post(reverse("services:offer_add"), what())
    service = SharedService.objects.get()
    assert answer.url == reverse("services:offer_where", args=[service.pk])

    where = {
        "version": service.version, "place": "new", "place_name_fi": "Keksitty koulu", "street_address": "Koulutie 1", "municipality": handler.organisation.municipality_id, "step_free": "yes", "lift": "no",
        "resource": "new", "resource_name_fi": "Puutyö 1", "capacity": "16", "mode": "at_once", "week_opens": "8", "week_closes": "16.30", "saturday_opens": "10", "saturday_closes": "24",
    }  # fmt: skip
    answer = web.post(answer.url, where)
    service.refresh_from_db()
    assert answer.url == reverse("services:offer_terms", args=[service.pk])
    assert (service.place.step_free, service.place.lift, service.place.induction_loop) == (True, False, None)
    assert service.resource.mode == BookingMode.AT_ONCE
    assert service.resource.opening_hours.count() == 6

    answer = web.post(answer.url, terms(service))
    service.refresh_from_db()
    assert answer.url == reverse("services:offer_publish", args=[service.pk])
    assert web.get(answer.url).status_code == 200

    answer = web.post(answer.url, {"version": service.version})
    service.refresh_from_db()
    assert answer.url == service.get_absolute_url()
    assert service.state == Publication.PUBLIC
    assert web.get(answer.url).context["confirmed"].by == handler.user.name


def test_wizard_back_shows_what_was_saved(web, handler):
    service = make_service(make_resource(handler.organisation), state=Publication.DRAFT, name_fi="Keksitty luokka")

    assert web.get(reverse("services:offer_what", args=[service.pk])).context["form"].initial["name_fi"] == "Keksitty luokka"
    assert str(web.get(reverse("services:offer_where", args=[service.pk])).context["form"]["resource"].value()) == str(service.resource_id)


def test_course_asks_for_no_resource(web, handler):
    service = make_service(kind=ServiceKind.COURSE, organisation=handler.organisation, state=Publication.DRAFT)

    answer = web.post(reverse("services:offer_where", args=[service.pk]), {"version": service.version, "place": ""})

    assert answer.status_code == 302
    assert SharedService.objects.get().resource is None


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"resource_name_fi": ""}, "resource_name_fi"),
        ({"mode": "at_once", "week_opens": "", "week_closes": ""}, "mode"),
        ({"week_closes": ""}, "week_closes"),
        ({"week_opens": "17"}, "week_closes"),
        ({"week_opens": "kahdeksan"}, "week_opens"),
        ({"place": "new"}, "street_address"),
    ],
)
def test_second_step_names_the_field_that_is_wrong_and_makes_nothing(web, handler, fields, wrong):
    service = make_service(make_resource(handler.organisation), state=Publication.DRAFT)
    resources = type(service.resource).objects.count()
    where = {"version": service.version, "place": "", "resource": "new", "resource_name_fi": "Puutyö 1", "mode": "on_request", "week_opens": "8", "week_closes": "16"}

    answer = web.post(reverse("services:offer_where", args=[service.pk]), where | fields)

    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    assert type(service.resource).objects.count() == resources


def test_step_saved_by_two_answers_409_to_the_second(web, handler):
    service = make_service(make_resource(handler.organisation), version=3)

    assert web.post(reverse("services:offer_what", args=[service.pk]), what(version=2)).status_code == 409


def test_chosen_audience_of_nobody_stays_a_draft(web, handler):
    service = make_service(make_resource(handler.organisation), state=Publication.DRAFT, audience=Audience.CHOSEN, contact_email="a@example.org", place=make_place(handler.organisation))

    answer = web.post(reverse("services:offer_publish", args=[service.pk]), {"version": service.version})

    assert answer.status_code == 422
    assert SharedService.objects.get().state == Publication.DRAFT


def test_copy_and_archive_and_confirm(web, handler):
    service = make_service(make_resource(handler.organisation), contact_email="a@example.org")
    service.for_organisations.add(make_organisation())

    web.post(reverse("services:offer_copy", args=[service.pk]))
    copy = SharedService.objects.get(copied_from=service)
    assert (copy.state, copy.resource_id, copy.for_organisations.count()) == (Publication.DRAFT, service.resource_id, 1)

    day = timezone.localdate() + timedelta(days=30)
    web.post(reverse("services:offer_confirm", args=[service.pk]), {"version": service.version, "check_by": written(day)})
    service.refresh_from_db()
    assert service.check_by == day

    web.post(reverse("services:offer_archive", args=[service.pk]), {"version": service.version})
    service.refresh_from_db()
    assert service.state == Publication.ARCHIVED


def test_own_list_tells_what_waits(web, handler):
    resource = make_resource(handler.organisation)
    make_service(resource, state=Publication.DRAFT)
    stale = make_service(resource, check_by=timezone.localdate() - timedelta(days=1))
    make_service(check_by=timezone.localdate() - timedelta(days=1))

    page = web.get(reverse("services:offer_list"))

    assert (page.context["waits"].drafts, page.context["waits"].stale) == (1, 1)
    assert list(web.get(reverse("services:offer_list"), {"waits": "stale"}).context["page_obj"]) == [stale]
