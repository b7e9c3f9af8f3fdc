"""Figures of use: what is offered, used, left and over a border."""
from datetime import date, time, timedelta

import pytest

from pilots.models import EducationForm
from services.choices import EnrolmentState, Entry, ResourceKind, ServiceKind
from services.models import Booking, OpeningException
from services.queries.times import slot_on
from services.queries.use import by_area, by_organisation, total, use_of
from tests.pilots.factories import make_municipality, make_organisation
from tests.services.courses import make_run
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_resource, make_service
from tests.services.web import sign_in, url

pytestmark = pytest.mark.django_db
SUNDAY = MONDAY + timedelta(days=6)


@pytest.fixture
def sides():
    """The lender and a borrower from another municipality, who gives other forms of education."""
    lender, borrower = (make_handler(make_organisation(municipality=make_municipality())) for _ in range(2))
    for number, one in enumerate((lender, borrower), start=50):
        one.organisation.education_forms.add(EducationForm.objects.create(code=f"keksitty-{number}", position=number, name_fi="Keksitty", name_sv="Påhittad", name_en="Invented"))
    return lender, borrower


def figures(owner, first_day=MONDAY, last_day=SUNDAY):
    return {row.thing: row.figures for row in use_of({owner.organisation_id}, first_day, last_day)}


def in_hours(one) -> list[float]:
    return [minutes / 60 for minutes in (one.offered, one.used, one.left, one.over_municipality, one.over_form)]


def test_use_counts_opening_hours_without_closed_days_and_what_crosses_borders(sides):
    lender, borrower = sides
    service = make_service(make_resource(lender.organisation))
    OpeningException.objects.create(resource=service.resource, first_day=SUNDAY, last_day=SUNDAY, reason_fi="Keksitty")
    book(service, hours(9, 11), by=borrower)
    book(service, hours(12, 15), by=lender)
    book(service, hours(9, 11, MONDAY + timedelta(days=7)), by=borrower)

    # Twelve hours on six days.
    assert in_hours(figures(lender)[service.resource]) == [72, 5, 67, 2, 2]


def test_use_of_a_part_is_a_part_of_the_whole_and_holidays_offer_nothing(sides):
    lender, borrower = sides
    service = make_service(make_resource(lender.organisation))
    north, _south = make_part(service.resource), make_part(service.resource)
    book(service, hours(9, 11), by=borrower, resource=north)

    assert figures(lender)[service.resource].used == 60
    assert figures(lender, date(2027, 12, 6), date(2027, 12, 6))[service.resource].offered == 0


def test_use_of_a_person_offers_the_share_that_is_lent(sides):
    service = make_service(make_resource(sides[0].organisation, kind=ResourceKind.PERSON, weekly_minutes=600))

    assert figures(sides[0], MONDAY, MONDAY + timedelta(days=13))[service.resource].offered == 1_200


def test_use_counts_seats_and_groups_add_up(sides):
    lender, borrower = sides
    run = make_run(service=make_service(kind=ServiceKind.COURSE, organisation=lender.organisation), first_day=MONDAY, last_day=SUNDAY, enrol_by=MONDAY, seats=10, entry=Entry.APPLY)
    run.enrolments.create(organisation=borrower.organisation, size=4, state=EnrolmentState.ENROLLED, asked_at=run.created_at)
    run.enrolments.create(organisation=borrower.organisation, size=2, state=EnrolmentState.APPLIED, asked_at=run.created_at)
    open_always = make_service(make_resource(lender.organisation, hours=None))
    rows = use_of({lender.organisation_id, borrower.organisation_id}, MONDAY, SUNDAY)

    one = figures(lender)[run.service]
    assert (one.seats, one.seats_used, one.seats_left, one.seats_over_municipality, one.seats_over_form) == (10, 4, 6, 4, 4)
    assert figures(lender)[open_always.resource].is_measured is False
    (group,) = by_organisation(rows)
    assert (group.thing, group.figures) == (lender.organisation, total(rows))
    assert by_area(rows, [], {}) == []


def test_use_asks_no_more_for_more_rows(sides, django_assert_num_queries):
    lender, borrower = sides
    for number in range(3):
        service = make_service(make_resource(lender.organisation))
        slot = slot_on(MONDAY, time(9 + number), time(10 + number))
        Booking.objects.create(service=service, resource=service.resource, organisation=borrower.organisation, starts_at=slot.starts_at, ends_at=slot.ends_at, purpose="Keksitty", state="confirmed", requested_at=slot.starts_at, answered_at=slot.starts_at)

    with django_assert_num_queries(8):
        use_of({lender.organisation_id}, MONDAY, SUNDAY)


def test_use_page_takes_a_period_and_names_what_is_wrong_with_it(sides):
    browser = sign_in(sides[0])
    make_service(make_resource(sides[0].organisation))

    good = browser.get(f"{url('use_figures')}?by=organisation&first_day=4.10.2027&last_day=10.10.2027")
    wrong = browser.get(f"{url('use_figures')}?first_day=10.10.2027&last_day=4.10.2027")

    assert [row.figures.offered for row in good.context["use"].rows] == [7 * 12 * 60]
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (200, ["last_day"])
    assert browser.get(url("use_xlsx")).headers["Content-Type"].endswith("sheet")
