"""The file of a backup: a tar stream inside age's encryption, so that `age` and `tar` alone can open it too.

age seals the file in pieces as it is written, so it may be larger than memory or free disk, and no piece can be changed, moved or
cut off unseen. It does not say who wrote it: that is what the mac in the last entry is for.
"""
import hashlib
import hmac
import io
import json
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyrage
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.management import CommandError

ABOUT, CONTENTS, DATABASE, MEDIA, ERASURES = "about.json", "contents.json", "database/", "media/", "erasures/"
PIECE = 4 * 1024 * 1024
# No entry is larger: files that people attach have their own limit far below.
LARGEST = 64 * 1024 * 1024
KEY_LINE = "AGE-SECRET-KEY-"


def new_key(path: Path) -> str:
    """Write a new secret key as age-keygen does, for its owner's eyes alone; its public key."""
    identity = pyrage.x25519.Identity.generate()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def recipients() -> list:
    if not settings.BACKUP_RECIPIENTS:
        raise CommandError("BACKUP_RECIPIENTS is empty. Make a key with: manage.py backup --new-key FILE, set the public key that it prints, and keep the file elsewhere.")
    try:
        return [pyrage.x25519.Recipient.from_str(one.strip()) for one in settings.BACKUP_RECIPIENTS]
    except pyrage.RecipientError as error:
        raise CommandError(f"BACKUP_RECIPIENTS holds something that is no public key of age (age1…): {error}.") from error


def identities(path: Path) -> list:
    try:
        found = [line.strip() for line in path.read_text().splitlines() if line.startswith(KEY_LINE)]
        if found:
            return [pyrage.x25519.Identity.from_str(one) for one in found]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise CommandError(f"The key file {path} cannot be read: {error}.") from error
    raise CommandError(f"The key file {path} holds no secret key of age ({KEY_LINE}…).")


def mac_of(contents: dict, secret: str) -> str:
    """Of everything in the file. It shows too whether this portal has the secret of the one that made it."""
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kopa backup").derive(secret.encode())
    told = json.dumps({name: value for name, value in contents.items() if name != "macs"}, sort_keys=True)
    return hmac.digest(key, told.encode(), "sha256").hex()


class Writer:
    """Adds entries; what was added is told in the last one."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar, self._digest = tar, hashlib.sha256()
        self.names: set[str] = set()
        self.bytes = 0

    def add(self, name: str, content: bytes) -> None:
        if len(content) > LARGEST:
            raise CommandError(f"{name} is larger than {LARGEST // 1024**2} MB, and no backup with it could be read again. No file of the portal is: move it out of MEDIA_PRIVATE.")
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o600
        self._tar.addfile(info, io.BytesIO(content))
        _count(self._digest, name, content)
        self.names.add(name)
        self.bytes += len(content)

    def add_pieces(self, folder: str, stream: Iterator[bytes]) -> None:
        waiting, number = bytearray(), 0
        for some in stream:
            waiting += some
            while len(waiting) >= PIECE:
                number += 1
                self.add(f"{folder}{number:08}", bytes(waiting[:PIECE]))
                del waiting[:PIECE]
        self.add(f"{folder}{number + 1:08}", bytes(waiting))

    def finish(self, tables: dict[str, int]) -> None:
        contents: dict[str, Any] = {"entries": len(self.names), "bytes": self.bytes, "digest": self._digest.hexdigest(), "tables": tables}
        contents["macs"] = {name: mac_of(contents, getattr(settings, name)) for name in ("ERASURE_KEY", "SECRET_KEY")}
        self.add(CONTENTS, json.dumps(contents).encode())


def _count(digest: Any, name: str, content: bytes) -> None:
    digest.update(f"{name}\0{len(content)}\0".encode())
    digest.update(hashlib.sha256(content).digest())


@contextmanager
def sealing(path: Path) -> Iterator[Writer]:
    """The new file `path`, durable when this ends without an exception; else it must be thrown away, however whole it looks."""
    keys = recipients()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def encrypt(plain: io.BufferedReader) -> None:
        with plain, os.fdopen(descriptor, "wb") as file:
            try:
                pyrage.encrypt_io(plain, file, keys)
            except pyrage.EncryptError as error:
                # age hands on what the disk said, as words.
                raise OSError(str(error)) from error
            file.flush()
            os.fsync(file.fileno())

    with _beside(encrypt, "r") as into, tarfile.open(fileobj=into, mode="w|", format=tarfile.GNU_FORMAT) as tar:
        yield Writer(tar)


def entries(path: Path, keys: list) -> Iterator[tuple[str, bytes]]:
    """Every entry in order; CommandError when the file is not whole, not ours or not for these keys. `contents.json` is the last."""
    digest, count, last = hashlib.sha256(), 0, b""

    def decrypt(plain: io.BufferedWriter) -> None:
        with plain, path.open("rb") as file:
            pyrage.decrypt_io(file, plain, keys)

    try:
        with _beside(decrypt, "w") as out_of, tarfile.open(fileobj=out_of, mode="r|") as tar:
            for member in tar:
                if last or not member.isreg() or member.size > LARGEST or ".." in Path(member.name).parts or member.name.startswith("/"):
                    raise CommandError(f"{path.name} is no backup of this portal: it holds {member.name}.")
                content = tar.extractfile(member).read()  # type: ignore[union-attr]
                if member.name == CONTENTS:
                    last = content
                else:
                    _count(digest, member.name, content)
                    count += 1
                yield member.name, content
            # To the very end, where age tells that nothing was cut off.
            while out_of.read(PIECE):
                pass
    except pyrage.DecryptError as error:
        why = "it was made for another key" if "key" in str(error).lower() else "it is no file of age"
        raise CommandError(f"{path.name} cannot be opened: {why}.") from error
    except (OSError, EOFError, tarfile.TarError) as error:
        raise CommandError(f"{path.name} is damaged or cut short; nothing of it is used.") from error
    if not last:
        raise CommandError(f"{path.name} has no end: the backup was broken off. Take another one.")
    told = json.loads(last)
    if (told["entries"], told["digest"]) != (count, digest.hexdigest()):
        raise CommandError(f"{path.name} does not hold what its own list says. Take another one.")


@contextmanager
def _beside(work: Callable, mode: str) -> Iterator[Any]:
    """Our end of a pipe whose other end `work` has in a thread; its failure comes before ours, which only follows from it."""
    reading, writing = os.pipe()
    theirs, ours = (os.fdopen(reading, "rb"), os.fdopen(writing, "wb")) if mode == "r" else (os.fdopen(writing, "wb"), os.fdopen(reading, "rb"))
    failed: list[Exception] = []

    def run() -> None:
        try:
            work(theirs)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    own: BaseException | None = None
    try:
        with ours:
            yield ours
    except BaseException as error:
        own = error
    thread.join()
    # Who stops reading breaks the other's pipe: that is no failure of its own.
    if failed and not (mode == "w" and own is not None and "roken pipe" in str(failed[0])):
        raise failed[0] from own
    if own is not None:
        raise own
