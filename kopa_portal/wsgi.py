"""What the production server runs."""
import os

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kopa_portal.settings")
application = get_wsgi_application()

# The server runs no checks of its own.
from accounts.personal import faults  # noqa: E402

if found := faults():
    raise ImproperlyConfigured("; ".join(found))
