"""What of a programme stands in clients' files: numbers only, no client."""
from guidance.choices import ItemState
from guidance.models import AssessmentItem, Event, Pathway, Programme


def was_given(programme: Programme) -> bool:
    """Whether any client's file names it."""
    return AssessmentItem.objects.filter(programme=programme).exists() or Event.objects.filter(programme=programme).exists()


def clients_who_have(programme: Programme) -> int:
    """Open pathways with something that this programme has in hand now."""
    return Pathway.objects.open().filter(pk__in=AssessmentItem.objects.filter(programme=programme, state=ItemState.IN_HAND).values("pathway")).count()
