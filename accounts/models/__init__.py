from .audit import AuditEvent
from .notification import BouncedAddress, Notification, NotificationChoice, Way
from .outbox import Lease, OutboxMessage, WorkerBeat
from .seal import Seal, SealCheck
from .session import PortalSession
from .user import User

__all__ = ["AuditEvent", "BouncedAddress", "Lease", "Notification", "NotificationChoice", "OutboxMessage", "PortalSession", "Seal", "SealCheck", "User", "Way", "WorkerBeat"]
