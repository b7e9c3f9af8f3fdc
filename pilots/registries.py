"""Where the apps above speak to this one; see accounts/registries.py."""
from collections.abc import Callable

from django.http import HttpRequest

from accounts.models import User
from accounts.registries import Registry
from pilots.models import Membership

# What forbids ending a membership: each raises ValidationError with a sentence that says what to do first.
MembershipEndGuard = Callable[[Membership], None]
membership_end_guards: Registry[MembershipEndGuard] = Registry("what forbids ending a membership")

# Who else is told that somebody begins in a role that sees clients, beside the organisation's administrators.
ClientRoleWatchers = Callable[[Membership], list[User]]
client_role_watchers: Registry[ClientRoleWatchers] = Registry("who is told of a role that sees clients")

# What else waits for the reader on the home page: rows of components/waiting_list.html (`queries/waiting.py::Waiting`).
HomeWaiting = Callable[[HttpRequest], list]
home_waiting: Registry[HomeWaiting] = Registry("what waits on the home page")
