from django.http import HttpResponse
from django.urls import path


def stub(request, **kwargs):
    return HttpResponse()


urlpatterns = [
    path("areas/<slug:slug>/edit/", stub, name="area_edit"),
    path("areas/<slug:slug>/history/", stub, name="area_history"),
    path("areas/<slug:slug>/contacts/add/", stub, name="contact_add"),
    path("areas/<slug:slug>/contacts/<int:pk>/edit/", stub, name="contact_edit"),
    path("areas/<slug:slug>/contacts/<int:pk>/confirm/", stub, name="contact_confirm"),
    path("areas/<slug:slug>/contacts/<int:pk>/end/", stub, name="contact_end"),
    path("areas/<slug:slug>/members/add/", stub, name="member_add"),
    path("areas/<slug:slug>/members/<int:pk>/end/", stub, name="member_end"),
]
