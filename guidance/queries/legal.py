"""The provisions of law, for those who choose among them and for those who read what they have said."""
from django.db.models import Q
from django.utils import timezone

from guidance.models import LegalGround


def grounds_to_choose(*, processing: bool, keep: int | None = None) -> list[LegalGround]:
    """What processing (otherwise telling) may rest on today. `keep`: the one that was chosen before, in its version."""
    today = timezone.localdate()
    in_force = (Q(since=None) | Q(since__lte=today)) & (Q(until=None) | Q(until__gte=today))
    offered = LegalGround.objects.filter(Q(replaced_at=None) & in_force & (Q(for_processing=True) if processing else Q(for_disclosure=True)) | Q(pk=keep))
    return sorted(offered, key=lambda ground: ground.words.casefold())


def versions() -> list[tuple[LegalGround, list[LegalGround]]]:
    """Each provision in use with its earlier versions, the latest of them first."""
    rows = list(LegalGround.objects.order_by("slug", "-version"))
    current = sorted((row for row in rows if row.replaced_at is None), key=lambda row: row.words.casefold())
    return [(one, [row for row in rows if row.slug == one.slug and row.pk != one.pk]) for one in current]
