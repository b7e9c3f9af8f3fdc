"""Whether stored facts are what they would be if they were made now; in the database, row for row."""
from django.db.models import Count, QuerySet

from guidance.models import Partnership, Pathway
from summaries.models import PathwayFact
from summaries.queries.pathway_facts import COLUMNS, derived_facts, is_stale


def drift_of(partnership: Partnership) -> int:
    """How many rows are missing, too many, or other than they should be. A pathway with a mark waits for its fold: it is not asked for.

    Each side of a comparison is one statement with its marks, so that a change meanwhile is on both sides or on neither.
    """
    stored = PathwayFact.objects.filter(partnership=partnership)
    judged = stored.filter(~is_stale("pathway_id"))
    right = derived_facts(Pathway.objects.filter(~is_stale("pk"), partnership=partnership))
    drift = _differ(judged.order_by().values_list(*COLUMNS), right.order_by().values_list(*COLUMNS))
    # A fact that is there twice is the same row twice.
    return drift + sum(number - 1 for number in judged.order_by().values_list("kind", "source").annotate(number=Count("pk")).filter(number__gt=1).values_list("number", flat=True))


def _differ(one: QuerySet, other: QuerySet) -> int:
    """Rows of either that the other has not."""
    return one.difference(other).count() + other.difference(one).count()
