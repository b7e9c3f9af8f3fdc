"""The demo's offers: enough of each, every rule kept, there once, and gone without a trace."""
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import Count
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMessage
from pilots.loading.demo import load_demo, remove_demo
from pilots.loading.network import load_network
from services import models
from services.choices import TAKING, BookingState, EnrolmentState, Entry, ServiceKind
from services.loading.demo import load_services, remove_services
from services.models import Booking, BookingSeries, BusyTime, CourseRun, Enrolment, Occupancy, Place, RejectedDate, ServicePhoto, SharedService
from tests.services.factories import book, hours, make_resource, make_service
from tests.services.test_enrolments_races import wrong

pytestmark = pytest.mark.django_db
ALL = [getattr(models, name) for name in models.__all__]


@pytest.fixture
def demo():
    load_network()
    load_demo(now=timezone.now())
    return load_services(now=timezone.now())


def rows() -> dict:
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in ALL}


def test_load_services_makes_every_page_worth_looking_at(demo):
    kinds = dict(SharedService.objects.order_by().values_list("kind").annotate(Count("pk")))
    states = set(Enrolment.objects.values_list("state", flat=True))

    assert min(kinds[kind] for kind in ServiceKind.values) >= 50
    assert SharedService.objects.filter(is_demo=False).count() == 0
    assert set(Booking.objects.values_list("state", flat=True)) == {BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.DECLINED}
    assert states == {*TAKING, EnrolmentState.WAITING, EnrolmentState.APPLIED}
    assert RejectedDate.objects.count() > 0
    assert min(ServicePhoto.objects.count(), BusyTime.objects.count()) > 3
    assert (OutboxMessage.objects.count(), AuditEvent.objects.filter(target_kind__in=("booking", "enrolment")).count()) == (0, 0)


def test_load_services_keeps_every_rule(demo):
    assert [run.pk for run in CourseRun.objects.all() if wrong(run)] == []
    assert Enrolment.objects.filter(state=EnrolmentState.HELD).exclude(run__entry=Entry.HOLD).count() == 0
    assert Booking.objects.annotate(held=Count("occupancies")).filter(state=BookingState.DECLINED, held__gt=0).count() == 0
    assert Booking.objects.annotate(held=Count("occupancies")).exclude(state=BookingState.DECLINED).filter(held=0).count() == 0
    for model in (SharedService, Booking, CourseRun, Enrolment):
        for row in model.objects.order_by("pk")[:40]:
            row.validate_constraints()


def test_load_services_twice_changes_no_row(demo):
    before = rows()

    assert load_services(now=timezone.now()) == {}
    assert rows() == before


def test_remove_services_leaves_nothing_but_what_is_real(demo):
    service = make_service(make_resource(place=Place.objects.first()))
    book(service, hours(9, 11))

    remove_services()
    removed = remove_demo(now=timezone.now())

    left = {name: len(found) for name, found in rows().items() if found}
    assert {name: left[name] for name in ("SharedService", "Resource", "Place", "Booking", "Occupancy")} == dict.fromkeys(("SharedService", "Resource", "Place", "Booking", "Occupancy"), 1)
    assert (BookingSeries.objects.count(), Occupancy.objects.get().booking.service, removed.closed) == (0, service, 0)
    assert set(left) == {"SharedService", "Resource", "Place", "Booking", "Occupancy", "OpeningHours"}


def test_load_services_is_for_demos_only(settings):
    settings.DEMO = False

    with pytest.raises(CommandError):
        call_command("load_services", stdout=StringIO())
    settings.DEMO = True
    with pytest.raises(CommandError):
        call_command("load_services", stdout=StringIO())
