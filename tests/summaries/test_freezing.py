"""Figures of a month are kept as they were."""
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.utils import translation

from pilots.models import CooperationModel
from summaries.actions.freezing import freeze_ended_month, freeze_month, last_ended
from summaries.choices import Part, ScopeKind
from summaries.models import SummarySnapshot
from summaries.queries.figures import NETWORK
from summaries.queries.summary import of_area, of_municipality, read_summary, trend_of
from summaries.views.places import EVERY_PART
from tests.pilots.factories import make_model
from tests.summaries.figured import make_figured_network

pytestmark = pytest.mark.django_db

MARCH, APRIL = date(2027, 3, 1), date(2027, 4, 1)
IN_APRIL, IN_MAY = date(2027, 4, 3), date(2027, 5, 2)


@pytest.fixture
def made():
    return make_figured_network()


def test_month_is_frozen_with_every_figure_and_is_the_same_in_december(made):
    today = read_summary(EVERY_PART, None)
    state = [figure for figure in today.figures if figure.part != Part.USE]
    before = {(figure.code, scope): today.value(figure, scope) for figure in state for scope in (NETWORK, of_area(made.one), of_area(made.other))}
    freeze_month(MARCH, today=IN_APRIL)
    CooperationModel.objects.filter(state="public").update(state="archived")

    frozen = read_summary(EVERY_PART, MARCH)

    assert sum(before.values()) > 40
    assert {(figure.code, scope): frozen.value(figure, scope) for figure in state for scope in (NETWORK, of_area(made.one), of_area(made.other))} == before
    assert (frozen.counted_on, frozen.period) == (IN_APRIL, (date(2026, 4, 1), date(2027, 4, 1)))
    assert read_summary([Part.GOALS], None).counts["models", NETWORK] == 0


def test_month_of_a_municipality_is_frozen_too(made):
    freeze_month(MARCH, today=IN_APRIL)

    frozen = read_summary(EVERY_PART, MARCH, place=made.here)

    assert frozen.counts["models", of_municipality(made.here)] == 1
    assert Client().get(f"/en/municipalities/{made.here.code}/summary/?month=2027-03").context["summary"].month == MARCH
    assert not SummarySnapshot.objects.filter(kind=ScopeKind.MUNICIPALITY, figure__startswith="obstacles").exists()


def test_month_is_frozen_once(made):
    first = freeze_month(MARCH, today=IN_APRIL)
    make_model(made.one)

    assert (freeze_month(MARCH, today=IN_APRIL), SummarySnapshot.objects.count()) == (0, first)
    assert SummarySnapshot.objects.get(figure="models", kind=ScopeKind.AREA, code="yksi").value == 2


@pytest.mark.parametrize("month", [date(2027, 2, 1), APRIL, date(2027, 3, 2)])
def test_month_that_did_not_end_last_is_refused(made, month):
    with pytest.raises(ValidationError, match="2027-03"):
        freeze_month(month, today=IN_APRIL)

    assert not SummarySnapshot.objects.exists()


def test_trend_goes_month_by_month_and_its_chart_has_its_table(made):
    freeze_month(MARCH, today=IN_APRIL)
    make_model(made.one)
    freeze_month(APRIL, today=IN_MAY)
    figure = next(one for one in read_summary([Part.GOALS], None).figures if one.code == "models")

    response = Client().get("/en/areas/yksi/summary/?figure=models")

    assert trend_of(figure, of_area(made.one)) == {MARCH: 2, APRIL: 3}
    assert response.context["chart"].line_rows == [(APRIL, 3), (MARCH, 2)]
    assert "3/2027" in str(response.context["chart"].line)


def test_page_of_a_month_opens_no_list(made):
    freeze_month(MARCH, today=IN_APRIL)

    response = Client().get("/en/summary/?month=2027-03&part=goals")

    assert {cell.url for cell in response.context["whole"]} == {""}
    assert [cell.value for cell in response.context["whole"]] == [4, 2, 2]
    assert Client().get("/en/summary/?month=1999-01").context["summary"].month is None


def test_clock_freezes_the_month_that_ended_last(made):
    made_rows = freeze_ended_month(datetime(2027, 4, 1, 0, 1, tzinfo=UTC))

    assert (made_rows, freeze_ended_month(datetime(2027, 4, 20, tzinfo=UTC))) == (SummarySnapshot.objects.count(), 0)
    assert set(SummarySnapshot.objects.values_list("month", flat=True)) == {MARCH}
    assert [last_ended(day) for day in (date(2027, 1, 1), date(2027, 12, 31))] == [date(2026, 12, 1), date(2027, 11, 1)]


def test_command_names_a_month_that_is_none_or_cannot_be_counted():
    for wrong in ("maaliskuu", "2020-01"):
        with pytest.raises(CommandError):
            call_command("freeze_summaries", month=wrong, stdout=StringIO())

    assert not SummarySnapshot.objects.exists()


@pytest.mark.parametrize("sql", ["UPDATE summaries_summarysnapshot SET value = 7", "DELETE FROM summaries_summarysnapshot"])
def test_frozen_figure_is_never_changed(sql):
    SummarySnapshot.objects.create(month=MARCH, figure="models", kind=ScopeKind.NETWORK, value=3, frozen_on=IN_APRIL)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert SummarySnapshot.objects.get().value == 3


@pytest.mark.parametrize(
    "name,wrong",
    [
        ("snapshot_once_a_month", {}),
        ("snapshot_month_is_its_first_day", {"month": date(2027, 3, 2)}),
        ("snapshot_after_its_month", {"month": APRIL, "frozen_on": APRIL}),
        ("snapshot_names_what_it_is_of", {"figure": "members", "code": "yksi"}),
        ("snapshot_names_what_it_is_of", {"figure": "members", "kind": ScopeKind.AREA}),
    ],
)
def test_constraints_refuse_what_no_snapshot_is(name, wrong):
    given = {"month": MARCH, "figure": "models", "kind": ScopeKind.NETWORK, "code": "", "value": 3, "frozen_on": IN_APRIL}
    SummarySnapshot.objects.create(**given)

    with pytest.raises(IntegrityError), transaction.atomic():
        SummarySnapshot.objects.create(**(given | wrong))
    # Of one that is there already Django speaks itself, in the language of whichever test was before.
    with translation.override("en"), pytest.raises(ValidationError, match=name if name != "snapshot_once_a_month" else "already exists"):
        SummarySnapshot(**(given | wrong)).validate_constraints()
