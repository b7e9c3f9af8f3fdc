"""Who has shown by a strong means who they are. See accounts/identity_providers.py for what is strong."""
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest

from accounts.identity_providers import providers


def identified(request: HttpRequest) -> bool:
    """Whether this session began with an identity provider that is configured as strong. Read anew on each request: taking
    the provider out of the configuration ends it."""
    return identified_as(request, request.user)


def identified_as(request: HttpRequest, user: Any) -> bool:
    """The same of somebody who is being signed in just now."""
    strong = {one.id for one in providers() if one.strong}
    return any(record.get("method") == "socialaccount" and record.get("provider") in strong for record in get_authentication_records(request, user))
