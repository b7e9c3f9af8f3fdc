"""Addresses of comments and of reports of what is wrong."""
from django.urls import path

from pilots.views import discussion

urlpatterns = [
    path("discussion/<slug:kind>/<int:pk>/wrong/", discussion.fault_report, name="fault_report"),
    path("discussion/<slug:kind>/<int:pk>/comment/", discussion.comment_add, name="comment_add"),
    path("discussion/comments/<int:pk>/hide/", discussion.comment_hide, name="comment_hide"),
    path("discussion/faults/", discussion.fault_list, name="fault_list"),
    path("discussion/faults/<int:pk>/handled/", discussion.fault_handle, name="fault_handle"),
]
