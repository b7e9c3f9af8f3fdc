"""The services part of the made world: on each side an offer to all, one for chosen organisations, a draft, and bookings lent and borrowed."""
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

from django.utils import timezone

from guidance.actions.enrolments import enrol_client
from guidance.models import Pathway
from pilots.choices import Role
from pilots.models import Membership
from services.actions.feeds import make_feed_address
from services.actions.finding import mark_favourite, save_search
from services.actions.lists import map_columns, upload_list
from services.actions.needs import answer_need
from services.actions.photos import put_photo
from services.actions.settlements import accept_settlement, draft_settlement
from services.choices import Audience, BookingMode, Publication, ResourceKind, ServiceKind
from tests.pilots.files import SMALLEST_PNG
from tests.services.agreements import FIRST, in_force, make_draft, send
from tests.services.courses import ask, make_run
from tests.services.factories import (
    MONDAY,
    book,
    hours,
    make_handler,
    make_need,
    make_part,
    make_place,
    make_resource,
    make_service,
    make_term_round,
    make_wish,
    weekly,
)


def make_shared_services(side: SimpleNamespace) -> None:
    """After `make_guided`: the other organisation is its partner. `service` is everyone's, `chosen` and `draft` are not."""
    owner, partner = side.organisation, side.partner
    side.place = make_place(owner, municipality=side.municipality)
    side.resource = make_resource(owner, mode=BookingMode.ON_REQUEST, place=side.place, capacity=40, equipment_fi="Keksitty kone")
    side.half = make_part(side.resource)
    side.service = make_service(side.resource, unit=side.unit, place=side.place, contact_email=f"tilat@{owner.slug}.example.org")
    side.draft = make_service(side.resource, state=Publication.DRAFT, check_by=timezone.localdate() - timedelta(days=1))
    side.chosen = make_service(make_resource(partner, place=side.place), audience=Audience.CHOSEN, shown_outside=False)
    side.chosen.for_organisations.add(owner)
    side.partner_handler, side.own_handler = make_handler(partner), make_handler(owner)
    side.booking = book(side.service, hours(10, 12), by=side.partner_handler)
    side.borrowed = book(side.chosen, hours(13, 14), by=side.own_handler)
    side.series = weekly(side.service, by=side.partner_handler, starts=14, weeks=2)
    # Its second date is taken, and another time offered.
    book(side.chosen, hours(9, 10, MONDAY + timedelta(weeks=1)), by=side.partner_handler)
    side.not_fitting = weekly(side.chosen, by=side.own_handler, starts=9, weeks=2).rejected_dates.get()
    listed, _codes = upload_list(by=side.own_handler, kind="resources", name="tilat.csv", content=b"Nimi;Kapasiteetti\nKeksitty sali;30\nKeksitty paja;monta\n")
    side.list = map_columns(by=side.own_handler, batch=listed, columns={"name_fi": 0, "capacity": 1})
    side.feed, _token = make_feed_address(by=side.own_handler)
    side.draft_agreement = make_draft(side.own_handler, side.partner_handler, service=side.chosen)
    side.draft_line = side.draft_agreement.lines.get()
    side.sent_agreement = send(make_draft(side.own_handler, side.partner_handler, service=side.chosen), side.own_handler)
    side.agreement = in_force(side.own_handler, side.partner_handler, service=side.chosen)
    side.settlement = draft_settlement(by=side.own_handler, agreement=side.agreement, first_day=FIRST, last_day=FIRST + timedelta(days=30), token=uuid4())
    side.locked = draft_settlement(by=side.own_handler, agreement=side.agreement, first_day=FIRST + timedelta(days=31), last_day=FIRST + timedelta(days=40), token=uuid4())
    for one in (side.own_handler, side.partner_handler):
        accept_settlement(by=one, settlement=side.locked, version=side.locked.version)
    side.course = make_service(kind=ServiceKind.COURSE, organisation=owner)
    side.run = make_run(service=side.course)
    side.enrolment = ask(side.run, side.partner_handler, only_hold=True)
    teacher = make_service(make_resource(partner, kind=ResourceKind.PERSON, mode=BookingMode.ON_REQUEST, place=side.place), name_fi="Keksitty opettaja")
    side.lent_person = book(teacher, hours(9, 10), by=side.own_handler)
    side.need = make_need(side.own_handler)
    answer_need(by=side.partner_handler, need=side.need, text="Keksitty apu", service=teacher)
    coordinator = Membership.objects.get(organisation=owner, role=Role.AREA_COORDINATOR)
    mark_favourite(by=coordinator, service_id=side.service.pk, on=True)
    side.search = save_search(by=coordinator, name="Keksitty haku", query="kind=facility", alerts=True)
    side.seat = enrol_client(by=side.pathway.process_person, pathway=side.pathway, run=side.run, only_hold=True, token=uuid4())
    side.pathway = Pathway.objects.get(pk=side.pathway.pk)
    put_photo(by=coordinator, service=side.service, seen=None, content=SMALLEST_PNG, alt_fi="Keksitty kuva")
    side.round = make_term_round(side.own_handler, side.service)
    side.wish, _last = (make_wish(side.round, side.service, (3, 9, 11), by=side.own_handler) for _turn in range(2))
