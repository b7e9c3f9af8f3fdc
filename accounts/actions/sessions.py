from datetime import datetime

from accounts.models import PortalSession


def drop_ended_sessions(now: datetime) -> int:
    """Delete sessions past their last hour. Runs after the jobs that read "last used" from them."""
    return PortalSession.objects.filter(expire_date__lt=now).delete()[0]
