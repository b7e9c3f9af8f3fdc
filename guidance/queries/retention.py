"""What is removed next, and when: each organisation's own times, counted in calendar months from a day."""
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from guidance.choices import Retained, RightsKind, RightsOutcome
from guidance.choices.rights import months_after
from guidance.models import Attachment, Event, Participation, Pathway, RetentionRule, RightsAnswer, RightsRequest
from pilots.models import Organisation

# Granted, and made by a press of its own.
TO_CARRY_OUT = (RightsKind.ERASURE, RightsKind.RESTRICTION)
WARNED_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class Due:
    what: str
    pk: int
    pseudonym: str
    due_on: date


def due_of(rule: RetentionRule, until: date, *, only: int | None = None) -> Iterator[Due]:
    """What the rule removes by that day, the longest kept first."""
    rows = due_rows(rule, until)
    return dues(rule, rows if only is None else rows.filter(pk=only))


def dues(rule: RetentionRule, rows: QuerySet) -> Iterator[Due]:
    for pk, pseudonym, since, months in rows.values_list("pk", "shown_as", "since", "kept_for").iterator():
        yield Due(rule.what, pk, pseudonym, months_after(timezone.localdate(since), months))


def due_rows(rule: RetentionRule, until: date) -> QuerySet:
    """Restricted pathways and those with an unanswered request wait."""
    rows = _rows(rule)
    if rule.what == Retained.PATHWAY:
        # Each number of months that somebody has set has a last day of its own.
        each = sorted(set(RetentionRule.objects.filter(what=Retained.PATHWAY, months__gte=rule.months).values_list("months", flat=True)))
        rows = rows.filter(Q(*(Q(kept_for=months, since__lt=_end_of(begun_by(until, months))) for months in each), _connector=Q.OR))
    else:
        rows = rows.annotate(kept_for=Value(rule.months)).filter(since__lt=_end_of(begun_by(until, rule.months)))
    return rows.order_by("since", "pk")


def begun_by(until: date, months: int) -> date:
    """The last day from which so many months are over by `until`: a month's last day stands for the days that it does not have."""
    day = months_after(until, -months)
    is_last = (until + timedelta(days=1)).day == 1
    return day.replace(day=monthrange(day.year, day.month)[1]) if is_last else day


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _rows(rule: RetentionRule) -> QuerySet:
    asked = RightsRequest.objects.open().exclude(pathway=None).order_by().values("pathway")
    ended = Pathway.objects.filter(closed_at__isnull=False, restricted_at=None).exclude(pk__in=asked)
    if rule.what == Retained.PATHWAY:
        return _kept_by_all(ended.filter(process_owner=rule.organisation_id), rule).annotate(since=F("closed_at"), shown_as=F("pseudonym"))
    if rule.what == Retained.RIGHTS:
        return RightsAnswer.objects.filter(organisation=rule.organisation_id, answered_at__isnull=False).exclude(request__kind__in=TO_CARRY_OUT, request__pathway__isnull=False, outcome__in=(RightsOutcome.GRANTED, RightsOutcome.PARTLY), done_at=None).annotate(since=F("answered_at"), shown_as=F("request__pseudonym"))
    model = Attachment if rule.what == Retained.FILES else Event
    rows = model.objects.filter(organisation=rule.organisation_id, pathway__in=ended.order_by().values("pk"))
    if model is Event:
        rows = rows.exclude(text="")
    return rows.annotate(since=F("pathway__closed_at"), shown_as=F("pathway__pseudonym"))


def _kept_by_all(pathways: QuerySet, rule: RetentionRule) -> QuerySet:
    """Whoever has taken part is the controller of own rows: the longest time counts, and who has set none holds the pathway."""
    took_part = Participation.objects.filter(pathway=OuterRef("pk")).order_by()
    setters = RetentionRule.objects.filter(what=Retained.PATHWAY).order_by().values("organisation")
    longest = RetentionRule.objects.filter(Q(organisation=rule.organisation_id) | Q(organisation__participations__pathway=OuterRef("pk")), what=Retained.PATHWAY).order_by().values("what").annotate(most=Max("months"))
    return pathways.exclude(Exists(took_part.exclude(organisation__in=setters))).annotate(kept_for=Subquery(longest.values("most")))


@dataclass(frozen=True)
class Removal:
    """Of an ended pathway; without a day somebody who took part has set no time."""

    due_on: date | None


def planned_removal(pathway: Pathway) -> Removal | None:
    """None while it is open, or its process owner has set no time."""
    if pathway.closed_at is None:
        return None
    rule = RetentionRule.objects.filter(organisation=OuterRef("pk"), what=Retained.PATHWAY)
    controllers = Organisation.objects.filter(Q(pk=pathway.process_owner_id) | Q(participations__pathway=pathway)).order_by().distinct()
    months = dict(controllers.annotate(months=Subquery(rule.values("months"))).values_list("pk", "months"))
    if pathway.process_owner_id is None or not months.get(pathway.process_owner_id):
        return None
    return Removal(None if None in months.values() else months_after(timezone.localdate(pathway.closed_at), max(months.values())))


def months_of(organisation_id: int) -> dict[str, int]:
    return dict(RetentionRule.objects.filter(organisation=organisation_id).values_list("what", "months"))
