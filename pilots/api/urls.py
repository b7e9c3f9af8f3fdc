"""Addresses of the network in the API; they are assembled in kopa_portal."""
from django.urls import path

from pilots.api import development, network

urlpatterns = [
    path("areas", network.AreaList.as_view(), name="api_area_list"),
    path("areas/<slug:slug>", network.AreaDetail.as_view(), name="api_area"),
    path("organisations", network.OrganisationList.as_view(), name="api_organisation_list"),
    path("organisations/<slug:slug>", network.OrganisationDetail.as_view(), name="api_organisation"),
    path("units", network.UnitList.as_view(), name="api_unit_list"),
    path("units/<slug:slug>", network.UnitDetail.as_view(), name="api_unit"),
    path("municipalities", network.MunicipalityList.as_view(), name="api_municipality_list"),
    path("municipalities/<slug:code>", network.MunicipalityDetail.as_view(), name="api_municipality"),
    path("models", development.ModelList.as_view(), name="api_model_list"),
    path("models/<int:pk>", development.ModelDetail.as_view(), name="api_model"),
    path("obstacles", development.ObstacleList.as_view(), name="api_obstacle_list"),
    path("obstacles/<int:pk>", development.ObstacleDetail.as_view(), name="api_obstacle"),
]
