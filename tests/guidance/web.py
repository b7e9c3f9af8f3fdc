"""A person of guidance in front of a browser's worth of requests: signed in with a second factor, acting for one membership."""
from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.sessions import ACTING_FOR
from guidance.actions.expiry import end_over_today
from guidance.models import AccessLog, AccessLogSubject
from pilots.models import Membership

TRANSACTION = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
# Asked once a process by Django about SQLite.
FEATURE_TEST = "SELECT JSON("


def sign_in(person: Membership) -> Client:
    return sign_in_user(person.user, {ACTING_FOR: person.pk})


def sign_in_user(user: User, more: dict | None = None) -> Client:
    client = Client()
    client.force_login(user)
    Authenticator.objects.get_or_create(user=user, type=Authenticator.Type.TOTP, defaults={"data": {}})
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": 1_700_000_000}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)
    session.update(more or {})
    session.save()
    # The first request notes when the session began; what is counted afterwards is the page.
    client.get("/account/")
    # What the first page about clients of a day does is no part of the page either.
    end_over_today()
    return client


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of a request, the read log's included, transaction marks left out."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as context:
        yield statements
    statements += [query["sql"] for query in context.captured_queries if not query["sql"].startswith((*TRANSACTION, FEATURE_TEST))]


def logged() -> list[tuple[str, str, list[str]]]:
    """Every row of the read log in order: action, page, pseudonyms."""
    return [
        (log.action, log.page, list(AccessLogSubject.objects.filter(log_id=log.pk).order_by("pseudonym").values_list("pseudonym", flat=True)))
        for log in AccessLog.objects.order_by("pk")
    ]


def told(statements: list[str]) -> str:
    return "\n".join(statement[:100] for statement in statements)
