"""Languages, time zone and formats."""
from django.utils.translation import gettext_lazy as _

from kopa_portal.settings.environment import BASE_DIR, COOKIE_SECURE

LANGUAGE_CODE = "fi"
LANGUAGES = [("fi", _("Finnish")), ("sv", _("Swedish")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SECURE = COOKIE_SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# The common texts first; `make messages` puts what one of the others alone uses into its own.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "guidance", BASE_DIR / "locale" / "services"]
TIME_ZONE = "Europe/Helsinki"
USE_TZ = True
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = "kopa_portal.formats"
