import pytest
from django.utils import timezone

from guidance.queries.invariants import check_everything
from tests.guidance.factories import MadePartnership, make_partnership, make_pathway


@pytest.fixture
def made(db) -> MadePartnership:
    return make_partnership()


@pytest.fixture
def pathway(made):
    return make_pathway(made)


@pytest.fixture
def nobody_lost():
    """nobody_lost(now): every invariant holds; gives what is broken, by rule, when one is not."""

    def check(now=None) -> None:
        broken = {finding.rule: finding.pseudonyms for finding in check_everything(now or timezone.now()) if finding.count}
        assert broken == {}

    return check
