"""Agreements and settlements in the browser: from the draft to the locked settlement, and what meets who comes late."""
from datetime import timedelta

import pytest
from django.urls import reverse

from services.choices import AgreementState, LendingForm, PriceBasis, Vat
from services.models import Agreement, Settlement
from tests.services.agreements import FIRST, LAST, TODAY, booked, in_force, make_draft, send, workday
from tests.services.factories import make_handler, make_service
from tests.services.web import sent, sign_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return make_handler(), make_handler()


def day(of) -> str:
    return f"{of.day}.{of.month}.{of.year}"


def press(client, name, *args, **fields):
    """Opens the form and sends it as it is shown, with `fields` written over it."""
    return client.post(url(name, *args), sent(client.get(url(name, *args)).context["form"], **fields))


def test_agreement_is_drafted_sent_decided_and_settled_in_the_browser(people):
    school, lender = people
    service = make_service(organisation=lender.organisation, price_basis=PriceBasis.HOUR, price=40)
    browser, other = sign_in(school), sign_in(lender)

    page = browser.get(f"{url('agreement_add')}?service={service.pk}")
    assert page.context["form"]["party_1"].value() == str(lender.organisation.pk)
    fields = {"form": LendingForm.USE_OF_FACILITY, "first_day": day(FIRST), "last_day": day(LAST), "share": "66.67", "share_1": "33.33"}
    answer = browser.post(f"{url('agreement_add')}?service={service.pk}", sent(page.context["form"], **fields))
    agreement = Agreement.objects.get()
    assert answer.headers["Location"] == f"{url('agreement_line_add', agreement.pk)}?service={service.pk}"
    line = browser.get(answer.headers["Location"]).context["form"]
    assert (line["service"].value(), line["basis"].value()) == (str(service.pk), PriceBasis.HOUR)
    browser.post(url("agreement_line_add", agreement.pk), sent(line, vat=Vat.INCLUDED, vat_rate="10"))
    press(browser, "agreement_move", agreement.pk, "sent")
    for client in (other, browser):
        press(client, "agreement_decide", agreement.pk, body="Lautakunta", decided_on=day(TODAY), section="§ 5")
    agreement.refresh_from_db()
    assert agreement.state == AgreementState.IN_FORCE

    booking = booked(agreement, school, workday(2))
    assert browser.get(url("booking_detail", booking.pk)).context["agreement"] == agreement
    assert other.get(url("service_detail", service.pk)).context["agreements"] == [agreement]
    press(other, "settlement_add", agreement.pk, last_day=day(TODAY - timedelta(days=1)))
    settlement = Settlement.objects.get()
    pages = [client.get(url("settlement_detail", settlement.pk)) for client in (browser, other)]
    assert [[row.balance for row in page.context["balances"]] for page in pages] == [[-5_334, 5_334]] * 2
    for client in (browser, other):
        press(client, "settlement_accept", settlement.pk)
    settlement.refresh_from_db()
    assert settlement.is_locked


def test_agreement_form_names_the_field_and_loses_nothing(people):
    browser = sign_in(people[0])

    answer = press(browser, "agreement_add", title="Sopimus", form=LendingForm.USE_OF_FACILITY, first_day=day(LAST), last_day=day(FIRST), share="60", party_1=str(people[1].organisation.pk), share_1="40", extract_seen_on=day(FIRST))

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"last_day", "extract_seen_on"})
    assert answer.context["form"]["title"].value() == "Sopimus"


def test_agreement_changed_meanwhile_keeps_what_was_typed_and_can_be_sent_again(people):
    draft, browser = make_draft(*people), sign_in(people[0])
    form = browser.get(url("agreement_edit", draft.pk)).context["form"]
    press(browser, "agreement_edit", draft.pk, title="Toisen nimi")

    late = browser.post(url("agreement_edit", draft.pk), sent(form, title="Minun nimeni"))
    assert (late.status_code, late.context["form"]["title"].value()) == (409, "Minun nimeni")
    again = browser.post(url("agreement_edit", draft.pk), sent(late.context["form"]))

    draft.refresh_from_db()
    assert (again.status_code, draft.title) == (302, "Minun nimeni")


def test_agreement_that_is_no_draft_any_more_answers_409_and_a_strangers_404(people):
    agreement, browser, stranger = send(make_draft(*people), people[0]), sign_in(people[0]), sign_in(make_handler())

    assert [browser.get(url(name, agreement.pk)).status_code for name in ("agreement_edit", "agreement_line_add", "settlement_add")] == [409, 409, 409]
    for name in ("agreement_detail", "agreement_edit", "agreement_decide", "settlement_add"):
        assert stranger.get(url(name, agreement.pk)).status_code == 404
    assert list(stranger.get(url("agreement_list")).context["page_obj"]) == []


def test_agreement_list_says_what_waits(people):
    agreement = in_force(*people)
    waiting = send(make_draft(*people), people[0])
    press(sign_in(people[0]), "settlement_add", agreement.pk, last_day=day(TODAY - timedelta(days=1)))

    late = sign_in(people[1])
    page, home = late.get(url("agreement_list")), late.get(reverse("home"))

    assert ([one.pk for one in page.context["undecided"]], [one.agreement_id for one in page.context["unaccepted"]]) == ([waiting.pk], [agreement.pk])
    # The home page and the frame of every page count the same, until the answers are given.
    assert ([thing.count for thing in home.context["waiting"]], home.context["waiting_count"], page.context["waiting_count"]) == ([1, 1], 2, 2)
    settlement = Settlement.objects.get()
    press(late, "settlement_accept", settlement.pk)
    press(late, "agreement_decide", waiting.pk, body="Lautakunta", decided_on=day(TODAY))
    assert (late.get(url("agreement_list")).context["waiting_count"], late.get(reverse("home")).context["waiting"]) == (0, [])
