from django.urls import path

from guidance.views import legal

urlpatterns = [
    path("provisions/", legal.legal_list, name="legal_list"),
    path("provisions/add/", legal.legal_add, name="legal_add"),
    path("provisions/<slug:slug>/", legal.legal_edit, name="legal_edit"),
]
