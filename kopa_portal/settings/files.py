"""Static files, private files, and what is logged."""
import bootstrap_wrapper
from django.core.exceptions import ImproperlyConfigured

from kopa_portal.settings.environment import BASE_DIR, VAR_DIR, env

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
# Every erasure, without a name: outside the database and its backups, so that a restore is followed by `manage.py apply_erasures`.
ERASURE_LEDGER = env.str("ERASURE_LEDGER", default=str(VAR_DIR / "erasures.jsonl"))
# Word forms for search: built once by `manage.py build_word_forms`, never in a request.
WORD_FORMS_CACHE = env.str("WORD_FORMS_CACHE", default=str(VAR_DIR / "word-forms"))

# Reports of faults hold the place in the code, and nothing of people.
DEFAULT_EXCEPTION_REPORTER = "accounts.logs.PrivateReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "accounts.logs.PrivateReporterFilter"
# JSON for whatever collects logs; lines for whoever reads them at a terminal.
LOG_FORMAT = env.str("LOG_FORMAT", default="json")
if LOG_FORMAT not in ("json", "line"):
    raise ImproperlyConfigured("LOG_FORMAT must be json or line.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "accounts.logs.JsonFormatter"},
        "line": {"()": "accounts.logs.PrivateFormatter", "format": "{asctime} {levelname} {name}: {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # What a visitor asked for wrongly (403, 404, a strange host, too large a body) is answered, and is no fault of ours to trace.
    "loggers": {
        # Django's own would write mails with reports of faults, and say everything to the console.
        "django": {"handlers": [], "level": "WARNING"},
        "django.server": {"handlers": [], "level": "WARNING"},
        # Where the head of the logs' seals is kept outside the database, each night.
        "accounts.actions.seals": {"level": "INFO"},
        # How many files that no row named were removed.
        "kopa_portal.operation.sweeping": {"level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.security.RequestDataTooBig": {"level": "CRITICAL"},
    },
}
