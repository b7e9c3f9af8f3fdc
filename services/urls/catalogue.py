from django.urls import path

from services.views import catalogue

urlpatterns = [
    path("", catalogue.service_list, name="service_list"),
    path("<row:pk>/", catalogue.service_detail, name="service_detail"),
    path("<row:pk>/wrong/", catalogue.service_wrong, name="service_wrong"),
]
