"""Inviting, the link, accepting: what each refuses, and that one link makes one membership."""
import re
from functools import partial
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import OutboxMessage, User
from pilots.actions.invitations import accept_as_new_person, accept_invitation, invite, resend_invitation, withdraw_invitation
from pilots.actions.people import end_membership
from pilots.choices import PERMISSIONS, Role
from pilots.models import Invitation, Membership
from pilots.queries.invitations import find_invitation, invitation_token
from tests.pilots.factories import make_area, make_member, make_membership

from .people_stage import client_of, mails, make_stage, person, refused, verbs

EMAIL = "kutsuttu@example.org"
PASSWORD = "three plain words here"
NEW = {"name": "Demo Kutsuttu", "password": PASSWORD}


@pytest.fixture
def stage(db):
    return make_stage()


def send(stage, **fields) -> Invitation:
    defaults = {"by": stage.administrator.user, "acting": stage.administrator, "organisation": stage.own, "email": EMAIL}
    return invite(**(defaults | {"role": Role.COUNSELLOR, "area": None, "language": "fi"} | fields))


def link(invitation: Invitation) -> str:
    return reverse("pilots:invitation_accept", args=[invitation_token(invitation)])


def mailed_link() -> str:
    (address,) = re.findall(r"https?://\S+", OutboxMessage.objects.latest("id").body)
    return address.partition("/invitation/")[1] + address.partition("/invitation/")[2]


def expire(invitation: Invitation) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())


def accept_as_new(invitation: Invitation) -> Membership:
    return accept_as_new_person(invitation=invitation, language="fi", **NEW)


def accept_as_owner(invitation: Invitation) -> Membership:
    return accept_invitation(by=User.objects.get(email=invitation.email), invitation=invitation)


# Sending ---------------------------------------------------------------------------------------


def test_invite_mails_the_link_in_the_chosen_language(stage, settings):
    settings.PUBLIC_ORIGIN = "https://kopa.example"

    invitation = send(stage, email=" Kutsuttu@Example.org ", language="sv")

    assert invitation.email == EMAIL
    assert invitation.expires_at - invitation.sent_at == settings.INVITATION_VALID_FOR
    message = OutboxMessage.objects.get()
    assert (message.kind, message.to_email, message.language) == ("invitation", EMAIL, "sv")
    (token,) = re.findall(r"https://kopa\.example/sv/invitation/(\S+)/", message.body)
    assert find_invitation(token) == invitation
    assert verbs() == ["invitation.sent"]


REFUSED = {
    "role over everything": (lambda stage: {"role": Role.PORTAL_ADMINISTRATOR}, "role"),
    "role of Kuntaliitto": (lambda stage: {"role": Role.KUNTALIITTO_STAFF}, "role"),
    "role that is none": (lambda stage: {"role": "nothing"}, "role"),
    "coordinator without an area": (lambda stage: {"role": Role.AREA_COORDINATOR}, "area"),
    "coordinator of an area of others": (lambda stage: {"role": Role.AREA_COORDINATOR, "area": make_member(make_area(), stage.other).area}, "area"),
    "oneself, to see clients": (lambda stage: {"email": stage.administrator.user.email}, "role"),
    "another organisation": (lambda stage: {"organisation": stage.other}, "role"),
    "without the right": (lambda stage: {"acting": stage.officer, "by": stage.officer.user}, "role"),
    "has the role already": (lambda stage: {"email": stage.officer.user.email, "role": Role.EDUCATION_OFFICER}, "email"),
}


@pytest.mark.parametrize(("fields", "field"), REFUSED.values(), ids=REFUSED)
def test_invite_refuses(stage, fields, field):
    with pytest.raises(ValidationError) as refusal:
        send(stage, **fields(stage))

    assert list(refusal.value.message_dict) == [field]
    assert (verbs(), mails(), Invitation.objects.count()) == ([], [], 0)


def test_invite_takes_an_area_of_ours_and_a_second_role(stage):
    area = make_area()
    make_member(area, stage.own)

    assert send(stage, role=Role.AREA_COORDINATOR, area=area).area == area
    assert send(stage, email=stage.officer.user.email).role == Role.COUNSELLOR


def test_invite_twice_is_refused_with_what_to_do(stage):
    send(stage)

    with refused("Send the invitation again"):
        send(stage)

    assert (verbs(), len(mails()), Invitation.objects.count()) == (["invitation.sent"], 1, 1)


def test_constraint_holds_one_open_invitation_to_a_role(stage):
    invitation = send(stage)

    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(**{field.name: getattr(invitation, field.name) for field in Invitation._meta.fields if field.name != "id"})
    withdraw_invitation(by=stage.administrator.user, acting=stage.administrator, invitation=invitation)
    send(stage)


def test_form_sent_twice_at_once_makes_one_invitation(stage):
    client, url = client_of(stage.administrator), reverse("pilots:invitation_create", args=[stage.own.slug])
    form = {"email": EMAIL, "role": Role.COUNSELLOR, "language": "fi"}

    first, second = client.post(url, form), client.post(url, form)

    assert first["Location"] == reverse("pilots:people_list") + "#invitations"
    assert second.status_code == 422
    assert len(second.context["form"].non_field_errors()) == 1
    assert (Invitation.objects.count(), len(mails())) == (1, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", ""), ("email", "nobody"), ("email", "a" * 250 + "@example.org"), ("email", "a\0b@example.org"), ("role", ""), ("role", Role.PORTAL_ADMINISTRATOR), ("language", "de")],
)
def test_form_names_the_field(stage, field, value):
    form = {"email": EMAIL, "role": Role.COUNSELLOR, "language": "fi", field: value}

    response = client_of(stage.administrator).post(reverse("pilots:invitation_create", args=[stage.own.slug]), form)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Invitation.objects.count() == 0


def test_form_by_who_asks(stage):
    url = reverse("pilots:invitation_create", args=[stage.own.slug])
    form = {"email": EMAIL, "role": Role.COUNSELLOR, "language": "fi"}

    for who, status in ((stage.other_administrator, 404), (stage.officer, 403), (stage.outsider, 403)):
        assert (client_of(who).get(url).status_code, client_of(who).post(url, form).status_code) == (status, status)
    assert Invitation.objects.count() == 0
    assert client_of(stage.portal).post(url, form).status_code == 422
    assert client_of(stage.portal).post(url, form | {"role": Role.EDUCATION_OFFICER})["Location"] == reverse("pilots:people_of", args=[stage.own.slug]) + "#invitations"


def test_coordinator_is_not_offered_without_an_area(stage):
    response = client_of(stage.administrator).get(reverse("pilots:invitation_create", args=[stage.own.slug]))

    assert "area" not in response.context["form"].fields
    assert Role.AREA_COORDINATOR not in dict(response.context["form"].fields["role"].choices)


def test_each_role_says_what_it_may_do(stage):
    make_member(make_area(), stage.own)
    words = {}
    for who, organisation in ((stage.administrator, stage.own), (stage.portal, stage.kuntaliitto)):
        with override("en"):
            page = client_of(who).get(reverse("pilots:invitation_create", args=[organisation.slug]))
        words |= {role: re.findall(r'choice-hint">([^<]+)<', label) for role, label in page.context["form"].fields["role"].choices}

    assert set(words) == set(Role)
    for role, sentences in words.items():
        assert len(sentences) == max(1, len(PERMISSIONS[role])), role
    assert words[Role.EDUCATION_OFFICER] == ["Sees what the portal shows to all; changes nothing."]
    edits, lends = words[Role.AREA_COORDINATOR]
    assert edits == "Edits the texts, the members and the contact people of one pilot area."
    assert words[Role.SERVICE_HANDLER] == [lends]


# Sending again, withdrawing --------------------------------------------------------------------


def test_resend_makes_a_new_link_and_the_old_one_dies(stage):
    invitation = send(stage)
    expire(invitation)
    old = link(invitation)

    response = client_of(stage.administrator).post(reverse("pilots:invitation_resend", args=[invitation.pk]))

    assert response.status_code == 302
    invitation.refresh_from_db()
    assert invitation.sent_count == 2
    assert invitation.expires_at > timezone.now()
    assert (Client().get(old).status_code, Client().get(link(invitation)).status_code) == (404, 200)
    assert verbs() == ["invitation.sent", "invitation.resent"]
    assert len(mails()) == 2


def test_withdrawn_link_is_dead(stage):
    invitation = send(stage)
    client, url = client_of(stage.administrator), reverse("pilots:invitation_withdraw", args=[invitation.pk])

    assert client.get(url).status_code == 200
    assert verbs() == ["invitation.sent"]
    client.post(url)
    client.post(url)

    assert Client().get(link(invitation)).status_code == 410
    assert Client().post(link(invitation), NEW).status_code == 410
    assert verbs() == ["invitation.sent", "invitation.withdrawn"]


@pytest.mark.parametrize("name", ["pilots:invitation_resend", "pilots:invitation_withdraw"])
@pytest.mark.parametrize(("who", "status"), [("other_administrator", 404), ("officer", 403), ("outsider", 403), ("portal", 302), ("administrator", 302)])
def test_resend_and_withdraw_by_who_asks(stage, name, who, status):
    invitation = send(stage, role=Role.EDUCATION_OFFICER)

    assert client_of(getattr(stage, who)).post(reverse(name, args=[invitation.pk])).status_code == status
    assert len(verbs()) == (2 if status == 302 else 1)


@pytest.mark.parametrize("name", ["pilots:invitation_resend", "pilots:invitation_withdraw"])
def test_resend_and_withdraw_of_none_are_missing(stage, name):
    assert client_of(stage.administrator).post(reverse(name, args=[1])).status_code == 404


def test_resend_is_no_get(stage):
    assert client_of(stage.administrator).get(reverse("pilots:invitation_resend", args=[send(stage).pk])).status_code == 405


@pytest.mark.parametrize("action", [resend_invitation, withdraw_invitation])
@pytest.mark.parametrize("state", ["accepted", "withdrawn"])
def test_resend_and_withdraw_refuse_what_is_over(stage, state, action):
    invitation = send(stage)
    if state == "accepted":
        accept_as_new(invitation)
    else:
        withdraw_invitation(by=stage.administrator.user, acting=stage.administrator, invitation=invitation)
    before = verbs()

    with refused(state):
        action(by=stage.administrator.user, acting=stage.administrator, invitation=invitation)

    assert verbs() == before


@pytest.mark.parametrize(
    ("action", "name", "words"),
    [(resend_invitation, "pilots:invitation_resend", "cannot give this role"), (withdraw_invitation, "pilots:invitation_withdraw", "cannot withdraw")],
    ids=["resend", "withdraw"],
)
def test_resend_and_withdraw_refuse_who_may_not_give_the_role(stage, action, name, words):
    local = make_membership(person("Liitto"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.kuntaliitto)
    invitation = send(stage, by=stage.portal.user, acting=stage.portal, organisation=stage.kuntaliitto, role=Role.PORTAL_ADMINISTRATOR)

    for acting in (local, stage.other_administrator):
        with refused(words):
            action(by=acting.user, acting=acting, invitation=invitation)
    client_of(local).post(reverse(name, args=[invitation.pk]))
    assert verbs() == ["invitation.sent"]

    action(by=stage.portal.user, acting=stage.portal, invitation=invitation)
    assert len(verbs()) == 2


# The link --------------------------------------------------------------------------------------


def test_opening_the_link_changes_nothing_and_shows_who_invites_to_what(stage):
    invitation = send(stage)
    url = mailed_link()

    pages = [Client().get(url) for _ in range(3)]

    assert {page.status_code for page in pages} == {200}
    text = pages[0].content.decode()
    for words in ("Demo Hallinto", "Oma kuntayhtymä", EMAIL):
        assert words in text
    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert not User.objects.filter(email=EMAIL).exists()


def test_new_person_sets_name_and_password_and_is_in(stage):
    client = Client()
    invitation = send(stage)

    response = client.post(mailed_link(), {"name": "Demo \n Kutsuttu", "password": PASSWORD})

    membership = Membership.objects.get(user__email=EMAIL)
    assert response["Location"] == "/"
    assert (membership.organisation, membership.role, membership.user.name) == (stage.own, Role.COUNSELLOR, "Demo Kutsuttu")
    assert EmailAddress.objects.get(user=membership.user).verified
    assert client.get(reverse("account")).context["acting"] == membership
    assert verbs() == ["invitation.sent", "user.created", "invitation.accepted"]
    invitation.refresh_from_db()
    assert invitation.accepted_by == membership.user


def test_link_clicked_twice_makes_one_membership(stage):
    send(stage)
    url, client = mailed_link(), Client()

    answers = [client.post(url, NEW).status_code, client.post(url, NEW).status_code, Client().post(url, NEW).status_code]

    assert answers == [302, 302, 410]
    assert Membership.objects.filter(user__email=EMAIL).count() == 1
    assert User.objects.filter(email=EMAIL).count() == 1


@pytest.mark.parametrize(("field", "value"), [("name", " "), ("name", "x" * 151), ("password", ""), ("password", "short"), ("password", "password1234")])
def test_new_person_is_refused_by_field(stage, field, value):
    send(stage)

    response = Client().post(mailed_link(), NEW | {field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not User.objects.filter(email=EMAIL).exists()


def test_person_with_an_account_signs_in_first(stage):
    user = person("Kutsuttu")
    send(stage, email=user.email)
    url = mailed_link()

    page = Client().get(url)
    assert f'href="{reverse("account_login")}?next={quote(url)}"' in page.content.decode()
    Client().post(url, NEW)
    assert not Membership.objects.filter(user=user).exists()

    client = client_of(user)
    assert client.get(url).context["way"] == "accept"
    assert not Membership.objects.filter(user=user).exists()
    client.post(url)
    client.post(url)
    assert Membership.objects.filter(user=user).count() == 1
    assert client.get(reverse("account")).context["acting"].user == user


def test_another_person_cannot_accept(stage):
    invitation = send(stage)

    for who in (stage.outsider, stage.administrator):
        client = client_of(who)
        assert client.get(link(invitation)).context["way"] == "other_person"
        assert client.post(link(invitation)).status_code == 403
    with refused("another address"):
        accept_invitation(by=stage.outsider, invitation=invitation)

    invitation.refresh_from_db()
    assert invitation.accepted_at is None
    assert not Membership.objects.filter(user=stage.outsider).exists()


def test_confirmed_second_address_is_ones_own_an_unconfirmed_is_not(stage):
    invitation = send(stage)
    address = EmailAddress.objects.create(user=stage.outsider, email=EMAIL, verified=False)
    with refused("another address"):
        accept_invitation(by=stage.outsider, invitation=invitation)

    address.verified = True
    address.save()

    assert accept_invitation(by=stage.outsider, invitation=invitation).user == stage.outsider


def test_accepting_what_one_has_already_keeps_one_membership(stage):
    user = person("Kutsuttu")
    invitation = send(stage, email=user.email)
    existing = make_membership(user, Role.COUNSELLOR, organisation=stage.own)

    assert accept_invitation(by=user, invitation=invitation) == existing
    assert Membership.objects.filter(user=user).count() == 1


@pytest.mark.parametrize("token", ["x", "x:y:z", "WzEsIngiXQ:1abcde:bad-signature", "%00", "å" * 50, "x" * 3000])
def test_made_up_link_says_what_to_do(stage, token):
    response = Client().get(f"/invitation/{token}/")

    assert response.status_code == 404
    assert response.context["why"] == "unknown"


def test_link_signed_for_something_else_is_unknown(stage):
    from django.core import signing

    send(stage)
    for token in (signing.dumps([1, "n"], salt="something.else"), signing.dumps("text", salt="pilots.invitation"), signing.dumps([1], salt="pilots.invitation"), signing.dumps(None, salt="pilots.invitation"), signing.dumps([None, None], salt="pilots.invitation")):
        assert find_invitation(token) is None
        assert Client().get(f"/invitation/{token}/").status_code == 404


def test_expired_and_used_links_say_so(stage):
    expired = send(stage)
    expire(expired)
    used = send(stage, email="toinen@example.org")
    accept_as_new(used)

    for invitation, why in ((expired, "expired"), (used, "accepted")):
        for answer in (Client().get(link(invitation)), Client().post(link(invitation), NEW)):
            assert (answer.status_code, answer.context["why"]) == (410, why)
    assert not User.objects.filter(email=EMAIL).exists()


def test_link_of_an_inviter_who_lost_the_right_is_dead_until_somebody_sends_it_again(stage):
    user, second = person("Kutsuttu"), make_membership(person("Toinen"), Role.ORGANISATION_ADMINISTRATOR, organisation=stage.own)
    invitation = send(stage, email=user.email)
    end_membership(by=second.user, acting=second, membership=stage.administrator, reason="ended")
    # A right elsewhere, or a role here that gives none, is not the right.
    make_membership(stage.administrator.user, Role.ORGANISATION_ADMINISTRATOR, organisation=stage.other)
    make_membership(stage.administrator.user, Role.COUNSELLOR, organisation=stage.own)

    for answer in (client_of(user).get(link(invitation)), client_of(user).post(link(invitation)), Client().post(link(invitation), NEW)):
        assert (answer.status_code, answer.context["why"]) == (410, "withdrawn")
    with refused("withdrawn"):
        accept_invitation(by=user, invitation=invitation)
    with refused("withdrawn"):
        accept_as_new(invitation)
    assert not Membership.objects.filter(user=user).exists()

    again = resend_invitation(by=second.user, acting=second, invitation=invitation)
    assert accept_invitation(by=user, invitation=again).organisation == stage.own


def test_link_of_an_inviter_who_cannot_sign_in_is_dead(stage):
    invitation = send(stage)
    User.objects.filter(pk=stage.administrator.user_id).update(is_active=False)

    assert Client().get(link(invitation)).status_code == 410


def test_actions_refuse_a_link_that_died_after_the_page_was_read(stage):
    user = person("Kutsuttu")
    read = send(stage, email=user.email)
    resend_invitation(by=stage.administrator.user, acting=stage.administrator, invitation=read)
    with refused("no longer works"):
        accept_invitation(by=user, invitation=read)

    again = Invitation.objects.get()
    expire(again)
    with refused("no longer works"):
        accept_invitation(by=user, invitation=again)
    with refused("no longer works"):
        accept_as_new(again)
    assert not Membership.objects.filter(user=user).exists()


def test_new_person_with_a_taken_address_is_refused(stage):
    invitation = send(stage)
    person("Kutsuttu")

    with refused("already an account"):
        accept_as_new(invitation)
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_end_after_accepting_leaves_the_link_used(stage):
    invitation = send(stage)
    membership = accept_as_new(invitation)
    end_membership(by=stage.administrator.user, acting=stage.administrator, membership=membership, reason="ended")

    assert client_of(membership).get(link(invitation))["Location"] == reverse("account")
    assert Membership.objects.active().filter(user=membership.user).count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.battery
@pytest.mark.parametrize("accept", [accept_as_new, accept_as_owner])
def test_link_used_in_many_windows_at_once_makes_one_membership(battery_count, at_once, accept):
    stage = make_stage()
    for number in range(battery_count(50)):
        email = f"demo.kutsuttu{number}@example.org" if accept is accept_as_new else person(f"Kutsuttu {number}").email
        invitation = send(stage, email=email)

        outcomes = at_once([partial(accept, invitation)] * 4)

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Membership", *["ValidationError"] * 3]
        assert Membership.objects.filter(user__email=email).count() == 1
        assert verbs().count("invitation.accepted") == number + 1


def test_accept_refuses_whoever_invited_to_see_clients(stage):
    """An address that became one's own after the invitation changes nothing."""
    invitation = send(stage)
    EmailAddress.objects.create(user=stage.administrator.user, email=EMAIL, verified=True)

    with refused("cannot give yourself"):
        accept_invitation(by=stage.administrator.user, invitation=invitation)

    assert not Membership.objects.filter(role=Role.COUNSELLOR).exists()


def test_withdraw_by_the_portal_of_what_it_could_not_give(stage):
    invitation = send(stage)

    with refused("cannot give this role"):
        resend_invitation(by=stage.portal.user, acting=stage.portal, invitation=invitation)
    withdraw_invitation(by=stage.portal.user, acting=stage.portal, invitation=invitation)

    assert verbs() == ["invitation.sent", "invitation.withdrawn"]
