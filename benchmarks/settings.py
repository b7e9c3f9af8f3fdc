"""The portal's settings with the floor view and Django's admin beside; never named outside this folder."""
from kopa_portal.settings import *  # noqa: F403
from kopa_portal.settings import ALLOWED_HOSTS, BASE_DIR, INSTALLED_APPS, MIDDLEWARE, TEMPLATES

SECURE_SSL_REDIRECT = False
INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin.apps.SimpleAdminConfig"]
ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = [
    "benchmarks.floor.processor_time",
    "benchmarks.floor.unlogged_when_asked",
    *("benchmarks.floor.acting_but_on_the_floor" if name == "pilots.acting.acting_for" else name for name in MIDDLEWARE),
]
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "benchmarks" / "templates"]}]
