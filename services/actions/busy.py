"""Times taken in the owner's own booking system: an address or a file of them, read and replaced as a whole.

Bookings that exist stay: those that a new time runs into are told to the owner, who answers them.
"""
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from pilots.models import Membership
from services.actions.notices import handlers_of
from services.busy.fetching import Failed, Fetched, checked_url, fetch
from services.busy.files import read_busy
from services.choices import BusyKind, BusyProblem
from services.models import BusySource, BusyTime, Resource
from services.permissions import may_manage_resource
from services.queries.busy import clashes_of
from services.queries.times import Slot

MOST_SOURCES = 5
EVERY = timedelta(hours=1)
WHOLE_EVERY = timedelta(days=7)
AHEAD = timedelta(days=740)
BEHIND = timedelta(days=1)
MOST_AT_ONCE, SECONDS_AT_ONCE = 20, 60


@transaction.atomic
def add_feed(*, by: Membership, resource: Resource, url: str, promise_hours: int, now: datetime | None = None) -> BusySource:
    """Read within a minute or so, then each hour. Until the first good reading the resource is on request. The same address again is the one that is there."""
    now = now or timezone.now()
    _hold(by, resource)
    try:
        url = checked_url(url.strip()).geturl()
    except Failed as failed:
        raise ValidationError({"url": failed.problem.label}) from None
    if known := resource.busy_sources.filter(url=url).first():
        return known
    if resource.busy_sources.count() >= MOST_SOURCES:
        raise ValidationError(_("There are %(count)s sources already. Remove one that is no longer used.") % {"count": MOST_SOURCES})
    source = BusySource(resource=resource, kind=BusyKind.FEED, url=url, promise_hours=promise_hours, created_at=now, created_by=by, good_until=now, next_at=now)
    source.full_clean(exclude=["resource", "created_by"])
    source.save()
    _note_age(resource)
    record_event(by=by.user, verb="add_busy_feed", target=resource, organisation_id=by.organisation_id)
    return source


@transaction.atomic
def bring_busy_file(*, by: Membership, resource: Resource, content: bytes, promise_hours: int, now: datetime | None = None) -> int:
    """The times of a file in place of those of the one before; gives how many. The next file is due within the promised hours."""
    now = now or timezone.now()
    _hold(by, resource)
    try:
        slots = read_busy(content, _window(now), _own_host())
    except ValidationError as error:
        raise ValidationError({"file": error.error_list}) from None
    source = resource.busy_sources.filter(kind=BusyKind.FILE).first() or BusySource(resource=resource, kind=BusyKind.FILE, created_at=now)
    source.created_by, source.promise_hours, source.good_until = by, promise_hours, now
    source.full_clean(exclude=["resource", "created_by"])
    source.save()
    _replace(source, slots, now)
    record_event(by=by.user, verb="bring_busy_file", target=resource, organisation_id=by.organisation_id, detail={"times": len(slots)})
    return len(slots)


@transaction.atomic
def remove_busy_source(*, by: Membership, resource: Resource, pk: int) -> None:
    """With its times. A source that a colleague has just removed is no fault."""
    _hold(by, resource)
    resource.busy_sources.filter(pk=pk).delete()
    _note_age(resource)
    record_event(by=by.user, verb="remove_busy_source", target=resource, organisation_id=by.organisation_id)


def fetch_busy_times(now: datetime, fetching: Callable[..., Fetched] = fetch) -> int:
    """A due job: reads the addresses whose hour has come. No transaction is open while another server is waited for; what is not reached in a minute comes next time."""
    done, began = 0, time.monotonic()
    for pk in list(BusySource.objects.filter(next_at__lte=now).order_by("next_at", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE]):
        if time.monotonic() - began > SECONDS_AT_ONCE:
            break
        source = _claim(pk, now)
        if source is None:
            continue
        done += 1
        is_whole = source.whole_at is None or source.whole_at < now - WHOLE_EVERY
        try:
            fetched = fetching(source.url, tag="" if is_whole else source.tag)
            slots = None if fetched.content is None else read_busy(fetched.content, _window(now), _own_host())
        except Failed as failed:
            _note_problem(source, failed.problem)
        except ValidationError:
            _note_problem(source, BusyProblem.UNREADABLE)
        else:
            _store(source, fetched, slots, now)
    return done


@transaction.atomic
def tell_of_old_busy_times(now: datetime) -> int:
    """A due job: who handles the owner's services is told once that a source is older than was promised."""
    told = 0
    for source in BusySource.objects.filter(good_until__lt=now, told_at=None).select_related("resource"):
        # Said once, also when two runs meet.
        if BusySource.objects.filter(pk=source.pk, told_at=None).update(told_at=now):
            _tell(source.resource, now, kind="busy_old")
            told += 1
    return told


def _hold(by: Membership, resource: Resource) -> None:
    if not may_manage_resource(by, resource):
        raise PermissionDenied
    Resource.objects.select_for_update().get(pk=resource.root_id)


@transaction.atomic
def _claim(pk: int, now: datetime) -> BusySource | None:
    """The source, put off to its next hour before it is asked: a reading that ends badly is not begun again at once."""
    rows = BusySource.objects.filter(pk=pk, next_at__lte=now)
    source = rows.select_for_update(skip_locked=True).first() if connection.features.has_select_for_update_skip_locked else rows.first()
    if source:
        source.next_at = now + EVERY
        source.save(update_fields=["next_at"])
    return source


def _note_problem(source: BusySource, problem: BusyProblem) -> None:
    BusySource.objects.filter(pk=source.pk).update(problem=problem)


@transaction.atomic
def _store(source: BusySource, fetched: Fetched, slots: list[Slot] | None, now: datetime) -> None:
    resource = source.resource
    Resource.objects.select_for_update().get(pk=resource.root_id)
    # Its owner may have removed it while it was read.
    current = BusySource.objects.filter(pk=source.pk, url=source.url).first()
    if current is None:
        return
    current.tag = fetched.tag
    _replace(current, slots, now)


def _replace(source: BusySource, slots: list[Slot] | None, now: datetime) -> None:
    """All of the source's times at once, None: they are what they were. For a resource that is held."""
    resource = source.resource
    source.read_at, source.good_until, source.problem, source.told_at = now, now + timedelta(hours=source.promise_hours), "", None
    if slots is not None:
        before = {booking.pk for booking in clashes_of(resource, now)}
        source.whole_at = now
        source.times.all().delete()
        BusyTime.objects.bulk_create((BusyTime(resource=resource, source=source, starts_at=one.starts_at, ends_at=one.ends_at, brought_at=now) for one in slots), batch_size=1000)
        if new := [booking for booking in clashes_of(resource, now) if booking.pk not in before]:
            _tell(resource, now, kind="busy_clash", count=len(new))
    source.save()
    _note_age(resource)


def _note_age(resource: Resource) -> None:
    """The whole and all its parts are as new as the oldest of their sources."""
    family = Q(pk=resource.root_id) | Q(whole=resource.root_id)
    until = BusySource.objects.filter(resource__in=Resource.objects.filter(family)).aggregate(oldest=Min("good_until"))["oldest"]
    Resource.objects.filter(family).update(synced_until=until)


def _window(now: datetime) -> Slot:
    return Slot(now - BEHIND, now + AHEAD)


def _own_host() -> str:
    return urlsplit(settings.PUBLIC_ORIGIN).hostname or ""


def _tell(resource: Resource, now: datetime, *, kind: str, **context: object) -> None:
    for person in handlers_of(resource.owner_id):
        notify(user_id=person.user_id, kind=kind, page="services:busy_times", arguments=[resource.pk], context={"resource": resource} | context, now=now)
