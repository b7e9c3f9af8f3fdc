"""The made country that speed is measured on: the same for the same seed, and nobody is lost in it."""
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from benchmarks.national import fill
from benchmarks.national_rows import Body, Partners, Writer
from guidance.models import Client, Event, NextStep, Partnership, Pathway
from guidance.queries.invariants import check_everything
from pilots.models import Region


def lines(seed: int) -> dict:
    bodies = [Body(1, [11, 12]), Body(2, [21]), Body(3, [31])]
    writer = Writer([Partners(1, *bodies, [(5, "005")])], seed=seed, today=date(2026, 1, 5))
    for _turn in range(30):
        writer.person(10)
    return writer.take()


def test_national_rows_are_the_same_for_the_same_seed():
    assert lines(1) == lines(1)
    assert lines(1)[Event] != lines(2)[Event]


def test_national_pseudonyms_differ():
    writer = Writer([], seed=1, today=date(2026, 1, 5))

    assert len({writer._pseudonym(number) for number in range(300_000)}) == 300_000


@pytest.mark.engine("postgresql")  # COPY is its own
@pytest.mark.django_db(transaction=True)
def test_national_fill_is_whole_and_nobody_is_lost():
    Region.objects.create(code="91", name_fi="Keksimaa", name_sv="Påhittsland", source="made for tests")
    before = _rules()

    fill(201, 10, 1)

    assert (Client.objects.count(), Partnership.objects.count()) == (201, 1)
    assert 2010 <= Event.objects.count() <= 2010 + 30
    assert [finding for finding in check_everything(timezone.now()) if finding.count] == []
    assert _rules() == before
    connection.check_constraints()
    # The keys go on where the copied rows end.
    step = NextStep.objects.first()
    again = NextStep(pathway=Pathway.objects.open().first(), what="Soitto", due_on=step.due_on, responsible=step.responsible, created_at=timezone.now())
    again.save(force_insert=True)


def _rules() -> list[tuple]:
    """Constraints and indexes of guidance's tables, by name; PostgreSQL words the same condition in more than one way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname, contype FROM pg_constraint WHERE conrelid::regclass::text LIKE 'guidance%' UNION ALL SELECT indexname, 'i' FROM pg_indexes WHERE tablename LIKE 'guidance%' ORDER BY 1, 2")
        return cursor.fetchall()
