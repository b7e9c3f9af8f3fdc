from django.urls import path

from guidance.views.waiting import waiting, waiting_list

urlpatterns = [
    path("", waiting, name="waiting"),
    path("waiting/<slug:show>/", waiting_list, name="waiting_list"),
]
