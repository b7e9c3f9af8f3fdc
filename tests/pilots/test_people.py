"""People of an organisation: the list, ending and leaving, and that somebody always administers."""
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMessage
from pilots.actions.invitations import invite
from pilots.actions.people import end_membership, role_problem, start_membership
from pilots.choices import CLIENT_ROLES, KUNTALIITTO_ROLES, Permission, Role
from pilots.models import Invitation, JoinRequest, Membership, PilotArea
from pilots.permissions import may, may_end
from pilots.queries.people import deciders_for
from pilots.queries.roles import areas_of, assignable_areas, assignable_roles, roles_at
from pilots.queries.waiting import count_waiting, waiting_for
from pilots.registries import membership_end_guards
from tests.pilots.factories import make_area, make_member, make_membership, make_organisation, make_unit, make_user

from .people_stage import client_of, mails, make_stage, person, refused, verbs


@pytest.fixture
def stage(db):
    return make_stage()


def ask(stage, user, organisation, **fields):
    return JoinRequest.objects.create(user=user, organisation=organisation, role=Role.COUNSELLOR, **({"created_at": timezone.now()} | fields))


def invited(stage, organisation, email="kutsuttu@example.org", **fields):
    now = timezone.now()
    defaults = {"role": Role.COUNSELLOR, "nonce": "n", "created_at": now, "created_by": stage.administrator.user, "sent_at": now, "expires_at": now + timedelta(days=1)}
    return Invitation.objects.create(organisation=organisation, email=email, **(defaults | fields))


# Who may give what -----------------------------------------------------------------------------


def test_roles_of_kuntaliitto_are_had_at_kuntaliitto_only(stage):
    assert {Role.KUNTALIITTO_STAFF, Role.PORTAL_ADMINISTRATOR} & set(roles_at(stage.own)) == set()
    assert {Role.KUNTALIITTO_STAFF, Role.PORTAL_ADMINISTRATOR} <= set(roles_at(stage.kuntaliitto))


def test_rights_over_all_are_given_only_by_one_who_has_them(stage):
    local = make_membership(person("Liitto"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.kuntaliitto)

    assert Role.PORTAL_ADMINISTRATOR not in assignable_roles(local, stage.kuntaliitto)
    assert Role.KUNTALIITTO_STAFF in assignable_roles(local, stage.kuntaliitto)
    assert Role.PORTAL_ADMINISTRATOR in assignable_roles(stage.portal, stage.kuntaliitto)
    assert not may_end(local, stage.portal)
    assert may_end(stage.portal, local)


def test_administrator_gives_roles_in_the_own_organisation_only(stage):
    assert Role.COUNSELLOR in assignable_roles(stage.administrator, stage.own)
    assert assignable_roles(stage.administrator, stage.other) == []
    assert assignable_roles(stage.officer, stage.own) == []
    assert assignable_roles(None, stage.own) == []
    assert Role.EDUCATION_OFFICER in assignable_roles(stage.portal, stage.other)


def test_roles_that_see_clients_are_given_by_the_own_organisation_only(stage):
    """Whoever looks after the whole network neither sees a client nor makes somebody who does."""
    assert set(assignable_roles(stage.administrator, stage.own)) >= CLIENT_ROLES
    assert CLIENT_ROLES & set(assignable_roles(stage.portal, stage.own)) == set()
    assert CLIENT_ROLES & set(roles_at(stage.kuntaliitto)) == set()


@pytest.mark.parametrize(("has", "gets"), [(Role.PORTAL_ADMINISTRATOR, Role.COUNSELLOR), (Role.KUNTALIITTO_STAFF, Role.PARTNERSHIP_LEAD), (Role.COUNSELLOR, Role.KUNTALIITTO_STAFF)])
def test_start_membership_keeps_clients_and_the_whole_network_apart(stage, has, gets):
    place = {True: stage.kuntaliitto, False: stage.own}
    make_membership(stage.outsider, has, organisation=place[has in KUNTALIITTO_ROLES])

    with refused("cannot have a role that sees clients"):
        start_membership(user=stage.outsider, organisation=place[gets in KUNTALIITTO_ROLES], role=gets, area=None)

    assert Membership.objects.filter(user=stage.outsider).count() == 1


def test_start_membership_that_sees_clients_is_told_to_the_administrators(stage):
    second = make_membership(person("Toinen"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.own)

    membership = start_membership(user=stage.outsider, organisation=stage.own, role=Role.COUNSELLOR, area=None)
    start_membership(user=stage.outsider, organisation=stage.own, role=Role.EDUCATION_OFFICER, area=None)

    assert sorted(mails()) == sorted([("client_role_begun", stage.administrator.user.email), ("client_role_begun", second.user.email)])
    assert membership.user.email in OutboxMessage.objects.first().body


def test_areas_are_those_that_the_organisation_takes_part_in(stage):
    direct, by_unit, foreign = make_area("Oma"), make_area("Yksikön"), make_area("Vieras")
    make_member(direct, stage.own)
    make_member(by_unit, make_unit(owner=stage.own))
    make_member(foreign, stage.other)

    assert set(areas_of(stage.own)) == set(assignable_areas(stage.administrator, stage.own)) == {direct, by_unit}
    assert set(assignable_areas(stage.portal, stage.own)) == set(areas_of(stage.kuntaliitto)) == {direct, by_unit, foreign}


@pytest.mark.parametrize(
    ("role", "with_area", "field"),
    [(Role.PORTAL_ADMINISTRATOR, False, "role"), ("no_such_role", False, "role"), (Role.AREA_COORDINATOR, False, "area"), (Role.COUNSELLOR, True, "area")],
)
def test_role_problem_names_the_field(stage, role, with_area, field):
    area = make_area()
    make_member(area, stage.own)

    with pytest.raises(ValidationError) as refusal:
        role_problem(role, area if with_area else None, roles=roles_at(stage.own), areas=areas_of(stage.own))

    assert list(refusal.value.message_dict) == [field]


def test_role_problem_refuses_an_area_of_others(stage):
    area = make_area()
    make_member(area, stage.other)

    with pytest.raises(ValidationError) as refusal:
        role_problem(Role.AREA_COORDINATOR, area, roles=roles_at(stage.own), areas=areas_of(stage.own))
    role_problem(Role.AREA_COORDINATOR, area, roles=roles_at(stage.other), areas=areas_of(stage.other))

    assert list(refusal.value.message_dict) == ["area"]


# Beginning and ending --------------------------------------------------------------------------


def test_start_membership_twice_is_one(stage):
    fields = {"user": stage.outsider, "organisation": stage.own, "role": Role.COUNSELLOR, "area": None}

    assert start_membership(**fields) == start_membership(**fields)
    assert Membership.objects.filter(user=stage.outsider).count() == 1


def test_constraint_holds_one_active_membership_of_a_kind(stage):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_membership(stage.officer.user, Role.EDUCATION_OFFICER, organisation=stage.own)

    end_membership(by=stage.administrator.user, acting=stage.administrator, membership=stage.officer, reason="ended")
    make_membership(stage.officer.user, Role.EDUCATION_OFFICER, organisation=stage.own)


def test_end_membership_keeps_the_row_and_tells_the_person(stage):
    end_membership(by=stage.administrator.user, acting=stage.administrator, membership=stage.officer, reason="ended", message="Kiitos työstäsi.")

    stage.officer.refresh_from_db()
    assert stage.officer.ended_at is not None
    assert (stage.officer.ended_by, stage.officer.end_reason) == (stage.administrator.user, "ended")
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor_id, event.organisation_id, event.target_id) == ("membership.ended", stage.administrator.user_id, stage.own.pk, str(stage.officer.pk))
    assert event.detail == {"user": stage.officer.user_id, "role": "education_officer"}
    assert mails() == [("membership_ended", stage.officer.user.email)]
    assert "Kiitos työstäsi." in OutboxMessage.objects.get().body


def test_end_membership_judges_who_ends(stage):
    local = make_membership(person("Liitto"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.kuntaliitto)
    make_membership(person("Toinen"), Role.PORTAL_ADMINISTRATOR, organisation=stage.kuntaliitto)

    for acting, membership in ((stage.officer, stage.administrator), (stage.other_administrator, stage.officer), (local, stage.portal), (None, stage.officer)):
        by = acting.user if acting else stage.outsider
        for reason in ("ended", "left", "lapsed"):
            with refused("cannot end this membership"):
                end_membership(by=by, acting=acting, membership=membership, reason=reason)

    assert (verbs(), mails()) == ([], [])
    assert not Membership.objects.exclude(ended_at=None).exists()


def test_end_membership_twice_is_refused_and_writes_once(stage):
    end_membership(by=stage.administrator.user, acting=stage.administrator, membership=stage.officer, reason="ended")

    with refused("already ended"):
        end_membership(by=stage.administrator.user, acting=stage.administrator, membership=stage.officer, reason="ended")

    assert verbs() == ["membership.ended"]


def test_last_administrator_stays(stage):
    with refused("organisation's last administrator"):
        end_membership(by=stage.administrator.user, membership=stage.administrator, reason="left")

    stage.administrator.refresh_from_db()
    assert stage.administrator.ended_at is None
    assert verbs() == []


def test_administrator_with_another_beside_may_go(stage):
    make_membership(person("Toinen"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.own)

    end_membership(by=stage.administrator.user, membership=stage.administrator, reason="left")

    assert verbs() == ["membership.left"]
    assert mails() == []


def test_administrator_who_cannot_sign_in_does_not_count(stage):
    make_membership(person("Suljettu", is_active=False), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.own)

    with refused("organisation's last administrator"):
        end_membership(by=stage.administrator.user, membership=stage.administrator, reason="left")


def test_last_portal_administrator_stays_beside_another_administrator(stage):
    make_membership(person("Liitto"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.kuntaliitto)

    with refused("portal's last administrator"):
        end_membership(by=stage.portal.user, membership=stage.portal, reason="left")


def test_guard_of_another_app_can_keep_a_membership(stage):
    def busy(membership):
        raise ValidationError("Hand your work over first.")

    membership_end_guards.add(99, busy)
    try:
        with refused("Hand your work over first"):
            end_membership(by=stage.administrator.user, acting=stage.administrator, membership=stage.officer, reason="ended")
    finally:
        membership_end_guards._items.pop(99)

    stage.officer.refresh_from_db()
    assert stage.officer.ended_at is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.battery
def test_two_administrators_who_leave_at_once_leave_one(battery_count, at_once):
    for _ in range(battery_count(50)):
        organisation = make_organisation()
        both = [make_membership(make_user(), Role.ORGANISATION_ADMINISTRATOR, organisation=organisation) for _ in range(2)]

        outcomes = at_once([partial(end_membership, by=membership.user, membership=membership, reason="left") for membership in both])

        assert sum(isinstance(outcome, ValidationError) for outcome in outcomes) == 1
        assert Membership.objects.active().filter(organisation=organisation).count() == 1


# Pages -----------------------------------------------------------------------------------------


def test_people_page_shows_the_own_organisation_only(stage):
    ask(stage, stage.outsider, stage.own)
    ask(stage, stage.outsider, stage.other)
    invited(stage, stage.own)
    invited(stage, stage.other, "toinen.kutsuttu@example.org")

    response = client_of(stage.administrator).get(reverse("pilots:people_list"))

    assert [member.user.name for member in response.context["members"]] == ["Demo Hallinto", "Demo Virkahenkilo"]
    assert [invitation.email for invitation in response.context["invitations"]] == ["kutsuttu@example.org"]
    assert [request.organisation for request in response.context["requests"]] == [stage.own]
    assert "toinen.kutsuttu" not in response.content.decode()
    assert "Demo Vieras" not in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_people_page_asks_the_database_the_same_whatever_there_is(stage, count, django_assert_num_queries):
    for number in range(count):
        member = person(f"Jasen {number}")
        make_membership(member, Role.AREA_COORDINATOR, organisation=stage.own)
        ask(stage, member, stage.own)
        invited(stage, stage.own, f"kutsuttu{number}@example.org")
    client = client_of(stage.administrator)
    client.get(reverse("pilots:people_list"))

    with django_assert_num_queries(7):
        client.get(reverse("pilots:people_list"))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", ["", "?q=oma"])
def test_people_page_of_the_portal_asks_the_database_the_same(stage, count, query, django_assert_num_queries):
    for number in range(count):
        organisation = make_organisation(f"Yksin {number}")
        ask(stage, stage.outsider, organisation)
    client = client_of(stage.portal)
    client.get(reverse("pilots:people_list") + query)

    with django_assert_num_queries(8):
        response = client.get(reverse("pilots:people_list") + query)

    if not query:
        assert len(response.context["elsewhere"]) == count
    else:
        assert [organisation.name for organisation in response.context["found"]] == ["Oma kuntayhtymä"]


@pytest.mark.parametrize("count", [1, 3])
def test_log_asks_the_database_the_same_whatever_there_is(stage, count, django_assert_num_queries):
    for number in range(count):
        membership = make_membership(person(f"Entinen {number}"), organisation=stage.own)
        end_membership(by=stage.administrator.user, acting=stage.administrator, membership=membership, reason="ended")
    client = client_of(stage.administrator)
    url = reverse("pilots:people_log", args=[stage.own.slug])
    client.get(url)

    with django_assert_num_queries(7):
        response = client.get(url)

    assert [member.user.name for member in response.context["ended"]] == [f"Demo Entinen {number}" for number in reversed(range(count))]
    (day,) = response.context["timeline"]
    assert len(day.events) == count
    assert {(event.who, event.text.partition(",")[0]) for event in day.events} == {("Demo Hallinto", f"Demo Entinen {number}") for number in range(count)}


def test_log_tells_who_was_invited(stage):
    invite(by=stage.administrator.user, acting=stage.administrator, organisation=stage.own, email="kutsuttu@example.org", role=Role.COUNSELLOR, area=None, language="fi")

    response = client_of(stage.administrator).get(reverse("pilots:people_log", args=[stage.own.slug]))

    (event,) = response.context["timeline"][0].events
    assert event.text.partition(", ")[0] == "kutsuttu@example.org"


def test_people_pages_by_who_asks(stage):
    own, other = stage.own.slug, stage.other.slug
    pages = [reverse("pilots:people_of", args=[slug]) for slug in (own, other, "no-such-place")]
    pages += [reverse("pilots:people_log", args=[slug]) for slug in (own, other, "no-such-place")]

    seen = {name: [client_of(who).get(page).status_code for page in pages] for name, who in vars(stage).items() if name not in ("own", "other", "kuntaliitto")}

    assert seen == {
        "administrator": [200, 404, 404] * 2,
        "other_administrator": [404, 200, 404] * 2,
        "portal": [200, 200, 404] * 2,
        "officer": [403, 403, 403] * 2,
        "outsider": [403, 403, 403] * 2,
    }


def test_end_page_ends_by_post_only(stage):
    client, url = client_of(stage.administrator), reverse("pilots:membership_end", args=[stage.officer.pk])

    assert client.get(url).status_code == 200
    assert verbs() == []
    response = client.post(url, {"message": ""})

    assert response["Location"] == reverse("pilots:people_list")
    assert verbs() == ["membership.ended"]
    assert client.post(url)["Location"] == reverse("pilots:people_list")
    assert client.get(url)["Location"] == reverse("pilots:people_list")
    assert verbs() == ["membership.ended"]


def test_end_page_by_who_asks(stage):
    url = reverse("pilots:membership_end", args=[stage.officer.pk])

    for who, status in ((stage.other_administrator, 404), (stage.officer, 403), (stage.outsider, 403)):
        assert (client_of(who).get(url).status_code, client_of(who).post(url, {"message": ""}).status_code) == (status, status)
    assert verbs() == []
    assert client_of(stage.portal).post(url, {"message": ""})["Location"] == reverse("pilots:people_of", args=[stage.own.slug])
    assert verbs() == ["membership.ended"]


def test_end_page_keeps_rights_over_all_from_a_local_administrator(stage):
    local = make_membership(person("Liitto"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.kuntaliitto)
    url = reverse("pilots:membership_end", args=[stage.portal.pk])

    assert client_of(local).get(url).status_code == 403
    assert client_of(local).post(url, {"message": ""}).status_code == 403
    assert verbs() == []


def test_end_page_says_why_the_last_administrator_stays(stage):
    url = reverse("pilots:membership_end", args=[stage.other_administrator.pk])

    response = client_of(stage.portal).post(url, {"message": ""})

    assert response.status_code == 422
    assert response.context["form"].non_field_errors()
    assert verbs() == []


def test_leave_is_for_ones_own_membership(stage):
    url = reverse("pilots:membership_leave", args=[stage.officer.pk])

    assert client_of(stage.administrator).post(url).status_code == 404
    assert client_of(stage.officer).get(url).status_code == 200
    assert verbs() == []
    assert client_of(stage.officer).post(url)["Location"] == reverse("account")
    assert verbs() == ["membership.left"]
    assert client_of(stage.officer).post(url)["Location"] == reverse("account")
    assert verbs() == ["membership.left"]


def test_leave_says_why_the_last_administrator_stays(stage):
    response = client_of(stage.administrator).post(reverse("pilots:membership_leave", args=[stage.administrator.pk]))

    assert response.status_code == 409
    assert response.context["problem"]
    assert verbs() == []


def test_ended_membership_gives_nothing_from_the_next_request_on(stage):
    make_membership(person("Toinen"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.own)
    client, url = client_of(stage.administrator), reverse("pilots:people_list")
    assert client.get(url).status_code == 200

    end_membership(by=stage.portal.user, acting=stage.portal, membership=stage.administrator, reason="ended")

    assert client.get(url).status_code == 403
    assert client.post(reverse("pilots:membership_end", args=[stage.officer.pk]), {"message": ""}).status_code == 403


# Waiting ---------------------------------------------------------------------------------------


def test_waiting_counts_what_the_administrator_can_answer(stage, django_assert_num_queries):
    now = timezone.now()
    ask(stage, stage.outsider, stage.own, created_at=now - timedelta(days=2))
    ask(stage, stage.officer.user, stage.own)
    ask(stage, stage.outsider, stage.other)
    invited(stage, stage.own)
    invited(stage, stage.own, "vanha@example.org", sent_at=now - timedelta(days=30), expires_at=now - timedelta(days=1))

    with django_assert_num_queries(1):
        waiting = waiting_for(stage.administrator)
    with django_assert_num_queries(1):
        assert count_waiting(stage.administrator) == 3

    url = reverse("pilots:people_list")
    assert [(thing.count, thing.url, thing.since) for thing in waiting] == [(2, f"{url}#requests", now - timedelta(days=2)), (1, f"{url}#invitations", now - timedelta(days=1))]


def test_waiting_is_nothing_and_no_query_without_the_permission(stage, django_assert_num_queries):
    ask(stage, stage.outsider, stage.own)

    with django_assert_num_queries(0):
        assert (count_waiting(stage.officer), waiting_for(stage.officer)) == (None, [])
        assert (count_waiting(None), waiting_for(None)) == (None, [])


def test_portal_answers_where_nobody_else_can(stage):
    alone = make_organisation("Yksin")
    make_membership(person("Entinen"), Role.ORGANISATION_ADMINISTRATOR, organisation=alone, ended_at=timezone.now(), end_reason="left")
    request = ask(stage, stage.outsider, alone)
    ask(stage, stage.outsider, stage.own)

    assert [thing.count for thing in waiting_for(stage.portal)] == [1]
    assert deciders_for(alone.pk) == [stage.portal.user]
    assert deciders_for(stage.own.pk) == [stage.administrator.user]

    request.delete()
    assert (count_waiting(stage.portal), waiting_for(stage.portal)) == (0, [])


def test_permissions_come_from_the_role_alone(stage):
    assert may(stage.administrator, Permission.MANAGE_PEOPLE)
    assert not may(stage.administrator, Permission.MANAGE_ALL_PEOPLE)
    assert not may(stage.officer, Permission.MANAGE_PEOPLE)
    assert PilotArea.objects.count() == 0
