"""For whom one acts: one membership at a time, its rights alone, always on the page."""
import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import PortalSession
from accounts.sessions import ACTING_FOR
from pilots.actions.people import end_membership, switch_membership
from pilots.choices import Role
from tests.pilots.factories import make_area, make_membership

from .people_stage import client_of, make_stage, refused

URL = "/acting/"


@pytest.fixture
def stage(db):
    return make_stage()


@pytest.fixture
def two(stage):
    """A person who administers one organisation and coordinates an area from another."""
    stage.area = make_area("Keksitty alue")
    stage.second = make_membership(stage.administrator.user, Role.AREA_COORDINATOR, organisation=stage.other, area=stage.area)
    stage.client = client_of(stage.administrator)
    return stage


def test_scope_is_on_every_page(two):
    page = two.client.get(reverse("account"))

    assert page.context["acting"] == two.administrator
    assert "Oma kuntayhtymä" in page.content.decode().partition("<main")[0]


def test_rights_are_those_of_the_membership_acted_for_and_never_summed(two):
    people, edit = reverse("pilots:people_list"), reverse("pilots:area_edit", args=[two.area.slug])
    assert (two.client.get(people).status_code, two.client.get(edit).status_code) == (200, 403)

    response = two.client.post(URL, {"membership": two.second.pk})

    assert response["Location"] == "/"
    assert (two.client.get(people).status_code, two.client.get(edit).status_code) == (403, 200)
    assert two.client.get(reverse("account")).context["acting"] == two.second


def test_get_shows_the_choices_and_changes_nothing(two):
    response = two.client.get(URL)

    choices = [pk for pk, _words in response.context["form"].fields["membership"].choices]
    assert choices == [two.administrator.pk, two.second.pk]
    assert two.client.session[ACTING_FOR] == two.administrator.pk


def test_session_row_knows_the_membership(two):
    two.client.post(URL, {"membership": two.second.pk})

    assert PortalSession.objects.get(session_key=two.client.session.session_key).membership_id == two.second.pk


def test_switching_counts_as_use_of_both(two):
    two.second.warned_at = timezone.now()
    two.second.save()

    two.client.post(URL, {"membership": two.second.pk})

    for membership in (two.administrator, two.second):
        membership.refresh_from_db()
        assert membership.last_used_at is not None
        assert membership.warned_at is None


@pytest.mark.parametrize("value", ["", "0", "x", "99999999999999999999", "-1"])
def test_switch_to_what_is_not_there_is_refused(two, value):
    response = two.client.post(URL, {"membership": value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["membership"]
    assert two.client.get(reverse("account")).context["acting"] == two.administrator


def test_switch_to_another_persons_membership_is_refused(two):
    response = two.client.post(URL, {"membership": two.portal.pk})

    assert response.status_code == 422
    assert two.client.get(reverse("account")).context["acting"] == two.administrator


def test_switch_action_refuses_what_is_not_ones_own_or_has_ended(two):

    with refused("has ended"):
        switch_membership(by=two.administrator.user, leaving=None, to=two.portal)
    end_membership(by=two.portal.user, acting=two.portal, membership=two.second, reason="ended")
    with refused("has ended"):
        switch_membership(by=two.administrator.user, leaving=None, to=two.second)


def test_ended_membership_falls_back_to_another_one(two):
    two.client.post(URL, {"membership": two.second.pk})

    end_membership(by=two.portal.user, acting=two.portal, membership=two.second, reason="ended")

    page = two.client.get(reverse("account"))
    assert page.context["acting"] == two.administrator
    assert page.context["memberships"] == [two.administrator]


def test_person_without_a_role_is_told_what_to_do(stage):
    response = client_of(stage.outsider).get(URL)

    assert response.status_code == 200
    assert reverse("pilots:join_ask") in response.content.decode()


def test_visitor_is_sent_to_sign_in(client, db):
    assert client.get(URL)["Location"] == f"{reverse('account_login')}?next={URL}"
