"""What Prometheus reads: how much is asked and how quickly it is answered, and how the queues stand. Nothing of anybody.

Pages about clients are counted together under the name of their part of the portal: so few of some are asked for that their count
would tell of one client. Counted in each server process; gunicorn.conf.py gives them a folder to be added up in.
"""
import os
import time
from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import ExitStack

from django.db import Error, connections
from django.db.models import Count, Min
from django.http import HttpRequest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from accounts.jobs import LEASE
from accounts.models import OutboxMessage, WorkerBeat
from kopa_portal.operation import readiness

ABOUT_CLIENTS = ("guidance", "own")
METHODS = ("GET", "HEAD", "POST")
FOLDER = "PROMETHEUS_MULTIPROC_DIR"

counted = CollectorRegistry()
REQUESTS = Counter("kopa_requests", "Answers by page, method and status.", ["page", "method", "status"], registry=counted)
SECONDS = Histogram("kopa_request_seconds", "Time to the answer.", ["page"], buckets=(0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15), registry=counted)
DATABASE_ERRORS = Counter("kopa_database_errors", "Statements that the database refused, those that were answered well included.", ["kind"], registry=counted)
SIGN_INS_REFUSED = Counter("kopa_sign_ins_refused", "Sign-ins with a wrong address or password.", registry=counted)


def measured(get_response):
    def middleware(request):
        began = time.perf_counter()
        with ExitStack() as stack:
            for database in connections.all():
                stack.enter_context(database.execute_wrapper(count_errors))
            response = get_response(request)
        page = page_of(request)
        REQUESTS.labels(page, request.method if request.method in METHODS else "other", response.status_code).inc()
        SECONDS.labels(page).observe(time.perf_counter() - began)
        return response

    return middleware


def count_errors(execute, sql, params, many, context):
    try:
        return execute(sql, params, many, context)
    except Error as error:
        DATABASE_ERRORS.labels(type(error).__name__).inc()
        raise


def page_of(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is None:
        return "none"
    return next((part for part in match.namespaces if part in ABOUT_CLIENTS), match.view_name)


class AsOfNow:
    """What is asked of the database and the disk at the moment of reading."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        now = timezone.now()
        checks = GaugeMetricFamily("kopa_check_failed", "1 when the check of /ready fails.", labels=["check"])
        found = readiness.everything(now)
        for name, finding in found.items():
            checks.add_metric([name], finding.state == readiness.FAILED)
        yield checks
        if found["database"].state != readiness.OK:
            return
        try:
            with readiness.short_statements():
                yield from self._queues(now)
        except Error:
            return

    def _queues(self, now) -> Iterator[GaugeMetricFamily]:
        waiting = OutboxMessage.objects.waiting().aggregate(count=Count("pk"), oldest=Min("created_at"))
        yield GaugeMetricFamily("kopa_outbox_waiting", "Mails that wait.", value=waiting["count"])
        yield GaugeMetricFamily("kopa_outbox_oldest_seconds", "Age of the oldest mail that waits.", value=(now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0)
        jobs = GaugeMetricFamily("kopa_jobs", "Jobs of the queue by state; those that are done stay for a week.", labels=["state"])
        found = Tally(dict(DBTaskResult.objects.order_by().values_list("status").annotate(count=Count("pk"))))
        for state in ("READY", "RUNNING", "SUCCESSFUL", "FAILED"):
            jobs.add_metric([state.lower()], found[state])
        yield jobs
        yield GaugeMetricFamily("kopa_workers", "Processes of manage.py work that live.", value=WorkerBeat.objects.filter(at__gte=now - LEASE).count())


def exposition() -> bytes:
    now, over_all = CollectorRegistry(), counted
    now.register(AsOfNow())
    if FOLDER in os.environ:
        over_all = CollectorRegistry()
        MultiProcessCollector(over_all)
    return generate_latest(over_all) + generate_latest(now)
