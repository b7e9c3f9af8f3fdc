"""What is written to the process's log, and what a report of a fault may hold: where it happened, never with which values.

The words of an exception quote what somebody wrote or is called (a database tells the whole row that it refused), a path may
hold the one-time key of a link, and the variables of a frame hold everything.
"""
import copy
import logging
from collections.abc import Iterator
from traceback import format_tb
from types import TracebackType

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

MOST_CAUSES = 10
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PrivateFormatter(logging.Formatter):
    """The kind of each exception and its place in the code, without its words; of an address its pattern."""

    def format(self, record: logging.LogRecord) -> str:
        record = copy.copy(record)
        # Another handler may have put down its own rendering of the exception.
        record.exc_text = None
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(route_of(request) if argument in (request.path, request.get_full_path()) else argument for argument in record.args)
        return super().format(record)

    def formatException(self, ei: ExcInfo) -> str:
        return "\n".join(f"{''.join(format_tb(error.__traceback__))}{type(error).__module__}.{type(error).__qualname__}" for error in _chain(ei[1]))


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
