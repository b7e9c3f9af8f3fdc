"""The database, the cache in it, and what may stand between or beside it: a pooler, a replica (docs/scaling.md)."""
from django.core.exceptions import ImproperlyConfigured

from kopa_portal.settings.environment import VAR_DIR, env

# What PostgreSQL is told of each connection. Behind a pooler that shares connections by transaction (DATABASE_POOLED) a connection
# cannot bring them: they belong to the role, and `check --database default` tells what the role lacks.
DATABASE_LIMITS = {"statement_timeout": "15s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "1min", "jit": "off"}
DATABASE_POOLED = env.bool("DATABASE_POOLED", default=False)
DATABASE_REPLICA_POOLED = env.bool("DATABASE_REPLICA_POOLED", default=DATABASE_POOLED)
# How many seconds a replica may be behind and still be read.
DATABASE_REPLICA_MOST_BEHIND = env.int("DATABASE_REPLICA_MOST_BEHIND", default=5)
POSTGRES = ("postgres://", "postgresql://")


def _postgres(url: str, *, pooled: bool, **limits: str) -> dict:
    found = env.db_url_config(url)
    found |= {"CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=600), "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": pooled}
    options = found.setdefault("OPTIONS", {})
    options.setdefault("connect_timeout", 5)
    if not pooled:
        # What is prepared (`pilots.queries.prepared`, nothing else) is planned once a connection, not five times for the values of each.
        # Compiling a statement takes seconds where it seems dear and is not: the portal's are short, and none runs for minutes.
        told = DATABASE_LIMITS | {"plan_cache_mode": "force_generic_plan"} | limits
        options.setdefault("options", " ".join(f"-c {name}={value}" for name, value in told.items()))
    return found


_database_url = env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'kopa.sqlite3'}"
if not _database_url.startswith((*POSTGRES, "sqlite:///")):
    raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///, such as postgres://user:password@host/name.")
if _database_url.startswith("sqlite:///"):
    _database = env.db_url_config(_database_url)
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
    _database = _postgres(_database_url, pooled=DATABASE_POOLED)
DATABASES = {"default": _database}

_replica_url = env.str("DATABASE_REPLICA_URL", default="")
if _replica_url:
    if not (_replica_url.startswith(POSTGRES) and _database_url.startswith(POSTGRES)):
        raise ImproperlyConfigured("DATABASE_REPLICA_URL names a streaming replica of PostgreSQL: it and DATABASE_URL must begin with postgres://.")
    # A page does not wait for a replica that is gone: it reads the primary instead (kopa_portal/replica.py).
    _replica = _postgres(_replica_url, pooled=DATABASE_REPLICA_POOLED, statement_timeout="5s")
    _replica["OPTIONS"] |= {"connect_timeout": 2, "tcp_user_timeout": 3000}
    _replica["TEST"] = {"MIRROR": "default"}
    DATABASES["replica"] = _replica
    DATABASE_ROUTERS = ["kopa_portal.replica.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by every process, so that throttling holds over several workers and a restart.
# Django keeps 300 keys unless told, and throws a third of them away beyond that, counts of wrong passwords among them.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "kopa_cache", "OPTIONS": {"MAX_ENTRIES": 1_000_000}}}
