"""What is removed next, and when: each organisation's own times, counted in calendar months from a day."""
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import F, Max, QuerySet
from django.utils import timezone

from guidance.choices import Retained, RightsKind, RightsOutcome
from guidance.choices.rights import months_after
from guidance.models import Attachment, Event, Pathway, RetentionRule, RightsAnswer, RightsRequest

# Granted, and made by a press of its own.
TO_CARRY_OUT = (RightsKind.ERASURE, RightsKind.RESTRICTION)
WARNED_BEFORE = timedelta(days=30)
# A month's last day stands for the days that it does not have, and a day is over at its end.
SLACK = timedelta(days=4)


@dataclass(frozen=True)
class Due:
    what: str
    pk: int
    pseudonym: str
    due_on: date


def due_of(rule: RetentionRule, until: date, *, only: int | None = None) -> Iterator[Due]:
    """What the rule removes by that day. Restricted pathways and those with an unanswered request wait."""
    rows = _rows(rule).filter(since__lt=timezone.make_aware(datetime.combine(months_after(until, -rule.months) + SLACK, time())))
    if only is not None:
        rows = rows.filter(pk=only)
    for pk, pseudonym, since in rows.order_by("since", "pk").values_list("pk", "shown_as", "since"):
        if (due_on := months_after(timezone.localdate(since), rule.months)) <= until:
            yield Due(rule.what, pk, pseudonym, due_on)


def _rows(rule: RetentionRule) -> QuerySet:
    asked = RightsRequest.objects.open().exclude(pathway=None).order_by().values("pathway")
    ended = Pathway.objects.filter(closed_at__isnull=False, restricted_at=None).exclude(pk__in=asked)
    if rule.what == Retained.PATHWAY:
        return ended.filter(process_owner=rule.organisation_id).annotate(since=F("closed_at"), shown_as=F("pseudonym"))
    if rule.what == Retained.RIGHTS:
        return RightsAnswer.objects.filter(organisation=rule.organisation_id, answered_at__isnull=False).exclude(request__kind__in=TO_CARRY_OUT, request__pathway__isnull=False, outcome__in=(RightsOutcome.GRANTED, RightsOutcome.PARTLY), done_at=None).annotate(since=F("answered_at"), shown_as=F("request__pseudonym"))
    model = Attachment if rule.what == Retained.FILES else Event
    rows = model.objects.filter(organisation=rule.organisation_id, pathway__in=ended.order_by().values("pk"))
    if model is Event:
        rows = rows.exclude(text="")
    return rows.annotate(since=F("pathway__closed_at"), shown_as=F("pathway__pseudonym"))


def planned_removal(pathway: Pathway) -> date | None:
    """The day on which an ended pathway goes; None while it is open or its process owner has set no time."""
    if pathway.closed_at is None:
        return None
    months = RetentionRule.objects.filter(organisation=pathway.process_owner_id, what=Retained.PATHWAY).aggregate(months=Max("months"))["months"]
    return months_after(timezone.localdate(pathway.closed_at), months) if months else None


def months_of(organisation_id: int) -> dict[str, int]:
    return dict(RetentionRule.objects.filter(organisation=organisation_id).values_list("what", "months"))
