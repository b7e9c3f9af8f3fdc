"""What a visitor sees when the portal itself fails: 503 while the database or the disk gives nothing, 500 for our own mistakes.

Wired as `handler500`, which Django calls for an exception from anywhere, middleware included (a middleware of our own would
see only what views raise). Nothing here needs the database, the cache, the session or the context processors.
"""
import errno
import sqlite3
import sys

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers

RETRY_AFTER = 30  # seconds; a database restarts in less
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for the exception being handled, in the language of the address (the session, and so the reader's choice, may be out of reach)."""
    unavailable = is_unavailable(sys.exception())
    with translation.override(translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE):
        response = HttpResponse(render_to_string("503.html" if unavailable else "500.html"), status=503 if unavailable else 500)
    if unavailable:
        response["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the cause is a database or a disk that cannot serve now, rather than a mistake of ours."""
    while error is not None:
        if isinstance(error, OperationalError):
            # SQLite reports wrong SQL (a missing table) with the same class; only that has the plain code 1.
            return getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
        if isinstance(error, InterfaceError):
            # PostgreSQL: the connection was closed; SQLite: a wrong call.
            return not isinstance(error.__cause__, sqlite3.Error)
        if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False
