"""How a lower app asks or tells upwards.

A lower app never names an upper one. It owns a registry, the upper app's `AppConfig.ready()` adds to
it, and the lower app calls what was added inside its own transaction, in the order of the numbers.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.http import HttpRequest

if TYPE_CHECKING:
    from accounts.models import User

Item = TypeVar("Item")


class Registry(Generic[Item]):
    """Items in a fixed order. An order number is taken once, so that no two apps fight over a place."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: dict[int, Item] = {}

    def add(self, order: int, item: Item) -> None:
        """Register `item`; the same item again is no change, another one at a taken place is a ValueError."""
        if self._items.setdefault(order, item) != item:
            raise ValueError(f"{self.name}: place {order} is taken by {self._items[order]!r}")

    def __iter__(self) -> Iterator[Item]:
        return iter([self._items[order] for order in sorted(self._items)])

    def __len__(self) -> int:
        return len(self._items)


# What `manage.py run_due` does: each job gets the time, does what is due by then, and says how many it did.
DueJob = Callable[[datetime], int]
due_jobs: Registry[DueJob] = Registry("due jobs")
# (job, the earlier job without which it must not run): what that one has not noted would be lost or judged wrongly.
due_job_needs: Registry[tuple[DueJob, DueJob]] = Registry("due jobs that need another")

# Every append-only table of the project (see accounts/append_only.py); a test compares the databases with this list.
guarded_tables: Registry[str] = Registry("append-only tables")


@dataclass(frozen=True)
class SealedLog:
    """A guarded log that the chain of seals covers. Its rows have `id` and `at` and commit together with their parts."""

    kind: str
    model: type[Any]
    part_model: type[Any] | None = None
    part_field: str = ""


sealed_logs: Registry[SealedLog] = Registry("sealed logs")


@dataclass(frozen=True)
class AccountSection:
    """A part of the account page: the template, and what it shows under the name `section`."""

    template: str
    context: dict


AccountSectionSource = Callable[[HttpRequest], AccountSection]
account_sections: Registry[AccountSectionSource] = Registry("sections of the account page")


@dataclass(frozen=True)
class Identity:
    """What an identity provider has said of somebody, for as long as the request lasts: nothing of it is stored."""

    provider_id: str
    strong: bool
    family_name: str
    given_name: str
    birth_date: date | None


# To whom an identity belongs that nobody has used yet: the person whose invitation was opened in this session, else None.
# ValidationError, with a sentence for the person at the screen, when the invitation is somebody else's.
IdentityOwner = Callable[[HttpRequest, Identity], "User | None"]
identity_owners: Registry[IdentityOwner] = Registry("whose an unknown identity is")

# Whether the person may not link an identity by themselves: a client's comes with an invitation only.
InvitationOnly = Callable[["User"], bool]
only_by_invitation: Registry[InvitationOnly] = Registry("who links an identity by invitation only")
