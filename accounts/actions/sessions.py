"""Ending sessions: one's own elsewhere, and those whose time is over."""
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.actions.audit import record_event
from accounts.models import PortalSession, User


@transaction.atomic
def end_other_sessions(*, by: User, keep: str) -> int:
    """Sign `by` out everywhere but in the session with the key `keep`; returns how many sessions ended."""
    ended = PortalSession.objects.filter(user_id=by.pk).exclude(session_key=keep).end(timezone.now())
    record_event(by=by, verb="user.signed_out_elsewhere", target=by, detail={"sessions": ended})
    return ended


def drop_ended_sessions(now: datetime) -> int:
    """Delete sessions past their last hour. Runs after the jobs that read "last used" from them."""
    return PortalSession.objects.filter(expire_date__lt=now).delete()[0]
