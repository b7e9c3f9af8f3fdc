"""Which reads go to a streaming replica, when there is one (DATABASE_REPLICA_URL; docs/scaling.md).

A page of `READ_BEHIND` reads what it shows from the replica, and may be as much behind as settings.DATABASE_REPLICA_MOST_BEHIND says.
Everything else reads the primary: who somebody is and may do, whatever is about clients, whatever is read in a transaction, and
whoever has written something that the replica has not got yet. A replica that is lost or too far behind is not read.
"""
import logging
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections
from django.http import Http404, HttpRequest, HttpResponse

REPLICA = "replica"
# Public pages, summaries, feeds and the read API, by the names of their addresses. None of them shows a client.
READ_BEHIND = frozenset({
    "home", "pilots:area_list", "pilots:area_detail", "pilots:area_environment", "pilots:municipality_list", "pilots:municipality_detail",
    "pilots:municipality_environment", "pilots:municipality_compare", "pilots:organisation_list", "pilots:organisation_detail", "pilots:unit_detail",
    "pilots:contact_list", "pilots:totals", "pilots:goal_table", "pilots:goal_detail", "pilots:learner_find", "pilots:lawful_list", "pilots:lawful_models",
    "pilots:model_list", "pilots:model_detail", "pilots:obstacle_list", "pilots:obstacle_detail", "pilots:proposal_list", "pilots:proposal_detail",
    "pilots:publication_list", "pilots:publication_detail", "pilots:publication_feed",
    "services:service_list", "services:service_detail", "services:service_map",
    "summaries:network_summary", "summaries:network_file", "summaries:figure_definitions", "summaries:area_summary", "summaries:area_summary_file",
    "summaries:municipality_summary", "summaries:municipality_summary_file", "summaries:pathways_public", "summaries:pathways_public_file",
    "summaries:pathways_side_by_side", "summaries:pathways_side_by_side_file", "summaries:change_feed", "summaries:area_change_feed", "summaries:search",
    "summaries:skill_answers", "summaries:area_report", "summaries:area_report_file", "summaries:board_pages", "summaries:board_pages_file",
    "api_area_list", "api_area", "api_organisation_list", "api_organisation", "api_unit_list", "api_unit", "api_municipality_list", "api_municipality",
    "api_model_list", "api_model", "api_obstacle_list", "api_obstacle", "api_service_list", "api_service", "api_run_list", "api_run", "api_figure_list",
    "hsds_service_list", "hsds_service", "hsds_organization_list", "hsds_organization", "hsds_bulk",
})  # fmt: skip
APPS = frozenset({"pilots", "services", "summaries"})
# Rights, and what is of clients, in those apps: a right that was taken away gives nothing from the very next request on.
PRIMARY_ONLY = frozenset({
    "pilots.membership", "pilots.invitation", "pilots.joinrequest", "pilots.apitoken", "pilots.requestcount",
    "services.feedaddress", "services.enrolment", "summaries.pathwayfact", "summaries.stalefact",
})  # fmt: skip
# The place in the primary's log after one's own last write, in one's session.
WRITTEN_AT = "written_at"
SAFE = ("GET", "HEAD")
ASK_EVERY = 1.0  # seconds
# While somebody waits for an answer of the replica the others go by the last one, for so long.
ANSWER_HOLDS = 3.0
AFTER_A_LOSS = 10.0
# Too slow for the replica, or in the way of what it has to catch up with: this page's own fate, and no fault of the replica.
OF_ONE_PAGE = ("57014", "40001")

_behind: ContextVar[bool] = ContextVar("reads the replica", default=False)
logger = logging.getLogger(__name__)


class Router:
    def db_for_read(self, model, **hints) -> str:
        readable = _behind.get() and model._meta.app_label in APPS and model._meta.label_lower not in PRIMARY_ONLY
        return REPLICA if readable and not connections[DEFAULT_DB_ALIAS].in_atomic_block else DEFAULT_DB_ALIAS

    def db_for_write(self, model, **hints) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one, other, **hints) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints) -> bool:
        return db == DEFAULT_DB_ALIAS


class Reach:
    """How much of the primary's log the replica has: asked once a second in each process, by one thread."""

    def __init__(self) -> None:
        self.place: int | None = None
        self.asked_at = self.next_at = float("-inf")
        self.lock = threading.Lock()

    def now(self) -> int | None:
        """A place in the log that the replica has passed; None while it is not to be read."""
        if time.monotonic() >= self.next_at and self.lock.acquire(blocking=False):
            try:
                self.place = _ask()
                self.asked_at = time.monotonic()
                self.next_at = self.asked_at + ASK_EVERY
            except (DatabaseError, InterfaceError) as error:
                self.lose(error)
            finally:
                self.lock.release()
        return self.place if time.monotonic() - self.asked_at < ANSWER_HOLDS else None

    def lose(self, error: Exception) -> None:
        logger.warning("The replica is not read for %d seconds: %s.", AFTER_A_LOSS, type(error).__name__)
        self.place, self.next_at = None, time.monotonic() + AFTER_A_LOSS
        connections[REPLICA].close()


reach = Reach()


def _ask() -> int | None:
    """Behind by the primary's own clock: by the last transaction that the replica has of what the primary had on its disk by then."""
    with connections[DEFAULT_DB_ALIAS].cursor() as primary:
        primary.execute("SELECT pg_current_wal_flush_lsn() - '0/0', clock_timestamp()")
        written, now = primary.fetchone()
    with connections[REPLICA].cursor() as replica:
        replica.execute("SELECT pg_last_wal_replay_lsn() - '0/0', pg_last_xact_replay_timestamp(), pg_is_in_recovery()")
        place, last, follows = replica.fetchone()
    # One that was made a primary goes its own way.
    if not follows or place is None:
        return None
    fresh = place >= written or (last is not None and (now - last).total_seconds() <= settings.DATABASE_REPLICA_MOST_BEHIND)
    return int(place) if fresh else None


def reading(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The last middleware: who asks is known by then, from the primary."""
    if not settings.DATABASE_ROUTERS:
        raise MiddlewareNotUsed

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method not in SAFE and request.user.is_authenticated:
            request.session[WRITTEN_AT] = _written()
        return response

    def view(request: HttpRequest, view: Callable[..., HttpResponse], args: tuple, kwargs: dict) -> HttpResponse | None:
        """The page from the replica; None, and so the page from the primary, when the replica cannot give it."""
        if request.method not in SAFE or request.resolver_match is None or request.resolver_match.view_name not in READ_BEHIND:
            return None
        place = reach.now()
        if place is None or place < request.session.get(WRITTEN_AT, 0):
            return None
        mark = _behind.set(True)
        try:
            response = view(request, *args, **kwargs)
            # The API has made answers of its own of what is not there: a database, or a thing that is newer than the replica.
            return response if response.status_code not in (404, 503) else None
        except Http404:
            return None
        except (OperationalError, InterfaceError) as error:
            if getattr(error.__cause__, "pgcode", None) not in OF_ONE_PAGE:
                reach.lose(error)
            return None
        finally:
            _behind.reset(mark)

    middleware.process_view = view
    return middleware


def _written() -> int:
    """Past one's own commit, whether it is on the disk yet or not (`synchronous_commit`)."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'")
        return int(cursor.fetchone()[0])
