"""Seats are asked for, freed and given back at once, on two runs with the same clients: real threads, the run's own database."""
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Sum

from guidance.actions.enrolments import enrol_client, move_seat
from guidance.actions.pathways import close_pathway
from guidance.choices import EndReason, Outcome
from guidance.models import Pathway, PathwayEnrolment
from services.actions.enrolments import move_enrolment
from services.choices import TAKING, EnrolmentState
from services.conflicts import Conflict
from services.models import Enrolment
from tests.guidance.factories import make_partnership, make_pathway
from tests.services.courses import make_run, provider_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]


@pytest.fixture
def made(transactional_db):
    return make_partnership()


def pressed(made, pathways, runs, links) -> list:
    """Both providers cancel who has the seat, a pathway ends, a newcomer asks, and one leaves a queue."""
    ended = {"end_reason": EndReason.choices[0][0], "outcome": Outcome.choices[0][0]}
    firsts = [Enrolment.objects.get(reference=own[0].enrolment_id) for own in links]
    return [
        *(partial(move_enrolment, by=provider_of(run), enrolment=first, target=EnrolmentState.CANCELLED, reason="Keksitty syy") for run, first in zip(runs, firsts, strict=True)),
        partial(close_pathway, by=made.anna, pathway=pathways[1], **ended),
        partial(enrol_client, by=made.anna, pathway=pathways[3], run=runs[0], token=uuid4()),
        partial(move_seat, by=made.anna, link=links[1][2], target=EnrolmentState.CANCELLED, version=1),
    ]


def test_a_freed_seat_goes_on_while_others_ask_end_and_cancel(made, battery_count, at_once, nobody_lost):
    for _round in range(battery_count(20)):
        runs = [make_run(seats=1), make_run(seats=1)]
        pathways = [make_pathway(made) for _turn in range(4)]
        # Each run has the same clients in its queue, in opposite orders.
        links = [[enrol_client(by=made.anna, pathway=one, run=run, token=uuid4()) for one in order] for run, order in zip(runs, (pathways[:3], pathways[2::-1]), strict=True)]
        results = at_once(pressed(made, pathways, runs, links))

        errors = [result for result in results if isinstance(result, BaseException) and not isinstance(result, Conflict | ValidationError)]
        assert errors == []
        for run in runs:
            assert (Enrolment.objects.filter(run=run, state__in=TAKING).aggregate(seats=Sum("size"))["seats"] or 0) <= 1
        assert not PathwayEnrolment.objects.unsettled().filter(pathway__in=Pathway.objects.exclude(closed_at=None)).exists()
        nobody_lost()
