"""`manage.py restore`: a backup is read through, made into a new database and folder beside the old ones, and only then takes their place.

Until the exchange nothing of the portal is changed, so a restore that is refused, fails or is killed leaves the old one working;
what it has left beside it, the next one removes.
"""
import hmac
import json
import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accounts.models import AuditEvent, Lease, OutboxMessage, Seal, WorkerBeat
from guidance.actions.erasure import apply_erasures, remove_files
from guidance.actions.ledger import of_other_keys, read_lines, whole_lines
from guidance.models import ErasedRecord
from kopa_portal.backups.databases import Database, database
from kopa_portal.backups.making import FORMAT, LEDGER, only_one, stored_name
from kopa_portal.backups.reading import Reading, counts
from kopa_portal.backups.sealed import ABOUT, CONTENTS, DATABASE, ERASURES, MEDIA, entries, identities, mac_of
from summaries.actions.freezing import last_ended
from summaries.actions.publishing import publish_month

RESTORED = "A backup from before it was sent has been restored."


def restore(path: Path, key: Path, *, replace: bool, rehearse: bool, without_ledger: bool, heads: Path | None, now: datetime, say: Callable[[str], None]) -> None:
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    here, media = database(), Path(settings.MEDIA_PRIVATE)
    staged_media = media.with_name(f"{media.name}.restore")
    keys = identities(key)
    with only_one(media.with_name(f"{media.name}.restore-lock")):
        beside = _ledger_beside(path, without_ledger)
        about, contents, inside = check(path, keys, here, say)
        ledger = _whole_ledger(beside, inside, without_ledger, say)
        if not (replace or rehearse) and (here.holds_data() or _has_files(media)):
            raise CommandError("This portal holds data. --replace puts the backup in its place and keeps the old database and files aside; --rehearse only tries.")
        if not rehearse:
            here.refuse_in_use()
        try:
            shutil.rmtree(staged_media, ignore_errors=True)
            staged_media.mkdir(mode=0o700, parents=True)
            name = here.create()
            here.load(_unpack(entries(path, keys), staged_media))
            with _standing_on(name, staged_media, ledger):
                named = _make_ready(contents, about, now, say, by_hand={"without_ledger": True} if without_ledger else {})
                known_heads = _in_the_chain(_heads_of(heads))
            _drop_unnamed(staged_media, named, say)
            if rehearse:
                say("The backup can be restored. This was a rehearsal: nothing was changed.")
                return
            # Again: filling took its time.
            here.refuse_in_use()
            aside = f"before-{now:%Y%m%d-%H%M%S}"
            _exchange(here, staged_media, media, named, aside, keep=replace, say=say)
        except OSError as error:
            raise CommandError(f"The backup could not be restored: {error.strerror or error}. What was there is as it was.") from error
        finally:
            here.drop_staged()
            shutil.rmtree(staged_media, ignore_errors=True)
        try:
            _add_to_ledger(ledger)
            _keep_heads(heads, known_heads, aside)
        except OSError as error:
            raise CommandError(f"The backup is in its place, but the ledger of erasures or the file of heads could not be written: {error}. Before the portal is started, put what lies beside the backup in the ledger's place.") from error


# Before anything is made -----------------------------------------------------------------------------


def check(path: Path, keys: list, here: Database, say: Callable[[str], None]) -> tuple[dict, dict, list[str]]:
    """Read the whole file once: what it says of itself, the list of its contents, and the ledger as it was then. CommandError says why it cannot be used."""
    told: dict[str, dict] = {}
    ledger = b""
    for name, content in entries(path, keys):
        if name in (ABOUT, CONTENTS):
            told[name] = json.loads(content)
        elif name.startswith(ERASURES):
            ledger += content
    if set(told) != {ABOUT, CONTENTS}:
        raise CommandError(f"{path.name} is no backup of this portal.")
    about, contents = told[ABOUT], told[CONTENTS]
    _check_macs(path, contents, say)
    if about["format"] != FORMAT:
        raise CommandError(f"{path.name} is in a form that this version of the portal does not know ({about['format']}). Use the version that made it, or a newer one.")
    if about["dump"] != here.dump_name:
        raise CommandError(f"{path.name} is of {about['vendor']}, and this portal runs on {connection.vendor}. Set DATABASE_URL to a database of the same kind.")
    known = set(MigrationLoader(None).disk_migrations)
    if newer := sorted(f"{app} {name}" for app, name in about["migrations"] if (app, name) not in known):
        raise CommandError(f"{path.name} was made by a newer version of the portal ({newer[0]}). Install that version first.")
    say(f"{path.name}: whole, made {about['made_at']}, {sum(contents['tables'].values())} rows, {contents['entries']} entries.")
    return about, contents, ledger.decode().splitlines()


def _check_macs(path: Path, contents: dict, say: Callable[[str], None]) -> None:
    def ours(name: str) -> bool:
        return any(hmac.compare_digest(contents["macs"][name], mac_of(contents, secret)) for secret in (getattr(settings, name), *getattr(settings, f"{name}_FALLBACKS")))

    if not ours("ERASURE_KEY"):
        raise CommandError(f"{path.name} was made with another ERASURE_KEY (without one: SECRET_KEY), or by somebody else. With a wrong key nobody would be erased again: set the old one, or name it in ERASURE_KEY_FALLBACKS.")
    if not ours("SECRET_KEY"):
        say("SECRET_KEY is not the one of the backup: second factors will have to be set up anew. Name the old one in SECRET_KEY_FALLBACKS to keep them.")


def _ledger_beside(path: Path, without: bool) -> list[str]:
    """Every line that is known here: of the ledger of this portal, and of the copy that lies beside the backup."""
    places = [place for place in (Path(settings.ERASURE_LEDGER), path.parent / LEDGER) if place.exists()]
    if not places and not without:
        raise CommandError(f"The ledger of erasures is neither at ERASURE_LEDGER ({settings.ERASURE_LEDGER}) nor beside the backup ({LEDGER}): who was erased since would come back. Bring it here; --without-ledger only when it is lost or nobody was ever erased.")
    return list(dict.fromkeys(line for place in places for line in whole_lines(place)))


def _whole_ledger(beside: list[str], inside: list[str], without: bool, say: Callable[[str], None]) -> list[str]:
    """With the lines that the backup itself holds. CommandError when those at hand are older than the backup, or of a key that is not held."""
    lines = list(dict.fromkeys([*beside, *inside]))
    if (missing := len(set(inside).difference(beside))) and not without:
        raise CommandError(f"Lines of the ledger of erasures that were known when the backup was made are missing here: {missing}. It is an older one, or was cut, and who was erased since would come back. Bring the newest copy; --without-ledger only when it is lost.")
    if (foreign := of_other_keys(lines)) and not without:
        raise CommandError(f"Lines of the ledger of erasures were made with an ERASURE_KEY that is not in the settings: {foreign}. Nobody of theirs would be erased again. Name it in ERASURE_KEY_FALLBACKS; --without-ledger only when it is lost.")
    say(f"Lines of the ledger of erasures: {len(lines)}, the last of {max((line['at'] for line in read_lines(lines)), default='no day')[:10]}.")
    return lines


def _has_files(media: Path) -> bool:
    return any(path.is_file() for path in media.rglob("*"))


# The new database and folder -------------------------------------------------------------------------


def _unpack(found: Iterable[tuple[str, bytes]], media: Path) -> Iterator[bytes]:
    """Pieces of the database; the files on the way are written into `media`."""
    for name, content in found:
        if name.startswith(DATABASE):
            yield content
        elif name.startswith(MEDIA):
            target = media / name.removeprefix(MEDIA)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())


@contextmanager
def _standing_on(name: str, media: Path, ledger: list[str]) -> Iterator[None]:
    """The portal's own code works on the new database and folder, and with a copy of the ledger, until this ends."""
    before = connection.settings_dict["NAME"], settings.MEDIA_PRIVATE, settings.ERASURE_LEDGER
    copy = media / LEDGER
    copy.write_text("".join(f"{line}\n" for line in ledger))
    connection.close()
    connection.settings_dict["NAME"], settings.MEDIA_PRIVATE, settings.ERASURE_LEDGER = name, str(media), str(copy)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], settings.MEDIA_PRIVATE, settings.ERASURE_LEDGER = before
        copy.unlink()


def _make_ready(contents: dict, about: dict, now: datetime, say: Callable[[str], None], by_hand: dict) -> set[str]:
    """What has to be true before anybody is answered. The files that the database names."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    if (found := counts(connection)) != contents["tables"]:
        wrong = sorted(table for table in found.keys() | contents["tables"].keys() if found.get(table) != contents["tables"].get(table))
        raise CommandError(f"The new database does not have the rows of the backup: {', '.join(wrong)}.")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    cache.clear()
    erased = apply_erasures(now)
    # They stand in the ledger already, with the time that counts: whoever came back after it is not erased by another restore.
    ErasedRecord.objects.filter(at=now).delete()
    # The copy of the ledger that was written to meanwhile goes: what is known here is told to the real one again.
    ErasedRecord.objects.update(told_at=None)
    remove_files(now)
    _hide_last_month(now, say)
    mails = OutboxMessage.objects.filter(sent_at=None, given_up_at=None).update(given_up_at=now, body="", last_error=RESTORED)
    Lease.objects.all().delete()
    WorkerBeat.objects.all().delete()
    AuditEvent.objects.create(at=now, verb="restored", target_kind="backup", target_id=about["made_at"], detail=by_hand)
    say(f"Erased again: {erased}. Mails that waited then and are not sent: {mails}. Everybody signs in anew.")
    for role in about["web_roles"]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
            there = cursor.fetchone()
        if there:
            call_command("grant_web_role", role, stdout=StringIO())
        else:
            say(f"There is no role {role} here. Make it, then run: manage.py grant_web_role {role}")
    return Reading(connection, iter(())).named_files()


def _hide_last_month(now: datetime, say: Callable[[str], None]) -> None:
    """It may have been frozen after the backup was made: who kept those tables would see the difference to new ones, which is single people."""
    today = timezone.localdate(now)
    month = last_ended(today)
    # A later one is frozen: a clock was wrong, and this month is never told.
    with suppress(ValidationError):
        if publish_month(month, today=today, hide=True):
            say(f"The tables of clients of {month:%Y-%m} were not frozen in the backup. They are now, with every number hidden, for others may have been told.")


def _drop_unnamed(media: Path, named: set[str], say: Callable[[str], None]) -> None:
    """Files of whoever was erased, and such as were on their way when the backup was made."""
    kept = set()
    for path in _files(media):
        if stored_name(path.name) in named:
            kept.add(stored_name(path.name))
        else:
            path.unlink()
    if lost := len(named - kept):
        say(f"{lost} files that the database names are not in the backup.")


def _files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


# The exchange ----------------------------------------------------------------------------------------


def _exchange(here: Database, staged: Path, media: Path, named: set[str], aside: str, *, keep: bool, say: Callable[[str], None]) -> None:
    """Files come before the database that names them, and the old ones go after it: whichever database answers has all of its own.

    A name stands for one content for ever, so a file of the backup never hides another of the old portal.
    """
    came: list[Path] = []
    try:
        for path in _files(staged):
            target = media / path.relative_to(staged)
            if not target.exists():
                came.append(target)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.replace(path, target)
        kept = here.swap(aside, keep=keep)
    except CommandError:
        # Refused, so no row will ever name them: nothing would remove them either.
        for target in came:
            target.unlink(missing_ok=True)
        raise
    old = [path for path in _files(media) if stored_name(path.name) not in named]
    put_aside = media.with_name(f"{media.name}.{aside}")
    if old:
        put_aside.mkdir(mode=0o700, exist_ok=True)
    for path in old:
        target = put_aside / path.relative_to(media)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(path, target)
    say("The backup is in its place.")
    if kept or old:
        say(f"The old data are aside: {' and '.join(filter(None, (kept, str(put_aside) if old else None)))}. Remove them when all is well: who was erased since may stand in them.")


def _add_to_ledger(lines: list[str]) -> None:
    """What only the copy beside the backup knew."""
    ledger = Path(settings.ERASURE_LEDGER)
    ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    known = set(ledger.read_text().splitlines()) if ledger.exists() else set()
    if known.issuperset(lines):
        return
    with os.fdopen(os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as file:
        # Whatever was torn there ends first.
        file.write("\n" * bool(known) + "".join(f"{line}\n" for line in lines if line not in known))
        file.flush()
        os.fsync(file.fileno())


# Heads of seals that are kept outside the database ---------------------------------------------------


def _heads_of(heads: Path | None) -> dict[str, str]:
    """As `verify_access_log --keep` writes them: head -> its line."""
    lines = heads.read_text().splitlines(keepends=True) if heads and heads.exists() else []
    return {line.split()[-1]: line for line in lines if line.strip()}


def _in_the_chain(heads: Collection[str]) -> set[str]:
    return set(Seal.objects.filter(mac__in=heads).values_list("mac", flat=True))


def _keep_heads(heads: Path | None, known: set[str], aside: str) -> None:
    """Those of before the backup go on proving that nothing was cut; the later ones are in no log any more, and go beside."""
    lines = _heads_of(heads)
    if heads and (gone := [line for head, line in lines.items() if head not in known]):
        heads.with_name(f"{heads.name}-{aside}").write_text("".join(gone))
        # In its place, so that it stays its owner's.
        heads.write_text("".join(line for head, line in lines.items() if head in known))
