"""What the summaries of pathways are counted from: facts of each pathway, and marks of those that have changed.

Both are made of what guidance holds and can be made again at any time (`manage.py rebuild_summaries`). The database does not hold
their keys (`db_constraint=False`): a fact is never written but from rows whose own keys it holds, and millions are written at once.
"""
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from guidance.models import Partnership, Pathway, Programme
from pilots.models import Organisation
from summaries.choices import AgeGroup, FactKind


def _key(model: type[models.Model], **more: Any) -> models.ForeignKey:
    return models.ForeignKey(model, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+", **{"db_index": False} | more)


class PathwayFact(models.Model):
    """One thing that a figure counts, of one pathway, as it was when it was last folded. `queries.pathway_facts.derive` says how each is made.

    opened: one of each pathway; `month` is that of the opening (the cohort).
    stage: one of each StagePeriod; `month` is that of its start, `days` until the next stage or the end (None: it goes on), `state`
    the next stage, "closed", or "" while it goes on.
    closed: one of an ended pathway; `month` is that of the opening, `days` from the opening to the end, `state` the outcome.
    handoff: one of each hand-off between two organisations, or to a body outside (`to_organisation` None); `month` is that of the
    sending, `days` from sent to met (None: not met), `state` the hand-off's. From and to are the client's way: a request to take
    leads from whom it asks to who asks.

    `source`: the key of the Pathway, StagePeriod or Handoff it tells of. `judged_on`: from this day on it is old enough to count in a
    share. The rest is what the client was at the opening: age then; the home municipality unless it is protected or unknown; the
    measure that was given last.
    """

    pathway = _key(Pathway, db_index=True)
    source = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=FactKind)
    month = models.DateField(_("month"))
    partnership = _key(Partnership)
    owner = _key(Organisation, null=True)
    stage = models.CharField(max_length=20, blank=True)
    days = models.IntegerField(null=True)
    state = models.CharField(max_length=20, blank=True)
    end_reason = models.CharField(max_length=20, blank=True)
    from_organisation = _key(Organisation, null=True)
    to_organisation = _key(Organisation, null=True)
    judged_on = models.DateField()
    age_group = models.CharField(max_length=10, choices=AgeGroup)
    municipality_code = models.CharField(max_length=3, blank=True)
    education_background = models.CharField(max_length=20)
    target_group = models.CharField(max_length=30, blank=True)
    measure = _key(Programme, null=True)

    class Meta:
        indexes = [models.Index(fields=["partnership", "kind", "month"], name="fact_by_month")]

    def __str__(self) -> str:
        return f"{self.pathway_id} {self.kind} {self.source}"


class StaleFact(models.Model):
    """A pathway has changed since its facts were written: one row for each change, in its transaction. The fold takes those it has read."""

    pathway = _key(Pathway)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.pathway_id}"
