"""Cooperation models: who sees and writes them, their form, copying, two people at once, the history of status, reminders."""
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags

from accounts.models import OutboxMessage
from pilots.actions.cooperation import copy_model, edit_model, move_model, remind_of_models
from pilots.choices import Role
from pilots.models import CooperationModel, ModelPartner, ModelStatusPeriod, Organisation
from pilots.queries.changes import changes_between, model_history
from pilots.queries.cooperation import values_of, visible_models
from pilots.queries.waiting import waiting_for
from tests.pilots.factories import (
    make_area,
    make_contact,
    make_education_form,
    make_goal,
    make_member,
    make_membership,
    make_model,
    make_municipal_organisation,
    make_municipality,
    make_organisation,
    make_unit,
    make_user,
)


@pytest.fixture
def model(area):
    return make_model(area, name_fi="Yhteinen lukio", goals=(make_goal(1), make_goal(2)), partners=({"organisation": make_organisation("Demolan kuntayhtymä")},))


@pytest.fixture
def other(db):
    return make_membership(make_user(name="Toinen Koordinaattori"), role=Role.AREA_COORDINATOR, area=make_area("Toinen alue"))


@pytest.fixture
def moderator(db):
    return make_membership(role=Role.KUNTALIITTO_STAFF)


def sent(client, model=None) -> tuple[str, dict]:
    """The form's address and all of its fields as a browser would send them."""
    url = reverse("pilots:model_edit", args=[model.pk]) if model else reverse("pilots:model_add")
    whole = client.get(url).context["whole"]
    data: dict = {}
    for form in (whole.form, *(one for rows in whole.rows.values() for one in (rows.management_form, *rows.forms))):
        for field in form:
            value = field.value()
            if isinstance(value, list):
                data[field.html_name] = [getattr(one, "pk", one) for one in value]
            elif value is not None and value is not False:
                data[field.html_name] = "on" if value is True else value
    return url, data


# Rights ---------------------------------------------------------------------------------------


def test_drafts_are_for_those_who_keep_them(area, coordinator, other, moderator, client):
    draft = make_model(area, state="draft", published_at=None)
    of_no_area = make_model(make_organisation(), state="draft", published_at=None)

    assert [set(visible_models(one)) for one in (coordinator, moderator, other, None)] == [{draft}, {of_no_area}, set(), set()]
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_archived_model_is_read_and_not_listed(client, area):
    shown, archived = make_model(area), make_model(area, state="archived")

    assert client.get(archived.get_absolute_url()).status_code == 200
    assert client.get(reverse("pilots:model_list")).context["page_obj"].object_list == [shown]


def test_only_those_who_keep_a_model_write_it(model, coordinator, other, moderator):
    of_no_area = make_model(make_organisation())

    for person in (other, moderator, make_membership(role=Role.EDUCATION_OFFICER)):
        with pytest.raises(PermissionDenied):
            edit_model(by=person, model_id=model.pk, version=1, values=values_of(model))
    with pytest.raises(PermissionDenied):
        edit_model(by=coordinator, model_id=of_no_area.pk, version=1, values=values_of(of_no_area))
    assert edit_model(by=moderator, model_id=of_no_area.pk, version=1, values=values_of(of_no_area) | {"lessons_fi": "Uutta"})
    assert edit_model(by=coordinator, model_id=model.pk, version=1, values=values_of(model) | {"lessons_fi": "Uutta"})


# The database's rules -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        lambda model: CooperationModel.objects.filter(pk=model.pk).update(organisation=make_organisation()),
        lambda model: CooperationModel.objects.filter(pk=model.pk).update(area=None),
        lambda model: CooperationModel.objects.filter(pk=model.pk).update(published_at=None),
        lambda model: CooperationModel.objects.filter(pk=model.pk).update(cost=-1),
        lambda model: ModelStatusPeriod.objects.create(model=model, status="ended", starts_on=date(2022, 1, 1)),
        lambda model: ModelPartner.objects.create(model=model),
        lambda model: ModelPartner.objects.create(model=model, organisation=make_organisation(), outside="Joku"),
        lambda model: model.results.create(tag="quality", text_fi="Tulos", figure=1),
        lambda model: model.served_goals.create(goal=model.served_goals.first().goal),
    ],
)
def test_database_refuses(model, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong(model)


# The form -------------------------------------------------------------------------------------


def test_coordinator_writes_a_model_previews_and_publishes_it(client, coordinator, area):
    goal, form, municipality = make_goal(1), make_education_form(), make_municipality("Demola")
    unit = make_unit("Demolan opisto", owner=make_organisation(municipality=municipality))
    client.force_login(coordinator.user)
    url, data = sent(client)
    data |= {
        "name_fi": "Etälukio", "summary_fi": "Yhdessä.", "body_fi": "# Otsikko\n\n<script>alert(1)</script>", "status": "trial", "status_from": "1.8.2021",
        "education_forms": [form.pk], "goal_1_fi": "Kaikille", "cost": "12000",
        "partners-0-body": "demolan opisto", "partners-0-actions_fi": "Opettaa", "partners-0-euros": "5000",
        "partners-1-body": "Keksitty Oy", "partners-1-is_outside": "on",
        "results-0-tag": "quality", "results-0-text_fi": "Hyvä", "results-0-figure": "4.5", "results-0-measured_on": "1.5.2022", "links-0-url": "https://example.org/",
    }  # fmt: skip

    preview = client.post(url, data | {"preview": "1"})
    assert not CooperationModel.objects.exists()
    assert "<h3>Otsikko</h3>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in preview.content.decode()
    client.post(url, data)
    client.post(url, data)

    model = CooperationModel.objects.get()
    assert (model.area, model.state, model.cost, model.version) == (area, "draft", Decimal(12000), 1)
    assert [(row.name, row.unit, row.euros) for row in model.partners.all()] == [("Demolan opisto", unit, Decimal(5000)), ("Keksitty Oy", None, None)]
    assert [(row.goal, row.how_fi) for row in model.served_goals.all()] == [(goal, "Kaikille")]
    assert [(row.tag, row.figure, row.measured_on) for row in model.results.all()] == [("quality", Decimal("4.5"), date(2022, 5, 1))]
    assert [(row.status, row.starts_on, row.ends_on) for row in model.statuses.all()] == [("trial", date(2021, 8, 1), None)]
    assert "<h3>Otsikko</h3>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in client.get(model.get_absolute_url()).content.decode()
    assert list(client.get(model.get_absolute_url()).context["municipalities"]) == [municipality]
    client.post(reverse("pilots:model_move", args=[model.pk, "public"]))
    client.logout()
    assert client.get(model.get_absolute_url()).status_code == 200


def test_form_tells_everything_that_is_wrong_at_once(client, coordinator):
    make_organisation("Kaksonen", name_sv="A"), make_organisation("Kaksonen", name_sv="B")
    client.force_login(coordinator.user)
    url, data = sent(client)

    answer = client.post(url, data | {"summary_fi": "x", "status": "trial", "partners-0-body": "Eioleolemassa", "partners-1-body": "Kaksonen", "results-0-figure": "3", "municipalities": "Olematon"})

    wrong = {field for form in answer.context["whole"].wrong() for field in (f"{form.prefix}-{name}" if form.prefix else name for name in form.errors)}
    assert wrong == {"name_fi", "status_from", "municipalities", "partners-0-body", "partners-1-body", "results-0-tag", "results-0-text_fi", "results-0-measured_on"}
    assert not CooperationModel.objects.exists()


def test_more_rows_keep_what_was_written_and_save_nothing(client, coordinator):
    client.force_login(coordinator.user)
    url, data = sent(client)

    answer = client.post(url, data | {"name_fi": "Kesken", "partners-0-actions_fi": "Tekee", "more": "partners"})

    whole = answer.context["whole"]
    assert (len(whole.rows["partners"].forms), len(whole.rows["results"].forms), whole.wrong()) == (4, 1, [])
    assert "Kesken" in answer.content.decode()
    assert not CooperationModel.objects.exists()


def test_emptied_row_is_taken_off_and_unchanged_form_saves_nothing(client, coordinator, model):
    client.force_login(coordinator.user)
    url, data = sent(client, model)
    client.post(url, data)
    model.refresh_from_db()
    assert model.version == 1

    client.post(url, data | {"partners-0-body": "", "partners-0-actions_fi": ""})

    model.refresh_from_db()
    assert (model.version, model.partners.count()) == (2, 0)


def test_contact_person_is_one_of_the_owners_own(model, coordinator):
    stranger = make_contact(make_area())

    with pytest.raises(ValidationError) as refusal:
        edit_model(by=coordinator, model_id=model.pk, version=1, values=values_of(model) | {"contact": stranger})

    assert list(refusal.value.error_dict) == ["contact"]


# Two people at once ---------------------------------------------------------------------------


def test_second_editor_gets_both_versions_and_nothing_is_lost(client, coordinator, model):
    client.force_login(coordinator.user)
    url, data = sent(client, model)
    theirs = values_of(model) | {"lessons_fi": "Toisen oppi", "body_fi": "Toisen teksti", "links": [{"title": "Toisen", "url": "https://example.org/t"}]}
    edit_model(by=coordinator, model_id=model.pk, version=1, values=theirs)

    mine = data | {"body_fi": "Oma teksti", "partners-1-body": "Keksitty Oy", "partners-1-is_outside": "on"}
    answer = client.post(url, mine)

    assert answer.status_code == 409
    assert CooperationModel.objects.get().body_fi == "Toisen teksti"
    sides = {(side.before, side.after) for side in answer.context["conflict"]["sides"]}
    assert ("Toisen teksti", "Oma teksti") in sides
    # What the other one alone changed has no second version.
    assert not [side for side in sides if "Toisen oppi" in side[0] or "example.org" in side[0]]
    assert answer.context["conflict"]["untouched"] == ["lessons_fi", "links"]
    # The form that came back, sent as it is, keeps mine and what only the other one had changed.
    whole = answer.context["whole"]
    again = {field.html_name: field.value() for form in (whole.form, *(one for rows in whole.rows.values() for one in (rows.management_form, *rows.forms))) for field in form}
    assert client.post(url, {name: value for name, value in again.items() if value is not None and value is not False}).status_code == 302
    model.refresh_from_db()
    assert (model.body_fi, model.lessons_fi, model.version) == ("Oma teksti", "Toisen oppi", 3)
    assert [row.name for row in model.partners.all()] == ["Demolan kuntayhtymä", "Keksitty Oy"]
    assert [row.title for row in model.links.all()] == ["Toisen"]
    assert model.served_goals.count() == 2


# Status, publication, history -----------------------------------------------------------------


def test_status_keeps_its_history_and_one_open(model, coordinator):
    def save(status, day):
        current = CooperationModel.objects.get(pk=model.pk)
        return edit_model(by=coordinator, model_id=model.pk, version=current.version, values=values_of(current) | {"status": {"status": status, "starts_on": day}})

    save("ended", date(2023, 1, 1))
    save("ended", date(2022, 6, 1))

    assert [(row.status, row.starts_on, row.ends_on) for row in model.statuses.all()] == [("in_use", date(2021, 1, 1), date(2022, 6, 1)), ("ended", date(2022, 6, 1), None)]
    for status, day in (("trial", date(2022, 6, 1)), ("ended", date(2021, 1, 1))):
        with pytest.raises(ValidationError) as refusal:
            save(status, day)
        assert list(refusal.value.error_dict) == ["status_from"]


def test_model_without_status_is_not_published(area, coordinator):
    draft = make_model(area, state="draft", published_at=None, status="")

    with pytest.raises(ValidationError):
        move_model(by=coordinator, model_id=draft.pk, state="public")
    edit_model(by=coordinator, model_id=draft.pk, version=1, values=values_of(draft) | {"status": {"status": "idea", "starts_on": date(2021, 1, 1)}})
    public = move_model(by=coordinator, model_id=draft.pk, state="public")

    assert (public.state, public.check_by) == ("public", timezone.localdate() + timedelta(days=365))
    with pytest.raises(ValidationError):
        move_model(by=coordinator, model_id=draft.pk, state="draft")


def test_history_tells_what_changed_in_words_and_names_people_to_members_only(model, coordinator, client):
    long = " ".join(f"sana{number}" for number in range(40))
    edit_model(by=coordinator, model_id=model.pk, version=1, values=values_of(model) | {"body_fi": long})
    partners = [*values_of(model)["partners"], {"organisation": None, "unit": None, "outside": "Keksitty Oy", "actions_fi": "Ajaa", "actions_sv": "", "euros": Decimal(100), "contribution_fi": "", "contribution_sv": ""}]
    edit_model(by=coordinator, model_id=model.pk, version=2, values=values_of(CooperationModel.objects.get()) | {"body_fi": long.replace("sana20", "muu"), "partners": partners})

    newest, older = model_history(model, with_people=True)[:2]
    text, added = newest.changes
    assert (text.before.startswith("… "), "sana20" in text.before, "muu" in text.after, "sana1 " in text.after) == (True, True, True, False)
    assert (added.before, added.after.startswith("Keksitty Oy · Ajaa · 100 ")) == ("", True)
    assert (newest.person, older.person) == (coordinator.user.name, coordinator.user.name)
    assert coordinator.user.name not in client.get(reverse("pilots:model_history", args=[model.pk])).content.decode()


# Copying --------------------------------------------------------------------------------------


def test_copy_keeps_its_origin_shows_what_differs_and_its_keepers_are_told(client, model, coordinator, other):
    CooperationModel.objects.filter(pk=model.pk).update(cost=Decimal(5), contact=make_contact(model.area))
    model.refresh_from_db()
    copied = copy_model(by=other, model=model)

    assert (copied.area, copied.copied_from, copied.state, copied.cost, copied.contact) == (other.area, model, "draft", None, None)
    assert copy_model(by=other, model=model) == copied
    assert [(mail.kind, mail.to_email) for mail in OutboxMessage.objects.all()] == [("model_copied", coordinator.user.email)]
    edit_model(by=other, model_id=copied.pk, version=1, values=values_of(copied) | {"name_fi": "Oma lukio", "goals": []})
    model.refresh_from_db()
    changes = {(change.before, change.after) for change in changes_between(model, CooperationModel.objects.get(pk=copied.pk), whole=True)}
    assert ("Yhteinen lukio", "Oma lukio") in changes
    client.force_login(other.user)
    shown = client.get(reverse("pilots:model_differences", args=[copied.pk])).content.decode()
    assert "Demolan kuntayhtymä" not in shown  # a partner of both
    assert "Näin 2" in shown


def test_differences_name_who_keeps_which_and_leave_out_what_is_each_ones_own(client, model, other):
    CooperationModel.objects.filter(pk=model.pk).update(cost=Decimal(5000), check_by=date(2027, 3, 12))
    model.refresh_from_db()
    copied = copy_model(by=other, model=model)
    client.force_login(other.user)
    url = f"/en/models/{copied.pk}/differences/"

    answer = client.get(url)
    edit_model(by=other, model_id=copied.pk, version=1, values=values_of(copied) | {"name_fi": "Oma lukio", "status": {"status": "idea", "starts_on": date(2026, 1, 1)}})
    differing = client.get(url)

    assert answer.context["changes"] == []
    assert [(change.before, change.after) for change in differing.context["changes"]] == [("Yhteinen lukio", "Oma lukio")]
    shown = strip_tags(differing.content.decode())
    assert (f"The origin: {model.area.name}" in shown, f"The copy: {other.area.name}" in shown) == (True, True)


def test_history_shows_numbers_as_the_page_does(model, coordinator):
    edit_model(by=coordinator, model_id=model.pk, version=model.version, values=values_of(model) | {"cost": Decimal("21083.00")})

    with translation.override("fi"):
        newest = model_history(CooperationModel.objects.get(pk=model.pk), with_people=False)[0]

    assert [change.after for change in newest.changes] == ["21\xa0083"]


def test_model_whose_partner_has_ended_can_still_be_saved(client, model, coordinator):
    gone = make_organisation("Lakannut kunta")
    ModelPartner.objects.create(model=model, organisation=gone, position=9)
    Organisation.objects.filter(pk=gone.pk).update(ended_on=date(2021, 1, 1))
    client.force_login(coordinator.user)
    url, data = sent(client, model)

    client.post(url, data | {"summary_fi": "Uusi virke."})
    model.refresh_from_db()
    wrong = client.post(url, data | {"version": model.version, "partners-0-body": "Lakan"}).context["whole"]

    assert model.summary_fi == "Uusi virke."
    assert model.partners.filter(organisation=gone).exists()
    assert "Lakan" in wrong.rows["partners"].forms[0].errors["body"][0]


def test_form_opens_the_parts_in_which_something_is_wrong(client, model, coordinator):
    client.force_login(coordinator.user)
    url, data = sent(client, model)

    begun = client.get(url).context["open_parts"]
    wrong = client.post(url, data | {"cost": "paljon", "links-0-title": "Otsikko ilman osoitetta", "goal_1_fi": "x" * 3000}).context["open_parts"]
    more = client.post(url, data | {"more": "results"}).context["open_parts"]

    assert (begun - {None}, wrong - {None}, more) == (set(), {"cost", "links", "goals"}, {"results"})


def test_copy_of_a_draft_or_by_others_is_refused(model, moderator, coordinator):
    with pytest.raises(PermissionDenied):
        copy_model(by=moderator, model=model)
    with pytest.raises(PermissionDenied):
        copy_model(by=coordinator, model=make_model(make_area(), state="draft", published_at=None))


# Upkeep ---------------------------------------------------------------------------------------


def test_day_of_checking_that_has_passed_is_shown_and_told_once(client, area, coordinator, moderator, other):
    now = timezone.now()
    yesterday = timezone.localdate() - timedelta(days=1)
    late, of_no_area = make_model(area, check_by=yesterday), make_model(make_organisation(), check_by=yesterday)
    make_model(area, check_by=timezone.localdate()), make_model(area, check_by=yesterday, state="archived")

    assert remind_of_models(now) == 2
    assert remind_of_models(now) == 0

    assert sorted(OutboxMessage.objects.values_list("kind", "to_email")) == sorted([("model_stale", coordinator.user.email), ("model_stale", moderator.user.email)])
    assert [thing.count for thing in waiting_for(coordinator) + waiting_for(moderator)] == [1, 1]
    assert waiting_for(other) == []
    client.force_login(coordinator.user)
    client.post(reverse("pilots:model_confirm", args=[late.pk]))
    assert waiting_for(coordinator) == []
    late.refresh_from_db()
    assert not late.is_stale
    CooperationModel.objects.filter(pk=of_no_area.pk).update(check_by=yesterday - timedelta(days=1))
    assert remind_of_models(now) == 1


# List and goals -------------------------------------------------------------------------------


def test_list_is_narrowed_by_goal_status_form_area_and_words_in_any_form(client, model):
    form = make_education_form()
    model.education_forms.add(form)
    make_model(make_area(), status="idea", name_fi="Muu")

    for query in ("goal=2", "status=in_use", f"form={form.code}", f"area={model.area.slug}", "q=lukion", "q=lukioita"):
        assert client.get(f"{reverse('pilots:model_list')}?{query}").context["page_obj"].object_list == [model], query
    assert client.get(f"{reverse('pilots:model_list')}?goal=1&status=idea").context["page_obj"].object_list == []


def test_goals_side_by_side_as_they_are_and_were(client, model):
    other = make_model(model.area, status="trial", since=date(2022, 3, 1), goals=(model.served_goals.first().goal,))
    make_model(model.area, state="draft", published_at=None, goals=(model.served_goals.first().goal,))

    def cells(query):
        row = next(row for row in client.get(f"{reverse('pilots:goal_table')}{query}").context["rows"] if row.area == model.area)
        return [[count for _words, count in cell.statuses] for cell in row.cells]

    assert cells("") == [[1, 1], [1]]
    assert cells("?year=2021") == [[1], [1]]
    years = {year: [count for _label, count in counts] for year, counts in client.get(reverse("pilots:goal_detail", args=[1])).context["years"]}
    assert (years[2021], years[2022]) == ([0, 0, 1, 0], [0, 1, 1, 0])
    page = client.get(model.area.get_absolute_url())
    assert [(progress.goal.number, progress.total, {one.pk for one in progress.models}) for progress in page.context["goals"]] == [(1, 2, {model.pk, other.pk}), (2, 1, {model.pk})]


def test_borders_are_the_partners_own_unless_they_are_stated(client, area):
    one, two, stated = (make_municipality(name) for name in ("Alavus", "Kuopio", "Soini"))
    model = make_model(area, partners=({"organisation": make_municipal_organisation(one)}, {"unit": make_unit(owner=make_organisation(municipality=two))}))
    make_member(area)

    derived = client.get(model.get_absolute_url()).context
    model.municipalities.add(stated)
    said = client.get(model.get_absolute_url()).context

    assert (derived["municipalities"], derived["municipalities_stated"]) == ([one, two], False)
    assert (said["municipalities"], said["municipalities_stated"]) == ([stated], True)


@pytest.mark.parametrize("path", ["pilots:model_list", "pilots:goal_table"])
def test_queries_stay_the_same_however_many_models(client, area, django_assert_max_num_queries, path):
    goals = (make_goal(1), make_goal(2))
    for _turn in range(4):
        make_model(area, goals=goals)
    client.get(reverse(path))

    with django_assert_max_num_queries(12):
        client.get(reverse(path))


def test_model_that_serves_several_goals_stands_once_on_the_page_of_each(client, db):
    goals = (make_goal(1), make_goal(2))
    model = make_model(goals=goals)

    page = client.get(reverse("pilots:goal_detail", args=[1])).context["page_obj"]

    assert (list(page), page.paginator.count) == ([model], 1)
