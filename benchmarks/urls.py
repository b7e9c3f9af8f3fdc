"""The portal's addresses and the floor."""
from django.urls import path

from benchmarks.floor import floor
from benchmarks.runner import FLOOR
from kopa_portal.urls import handler500 as handler500
from kopa_portal.urls import urlpatterns as portal

urlpatterns = [path(FLOOR.lstrip("/"), floor, name="floor"), *portal]
