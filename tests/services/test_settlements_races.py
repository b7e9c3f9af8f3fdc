"""Parties who act at the same moment. Real threads, each with its own connection, on the database of the run."""
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from services.actions.settlements import accept_settlement, draft_settlement
from services.models import Settlement
from tests.services.agreements import FIRST, TODAY, booked, in_force, workday
from tests.services.factories import make_handler

pytestmark = pytest.mark.django_db(transaction=True)


def test_settlement_drafted_twice_at_once_is_one_and_accepted_at_once_is_locked(at_once):
    people = [make_handler() for _ in range(3)]
    agreement = in_force(*people)
    booked(agreement, people[0], workday(3))
    until = TODAY - timedelta(days=1)

    drafts = at_once([partial(draft_settlement, by=one, agreement=agreement, first_day=FIRST, last_day=until, token=uuid4()) for one in people])
    settlement = Settlement.objects.get()
    accepted = at_once([partial(accept_settlement, by=one, settlement=settlement, version=settlement.version) for one in people])

    assert sorted(type(one).__name__ for one in drafts) == ["Settlement", ValidationError.__name__, ValidationError.__name__]
    assert [one for one in accepted if isinstance(one, Exception)] == []
    settlement.refresh_from_db()
    assert (settlement.is_locked, settlement.acceptances.count()) == (True, 3)
