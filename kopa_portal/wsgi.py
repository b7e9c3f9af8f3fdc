"""What the production server runs."""
import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kopa_portal.settings")
django_application = get_wsgi_application()

# Read before the server's processes part, or each reads every page's code while its first visitor waits.
get_resolver().url_patterns  # noqa: B018

# After Django is set up. The server runs no checks of its own.
from accounts.bodies import whole_bodies  # noqa: E402
from accounts.personal import faults  # noqa: E402

application = whole_bodies(django_application)

if found := faults():
    raise ImproperlyConfigured("; ".join(found))
