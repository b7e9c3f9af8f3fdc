"""Week and term calendars, and the addresses from which calendar programmes read."""
from datetime import date, timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.addresses import in_public_name
from pilots.choices import Permission
from pilots.permissions import permission_required
from services.actions.feeds import make_feed_address, revoke_feed_address
from services.forms.bookings import FeedForm, refused
from services.models import Resource
from services.permissions import may_book
from services.queries.bookings import borrowed, lent
from services.queries.catalogue import find_usable, known_services
from services.queries.feeds import calendar_of, feeds_of, find_feed
from services.queries.times import WEEK
from services.queries.week import monday_of, organisation_week, resource_week, term_counts, written_week

HANDLE = permission_required(Permission.HANDLE_SERVICES)
WEEKS_OF_A_TERM = 20
MOST_RESOURCES = 500


@require_safe
def service_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Of what a service offers, for those who may use it; who has borrowed it is read by the two sides only."""
    # What has been borrowed keeps its calendar when it is offered no more; that is rare, and read in the usual way.
    known = known_services(request.acting).select_related("organisation", "resource__whole", "resource__owner").filter(usable=True, pk=pk, resource__isnull=False)
    service = (find_usable(request.acting, pk) or known.first()) if request.acting else None
    if service is None:
        raise Http404
    monday = monday_of(request.GET.get("week", ""))
    context = {
        "service": service,
        "days": resource_week(service.resource, monday, request.acting, timezone.now()),
        "may_book": may_book(request.acting, service),
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (service.name, service.get_absolute_url()), (_("Calendar"), None)],
    }
    return render(request, "services/service_calendar.html", context | _weeks(monday))


@require_safe
@HANDLE
def organisation_calendar(request: HttpRequest) -> HttpResponse:
    monday = monday_of(request.GET.get("week", ""))
    context = {
        "days": organisation_week(monday, request.acting),
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Calendar"), None)],
    }
    return render(request, "services/organisation_calendar.html", context | _weeks(monday))


@require_safe
@HANDLE
def organisation_term(request: HttpRequest) -> HttpResponse:
    """Twenty weeks from the one asked for: how many bookings begin on each weekday."""
    monday = monday_of(request.GET.get("week", ""))
    lends, borrows = (term_counts(rows(request.acting), monday, WEEKS_OF_A_TERM) for rows in (lent, borrowed))
    names = [date_format(monday + timedelta(days=number), "D") for number in range(7)]
    context = {
        "weekday_names": names,
        "weeks": [(one[0], written_week(one[0]), list(zip(names, one[1], other[1], strict=True))) for one, other in zip(lends, borrows, strict=True)],
        "breadcrumbs": [(_("Calendar"), reverse("services:organisation_calendar")), (_("Term"), None)],
    }
    return render(request, "services/organisation_term.html", context | _weeks(monday, WEEKS_OF_A_TERM))


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def feed_list(request: HttpRequest) -> HttpResponse:
    """The new address is shown once, on the answer to the form: only its hash is kept, anywhere."""
    resources = list(Resource.objects.filter(owner=request.acting.organisation_id, whole=None, ended_on=None).order_by("sort_key_fi", "pk")[:MOST_RESOURCES])
    token = ""
    form = FeedForm(request.POST if request.method == "POST" else None, resources=resources)
    if form.is_valid():
        try:
            _made, token = make_feed_address(by=request.acting, resource=form.cleaned_data["resource"])
        except ValidationError as error:
            refused(form, error)
        else:
            messages.success(request, _("The address is made. Copy it now: it is shown this once only."))
            form = FeedForm(resources=resources)
    context = {
        "form": form,
        "feeds": list(feeds_of(request.acting)),
        "new_address": in_public_name(reverse("services:feed", args=[token])) if token else "",
        "breadcrumbs": [(_("Calendar"), reverse("services:organisation_calendar")), (_("Calendar addresses"), None)],
    }
    return render(request, "services/feed_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def feed_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    feed = feeds_of(request.acting).filter(pk=pk).first()
    if feed is None:
        raise Http404
    if request.method == "POST":
        revoke_feed_address(by=request.acting, address=feed)
        messages.success(request, _("Revoked: a programme that asks the address gets nothing any more."))
        return redirect("services:feed_list")
    return render(request, "services/feed_revoke.html", {"feed": feed, "cancel_url": reverse("services:feed_list"), "danger": True})


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Read by a programme that signs in nowhere: whoever has the address reads. 404 tells nothing of why."""
    found = find_feed(token)
    if found is None:
        raise Http404
    response = HttpResponse(calendar_of(found, timezone.now()), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="kopa.ics"'
    response["Cache-Control"] = "private, max-age=900"
    return response


def _weeks(monday: date, step: int = 1) -> dict:
    return {
        "monday": monday,
        "sunday": monday + step * WEEK - timedelta(days=1),
        "week_number": monday.isocalendar().week,
        "week": written_week(monday),
        "previous_week": written_week(monday - step * WEEK),
        "next_week": written_week(monday + step * WEEK),
    }
