"""A weekly series: its dates, those that did not fit, an answer to all that wait, an alternative taken with one press."""
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from services.actions.bookings import answer_series, request_booking
from services.choices import BOOKING_MOVES, BookingState, Side
from services.conflicts import Conflict
from services.forms.bookings import AnswerForm, refused
from services.models import Booking, RejectedDate
from services.permissions import moves_for
from services.queries.bookings import LISTED_WITH, answerable, get_series, seen_as, sides_of_series
from services.queries.times import Slot
from services.views.bookings import HANDLE, Way, changed_page, said_of, words_of


@dataclass(frozen=True)
class Rejected:
    """A date that did not fit; `booking` is the alternative once it has been taken."""

    row: RejectedDate
    booking: Booking | None
    may_take: bool


@require_safe
@HANDLE
def series_detail(request: HttpRequest, pk: int) -> HttpResponse:
    series = get_series(request.acting, pk)
    bookings = list(series.bookings.select_related(*LISTED_WITH).order_by("starts_at", "pk"))
    by_token = {booking.token: booking for booking in bookings}
    now, borrows = timezone.now(), Side.BORROWER in sides_of_series(request.acting, series)
    rejected = []
    for row in series.rejected_dates.all():
        taken = by_token.get(token_of(row))
        rejected.append(Rejected(row, taken, borrows and taken is None and row.offered_starts_at is not None and row.offered_starts_at > now))
    counts = {}
    for booking in bookings:
        for target in {move.target for move in moves_for(request.acting, booking) if move.target != BookingState.CANCELLED or booking.starts_at > now}:
            counts[target] = counts.get(target, 0) + 1
    order = list(dict.fromkeys(move.target for move in BOOKING_MOVES))
    ways = [Way(reverse("services:series_answer", args=[pk, target]), words_of_all(target, counts[target]), target == BookingState.CONFIRMED) for target in order if target in counts]
    context = {"series": series, "bookings": bookings, "rejected": rejected, "ways": ways, "purpose": bookings[0].purpose if bookings else "", "breadcrumbs": [(_("Bookings"), reverse("services:booking_list")), (series.service.name, None)]}
    return render(request, "services/series_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@HANDLE
def series_answer(request: HttpRequest, pk: int, target: str) -> HttpResponse:
    """`version` of the form tells which bookings the reader saw, as they were then."""
    series = get_series(request.acting, pk)
    if target not in BookingState.values:
        raise Http404
    bookings, moves = answerable(request.acting, series, target, timezone.now())
    if not moves:
        raise PermissionDenied
    if not bookings:
        return changed_page(request, series)
    form = AnswerForm(request.POST if request.method == "POST" else None, moves=moves, initial={"version": seen_as(bookings)})
    if form.is_valid():
        try:
            answer_series(by=request.acting, series=series, target=target, reason=form.cleaned_data["reason"], seen=form.cleaned_data["version"])
        except ValidationError as error:
            refused(form, error)
        except Conflict:
            return changed_page(request, series)
        else:
            messages.success(request, said_of(target))
            return redirect("services:series_detail", pk)
    context = {
        "booking": bookings[0], "target": target, "form": form, "words": words_of_all(target, len(bookings)), "dates": len(bookings), "danger": target != BookingState.CONFIRMED,
        "cancel_url": reverse("services:series_detail", args=[pk]), "breadcrumbs": [(_("Bookings"), reverse("services:booking_list")), (series.service.name, reverse("services:series_detail", args=[pk])), (words_of(target), None)],
    }
    return render(request, "services/booking_answer.html", context)


@require_POST
@HANDLE
def series_take(request: HttpRequest, pk: int, rejected: int) -> HttpResponse:
    """The alternative that was offered for a date; pressed twice it makes one booking."""
    series = get_series(request.acting, pk)
    row = series.rejected_dates.filter(pk=rejected, offered_starts_at__isnull=False).first()
    if row is None:
        raise Http404
    if Side.BORROWER not in sides_of_series(request.acting, series):
        raise PermissionDenied
    first = series.bookings.select_related("place__municipality").first()
    try:
        booking = request_booking(
            by=request.acting, service=series.service, resource=series.resource, slot=Slot(row.offered_starts_at, row.offered_ends_at), purpose=first.purpose, people=first.people,
            place=first.place, token=token_of(row), series=series,
        )
    except (Conflict, ValidationError) as error:
        messages.error(request, " ".join(error.messages) if isinstance(error, ValidationError) else error.message)
        return redirect("services:series_detail", pk)
    if not booking.holds:
        # Booked before, and given back since: the same press does not book it again.
        return redirect("services:booking_detail", booking.pk)
    messages.success(request, _("The other time is booked.") if booking.state == BookingState.CONFIRMED else _("The other time has been asked for."))
    return redirect("services:series_detail", pk)


def token_of(row: RejectedDate) -> UUID:
    """The same for every press, so that the alternative of a date is booked once."""
    return uuid5(NAMESPACE_URL, f"{row.series.token}/{row.pk}")


def words_of_all(target: str, count: int) -> str:
    match BookingState(target):
        case BookingState.CONFIRMED:
            return ngettext("Confirm %(count)d date", "Confirm all %(count)d dates", count) % {"count": count}
        case BookingState.DECLINED:
            return ngettext("Decline %(count)d date", "Decline all %(count)d dates", count) % {"count": count}
        case BookingState.WITHDRAWN:
            return ngettext("Withdraw %(count)d date", "Withdraw all %(count)d dates", count) % {"count": count}
    return ngettext("Cancel %(count)d date to come", "Cancel all %(count)d dates to come", count) % {"count": count}
