"""Identity providers of OpenID Connect; README.md tells the form of the variable."""
import json

from django.core.exceptions import ImproperlyConfigured

from accounts.identity_providers import read_providers
from kopa_portal.settings.environment import env

try:
    IDENTITY_PROVIDERS = read_providers(json.loads(env.str("IDENTITY_PROVIDERS", default="") or "[]"))
except json.JSONDecodeError as error:
    raise ImproperlyConfigured(f"IDENTITY_PROVIDERS must be JSON: {error}.") from error
except ValueError as error:
    raise ImproperlyConfigured(f"IDENTITY_PROVIDERS is wrong: {error}.") from error
