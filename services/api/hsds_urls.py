"""Addresses of HSDS, as the standard's API names them; they are assembled in kopa_portal."""
from django.urls import path

from services.api import hsds

urlpatterns = [
    path("", hsds.Base.as_view(), name="hsds_base"),
    path("services", hsds.Services.as_view(), name="hsds_service_list"),
    path("services/<uuid:key>", hsds.Service.as_view(), name="hsds_service"),
    path("organizations", hsds.Organizations.as_view(), name="hsds_organization_list"),
    path("organizations/<uuid:key>", hsds.Organization.as_view(), name="hsds_organization"),
    path("bulk.zip", hsds.Bulk.as_view(), name="hsds_bulk"),
]
