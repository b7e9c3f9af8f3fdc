"""The chain of seals over the logs: what is sealed of a row, with which key, and where the chain does not hold.

A trigger is no promise against the owner of the database; a keyed chain shows afterwards what the owner did. Why it is
built so, and what it cannot show: docs/decisions/0011.
"""
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import groupby

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from accounts.models import Seal, SealCheck
from accounts.registries import SealedLog, sealed_logs

# How far behind the newest sealed row a row may come: longer than any transaction that writes a log.
LATE = timedelta(hours=1)
CHUNK = 2_000


@dataclass(frozen=True)
class Row:
    """A row of a sealed log with its parts, as the database gives them now."""

    log: SealedLog
    values: dict
    parts: list[dict]

    @property
    def order(self) -> tuple:
        return self.values["at"], self.log.kind, self.values["id"]

    @property
    def content(self) -> str:
        """What is sealed. Empty fields are left out, so that a column added later breaks no seal of the rows before it."""
        told = [{name: value for name, value in fields.items() if value is not None} for fields in (self.values, *self.parts)]
        return json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)


def with_parts(log: SealedLog, found: list[dict]) -> list[Row]:
    """The rows with their parts, in two queries however many they are."""
    parts: dict[int, list[dict]] = {}
    if log.part_model:
        of_these = log.part_model.objects.filter(**{f"{log.part_field}__in": [values["id"] for values in found]})
        for part in of_these.order_by("pk").values():
            parts.setdefault(part[log.part_field], []).append(part)
    return [Row(log, values, parts.get(values["id"], [])) for values in found]


def seal_keys() -> list[bytes]:
    """The key that seals now, and the earlier ones that may have sealed what came before, newest first."""
    return [_key_from(secret) for secret in (settings.SEAL_KEY, *settings.SEAL_KEY_FALLBACKS)]


@cache
def _key_from(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kopa seal of the logs").derive(secret.encode())


def mac_of(key: bytes, seal: Seal, before: str, content: str) -> str:
    told = "\n".join([before, str(seal.pk), str(seal.at), str(seal.newest_at), seal.kind, str(seal.row_id), content])
    return hmac.digest(key, told.encode(), "sha256").hex()


@dataclass(frozen=True)
class Fault:
    """What does not hold. `code` is one of the words of `FAULTS`."""

    code: str
    position: int | None = None
    kind: str = ""
    row_id: int | None = None
    more: str = ""

    def __str__(self) -> str:
        where = f"position {self.position}" if self.position else ""
        row = f"{self.kind} row {self.row_id}" if self.row_id is not None else self.kind
        return f"{FAULTS[self.code]}: {', '.join(part for part in (where, row, self.more) if part)}"


FAULTS = {
    "changed": "not what was sealed (the row, one of its parts, or the seal itself)",
    "removed": "sealed, but gone",
    "cut": "seals are missing",
    "inserted": "put in afterwards (older than what was sealed before it)",
    "ahead": "written with a time that had not come yet",
    "stray": "a part whose row is not there",
    "head": "a head that was kept is not in the chain (seals were cut off or made anew)",
}


class Chain:
    """One walk along the whole chain, with bounded memory. `position` and `head` are the last seal's afterwards."""

    def __init__(self, heads: Iterable[str] = ()) -> None:
        self.position = 0
        self.head = ""
        self.missing_heads = dict.fromkeys(heads, "")
        for check in SealCheck.objects.filter(fault_count=0).exclude(head="").iterator():
            self.missing_heads.setdefault(check.head, f"position {check.position}, checked {check.at:%Y-%m-%d %H:%M} UTC")
        self._keys = seal_keys()
        # An earlier key may not come back once a later one has sealed: who learnt it could seal anew.
        self._allowed = len(self._keys) - 1

    def faults(self) -> Iterator[Fault]:
        while seals := list(Seal.objects.filter(pk__gt=self.position).order_by("pk")[:CHUNK]):
            rows = _rows_of(seals)
            for seal in seals:
                yield from self._judge(seal, rows.get((seal.kind, seal.row_id)))
        yield from (Fault("head", more=more or head) for head, more in self.missing_heads.items())
        for log in sealed_logs:
            yield from _strays(log)

    def _judge(self, seal: Seal, row: Row | None) -> Iterator[Fault]:
        follows = seal.pk == self.position + 1
        if not follows:
            last = seal.pk - 1
            yield Fault("cut", more=f"positions {self.position + 1} to {last}" if last > self.position + 1 else f"position {last}")
        if row is None:
            yield Fault("removed", seal.pk, seal.kind, seal.row_id)
        # After a cut nothing is known of the seal before, so this one proves nothing; the cut is told.
        elif follows and not self._holds(seal, row):
            yield Fault("changed", seal.pk, seal.kind, seal.row_id)
        elif row.values["at"] < seal.newest_at - LATE:
            yield Fault("inserted", seal.pk, seal.kind, seal.row_id)
        elif row.values["at"] > seal.at + LATE:
            yield Fault("ahead", seal.pk, seal.kind, seal.row_id)
        self.position, self.head = seal.pk, seal.mac
        self.missing_heads.pop(seal.mac, None)

    def _holds(self, seal: Seal, row: Row) -> bool:
        for number in range(self._allowed, -1, -1):
            if hmac.compare_digest(mac_of(self._keys[number], seal, self.head, row.content), seal.mac):
                self._allowed = number
                return True
        return False


def _rows_of(seals: list[Seal]) -> dict[tuple[str, int], Row]:
    found = {}
    logs = {log.kind: log for log in sealed_logs}
    for kind, of_kind in groupby(sorted(seals, key=lambda seal: seal.kind), key=lambda seal: seal.kind):
        if log := logs.get(kind):
            ids = [seal.row_id for seal in of_kind]
            found |= {(kind, row.values["id"]): row for row in with_parts(log, list(log.model.objects.filter(pk__in=ids).order_by().values()))}
    return found


def _strays(log: SealedLog) -> Iterator[Fault]:
    """Parts of no row. Read after the parts, so that what commits meanwhile is no fault."""
    if not log.part_model:
        return
    last = None
    while parts := list((log.part_model.objects.filter(pk__gt=last) if last is not None else log.part_model.objects).order_by("pk").values_list("pk", log.part_field)[:CHUNK]):
        there = set(log.model.objects.filter(pk__in={row for _pk, row in parts}).values_list("pk", flat=True))
        yield from (Fault("stray", None, log.kind, row, f"part {pk}") for pk, row in parts if row not in there)
        last = parts[-1][0]
