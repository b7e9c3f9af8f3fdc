"""Addresses of the environment in figures, open to everyone."""
from django.urls import path, re_path

from pilots.views import environment, figure_files

urlpatterns = [
    path("areas/<slug:slug>/environment/", environment.area_environment, name="area_environment"),
    path("figures/files/", figure_files.figure_file_list, name="figure_file_list"),
    path("figures/files/<int:pk>/", figure_files.figure_file, name="figure_file"),
    path("municipalities/compare/", environment.municipality_compare, name="municipality_compare"),
    re_path(r"^municipalities/(?P<code>[0-9]{3})/environment/$", environment.municipality_environment, name="municipality_environment"),
]
