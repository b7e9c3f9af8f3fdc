"""Addresses of the client's own pages: /my-path/, a namespace of its own beside the workers' /guidance/."""
from django.urls import path

from guidance.urls import own_sharing
from guidance.views import own

app_name = "own"
urlpatterns = [
    path("", own.own_path, name="path"),
    *own_sharing.urlpatterns,
]
