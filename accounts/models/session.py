from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class PortalSession(AbstractBaseSession):
    """A session that knows whose it is and for which membership it acts.

    `seen_at` moves at most every five minutes (settings.SESSION_TOUCH_EVERY) and is the only source of
    "last used", so that reading a page writes nothing but the session. No foreign keys: a session must
    never keep a user or a membership from being read or ended.
    """

    user_id = models.BigIntegerField(null=True, db_index=True)
    membership_id = models.BigIntegerField(null=True, db_index=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls):
        from accounts.sessions import SessionStore

        return SessionStore
