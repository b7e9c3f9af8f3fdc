from .audit import AuditEvent
from .outbox import Lease, OutboxMessage
from .session import PortalSession
from .user import User

__all__ = ["AuditEvent", "Lease", "OutboxMessage", "PortalSession", "User"]
