"""Obstacles merged at the same moment, in a ring, while their proposals go on and others say something: nothing is lost and nothing stands twice."""
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from pilots.actions.discussion import add_comment, report_fault
from pilots.actions.obstacles import add_weight, merge_obstacles
from pilots.actions.proposals import edit_proposal, move_proposal
from pilots.choices import ObstacleAct, ProposalStatus
from pilots.models import Comment, FaultReport, Obstacle, ObstacleEvent
from tests.pilots.factories import make_area
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal, make_staff, make_support

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]


def test_merges_in_a_ring_at_once_keep_weights_proposals_comments_and_history(battery_count, at_once):
    staff, colleague, weigher, everywhere = make_staff(), make_staff(), make_coordinator(), make_area()
    reporters = [make_coordinator() for _side in range(3)]
    for turn in range(battery_count(50)):
        ring = [make_obstacle(reporter) for reporter in reporters]
        for one in ring:
            make_support(one, everywhere)
        proposals = [make_proposal(one, area=None) for one in ring]
        merges = [partial(merge_obstacles, by=by, obstacle_id=one.pk, into_id=ring[(place + 1) % 3].pk) for place, one in enumerate(ring) for by in (staff, colleague)]
        moves = [partial(move_proposal, by=staff, proposal_id=one.pk, version=1, status=ProposalStatus.HANDED_OVER, day=timezone.localdate()) for one in proposals[:2]]
        edit = partial(edit_proposal, by=staff, proposal_id=proposals[2].pk, version=1, values={"text_fi": f"Uusi {turn}", "text_sv": "", "addressee": "ministry"})
        said = [partial(add_comment, by=reporters[0], thing=ring[0], text=f"Kommentti {turn}"), partial(report_fault, sender=f"lukija-{turn}", thing=ring[1], text=f"Virhe {turn}")]
        weight = partial(add_weight, by=weigher, obstacle_id=ring[2].pk, reason_fi="Meilläkin.", reason_sv="")

        answers = at_once([*merges, *moves, edit, *said, weight])

        merged, kept, weighed = answers[:6], answers[6:11], answers[11]
        assert sorted(type(one).__name__ for one in merged) == ["Obstacle"] * 2 + ["ValidationError"] * 4
        assert [one for one in kept if isinstance(one, Exception)] == []
        rows = Obstacle.objects.filter(pk__in=[one.pk for one in ring])
        stays = rows.get(merged_into=None)
        assert set(rows.exclude(pk=stays.pk).values_list("merged_into", flat=True)) == {stays.pk}
        behind = {everywhere.pk, *(reporter.area_id for reporter in reporters)} - {stays.reported_by_id} | (set() if isinstance(weighed, ValidationError) else {weigher.area_id})
        assert sorted(stays.supports.values_list("area_id", flat=True)) == sorted(behind)
        assert {(one.pk, one.status, one.version) for one in stays.proposals.all()} == {(one.pk, status, 2) for one, status in zip(proposals, ("handed_over", "handed_over", "made"), strict=True)}
        assert (Comment.objects.get(text=f"Kommentti {turn}").target, FaultReport.objects.get(text=f"Virhe {turn}").target) == (stays, stays)
        acts = list(ObstacleEvent.objects.filter(obstacle__in=ring).values_list("act", flat=True))
        assert [acts.count(act) for act in (ObstacleAct.REPORTED, ObstacleAct.MERGED, ObstacleAct.PROPOSAL_MOVED, ObstacleAct.PROPOSAL_EDITED)] == [3, 2, 2, 1]
