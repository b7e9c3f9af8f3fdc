from django.http import HttpResponse
from django.urls import path


def stub(request, **kwargs):
    return HttpResponse()


urlpatterns = [
    path("people/", stub, name="people_list"),
    path("acting/", stub, name="acting_choose"),
]
