"""A month of clients' tables is frozen once, in order, with the counts that an independent count finds."""
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.utils import IntegrityError

from guidance.models import Handoff, Pathway
from summaries.actions.publishing import publish_ended_month, publish_month
from summaries.models import PublishedCell
from summaries.queries.published_counts import count_month
from summaries.queries.published_tables import NETWORK, TABLES, earlier, tables_for
from tests.summaries.facts import HERE
from tests.summaries.published import FOLLOWED_IN, MONTHS, counts_of, made_people, publish_all, store

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


def test_counts_are_those_of_an_independent_count(rng):
    people = made_people(rng)
    for person in people:
        person.erased_in = None
    store(people, rng)

    for month in MONTHS:
        found, expected = count_month(month), counts_of(people, month, rng)
        assert {cell: count for cell, count in found.counts.items() if cell[0] not in ("handoffs", "days")} == {cell: count for cell, count in expected.counts.items() if cell[0] not in ("handoffs", "days")}
        assert found.furthest == expected.furthest
        assert {cell: count for cell, count in found.counts.items() if cell[0] in ("handoffs", "days")} == handoffs_of(month)
    assert sum(found.counts.values()) > 20


def handoffs_of(month: date) -> dict:
    """Sent in the month before; as they stood on the 28th day."""
    before, counts = earlier(month, 1), Counter()
    for one in Handoff.objects.select_related("pathway__partnership"):
        if (one.sent_at.year, one.sent_at.month) == (before.year, before.month):
            times = [("met", one.met_at), ("withdrawn", one.withdrawn_at), ("declined" if one.state == "declined" else "accepted", one.answered_at), ("sent", one.sent_at)]
            # Days of the calendar: a month in which the clocks are moved has an hour less.
            since = {state: (at.astimezone(HERE).date() - one.sent_at.astimezone(HERE).date()).days for state, at in times if at}
            stood, days = next((state, days) for state, days in since.items() if days <= 28)
            slug = one.pathway.partnership.slug
            counts[("handoffs", "all", slug)] += 1
            counts[("handoffs", stood, slug)] += 1
            if stood == "met":
                counts[("days", "days_15_28" if days > 14 else "days_8_14" if days > 7 else "days_4_7" if days > 3 else "days_0_3", slug)] += 1
    return counts


def test_month_is_frozen_once_and_none_before_it_later():
    assert publish_month(MARCH, today=date(2026, 4, 2)) == PublishedCell.objects.count() > 50
    assert publish_month(MARCH, today=date(2026, 4, 9)) == 0
    with pytest.raises(ValidationError, match="2026-03"):
        publish_month(date(2026, 2, 1), today=date(2026, 4, 2))
    with pytest.raises(ValidationError, match="2026-03"):
        publish_month(date(2026, 4, 1), today=date(2026, 4, 2))


def test_clock_freezes_the_month_that_ended_last():
    made = publish_ended_month(datetime(2026, 4, 1, 0, 1, tzinfo=UTC))

    assert (made, publish_ended_month(datetime(2026, 4, 20, tzinfo=UTC))) == (PublishedCell.objects.count(), 0)
    assert set(PublishedCell.objects.values_list("month", "frozen_on")) == {(MARCH, date(2026, 4, 1))}


def test_erased_pathway_changes_no_total_that_was_told(rng):
    people = made_people(rng)
    store(people, rng)
    publish_all(MONTHS[:3])
    Handoff.objects.all().delete()
    gone = Pathway.objects.order_by("?").values_list("pk", flat=True)[:5]
    Pathway.objects.filter(pk__in=list(gone)).delete()

    publish_all(MONTHS[3:])

    network = dict(PublishedCell.objects.filter(partnership=NETWORK, column="all").values_list("table", "count").filter(month=FOLLOWED_IN))
    assert network["funnel"] == PublishedCell.objects.get(month=MONTHS[2], table="quarter", partnership=NETWORK, column="all").count


def test_hand_offs_of_a_few_people_are_hidden_though_they_are_many(rng):
    people = made_people(rng)
    made = store(people, rng)
    Handoff.objects.all().delete()
    pathway = Pathway.objects.filter(partnership__slug="itä").first()
    sent = datetime(2026, 2, 3, 12, tzinfo=UTC)
    one = made["itä"]
    Handoff.objects.bulk_create(
        [Handoff(pathway=pathway, kind="referral", state="sent", from_organisation=one.city, from_person=one.anna, to_organisation=to, to_outside="" if to else "Keksitty", basis="statute", basis_statute="keksitty", reason="Keksitty", due_on=sent.date(), sent_at=sent, ladder_moved_at=sent) for to in (None, None, None, None, None, None, one.college)]
    )  # fmt: skip
    publish_month(MARCH, today=date(2026, 5, 2))

    assert count_month(MARCH).counts["handoffs", "all", "itä"] == 7
    assert set(PublishedCell.objects.filter(month=MARCH, table="handoffs", column="all", partnership__in=["itä", NETWORK]).values_list("count", flat=True)) == {None}


def test_restricted_pathways_are_counted_in_no_table(rng):
    made = store(made_people(rng), rng)
    Pathway.objects.filter(partnership__slug="itä").update(restricted_at=datetime(2026, 5, 1, tzinfo=UTC), restricted_by=made["itä"].anna)

    for month in MONTHS:
        counted = {slug for _table, _column, slug in count_month(month).counts}
        assert "itä" not in counted
    assert Pathway.objects.filter(partnership__slug="itä").exists()


def test_later_month_is_judged_beside_numbers_that_nobody_kept(rng):
    """Also where somebody has been erased since: what is thought up holds with all that was told, and nothing in the table is small."""
    people = made_people(rng)
    store(people, rng)
    publish_all(MONTHS[:3])
    hidden_before = PublishedCell.objects.filter(month__in=MONTHS[:3], count=None).count()
    Handoff.objects.all().delete()
    Pathway.objects.filter(pk__in=list(Pathway.objects.order_by("?").values_list("pk", flat=True)[:5])).delete()

    publish_all(MONTHS[3:])

    assert hidden_before
    assert not PublishedCell.objects.filter(count__range=(1, 4)).exists()
    assert PublishedCell.objects.filter(month=FOLLOWED_IN, table="age").exclude(count=None).exists(), "the month was hidden as a whole"


def test_month_that_cannot_be_judged_beside_the_earlier_ones_is_hidden_as_a_whole(rng, caplog):
    store(made_people(rng), rng)
    publish_all(MONTHS[:4])
    # More than all together: no numbers of the other partnerships make them a sum.
    PublishedCell.objects.bulk_create([PublishedCell(month=MONTHS[4], table="opened", partnership=slug, column="all", count=count, frozen_on=date(2026, 5, 2)) for slug, count in ((NETWORK, 5), ("itä", 9), ("länsi", 9), ("pohjoinen", None))])

    publish_month(FOLLOWED_IN, today=date(2026, 5, 2))

    assert set(PublishedCell.objects.filter(month=FOLLOWED_IN).values_list("count", flat=True)) == {None}
    assert "2026-03-01 are hidden" in caplog.text


def test_everyone_sees_fewer_tables_than_the_staff():
    assert set(tables_for(everything=False)) < set(tables_for(everything=True)) == set(TABLES)
    assert len({table.code for table in TABLES}) == len(TABLES)


@pytest.mark.parametrize("sql", ["UPDATE summaries_publishedcell SET count = 5", "DELETE FROM summaries_publishedcell"])
def test_published_cell_is_never_changed(sql):
    PublishedCell.objects.create(month=MARCH, table="opened", column="all", count=None, frozen_on=date(2026, 4, 1))

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "name,wrong",
    [
        ("published_cell_once", {}),
        ("published_cell_month_is_its_first_day", {"month": date(2026, 3, 2)}),
        ("published_cell_after_its_month", {"month": date(2026, 4, 1)}),
        ("published_cell_tells_no_small_count", {"column": "met", "count": 4}),
    ],
)
def test_constraints_refuse_what_no_published_cell_is(name, wrong):
    given = {"month": MARCH, "table": "opened", "column": "all", "count": 5, "frozen_on": date(2026, 4, 1)}
    PublishedCell.objects.create(**given)

    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedCell.objects.create(**(given | wrong))
    with pytest.raises(ValidationError, match=name if name != "published_cell_once" else "exists|olemassa"):
        PublishedCell(**(given | wrong)).validate_constraints()
