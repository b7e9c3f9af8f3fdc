"""What a client has written on the own page, with the answers."""
from django.db.models import QuerySet

from guidance.models import ClientAccount, ClientEntry

WRITTEN_SHOWN = 100


def written_by(account: ClientAccount) -> QuerySet[ClientEntry]:
    """Newest first, in one query with what is shown of each; with an earlier account too."""
    return (
        ClientEntry.objects.filter(pathway__client=account.client_id)
        .with_answer_due()
        .select_related("event", "answer", "step", "answered_by__user", "answered_by__organisation")
        .order_by("-at", "-id")[:WRITTEN_SHOWN]
    )
