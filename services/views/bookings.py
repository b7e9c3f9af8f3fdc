"""Bookings of one's organisation, lent and borrowed: the list, one of them, and what can be done with it."""
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from pilots.choices import Permission
from pilots.permissions import permission_required
from pilots.views.listing import list_context
from services.actions.bookings import answer_booking, move_booking
from services.choices import BookingMove, BookingState
from services.conflicts import Conflict
from services.filters import BookingFilterSet
from services.forms.bookings import AnswerForm, MoveForm, refused
from services.models import Booking, BookingSeries
from services.permissions import may_ask_substitute, may_move, moves_for
from services.queries.agreements import agreement_of
from services.queries.bookings import LISTED_WITH, booked_services, borrowed, get_booking, lent, requests_to_answer
from services.queries.fitting import read_calendar
from services.queries.times import FINLAND, Slot
from services.views.bookings_add import FreeTime, free_time

HANDLE = permission_required(Permission.HANDLE_SERVICES)
WAITING, LENT, BORROWED = "waiting", "lent", "borrowed"
ROWS = {WAITING: requests_to_answer, LENT: lent, BORROWED: borrowed}


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    current: bool
    count: int | None = None


@dataclass(frozen=True)
class Way:
    """Something that the person can do: a link that leads to its page."""

    url: str
    words: str
    main: bool = False


def words_of(target: str) -> str:
    return {
        BookingState.CONFIRMED: pgettext("booking", "Confirm"), BookingState.DECLINED: pgettext("booking", "Decline"),
        BookingState.WITHDRAWN: pgettext("booking", "Withdraw the request"), BookingState.CANCELLED: pgettext("booking", "Cancel the booking"),
    }[BookingState(target)]


def said_of(target: str) -> str:
    return {
        BookingState.CONFIRMED: _("Confirmed. The other organisation has been told."),
        BookingState.DECLINED: _("Declined. The other organisation reads your reason, and the time is free again."),
        BookingState.WITHDRAWN: _("Withdrawn. The time is free again."),
        BookingState.CANCELLED: _("Cancelled. The other organisation has been told, and the time is free again."),
    }[BookingState(target)]


@require_safe
@HANDLE
def booking_list(request: HttpRequest) -> HttpResponse:
    """What waits for an answer comes oldest request first; what is lent and borrowed by its time."""
    show = request.GET.get("show", WAITING)
    show = show if show in ROWS else WAITING
    rows = ROWS[show](request.acting)
    order = ("requested_at", "pk") if show == WAITING else ("-starts_at", "-pk")
    if show == WAITING:
        context = list_context(request, _listed(rows).order_by(*order))
        count = context["page_obj"].paginator.count
    else:
        filterset = BookingFilterSet(request.GET, _listed(rows), service=booked_services(rows))
        coming = request.GET.get("period") == BookingFilterSet.COMING
        context = list_context(request, filterset.qs.order_by(*(("starts_at", "pk") if coming else order)), filterset)
        count = None
    here, found = reverse("services:booking_list"), context["page_obj"].paginator.count
    labels = {WAITING: _("To answer"), LENT: _("Lent to others"), BORROWED: _("Borrowed by us")}
    context |= {
        "tabs": [Tab(label, f"{here}?show={code}", code == show, count if code == WAITING else None) for code, label in labels.items()],
        "show": show,
        "count_text": ngettext("%(count)d request", "%(count)d requests", found) % {"count": found} if show == WAITING else ngettext("%(count)d booking", "%(count)d bookings", found) % {"count": found},
        "breadcrumbs": [(_("Shared services"), reverse("services:service_list")), (_("Bookings"), None)],
    }
    return render(request, "services/booking_list.html", context)


def _listed(rows: QuerySet[Booking]) -> QuerySet[Booking]:
    return rows.select_related(*LISTED_WITH)


@require_safe
@HANDLE
def booking_detail(request: HttpRequest, pk: int) -> HttpResponse:
    booking = get_booking(request.acting, pk)
    ways = [Way(reverse("services:booking_answer", args=[pk, target]), words_of(target), target == BookingState.CONFIRMED) for target in targets(moves_for(request.acting, booking))]
    if may_move(request.acting, booking):
        ways.append(Way(reverse("services:booking_move", args=[pk]), _("Change the time")))
    if may_ask_substitute(request.acting, booking):
        ways.append(Way(reverse("services:need_substitute", args=[pk]), _("Ask for a substitute")))
    return render(request, "services/booking_detail.html", {"booking": booking, "ways": ways, "agreement": agreement_of(booking), "breadcrumbs": way_to(booking)})


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def booking_answer(request: HttpRequest, pk: int, target: str) -> HttpResponse:
    """A page of its own for each move: what will happen, and the reason where one is asked for."""
    booking = get_booking(request.acting, pk)
    moves = [move for move in moves_for(request.acting, booking) if move.target == target]
    if not moves:
        if target not in BookingState.values:
            raise Http404
        return changed_page(request, booking)
    form = AnswerForm(request.POST if request.method == "POST" else None, moves=moves, initial={"version": booking.version})
    if form.is_valid():
        try:
            answer_booking(by=request.acting, booking=booking, target=target, reason=form.cleaned_data["reason"], version=form.cleaned_data["version"])
        except ValidationError as error:
            refused(form, error)
        except Conflict as conflict:
            return changed_page(request, conflict.obj)
        else:
            messages.success(request, said_of(target))
            return redirect("services:booking_detail", pk)
    context = {"booking": booking, "target": target, "form": form, "words": words_of(target), "dates": 1, "danger": target != BookingState.CONFIRMED, "cancel_url": reverse("services:booking_detail", args=[pk])}
    return render(request, "services/booking_answer.html", context | {"breadcrumbs": way_to(booking, words_of(target))})


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def booking_move(request: HttpRequest, pk: int) -> HttpResponse:
    booking = get_booking(request.acting, pk)
    if booking.organisation_id != request.acting.organisation_id:
        raise PermissionDenied
    if not may_move(request.acting, booking):
        return changed_page(request, booking)
    starts, ends = booking.starts_at.astimezone(FINLAND), booking.ends_at.astimezone(FINLAND)
    data = request.POST.copy() if request.method == "POST" else None
    if data and "-" in data.get("take", ""):
        data["starts"], _dash, data["ends"] = data["take"].partition("-")
    form = MoveForm(data, initial={"day": starts.date(), "starts": starts.time(), "ends": ends.time(), "last_day": _other_day(booking), "version": booking.version})
    status, free = 200, []
    if form.is_valid():
        try:
            moved = move_booking(by=request.acting, booking=booking, slot=form.slot, version=form.cleaned_data["version"])
        except ValidationError as error:
            refused(form, error)
            free = _free(form, booking)
        except Conflict as conflict:
            if isinstance(conflict.obj, Booking):
                return changed_page(request, conflict.obj)
            form.add_error("starts", conflict.message)
            status, free = 409, _free(form, booking)
        else:
            asked = moved.state == BookingState.REQUESTED
            messages.success(request, _("The new time has been asked for, and it is kept for you until it is answered.") if asked else _("The booking has its new time."))
            return redirect("services:booking_detail", pk)
    context = {"booking": booking, "form": form, "free": free, "cancel_url": reverse("services:booking_detail", args=[pk]), "breadcrumbs": way_to(booking, _("Change the time"))}
    return render(request, "services/booking_move.html", context, status=status)


def _other_day(booking: Booking) -> date | None:
    """The last day of one that does not end on its first."""
    slot = Slot(booking.starts_at, booking.ends_at)
    return slot.last_day if slot.last_day != slot.day else None


def _free(form: MoveForm, booking: Booking) -> list[FreeTime]:
    calendar = read_calendar(booking.resource, form.slot.day, form.slot.last_day)
    return [free_time(slot) for slot in calendar.free_times(form.slot, now=timezone.now(), place=booking.place, ignoring=booking.pk)]


def targets(moves: list[BookingMove]) -> list[str]:
    """Each once, though of one's own both sides may lead there."""
    return list(dict.fromkeys(move.target for move in moves))


def way_to(booking: Booking, here: str = "") -> list[tuple[str, str | None]]:
    above = [(_("Bookings"), reverse("services:booking_list")), (booking.service.name, reverse("services:booking_detail", args=[booking.pk]) if here else None)]
    return [*above, (here, None)] if here else above


def changed_page(request: HttpRequest, thing: Booking | BookingSeries) -> HttpResponse:
    """409: what the thing is now, who made it so and when, and what can be done instead."""
    if isinstance(thing, BookingSeries):
        context = {"url": reverse("services:series_detail", args=[thing.pk]), "message": _("The series has changed in the meantime. Nothing was stored: look at it again.")}
    else:
        booking = get_booking(request.acting, thing.pk)
        who, when = (booking.ended_by, booking.ended_at) if booking.ended_at else (booking.answered_by, booking.answered_at)
        context = {
            "url": reverse("services:booking_detail", args=[booking.pk]),
            "message": _("This booking has changed in the meantime: it is now “%(state)s”.") % {"state": booking.get_state_display()},
            "who": who.organisation if who else None, "when": when, "reason": booking.reason,
        }
    return render(request, "services/booking_conflict.html", context, status=409)
