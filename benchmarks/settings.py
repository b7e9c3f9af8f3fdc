"""The portal's settings with the floor view beside; never named outside this folder."""
from kopa_portal.settings import *  # noqa: F403
from kopa_portal.settings import BASE_DIR, MIDDLEWARE, TEMPLATES

SECURE_SSL_REDIRECT = False
_place = MIDDLEWARE.index("django.contrib.auth.middleware.AuthenticationMiddleware") + 1
MIDDLEWARE = [*MIDDLEWARE[:_place], "benchmarks.floor.answer_floor", *MIDDLEWARE[_place:]]
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "benchmarks" / "templates"]}]
