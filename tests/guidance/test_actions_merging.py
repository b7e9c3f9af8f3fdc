from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from guidance.actions.clients import protect_client
from guidance.actions.contacts import log_event
from guidance.actions.merging import merge_pathways as merge_two
from guidance.actions.pathways import close_pathway
from guidance.actions.stages import move_stage
from guidance.choices import EndReason, EventKind, ItemState, Outcome, Stage
from guidance.models import AssessmentItem, Client, Event, Handoff, ImportRow, NextStep, Pathway, PathwayAlias
from tests.guidance.factories import (
    accept,
    make_client,
    make_handoff,
    make_item,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    new_client,
)
from tests.guidance.furnished import furnished, with_own_page

# The factories' people were born on as many days.
merge_pathways = partial(merge_two, is_same_person=True)
# What goes with the pathway itself, or is joined row by row; everything else that names a pathway must move.
JOINED = {"StagePeriod", "PathwayAlias", "ImportRow"}


def counts() -> dict[str, int]:
    return {relation.related_model.__name__: relation.related_model.objects.count() for relation in Pathway._meta.related_objects}


def test_both_histories_stay_whole(made, nobody_lost):
    keep, other = furnished(made, make_pathway(made)), furnished(made, make_shared_pathway(made))
    other_client, account = other.client, with_own_page(made, other)
    before = counts()
    texts = set(Event.objects.values_list("pk", flat=True))

    merged = merge_pathways(by=made.anna, keep=keep, other=other)

    assert merged == keep
    assert not Pathway.objects.filter(pk=other.pk).exists()
    after = counts()
    assert {name: after[name] for name in before if name not in ("StagePeriod", "PathwayAlias", "Event")} == {name: count for name, count in before.items() if name not in ("StagePeriod", "PathwayAlias", "Event")}
    assert texts < set(Event.objects.filter(pathway=keep).values_list("pk", flat=True))
    assert PathwayAlias.objects.get().pseudonym == other.pseudonym
    assert ImportRow.objects.filter(duplicate_of=keep).count() == 2
    assert not Client.objects.filter(pk=other_client.pk).exists()
    account.refresh_from_db()
    assert account.client_id == keep.client_id
    nobody_lost()


def test_two_accounts_of_the_own_page_are_not_made_one(made):
    keep, other = make_pathway(made), make_pathway(made)
    with_own_page(made, keep)
    with_own_page(made, other, email="toinen@example.org")

    with pytest.raises(ValidationError):
        merge_pathways(by=made.anna, keep=keep, other=other)


def test_every_model_that_names_a_pathway_is_furnished(made):
    """A new model that names a pathway fails here until merging knows what becomes of its rows."""
    pathway = furnished(made, make_shared_pathway(made))
    with_own_page(made, pathway)
    make_handoff(made, pathway, to=made.te)
    PathwayAlias.objects.create(pathway=pathway, pseudonym="2222-2222", merged_at=timezone.now(), by=made.anna)

    assert [name for name, count in counts().items() if not count] == []


def test_the_kept_one_holds_owner_and_stage(made, nobody_lost):
    keep, other = make_pathway(made, by=made.city_people[1]), make_shared_pathway(made)
    move_stage(by=made.anna, pathway=other, target=Stage.IDENTIFICATION)

    merge_pathways(by=made.anna, keep=keep, other=other)

    keep.refresh_from_db()
    assert (keep.process_person, keep.stage, keep.guidance_lead) == (made.city_people[1], Stage.REGISTERED, made.ossi)
    told = Event.objects.get(pathway=keep, kind=EventKind.MERGED).detail
    assert (told["merged"], told["stage"], [stage for stage, _at in told["stages"]]) == (other.pseudonym, Stage.IDENTIFICATION, [Stage.REGISTERED, Stage.IDENTIFICATION])
    nobody_lost()


def test_an_older_file_lengthens_the_history(made, nobody_lost):
    keep, other = make_pathway(made), make_pathway(made)
    long_ago = timezone.now() - timedelta(days=90)
    Pathway.objects.filter(pk=other.pk).update(opened_at=long_ago)
    other.stage_periods.update(started_at=long_ago)

    merge_pathways(by=made.anna, keep=keep, other=other)

    keep.refresh_from_db()
    assert keep.opened_at == long_ago
    assert keep.stage_periods.order_by("started_at").first().started_at == long_ago
    nobody_lost()


def test_the_same_item_is_noted_once(made):
    keep, other = make_pathway(made), make_pathway(made)
    make_item(keep, made.anna)
    doubled = make_item(other, made.anna)

    merge_pathways(by=made.anna, keep=keep, other=other)

    assert AssessmentItem.objects.get(pk=doubled.pk).state == ItemState.RESOLVED
    assert AssessmentItem.objects.filter(pathway=keep).count() == 2


def test_empty_fields_are_filled(made):
    keep = make_pathway(made, client=new_client(phone="", email="oma@example.org"), goal="")
    other = make_pathway(made, client=new_client(phone="050 1", email="muu@example.org"), goal="Lähihoitaja", target_group="no_qualification")

    merge_pathways(by=made.anna, keep=keep, other=other)

    keep = Pathway.objects.select_related("client").get(pk=keep.pk)
    assert (keep.client.phone, keep.client.email, keep.goal, keep.target_group) == ("050 1", "oma@example.org", "Lähihoitaja", "no_qualification")


def test_another_goal_is_kept_as_text(made):
    keep, other = make_pathway(made, goal="Kokki"), make_pathway(made, goal="Lähihoitaja")

    merge_pathways(by=made.anna, keep=keep, other=other)

    assert Event.objects.get(pathway=keep, kind=EventKind.MERGED).text == "Lähihoitaja"


def test_protection_is_taken_over(made):
    keep, other = make_pathway(made, client=new_client(phone="050 1", address="Keksitie 1")), make_pathway(made)
    protect_client(by=made.anna, pathway=other, contact_address="PL 1")

    merge_pathways(by=made.anna, keep=keep, other=Pathway.objects.get(pk=other.pk))

    client = Client.objects.get(pk=keep.client_id)
    assert (client.is_protected, client.phone, client.address, client.contact_address) == (True, "", "", "PL 1")
    assert list(client.named_people.all()) == [made.anna]
    assert set(client.history.values_list("phone", flat=True)) == {""}


def test_a_client_with_another_pathway_stays(made):
    client = make_client()
    ended = make_pathway(made, client=client)
    close_pathway(by=made.anna, pathway=ended, end_reason=EndReason.MOVED, outcome=Outcome.UNKNOWN)
    keep, other = make_pathway(made), make_pathway(made, client=client)

    merge_pathways(by=made.anna, keep=keep, other=other)

    assert Client.objects.filter(pk=client.pk).exists()


def test_a_stale_page_of_the_merged_one_says_so(made):
    keep, other = make_pathway(made), make_pathway(made)
    handoff = make_handoff(made, other)
    stale = Handoff.objects.select_related("pathway").get(pk=handoff.pk)
    merge_pathways(by=made.anna, keep=keep, other=other)

    accept(stale, made.ossi)

    assert Pathway.objects.get(pk=keep.pk).guidance_lead == made.ossi
    with pytest.raises(ValidationError, match="merged into another"):
        log_event(by=made.anna, pathway=other if other.pk else stale.pathway, kind=EventKind.CALL, at=timezone.now())


@pytest.mark.parametrize("case", ["itself", "ended", "other partnership", "foreign owner", "no participant", "same receiver"])
def test_merge_refuses(made, case):
    keep, other, by = make_pathway(made), make_pathway(made), made.anna
    if case == "itself":
        other = keep
    if case == "ended":
        close_pathway(by=made.anna, pathway=other, end_reason=EndReason.MOVED, outcome=Outcome.UNKNOWN)
    if case == "other partnership":
        second = make_partnership()
        other = make_pathway(second)
        other.participations.update(organisation=made.city, responsible=made.anna)
        Pathway.objects.filter(pk=other.pk).update(process_owner=made.city, process_person=made.anna)
    if case == "foreign owner":
        accept(make_handoff(made, other, kind="transfer", to=made.te), made.taru)
    if case == "no participant":
        by = made.ossi
    if case == "same receiver":
        make_handoff(made, keep)
        make_handoff(made, other)

    with pytest.raises(ValidationError):
        merge_pathways(by=by, keep=keep, other=other)

    assert Pathway.objects.filter(pk__in=[keep.pk, other.pk]).count() == len({keep.pk, other.pk})
    assert NextStep.objects.open().filter(pathway=keep).exists()
