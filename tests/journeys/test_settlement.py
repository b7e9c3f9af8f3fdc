"""A school borrows a workshop and a teacher of another municipality, and both see the same settlement: in Swedish, by keyboard alone, at 320 px."""
from datetime import date, datetime, time, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from pilots.models import Membership
from services.choices import AgreementState, PriceBasis, ResourceKind
from services.models import Agreement, Booking, Settlement
from services.queries.times import FINLAND
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_partnership import Walker
from tests.pilots.factories import make_municipality, make_organisation
from tests.services.agreements import workday
from tests.services.factories import MONDAY, book, hours, make_handler, make_resource, make_service

pytestmark = pytest.mark.once


def day(of: date) -> str:
    return f"{of.day}.{of.month}.{of.year}"


@pytest.fixture
def handler(transactional_db, new_context):
    def make(name: str) -> Walker:
        person: Membership = make_handler(make_organisation(name, municipality=make_municipality()))
        person.user.set_password(PASSWORD)
        person.user.save()
        EmailAddress.objects.create(user=person.user, email=person.user.email, verified=True, primary=True)
        return Walker(new_context(viewport={"width": 320, "height": 800}).new_page(), person, "sv")

    return make


def test_a_school_borrows_a_workshop_and_a_teacher_and_both_see_the_same_settlement(handler):
    school, lender = handler("Demo-Lainaavan kunta"), handler("Demo-Tarjoavan kunta")
    owner = lender.membership.organisation
    workshop = make_service(make_resource(owner), name_fi="Puutyöverstas", price_basis=PriceBasis.HOUR, price=30)
    teacher = make_service(make_resource(owner, kind=ResourceKind.PERSON), name_fi="Ruotsin opettaja", price_basis=PriceBasis.HOUR, price=50)
    for service, at in ((workshop, 9), (teacher, 13)):
        # What has taken place: asked for a month before, by the action.
        of = workday(4)
        book(service, hours(at, at + 2, of), by=school.membership, now=datetime.combine(of - timedelta(days=30), time(9), FINLAND))

    school.sign_in().page.goto(school.address("services:service_detail", workshop.pk))
    books(school, workshop)
    agreement = drafts_and_sends(school, workshop, teacher)
    lender.sign_in().page.goto(lender.address("services:agreement_list"))
    for one in (lender, school):
        decides(one, agreement)
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.IN_FORCE
    settles(lender, school, agreement)


def books(school: Walker, workshop) -> None:
    school.go("services:booking_add", workshop.pk)
    school.fill(day=day(MONDAY), starts="9", ends="11", purpose="Träslöjd")
    school.send()
    assert Booking.objects.filter(service=workshop).count() == 2
    school.page.goto(school.address("services:service_detail", workshop.pk))


def drafts_and_sends(school: Walker, workshop, teacher) -> Agreement:
    """From the page of the workshop, which fills in the other party and the first line."""
    today = timezone.localdate()
    school.go("services:agreement_add", extra=f"?service={workshop.pk}")
    school.pick("form", "purchased_service")
    school.fill(first_day=day(today - timedelta(days=60)), last_day=day(MONDAY), share="66,67", share_1="33,33")
    school.send()
    school.send()
    agreement = Agreement.objects.get()
    school.go("services:agreement_line_add", agreement.pk)
    chosen = school.main.locator("select[name=service]")
    school.go_to(chosen)
    for _turn in range(4):
        if chosen.input_value() == str(teacher.pk):
            break
        school.page.keyboard.press("ArrowDown")
    school.pick("basis", "hour")
    school.fill(price="49,99")
    school.send()
    assert set(agreement.lines.values_list("service", flat=True)) == {workshop.pk, teacher.pk}
    school.go("services:agreement_move", agreement.pk, AgreementState.SENT)
    school.send()
    return agreement


def decides(person: Walker, agreement: Agreement) -> None:
    if not person.page.url.endswith(f"/agreements/{agreement.pk}/"):
        person.go("services:agreement_detail", agreement.pk)
    person.go("services:agreement_decide", agreement.pk)
    person.fill(body="Bildningsnämnden", decided_on=day(timezone.localdate()), section="§ 12")
    person.send()


def settles(lender: Walker, school: Walker, agreement: Agreement) -> None:
    """Two hours of each: 60.00 + 99.98 euros, of which the school bears two thirds and the cent that is left over."""
    lender.page.reload()
    lender.go("services:settlement_add", agreement.pk)
    lender.fill(last_day=day(timezone.localdate() - timedelta(days=1)))
    lender.send()
    settlement = Settlement.objects.get()
    school.page.goto(school.address("services:agreement_list"))
    school.go("services:settlement_detail", settlement.pk)
    seen = [[row.inner_text() for row in one.main.locator("table tr").all()] for one in (lender, school)]
    assert seen[0] == seen[1]
    assert any("106,66" in row for row in seen[0])
    for one in (school, lender):
        if one is lender:
            one.page.reload()
        one.go("services:settlement_accept", settlement.pk)
        one.send()
    settlement.refresh_from_db()
    assert settlement.is_locked
    assert lender.main.locator(f"a[href='{lender.address('services:settlement_correct', settlement.pk)}']").count() == 1
