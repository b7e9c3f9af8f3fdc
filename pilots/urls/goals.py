"""Addresses of the five goals."""
from django.urls import path

from pilots.views import goals

urlpatterns = [
    path("goals/", goals.goal_table, name="goal_table"),
    path("goals/<int:number>/", goals.goal_detail, name="goal_detail"),
]
