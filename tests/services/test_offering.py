"""What may be offered, by whom, and what is refused; upkeep of what is booked."""
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from pilots.choices import Role
from services.actions.offering import add_service, archive_service, confirm_service, copy_service, edit_service, publish_service, set_where
from services.actions.resources import (
    add_exception,
    add_hours,
    add_part,
    add_period,
    add_place,
    add_resource,
    edit_place,
    edit_resource,
    remove_hours,
    remove_part,
    remove_period,
)
from services.choices import BookingMode, Publication, ResourceKind, ServiceKind, TermPeriodKind
from services.conflicts import Conflict
from services.models import OpeningHours, Resource, TermPeriod
from services.queries.resources import resource_version
from tests.pilots.factories import make_membership, make_unit
from tests.services.factories import book, hours, make_handler, make_part, make_place, make_resource, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler():
    return make_handler()


@pytest.fixture
def service(handler):
    """A draft that lacks nothing."""
    return make_service(make_resource(handler.organisation), state=Publication.DRAFT, place=make_place(handler.organisation), contact_email="a@example.org")


WRITES = {
    "edit_service": lambda by, one: edit_service(by=by, service=one, version=one.version, values={"name_fi": "Toinen"}),
    "set_where": lambda by, one: set_where(by=by, service=one, version=one.version, place=one.place, resource=one.resource),
    "publish_service": lambda by, one: publish_service(by=by, service=one, version=one.version),
    "archive_service": lambda by, one: archive_service(by=by, service=one, version=one.version),
    "confirm_service": lambda by, one: confirm_service(by=by, service=one, version=one.version, check_by=timezone.localdate() + timedelta(days=9)),
    "copy_service": lambda by, one: copy_service(by=by, service=one),
    "edit_place": lambda by, one: edit_place(by=by, place=one.place, version=one.place.version, values={"name_fi": "Toinen"}),
    "edit_resource": lambda by, one: edit_resource(by=by, resource=one.resource, version=resource_version(one.resource), values={"name_fi": "Toinen"}),
    "add_part": lambda by, one: add_part(by=by, resource=one.resource, values={"name_fi": "Osa"}),
    "add_hours": lambda by, one: add_hours(by=by, resource=one.resource, weekdays=[1], opens=time(21), closes=time(22)),
    "add_exception": lambda by, one: add_exception(by=by, resource=one.resource, values={"first_day": date(2027, 1, 4), "last_day": date(2027, 1, 4), "reason_fi": "Keksitty"}),
}


@pytest.mark.parametrize("name", WRITES)
def test_only_the_owner_s_handlers_write(handler, service, name):
    if name == "confirm_service":
        service = publish_service(by=handler, service=service, version=service.version)
    for other in (make_handler(), make_membership(role=Role.ORGANISATION_ADMINISTRATOR, organisation=handler.organisation)):
        with pytest.raises(PermissionDenied):
            WRITES[name](other, service)

    WRITES[name](handler, service)

    assert AuditEvent.objects.filter(verb=name).count() == 1


def test_others_offer_nothing():
    officer = make_membership(role=Role.EDUCATION_OFFICER)

    with pytest.raises(PermissionDenied):
        add_service(by=officer, values={"kind": ServiceKind.COURSE, "name_fi": "x", "description_fi": "x"})
    with pytest.raises(PermissionDenied):
        add_place(by=officer, values={})
    with pytest.raises(PermissionDenied):
        add_resource(by=officer, values={"mode": BookingMode.ON_REQUEST}, hours={})
    with pytest.raises(PermissionDenied):
        add_period(by=officer, values={})


def test_draft_sent_twice_is_one(handler):
    values = {"kind": ServiceKind.COURSE, "name_fi": "Keksitty", "description_fi": "Keksitty.", "languages": ["fi", "sv"], "education_forms": []}

    assert add_service(by=handler, values=values).pk == add_service(by=handler, values=values).pk


@pytest.mark.parametrize("name", ["edit_service", "set_where", "publish_service", "archive_service"])
def test_version_of_another_is_a_conflict(handler, service, name):
    edit_service(by=handler, service=service, version=service.version, values={"name_fi": "Ehti ensin"})

    with pytest.raises(Conflict):
        WRITES[name](handler, service)


@pytest.mark.parametrize("fields", [{"resource": None}, {"place": None}, {"contact_email": ""}])
def test_half_a_service_is_not_published(handler, service, fields):
    for name, value in fields.items():
        setattr(service, name, value)
    service.save()

    with pytest.raises(ValidationError):
        publish_service(by=handler, service=service, version=service.version)


def test_public_service_keeps_what_readers_need(handler, service):
    service = publish_service(by=handler, service=service, version=service.version)

    with pytest.raises(ValidationError):
        edit_service(by=handler, service=service, version=service.version, values={"contact_email": ""})
    service.refresh_from_db()
    assert service.contact_email


@pytest.mark.parametrize("days", [0, -1, 800])
def test_check_by_is_ahead_and_within_two_years(handler, service, days):
    service = publish_service(by=handler, service=service, version=service.version)

    with pytest.raises(ValidationError):
        confirm_service(by=handler, service=service, version=service.version, check_by=timezone.localdate() + timedelta(days=days))


def test_service_offers_own_things_of_its_kind(handler, service):
    person = make_resource(handler.organisation, kind=ResourceKind.POST)
    for given in ({"resource": make_resource()}, {"resource": person}, {"resource": None}, {"resource": service.resource, "place": make_place()}):
        with pytest.raises(ValidationError):
            set_where(by=handler, service=service, version=service.version, **given)


def test_service_names_a_unit_of_its_own(handler, service):
    with pytest.raises(ValidationError):
        edit_service(by=handler, service=service, version=service.version, values={"unit": make_unit()})


def test_price_fits_its_basis(handler, service):
    with pytest.raises(ValidationError):
        edit_service(by=handler, service=service, version=service.version, values={"price_basis": "hour", "price": None})


def test_parts_stay_while_somebody_holds_the_space(handler, service):
    service = publish_service(by=handler, service=service, version=service.version)
    part = make_part(service.resource)
    book(service, hours(10, 11), resource=part)

    with pytest.raises(ValidationError):
        add_part(by=handler, resource=service.resource, values={"name_fi": "Uusi"})
    with pytest.raises(ValidationError):
        remove_part(by=handler, resource=service.resource, part=part)


def test_parts_have_no_parts_and_people_none(handler):
    whole, person = make_resource(handler.organisation), make_resource(handler.organisation, kind=ResourceKind.POST)

    for resource in (make_part(whole), person):
        with pytest.raises(ValidationError):
            add_part(by=handler, resource=resource, values={"name_fi": "Osa"})


def test_part_that_was_never_booked_can_be_removed(handler):
    whole = make_resource(handler.organisation)
    part = add_part(by=handler, resource=whole, values={"name_fi": "Osa"})

    remove_part(by=handler, resource=whole, part=part)

    assert not Resource.objects.filter(whole=whole).exists()


def test_hours_do_not_overlap_and_a_season_has_its_own(handler):
    resource = make_resource(handler.organisation, hours=(time(8), time(16)))

    with pytest.raises(ValidationError):
        add_hours(by=handler, resource=resource, weekdays=[1, 2], opens=time(15), closes=time(0))
    add_hours(by=handler, resource=resource, weekdays=[1], opens=time(16), closes=time(0))
    add_hours(by=handler, resource=resource, weekdays=[1], opens=time(10), closes=time(12), first_day=date(2027, 6, 1), last_day=date(2027, 8, 1))

    assert OpeningHours.objects.filter(resource=resource, weekday=1).count() == 3


def test_last_hours_of_what_is_booked_at_once_stay(handler):
    resource = make_resource(handler.organisation, hours=None)
    add_hours(by=handler, resource=resource, weekdays=[1], opens=time(8), closes=time(9))

    with pytest.raises(ValidationError):
        remove_hours(by=handler, resource=resource, pk=resource.opening_hours.get().pk)


def test_resource_saved_by_two_is_a_conflict(handler):
    resource = make_resource(handler.organisation)
    version = resource_version(resource)
    edit_resource(by=handler, resource=resource, version=version, values={"name_fi": "Ehti ensin"})

    with pytest.raises(Conflict):
        edit_resource(by=handler, resource=resource, version=version, values={"name_fi": "Toinen"})


def test_school_year_is_one_s_own(handler):
    values = {"kind": TermPeriodKind.TERM, "name_fi": "Syyslukukausi", "name_sv": "", "first_day": date(2027, 8, 9), "last_day": date(2027, 12, 18)}
    period = add_period(by=handler, values=values)
    assert add_period(by=handler, values=values) == period

    remove_period(by=make_handler(), pk=period.pk)
    assert TermPeriod.objects.count() == 1
    remove_period(by=handler, pk=period.pk)
    assert TermPeriod.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"do": "hours", "hours-weekdays": ["1", "3"], "hours-opens": "21", "hours-closes": "22"}, 302),
        ({"do": "hours", "hours-weekdays": ["1"], "hours-opens": "9", "hours-closes": "10"}, 422),
        ({"do": "hours", "hours-weekdays": ["1"], "hours-opens": "22", "hours-closes": "21", "hours-first_day": "1.2.2027"}, 422),
        ({"do": "exception", "exception-first_day": "1.2.2027", "exception-reason_fi": "Keksitty"}, 302),
        ({"do": "exception", "exception-first_day": "1.2.2027", "exception-opens": "9", "exception-reason_fi": "Keksitty"}, 422),
        ({"do": "part", "part-name_fi": "Osa"}, 302),
        ({"do": "part", "part-name_fi": ""}, 422),
        ({"do": "remove_part", "row": "999999"}, 404),
        ({"do": "nothing"}, 404),
    ],
)
def test_small_forms_of_a_resource(client, handler, sent, status):
    client.force_login(handler.user)
    resource = make_resource(handler.organisation)

    assert client.post(reverse("services:resource_detail", args=[resource.pk]), sent).status_code == status


def test_settings_of_a_resource_are_saved(client, handler):
    client.force_login(handler.user)
    resource = make_resource(handler.organisation, kind=ResourceKind.POST)
    sent = {"do": "settings", "version": resource_version(resource), "name_fi": "Keksitty virka", "weekly_hours": "7,5", "mode": "on_request", "buffer_before": "0", "buffer_after": "15", "start_interval": "30"}

    assert client.post(reverse("services:resource_detail", args=[resource.pk]), sent).status_code == 302
    resource.refresh_from_db()
    assert (resource.weekly_minutes, resource.buffer_after, resource.start_interval) == (450, 15, 30)
