from django.http import HttpResponse
from django.urls import path


def stub(request, **kwargs):
    return HttpResponse()


urlpatterns = [
    path("areas/", stub, name="area_list"),
    path("areas/<slug:slug>/", stub, name="area_detail"),
    path("municipalities/", stub, name="municipality_list"),
    path("municipalities/<str:code>/", stub, name="municipality_detail"),
    path("organisations/", stub, name="organisation_list"),
    path("organisations/<slug:slug>/", stub, name="organisation_detail"),
    path("units/<slug:slug>/", stub, name="unit_detail"),
    path("contacts/", stub, name="contact_list"),
    path("search/", stub, name="search"),
]
