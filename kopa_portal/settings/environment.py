"""What the environment says of this installation: secrets, names, and whether it is the demo."""
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent
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
# Whom a restored backup must not bring back: hashed with this key, in a file that no restore replaces.
ERASURE_KEY = env.str("ERASURE_KEY", default="") or SECRET_KEY
ERASURE_KEY_FALLBACKS = env.list("ERASURE_KEY_FALLBACKS", default=SECRET_KEY_FALLBACKS if ERASURE_KEY == SECRET_KEY else [])
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
