from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from guidance.actions.assessment import add_item, put_item_back, resolve_item, take_item_in_hand
from guidance.actions.options import add_option, add_work_period, add_workplace_period, change_option_state, edit_option, end_period
from guidance.choices import ASSESSMENT_CODES, OPTION_MOVES, AssessmentCode, AssessmentKind, BenefitDecision, ItemState, OptionKind, OptionState
from guidance.models import AssessmentItem, EducationOption, Event, Programme
from services.conflicts import Conflict
from tests.guidance.factories import days_from_now, make_item, make_option, make_shared_pathway, open_steps


def added(made, pathway, **fields):
    return add_option(pathway=pathway, **({"by": made.anna, "kind": OptionKind.QUALIFICATION, "title": "Keksitty tutkinto"} | fields))


@pytest.mark.parametrize("kind", OptionKind.values)
def test_add_every_kind(made, pathway, kind):
    option = added(made, pathway, kind=kind, cost_euros=Decimal("12.50"), distance_km=30)

    assert (option.kind, option.state, option.added_by) == (kind, OptionState.CONSIDERED, made.anna)


@pytest.mark.parametrize("fields", [{"kind": "nonsense"}, {"title": " "}, {"title": "x" * 201}, {"by": "ossi"}, {"state": "started"}, {"code_uri": "not an address"}, {"starts_on": date(2026, 5, 1), "ended_on": date(2026, 4, 1)}])
def test_add_refuses(made, pathway, fields):
    fields = {name: made.ossi if value == "ossi" else value for name, value in fields.items()}

    with pytest.raises(ValidationError):
        added(made, pathway, **fields)

    assert not EducationOption.objects.exists()


@pytest.mark.parametrize("source, target", [(source, target) for source in OptionState.values for target in OptionState.values if source != target])
def test_every_change_of_state(made, pathway, source, target, nobody_lost):
    option = make_option(pathway, made.anna, source)
    steps = len(open_steps(pathway))

    if target in OPTION_MOVES[source]:
        change_option_state(by=made.anna, option=option, state=target, starts_on=date(2026, 1, 1))
        option.refresh_from_db()
        assert option.state == target
        assert Event.objects.filter(pathway=pathway, kind="option", detail__to=target).count() == 1
        assert len(open_steps(pathway)) == steps + (target == OptionState.NOT_ADMITTED)
    else:
        with pytest.raises(ValidationError, match="cannot become"):
            change_option_state(by=made.anna, option=option, state=target, starts_on=date(2026, 1, 1))
    nobody_lost()


def test_not_admitted_opens_a_step_for_the_lead(made):
    pathway = make_shared_pathway(made)
    option = make_option(pathway, made.anna, OptionState.APPLIED)

    change_option_state(by=made.anna, option=option, state=OptionState.NOT_ADMITTED)

    assert [(step.responsible, step.due_on) for step in open_steps(pathway)][-1] == (made.ossi, days_from_now(7))


@pytest.mark.parametrize("starts_on, message", [(None, "day on which"), (days_from_now(3), "start later")])
def test_start_needs_its_day(made, pathway, starts_on, message):
    option = make_option(pathway, made.anna, OptionState.ADMITTED)

    with pytest.raises(ValidationError, match=message):
        change_option_state(by=made.anna, option=option, state=OptionState.STARTED, starts_on=starts_on)


def test_old_pages_conflict(made, pathway):
    option = make_option(pathway, made.anna)
    seen_at, seen_state = option.changed_at, option.state
    change_option_state(by=made.anna, option=option, state=OptionState.CHOSEN)

    with pytest.raises(Conflict):
        edit_option(by=made.anna, option=option, seen_at=seen_at, title="Toinen")
    with pytest.raises(Conflict):
        change_option_state(by=made.anna, option=option, state=OptionState.DROPPED, expected=seen_state)
    assert edit_option(by=made.anna, option=option, title="Toinen").title == "Toinen"


@pytest.mark.parametrize(
    "state, starts_on, decision, is_red",
    [
        (OptionState.ADMITTED, date(2026, 1, 1), BenefitDecision.PENDING, True),
        (OptionState.ADMITTED, date(2026, 1, 1), BenefitDecision.NOT_ASKED, True),
        (OptionState.STARTED, date(2026, 1, 1), BenefitDecision.PENDING, True),
        (OptionState.ADMITTED, date(2026, 1, 1), BenefitDecision.MADE, False),
        (OptionState.ADMITTED, date(2026, 1, 1), BenefitDecision.NOT_NEEDED, False),
        (OptionState.ADMITTED, None, BenefitDecision.PENDING, False),
        (OptionState.COMPLETED, date(2026, 1, 1), BenefitDecision.PENDING, False),
        (OptionState.DROPPED, date(2026, 1, 1), BenefitDecision.PENDING, False),
    ],
)
def test_red_item(made, pathway, state, starts_on, decision, is_red):
    option = make_option(pathway, made.anna, state, starts_on=starts_on, benefit_decision=decision)

    assert option.starts_undecided is is_red
    assert EducationOption.objects.starting_undecided().filter(pk=option.pk).exists() is is_red


def test_workplace_period_of_started_studies_only(made, pathway):
    started, considered = make_option(pathway, made.anna, OptionState.STARTED), make_option(pathway, made.anna)

    period = add_workplace_period(by=made.anna, pathway=pathway, option=started, employer="Keksitty työnantaja", starts_on=date(2026, 2, 1))
    end_period(by=made.anna, period=period, ends_on=date(2026, 3, 1))

    period.refresh_from_db()
    assert period.ends_on == date(2026, 3, 1)
    for wrong in ({"option": considered}, {"ends_on": date(2026, 1, 1)}, {"employer": " "}, {"by": made.ossi}):
        with pytest.raises(ValidationError):
            add_workplace_period(**({"by": made.anna, "pathway": pathway, "option": started, "employer": "Keksitty", "starts_on": date(2026, 2, 1)} | wrong))
    with pytest.raises(ValidationError):
        end_period(by=made.anna, period=period, ends_on=date(2026, 1, 1))


def test_work_beside_studies(made, pathway):
    period = add_work_period(by=made.anna, pathway=pathway, starts_on=date(2026, 2, 1))

    assert end_period(by=made.anna, period=period, ends_on=date(2026, 2, 1)).ends_on == date(2026, 2, 1)
    with pytest.raises(ValidationError):
        add_work_period(by=made.anna, pathway=pathway, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))


# Assessment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind, code", [(kind, code) for kind, codes in ASSESSMENT_CODES.items() for code in codes])
def test_item_noted_in_hand_resolved_and_noted_anew(made, pathway, kind, code):
    measure = Programme.objects.create(partnership=made.partnership, code="keksitty", name_fi="Keksitty", source="made for tests", kind="measure")
    item = add_item(by=made.anna, pathway=pathway, kind=kind, code=code)
    assert add_item(by=made.anna, pathway=pathway, kind=kind, code=code) == item

    assert take_item_in_hand(by=made.anna, item=item, programme=measure).state == ItemState.IN_HAND
    assert put_item_back(by=made.anna, item=item).programme is None
    assert resolve_item(by=made.anna, item=item).state == ItemState.RESOLVED
    assert resolve_item(by=made.anna, item=item).resolved_at <= timezone.now()

    assert add_item(by=made.anna, pathway=pathway, kind=kind, code=code) != item
    with pytest.raises(ValidationError, match="resolved"):
        take_item_in_hand(by=made.anna, item=item, programme=measure)
    with pytest.raises(ValidationError, match="resolved"):
        put_item_back(by=made.anna, item=item)


@pytest.mark.parametrize("kind, code", [(AssessmentKind.NEED, AssessmentCode.DIGITAL), (AssessmentKind.OBSTACLE, AssessmentCode.GUIDANCE), ("nonsense", AssessmentCode.GUIDANCE), (AssessmentKind.NEED, "nonsense")])
def test_item_of_another_kind_is_refused(made, pathway, kind, code):
    with pytest.raises(ValidationError):
        add_item(by=made.anna, pathway=pathway, kind=kind, code=code)
    assert not AssessmentItem.objects.exists()


@pytest.mark.parametrize("programme", [{"kind": "framework"}, {"kind": "measure", "is_historical": True}])
def test_only_a_measure_takes_care(made, pathway, programme):
    item = make_item(pathway, made.anna)
    wrong = Programme.objects.create(partnership=made.partnership, code="keksitty", name_fi="Keksitty", source="made for tests", **programme)

    for one in (wrong, None):
        with pytest.raises(ValidationError):
            take_item_in_hand(by=made.anna, item=item, programme=one)


def test_items_only_by_who_takes_part(made, pathway):
    item = make_item(pathway, made.anna)

    for call in (lambda: add_item(by=made.ossi, pathway=pathway, kind="need", code="guidance"), lambda: resolve_item(by=made.ossi, item=item)):
        with pytest.raises(ValidationError, match="does not take part"):
            call()
