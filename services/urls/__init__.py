"""Addresses of what is shared: the catalogue, bookings, and courses. Modules write the number of a row as <row:pk>."""
import services.converters  # noqa: F401
from services.urls import agreements, bookings, catalogue, courses, finding, lists, needs, offering, rounds

app_name = "services"
urlpatterns = [
    *agreements.urlpatterns, *catalogue.urlpatterns, *bookings.urlpatterns, *courses.urlpatterns, *finding.urlpatterns, *lists.urlpatterns, *needs.urlpatterns, *offering.urlpatterns, *rounds.urlpatterns,
]  # fmt: skip
