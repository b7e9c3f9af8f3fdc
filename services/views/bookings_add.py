"""Booking: a single time, and the same hours each week."""
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from pilots.choices import Permission
from pilots.permissions import permission_required
from services.actions.bookings import FARTHEST, propose_series, request_booking, request_series
from services.choices import BookingMode, BookingState, PriceBasis
from services.conflicts import Conflict
from services.forms.bookings import BookingForm, SeriesForm, refused
from services.forms.times import HourField, written_time
from services.models import Place, Resource, SharedService
from services.permissions import may_book
from services.queries.catalogue import find_visible
from services.queries.fitting import read_calendar
from services.queries.series import Plan
from services.queries.times import FINLAND, Slot, week_of
from services.queries.week import read_rules, rules_of_week

HANDLE = permission_required(Permission.HANDLE_SERVICES)
MOST_PARTS = 100


@dataclass(frozen=True)
class FreeTime:
    """A button: `value` is sent, `words` are read."""

    value: str
    words: str


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def booking_add(request: HttpRequest, pk: int) -> HttpResponse:
    service = bookable(request, pk)
    form = BookingForm(_taken(request), parts=_parts(service), places=_places(request, service), initial=_asked(request))
    status, free = 200, []
    if form.is_valid():
        try:
            booking = request_booking(by=request.acting, service=service, slot=form.slot, **form.what())
        except ValidationError as error:
            refused(form, error)
            free = _free(form, service)
        except Conflict as conflict:
            form.add_error("starts", conflict.message)
            status, free = 409, _free(form, service)
        else:
            messages.success(request, _said_of(booking.state))
            return redirect("services:booking_detail", booking.pk)
    day = form.cleaned_data.get("day") if form.is_bound and hasattr(form, "cleaned_data") else form.initial.get("day")
    return _page(request, "services/booking_add.html", service, form, status=status, day=day, free=free)


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def series_add(request: HttpRequest, pk: int) -> HttpResponse:
    """The first press shows the dates, the second sends them; "change" goes back to the fields as they were written."""
    service = bookable(request, pk)
    form = SeriesForm(request.POST if request.method == "POST" else None, parts=_parts(service), places=_places(request, service), initial=_asked(request))
    plan, status, said = None, 200, ""
    if form.is_valid() and "change" not in request.POST:
        try:
            expected = form.cleaned_data["expected"]
            if expected is not None:
                series = request_series(by=request.acting, service=service, expected=expected, **form.what(), **form.when())
                messages.success(request, _("The series is stored. Its dates, and those that did not fit, are below."))
                return redirect("services:series_detail", series.pk)
            plan = _plan(request, service, form)
        except ValidationError as error:
            refused(form, error)
        except Conflict as conflict:
            status, said = 409, conflict.message
            try:
                plan = _plan(request, service, form)
            except ValidationError as error:
                refused(form, error)
    if plan:
        return _page(request, "services/series_preview.html", service, _carried(form, plan), status=status, plan=plan, said=said, fitting_text=fitting_text(plan))
    return _page(request, "services/series_add.html", service, form, day=form.initial.get("day"))


def bookable(request: HttpRequest, pk: int) -> SharedService:
    """Http404 for what the organisation does not see, PermissionDenied for what it may only know of."""
    service = find_visible(request.acting, pk)
    if service is None:
        raise Http404
    if not service.usable or not may_book(request.acting, service):
        raise PermissionDenied
    return service


def _parts(service: SharedService) -> list[Resource]:
    """The resource and its parts; a part knows its whole without another query."""
    parts = list(service.resource.parts.filter(ended_on=None).order_by("sort_key_fi", "pk")[:MOST_PARTS]) if not service.resource.is_person else []
    for part in parts:
        part.whole = service.resource
    return [service.resource, *parts]


def _places(request: HttpRequest, service: SharedService) -> list[Place]:
    """Where a person who is lent may work: the borrower's own places, and where the service and the person are at home."""
    if not service.resource.is_person:
        return []
    return list(Place.objects.filter(Q(owner=request.acting.organisation_id) | Q(pk__in={service.place_id, service.resource.place_id} - {None})).select_related("municipality").order_by("sort_key_fi", "pk")[:MOST_PARTS])


def _taken(request: HttpRequest):
    """What was sent; a pressed free time takes the place of the one that was written."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    starts, _dash, ends = data.get("take", "").partition("-")
    if starts and ends:
        data["starts"], data["ends"] = starts, ends
    return data


def _asked(request: HttpRequest) -> dict:
    """A time that the calendar's link names stands in the form already; one that makes no sense does not."""
    asked = {}
    try:
        asked["day"] = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return {}
    if not _is_near(asked["day"]):
        return {}
    for name in ("starts", "ends"):
        try:
            asked[name] = HourField(required=False).clean(request.GET.get(name, ""))
        except forms.ValidationError:
            continue
    return asked | {"first_day": asked["day"]}


def _is_near(day: date) -> bool:
    """Whether a calendar can be drawn around the day: nobody books centuries away."""
    return abs(day - timezone.localdate()) <= FARTHEST


def _free(form: BookingForm, service: SharedService) -> list[FreeTime]:
    what = form.what()
    calendar = read_calendar(what["resource"], form.slot.day, form.slot.last_day)
    place = what["place"] or what["resource"].place or calendar.root.place
    return [free_time(slot) for slot in calendar.free_times(form.slot, now=timezone.now(), place=place)]


def free_time(slot: Slot) -> FreeTime:
    starts, ends = slot.starts_at.astimezone(FINLAND), slot.ends_at.astimezone(FINLAND)
    return FreeTime(f"{written_time(starts.time())}-{written_time(ends.time())}", f"{date_format(starts, 'TIME_FORMAT')}–{date_format(ends, 'TIME_FORMAT')}")


def _plan(request: HttpRequest, service: SharedService, form: SeriesForm) -> Plan:
    what = form.what()
    plan = propose_series(by=request.acting, service=service, resource=what["resource"], place=what["place"], **form.when())
    if not plan.fitting:
        form.add_error(None, _("None of the dates fits. Choose another time or other days."))
    return plan


def _carried(form: SeriesForm, plan: Plan) -> SeriesForm:
    """The form as hidden fields, with the days that the reader now sees as fitting."""
    data = form.data.copy()
    data["expected"] = ",".join(one.day.isoformat() for one in plan.fitting)
    form.data = data
    for field in form.fields.values():
        field.widget = forms.HiddenInput()
    return form


def fitting_text(plan: Plan) -> str:
    fits, all_of_them = len(plan.fitting), len(plan.dates)
    return ngettext("%(fits)d of %(count)d date fits.", "%(fits)d of %(count)d dates fit.", all_of_them) % {"fits": fits, "count": all_of_them}


def _said_of(state: str) -> str:
    if state == BookingState.CONFIRMED:
        return _("It is booked, and the organisation that offers it has been told.")
    return _("The request has been sent, and the time is kept for you until it is answered.")


def _page(request: HttpRequest, template: str, service: SharedService, form: forms.Form, *, status: int = 200, day: date | None = None, **context) -> HttpResponse:
    root = service.resource.whole or service.resource
    monday = week_of(day if day and _is_near(day) else timezone.localdate())
    hours, exceptions = read_rules(root, monday, monday + timedelta(days=6))
    context |= {
        "service": service,
        "form": form,
        "days": rules_of_week(hours, exceptions, root, monday),
        "monday": monday,
        "at_once": root.mode_now == BookingMode.AT_ONCE and bool(hours),
        "root": root,
        "is_free_of_charge": service.price_basis == PriceBasis.FREE,
        "cancel_url": service.get_absolute_url(),
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (service.name, service.get_absolute_url()), (_("Book"), None)],
    }
    return render(request, template, context, status=status)
