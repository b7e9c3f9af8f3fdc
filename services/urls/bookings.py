from django.urls import path

from services.views import bookings

urlpatterns = [
    path("bookings/<row:pk>/", bookings.booking_detail, name="booking_detail"),
]
