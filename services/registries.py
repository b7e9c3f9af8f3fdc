"""Where the apps above listen to this one; see accounts/registries.py."""
from collections.abc import Callable
from datetime import datetime

from accounts.registries import Registry
from pilots.models import Membership
from services.models import Enrolment

# Told of each change of an enrolment's state, in order, inside the action's transaction and with its run held: the
# enrolment as it now is, the state that it was in ("" when it is new; the same one when only the attendance was noted),
# who did it (None: the clock or the waiting list), and the time.
EnrolmentWatcher = Callable[[Enrolment, str, Membership | None, datetime], None]
enrolment_changed: Registry[EnrolmentWatcher] = Registry("who is told of enrolments")
