"""What a visitor sees when the portal itself fails: 503 while the database or the disk gives nothing, 500 for our own mistakes; and when too much was sent.

`server_error` is wired as `handler500`, which Django calls for an exception from anywhere, middleware included (a middleware of our own would
see only what views raise). Nothing here needs the database, the cache, the session or the context processors.
"""
import errno
import sqlite3
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.utils import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.views.defaults import bad_request

RETRY_AFTER = 30  # seconds; a database restarts in less
DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}
# What PostgreSQL does not call operational and is: it ended a transaction that stood still, it only reads (a standby), or has a fault of its own (XX).
CANNOT_SERVE = ("25P03", "25006", "XX")


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for the exception being handled, in the language of the address; where it names none, the cookie's, then the browser's. The session is out of reach."""
    unavailable = is_unavailable(sys.exception())
    with translation.override(translation.get_language_from_request(request, check_path=True)):
        context = {"request_id": getattr(request, "request_id", "")}
        response = HttpResponse(render_to_string("503.html" if unavailable else "500.html", context), status=503 if unavailable else 500)
    if unavailable:
        response["Retry-After"] = str(RETRY_AFTER)
    add_never_cache_headers(response)
    return response


def unread_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Wired as `handler400`. Of a form whose texts are too long the person is told so (413, RFC 9110); of all else that could not be read Django's page."""
    if not isinstance(exception, RequestDataTooBig):
        return bad_request(request, exception)
    return HttpResponse(render_to_string("413.html", {"texts": True, "most_text": settings.DATA_UPLOAD_MAX_MEMORY_SIZE}), status=413)


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the cause is a database or a disk that cannot serve now, rather than a mistake of ours."""
    while error is not None:
        if isinstance(error, OperationalError):
            # SQLite reports wrong SQL (a missing table) with the same class; only that has the plain code 1.
            return getattr(error.__cause__, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
        if isinstance(error, InterfaceError):
            # PostgreSQL: the connection was closed; SQLite: a wrong call.
            return not isinstance(error.__cause__, sqlite3.Error)
        if type(error) is DatabaseError and error.__cause__ is not None and getattr(error.__cause__, "pgcode", None) is None:
            # The driver's word when the server died before it could say anything.
            return True
        if isinstance(error, DatabaseError) and (getattr(error.__cause__, "pgcode", None) or "").startswith(CANNOT_SERVE):
            return True
        if isinstance(error, OSError) and error.errno in DISK_IS_FULL:
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False
