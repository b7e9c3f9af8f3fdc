"""A partnership is set up, opened, changed and led in the browser; the lead follows up by pseudonym."""
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance.actions.answers import decline_handoff
from guidance.actions.caseload import forbid_ending_responsible
from guidance.actions.checks import check_each_night, run_checks
from guidance.actions.partnerships import name_leads, remove_part
from guidance.choices import LadderStep, LogAction, Part, ProgrammeKind, Purpose
from guidance.models import AccessLog, AccessLogSubject, CheckRun, Handoff, NextStep, Partnership, Pathway, Programme
from pilots.choices import OrganisationKind, Role
from tests.guidance.factories import SOURCE, make_client, make_counsellor, make_handoff, make_organisation, make_partnership, make_pathway, make_shared_pathway
from tests.guidance.test_views_waiting import asked


def url(name: str, partnership: Partnership, *args) -> str:
    return reverse(f"guidance:{name}", args=[partnership.slug, *args])


def with_factor(person):
    Authenticator.objects.get_or_create(user=person.user, type=Authenticator.Type.TOTP, defaults={"data": {}})
    return person


@pytest.fixture
def authority(db):
    """An employment authority with two partnership leads who have a second factor."""
    organisation = make_organisation("Uusilan työllisyysalue", OrganisationKind.EMPLOYMENT_AUTHORITY)
    return [with_factor(make_counsellor(organisation, Role.PARTNERSHIP_LEAD, f"Demo Vetäjä {number}")) for number in (1, 2)]


def edited(response, **changes) -> dict:
    form = response.context["form"]
    return {name: "" if form[name].value() is None else form[name].value() for name in form.fields} | changes


# Set up and open -----------------------------------------------------------------------------------


def test_a_new_partnership_is_set_up_and_opened_in_the_browser(authority, guide_client):
    lead, substitute = authority
    college = make_organisation("Uusilan opisto", OrganisationKind.JOINT_AUTHORITY)
    college_lead = make_counsellor(college, Role.PARTNERSHIP_LEAD)
    client = guide_client(lead)
    client.post(reverse("guidance:partnership_add"), {"name_fi": "Uusilan kumppanuusmalli"})
    partnership = Partnership.objects.get()
    early = client.post(url("partnership_open", partnership))
    client.post(url("partnership_part_add", partnership) + "?q=Uusilan opisto", {"organisation": college.slug, "part": Part.COLLEGE})
    own, other = partnership.parts.order_by("position")
    client.post(url("partnership_part_edit", partnership, own.pk), edited(client.get(url("partnership_part_edit", partnership, own.pk)), acts_as_authority="yes", processing_statute="keksitty säännös"))
    theirs = guide_client(college_lead)
    theirs.post(url("partnership_part_edit", partnership, other.pk), edited(theirs.get(url("partnership_part_edit", partnership, other.pk)), acts_as_authority="no"))
    client.post(url("partnership_edit", partnership), edited(client.get(url("partnership_edit", partnership)), roles_agreement="Sopimus 1", roles_agreed_on="1.2.2026", dpia_reference="Arvio 1"))
    client.post(url("partnership_lead", partnership), edited(client.get(url("partnership_lead", partnership)), lead=lead.pk, substitute=substitute.pk))
    opened = client.post(url("partnership_open", partnership))

    partnership.refresh_from_db()
    assert (early.status_code, opened.status_code) == (422, 302)
    assert partnership.opened_at is not None
    assert (partnership.lead, partnership.substitute, partnership.process_organisation, partnership.slug) == (lead, substitute, lead.organisation, "uusilan-kumppanuusmalli")
    assert [(part.part, part.acts_as_authority) for part in partnership.parts.all()] == [(Part.EMPLOYMENT, True), (Part.COLLEGE, False)]


def complete(authority) -> Partnership:
    lead, substitute = authority
    partnership = Partnership.objects.create(
        slug="uusila", name_fi="Uusila", source=SOURCE, process_organisation=lead.organisation, lead=lead, substitute=substitute,
        roles_agreement="Sopimus", roles_agreed_on=timezone.localdate(), dpia_reference="Arvio",
    )
    partnership.parts.create(organisation=lead.organisation, part=Part.EMPLOYMENT, acts_as_authority=True)
    partnership.parts.create(organisation=make_organisation(), part=Part.COLLEGE, position=1, acts_as_authority=False)
    return partnership


@pytest.mark.parametrize("missing", ["college", "basis", "agreement", "agreed_on", "dpia", "lead", "substitute", "lead_factor", "substitute_factor", "lead_ended"])
def test_partnership_does_not_open_while_one_condition_is_missing(authority, guide_client, missing):
    partnership, (lead, substitute) = complete(authority), authority
    opener = with_factor(make_counsellor(lead.organisation, Role.PARTNERSHIP_LEAD))
    rows = Partnership.objects.filter(pk=partnership.pk)
    {
        "college": lambda: partnership.parts.filter(part=Part.COLLEGE).delete(),
        "basis": lambda: partnership.parts.filter(part=Part.COLLEGE).update(acts_as_authority=None),
        "agreement": lambda: rows.update(roles_agreement=""),
        "agreed_on": lambda: rows.update(roles_agreed_on=None),
        "dpia": lambda: rows.update(dpia_reference=""),
        "lead": lambda: rows.update(lead=None),
        "substitute": lambda: rows.update(substitute=None),
        "lead_factor": lambda: lead.user.authenticator_set.all().delete(),
        "substitute_factor": lambda: substitute.user.authenticator_set.all().delete(),
        "lead_ended": lambda: type(lead).objects.filter(pk=lead.pk).update(ended_at=timezone.now(), end_reason="left"),
    }[missing]()

    response = guide_client(opener).post(url("partnership_open", partnership))

    partnership.refresh_from_db()
    assert (response.status_code, partnership.opened_at) == (422, None)
    assert len(response.context["problems"]) == 1


def test_partnership_with_everything_opens(authority, guide_client):
    partnership = complete(authority)

    assert guide_client(authority[0]).post(url("partnership_open", partnership)).status_code == 302


def test_only_an_employment_authority_sets_one_up(made, guide_client):
    college_lead = make_counsellor(made.college, Role.PARTNERSHIP_LEAD)

    response = guide_client(college_lead).post(reverse("guidance:partnership_add"), {"name_fi": "Oma"})

    assert response.context["may_set_up"] is False
    assert Partnership.objects.count() == 1


# Change ------------------------------------------------------------------------------------------


def test_edit_changes_the_ladder_and_two_at_once_get_a_conflict(made, guide_client):
    client = guide_client(made.lead)
    first, second = (edited(client.get(url("partnership_edit", made.partnership))) for _turn in range(2))
    done = client.post(url("partnership_edit", made.partnership), first | {"remind_after": "2"})
    late = client.post(url("partnership_edit", made.partnership), second | {"remind_after": "5"})

    made.partnership.refresh_from_db()
    assert (done.status_code, late.status_code, made.partnership.remind_after) == (302, 409, 2)


@pytest.mark.parametrize("wrong", [{"remind_after": "9"}, {"lead_after": "0"}, {"stale_after": "x"}, {"name_fi": ""}, {"roles_agreed_on": "1.1.2190"}, {"seen": "x"}, {"roles_agreement": ""}, {"lead_after": "99999"}])
def test_edit_with_bad_input_says_so(made, guide_client, wrong):
    client = guide_client(made.lead)
    data = edited(client.get(url("partnership_edit", made.partnership)), roles_agreed_on="1.1.2026")

    assert client.post(url("partnership_edit", made.partnership), data | wrong).status_code == 422


def test_lead_changes_only_to_an_heir_with_a_second_factor(made, guide_client):
    heir = make_counsellor(made.city, Role.PARTNERSHIP_LEAD)
    client = guide_client(made.lead)
    data = edited(client.get(url("partnership_lead", made.partnership)), lead=heir.pk)
    without = client.post(url("partnership_lead", made.partnership), data)
    nobody = client.post(url("partnership_lead", made.partnership), data | {"lead": ""})
    with_factor(heir)
    done = client.post(url("partnership_lead", made.partnership), data)

    made.partnership.refresh_from_db()
    assert (without.status_code, nobody.status_code, done.status_code, made.partnership.lead) == (422, 422, 302, heir)
    forbid_ending_responsible(made.lead)
    with pytest.raises(ValidationError):
        forbid_ending_responsible(heir)


@pytest.mark.parametrize("who", ["counsellor", "foreign", "same", "ended"])
def test_nobody_else_can_be_named_lead(made, guide_client, who):
    foreign = with_factor(make_counsellor(make_organisation(), Role.PARTNERSHIP_LEAD))
    ended = with_factor(make_counsellor(made.city, Role.PARTNERSHIP_LEAD))
    type(ended).objects.filter(pk=ended.pk).update(ended_at=timezone.now(), end_reason="left")
    person = {"counsellor": with_factor(made.anna), "foreign": foreign, "same": made.lead, "ended": ended}[who]
    data = {"lead": made.lead.pk, "substitute": person.pk} if who == "same" else {"lead": person.pk, "substitute": ""}

    client = guide_client(made.lead)
    response = client.post(url("partnership_lead", made.partnership), edited(client.get(url("partnership_lead", made.partnership)), **data))

    made.partnership.refresh_from_db()
    assert (response.status_code, made.partnership.lead) == (422, made.lead)
    assert list(response.context["form"].errors) == ["substitute" if who == "same" else "lead"]
    if who in ("counsellor", "foreign"):
        with pytest.raises(ValidationError):
            name_leads(by=made.lead, partnership=made.partnership, lead=person, substitute=None)


def test_a_part_with_clients_is_not_removed_and_one_without_is(made, guide_client):
    make_shared_pathway(made)
    client = guide_client(made.lead)
    parts = {part.part: part for part in made.partnership.parts.all()}

    answers = [client.post(url("partnership_part_remove", made.partnership, parts[part].pk)).status_code for part in (Part.EMPLOYMENT, Part.COLLEGE, Part.TE)]

    assert answers == [422, 422, 302]
    assert set(made.partnership.parts.values_list("part", flat=True)) == {Part.EMPLOYMENT, Part.COLLEGE}


def test_a_part_that_is_asked_to_take_a_client_is_not_removed_before_it_answers(made):
    handoff = make_handoff(made, make_pathway(made), to=made.te)
    part = made.partnership.parts.get(part=Part.TE)

    with pytest.raises(ValidationError, match="asked to take clients"):
        remove_part(by=made.lead, partnership=made.partnership, part=part)
    decline_handoff(by=made.taru, handoff=handoff, reason="Syy")
    remove_part(by=made.lead, partnership=made.partnership, part=part)

    assert not made.partnership.parts.filter(part=Part.TE).exists()


def test_the_last_education_provider_of_an_open_partnership_stays(made):
    with pytest.raises(ValidationError):
        remove_part(by=made.lead, partnership=made.partnership, part=made.partnership.parts.get(part=Part.COLLEGE))


def test_basis_of_another_organisation_is_not_stated_for_it(made, guide_client):
    part = made.partnership.parts.get(part=Part.COLLEGE)

    assert guide_client(made.lead).post(url("partnership_part_edit", made.partnership, part.pk), {"acts_as_authority": "yes"}).status_code == 404


def test_part_is_added_only_among_those_found(made, guide_client):
    client = guide_client(made.lead)
    place = url("partnership_part_add", made.partnership)

    assert client.post(f"{place}?q=olematon", {"organisation": made.college.slug, "part": Part.OTHER}).status_code == 422
    assert client.post(f"{place}?q=%00", {"organisation": "x", "part": "x"}).status_code == 422
    assert made.partnership.parts.count() == 3


FORMS = ["partnership_edit", "partnership_part_add", "partnership_lead", "partnership_open", "partnership_stages", "programme_add"]


@pytest.mark.parametrize("name", FORMS)
def test_change_is_missing_for_a_foreign_lead_and_forbidden_for_a_counsellor(made, guide_client, name):
    foreign = make_partnership()

    answers = [guide_client(person).get(url(name, made.partnership)).status_code for person in (made.lead, foreign.lead, made.anna)]
    none = guide_client(foreign.lead).get(reverse(f"guidance:{name}", args=["ei-ole"])).status_code

    assert (answers, none) == ([200, 404, 403], 404)


# Pages -------------------------------------------------------------------------------------------


def test_detail_shows_programmes_where_they_belong_and_whom_the_source_names(made, guide_client):
    for position, (code, kind, historical) in enumerate([("nyt", ProgrammeKind.MEASURE, False), ("ennen", ProgrammeKind.MEASURE, True), ("uudistus", ProgrammeKind.REFORM, False)]):
        Programme.objects.create(partnership=made.partnership, code=code, position=position, kind=kind, name_fi=code, is_historical=historical, source=SOURCE)

    response = guide_client(made.anna).get(made_url := url("partnership_detail", made.partnership))

    assert [[one.code for one in rows] for _title, rows in response.context["sections"]] == [["nyt"], ["ennen"], ["uudistus"]]
    assert re.findall(r'class="part part-(\w+)"', response.content.decode()) == ["employment", "college", "te"]
    assert guide_client(make_partnership().anna).get(made_url).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("partnership_detail", 8), ("lead_list", 8), ("partnership_open", 8)])
def test_page_asks_the_same_number_of_queries_for_any_number_of_rows(made, guide_client, rows, name, queries):
    for number in range(rows):
        programme = Programme.objects.create(partnership=made.partnership, code=f"p{number}", kind=ProgrammeKind.MEASURE, name_fi="Keksitty", source=SOURCE)
        programme.run_by.add(made.city, made.college)
        make_handoff(made, make_pathway(made, client=make_client()))
    Handoff.objects.update(ladder_step=LadderStep.LEAD)
    client = guide_client(made.lead)
    client.get(url(name, made.partnership))

    with CaptureQueriesContext(connection) as captured:
        client.get(url(name, made.partnership))

    assert asked(captured) <= queries, [query["sql"][:120] for query in captured]
    assert asked(captured) >= 5


# The lead ----------------------------------------------------------------------------------------


def lost(made) -> Pathway:
    """A pathway without a next step: what no action leaves behind."""
    pathway = make_pathway(made, client=make_client(family_name="Nimimerkkinen"))
    NextStep.objects.filter(pathway=pathway).delete()
    Pathway.objects.filter(pk=pathway.pk).update(next_due_on=None)
    return pathway


def test_lead_sees_silent_hand_offs_and_stale_pathways_without_names(made, guide_client):
    silent, stale, fresh = (make_pathway(made, client=make_client(family_name="Nimimerkkinen")) for _turn in range(3))
    make_handoff(made, fresh)
    handoff = make_handoff(made, silent)
    Handoff.objects.filter(pk=handoff.pk).update(ladder_step=LadderStep.LEAD)
    Pathway.objects.filter(pk=stale.pk).update(last_event_at=timezone.now() - timedelta(days=40))
    client = guide_client(made.lead)

    pages = [client.get(url("lead_list", made.partnership) + f"?show={show}") for show in ("handoffs", "stale")]

    assert [[row.pseudonym for row in page.context["rows"]] for page in pages] == [[silent.pseudonym], [stale.pseudonym]]
    assert "Nimimerkkinen" not in "".join(page.content.decode() for page in pages)
    logs = AccessLog.objects.filter(action=LogAction.LIST, purpose=Purpose.LEAD).order_by("pk").values_list("pk", flat=True)
    assert [AccessLogSubject.objects.get(log_id=log).pseudonym for log in logs] == [silent.pseudonym, stale.pseudonym]


def test_check_is_run_on_demand_and_shows_what_it_found_in_this_partnership_only(made, guide_client):
    pathway, other = lost(made), make_partnership()
    lost(other)
    client = guide_client(made.lead)
    client.post(url("lead_check", made.partnership))

    page = client.get(url("lead_list", made.partnership) + "?show=check")

    assert [(one.rule, one.count, [row["pseudonym"] for row in one.rows]) for _title, one in page.context["broken"]] == [("without_next_step", 1, [pathway.pseudonym])]
    assert "Nimimerkkinen" not in page.content.decode()
    assert "Nimimerkkinen" not in str(CheckRun.objects.get().findings)


def test_check_of_a_sound_database_finds_nothing(made):
    make_pathway(made)

    assert run_checks(timezone.now()).findings == []


def test_check_runs_once_each_night(made):
    night = timezone.localtime().replace(hour=3, minute=0)

    assert [check_each_night(night - timedelta(hours=2)), check_each_night(night), check_each_night(night + timedelta(hours=5)), check_each_night(night + timedelta(days=1))] == [0, 1, 0, 1]


@pytest.mark.parametrize("name", ["lead_list", "lead_check"])
def test_follow_up_is_for_this_partnerships_lead_only(made, guide_client, name):
    foreign, colleague = make_partnership().lead, make_counsellor(made.city, Role.PARTNERSHIP_LEAD)
    ask = (lambda client: client.post(url(name, made.partnership))) if name == "lead_check" else (lambda client: client.get(url(name, made.partnership)))

    assert [ask(guide_client(person)).status_code for person in (foreign, colleague, made.anna)] == [404, 404, 403]
    assert not CheckRun.objects.exists()
