"""Comments between people of the network, and "this is wrong" from any reader."""
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from pilots.actions.discussion import MOST_OF_A_READER, TooMany, add_comment, handle_fault, hide_comment, report_fault
from pilots.choices import Role
from pilots.models import Comment, FaultReport
from pilots.queries.discussion import faults_for
from pilots.queries.waiting import waiting_for
from tests.pilots.factories import make_membership, make_model, make_organisation
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal


@pytest.fixture
def model(area):
    cache.clear()
    return make_model(area)


@pytest.fixture
def officer(db):
    return make_membership(role=Role.EDUCATION_OFFICER)


@pytest.fixture
def moderator(db):
    return make_membership(role=Role.KUNTALIITTO_STAFF)


def wrong_url(model) -> str:
    return reverse("pilots:fault_report", args=["model", model.pk])


def test_report_needs_no_account_and_waits_on_the_owners_list_and_home_page(client, model, coordinator):
    response = client.post(wrong_url(model), {"text": "Vuosi on väärin.", "email": ""})

    assert response.status_code == 302
    report = FaultReport.objects.get()
    assert (report.target, report.text, report.area) == (model, "Vuosi on väärin.", model.area)
    client.force_login(coordinator.user)
    assert "Vuosi on väärin." in client.get(reverse("pilots:fault_list")).content.decode()
    assert [thing.url for thing in client.get(reverse("home")).context["waiting"]] == [reverse("pilots:fault_list")]


def test_reports_are_for_the_owner_and_of_no_area_for_the_moderators(model, coordinator, moderator, officer):
    other = make_membership(role=Role.AREA_COORDINATOR)
    own = report_fault(sender="a", thing=model, text="Väärin")
    of_no_area = report_fault(sender="a", thing=make_model(make_organisation()), text="Väärin")

    assert [list(faults_for(one)) for one in (coordinator, moderator, other, officer, None)] == [[own], [of_no_area], [], [], []]
    assert waiting_for(officer) == []


def test_reader_who_reports_too_much_is_told_and_nothing_is_lost_to_others(client, model):
    for number in range(MOST_OF_A_READER):
        assert client.post(wrong_url(model), {"text": f"Virhe {number}"}).status_code == 302

    refused = client.post(wrong_url(model), {"text": "Vielä yksi"})

    assert refused.status_code == 429
    assert "Vielä yksi" in refused.content.decode()
    assert FaultReport.objects.count() == MOST_OF_A_READER
    assert client.post(wrong_url(model), {"text": "Toinen lukija"}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_one_thing_takes_thirty_reports_an_hour(model):
    for number in range(30):
        report_fault(sender=f"reader-{number}", thing=model, text="Virhe")

    with pytest.raises(TooMany):
        report_fault(sender="one-more", thing=model, text="Virhe")


def test_program_that_fills_every_field_is_thanked_and_not_heard(client, model):
    response = client.post(wrong_url(model), {"text": "Osta", "website": "https://example.org"})

    assert response.status_code == 302
    assert not FaultReport.objects.exists()


def test_report_on_a_draft_is_a_page_that_there_is_not(client, area):
    assert client.get(wrong_url(make_model(area, state="draft", published_at=None))).status_code == 404


def test_report_is_seen_to_once_by_those_who_keep_the_thing(model, coordinator, officer):
    report = report_fault(sender="a", thing=model, text="Virhe")

    with pytest.raises(PermissionDenied):
        handle_fault(by=officer, fault_id=report.pk)
    assert handle_fault(by=coordinator, fault_id=report.pk)
    assert not handle_fault(by=coordinator, fault_id=report.pk)
    assert waiting_for(coordinator) == []


def test_comment_is_read_by_those_who_act_for_an_organisation(client, model, officer):
    add_comment(by=officer, thing=model, text="**Meilläkin** näin <script>alert(1)</script>")
    page = model.get_absolute_url()

    assert client.get(page).context["discussion"].comments is None
    client.force_login(officer.user)
    shown = client.get(page).content.decode()
    assert "<strong>Meilläkin</strong> näin &lt;script&gt;" in shown


def test_comment_sent_again_after_another_readers_is_one(model, officer, coordinator):
    """Whoever got no answer presses again; meanwhile somebody else has written."""
    first = add_comment(by=officer, thing=model, text="Keksitty huomio")
    add_comment(by=coordinator, thing=model, text="Toinen huomio")

    again = add_comment(by=officer, thing=model, text="Keksitty huomio")
    Comment.objects.update(created_at=timezone.now() - timedelta(hours=2))
    later = add_comment(by=officer, thing=model, text="Keksitty huomio")

    assert again == first
    assert later != first


def test_comment_sent_twice_is_one_and_needs_an_organisation(model, officer):
    first = add_comment(by=officer, thing=model, text="Näin")

    assert add_comment(by=officer, thing=model, text="Näin") == first
    with pytest.raises(PermissionDenied):
        add_comment(by=None, thing=model, text="Näin")
    assert Comment.objects.count() == 1


def test_empty_comment_comes_back_with_its_fault(client, model, officer):
    client.force_login(officer.user)

    page = client.post(reverse("pilots:comment_add", args=["model", model.pk]), {"text": " "})

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["text"])
    assert "pilots/comment_add.html" in [template.name for template in page.templates]
    assert not Comment.objects.exists()


def test_comment_is_hidden_with_a_reason_by_the_owner_or_a_moderator_only(client, model, officer, coordinator, moderator):
    comment = add_comment(by=officer, thing=model, text="Asiaton")
    other = make_membership(role=Role.AREA_COORDINATOR)

    for person in (officer, other, None):
        with pytest.raises(PermissionDenied):
            hide_comment(by=person, comment_id=comment.pk, reason="Ei")
    with pytest.raises(ValidationError):
        hide_comment(by=coordinator, comment_id=comment.pk, reason=" ")
    hide_comment(by=moderator, comment_id=comment.pk, reason="Henkilötietoja")
    with pytest.raises(ValidationError):
        hide_comment(by=coordinator, comment_id=comment.pk, reason="Uudelleen")

    client.force_login(officer.user)
    shown = client.get(model.get_absolute_url()).content.decode()
    assert "Henkilötietoja" in shown
    assert "Asiaton" not in shown

def test_proposal_is_discussed_on_its_own_page_and_moderated_by_the_area_that_wrote_it(client, area, officer, coordinator, moderator):
    other = make_coordinator()
    proposal = make_proposal(make_obstacle(other), area=area, text_fi="Keksitty teksti")
    client.force_login(officer.user)
    address = reverse("pilots:comment_add", args=["proposal", proposal.pk])

    assert client.post(address, {"text": "Meilläkin"})["Location"].partition("#")[0] == proposal.get_absolute_url()
    report = report_fault(sender="a", thing=proposal, text="Väärä päivä")

    comment = proposal.comments.get()
    shown = client.get(proposal.get_absolute_url())
    assert ("Keksitty teksti" in shown.content.decode(), shown.context["discussion"].comments) == (True, [comment])
    with pytest.raises(PermissionDenied):
        hide_comment(by=other, comment_id=comment.pk, reason="Ei")
    hide_comment(by=coordinator, comment_id=comment.pk, reason="Syy")
    client.force_login(coordinator.user)
    assert proposal.obstacle.name in client.get(reverse("pilots:fault_list")).content.decode()
    assert [list(faults_for(one)) for one in (coordinator, other, moderator)] == [[report], [], []]


def test_draft_of_a_proposal_is_discussed_by_those_who_see_it(client, officer, coordinator):
    draft = make_proposal(make_obstacle(make_coordinator()), area=coordinator.area, status="draft", made_on=None)
    addresses = (draft.get_absolute_url(), reverse("pilots:fault_report", args=["proposal", draft.pk]))

    statuses = []
    for person in (officer, coordinator):
        client.force_login(person.user)
        statuses.append([client.get(address).status_code for address in addresses])
    assert statuses == [[404, 404], [200, 200]]
