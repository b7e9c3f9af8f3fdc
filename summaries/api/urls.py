"""Addresses of figures in the API; they are assembled in kopa_portal."""
from django.urls import path

from summaries.api import figures

urlpatterns = [path("figures", figures.FigureList.as_view(), name="api_figure_list")]
