"""Pages of course runs: what one can do there, and what the answers are when it cannot be done."""
from uuid import uuid4

import pytest
from django.urls import reverse

from services.actions.courses import EDITABLE, offer_run
from services.actions.enrolments import move_enrolment, note_attendance
from services.choices import EnrolmentState
from services.models import CourseRun, Enrolment, SharedService
from tests.services.courses import ask, make_application_run, make_run, provider_of
from tests.services.factories import make_handler

pytestmark = pytest.mark.django_db


def sign_in(client, by):
    client.force_login(by.user)
    return client


def send(client, name, obj, **fields):
    return client.post(reverse(f"services:{name}", args=[obj.pk]), fields)


def test_run_of_a_demo_course_says_so(client):
    run = make_run(is_demo=True)
    SharedService.objects.update(is_demo=True)
    sign_in(client, make_handler())

    pages = [client.get(reverse("services:run_detail", args=[run.pk])), client.get(reverse("services:service_detail", args=[run.service_id]))]

    assert [(page.status_code, page.content.count(b'class="note"') + page.content.count(b"badge")) for page in pages] == [(200, 1), (200, 1)]
    assert [one.pk for one in pages[1].context["runs"]] == [run.pk]


def test_enrol_form_holds_seats_and_sends_once(client):
    run, by, token = make_run(), make_handler(), uuid4()
    sign_in(client, by)
    fields = {"what": "group", "size": 2, "level": "adult", "special_needs": "Tulkki", "how": "hold", "token": token}

    answers = [send(client, "run_enrol", run, **fields) for _turn in range(2)]

    made = Enrolment.objects.get()
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[1].url.endswith(reverse("services:enrolment_detail", args=[made.pk]))
    assert (made.state, made.size, made.level, made.special_needs, made.organisation) == (EnrolmentState.HELD, 2, "adult", "Tulkki", by.organisation)


def test_enrol_form_tells_what_is_wrong(client):
    run = make_run(seats=2)
    sign_in(client, make_handler())
    fields = {"what": "seats", "size": 1, "how": "enrol", "token": uuid4()}

    answers = [send(client, "run_enrol", run, **fields | wrong) for wrong in ({"what": "group"}, {"size": 3}, {"size": 0}, {"token": "x"})]

    assert [(answer.status_code, list(answer.context["form"].errors)) for answer in answers] == [(422, ["level"]), (422, ["size"]), (422, ["size"]), (422, ["token"])]
    assert Enrolment.objects.count() == 0


def test_provider_answers_an_application_with_a_button(client):
    run = make_application_run(seats=1)
    first, second = ask(run), ask(run)
    sign_in(client, provider_of(run))

    answers = [
        send(client, "enrolment_detail", first, target="enrolled", version=1),
        send(client, "enrolment_detail", second, target="enrolled", version=1),
        send(client, "enrolment_detail", second, target="declined", version=1),
        send(client, "enrolment_detail", first, target="note", version=2, attended=1),
        send(client, "enrolment_detail", first, target="note", version=2, attended=0),
        send(client, "enrolment_detail", first, target="note", version=3, attended=2),
    ]

    assert [answer.status_code for answer in answers] == [302, 409, 422, 302, 409, 422]
    assert Enrolment.objects.get(pk=first.pk).attended == 1


def test_borrower_who_comes_second_is_told(client):
    run = make_run()
    enrolment = ask(run)
    sign_in(client, enrolment.asked_by)
    move_enrolment(by=provider_of(run), enrolment=enrolment, target=EnrolmentState.CANCELLED, reason="Keksitty syy")

    answer = send(client, "enrolment_detail", enrolment, target="cancelled", version=1)

    assert answer.status_code == 409


def test_provider_adds_changes_and_keeps_seats(client):
    run, other = make_run(), make_handler()
    sign_in(client, provider_of(run))
    fields = {
        "kind": "taster", "first_day": "4.10.2027", "last_day": "8.10.2027", "enrol_by": "1.10.2027", "seats": 5, "entry": "hold", "hold_days": 3, "delivery": "remote", "version": 1,
    }  # fmt: skip

    added = client.post(reverse("services:run_add", args=[run.service_id]), fields)
    changed = [send(client, "run_edit", run, **fields | {"seats": seats}) for seats in (9, 10)]
    kept = [send(client, "run_quotas", run, organisation=other.organisation_id, seats=seats, freed_on="1.10.2027") for seats in (4, 10)]

    assert (added.status_code, [one.status_code for one in changed], [one.status_code for one in kept]) == (302, [302, 409], [302, 422])
    assert sorted(CourseRun.objects.values_list("seats", flat=True)) == [5, 9]
    assert run.quotas.get().seats == 4


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_of_enrolments_ask_alike_for_one_and_three(client, django_assert_max_num_queries, rows):
    run = make_run(seats=9)
    by = provider_of(run)
    for _turn in range(rows):
        ask(run, by)
    sign_in(client, by)

    for address in (reverse("services:enrolment_list"), reverse("services:run_enrolments", args=[run.pk]), reverse("services:run_detail", args=[run.pk]), reverse("services:service_detail", args=[run.service_id])):
        client.get(address)
        with django_assert_max_num_queries(10):
            answer = client.get(address)
        assert answer.status_code == 200


def test_enrolment_whose_attendance_was_noted_can_be_cancelled(client):
    run = make_run()
    by = provider_of(run)
    enrolment = ask(run)
    note_attendance(by=by, enrolment=enrolment, attended=1)

    move_enrolment(by=by, enrolment=enrolment, target=EnrolmentState.CANCELLED, reason="Keksitty syy", attended=1)

    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.attended) == (EnrolmentState.CANCELLED, None)


def test_attendance_without_a_number_is_asked_for(client):
    run = make_run()
    by, enrolment = provider_of(run), ask(run)
    sign_in(client, by)
    form = client.get(enrolment.get_absolute_url()).context["form"]

    answer = client.post(enrolment.get_absolute_url(), {"version": form["version"].value(), "target": "note"})

    enrolment.refresh_from_db()
    assert (answer.status_code, list(answer.context["form"].errors), enrolment.attended) == (422, ["attended"], None)


def test_run_added_twice_is_one(client):
    run = make_run()
    given = {name: getattr(run, name) for name in EDITABLE} | {"name": "Syksy"}

    by = provider_of(run)
    first, second = (offer_run(by=by, service=run.service, **given) for _turn in range(2))

    assert first == second


def test_provider_calls_a_run_off_and_its_page_says_so(client):
    run = make_run()
    enrolment = ask(run)
    sign_in(client, provider_of(run))

    answers = [send(client, "run_call_off", run, reason=reason, version=1) for reason in ("", "Opettaja vaihtui", "Taas")]

    assert [answer.status_code for answer in answers] == [422, 302, 302]
    enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.reason) == (EnrolmentState.CANCELLED, "Opettaja vaihtui")
    assert "Opettaja vaihtui" in client.get(reverse("services:run_detail", args=[run.pk])).content.decode()
