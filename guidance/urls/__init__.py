"""Addresses of guidance: one module for each screenful of work, in the order of a counsellor's day.

Modules write the pseudonym of a pathway as <pseudonym:pseudonym> and the number of a row as <row:pk>.
"""
from django.urls import register_converter

import services.converters  # noqa: F401  (<row:pk>)
from guidance.converters import PseudonymConverter

register_converter(PseudonymConverter, "pseudonym")

from guidance.urls import clients, figures, handoffs, imports, legal, partnerships, pathways, readings, rights, waiting  # noqa: E402

app_name = "guidance"
urlpatterns = [
    *waiting.urlpatterns,
    *imports.urlpatterns,
    *clients.urlpatterns,
    *partnerships.urlpatterns,
    *pathways.urlpatterns,
    *handoffs.urlpatterns,
    *figures.urlpatterns,
    *readings.urlpatterns,
    *rights.urlpatterns,
    *legal.urlpatterns,
]
