"""Asking to join and answering."""
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxMessage
from pilots.actions.join import accept_request, ask_to_join, decline_request, withdraw_request
from pilots.choices import JoinDecision, Role
from pilots.models import JoinRequest, Membership
from pilots.queries.people import join_requests_of
from tests.pilots.factories import make_area, make_member, make_membership, make_organisation

from .people_stage import client_of, mails, make_stage, person, refused, verbs

URL = "/join/"


@pytest.fixture
def stage(db):
    return make_stage()


def ask(stage, **fields) -> JoinRequest:
    defaults = {"by": stage.outsider, "organisation": stage.own, "role": Role.COUNSELLOR, "area": None, "message": "Aloitin tänään."}
    return ask_to_join(**(defaults | fields))


# Asking ----------------------------------------------------------------------------------------


def test_ask_tells_the_administrators_of_the_organisation(stage):
    request = ask(stage)

    assert (request.decided_at, request.message) == (None, "Aloitin tänään.")
    assert mails() == [("join_asked", stage.administrator.user.email)]
    assert reverse("pilots:join_decide", args=[request.pk]) in OutboxMessage.objects.get().body
    assert verbs() == ["join.asked"]


def test_ask_without_an_administrator_tells_the_portals(stage):
    ask(stage, organisation=make_organisation())

    assert mails() == [("join_asked", stage.portal.user.email)]


@pytest.mark.parametrize(
    ("fields", "field"), [({"role": Role.PORTAL_ADMINISTRATOR}, "role"), ({"role": "nothing"}, "role"), ({"role": Role.AREA_COORDINATOR}, "area")]
)
def test_ask_refuses_a_role_that_cannot_be_had(stage, fields, field):
    with pytest.raises(ValidationError) as refusal:
        ask(stage, **fields)

    assert list(refusal.value.message_dict) == [field]
    assert (verbs(), mails(), JoinRequest.objects.count()) == ([], [], 0)


def test_ask_refuses_an_area_that_the_organisation_is_not_in(stage):
    ours, theirs = make_area(), make_area()
    make_member(ours, stage.own)
    make_member(theirs, stage.other)

    with pytest.raises(ValidationError):
        ask(stage, role=Role.AREA_COORDINATOR, area=theirs)
    assert ask(stage, role=Role.AREA_COORDINATOR, area=ours).area == ours


def test_ask_refuses_what_one_has_already(stage):
    with pytest.raises(ValidationError) as refusal:
        ask(stage, by=stage.officer.user, role=Role.EDUCATION_OFFICER)

    assert list(refusal.value.message_dict) == ["role"]


def test_ask_twice_is_refused(stage):
    ask(stage)

    with refused("already asked"):
        ask(stage, role=Role.SERVICE_HANDLER)

    assert (verbs(), len(mails()), JoinRequest.objects.count()) == (["join.asked"], 1, 1)


def test_constraint_holds_one_open_request(stage):
    request = ask(stage)

    with pytest.raises(IntegrityError), transaction.atomic():
        JoinRequest.objects.create(user=stage.outsider, organisation=stage.own, role=Role.SERVICE_HANDLER, created_at=timezone.now())
    withdraw_request(by=stage.outsider, request=request)
    ask(stage)


def test_ask_again_the_same_day_mails_nobody_and_still_waits(stage):
    withdraw_request(by=stage.outsider, request=ask(stage))

    again = ask(stage)

    assert mails() == [("join_asked", stage.administrator.user.email)]
    assert list(join_requests_of(stage.own)) == [again]
    ask(stage, organisation=stage.other)
    ask(stage, by=person("Toinen"))
    assert mails()[1:] == [("join_asked", stage.other_administrator.user.email), ("join_asked", stage.administrator.user.email)]


def test_ask_again_another_day_mails_again(stage):
    withdraw_request(by=stage.outsider, request=ask(stage))
    JoinRequest.objects.update(created_at=timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(seconds=1))

    ask(stage)

    assert mails() == [("join_asked", stage.administrator.user.email)] * 2


def test_page_finds_the_organisation_by_search_without_script(stage):
    client = client_of(stage.outsider)

    assert client.get(URL).context["found"] == []
    assert client.get(URL, {"q": "vieras"}).context["found"] == [stage.other]
    assert client.get(URL, {"q": "eiole"}).context["found"] == []
    assert client.get(URL, {"organisation": stage.own.slug}).context["form"].fields["role"]
    assert client.get(URL, {"organisation": "no-such-place"}).status_code == 404


def test_form_sent_twice_makes_one_request(stage):
    client = client_of(stage.outsider)
    url, form = f"{URL}?organisation={stage.own.slug}", {"role": Role.COUNSELLOR, "message": ""}

    first, second = client.post(url, form), client.post(url, form)

    assert first["Location"] == reverse("account")
    assert second.status_code == 422
    assert len(second.context["form"].non_field_errors()) == 1
    assert (JoinRequest.objects.count(), len(mails())) == (1, 1)


@pytest.mark.parametrize(("field", "value"), [("role", ""), ("role", Role.KUNTALIITTO_STAFF), ("message", "x" * 1001)])
def test_form_names_the_field(stage, field, value):
    response = client_of(stage.outsider).post(f"{URL}?organisation={stage.own.slug}", {"role": Role.COUNSELLOR, "message": "", field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert JoinRequest.objects.count() == 0


def test_visitor_is_sent_to_sign_in(stage):
    for answer in (Client().get(URL), Client().post(f"{URL}?organisation={stage.own.slug}", {"role": Role.COUNSELLOR})):
        assert answer["Location"].startswith(reverse("account_login"))
    assert JoinRequest.objects.count() == 0


# Withdrawing -----------------------------------------------------------------------------------


def test_withdraw_is_for_ones_own_request(stage):
    request = ask(stage)
    url = reverse("pilots:join_withdraw", args=[request.pk])

    assert client_of(stage.administrator).post(url).status_code == 404
    client = client_of(stage.outsider)
    assert client.get(url).status_code == 200
    assert verbs() == ["join.asked"]
    client.post(url)
    client.post(url)

    request.refresh_from_db()
    assert (request.decision, request.decided_by) == (JoinDecision.WITHDRAWN, stage.outsider)
    assert verbs() == ["join.asked", "join.withdrawn"]


def test_withdraw_action_refuses_anothers_and_what_is_decided(stage):
    request = ask(stage)
    with refused("not yours"):
        withdraw_request(by=stage.officer.user, request=request)
    accept_request(by=stage.administrator.user, acting=stage.administrator, request=request)

    with refused("already been decided"):
        withdraw_request(by=stage.outsider, request=request)


# Deciding --------------------------------------------------------------------------------------


def test_accept_gives_the_role_and_tells_the_person(stage):
    request = ask(stage)
    OutboxMessage.objects.all().delete()

    response = client_of(stage.administrator).post(reverse("pilots:join_decide", args=[request.pk]), {"decision": "accept"})

    assert response["Location"] == reverse("pilots:people_list") + "#requests"
    assert Membership.objects.get(user=stage.outsider).role == Role.COUNSELLOR
    request.refresh_from_db()
    assert (request.decision, request.decided_by) == (JoinDecision.ACCEPTED, stage.administrator.user)
    assert mails() == [("client_role_begun", stage.administrator.user.email), ("join_accepted", stage.outsider.email)]
    assert verbs() == ["join.asked", "join.accepted"]


def test_decline_needs_a_reason_and_sends_it(stage):
    request = ask(stage)
    OutboxMessage.objects.all().delete()
    client, url = client_of(stage.administrator), reverse("pilots:join_decide", args=[request.pk])

    refused = client.post(url, {"decision": "decline", "reason": " "})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    with pytest.raises(ValidationError):
        decline_request(by=stage.administrator.user, acting=stage.administrator, request=request, reason="  ")
    assert (verbs(), mails()) == (["join.asked"], [])

    client.post(url, {"decision": "decline", "reason": "Et ole meillä töissä."})

    request.refresh_from_db()
    assert (request.decision, request.reason) == (JoinDecision.DECLINED, "Et ole meillä töissä.")
    assert not Membership.objects.filter(user=stage.outsider).exists()
    assert mails() == [("join_declined", stage.outsider.email)]
    assert "Et ole meillä töissä." in OutboxMessage.objects.get().body


@pytest.mark.parametrize("form", [{}, {"decision": ""}, {"decision": "maybe"}, {"reason": "x"}])
def test_answer_that_is_none_decides_nothing(stage, form):
    request = ask(stage)

    response = client_of(stage.administrator).post(reverse("pilots:join_decide", args=[request.pk]), form)

    assert response.status_code == 200
    assert verbs() == ["join.asked"]


def test_decided_request_is_not_decided_again(stage):
    request = ask(stage)
    client, url = client_of(stage.administrator), reverse("pilots:join_decide", args=[request.pk])
    client.post(url, {"decision": "accept"})

    for answer in (client.get(url), client.post(url, {"decision": "decline", "reason": "x"}), client.post(url, {"decision": "accept"})):
        assert answer["Location"] == reverse("pilots:people_list") + "#requests"
    for action, words in ((accept_request, {}), (decline_request, {"reason": "x"})):
        with refused("already been decided"):
            action(by=stage.administrator.user, acting=stage.administrator, request=request, **words)
    assert verbs() == ["join.asked", "join.accepted"]
    assert Membership.objects.filter(user=stage.outsider).count() == 1


def test_decide_by_who_asks(stage):
    request = ask(stage)
    url = reverse("pilots:join_decide", args=[request.pk])

    for who, status in ((stage.other_administrator, 404), (stage.officer, 403), (stage.outsider, 403)):
        assert (client_of(who).get(url).status_code, client_of(who).post(url, {"decision": "accept"}).status_code) == (status, status)
    assert verbs() == ["join.asked"]
    assert client_of(stage.portal).get(url).status_code == 200
    assert "only its own administrator can give it" in client_of(stage.portal).post(f"/en{url}", {"decision": "accept"}).content.decode()
    assert verbs() == ["join.asked"]
    JoinRequest.objects.update(role=Role.EDUCATION_OFFICER)
    assert client_of(stage.portal).post(url, {"decision": "accept"})["Location"] == reverse("pilots:people_of", args=[stage.own.slug]) + "#requests"


def test_actions_refuse_who_may_not_decide(stage):
    request = ask(stage)

    for acting in (stage.other_administrator, stage.officer):
        with pytest.raises(ValidationError):
            accept_request(by=acting.user, acting=acting, request=request)
        with pytest.raises(ValidationError):
            decline_request(by=acting.user, acting=acting, request=request, reason="x")
    assert verbs() == ["join.asked"]


def test_accept_refuses_rights_over_all_from_a_local_administrator(stage):
    local = make_membership(person("Liitto"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.kuntaliitto)
    request = ask(stage, organisation=stage.kuntaliitto, role=Role.PORTAL_ADMINISTRATOR)

    response = client_of(local).post(reverse("pilots:join_decide", args=[request.pk]), {"decision": "accept"})

    assert response.status_code == 422
    assert response.context["problem"]
    assert not Membership.objects.filter(user=stage.outsider).exists()


def test_accept_when_the_person_has_joined_meanwhile_keeps_one_membership(stage):
    request = ask(stage)
    existing = make_membership(stage.outsider, Role.COUNSELLOR, organisation=stage.own)

    assert accept_request(by=stage.administrator.user, acting=stage.administrator, request=request) == existing
    assert Membership.objects.filter(user=stage.outsider).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.battery
def test_accept_and_withdraw_at_once_have_one_winner(battery_count, at_once):
    stage = make_stage()
    for number in range(battery_count(50)):
        asker = person(f"Hakija {number}")
        request = ask(stage, by=asker)

        outcomes = at_once(
            [partial(accept_request, by=stage.administrator.user, acting=stage.administrator, request=request), partial(withdraw_request, by=asker, request=request)]
        )

        request.refresh_from_db()
        assert sum(isinstance(outcome, ValidationError) for outcome in outcomes) == 1
        assert Membership.objects.filter(user=asker).exists() == (request.decision == JoinDecision.ACCEPTED)
