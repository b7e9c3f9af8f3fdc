"""What a person has marked and kept of the catalogue."""
from datetime import UTC, datetime, timedelta

from django.core import signing
from django.db.models import BooleanField, Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.http import Http404

from pilots.models import Membership
from pilots.permissions import Acting
from services.choices import Publication
from services.models import Favourite, SavedSearch, SharedService
from services.queries.catalogue import visible_services

ALERT_SALT = "services.alert"
# At most one mail a day about a search.
TOLD_EVERY = timedelta(days=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def with_favourites(services: QuerySet[SharedService], acting: Acting) -> QuerySet[SharedService]:
    """Annotates `is_favourite`."""
    marked = Exists(Favourite.objects.filter(user=acting.user_id, service=OuterRef("pk"))) if acting else Value(False, output_field=BooleanField())
    return services.annotate(is_favourite=marked)


def favourites_of(acting: Membership) -> QuerySet[SharedService]:
    """Those that the person has marked and still sees, what was marked last first."""
    return visible_services(acting).filter(favourites__user=acting.user_id).annotate(marked_at=F("favourites__created_at")).order_by("-marked_at", "-pk")


def hidden_favourites(acting: Membership) -> QuerySet[Favourite]:
    """Marks of what the person no longer sees: archived, or offered to others now."""
    return Favourite.objects.filter(user=acting.user_id).exclude(service__in=visible_services(acting).values("pk"))


def searches_of(acting: Acting) -> QuerySet[SavedSearch]:
    return SavedSearch.objects.filter(membership=acting.pk) if acting else SavedSearch.objects.none()


def get_search(acting: Acting, pk: int) -> SavedSearch:
    """Http404 when there is none, or none of the membership acted for."""
    search = searches_of(acting).filter(pk=pk).first()
    if search is None:
        raise Http404
    return search


def alert_token(search: SavedSearch) -> str:
    """For the link by which the alerts are stopped without signing in."""
    return signing.dumps(search.pk, salt=ALERT_SALT)


def find_alert(token: str) -> SavedSearch | None:
    try:
        return SavedSearch.objects.filter(pk=signing.loads(token, salt=ALERT_SALT)).first()
    except (signing.BadSignature, ValueError, TypeError):
        return None


def due_searches(now: datetime, until: datetime) -> QuerySet[SavedSearch]:
    """Those with an alert that have not been told within a day, and since whose last look a service was changed, or a day has passed.

    Whoever has left the organisation, or may not sign in any more, is told nothing.
    """
    rested = Q(told_at=None) | Q(told_at__lte=now - TOLD_EVERY)
    changed = Q(seen_until__lt=_last_change(until)) | Q(seen_until__lte=now - TOLD_EVERY)
    return SavedSearch.objects.filter(rested, changed, alerts=True, membership__ended_at=None, membership__user__is_active=True).order_by("pk")


def _last_change(until: datetime) -> datetime:
    """When a service was published or saved for the last time."""
    published = SharedService.objects.filter(state=Publication.PUBLIC, published_at__lte=until).aggregate(at=Max("published_at"))["at"]
    saved = SharedService.history.filter(history_date__lte=until).aggregate(at=Max("history_date"))["at"]
    return max((at for at in (published, saved) if at), default=LONG_AGO)


def told_of(membership: Membership, until: datetime) -> QuerySet[SharedService]:
    """What an alert may tell of: services of other organisations that are open to the membership and were public then."""
    rows = visible_services(membership).filter(usable=True, state=Publication.PUBLIC).exclude(published_at__gt=until)
    return rows.exclude(organisation=membership.organisation_id)
