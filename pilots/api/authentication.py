"""Who asks the API: anybody, or a programme with a key of an organisation. A session of the portal gives no right here."""
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from pilots.actions.tokens import note_use
from pilots.api.limits import count_question
from pilots.queries.tokens import Reader, find_token

SCHEME = "Bearer"


class KeyAuthentication(BaseAuthentication):
    """`request.auth` is a Reader, or None without a key. A wrong key is refused: who sent one expects what it reads."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Reader] | None:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _space, secret = header.partition(" ")
        now = timezone.now()
        token = find_token(secret.strip(), now) if scheme.lower() == SCHEME.lower() else None
        if token is None:
            # Before it is refused, or whoever guesses would not be counted.
            count_question(request, None)
            raise exceptions.AuthenticationFailed
        note_use(token, timezone.localdate(now))
        return AnonymousUser(), Reader(token.organisation_id, frozenset(token.scopes))

    def authenticate_header(self, request: Request) -> str:
        return f'{SCHEME} realm="KOPA"'
