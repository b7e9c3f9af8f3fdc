"""Addresses of the client's own pages: /my-path/, a namespace of its own beside the workers' /guidance/."""
from django.urls import path

from guidance.urls import own_sharing
from guidance.views import own, own_join

app_name = "own"
urlpatterns = [
    path("", own.own_path, name="path"),
    *own_sharing.urlpatterns,
    path("written/", own.own_written, name="written"),
    path("<pseudonym:pseudonym>/timeline/", own.own_timeline_page, name="timeline"),
    path("<pseudonym:pseudonym>/files/<row:pk>/", own.own_file, name="file"),
    path("<pseudonym:pseudonym>/write/<slug:kind>/", own.own_write, name="write"),
    path("join/<str:key>/", own_join.own_join, name="join"),
    path("back/<str:key>/", own_join.own_back, name="back"),
    path("close/", own.own_close, name="close"),
    path("appointment/<str:key>/", own_join.own_appointment, name="appointment"),
]
