import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Lease


@contextmanager
def lease(name: str, *, now: datetime, lasts: timedelta) -> Iterator[bool]:
    """True inside when nobody else holds `name`; given back at the end, or by itself after `lasts`."""
    holder = uuid.uuid4()
    Lease.objects.get_or_create(name=name)
    free = Q(holder=None) | Q(until__lt=now)
    taken = Lease.objects.filter(free, name=name).update(holder=holder, until=now + lasts) == 1
    try:
        yield taken
    finally:
        Lease.objects.filter(name=name, holder=holder).update(holder=None, until=None)
