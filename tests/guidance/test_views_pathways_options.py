"""Assessment, education options, learning at workplaces and work."""
import re
import uuid

import pytest
from django.urls import reverse

from guidance.choices import BenefitDecision, OptionState, ProgrammeKind
from guidance.models import AssessmentItem, EducationOption, Pathway, Programme
from pilots.forms.days import written
from tests.guidance.factories import days_from_now, make_item, make_option, make_pathway, new_client
from tests.guidance.web import counted, sign_in, told


def url(name: str, pathway: Pathway, *more) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym, *more])


@pytest.fixture
def anna(made):
    return sign_in(made.anna)


@pytest.fixture
def measure(made):
    return Programme.objects.create(partnership=made.partnership, code="keksitty", kind=ProgrammeKind.MEASURE, name_fi="Keksitty valmennus", source="made for tests")


# Assessment ------------------------------------------------------------------------------------


def test_assessment_add_ticks_several_and_twice_is_once(anna, pathway):
    form = {"need": ["guidance", "finances"], "obstacle": ["care"]}

    answers = [anna.post(url("assessment_add", pathway), form).status_code for _turn in range(2)]

    assert answers[0] == 302
    assert sorted(AssessmentItem.objects.values_list("kind", "code")) == [("need", "finances"), ("need", "guidance"), ("obstacle", "care")]


@pytest.mark.parametrize("form", [{}, {"need": ["made-up"]}, {"need": ["care"]}, {"obstacle": ["\x00"]}])
def test_assessment_add_bad_input_writes_nothing(anna, pathway, form):
    answer = anna.post(url("assessment_add", pathway), form)

    assert answer.status_code == 422
    assert AssessmentItem.objects.count() == 0


def test_assessment_item_goes_in_hand_by_a_measure_then_resolved(made, anna, pathway, measure):
    item = make_item(pathway, made.anna)

    without = anna.post(url("assessment_change", pathway, item.pk), {"state": "in_hand", "programme": ""})
    in_hand = anna.post(url("assessment_change", pathway, item.pk), {"state": "in_hand", "programme": measure.pk})
    page = anna.get(pathway.get_absolute_url()).content.decode()
    resolved = anna.post(url("assessment_change", pathway, item.pk), {"state": "resolved", "programme": ""})

    assert [answer.status_code for answer in (without, in_hand, resolved)] == [422, 302, 302]
    assert list(without.context["form"].errors) == ["programme"]
    assert "Keksitty valmennus" in page
    assert AssessmentItem.objects.get().state == "resolved"


def test_assessment_offers_only_measures_of_today(anna, made, pathway, measure):
    Programme.objects.create(partnership=made.partnership, code="vanha", kind=ProgrammeKind.MEASURE, is_historical=True, name_fi="Vanha", source="made for tests")
    Programme.objects.create(partnership=made.partnership, code="uudistus", kind=ProgrammeKind.REFORM, name_fi="Uudistus", source="made for tests")
    item = make_item(pathway, made.anna)

    form = anna.get(url("assessment_change", pathway, item.pk)).context["form"]

    assert list(form.fields["programme"].queryset) == [measure]


# Options ---------------------------------------------------------------------------------------


def option_form(**changes) -> dict:
    return {"token": str(uuid.uuid4()), "seen_at": "", "kind": "qualification", "title": "Lähihoitaja", "benefit_decision": "not_asked"} | changes


def test_option_add_keeps_what_it_is_compared_by_and_twice_is_once(made, anna, pathway):
    form = option_form(provider=made.college.pk, decides="Opisto", next_start_on="3.2.2027", cost_euros="1 120,50", distance_km="12", code_uri="https://example.org/koodi/1", code_version="2")

    answers = [anna.post(url("option_add", pathway), form).status_code for _turn in range(2)]

    option = EducationOption.objects.get()
    assert answers == [302, 302]
    assert (option.state, option.provider_id, str(option.cost_euros), option.distance_km, option.code_version) == ("considered", made.college.pk, "1120.50", 12, "2")


@pytest.mark.parametrize(
    "field,value",
    [
        *(("title", text) for text in ("", "x" * 201, "a\x00")),
        *(("cost_euros", text) for text in ("paljon", "-1", "1e99", "NaN", "99999999999")),
        *(("next_start_on", text) for text in ("keväällä", "1.1.0001")),
        *(("code_uri", text) for text in ("javascript:alert(1)", "ei osoite")),
        ("distance_km", "99999999999999999999"),
        ("kind", "made-up"),
        ("provider", "99999999999999999999"),
    ],
)
def test_option_add_bad_input_names_the_field_and_writes_nothing(anna, pathway, field, value):
    answer = anna.post(url("option_add", pathway), option_form(**{field: value}))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert EducationOption.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_options_are_compared_side_by_side_in_the_same_number_of_queries(made, anna, pathway, count):
    for turn in range(count):
        option = make_option(pathway, made.anna, decides=f"Päättäjä {turn}")
        EducationOption.objects.filter(pk=option.pk).update(provider=made.college)

    with counted() as statements:
        page = anna.get(url("option_compare", pathway)).content.decode()

    assert [f"Päättäjä {turn}" in page for turn in range(3)] == [turn < count for turn in range(3)]
    assert len(statements) == 10, told(statements)


def test_option_is_chosen_applied_and_not_admitted_opens_a_step(made, anna, pathway):
    option = make_option(pathway, made.anna)

    anna.post(url("option_move", pathway, option.pk), {"target": "chosen"})
    half = anna.post(url("option_move", pathway, option.pk), {"target": "applied", "applied_to": "Opisto", "applied_on": ""})
    anna.post(url("option_move", pathway, option.pk), {"target": "applied", "applied_to": "Opisto", "applied_on": "3.2.2026"})
    answer = anna.post(url("option_move", pathway, option.pk), {"target": "not_admitted"})

    option.refresh_from_db()
    assert half.status_code == 422
    assert list(half.context["form"].errors) == ["applied_on"]
    assert (option.state, written(option.applied_on)) == (OptionState.NOT_ADMITTED, "3.2.2026")
    assert answer["Location"] == pathway.get_absolute_url()
    assert pathway.next_steps.open().count() == 2


@pytest.mark.parametrize("target", ["completed", "made-up", "", "\x00"])
def test_option_move_that_the_table_does_not_have_changes_nothing(made, anna, pathway, target):
    option = make_option(pathway, made.anna)

    answer = anna.post(url("option_move", pathway, option.pk), {"target": target}, follow=True)

    option.refresh_from_db()
    assert option.state == OptionState.CONSIDERED
    assert len(list(answer.context["messages"])) == 1


def test_option_change_on_an_old_state_is_a_conflict(made, anna, pathway):
    option = make_option(pathway, made.anna)
    page = anna.get(url("option_change", pathway, option.pk)).content.decode()
    seen_at = re.search(r'name="seen_at" value="([^"]+)"', page)[1]

    first = anna.post(url("option_change", pathway, option.pk), option_form(seen_at=seen_at, decides="Ensimmäinen"))
    second = sign_in(made.city_people[1]).post(url("option_change", pathway, option.pk), option_form(seen_at=seen_at, decides="Toinen"))

    option.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 409)
    assert option.decides == "Ensimmäinen"


def test_option_with_a_start_and_no_decision_is_red_until_decided(made, anna, pathway):
    option = make_option(pathway, made.anna, OptionState.ADMITTED, starts_on=days_from_now(9))

    red = anna.get(pathway.get_absolute_url()).context["page"].attention
    anna.post(url("option_change", pathway, option.pk), option_form(starts_on=written(days_from_now(9)), benefit_decision=BenefitDecision.MADE))
    calm = anna.get(pathway.get_absolute_url()).context["page"].attention

    assert [thing.url for thing in red] == [url("option_change", pathway, option.pk)]
    assert calm == []


def test_option_of_a_protected_client_keeps_what_may_not_be_seen(made, anna):
    pathway = make_pathway(made, by=made.city_people[1], client=new_client(is_protected=True))
    option = make_option(pathway, made.anna, provider_outside="Salattu opisto", distance_km=77)

    page = anna.get(url("option_change", pathway, option.pk)).content.decode()
    compared = anna.get(url("option_compare", pathway)).content.decode()
    anna.post(url("option_change", pathway, option.pk), option_form(provider_outside="Arvaus"))

    option.refresh_from_db()
    assert ("Salattu opisto" in page, "Salattu opisto" in compared) == (False, False)
    assert (option.title, option.provider_outside, option.distance_km) == ("Lähihoitaja", "Salattu opisto", 77)


# Work ------------------------------------------------------------------------------------------


def test_workplace_period_belongs_to_started_studies_and_twice_is_once(made, anna, pathway):
    option = make_option(pathway, made.anna, OptionState.STARTED)
    other = make_option(pathway, made.anna)
    form = {"token": str(uuid.uuid4()), "option": option.pk, "employer": "Keksitty työnantaja", "starts_on": "3.2.2026"}

    refused = anna.post(url("workplace_add", pathway), form | {"option": other.pk})
    answers = [anna.post(url("workplace_add", pathway), form).status_code for _turn in range(2)]

    assert refused.status_code == 422
    assert answers == [302, 302]
    assert pathway.workplace_periods.get().employer == "Keksitty työnantaja"


def test_work_period_ends_later_and_never_before_its_start(anna, pathway):
    anna.post(url("work_add", pathway), {"token": str(uuid.uuid4()), "employer": "", "starts_on": "3.2.2026", "ends_on": ""})
    period = pathway.work_periods.get()

    early = anna.post(url("work_end", pathway, period.pk), {"ends_on": "2.2.2026"})
    late = anna.post(url("work_end", pathway, period.pk), {"ends_on": "4.2.2026"})

    period.refresh_from_db()
    assert (early.status_code, late.status_code) == (422, 302)
    assert written(period.ends_on) == "4.2.2026"


# The next state, from the pathway's page --------------------------------------------------------


def test_row_of_an_option_has_its_next_states(made, anna, pathway):
    option = make_option(pathway, made.anna, OptionState.CHOSEN)
    move = url("option_move", pathway, option.pk)

    page = anna.get(pathway.get_absolute_url()).content.decode()
    answer = anna.post(move, {"target": "considered"})

    assert f'href="{move}?target=applied"' in page
    assert f'action="{move}"' in page
    assert 'value="considered"' in page
    option.refresh_from_db()
    assert (answer["Location"], option.state) == (pathway.get_absolute_url(), OptionState.CONSIDERED)


def test_row_of_an_option_that_is_completed_has_none(made, anna, pathway):
    option = make_option(pathway, made.anna, OptionState.COMPLETED)

    assert url("option_move", pathway, option.pk) not in anna.get(pathway.get_absolute_url()).content.decode()
