"""The session engine (settings.SESSION_ENGINE): Django's database sessions with owner and last use."""
from datetime import datetime

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.utils import timezone

STARTED_AT = "started_at"
SEEN_AT = "seen_at"
ACTING_FOR = "acting_for"


class SessionStore(DatabaseSessionStore):
    @classmethod
    def get_model_class(cls):
        # By name: the model's rows know this engine, so importing it here would go in a circle.
        return apps.get_model("accounts", "PortalSession")

    def create_model_instance(self, data: dict):
        row = super().create_model_instance(data)
        row.user_id = int(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        row.membership_id = data.get(ACTING_FOR)
        row.seen_at = datetime.fromisoformat(data[SEEN_AT]) if data.get(SEEN_AT) else None
        return row

    def save(self, must_create: bool = False) -> None:
        """Write the session; one that has been ended meanwhile stays ended (UpdateError, as for a deleted one)."""
        if must_create or self.session_key is None:
            return super().save(must_create)
        row = self.create_model_instance(self._get_session(no_load=must_create))
        written = {name: getattr(row, name) for name in ("session_data", "expire_date", "user_id", "membership_id", "seen_at")}
        if not self.model.objects.filter(session_key=row.session_key, expire_date__gt=timezone.now()).update(**written):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        """End the session: its data go at once, the row stays until the job that reads "last used" has seen it."""
        key = session_key or self.session_key
        if key is None:
            return
        sessions = self.model.objects.filter(session_key=key)
        sessions.filter(user_id=None).delete()
        sessions.end(timezone.now())
