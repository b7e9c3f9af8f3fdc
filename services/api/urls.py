"""Addresses of shared services in the API; they are assembled in kopa_portal."""
from django.urls import path

from services.api import catalogue

urlpatterns = [
    path("services", catalogue.ServiceList.as_view(), name="api_service_list"),
    path("services/<int:pk>", catalogue.ServiceDetail.as_view(), name="api_service"),
    path("course-runs", catalogue.RunList.as_view(), name="api_run_list"),
    path("course-runs/<int:pk>", catalogue.RunDetail.as_view(), name="api_run"),
]
