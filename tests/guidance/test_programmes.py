"""A partnership's stages and programmes are changed in the browser: by its lead, with history and audit, and never over somebody else's change."""
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from guidance.actions.assessment import take_item_in_hand
from guidance.actions.partnerships import edit_stage_parts, remove_part, set_up_partnership
from guidance.actions.programmes import add_programme, edit_programme, end_programme, resume_programme
from guidance.choices import Part, ProgrammeKind, Stage
from guidance.models import AssessmentItem, Partnership, Programme
from pilots.choices import OrganisationKind, Role
from tests.guidance.factories import make_counsellor, make_item, make_organisation, make_partnership, make_pathway
from tests.guidance.test_views_partnerships import edited, url, with_factor

TEXTS = {"name_sv": "", "purpose_fi": "", "purpose_sv": "", "for_whom_fi": "", "for_whom_sv": ""}


@pytest.fixture
def measure(made) -> Programme:
    return add_programme(by=made.lead, partnership=made.partnership, kind=ProgrammeKind.MEASURE, name_fi="Keksitty valmennus", run_by=[made.city])


def post(client, name, *args, **changes):
    """The page's form as it is, but for the changes."""
    place = url(name, *args)
    return client.post(place, edited(client.get(place), **changes))


def verbs(person) -> list[str]:
    return list(AuditEvent.objects.filter(actor_id=person.user_id, verb__regex="programme|stage_parts").order_by("pk").values_list("verb", flat=True))


# Stages --------------------------------------------------------------------------------------------


def test_stage_is_given_to_another_part_with_history_and_audit(made, guide_client):
    answer = post(guide_client(made.lead), "partnership_stages", made.partnership, studying=["college", "te"])

    made.partnership.refresh_from_db()
    assert (answer.status_code, made.partnership.parts_of_stage(Stage.STUDYING)) == (302, (Part.COLLEGE, Part.TE))
    last = made.partnership.history.first()
    assert (last.stage_parts[Stage.STUDYING], last.prev_record.stage_parts[Stage.STUDYING], last.history_user) == (["college", "te"], ["college"], made.lead.user)
    assert AuditEvent.objects.filter(verb="partnership_stage_parts_edited").get().detail == {"stages": ["studying"]}


def test_two_who_change_the_stages_at_once_get_a_conflict(made, guide_client):
    client, place = guide_client(made.lead), url("partnership_stages", made.partnership)
    first, second = (edited(client.get(place)) for _turn in range(2))
    done = client.post(place, first | {"studying": ["te"]})
    same = client.post(place, second | {"studying": ["te"]})
    late = client.post(place, second | {"mapping": ["te"]})

    made.partnership.refresh_from_db()
    assert (done.status_code, same.status_code, late.status_code) == (302, 302, 409)
    assert (made.partnership.parts_of_stage(Stage.STUDYING), made.partnership.parts_of_stage(Stage.MAPPING)) == ((Part.TE,), (Part.EMPLOYMENT, Part.COLLEGE))


@pytest.mark.parametrize("wrong", [{"studying": []}, {"studying": ["nonsense"]}, {"studying": ["other"]}, {"seen": "x"}])
def test_stage_needs_a_part_of_the_partnership(made, guide_client, wrong):
    answer = post(guide_client(made.lead), "partnership_stages", made.partnership, **wrong)

    made.partnership.refresh_from_db()
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(wrong))
    assert made.partnership.parts_of_stage(Stage.STUDYING) == (Part.COLLEGE,)


@pytest.mark.parametrize("parts", [{}, {"studying": ["other"]}, {"studying": []}])
def test_stage_action_takes_no_stage_without_a_part_that_is_there(made, parts):
    stored = made.partnership.stage_parts
    with pytest.raises(ValidationError):
        edit_stage_parts(by=made.lead, partnership=made.partnership, seen=stored, stage_parts=(stored | parts) if parts else {})

    made.partnership.refresh_from_db()
    assert made.partnership.stage_parts == stored


def test_part_that_alone_answers_for_a_stage_is_not_removed(made):
    stored = made.partnership.stage_parts
    edit_stage_parts(by=made.lead, partnership=made.partnership, seen=stored, stage_parts=stored | {"job_search_support": ["te"]})

    with pytest.raises(ValidationError, match="answers for stages"):
        remove_part(by=made.lead, partnership=made.partnership, part=made.partnership.parts.get(part=Part.TE))


def test_stages_are_changed_by_nobody_but_the_partnerships_own_lead(made):
    stored = made.partnership.stage_parts
    for person in (made.anna, made.ossi, make_partnership().lead):
        with pytest.raises(ValidationError, match="lead or substitute"):
            edit_stage_parts(by=person, partnership=made.partnership, seen=stored, stage_parts=stored | {"studying": ["te"]})


# Programmes ----------------------------------------------------------------------------------------


def test_programme_is_added_edited_ended_and_offered_again_in_the_browser(made, guide_client):
    client, partnership = guide_client(made.lead), made.partnership
    added = post(client, "programme_add", partnership, name_fi="Keksitty valmennus", purpose_fi=" Tarkoitus. ", run_by=[made.college.pk])
    programme = Programme.objects.get()
    post(client, "programme_edit", partnership, programme.pk, for_whom_fi="Kaikille", run_by=[])
    post(client, "programme_end", partnership, programme.pk, ended_on="1.2.2026")
    ended = client.get(url("partnership_detail", partnership))
    client.post(url("programme_resume", partnership, programme.pk))

    assert added.status_code == 302
    assert [[one.pk for one in rows] for _title, rows in ended.context["sections"]] == [[programme.pk]]
    assert ended.context["sections"][0][1][0].ended_on.isoformat() == "2026-02-01"
    programme.refresh_from_db()
    assert (programme.kind, programme.purpose_fi, programme.for_whom_fi, programme.is_historical, programme.ended_on, list(programme.run_by.all())) == ("measure", "Tarkoitus.", "Kaikille", False, None, [])
    assert verbs(made.lead) == ["programme_added", "programme_edited", "programme_ended", "programme_resumed"]
    assert {(one.is_historical, one.for_whom_fi) for one in programme.history.all()} == {(False, ""), (False, "Kaikille"), (True, "Kaikille")}
    assert {tuple(row.organisation_id for row in one.run_by.all()) for one in programme.history.all()} == {(), (made.college.pk,)}


def test_programme_stands_where_it_belongs_and_says_whose_text_it_is(made, guide_client):
    for kind in reversed(ProgrammeKind.values):
        add_programme(by=made.lead, partnership=made.partnership, kind=kind, name_fi=f"Keksitty {kind}", run_by=[])
    Programme.objects.create(partnership=made.partnership, code="ladattu", kind=ProgrammeKind.REFORM, name_fi="Ladattu", position=9, source="lähde", quote="lause", loaded={"partnerships": {"name_fi": "Ladattu"}})

    page = guide_client(made.lead).get(url("partnership_detail", made.partnership))

    assert [[one.name_fi for one in rows] for _title, rows in page.context["sections"]] == [["Keksitty measure"], ["Keksitty framework"], ["Keksitty reform", "Ladattu"], ["Keksitty publication"]]
    assert {one.name_fi: one.is_own_text for one in Programme.objects.filter(kind=ProgrammeKind.REFORM)} == {"Keksitty reform": True, "Ladattu": False}


def test_adding_a_programme_twice_is_once_and_another_of_its_name_is_refused(made, measure, guide_client):
    again = add_programme(by=made.lead, partnership=made.partnership, kind=ProgrammeKind.MEASURE, name_fi="Keksitty valmennus", run_by=[made.city])
    answer = post(guide_client(made.lead), "programme_add", made.partnership, name_fi="Keksitty valmennus", purpose_fi="Muuta")

    assert again == measure
    assert (answer.status_code, list(answer.context["form"].errors), Programme.objects.count()) == (422, ["name_fi"], 1)


def test_two_who_edit_a_programme_at_once_get_a_conflict(made, measure, guide_client):
    client, place = guide_client(made.lead), url("programme_edit", made.partnership, measure.pk)
    first, second = (edited(client.get(place)) for _turn in range(2))
    done = client.post(place, first | {"purpose_fi": "Ensin"})
    late = client.post(place, second | {"purpose_fi": "Sitten"})
    owners = client.post(place, edited(client.get(place)) | {"run_by": [made.te.pk]})
    later = client.post(place, second | {"run_by": []})

    measure.refresh_from_db()
    assert (done.status_code, late.status_code, owners.status_code, later.status_code) == (302, 409, 302, 409)
    assert (measure.purpose_fi, list(measure.run_by.all())) == ("Ensin", [made.te])
    assert [[row.organisation_id for row in one.run_by.all()] for one in measure.history.all()[:2]] == [[made.te.pk], [made.city.pk]]


@pytest.mark.parametrize("wrong", [{"name_fi": " "}, {"kind": "nonsense"}, {"run_by": ["99999999999999999999"]}, {"run_by": ["x"]}, {"purpose_fi": "x" * 2001}, {"name_fi": "x" * 201}])
def test_programme_with_bad_input_says_so(made, guide_client, wrong):
    answer = post(guide_client(made.lead), "programme_add", made.partnership, **({"name_fi": "Keksitty"} | wrong))

    assert (answer.status_code, list(answer.context["form"].errors), Programme.objects.count()) == (422, list(wrong), 0)


def test_measure_in_use_is_ended_and_stays_with_who_has_it(made, measure, guide_client):
    item = take_item_in_hand(by=made.anna, item=make_item(make_pathway(made), made.anna), programme=measure)
    client = guide_client(made.lead)
    page = client.get(url("programme_end", made.partnership, measure.pk))
    with pytest.raises(ValidationError, match="stays one"):
        edit_programme(by=made.lead, programme=measure, seen={"kind": "measure", "name_fi": measure.name_fi, "run_by": [made.city.pk]} | TEXTS, kind=ProgrammeKind.REFORM, run_by=[made.city])
    post(client, "programme_end", made.partnership, measure.pk)

    assert page.context["clients"] == 1
    assert AssessmentItem.objects.get(pk=item.pk).programme == measure
    measure.refresh_from_db()
    assert (measure.is_historical, measure.ended_on) == (True, timezone.localdate())
    with pytest.raises(ValidationError, match="offers now"):
        take_item_in_hand(by=made.anna, item=make_item(make_pathway(made), made.anna), programme=measure)


def test_programme_does_not_end_on_a_day_to_come(made, measure, guide_client):
    answer = post(guide_client(made.lead), "programme_end", made.partnership, measure.pk, ended_on="1.1.2190")

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["ended_on"])


def test_ending_twice_keeps_the_first_day(made, measure):
    end_programme(by=made.lead, programme=measure, ended_on=timezone.localdate().replace(day=1))
    end_programme(by=made.lead, programme=measure, ended_on=timezone.localdate())

    measure.refresh_from_db()
    assert measure.ended_on == timezone.localdate().replace(day=1)


def test_programmes_are_changed_by_nobody_but_the_partnerships_own_lead(made, measure):
    seen = {"kind": "measure", "name_fi": measure.name_fi, "run_by": [made.city.pk]} | TEXTS
    for person in (made.anna, made.ossi, make_partnership().lead):
        for act in (
            lambda by: add_programme(by=by, partnership=made.partnership, kind=ProgrammeKind.REFORM, name_fi="Oma", run_by=[]),
            lambda by: edit_programme(by=by, programme=measure, seen=seen, name_fi="Oma", run_by=[]),
            lambda by: end_programme(by=by, programme=measure, ended_on=timezone.localdate()),
            lambda by: resume_programme(by=by, programme=measure),
        ):
            with pytest.raises(ValidationError, match="lead or substitute"):
                act(person)


def test_programme_of_another_partnership_is_a_missing_one(made, measure, guide_client):
    other = make_partnership()
    client = guide_client(other.lead)

    assert [client.get(url(name, other.partnership, measure.pk)).status_code for name in ("programme_edit", "programme_end")] == [404, 404]
    assert client.post(url("programme_resume", other.partnership, measure.pk)).status_code == 404


# Setting up ----------------------------------------------------------------------------------------


def test_setting_up_twice_is_once(db):
    lead = make_counsellor(make_organisation("Uusi alue", OrganisationKind.EMPLOYMENT_AUTHORITY), Role.PARTNERSHIP_LEAD)

    assert set_up_partnership(by=lead, name_fi="Uusi alue ") == set_up_partnership(by=lead, name_fi="Uusi alue")
    assert Partnership.objects.count() == 1


def test_page_of_a_new_partnership_lists_what_is_missing_with_links_and_whom_to_ask(guide_client, db):
    lead = with_factor(make_counsellor(make_organisation("Uusi alue", OrganisationKind.EMPLOYMENT_AUTHORITY), Role.PARTNERSHIP_LEAD))
    college_lead = make_counsellor(make_organisation("Uusi opisto"), Role.PARTNERSHIP_LEAD, "Demo Opistosta")
    partnership = set_up_partnership(by=lead, name_fi="Uusi alue")
    client = guide_client(lead)
    alone = client.get(url("partnership_detail", partnership))
    partnership.parts.create(organisation=college_lead.organisation, part=Part.COLLEGE, position=2)
    together = client.get(url("partnership_detail", partnership))
    theirs = guide_client(college_lead).get(url("partnership_detail", partnership))

    assert {task.condition.key: task.condition.is_met for task in alone.context["tasks"]} == {"college": False, "basis": False, "stages": True, "agreement": False, "dpia": False, "lead": False, "substitute": False}
    assert all(client.get(task.url).status_code == 200 for task in alone.context["tasks"])
    assert [(part.may_state, part.asked) for part in together.context["parts"]] == [(True, [lead.user.name]), (False, ["Demo Opistosta"])]
    assert theirs.context["tasks"] == []


def test_whose_basis_is_stated_meanwhile_conflicts(made, guide_client):
    own = made.partnership.parts.get(part=Part.EMPLOYMENT)
    client, place = guide_client(made.lead), url("partnership_part_edit", made.partnership, own.pk)
    first, second = (edited(client.get(place)) for _turn in range(2))

    answers = [client.post(place, data).status_code for data in (first | {"processing_statute": "yksi"}, second | {"processing_statute": "toinen"})]

    own.refresh_from_db()
    assert (answers, own.processing_statute, own.history.first().history_user) == ([302, 409], "yksi", made.lead.user)


def test_leads_named_meanwhile_conflict_and_an_open_partnership_keeps_its_substitute(made, guide_client):
    one, other = (with_factor(make_counsellor(made.city, Role.PARTNERSHIP_LEAD)) for _turn in range(2))
    client, place = guide_client(made.lead), url("partnership_lead", made.partnership)
    first, second = (edited(client.get(place)) for _turn in range(2))
    answers = [client.post(place, data).status_code for data in (first | {"substitute": one.pk}, second | {"substitute": other.pk})]
    emptied = post(client, "partnership_lead", made.partnership, substitute="")

    made.partnership.refresh_from_db()
    assert (answers, emptied.status_code, made.partnership.substitute) == ([302, 409], 422, one)
    assert list(emptied.context["form"].errors) == ["substitute"]


def test_first_client_is_offered_on_the_page_of_an_open_partnership_to_its_employment_service_only(made, guide_client):
    pages = [guide_client(person).get(url("partnership_detail", made.partnership)) for person in (made.lead, made.anna, made.ossi)]

    assert [page.context["may_enter"] for page in pages] == [True, True, False]
    assert reverse("guidance:client_add") in pages[0].content.decode()
