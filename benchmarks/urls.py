"""The portal's addresses, the floor, and the admin that they are compared with."""
from django.urls import path

from benchmarks.floor import floor
from benchmarks.peer import site
from benchmarks.runner import FLOOR
from kopa_portal.urls import handler500 as handler500
from kopa_portal.urls import urlpatterns as portal

urlpatterns = [path(FLOOR.lstrip("/"), floor, name="floor"), path("admin/", site.urls), *portal]
