"""The pages of those who answer what clients ask about their own data."""
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from guidance.actions.contacts import log_event
from guidance.actions.pathways import close_pathway
from guidance.actions.restriction import lift_restriction, restrict
from guidance.actions.rights import answer_request, open_request
from guidance.choices import EventKind, RightsKind
from guidance.models import Pathway, RightsAnswer, RightsRequest
from pilots.choices import Role
from pilots.models import Membership
from tests.guidance.factories import make_counsellor, make_pathway, make_shared_pathway
from tests.guidance.web import counted, sign_in, told

NOW = timezone.now


@pytest.fixture
def officer(made):
    return make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)


def ask(made, pathway, kind=RightsKind.ACCESS, now=None) -> RightsRequest:
    return open_request(by=made.anna, pathway=pathway, kind=kind, text="Keksitty pyyntö", now=now or NOW())


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_any_number(made, officer, count):
    for _turn in range(count):
        ask(made, make_pathway(made))
    client = sign_in(officer)

    with counted() as statements:
        page = client.get(reverse("guidance:rights_list"))

    assert len(page.context["rows"]) == count
    assert len(statements) == 8, told(statements)


def test_what_is_late_comes_first_and_waits_on_the_home_page(made, officer):
    fresh, late = ask(made, make_pathway(made)), ask(made, make_pathway(made), now=NOW() - timedelta(days=40))
    client = sign_in(officer)

    rows = client.get(reverse("guidance:rights_list")).context["rows"]
    waiting = [thing for thing in client.get("/en/").context["waiting"] if thing.url == reverse("guidance:rights_list")]

    assert [(row.request, row.is_late) for row in rows] == [(late, True), (fresh, False)]
    assert [(thing.count, thing.overdue) for thing in waiting] == [(2, True)]


def test_what_is_granted_and_not_done_waits_on_the_home_page(made, officer, pathway):
    request = ask(made, pathway, RightsKind.RESTRICTION)
    answer_request(by=officer, request=request, outcome="granted", now=NOW())
    client = sign_in(officer)
    before = client.get("/en/").context["waiting"]

    restrict(by=officer, request=request, now=NOW())

    assert [thing.url for thing in before] == [reverse("guidance:rights_list")]
    assert client.get("/en/").context["waiting"] == []


def test_a_lead_has_the_requests_with_the_rest_of_the_work(made, pathway):
    ask(made, pathway)
    lead = sign_in(make_counsellor(made.city, Role.PARTNERSHIP_LEAD))

    desk, home, register = (lead.get(reverse(name)) for name in ("guidance:waiting", "home", "guidance:rights_list"))

    assert [(part.count, part.more_url) for part in desk.context["sections"] if part.code == "rights"] == [(1, reverse("guidance:rights_list"))]
    assert [(thing.count, thing.url) for thing in home.context["waiting"]] == [(1, reverse("guidance:waiting"))]
    assert [page.context["waiting_count"] for page in (desk, home, register)] == [1, 1, 1]


def test_where_nobody_can_answer_those_who_can_help_are_told(made, officer):
    college_lead, keeper = make_counsellor(made.college, Role.PARTNERSHIP_LEAD), make_counsellor(made.college, Role.ORGANISATION_ADMINISTRATOR)
    request = ask(made, make_shared_pathway(made), now=NOW() - timedelta(days=40))
    owner, administrator = sign_in(officer), sign_in(keeper)
    url = reverse("guidance:rights_detail", args=[request.pk])

    def seen() -> tuple:
        rows = {row.own.organisation: (row.is_late, row.has_nobody) for row in owner.get(url).context["rows"]}
        return rows[made.college], [thing.overdue for thing in administrator.get("/en/").context["waiting"] if thing.url == reverse("pilots:people_list")]

    assert seen() == ((True, False), [])
    Membership.objects.filter(pk=college_lead.pk).update(ended_at=NOW(), end_reason="left")
    assert seen() == ((True, True), [True])


def test_a_counsellor_writes_a_request_down_and_the_officer_answers(made, officer, pathway):
    guide = sign_in(made.anna)
    url = reverse("guidance:rights_add", args=[pathway.pseudonym])
    token = guide.get(url).context["form"].initial["token"]
    guide.post(url, {"kind": "rectification", "text": "Väärä tavoite", "token": token})
    request = RightsRequest.objects.get()
    client = sign_in(officer)

    wrong = client.post(reverse("guidance:rights_answer", args=[request.pk]), {"outcome": "refused", "reason": ""})
    right = client.post(reverse("guidance:rights_answer", args=[request.pk]), {"outcome": "refused", "reason": "accurate"})
    again = client.post(reverse("guidance:rights_answer", args=[request.pk]), {"outcome": "granted", "reason": ""})

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 302, 409)
    assert (request.text, request.by) == ("Väärä tavoite", made.anna)
    assert RightsAnswer.objects.values_list("outcome", "reason").get() == ("refused", "accurate")
    page = client.get(f"/en{reverse('guidance:rights_detail', args=[request.pk])}".replace("/en/en", "/en"))
    assert "looked at the data again and found it right" in page.content.decode()


def test_nothing_is_changed_while_restricted_but_what_the_law_allows(made, officer, pathway):
    request = ask(made, pathway, RightsKind.RESTRICTION)
    answer_request(by=officer, request=request, outcome="granted", now=NOW())
    client = sign_in(officer)
    client.post(reverse("guidance:rights_restrict", args=[request.pk]))
    guide = sign_in(made.anna)

    page = guide.get(reverse("guidance:pathway_detail", args=[pathway.pseudonym]))
    refused = guide.post(reverse("guidance:pathway_log", args=[pathway.pseudonym]), {"kind": "note", "text": "uusi"})

    assert Pathway.objects.get(pk=pathway.pk).restricted_by == officer
    assert page.context["pathway"].restricted_at is not None
    assert refused.status_code == 422
    assert not pathway.events.filter(text="uusi").exists()
    with pytest.raises(ValidationError) as refusal:
        close_pathway(by=made.anna, pathway=pathway, end_reason="moved", outcome="unknown")
    assert refusal.value.code == "restricted"
    ask(made, pathway)
    client.post(reverse("guidance:rights_lift", args=[request.pk]), {"told": "on"})
    log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=NOW(), text="uusi")


def test_only_the_process_owners_people_lift_a_restriction(made, officer, pathway):
    request = ask(made, pathway, RightsKind.RESTRICTION)
    answer_request(by=officer, request=request, outcome="granted", now=NOW())
    restrict(by=officer, request=request, now=NOW())

    with pytest.raises(PermissionDenied):
        lift_restriction(by=make_counsellor(made.college, Role.DATA_PROTECTION_OFFICER), pathway=pathway)
    assert Pathway.objects.get(pk=pathway.pk).restricted_at is not None


def test_the_earlier_process_owner_restricts_nothing_after_a_transfer(made, officer, pathway):
    request = ask(made, pathway, RightsKind.RESTRICTION)
    answer_request(by=officer, request=request, outcome="granted", now=NOW())
    Pathway.objects.filter(pk=pathway.pk).update(process_owner=made.college, process_person=made.ossi)

    with pytest.raises(ValidationError):
        restrict(by=officer, request=request, now=NOW())
    assert Pathway.objects.get(pk=pathway.pk).restricted_at is None


def test_erasing_on_the_page_takes_a_box_and_all_answers(made, officer, pathway):
    request = ask(made, pathway, RightsKind.ERASURE)
    url = reverse("guidance:rights_erase", args=[request.pk])
    client = sign_in(officer)

    dry = client.get(url)
    client.post(url, {"sure": "on"})
    assert Pathway.objects.filter(pk=pathway.pk).exists()
    close_pathway(by=made.anna, pathway=pathway, end_reason="moved", outcome="unknown")
    answer_request(by=officer, request=request, outcome="granted", now=NOW())
    without = client.post(url, {})
    client.post(url, {"sure": "on"})

    assert {line.label: count for line, count in dry.context["lines"]}["guidance.Pathway"] == 1
    assert without.status_code == 422
    assert not Pathway.objects.filter(pk=pathway.pk).exists()
    assert client.get(reverse("guidance:rights_detail", args=[request.pk])).status_code == 200
    assert client.get(url).status_code == 404
