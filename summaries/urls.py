"""Addresses of what the other apps come to: the search over everything, and reports."""
from django.urls import path

from summaries.views import search

app_name = "summaries"
urlpatterns = [
    path("search/", search.search, name="search"),
]
