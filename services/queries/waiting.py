"""What waits for the own organisation's answer: requests for a time, agreements to decide on, settlements to accept."""
from datetime import date
from functools import cache
from typing import Any

from django.db.models import BigIntegerField, Count, DateField, DateTimeField, Exists, F, IntegerField, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from pilots.models import Organisation
from pilots.permissions import Acting
from pilots.queries.prepared import Given, Prepared
from services.choices import AgreementState, SettlementState
from services.models import AgreementParty, Booking, Settlement, SettlementAcceptance
from services.permissions import may_offer
from services.queries.bookings import waits_for_answer

REQUESTS, AGREEMENTS, SETTLEMENTS = "requests", "agreements", "settlements"


def _rows(organisation: Any, today: Any) -> dict[str, QuerySet]:
    """Each with `since`, from when on it has waited. `organisation` and `today`: values, or places for them."""
    accepted = SettlementAcceptance.objects.filter(settlement=OuterRef("pk"), organisation=organisation)
    return {
        REQUESTS: Booking.objects.filter(waits_for_answer(), resource__owner=organisation).annotate(since=F("requested_at")),
        AGREEMENTS: AgreementParty.objects.filter(organisation=organisation, accepted_at=None, agreement__state=AgreementState.SENT).annotate(since=F("agreement__sent_at")),
        SETTLEMENTS: Settlement.objects.filter(~Exists(accepted), agreement__parties__organisation=organisation, state=SettlementState.DRAFT, last_day__lt=today).annotate(since=F("computed_at")),
    }


def waiting_things(acting: Acting) -> list[tuple[str, int, Any]]:
    """Of each kind that waits: how many, and since when. One query, none for those who answer nothing."""
    if not may_offer(acting):
        return []
    parts = [
        rows.order_by().values(kind=Value(kind)).annotate(count=Count("pk"), oldest=Min("since", output_field=DateTimeField())).values_list("kind", "count", "oldest")
        for kind, rows in _rows(acting.organisation_id, timezone.localdate()).items()
    ]
    order = list(_rows(0, date.min))
    return sorted((row for row in parts[0].union(*parts[1:], all=True) if row[1]), key=lambda row: order.index(row[0]))


def count_waiting_answers(acting: Acting) -> int | None:
    """None, without a query, for those to whom nothing of it can come."""
    return next(iter(_counted().ask(organisation=acting.organisation_id, today=timezone.localdate())), 0) if may_offer(acting) else None


@cache
def _counted() -> Prepared:
    """One number; every page of who answers asks for it."""
    organisation = Given("organisation", BigIntegerField())
    counts = [
        Coalesce(Subquery(rows.order_by().values(one=Value(1)).annotate(count=Count("pk")).values("count"), output_field=IntegerField()), 0)
        for rows in _rows(organisation, Given("today", DateField())).values()
    ]
    return Prepared(Organisation.objects.order_by().filter(pk=organisation).values_list(counts[0] + counts[1] + counts[2], flat=True))
