from datetime import datetime

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models


class PortalSessionQuerySet(models.QuerySet):
    def usable(self, now: datetime) -> "PortalSessionQuerySet":
        """Neither ended nor unused for too long."""
        return self.filter(expire_date__gt=now, seen_at__gt=now - settings.SESSION_IDLE)

    def end(self, now: datetime) -> int:
        """Nobody is signed in by these any more; `accounts.actions.sessions.drop_ended_sessions` deletes the rows."""
        return self.filter(expire_date__gt=now).update(session_data="", expire_date=now)


class PortalSession(AbstractBaseSession):
    """A session that knows whose it is and for which membership it acts.

    `seen_at` moves at most every five minutes (settings.SESSION_TOUCH_EVERY) and is the only source of
    "last used", so that reading a page writes nothing but the session. No foreign keys: a session must
    never keep a user or a membership from being read or ended.
    """

    user_id = models.BigIntegerField(null=True, db_index=True)
    membership_id = models.BigIntegerField(null=True, db_index=True)
    seen_at = models.DateTimeField(null=True)

    objects = BaseSessionManager.from_queryset(PortalSessionQuerySet)()

    class Meta:
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls):
        from accounts.sessions import SessionStore

        return SessionStore
