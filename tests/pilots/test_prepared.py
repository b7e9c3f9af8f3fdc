"""A prepared query gives what its queryset gives, for other values each time, and keeps none."""
import pytest
from django.db import connection
from django.db.models import BigIntegerField, CharField, DateTimeField, F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pilots.models import Membership, Organisation
from pilots.queries import prepared
from pilots.queries.prepared import Given, Prepared, among
from tests.pilots.factories import make_membership, make_organisation

pytestmark = pytest.mark.django_db


def test_prepared_rows_are_those_of_the_queryset(django_assert_num_queries):
    first, second = make_membership(), make_membership()
    wanted = Given("wanted", BigIntegerField())
    query = Prepared(Membership.objects.filter(pk=wanted, started_at__lte=Given("now", DateTimeField())).select_related("organisation", "user"))

    with django_assert_num_queries(2):
        found = [query.ask(wanted=one.pk, now=timezone.now())[0] for one in (first, second)]
        assert [(one, one.organisation, one.user) for one in found] == [(one, one.organisation, one.user) for one in (first, second)]

    assert query.ask(wanted=0, now=timezone.now()) == []


def test_prepared_places_stand_for_values_never_for_sql():
    make_organisation(name_fi="O'Hara %s")
    query = Prepared(Organisation.objects.filter(name_fi=Given("name", CharField())).values_list("name_fi", flat=True))

    assert query.ask(name="O'Hara %s") == ["O'Hara %s"]
    assert query.ask(name="' OR 1=1 --") == []


def test_prepared_query_without_a_value_is_not_asked():
    query = Prepared(Organisation.objects.filter(pk=Given("wanted", BigIntegerField())))

    with pytest.raises(KeyError):
        query.ask()


@pytest.mark.parametrize("count", [1, 2])
def test_among_places_is_in_the_values(count):
    people = [make_membership() for _turn in range(3)]
    query = Prepared(Membership.objects.filter(among("id", [Given(f"person_{place}", BigIntegerField()) for place in range(count)])).order_by("pk"))

    found = query.ask(**{f"person_{place}": one.pk for place, one in enumerate(people)})

    assert found == list(Membership.objects.filter(among("id", [one.pk for one in people[:count]])).order_by("pk")) == people[:count]


def test_prepared_constants_hold_what_the_driver_would_read(django_assert_num_queries):
    """A percent sign in a value that is always the same, and one that the SQL itself writes, are neither's places."""
    made = make_organisation(name_fi="100 % $1 O'Hara")
    wanted = Given("wanted", BigIntegerField())
    query = Prepared(Organisation.objects.filter(pk=wanted, name_fi__contains="% $1 O'").filter(pk__gte=wanted).values_list(Concat("name_fi", Value(" %s"), F("name_fi")), flat=True))

    with django_assert_num_queries(1):
        found = query.ask(wanted=made.pk)

    assert found == ["100 % $1 O'Hara %s100 % $1 O'Hara"]


@pytest.mark.engine("postgresql")
def test_prepared_is_asked_untold_when_the_connection_was_told_enough(monkeypatch):
    made = make_organisation(name_fi="100 %")
    query = Prepared(Organisation.objects.filter(pk=Given("wanted", BigIntegerField()), name_fi="100 %"))
    monkeypatch.setattr(prepared, "MOST_TOLD", 0)

    with CaptureQueriesContext(connection) as captured:
        found = query.ask(wanted=made.pk)

    assert found == [made]
    assert captured[0]["sql"].startswith("SELECT")


@pytest.mark.engine("postgresql")
def test_prepared_is_told_once_a_connection_and_planned_for_any_values():
    made = [make_organisation(name_fi=f"Org {number}") for number in range(2)]
    asked = [Prepared(Organisation.objects.filter(pk=Given("wanted", BigIntegerField()), name_fi="Org 1").only("name_fi")) for _turn in range(2)]

    found = [query.ask(wanted=one.pk) for query in asked for one in made]

    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name = %s", [asked[0].name])
        told = cursor.fetchall()
        cursor.execute(f"EXPLAIN EXECUTE {asked[0].name}(1)")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert found == [[], [made[1]]] * 2
    assert asked[0].name == asked[1].name
    assert len(told) == 1
    assert "'Org 1'" in told[0][0]
    assert "$1" in plan


@pytest.mark.engine("postgresql")
@pytest.mark.django_db(transaction=True)
def test_prepared_is_told_to_a_new_connection_too():
    query = Prepared(Organisation.objects.filter(pk=Given("wanted", BigIntegerField())))

    assert query.ask(wanted=0) == []
    connection.close()
    assert query.ask(wanted=0) == []


@pytest.mark.engine("postgresql")
def test_nobody_is_told_behind_a_pooler(monkeypatch):
    """Whoever gets the connection for the next transaction would not know it."""
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    made = make_organisation(name_fi="100 %")
    query = Prepared(Organisation.objects.filter(pk=Given("wanted", BigIntegerField()), name_fi="100 %"))

    with CaptureQueriesContext(connection) as captured:
        assert query.ask(wanted=made.pk) == [made]

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = %s", [query.name])
        assert cursor.fetchone() == (0,)
    assert captured[0]["sql"].startswith("SELECT")
