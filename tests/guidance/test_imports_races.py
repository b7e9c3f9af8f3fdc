"""Two people at one list at once, each with a connection of their own: one list is stored once, and nobody is lost."""
import pytest
from django.core.exceptions import ValidationError

from guidance.actions.import_store import store_list
from guidance.actions.imports import discard_list, edit_row, upload_list
from guidance.choices import ImportState
from guidance.models import Client, ImportBatch, ImportRow
from services.conflicts import Conflict
from tests.guidance.factories import make_partnership
from tests.guidance.lists import PEOPLE, csv_of, many, mapped, row_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]


@pytest.fixture
def made(transactional_db):
    return make_partnership()


@pytest.fixture
def rounds(battery_count):
    return range(battery_count(50))


def list_of(turn: int) -> bytes:
    """Three people who look like nobody of another round."""
    return csv_of(many(3 * turn + 3)[3 * turn:])


def fresh(made, turn: int) -> ImportBatch:
    return mapped(made, list_of(turn))


def kinds(results) -> list[str]:
    for result in results:
        if isinstance(result, BaseException) and not isinstance(result, Conflict):
            raise result
    return sorted("conflict" if isinstance(result, Conflict) else "done" for result in results)


def test_two_store_one_list(made, rounds, at_once, nobody_lost):
    for turn in rounds:
        batch, before = fresh(made, turn), Client.objects.count()

        results = at_once([lambda b=batch, p=person: store_list(by=p, batch=b) for person in made.city_people])

        assert kinds(results) == ["conflict", "done"]
        assert Client.objects.count() == before + 3
        assert ImportRow.objects.count() == 0
        nobody_lost()


def test_store_against_discard(made, rounds, at_once):
    for turn in rounds:
        batch, before = fresh(made, turn), Client.objects.count()

        results = at_once([lambda b=batch: store_list(by=made.anna, batch=b), lambda b=batch: discard_list(by=made.city_people[1], batch=b)])

        assert kinds(results) == ["conflict", "done"]
        is_stored = not isinstance(results[0], BaseException)
        batch.refresh_from_db()
        assert batch.state == (ImportState.STORED if is_stored else ImportState.DROPPED)
        assert Client.objects.count() == before + 3 * is_stored


def test_two_change_one_line(made, rounds, at_once):
    batch = mapped(made, csv_of([PEOPLE[0]]))
    for turn in rounds:
        seen = row_of(batch, 2).values

        results = at_once([lambda s=seen, p=person, t=f"050 {turn} {side}": edit_row(by=p, batch=batch, line=2, values={**s, "phone": t}, seen=s) for side, person in enumerate(made.city_people)])

        assert kinds(results) == ["conflict", "done"]
        [won] = [result.values for result in results if not isinstance(result, BaseException)]
        assert row_of(batch, 2).values == won


def test_one_file_stored_as_two_lists_at_once(made, rounds, at_once):
    """Two lists of the same bytes cannot come about by uploading, which leads to the one there is; the constraint and the lock hold all the same."""
    for turn in rounds:
        first, before = fresh(made, turn), Client.objects.count()
        second = ImportBatch.objects.get(pk=first.pk)
        second.pk, second.token = None, "00000000-0000-4000-8000-" + f"{turn:012d}"
        second.save()
        ImportRow.objects.bulk_create([ImportRow(batch=second, line=9, values=row_of(first, 2).values, state="ready")])

        results = at_once([lambda b=batch, p=person: store_list(by=p, batch=b) for batch, person in zip((first, second), made.city_people, strict=True)])

        assert [type(result) for result in results].count(list) == 1
        assert all(isinstance(result, list | Conflict | ValidationError) for result in results)
        assert ImportBatch.objects.filter(sha256=first.sha256, state=ImportState.STORED).count() == 1
        assert Client.objects.count() - before in (1, 3)
        ImportBatch.objects.exclude(state=ImportState.STORED).delete()


def test_two_upload_one_file(made, rounds, at_once):
    for turn in rounds:
        results = at_once([lambda p=person, t=turn: upload_list(by=p, partnership=made.partnership, name="lista.csv", content=list_of(t)) for person in made.city_people])

        assert not any(isinstance(result, BaseException) for result in results)
        # Two lists may be there; only one of them can be stored.
        assert ImportBatch.objects.count() in (1, 2)
        ImportBatch.objects.all().delete()
