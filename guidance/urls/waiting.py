from django.http import HttpResponse
from django.urls import path


def stub(request, **kwargs):
    return HttpResponse()


urlpatterns = [path("", stub, name="waiting")]
