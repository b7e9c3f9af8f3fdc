"""The database, and the cache in it."""
from django.core.exceptions import ImproperlyConfigured

from kopa_portal.settings.environment import VAR_DIR, env

_database_url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'kopa.sqlite3'}"
if not _database_url.startswith(("postgres://", "postgresql://", "sqlite:///")):
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///, such as postgres://user:password@host/name.")
DATABASES = {"default": env.db_url_config(_database_url)}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    VAR_DIR.mkdir(exist_ok=True)
    # Writers queue instead of failing: measured 0 errors with the first three, half of the answers 500 without. What is erased is overwritten in the file too.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
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
