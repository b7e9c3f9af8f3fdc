"""Where the apps above speak to this one; see accounts/registries.py."""
from collections.abc import Callable

from accounts.registries import Registry
from pilots.models import Membership

# What forbids ending a membership: each raises ValidationError with a sentence that says what to do first.
MembershipEndGuard = Callable[[Membership], None]
membership_end_guards: Registry[MembershipEndGuard] = Registry("what forbids ending a membership")
