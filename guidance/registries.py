"""Where lower modules of guidance ask upper ones; filled from `apps.py`, and by the apps above guidance."""
from collections.abc import Callable, Iterable
from datetime import datetime

from accounts.registries import Registry
from guidance.models import Partnership
from pilots.registries import PageAction

# Done before each page that shows a client, in a transaction of its own; each sees to it that it costs nothing when there is nothing to do.
before_pages: Registry[Callable[[], None]] = Registry("before_pages")

# Told the keys of pathways, inside the transaction: those of which something has changed that a summary may count, and, while all their
# rows are still there, those that go (by an erasure or a merge).
pathway_changes: Registry[Callable[[list[int]], None]] = Registry("pathway changes")
pathway_removals: Registry[Callable[[list[int]], None]] = Registry("pathway removals")

# What else is checked each night, beside the invariants: (rule, {key of the partnership: how many}) of what does not hold.
nightly_checks: Registry[Callable[[datetime], Iterable[tuple[str, dict[int, int]]]]] = Registry("nightly checks")

# Where else a counsellor can go from what waits, and a lead from the partnership's list.
desk_links: Registry[Callable[[], PageAction]] = Registry("ways on from a counsellor's desk")

# Where else one can go from the page of a partnership.
partnership_links: Registry[Callable[[Partnership], PageAction]] = Registry("ways on from the page of a partnership")


def pathways_changed(keys: Iterable[int]) -> None:
    keys = list(keys)
    for tell in pathway_changes:
        tell(keys)


def pathways_go(keys: Iterable[int]) -> None:
    keys = list(keys)
    for tell in pathway_removals:
        tell(keys)
