"""What is written to the process's log, and what a report of a fault may hold: where it happened, never with which values.

The words of an exception quote what somebody wrote or is called (a database tells the whole row that it refused), a path may
hold the one-time key of a link, and the variables of a frame hold everything.
"""
import copy
import json
import logging
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from traceback import format_tb
from types import TracebackType

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

MOST_CAUSES = 10
# The request that this thread answers, for the lines that are written meanwhile; `accounts.middleware.named_request` sets it.
current_request: ContextVar[HttpRequest | None] = ContextVar("current_request", default=None)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PrivateFormatter(logging.Formatter):
    """The kind of each exception and its place in the code, without its words; of an address its pattern."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(self.without_values(record))

    def without_values(self, record: logging.LogRecord) -> logging.LogRecord:
        record = copy.copy(record)
        # Another handler may have put down its own rendering of the exception.
        record.exc_text = None
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if argument in (request.path, request.get_full_path()) else argument for argument in record.args)
        return record

    def formatException(self, ei: ExcInfo) -> str:
        return "\n".join(f"{''.join(format_tb(error.__traceback__))}{_named(error)}" for error in _chain(ei[1]))


class JsonFormatter(PrivateFormatter):
    """A line is one JSON object of these fields. What a library hangs on a record beside them (`extra`) is left out: it may be the request itself."""

    def format(self, record: logging.LogRecord) -> str:
        record = self.without_values(record)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "logger": record.name, "process": record.process, "message": record.getMessage()}
        if (request := current_request.get()) is not None:
            line |= {"request": getattr(request, "request_id", ""), "page": route_of(request), "who": pseudonym_of(getattr(request, "user_pk", None))}
        if record.exc_info and record.exc_info[1]:
            line["fault"] = self.formatException(record.exc_info)
        # Half a character (a lone surrogate) would make the stream refuse the line, and logging then prints everything as it came.
        return json.dumps(line, ensure_ascii=False).encode(errors="backslashreplace").decode()


def pseudonym_of(user_pk: int | None) -> str | None:
    """Tells that two lines are of one person, and not of which one: without SECRET_KEY nobody can work it out."""
    return salted_hmac("accounts.logs", str(user_pk), algorithm="sha256").hexdigest()[:12] if user_pk else None


def _named(error: BaseException) -> str:
    """With its words only where they are ours and speak of settings: they end a start that cannot be."""
    words = f": {error}" if isinstance(error, ImproperlyConfigured) else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{words}"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception, and what it came from."""
    for _count in range(MOST_CAUSES):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def route_of(request: HttpRequest) -> str:
    match = getattr(request, "resolver_match", None)
    return match.route if match else "(no page)"


class PrivateReporterFilter(SafeExceptionReporterFilter):
    """For whatever else asks Django to cleanse a report: no variable of a frame, no field, no cookie, no header."""

    def is_active(self, request) -> bool:
        return True

    def get_post_parameters(self, request) -> dict:
        return {}

    def get_traceback_frame_variables(self, request, tb_frame) -> list:
        return []

    def get_safe_request_meta(self, request) -> dict:
        return {}

    def get_safe_cookies(self, request) -> dict:
        return {}


class PrivateReporter(ExceptionReporter):
    """Django's report of a fault without the request and without the words of the exceptions."""

    def __init__(self, request, exc_type, exc_value, tb, is_email=False) -> None:
        super().__init__(None, exc_type, exc_value, tb, is_email)

    def get_traceback_data(self) -> dict:
        data = super().get_traceback_data()
        kept = ("exception_type", "frames", "django_version_info", "sys_version_info", "server_time", "lastframe")
        return {name: data[name] for name in kept if name in data} | {"exception_value": "", "settings": {}, "unicode_hint": ""}

    def get_traceback_frames(self) -> list:
        return [frame | {"exc_cause": type(frame["exc_cause"]).__name__ if frame["exc_cause"] else None, "vars": []} for frame in super().get_traceback_frames()]
