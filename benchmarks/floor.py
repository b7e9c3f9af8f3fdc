"""The floor F: a signed-in page that does nothing, in the portal's own frame (session, user, one template: 2 queries).

Judged against the table of bars: a sign-in page, which is the frame and a form, is to cost 1 to 1.5 F, so F has the frame.
"""
import time

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from benchmarks.runner import FLOOR, UNLOGGED
from kopa_portal import navigation
from pilots.acting import acting_for


def floor(request: HttpRequest) -> HttpResponse:
    return render(request, "floor.html")


def acting_but_on_the_floor(get_response):
    """As pilots.acting.acting_for, whose query the floor does not make; nor does it ask whether a client has come."""
    acting, is_client = acting_for(get_response), navigation.is_client
    navigation.is_client = lambda request: request.path != FLOOR and is_client(request)

    def middleware(request):
        if request.path == FLOOR:
            request.acting, request.memberships = None, []
            return get_response(request)
        return acting(request)

    return middleware


def unlogged_when_asked(get_response):
    """Takes the read log out of client pages whose request says so."""
    from guidance import reading

    write = reading.log_access
    reading.log_access = lambda request, *args, **kwargs: None if UNLOGGED in request.headers else write(request, *args, **kwargs)
    return get_response


def processor_time(get_response):
    """Tells on each answer how long the worker's own thread worked on it, in milliseconds."""

    def middleware(request):
        started = time.thread_time()
        response = get_response(request)
        response["Server-Timing"] = f"cpu;dur={(time.thread_time() - started) * 1000:.3f}"
        return response

    return middleware
