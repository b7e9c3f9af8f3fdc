"""What is counted of pathways, beside a second account of it (tests/summaries/facts.py)."""
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from guidance.actions.pathways import close_pathway
from guidance.choices import EndReason, EventKind, HandoffKind, Outcome, Stage
from guidance.models import Client, Event, Handoff, Pathway, Programme, StagePeriod
from summaries.models import StaleFact
from summaries.queries.pathway_facts import derive, derived_facts, facts_of
from tests.guidance.factories import make_handoff, make_partnership, make_pathway, make_shared_pathway
from tests.summaries.facts import counted_anew, every, told

pytestmark = pytest.mark.django_db


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.fixture
def made():
    return make_partnership(people=2)


@pytest.fixture
def histories(made):
    """Pathways with whatever makes a difference: times around midnight in Helsinki, summer and winter, every kind of hand-off."""
    left, shared, ended, asked = make_pathway(made), make_shared_pathway(made), make_pathway(made), make_pathway(made)
    make_handoff(made, left, to_outside="Keksitty yhdistys")
    make_handoff(made, left, kind=HandoffKind.ASSIGNMENT, to=made.city, to_person=made.people[1])
    make_handoff(made, shared, by=made.anna, kind=HandoffKind.REQUEST_TO_TAKE, to=made.college, to_person=made.ossi)
    Pathway.objects.filter(pk=left.pk).update(opened_at=at(2026, 6, 30, 21, 30), target_group="no_qualification")
    Client.objects.filter(pk=left.client_id).update(birth_date=date(2006, 7, 2), municipality_code="297")
    StagePeriod.objects.filter(pathway=left).update(started_at=at(2026, 6, 30, 21, 30))
    StagePeriod.objects.create(pathway=left, stage=Stage.MAPPING, started_at=at(2026, 7, 9, 20, 59), by=made.anna)
    StagePeriod.objects.create(pathway=left, stage=Stage.INTERRUPTED, started_at=at(2026, 7, 9, 21, 1), by=made.anna)
    Handoff.objects.filter(pathway=shared, met_at__isnull=False).update(sent_at=at(2026, 3, 28, 22, 30), met_at=at(2026, 3, 29, 21, 30))
    close_pathway(by=made.anna, pathway=ended, end_reason=EndReason.MOVED, outcome=Outcome.STUDYING)
    Pathway.objects.filter(pk=ended.pk).update(opened_at=at(2024, 2, 28, 23, 0), process_owner=None)
    Client.objects.filter(pk=ended.client_id).update(birth_date=date(2004, 2, 29))
    Client.objects.filter(pk=asked.client_id).update(birth_date=date(2999, 1, 1))
    measures = [Programme.objects.create(partnership=made.partnership, code=f"m{number}", kind="measure", name_fi=f"Keksitty {number}", source="made for tests", position=number) for number in range(2)]
    for number, taken_back in ((0, {}), (1, {"taken_back_at": at(2026, 8, 1), "taken_back_by": made.anna})):
        Event.objects.create(pathway=left, kind=EventKind.CALL, at=at(2026, 7, 10 + number), by=made.anna, organisation=made.city, programme=measures[number], **taken_back)
    return left, shared, ended, asked


def test_facts_are_those_of_the_second_account(histories):
    anew = counted_anew()

    assert Counter(derive()) == told(derived_facts()) == anew
    assert set(anew.values()) == {1}
    by_kind = Counter(fact[2] for fact in anew)
    assert by_kind == {"opened": 4, "stage": 6, "closed": 1, "handoff": 3}


def test_facts_of_some_are_only_theirs(histories):
    left, shared, *_others = histories

    assert told(derived_facts(Pathway.objects.filter(pk__in=[left.pk, shared.pk]))) == Counter({fact: 1 for fact in counted_anew() if fact[0] in (left.pk, shared.pk)})
    assert told(facts_of(Pathway.objects.none())) == Counter()


def test_facts_can_be_grouped_looked_for_and_paged(made, histories):
    StaleFact.objects.bulk_create(StaleFact(pathway=one, at=timezone.now()) for one in histories for _turn in range(2))
    facts = facts_of(every())

    assert dict(facts.values("partnership__slug").annotate(number=Count("source", distinct=True)).filter(kind="opened").values_list("partnership__slug", "number")) == {made.partnership.slug: 4}
    assert Pathway.objects.filter(Exists(facts.filter(kind="handoff", pathway=OuterRef("pk")))).count() == 2
    assert facts.filter(pathway__client__municipality_code="297", kind="stage").order_by("source")[1].days == 1
    assert facts.exclude(kind="opened").aggregate(number=Count("*"))["number"] == facts.exclude(kind="opened").count() == 10
