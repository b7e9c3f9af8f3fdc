from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from guidance.models import DropIn, Partnership
from pilots.models import Membership


def own_partnerships(acting: Membership) -> QuerySet[Partnership]:
    """Open partnerships of which the organisation is a part."""
    return Partnership.objects.filter(parts__organisation=acting.organisation_id, opened_at__isnull=False).order_by("slug")


def drop_ins_of(acting: Membership, day: date) -> QuerySet[DropIn]:
    """The talks of one day in the organisation's partnerships; they name nobody, so every part sees them."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    return DropIn.objects.filter(partnership__in=own_partnerships(acting), at__gte=start, at__lt=start + timedelta(days=1)).select_related("by__user", "organisation", "partnership")


def free_drop_ins(acting: Membership) -> QuerySet[DropIn]:
    """Those that have not become anybody's first event."""
    return DropIn.objects.filter(partnership__in=own_partnerships(acting), event=None)
