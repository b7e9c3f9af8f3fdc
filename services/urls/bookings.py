from django.urls import path

from services.views import bookings, bookings_add, bookings_series, calendars

urlpatterns = [
    path("<row:pk>/book/", bookings_add.booking_add, name="booking_add"),
    path("<row:pk>/series/", bookings_add.series_add, name="series_add"),
    path("<row:pk>/calendar/", calendars.service_calendar, name="service_calendar"),
    path("bookings/", bookings.booking_list, name="booking_list"),
    path("bookings/<row:pk>/", bookings.booking_detail, name="booking_detail"),
    path("bookings/<row:pk>/move/", bookings.booking_move, name="booking_move"),
    path("bookings/<row:pk>/answer/<slug:target>/", bookings.booking_answer, name="booking_answer"),
    path("series/<row:pk>/", bookings_series.series_detail, name="series_detail"),
    path("series/<row:pk>/answer/<slug:target>/", bookings_series.series_answer, name="series_answer"),
    path("series/<row:pk>/dates/<row:rejected>/", bookings_series.series_take, name="series_take"),
    path("calendar/", calendars.organisation_calendar, name="organisation_calendar"),
    path("calendar/term/", calendars.organisation_term, name="organisation_term"),
    path("calendar/addresses/", calendars.feed_list, name="feed_list"),
    path("calendar/addresses/<row:pk>/revoke/", calendars.feed_revoke, name="feed_revoke"),
    path("calendar/feed/<slug:token>.ics", calendars.feed, name="feed"),
]
