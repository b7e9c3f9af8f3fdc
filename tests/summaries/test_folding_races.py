"""Folds, changes and erasures at once, on the database of the run: no change is lost, no fact is there twice, no sum is wrong."""
import pytest
from django.utils import timezone

from guidance.actions.erasure import erase_pathways
from guidance.actions.pathways import close_pathway, edit_pathway
from guidance.choices import EducationBackground, EndReason, Outcome
from guidance.models import Pathway
from summaries.actions.folding import fold_summaries
from summaries.actions.rebuilding import rebuild_partnership
from tests.guidance.factories import make_partnership, make_pathway
from tests.summaries.test_folding import everything_is_folded

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.battery]
PATHWAYS, CHANGES, FOLDS = 4, 6, 6


def test_folds_beside_changes_lose_nothing(transactional_db, battery_count, at_once):
    made = make_partnership()
    pathways = [make_pathway(made) for _turn in range(PATHWAYS)]

    def change(number: int) -> None:
        for turn in range(CHANGES):
            pathway = Pathway.objects.get(pk=pathways[(number + turn) % PATHWAYS].pk)
            background = EducationBackground.values[(number * CHANGES + turn) % 7]
            while True:
                pathway.refresh_from_db()
                try:
                    edit_pathway(by=made.anna, pathway=pathway, version=pathway.version, education_background=background)
                    break
                except Exception as conflict:
                    if type(conflict).__name__ != "Conflict":
                        raise

    def fold() -> None:
        for _turn in range(FOLDS):
            fold_summaries(timezone.now())

    def end_and_erase() -> None:
        pathway = make_pathway(made)
        close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.MOVED, outcome=Outcome.STUDYING)
        erase_pathways([Pathway.objects.get(pk=pathway.pk)], by=None, now=timezone.now())

    for _round in range(battery_count(20)):
        results = at_once([lambda: change(0), lambda: change(1), fold, fold, end_and_erase, lambda: rebuild_partnership(made.partnership)])

        assert [result for result in results if isinstance(result, BaseException)] == []
        fold_summaries(timezone.now())
        everything_is_folded()
