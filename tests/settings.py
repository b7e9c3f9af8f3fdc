"""The portal's own settings, less what tests cannot have: a real mail server, https, and slow password hashing."""
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# The suite tests the production defaults, whatever the shell it is started from has set.
for _name in ("ALLOWED_HOSTS", "BACKUP_DIR", "BEHIND_PROXY", "CONTROLLER_NAME", "COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS", "DATABASE_REPLICA_URL", "DEBUG", "DEMO", "EMAIL_URL", "ERASURE_KEY", "ERASURE_KEY_FALLBACKS", "FEEDBACK_EMAIL", "HTTPS", "IDENTITY_PROVIDERS", "LOG_FORMAT", "OPERATION_TOKEN", "SEAL_KEY", "SEAL_KEY_FALLBACKS"):
    os.environ.pop(_name, None)
if not os.environ.get("DATABASE_URL"):
    os.environ.pop("DATABASE_URL", None)
os.environ["SECRET_KEY"] = "only-for-tests-and-long-enough-for-the-deployment-check-0123456789"
# The guards ask more often than a reader may; tests/kopa_portal/test_api.py sets it back.
os.environ["API_MOST_WITHOUT_KEY"] = os.environ["API_MOST_WITH_KEY"] = "1000000"
os.environ["PUBLIC_ORIGIN"] = "https://kopa.example.org"
os.environ["SECURITY_CONTACT"], os.environ["SECURITY_TXT_EXPIRES"] = "mailto:tietoturva@kopa.example.org", "2199-12-31"
# Before any model is defined: Django reads the default language while it defines them, and keeps what it found.
subprocess.run([sys.executable, Path(__file__).resolve().parent.parent / "locale" / "compile.py"], check=True)
# Playwright's own event loop runs in the test's thread; the database is used from it one call at a time.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

from kopa_portal.settings import *  # noqa: E402, F403
from kopa_portal.settings import DATABASES, INSTALLED_APPS, MIDDLEWARE, VAR_DIR  # noqa: E402

# Chromium treats http://localhost as secure, __Host- cookies and passkeys included; only the redirect has to go.
SECURE_SSL_REDIRECT = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, so that races and the live server are real; one for each run, so that two runs do not meet. pytest's --reuse-db keeps one here.
    _kept = VAR_DIR / "test-kept.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(_kept if "--reuse-db" in sys.argv else Path(tempfile.gettempdir()) / f"kopa-test-{os.getpid()}.sqlite3")}

# The production storage (hashed names; a missing file is an error), read afresh so that a new client starts quickly.
STATIC_ROOT = str(VAR_DIR / "test-static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True

# N+1 queries in a view or a template raise NPlusOneError.
INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
MIDDLEWARE = [*MIDDLEWARE, "zeal.middleware.zeal_middleware"]
ZEAL_RAISE = True
# allauth asks for one address and one passkey several times while it handles a form; the number does not grow with the data.
ZEAL_ALLOWLIST = [{"model": "account.EmailAddress", "field": "get()"}, {"model": "mfa.Authenticator", "field": "get()"}]

# Files of made clients, apart from those of a demo on the same machine.
MEDIA_PRIVATE = str(VAR_DIR / f"test-private-{DATABASES['default']['ENGINE'].rpartition('.')[2]}-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")
ERASURE_LEDGER = f"{MEDIA_PRIVATE}-erasures.jsonl"
