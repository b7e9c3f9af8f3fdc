"""Keys of the API: made and revoked by who manages the organisation's people."""
import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.users import one_line
from pilots.actions.people import lock_people_of
from pilots.choices import ApiScope, Permission
from pilots.models import ApiToken, Membership
from pilots.permissions import may
from pilots.queries.tokens import hashed, tokens_in_use

MOST_TOKENS = 20
LONGEST = timedelta(days=366)
# So that a key found in a file or a log can be told for what it is.
BEGINS_WITH = "kopa_"


@transaction.atomic
def make_token(*, by: Membership, name: str, scopes: Iterable[str], days: int, now: datetime | None = None) -> tuple[ApiToken, str]:
    """The key of the organisation acted for, and its secret, which is told once."""
    if not may(by, Permission.MANAGE_PEOPLE):
        raise PermissionDenied
    now, name, chosen = now or timezone.now(), one_line(name), set(scopes)
    if not name:
        raise ValidationError({"name": _("Say what the key is for.")})
    if not chosen <= set(ApiScope.values) or not timedelta() < timedelta(days=days) <= LONGEST:
        raise ValidationError(_("Choose what the key may read, and how long it is valid."))
    lock_people_of(by.organisation_id)
    if tokens_in_use(by, now).count() >= MOST_TOKENS:
        raise ValidationError(_("Your organisation has %(count)d keys in use. Revoke one that is needed no more.") % {"count": MOST_TOKENS})
    secret = BEGINS_WITH + secrets.token_urlsafe(32)
    token = ApiToken(organisation_id=by.organisation_id, name=name, scopes=[scope for scope in ApiScope.values if scope in chosen], token_hash=hashed(secret), created_at=now, created_by=by, expires_at=now + timedelta(days=days))
    token.full_clean()
    token.save()
    record_event(by=by.user, verb="api_token.made", target=token, organisation_id=by.organisation_id, detail={"scopes": token.scopes, "days": days})
    return token, secret


@transaction.atomic
def revoke_token(*, by: Membership, token: ApiToken, now: datetime | None = None) -> ApiToken:
    """Any administrator of the organisation revokes any of its keys; a second time changes nothing."""
    if not may(by, Permission.MANAGE_PEOPLE) or by.organisation_id != token.organisation_id:
        raise PermissionDenied
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        token.revoked_at, token.revoked_by = now or timezone.now(), by
        token.save(update_fields=["revoked_at", "revoked_by"])
        record_event(by=by.user, verb="api_token.revoked", target=token, organisation_id=by.organisation_id)
    return token


def note_use(token: ApiToken, today: date) -> None:
    """The day of the last use, once a day: it tells an administrator which keys are needed no more."""
    if token.last_used_on != today:
        ApiToken.objects.filter(pk=token.pk).update(last_used_on=today)
