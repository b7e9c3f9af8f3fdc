"""A backup becomes the same portal again, without whoever was erased since; and whatever goes wrong leaves the old one as it was."""
import hashlib
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pyrage
import pytest
from django.conf import settings as portal
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone, translation

from accounts.actions.outbox import queue_mail
from accounts.models import AuditEvent, Lease, OutboxMessage, PortalSession, User, WorkerBeat
from guidance.actions.erasure import erase_pathways
from guidance.actions.ledger import write_ledger
from guidance.models import Attachment, Client, ErasedRecord, Pathway
from kopa_portal.backups import sealed
from kopa_portal.backups.databases import database
from kopa_portal.backups.making import LAST, LEDGER, NAME, make_backup, remove_old
from kopa_portal.backups.reading import CACHE, EMPTIED, tables_with_files, wrapper_on
from kopa_portal.backups.restoring import _exchange
from pilots.attachments import path_of, store
from summaries.actions.freezing import last_ended
from summaries.models import PublishedCell
from tests.accounts.test_worker import database_url
from tests.guidance.factories import make_partnership
from tests.guidance.test_erasure import MARKERS, end, full
from tests.project.test_schema import declared_triggers, triggers_in_database

ROOT = Path(__file__).resolve().parents[2]
MODELS = (AuditEvent, ErasedRecord, Lease, OutboxMessage, PublishedCell, WorkerBeat)
# What a restore itself writes; compared column by column below.
WRITTEN = {model._meta.db_table for model in MODELS}
ROLE = "kopa_backup_test"


@pytest.fixture(autouse=True)
def _places(settings, tmp_path) -> Iterator[None]:
    settings.MEDIA_PRIVATE, settings.ERASURE_LEDGER = str(tmp_path / "private"), str(tmp_path / "ledger" / "erasures.jsonl")
    settings.BACKUP_DIR, settings.BACKUP_KEEP_DAYS = str(tmp_path / "backups"), 30
    settings.BACKUP_RECIPIENTS = [sealed.new_key(tmp_path / "key")]
    with translation.override("en"):
        yield


@pytest.fixture
def elsewhere(tmp_path) -> Iterator[Callable]:
    """Inside `with elsewhere():` the portal is another one, with a database that is not there yet and a folder of its own."""
    here = connection.settings_dict["NAME"]
    name = str(tmp_path / "elsewhere.sqlite3") if connection.vendor == "sqlite" else f"{here}_elsewhere"

    @contextmanager
    def inside() -> Iterator[None]:
        connection.close()
        connection.settings_dict["NAME"] = name
        try:
            with override_settings(MEDIA_PRIVATE=str(tmp_path / "elsewhere-private")):
                yield
        finally:
            connection.close()
            connection.settings_dict["NAME"] = here

    yield inside
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name])
            for (made,) in cursor.fetchall():
                cursor.execute(f"DROP DATABASE {connection.ops.quote_name(made)} WITH (FORCE)")
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if cursor.fetchone():
                cursor.execute(f"DROP OWNED BY {ROLE}; DROP ROLE {ROLE}")


@pytest.fixture
def client_data(elsewhere):
    """A client with a row everywhere, a mail that waits, somebody who is signed in."""
    made = make_partnership()
    pathway = full(made)
    for stored_as in Attachment.objects.values_list("stored_as", flat=True):
        if not path_of(stored_as).exists():
            store(stored_as, b"merkkisana")
    queue_mail(kind="email_confirmation", to_email="demo@example.org", language="fi", context={"email": "x", "activate_url": "y"})
    PortalSession.objects.create(session_key="k" * 32, session_data="signed in", expire_date=timezone.now() + timedelta(hours=1))
    Lease.objects.create(name="run_due")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {ROLE}")
        call_command("grant_web_role", ROLE, stdout=StringIO())
    pathway.made = made
    return pathway


def backup(at: datetime | None = None) -> Path:
    return make_backup(at or timezone.now(), lambda said: None)


def restore(file: Path, *options: str, key: str = "key") -> str:
    said = StringIO()
    call_command("restore", str(file), "--key", str(Path(portal.BACKUP_DIR).parent / key), *options, stdout=said)
    return said.getvalue()


def tables() -> dict[str, list[str]]:
    """Every row of every table as text, in no order that the database chose."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT {"one::text" if connection.vendor == "postgresql" else "*"} FROM "{table}" AS one')
            found[table] = sorted(repr([str(value) for value in row]) for row in cursor.fetchall())
    return found


def digests() -> dict[str, str]:
    return {table: hashlib.sha256("\n".join(rows).encode()).hexdigest() for table, rows in tables().items()}


def markers() -> set[str]:
    """What is left of the client, in the tables and among the files."""
    text = "\n".join([row for rows in tables().values() for row in rows] + [content.decode("latin-1") for content in media().values()])
    return {marker for marker in MARKERS if marker in text}


def media() -> dict[str, bytes]:
    root = Path(portal.MEDIA_PRIVATE)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def erase(pathway) -> None:
    end(pathway.made, pathway)
    erase_pathways([Pathway.objects.get(pk=pathway.pk)], by=None, now=timezone.now())
    assert markers() == set()


@pytest.mark.battery
@pytest.mark.django_db(transaction=True)
def test_backup_becomes_the_same_portal_and_brings_no_erased_person_back(client_data, elsewhere, battery_count, rng, tmp_path):
    heads, staged = tmp_path / "heads", tmp_path / "staged"
    call_command("verify_access_log", "--keep", str(heads), stdout=StringIO())
    before, files, waiting = digests(), media(), OutboxMessage.objects.filter(sent_at=None, given_up_at=None).count()
    # On its way, or of somebody who has just been erased: no row names it.
    store(uuid4(), b"of nobody")
    file = backup()
    assert min(len(files), waiting) > 1
    assert [marker for marker in MARKERS if marker.encode() in file.read_bytes()] == []
    told = json.loads(Path(portal.BACKUP_DIR, LAST).read_text())
    assert (told["file"], told["missing_files"]) == (file.name, 0)

    with elsewhere():
        assert f"Mails that waited then and are not sent: {waiting}." in restore(file)
        after = digests()
        assert {table for table in before if before[table] != after[table]} <= {*WRITTEN, *EMPTIED}
        assert after.keys() == before.keys()
        assert media() == files
        assert triggers_in_database() == declared_triggers()
        assert (OutboxMessage.objects.filter(given_up_at=None).count(), PortalSession.objects.count(), Lease.objects.count(), AuditEvent.objects.filter(verb="restored").count()) == (0, 0, 0, 1)
        # Frozen after the backup, it may have been told with other numbers.
        assert set(PublishedCell.objects.values_list("month", "count")) == {(last_ended(timezone.localdate()), None)}
        # Numbers go on where they were.
        assert User.objects.create(email="new@example.org", name="New", password="!").pk == User.objects.latest("pk").pk
        if connection.vendor == "postgresql":
            assert rights_of(ROLE) == {("accounts_auditevent", False), ("accounts_user", True)}
    assert AuditEvent.objects.filter(verb="restored").count() == 0

    erase(client_data)
    with elsewhere():
        old, old_files, known = digests(), media(), markers()
        assert known == set(MARKERS)
        with in_use(), pytest.raises(CommandError, match="Stop the portal"):
            restore(file, "--replace")
        staged.mkdir()
        (staged / "of the backup").write_bytes(b"removed since")
        # Somebody has come after the last look.
        with in_use(), pytest.raises(CommandError, match="Stop the portal"):
            _exchange(database(), staged, Path(portal.MEDIA_PRIVATE), set(), "before", keep=True, say=str)
        assert (digests(), media()) == (old, files)
        ledger = Path(portal.ERASURE_LEDGER).read_text()
        for _number in range(battery_count(15)):
            killed(file, rng.uniform(0, 3))
            # Everything is as it was, or everything is done: never something between.
            now = digests()
            assert (now == old, markers()) in [(True, known), (False, set())]
            assert triggers_in_database() == declared_triggers()
            assert now != old or old_files.items() <= media().items()
            old, old_files, known = now, media(), markers()
        kept = heads.read_text()
        heads.write_text(f"{kept}2026-11-22T00:00:00Z 999 {'f' * 64}\n")
        said = restore(file, "--replace", "--heads", str(heads))
        assert "Erased again: 1." in said
        assert (heads.read_text(), [path.read_text().split()[1] for path in tmp_path.glob("heads-before-*")]) == (kept, ["999"])
        call_command("verify_access_log", "--keep", str(heads), stdout=StringIO())
        # No line with a later time, which would erase again what somebody who has come back writes meanwhile.
        assert (ErasedRecord.objects.count(), Path(portal.ERASURE_LEDGER).read_text()) == (0, ledger)
        assert markers() == set()
        assert (Client.objects.count(), len(media())) == (0, 0)
        assert triggers_in_database() == declared_triggers()
        # What was there is aside, to be removed by whoever has looked.
        aside = re.search(r"aside: (\S*elsewhere\S*before.\d{8}.\d{6})", said)[1]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT datallowconn FROM pg_database WHERE datname = %s", [aside])
                assert cursor.fetchone() == (False,)


@pytest.mark.django_db(transaction=True)
def test_ledger_that_is_lost_or_of_another_time_is_told_and_brings_nobody_back(elsewhere):
    now, ledger, copy, last = timezone.now(), Path(portal.ERASURE_LEDGER), Path(portal.BACKUP_DIR, LEDGER), Path(portal.BACKUP_DIR, LAST)
    write_ledger(["first"], now=now)
    file = backup(now - timedelta(days=2))
    assert last.stat().st_mode & 0o777 == 0o640
    write_ledger(["second"], now=now)
    backup(now - timedelta(days=1))
    last.unlink()
    whole = ledger.read_text()

    for left, count in ((None, 2), ("", 2), (whole.splitlines(keepends=True)[0], 1)):
        ledger.unlink() if left is None else ledger.write_text(left)
        with pytest.raises(CommandError, match=f"are lost: {count}"):
            backup()
        assert (copy.read_text(), last.exists()) == (whole, False)
    ledger.write_text(whole)
    # Of a process that died before it told: no line is lost.
    ErasedRecord.objects.create(digest="f" * 64, at=now)
    backup(), backup()
    assert last.exists()

    with elsewhere():
        ledger.unlink()
        copy.write_text("")
        with pytest.raises(CommandError, match="missing here: 1"):
            restore(file)
        copy.write_text(whole + json.dumps({"digest": "f" * 64, "organisation": None, "at": now.isoformat(), "key": "f" * 16}) + "\n")
        with pytest.raises(CommandError, match="not in the settings: 1"):
            restore(file)
        assert f"ledger of erasures: 3, the last of {now:%Y-%m-%d}" in restore(file, "--without-ledger")
        assert (AuditEvent.objects.get(verb="restored").detail, set(whole.splitlines()) <= set(ledger.read_text().splitlines())) == ({"without_ledger": True}, True)


@pytest.mark.django_db(transaction=True)
def test_backup_takes_files_alone_and_none_that_no_restore_would_read(tmp_path, monkeypatch):
    synced, sync = set(), os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.add(os.readlink(f"/proc/self/fd/{descriptor}")), sync(descriptor)))
    store(stored_as := uuid4(), b"of a client")
    folder = path_of(stored_as).parent
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "seal.env").write_text("the key of the seals")
    (folder / "link").symlink_to(tmp_path / "secret" / "seal.env")
    (folder / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe")

    file = backup()

    found = dict(sealed.entries(file, sealed.identities(tmp_path / "key")))
    assert [name for name in found if name.startswith(sealed.MEDIA)] == [f"media/attachments/{folder.name}/{stored_as.hex}"]
    # Names too are on the disk.
    assert {str(folder), portal.BACKUP_DIR} <= synced

    with (folder / "core").open("wb") as large:
        large.truncate(sealed.LARGEST + 1)
    with pytest.raises(CommandError, match="core is larger than 64 MB"):
        backup(timezone.now() + timedelta(days=1))
    assert sorted(path.name for path in Path(portal.BACKUP_DIR).iterdir()) == sorted([".lock", LAST, LEDGER, file.name])


@contextmanager
def in_use() -> Iterator[None]:
    """A worker that somebody forgot to stop."""
    other = wrapper_on(connection.settings_dict["NAME"])
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_user")
        cursor.fetchall()
        yield
    other.close()


def killed(file: Path, after: float) -> None:
    """A restore as a process of its own, killed so many seconds after it has read the file through."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "kopa_portal.settings"}
    environment |= {name: getattr(portal, name) for name in ("MEDIA_PRIVATE", "ERASURE_LEDGER", "SECRET_KEY", "PUBLIC_ORIGIN")}
    connection.close()
    command = [sys.executable, "manage.py", "restore", str(file), "--key", str(Path(portal.BACKUP_DIR).parent / "key"), "--replace"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith(file.name), process.stderr.read()
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        process.communicate()


def rights_of(role: str) -> set[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT one, has_table_privilege(%s, one, 'UPDATE') FROM unnest(ARRAY['accounts_auditevent', 'accounts_user']) AS one WHERE has_table_privilege(%s, one, 'INSERT')", [role, role])
        return set(cursor.fetchall())


def rewritten(name: str, file: Path, key: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The backup with other entries inside, sealed anew for the same key: as somebody could who has the public key alone."""
    inside = io.BytesIO()
    with tarfile.open(fileobj=inside, mode="w") as tar:
        for entry, content in sealed.entries(file, sealed.identities(key)):
            if (changed := change(entry, content)) is not None:
                info = tarfile.TarInfo(entry)
                info.size = len(changed)
                tar.addfile(info, io.BytesIO(changed))
    other = file.with_name(name)
    other.write_bytes(pyrage.encrypt(inside.getvalue(), sealed.recipients()))
    return other


def one_person_more(name: str, content: bytes) -> bytes:
    """As if the dump had lost a row."""
    if name != sealed.CONTENTS:
        return content
    contents = json.loads(content)
    contents["tables"]["accounts_user"] += 1
    contents["macs"] = {key: sealed.mac_of(contents, getattr(portal, key)) for key in contents["macs"]}
    return json.dumps(contents).encode()


@pytest.mark.django_db(transaction=True)
def test_backup_that_cannot_be_used_is_refused_and_nothing_is_changed(client_data, elsewhere, tmp_path, settings):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('pilots', '9999_to_come', CURRENT_TIMESTAMP)")
        newer = backup()
        cursor.execute("DELETE FROM django_migrations WHERE name = '9999_to_come'")
    os.replace(newer, newer.with_name("newer.tar.age"))
    newer = newer.with_name("newer.tar.age")
    file = backup()
    whole, key = file.read_bytes(), tmp_path / "key"
    sealed.new_key(tmp_path / "other-key")
    (tmp_path / "no-key").write_text("nothing")

    def made(name: str, content: bytes) -> Path:
        path = tmp_path / "backups" / name
        path.write_bytes(content)
        return path

    middle = len(whole) // 2
    before, files = digests(), media()
    for sentence, path, options, with_key in [
        ("made for another key", file, (), "other-key"),
        ("holds no secret key", file, (), "no-key"),
        ("damaged or cut short", made("cut", whole[:-1]), (), "key"),
        ("damaged or cut short", made("cut-at-a-piece", whole[: len(whole) - len(whole) % 65552]), (), "key"),
        ("damaged or cut short", made("changed", whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]), (), "key"),
        ("no file of age", made("foreign", b"PGDMP" + b"x" * 5000), (), "key"),
        ("There is no file", tmp_path / "nothing", (), "key"),
        ("has no end", rewritten("endless", file, key, lambda name, content: None if name == sealed.CONTENTS else content), (), "key"),
        ("not hold what its own list says", rewritten("other", file, key, lambda name, content: content + b" " if name == sealed.ABOUT else content), (), "key"),
        ("does not have the rows of the backup: accounts_user", rewritten("fewer", file, key, one_person_more), ("--rehearse",), "key"),
        ("newer version of the portal .pilots 9999_to_come.", newer, (), "key"),
        ("holds data", file, (), "key"),
    ]:
        with pytest.raises(CommandError, match=sentence):
            restore(path, *options, key=with_key)
    # Somebody who has the public key can write a list that fits; only who has the portal's own can sign it.
    with override_settings(ERASURE_KEY="of another portal"), pytest.raises(CommandError, match="another ERASURE_KEY"):
        restore(file, "--replace")
    with override_settings(ERASURE_KEY="a later one", ERASURE_KEY_FALLBACKS=[settings.ERASURE_KEY]), pytest.raises(CommandError, match="holds data"):
        restore(file)
    Path(portal.BACKUP_DIR, LEDGER).unlink()
    with pytest.raises(CommandError, match="ledger of erasures is neither"):
        restore(file, "--replace")

    assert (digests(), media()) == (before, files)
    with elsewhere():
        assert not database().holds_data()
    assert sorted(path.name for path in tmp_path.iterdir() if "restore" in path.name) == ["private.restore-lock"]


@pytest.mark.django_db(transaction=True)
def test_backup_on_a_full_disk_leaves_nothing_that_looks_whole(client_data, tmp_path):
    first = backup()
    kept = json.loads(Path(portal.BACKUP_DIR, LAST).read_text())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The kernel refuses the same way as on a full disk, in the middle of the file.
    resource.setrlimit(resource.RLIMIT_FSIZE, (first.stat().st_size // 2, limits[1]))
    try:
        with pytest.raises(CommandError, match=r"cannot be copied|could not be written"):
            make_backup(timezone.now() + timedelta(days=1), lambda said: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert sorted(path.name for path in Path(portal.BACKUP_DIR).iterdir()) == sorted([".lock", LAST, LEDGER, first.name])
    assert json.loads(Path(portal.BACKUP_DIR, LAST).read_text()) == kept


def test_backups_are_kept_for_so_many_days_and_the_newest_for_ever(tmp_path, settings):
    now = timezone.now()
    tmp_path /= "backups"
    tmp_path.mkdir()

    def made(days: float) -> str:
        path = tmp_path / (now - timedelta(days=days)).strftime(NAME)
        path.write_bytes(b"")
        return path.name

    made(31), made(400)
    kept = [made(29.9), made(1)]
    (tmp_path / "kopa-by-hand.tar.age").write_bytes(b"")

    assert remove_old(tmp_path, now) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, "kopa-by-hand.tar.age"])
    (tmp_path / "kopa-by-hand.tar.age").unlink()
    for name in kept:
        (tmp_path / name).unlink()
    only = made(400)
    (tmp_path / "kopa-by-hand.tar.age").write_bytes(b"")
    assert (remove_old(tmp_path, now), {path.name for path in tmp_path.iterdir()}) == (0, {only, "kopa-by-hand.tar.age"})


def test_backup_needs_a_folder_and_a_key(settings, tmp_path):
    settings.BACKUP_RECIPIENTS = []
    with pytest.raises(CommandError, match="--new-key"):
        backup()
    settings.BACKUP_RECIPIENTS = ["ssh-rsa"]
    with pytest.raises(CommandError, match="no public key of age"):
        backup()
    settings.BACKUP_DIR = ""
    with pytest.raises(CommandError, match="BACKUP_DIR is empty"):
        backup()
    call_command("backup", "--new-key", str(tmp_path / "made"), stdout=(said := StringIO()))
    assert said.getvalue().startswith("BACKUP_RECIPIENTS=age1")
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o600


def test_backup_knows_every_table_that_names_a_file():
    """Files are found by the column's name; a file stored under another would be thrown away by a restore."""
    assert sorted(tables_with_files()) == ["guidance_attachment", "pilots_modelfile", "services_servicephoto"]
    assert CACHE in EMPTIED
