"""Every setting, read from the environment; README.md has the table of the variables.

The defaults are the safe ones for production. Only `make demo` sets DEMO, and only then may a
protection be dropped (plain http on this machine's own loopback address).
"""
from datetime import timedelta
from pathlib import Path

import bootstrap_wrapper
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()


def required(name: str, why: str) -> str:
    """The variable's value; without it the start ends with a sentence that names it."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"Set the environment variable {name}: {why}.")
    return value


DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = required("SECRET_KEY", "a long random secret that signs sessions and links; keep it out of the repository")
# Earlier secrets, so that a change of the key signs nobody out and loses no second factor.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Seals the logs. One of its own, given to `run_due` and `verify_access_log` alone, keeps it from whoever takes over a web process.
SEAL_KEY = env.str("SEAL_KEY", default="") or SECRET_KEY
SEAL_KEY_FALLBACKS = env.list("SEAL_KEY_FALLBACKS", default=SECRET_KEY_FALLBACKS if SEAL_KEY == SECRET_KEY else [])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Plain http is for the demo alone; see docs/decisions/0003-cookies-and-https.md.
HTTPS = env.bool("HTTPS", default=True)
COOKIE_SECURE = env.bool("COOKIE_SECURE", default=True)
if not DEMO and not (HTTPS and COOKIE_SECURE):
    raise ImproperlyConfigured("HTTPS=0 and COOKIE_SECURE=0 are for the demo only: remove them, or set DEMO=1 on a machine that holds no real data.")
# Links in mails begin with it; a guessed one would lead people who are invited to a wrong place.
if DEMO:
    PUBLIC_ORIGIN = env.str("PUBLIC_ORIGIN", default="http://localhost:8000")
else:
    PUBLIC_ORIGIN = required("PUBLIC_ORIGIN", "the portal's public address, such as https://kopa.example.org; links in mails begin with it")
PUBLIC_ORIGIN = PUBLIC_ORIGIN.rstrip("/")
if not DEMO and not PUBLIC_ORIGIN.startswith("https://"):
    raise ImproperlyConfigured("PUBLIC_ORIGIN must begin with https://: the links in mails let people in. Plain http is for the demo only.")

INSTALLED_APPS = [
    "accounts",
    "pilots",
    "services",
    "guidance",
    "summaries",
    "kopa_portal",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.middleware.no_store",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.session_limits",
    "pilots.acting.acting_for",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # Names who changed a client or a partnership in their history; an area's is named by the actions themselves.
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "kopa_portal.urls"
WSGI_APPLICATION = "kopa_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kopa_portal.navigation.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

# Database -------------------------------------------------------------------------------------

_database_url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'kopa.sqlite3'}"
if not _database_url.startswith(("postgres://", "postgresql://", "sqlite:///")):
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///, such as postgres://user:password@host/name.")
DATABASES = {"default": env.db_url_config(_database_url)}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(exist_ok=True)
    # Writers queue instead of failing: measured 0 errors with these three, half of the answers 500 without.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    # A file, not memory: an in-memory database shares its connection, so races would prove nothing.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    _database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    _database["CONN_HEALTH_CHECKS"] = True
    _options = _database.setdefault("OPTIONS", {})
    _options.setdefault("connect_timeout", 5)
    # What is prepared (`pilots.queries.prepared`, nothing else) is planned once a connection, not five times for the values of each.
    _limits = "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=60000"
    _options.setdefault("options", f"{_limits} -c plan_cache_mode=force_generic_plan")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by every process, so that throttling holds over several workers and a restart.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kopa_cache"}}

# Sign-in --------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "kopa_portal.adapter.PortalAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "accounts.forms.ReauthenticateForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
# A mail tells of each change to the account, and changes of address ask for the password again.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms.AuthenticateForm",
    "reauthenticate": "accounts.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.forms.ActivateTOTPForm",
    "login_webauthn": "accounts.forms.LoginByPasskeyForm",
    "authenticate_webauthn": "accounts.forms.AuthenticateByPasskeyForm",
    "reauthenticate_webauthn": "accounts.forms.ReauthenticateByPasskeyForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_TOTP_ISSUER = "KOPA"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO

# A session ends after 30 minutes without use and after 10 hours in any case.
SESSION_ENGINE = "accounts.sessions"
SESSION_IDLE = timedelta(minutes=30)
SESSION_TOUCH_EVERY = timedelta(minutes=5)
SESSION_COOKIE_AGE = 10 * 60 * 60
SESSION_COOKIE_NAME = "__Host-session" if COOKIE_SECURE else "session"
SESSION_COOKIE_SECURE = COOKIE_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if COOKIE_SECURE else "csrf"
CSRF_COOKIE_SECURE = COOKIE_SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Rights that nobody used for so long lapse; the holder is warned before.
MEMBERSHIP_LAPSE_AFTER = timedelta(days=365)
MEMBERSHIP_WARN_AFTER = timedelta(days=335)
INVITATION_VALID_FOR = timedelta(days=14)

# The wire -------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Throttling counts by the address that the one proxy in front has seen.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        # Bootstrap's own form icons and the picture of a TOTP key are data: addresses.
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# Mail -----------------------------------------------------------------------------------------

vars().update(env.email("EMAIL_URL", default="consolemail://" if DEMO else "smtp://localhost:25"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="KOPA <no-reply@localhost>")
EMAIL_TIMEOUT = 10
# Where feedback goes; without it the page has no form and says so.
FEEDBACK_EMAIL = env.str("FEEDBACK_EMAIL", default="")
# The body that answers for the personal data; the privacy statement shows the gap until it is named.
CONTROLLER_NAME = env.str("CONTROLLER_NAME", default="")

# Languages ------------------------------------------------------------------------------------

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

# Files ----------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(VAR_DIR / "static"))
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap/css", bootstrap_wrapper.get_bootstrap_css_dir()),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Attachments of pathways: never below the static files, read only through guidance's access rule.
MEDIA_PRIVATE = env.str("MEDIA_PRIVATE", default=str(VAR_DIR / "private"))
# Word forms for search: built once by `manage.py build_word_forms`, never in a request.
WORD_FORMS_CACHE = env.str("WORD_FORMS_CACHE", default=str(VAR_DIR / "word-forms"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # What a visitor asked for wrongly (403, 404, a strange host, too large a body) is answered, and is no fault of ours to trace.
    "loggers": {
        # Where the head of the logs' seals is kept outside the database, each night.
        "accounts.actions.seals": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},
    },
}
