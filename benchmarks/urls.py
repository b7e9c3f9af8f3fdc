"""The portal's addresses and the floor."""
from django.urls import path

from benchmarks.floor import PATH, floor
from kopa_portal.urls import handler500 as handler500
from kopa_portal.urls import urlpatterns as portal

urlpatterns = [path(PATH.lstrip("/"), floor, name="floor"), *portal]
