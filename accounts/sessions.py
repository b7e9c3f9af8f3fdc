"""The session engine (settings.SESSION_ENGINE): Django's database sessions with owner and last use."""
from datetime import datetime

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore

STARTED_AT = "started_at"
SEEN_AT = "seen_at"
ACTING_FOR = "acting_for"


class SessionStore(DatabaseSessionStore):
    @classmethod
    def get_model_class(cls):
        return apps.get_model("accounts", "PortalSession")

    def create_model_instance(self, data: dict):
        row = super().create_model_instance(data)
        row.user_id = int(data[SESSION_KEY]) if data.get(SESSION_KEY) else None
        row.membership_id = data.get(ACTING_FOR)
        row.seen_at = datetime.fromisoformat(data[SEEN_AT]) if data.get(SEEN_AT) else None
        return row
