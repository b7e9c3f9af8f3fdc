"""The wizard from the first step to the public page, and what the list of one's own says."""
from datetime import time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from pilots.forms.days import written
from services.choices import Audience, BookingMode, Publication, ServiceKind
from services.models import SharedService
from services.queries.offering import models_near
from tests.pilots.factories import make_model, make_municipality, make_organisation
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


def differing(answer) -> dict[str, str]:
    return {one.field.name: one.saved for one in answer.context["theirs"].differences}


def test_step_saved_by_two_keeps_what_the_second_wrote_and_shows_the_first(web, handler):
    service = make_service(make_resource(handler.organisation), state=Publication.DRAFT, version=3, name_fi="Toisen nimi", description_fi="Toisen kuvaus.")
    address = reverse("services:offer_what", args=[service.pk])

    answer = web.post(address, what(version=2, description_fi="Toisen kuvaus."))

    assert (answer.status_code, answer.context["form"]["name_fi"].value(), differing(answer)) == (409, "Keksitty puutyöluokka", {"name_fi": "Toisen nimi"})
    assert SharedService.objects.get().name_fi == "Toisen nimi"
    # The same form sent again, as it stands on the page, is saved over.
    again = web.post(address, what(version=answer.context["form"]["version"].value(), description_fi="Toisen kuvaus."))
    assert (again.status_code, SharedService.objects.get().name_fi) == (302, "Keksitty puutyöluokka")


def test_later_steps_saved_by_two_keep_what_the_second_wrote(web, handler):
    place = make_place(handler.organisation)
    service = make_service(make_resource(handler.organisation), place=place, version=3, contact_email="toinen@example.org")
    old = {"version": 2}

    where = web.post(reverse("services:offer_where", args=[service.pk]), old | {"place": "new", "place_name_fi": "Uusi", "street_address": "Tie 1", "municipality": place.municipality_id, "resource": service.resource_id})
    terms_again = web.post(reverse("services:offer_terms", args=[service.pk]), terms(service) | old)
    confirm = web.post(reverse("services:offer_confirm", args=[service.pk]), old | {"check_by": written(timezone.localdate() + timedelta(days=50))})

    assert [answer.status_code for answer in (where, terms_again, confirm)] == [409, 409, 409]
    assert [answer.context["form"]["version"].value() for answer in (where, terms_again, confirm)] == ["3", "3", "3"]
    assert (differing(where)["place"], where.context["form"]["place_name_fi"].value()) == (f"{place.name}, {place.municipality.name}", "Uusi")
    assert differing(terms_again)["contact_email"] == "toinen@example.org"
    assert differing(confirm) == {"check_by": date_format(service.check_by, "SHORT_DATE_FORMAT")}


def test_place_and_resource_saved_by_two_keep_what_the_second_wrote(web, handler):
    place = make_place(handler.organisation, name_fi="Toisen talo", step_free=True, version=2)
    resource = make_resource(handler.organisation, name_fi="Toisen tila")
    fields = {"version": 1, "place_name_fi": "Oma talo", "street_address": place.street_address, "municipality": place.municipality_id, "step_free": "no"}

    answer = web.post(reverse("services:place_edit", args=[place.pk]), fields)
    settings = web.post(reverse("services:resource_detail", args=[resource.pk]), {"do": "settings", "version": 99, "name_fi": "Oma tila", "mode": "at_once", "buffer_before": 0, "buffer_after": 0, "start_interval": 15})

    assert (answer.status_code, differing(answer)) == (409, {"place_name_fi": "Toisen talo", "step_free": str(gettext("Yes"))})
    assert (settings.status_code, differing(settings)) == (409, {"name_fi": "Toisen tila"})
    assert web.post(reverse("services:place_edit", args=[place.pk]), fields | {"version": answer.context["form"]["version"].value()}).status_code == 302
    place.refresh_from_db()
    assert (place.name_fi, place.step_free, place.version) == ("Oma talo", False, 3)


@pytest.mark.parametrize("done", ["part", "exception", "hours", "copy"])
def test_form_sent_twice_makes_one(web, handler, done):
    service = make_service(make_resource(handler.organisation))
    resource = service.resource
    fields = {
        "part": {"part-name_fi": "Pohjoispuoli"},
        "exception": {"exception-first_day": "4.1.2027", "exception-reason_fi": "Keksitty"},
        "hours": {"hours-weekdays": [1, 2], "hours-opens": "21", "hours-closes": "22"},
    }
    address = reverse("services:offer_copy", args=[service.pk]) if done == "copy" else reverse("services:resource_detail", args=[resource.pk])

    answers = [web.post(address, {"do": done} | fields.get(done, {})).status_code for _turn in range(2)]

    made = {"part": resource.parts, "exception": resource.opening_exceptions, "hours": resource.opening_hours.filter(opens=time(21)), "copy": service.copies}[done]
    assert (answers, made.count()) == ([302, 302], 2 if done == "hours" else 1)


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


def test_service_and_model_lead_to_each_other_and_only_models_near_are_offered(client, handler):
    client.force_login(handler.user)
    service = make_service(make_resource(handler.organisation))
    near, far = make_model(partners=({"organisation": service.organisation},)), make_model()
    draft = make_model(service.organisation, state="draft", published_at=None)
    service.cooperation_models.set([near, draft])

    assert set(models_near(service)) == {near, draft}
    assert far not in models_near(service)
    assert client.get(service.get_absolute_url()).context["models"] == [near]
    [section] = client.get(near.get_absolute_url()).context["more"]
    assert section.context["services"] == [service]
