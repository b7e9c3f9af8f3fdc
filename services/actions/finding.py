"""What a person marks and keeps of the catalogue, and the mails about what is new in a search."""
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions.notifications import notify
from pilots.models import Membership
from services.models import Favourite, SavedSearch, SharedService
from services.queries.catalogue import visible_services
from services.queries.finding import alert_token, due_searches, hidden_favourites, told_of

MOST_FAVOURITES, MOST_SEARCHES = 500, 30
# What is published is told of a little later: its owner may still mend it, and a slow transaction is not missed.
SETTLING = timedelta(minutes=5)
NAMED_IN_A_MAIL = 10

# The services that a search finds, out of those given; see services.filters.
Finder = Callable[[SavedSearch, QuerySet[SharedService]], QuerySet[SharedService]]


@transaction.atomic
def mark_favourite(*, by: Membership | None, service_id: int, on: bool) -> None:
    """Marks or unmarks; a second time changes nothing. What cannot be seen cannot be marked, but a mark can always be taken off."""
    if by is None:
        raise PermissionDenied
    if not on:
        Favourite.objects.filter(user=by.user_id, service=service_id).delete()
        return
    if not visible_services(by).filter(pk=service_id).exists():
        raise PermissionDenied
    if Favourite.objects.filter(user=by.user_id).exclude(service=service_id).count() >= MOST_FAVOURITES:
        raise ValidationError(_("You have marked %(count)d services. Take the mark off one that you need no more.") % {"count": MOST_FAVOURITES})
    Favourite.objects.get_or_create(user=by.user, service_id=service_id, defaults={"created_at": timezone.now()})


@transaction.atomic
def drop_hidden_favourites(*, by: Membership | None) -> int:
    if by is None:
        raise PermissionDenied
    return hidden_favourites(by).delete()[0]


@transaction.atomic
def save_search(*, by: Membership | None, name: str, query: str, alerts: bool, found: Iterable[int] | None = None) -> SavedSearch:
    """`query` as services.filters.canonical_query writes it; `found`: what it finds now. The same search saved again takes the new name and choice."""
    if by is None:
        raise PermissionDenied
    if not query:
        raise ValidationError(_("Choose a filter or write a word first: a search for everything is the list itself."))
    # One at a time of a person, so that a form sent twice makes one.
    Membership.objects.select_for_update().get(pk=by.pk)
    search = by.saved_searches.filter(query=query).first()
    if search is None:
        if by.saved_searches.count() >= MOST_SEARCHES:
            raise ValidationError(_("You have %(count)d saved searches. Remove one that you need no more.") % {"count": MOST_SEARCHES})
        search = SavedSearch(membership=by, query=query, created_at=timezone.now(), seen_until=timezone.now(), found=None if found is None else sorted(found))
    search.name = name
    _set_alerts(search, alerts)
    search.save()
    return search


@transaction.atomic
def set_alerts(*, by: Membership | None, search: SavedSearch, on: bool) -> None:
    _require_own(by, search)
    search = SavedSearch.objects.select_for_update().get(pk=search.pk)
    _set_alerts(search, on)
    search.save()


@transaction.atomic
def remove_search(*, by: Membership | None, search: SavedSearch) -> None:
    _require_own(by, search)
    search.delete()


@transaction.atomic
def stop_alert(*, search: SavedSearch) -> None:
    """By the link in a mail: whoever has the mail stops the mails, and nothing else."""
    SavedSearch.objects.filter(pk=search.pk).update(alerts=False)


def tell_of_new_services(now: datetime, find: Finder) -> int:
    """One mail for each search with an alert that finds something new; see `due_searches` for when."""
    until = now - SETTLING
    return sum(_tell(pk, now, until, find) for pk in due_searches(now, until).values_list("pk", flat=True))


@transaction.atomic
def _tell(pk: int, now: datetime, until: datetime, find: Finder) -> int:
    search = due_searches(now, until).select_for_update(of=("self",)).select_related("membership__user", "membership__organisation").filter(pk=pk).first()
    if search is None:
        return 0
    person = search.membership.user
    with translation.override(person.language):
        matching = find(search, told_of(search.membership, until)).order_by()
        keys = set(matching.values_list("pk", flat=True))
        # Before the first look what was there already is old; after it what was not found then is new.
        new = keys - set(search.found) if search.found is not None else set(matching.filter(published_at__gt=search.seen_until).values_list("pk", flat=True))
        rows = SharedService.objects.filter(pk__in=new).select_related("organisation").order_by("published_at", "pk")
        found = list(rows[: NAMED_IN_A_MAIL + 1])
        search.seen_until, search.found = until, sorted(keys)
        if found:
            search.told_at = now
            stop = settings.PUBLIC_ORIGIN + reverse("services:alert_stop", args=[alert_token(search)])
            lines = [(service, settings.PUBLIC_ORIGIN + service.get_absolute_url()) for service in found[:NAMED_IN_A_MAIL]]
            context = {"stop": stop, "lines": lines, "count": len(lines), "more": len(found) > NAMED_IN_A_MAIL}
            notify(user_id=person.pk, kind="services_found", page="services:service_list", query=f"?{search.query}", context=context, now=now)
    search.save(update_fields=["seen_until", "found", "told_at"])
    return len(found[:1])


def _set_alerts(search: SavedSearch, on: bool) -> None:
    """What came while nobody asked to be told is not told afterwards."""
    if on and not search.alerts:
        search.seen_until, search.found = timezone.now(), None
    search.alerts = on


def _require_own(by: Membership | None, search: SavedSearch) -> None:
    if by is None or search.membership_id != by.pk:
        raise PermissionDenied
