"""A prepared query gives what its queryset gives, for other values each time, and keeps none."""
import pytest
from django.db.models import BigIntegerField, CharField, DateTimeField
from django.utils import timezone

from pilots.models import Membership, Organisation
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
