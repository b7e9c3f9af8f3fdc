from .audit import AuditEvent
from .outbox import Lease, OutboxMessage
from .seal import Seal, SealCheck
from .session import PortalSession
from .user import User

__all__ = ["AuditEvent", "Lease", "OutboxMessage", "PortalSession", "Seal", "SealCheck", "User"]
