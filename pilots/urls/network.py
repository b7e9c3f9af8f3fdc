"""Addresses of the network, open to everyone."""
from django.urls import path, re_path

from pilots.views import areas, contacts, municipalities, organisations, totals

urlpatterns = [
    path("areas/", areas.area_list, name="area_list"),
    path("areas/<slug:slug>/", areas.area_detail, name="area_detail"),
    path("municipalities/", municipalities.municipality_list, name="municipality_list"),
    re_path(r"^municipalities/(?P<code>[0-9]{3})/$", municipalities.municipality_detail, name="municipality_detail"),
    path("organisations/", organisations.organisation_list, name="organisation_list"),
    path("organisations/<slug:slug>/", organisations.organisation_detail, name="organisation_detail"),
    path("units/<slug:slug>/", organisations.unit_detail, name="unit_detail"),
    path("contacts/", contacts.contact_list, name="contact_list"),
    path("totals/", totals.totals, name="totals"),
]
