"""Keys of the API, whom each reads for, and how often a reader may ask."""
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from pilots.choices import ApiScope, Permission
from pilots.models import ApiToken, RequestCount
from pilots.permissions import Acting, may

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Reader:
    """A programme that reads for an organisation: what an organisation may read is asked with it as with a membership."""

    organisation_id: int
    scopes: frozenset[str]
    user_id: int = 0

    def reads(self, scope: ApiScope) -> bool:
        return scope in self.scopes


def hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def find_token(secret: str, now: datetime) -> ApiToken | None:
    """The key in use; None when there is none, or it has ended, or its organisation has."""
    found = ApiToken.objects.select_related("organisation").filter(token_hash=hashed(secret), revoked_at=None, expires_at__gt=now).first()
    if found is None or (found.organisation.ended_on and found.organisation.ended_on <= timezone.localdate(now)):
        return None
    return found


def tokens_of(acting: Acting) -> QuerySet[ApiToken]:
    """Of the organisation acted for, for who manages its people."""
    if not may(acting, Permission.MANAGE_PEOPLE):
        return ApiToken.objects.none()
    return ApiToken.objects.filter(organisation=acting.organisation_id).select_related("created_by__user")


def tokens_in_use(acting: Acting, now: datetime) -> QuerySet[ApiToken]:
    return tokens_of(acting).filter(revoked_at=None, expires_at__gt=now)


def count_request(reader: str, now: datetime) -> tuple[int, int]:
    """How often the reader has asked in this minute, this time included, and how many seconds of it are left.

    One statement, so that workers that count at the same time lose nothing.
    """
    until = now.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
    key = salted_hmac("pilots.queries.tokens", f"{reader} {until:%Y-%m-%dT%H:%M}").hexdigest()
    table, names = RequestCount._meta.db_table, connection.ops.quote_name
    statement = f"INSERT INTO {names(table)} (reader, until, count) VALUES (%s, %s, 1) ON CONFLICT (reader) DO UPDATE SET count = {names(table)}.count + 1 RETURNING count"  # noqa: S608  a table of our own
    with connection.cursor() as cursor:
        cursor.execute(statement, [key, connection.ops.adapt_datetimefield_value(until)])
        (count,) = cursor.fetchone()
    return count, max(1, int((until - now).total_seconds()))


def forget_counts(now: datetime) -> int:
    """The clock's job: minutes that are over."""
    return RequestCount.objects.filter(until__lt=now).delete()[0]
