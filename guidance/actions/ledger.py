"""The ledger of erasures: in the database, and in a file outside it, so that a restore brings nobody back.

A line tells a keyed hash of a pseudonym, the scope, the time and under which key the hash was made (older lines do not).
"""
import hmac
import json
import logging
import os
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from guidance.models import ErasedRecord

# In the place of an organisation, whose keys begin at 1: the client has closed the own account. A version that does not know it passes over it.
OWN_ACCOUNT = 0
logger = logging.getLogger(__name__)


@cache
def _key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kopa ledger of erasures").derive(secret.encode())


@cache
def key_name(secret: str) -> str:
    """Tells two keys apart, and nothing of either."""
    return HKDF(algorithm=SHA256(), length=8, salt=None, info=b"kopa ledger of erasures, name of the key").derive(secret.encode()).hex()


def digest_of(pseudonym: str, secret: str) -> str:
    return hmac.digest(_key(secret), pseudonym.encode(), "sha256").hex()


def write_ledger(pseudonyms: Collection[str], *, now: datetime, organisation_id: int | None = None) -> None:
    secret = settings.ERASURE_KEY
    ErasedRecord.objects.bulk_create(ErasedRecord(digest=digest_of(one, secret), organisation_id=organisation_id, at=now, key=key_name(secret)) for one in pseudonyms)
    transaction.on_commit(lambda: tell_ledger(now))


def tell_ledger(now: datetime) -> int:
    """Write what is new into the file outside the database, durably; a due job too. A line that is written twice does no harm."""
    rows = list(ErasedRecord.objects.filter(told_at=None))
    if not rows:
        return 0
    path = Path(settings.ERASURE_LEDGER)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        # A line that a process tore when it died ends here, and is nobody's.
        file.write("\n" * _is_torn(path) + "".join(f"{line_of(row)}\n" for row in rows))
        file.flush()
        os.fsync(file.fileno())
    ErasedRecord.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=now)
    return len(rows)


def line_of(row: ErasedRecord) -> str:
    """The same for a row whenever it is written: lines are compared as text."""
    return json.dumps({"digest": row.digest, "organisation": row.organisation_id, "at": row.at.isoformat()} | ({"key": row.key} if row.key else {}))


def _is_torn(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 1))
        return file.read(1) not in (b"", b"\n")


def whole_lines(path: Path) -> list[str]:
    """Without the last one of a process that died, or is still at it."""
    return [line.strip() for line in path.read_text().splitlines(keepends=True) if line.endswith("\n") and line.strip()] if path.exists() else []


def read_lines(lines: Iterable[str]) -> Iterator[dict]:
    for line in lines:
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            logger.error("A line of the ledger of erasures cannot be read.")


def of_other_keys(lines: Iterable[str]) -> int:
    """How many lines were made under a key that is not in the settings: nobody of theirs would be erased again."""
    held = {key_name(secret) for secret in (settings.ERASURE_KEY, *settings.ERASURE_KEY_FALLBACKS)}
    return sum(line.get("key", "") not in {"", *held} for line in read_lines(lines))


def erased_before() -> dict[str, dict[int | None, datetime]]:
    """Digest -> organisations whose own rows went, None for everything, and when last; from the database and from the file beside it."""
    told = read_lines(whole_lines(Path(settings.ERASURE_LEDGER)))
    lines = [*ErasedRecord.objects.values_list("digest", "organisation_id", "at"), *((line["digest"], line["organisation"], datetime.fromisoformat(line["at"])) for line in told)]
    found: dict[str, dict[int | None, datetime]] = {}
    for digest, organisation_id, at in lines:
        scopes = found.setdefault(digest, {})
        scopes[organisation_id] = max(at, scopes.get(organisation_id, at))
    return found
