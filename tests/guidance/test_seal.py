"""The chain of seals over the read log and the audit events: each kind of tampering is found, and reading goes on meanwhile."""
import threading
import time
import tracemalloc
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import IntegrityError
from django.urls import reverse
from django.utils import timezone

from accounts.actions.audit import record_event
from accounts.actions.leases import lease
from accounts.actions.seals import check_seals, check_seals_each_night, seal_new_rows
from accounts.models import AuditEvent, Seal, SealCheck
from accounts.registries import guarded_tables, sealed_logs
from accounts.seals import Chain, Row
from guidance.actions.checks import run_checks
from guidance.models import AccessLog, AccessLogSubject
from tests.append_only import as_owner
from tests.guidance.factories import make_partnership, make_pathway
from tests.guidance.web import sign_in

ROWS = 12


def write_log(at, **fields) -> AccessLog:
    log = AccessLog.objects.create(**{"at": at, "user_id": 7, "organisation_id": 3, "action": "view", "purpose": "guidance", "page": "guidance:pathway_detail", "request_id": uuid4()} | fields)
    AccessLogSubject.objects.bulk_create(AccessLogSubject(log_id=log.pk, pseudonym=f"AAAA-{number:04}") for number in (log.pk % 9000, log.pk % 9000 + 1))
    return log


def seal() -> int:
    return seal_new_rows(timezone.now())


def faults() -> set[tuple[str, int | None]]:
    """Code and position of whatever a walk along the chain finds, after what is not sealed yet has been."""
    check = check_seals(now=timezone.now())
    found = list(Chain().faults())
    assert [str(fault) for fault in found] == check.faults
    return {(fault.code, fault.position) for fault in found}


def run_verify(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_access_log", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def logs(transactional_db) -> list[AccessLog]:
    """Twelve rows, half an hour apart, the last one now, sealed in the order of their times; row n stands at position n + 1."""
    now = timezone.now()
    rows = [write_log(now - timedelta(minutes=30 * (ROWS - 1 - number))) for number in range(ROWS)]
    assert seal() == ROWS
    return rows


def of(log: AccessLog):
    return AccessLog.objects.filter(pk=log.pk)


def subjects(log: AccessLog):
    return AccessLogSubject.objects.filter(log_id=log.pk)


def first_subject(log: AccessLog):
    return AccessLogSubject.objects.filter(pk=subjects(log).earliest("pk").pk)


def swap(model, one: int, other: int, field: str) -> None:
    """The values of a field of two rows change places."""
    mine, theirs = (model.objects.values_list(field, flat=True).get(pk=pk) for pk in (one, other))
    model.objects.filter(pk=one).update(**{field: theirs})
    model.objects.filter(pk=other).update(**{field: mine})


def swap_subjects(logs) -> None:
    one, other = (subjects(logs[number]).earliest("pk").pk for number in (3, 7))
    swap(AccessLogSubject, one, other, "pseudonym")


def swap_seals(logs) -> None:
    """Two whole seals change places, their macs with them."""
    for field in ("row_id", "newest_at", "mac"):
        swap(Seal, 4, 8, field)


def remove(log: AccessLog) -> None:
    subjects(log).delete()
    of(log).delete()


# What was done -> how, and what is found.
TAMPERING = {
    "row changed": (lambda logs: of(logs[4]).update(purpose="lead"), {("changed", 5)}),
    "time of a row changed": (lambda logs: of(logs[4]).update(at=F("at") + timedelta(microseconds=1)), {("changed", 5)}),
    "field of a row emptied": (lambda logs: of(logs[4]).update(organisation_id=None), {("changed", 5)}),
    "first row changed": (lambda logs: of(logs[0]).update(user_id=8), {("changed", 1)}),
    "last row changed": (lambda logs: of(logs[-1]).update(user_id=8), {("changed", ROWS)}),
    "subject changed": (lambda logs: first_subject(logs[4]).update(pseudonym="ZZZZ-0001"), {("changed", 5)}),
    "subject removed": (lambda logs: first_subject(logs[4]).delete(), {("changed", 5)}),
    "subject put in": (lambda logs: AccessLogSubject.objects.create(log_id=logs[4].pk, pseudonym="ZZZZ-0001"), {("changed", 5)}),
    "subject moved to another row": (lambda logs: first_subject(logs[4]).update(log_id=logs[8].pk), {("changed", 5), ("changed", 9)}),
    "subject of no row": (lambda logs: AccessLogSubject.objects.create(log_id=10**9, pseudonym="ZZZZ-0001"), {("stray", None)}),
    "row removed with its subjects": (lambda logs: remove(logs[4]), {("removed", 5)}),
    "row removed, subjects left": (lambda logs: of(logs[4]).delete(), {("removed", 5), ("stray", None)}),
    "last row removed": (lambda logs: remove(logs[-1]), {("removed", ROWS)}),
    "rows swapped": (lambda logs: swap(AccessLog, logs[3].pk, logs[7].pk, "request_id"), {("changed", 4), ("changed", 8)}),
    "subjects swapped": (swap_subjects, {("changed", 4), ("changed", 8)}),
    "row put in among older ones": (lambda logs: write_log(logs[4].at), {("inserted", ROWS + 1)}),
    "row put in before all": (lambda logs: write_log(logs[0].at - timedelta(days=9)), {("inserted", ROWS + 1)}),
    "row of a time to come": (lambda logs: write_log(timezone.now() + timedelta(hours=2)), {("ahead", ROWS + 1)}),
    "seal pointed at another row": (lambda logs: Seal.objects.filter(pk=5).update(row_id=logs[6].pk), {("changed", 5), ("inserted", ROWS + 1)}),
    "seal's time changed": (lambda logs: Seal.objects.filter(pk=5).update(at=F("at") + timedelta(seconds=1)), {("changed", 5)}),
    "seal's mac changed": (lambda logs: Seal.objects.filter(pk=5).update(mac="0" * 64), {("changed", 5), ("changed", 6)}),
    # What came after a swapped seal does not follow from it, so both neighbours are told too.
    "seals swapped": (swap_seals, {("changed", 4), ("changed", 5), ("changed", 8), ("changed", 9)}),
    "seal removed": (lambda logs: Seal.objects.filter(pk=5).delete(), {("cut", None), ("inserted", ROWS + 1)}),
    "seal and row removed": (lambda logs: (Seal.objects.filter(pk=5).delete(), remove(logs[4])), {("cut", None)}),
    "first seals and rows removed": (lambda logs: (Seal.objects.filter(pk__lte=3).delete(), [remove(log) for log in logs[:3]]), {("cut", None)}),
    "row and its seal changed": (lambda logs: (of(logs[4]).update(user_id=8), Seal.objects.filter(pk=5).update(mac=Seal.objects.get(pk=6).mac)), {("changed", 5), ("changed", 6)}),
}


def test_untouched_log_has_no_fault(logs):
    record_event(by=None, verb="made", target=logs[0], detail={"a": [1, 2.5, None], "ä": "€"})

    assert faults() == set()
    assert list(Seal.objects.values_list("pk", flat=True)) == list(range(1, ROWS + 2))
    assert [log.kind for log in sealed_logs] == ["audit", "access"]


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found(logs, how):
    tamper, expected = TAMPERING[how]

    with as_owner():
        tamper(logs)

    assert faults() == expected


def test_changed_audit_event_is_found(transactional_db):
    event = AuditEvent.objects.create(at=timezone.now(), verb="made", target_kind="test", target_id="1", detail={"fields": ["name"]})
    seal()

    with as_owner():
        AuditEvent.objects.filter(pk=event.pk).update(detail={"fields": []})

    assert faults() == {("changed", 1)}


def test_command_says_where_and_ends_with_one(logs):
    assert run_verify()[0] == 0
    with as_owner():
        of(logs[4]).update(user_id=8)

    code, said = run_verify()

    assert code == 1
    assert f"position 5, access row {logs[4].pk}" in said
    assert "1 found." in said


def cut_off_the_end(logs) -> None:
    Seal.objects.filter(pk__gt=9).delete()
    for log in logs[9:]:
        remove(log)


def test_cut_end_is_found_by_a_kept_head(logs):
    head = run_verify()[1].partition("Head: ")[2].split()[0]
    assert head == Seal.objects.get(pk=ROWS).mac
    with as_owner():
        cut_off_the_end(logs)
        SealCheck.objects.all().delete()

    assert run_verify("--head", Seal.objects.get(pk=9).mac)[0] == 0
    code, said = run_verify("--head", head)
    assert (code, head in said) == (1, True)


def test_cut_end_is_found_by_a_file_outside_the_database(logs, tmp_path):
    kept = tmp_path / "heads"
    assert run_verify("--keep", str(kept))[0] == 0
    write_log(timezone.now())
    assert run_verify("--keep", str(kept))[0] == 0
    lines = kept.read_text()
    assert [line.split()[1:] for line in lines.splitlines()] == [[str(position), Seal.objects.get(pk=position).mac] for position in (ROWS, ROWS + 1)]
    with as_owner():
        cut_off_the_end(logs)
        SealCheck.objects.all().delete()

    assert run_verify("--keep", str(kept))[0] == 1
    # A chain that does not hold adds no head of its own.
    assert kept.read_text() == lines


def test_cut_end_is_found_by_the_heads_of_earlier_checks(logs):
    check_seals(now=timezone.now())
    with as_owner():
        cut_off_the_end(logs)

    assert faults() == {("head", None)}


def test_end_changed_and_sealed_anew_is_found_by_a_kept_head(logs):
    """The sealer seals again whatever stands there: only the head that was kept tells."""
    head = check_seals(now=timezone.now()).head
    with as_owner():
        Seal.objects.filter(pk__gt=ROWS - 1).delete()
        of(logs[-1]).update(user_id=8)

    assert faults() == {("head", None)}
    assert run_verify("--head", head)[0] == 1


def test_cut_end_without_any_kept_head_is_the_stated_limit(logs):
    with as_owner():
        cut_off_the_end(logs)

    assert faults() == set()


def test_row_removed_before_it_is_sealed_is_the_stated_limit(logs):
    fresh = write_log(timezone.now())
    with as_owner():
        remove(fresh)

    assert faults() == set()


def test_row_with_a_lower_id_that_commits_late_is_no_fault(logs):
    """Ids are given out before the commit; a gap may stay or be filled, and the chain asks only for times."""
    write_log(timezone.now(), pk=logs[-1].pk + 5)
    seal()

    write_log(timezone.now() - timedelta(minutes=5), pk=logs[-1].pk + 2)

    assert seal() == 1
    assert faults() == set()


@pytest.mark.engine("postgresql")  # SQLite has one writer at a time: nothing is written while the sealer writes
def test_row_that_commits_during_a_seal_comes_with_the_next(logs, at_once):
    written, sealed = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic():
            write_log(timezone.now())
            written.set()
            assert sealed.wait(20)

    def seal_meanwhile() -> int:
        assert written.wait(20)
        write_log(timezone.now())
        count = seal()
        sealed.set()
        return count

    assert at_once([read, seal_meanwhile]) == [None, 1]
    assert seal() == 1
    assert faults() == set()


def test_sealers_at_once_make_one_chain(logs, at_once):
    for _row in range(20):
        write_log(timezone.now())

    counts = at_once([seal] * 8)

    assert sum(count for count in counts) == 20
    assert faults() == set()


def test_second_sealer_leaves_the_first_alone(logs):
    write_log(timezone.now())

    with lease("seal_logs", now=timezone.now(), lasts=timedelta(minutes=1)):
        assert seal() == 0
    assert seal() == 1


@pytest.mark.battery
def test_readers_are_all_sealed_while_the_chain_is_checked(transactional_db, at_once, battery_count):
    """Eight people read at the same time; the sealer and the check run among them. `make proof`: 8 x 50 = 400 rows."""
    readers, pages = 8, battery_count(50)
    made = make_partnership()
    address = reverse("guidance:pathway_detail", args=[make_pathway(made).pseudonym])
    clients = [sign_in(made.anna) for _reader in range(readers)]
    seal()
    before, done, checks = Seal.objects.count(), [], []

    def read(client) -> list[int]:
        try:
            return [client.get(address).status_code for _page in range(pages)]
        finally:
            done.append(client)

    def check() -> None:
        # Once among the readers and once after them at the least, however quick they are.
        while len(done) < readers or len(checks) < 2:
            checks.append(check_seals(now=timezone.now()).fault_count)
            # Far more often than each minute, and yet SQLite's one writer is not kept from the readers.
            time.sleep(0.2)

    *answers, _checked = at_once([*(lambda c=client: read(c) for client in clients), check])

    assert answers == [[200] * pages] * readers
    assert set(checks) == {0}
    assert faults() == set()
    assert AccessLog.objects.count() == readers * pages == Seal.objects.filter(kind="access").count()
    assert Seal.objects.count() == Seal.objects.latest("pk").pk >= before + readers * pages


def test_earlier_key_still_proves_what_it_sealed(logs, settings):
    settings.SEAL_KEY_FALLBACKS = [settings.SEAL_KEY]
    settings.SEAL_KEY = "a key that was made later and is used from now on"
    write_log(timezone.now())

    assert faults() == set()

    settings.SEAL_KEY_FALLBACKS = []
    assert faults() == {("changed", position) for position in range(1, ROWS + 1)}


def test_chain_made_with_another_key_is_found(logs, settings):
    """Who can write the whole database but does not know the key."""
    own = settings.SEAL_KEY
    with as_owner():
        of(logs[4]).update(user_id=8)
        Seal.objects.all().delete()
    settings.SEAL_KEY = "what somebody guessed"
    assert seal() == ROWS

    settings.SEAL_KEY = own
    assert faults() == {("changed", position) for position in range(1, ROWS + 1)}


def test_earlier_key_cannot_seal_again(logs, settings):
    first, second = settings.SEAL_KEY, "a key that was made later and is used from now on"
    settings.SEAL_KEY, settings.SEAL_KEY_FALLBACKS = second, [first]
    write_log(timezone.now())
    seal()
    settings.SEAL_KEY, settings.SEAL_KEY_FALLBACKS = first, []
    write_log(timezone.now())
    seal()

    settings.SEAL_KEY, settings.SEAL_KEY_FALLBACKS = second, [first]
    assert faults() == {("changed", ROWS + 2)}


def test_column_added_later_breaks_no_seal(logs):
    [log] = [log for log in sealed_logs if log.model is AccessLog]
    values, parts = of(logs[0]).values().get(), list(subjects(logs[0]).values())

    assert Row(log, values | {"added_later": None}, parts).content == Row(log, values, parts).content != Row(log, values | {"added_later": 1}, parts).content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", ["update", "delete", pytest.param("replace", marks=pytest.mark.engine("sqlite")), pytest.param("truncate", marks=pytest.mark.engine("postgresql"))]
)
@pytest.mark.parametrize("table", ["guidance_accesslog", "guidance_accesslogsubject", "accounts_seal", "accounts_sealcheck"])
def test_database_refuses_to_change_a_log(table, change):
    write_log(timezone.now())
    check_seals(now=timezone.now())
    statements = {
        "update": f"UPDATE {table} SET id = id",
        "delete": f"DELETE FROM {table}",
        "replace": f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
        "truncate": f"TRUNCATE {table}",
    }

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statements[change])

    assert table in guarded_tables
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0] > 0


@pytest.mark.django_db
def test_check_runs_once_each_night_and_tells_the_head_outside_the_database(caplog):
    caplog.set_level("INFO", "accounts.actions.seals")
    write_log(timezone.now())
    night = timezone.localtime().replace(hour=2, minute=5) + timedelta(days=1)

    assert [check_seals_each_night(night + later) for later in (timedelta(hours=-2), timedelta(0), timedelta(hours=5), timedelta(days=1))] == [0, 1, 0, 1]
    assert caplog.text.count(Seal.objects.get().mac) == 2


def test_check_of_a_changed_log_is_an_error_in_the_log(logs, caplog):
    with as_owner():
        of(logs[4]).update(user_id=8)

    check_seals_each_night(timezone.localtime().replace(hour=3))

    assert [record.levelname for record in caplog.records if record.name == "accounts.actions.seals"] == ["ERROR"]


def test_lead_is_told_that_the_log_was_changed(logs):
    made = make_partnership()
    lead, address = sign_in(made.lead), reverse("guidance:lead_list", args=[made.partnership.slug]) + "?show=check"
    check_seals_each_night(timezone.localtime().replace(hour=3))
    run_checks(timezone.now())
    assert lead.get(address).context["broken"] == []
    with as_owner():
        of(logs[4]).update(user_id=8)
    check_seals(now=timezone.now())

    page = lead.get(address)

    assert [(one.rule, one.count) for _title, one in page.context["broken"]] == [("log_not_as_sealed", 1)]
    assert str(page.context["broken"][0][0]) in page.content.decode()


@pytest.mark.battery
def test_changed_removed_swapped_and_cut_rows_among_many_are_found_soon(transactional_db, battery_count):
    """`make proof`: 100,000 rows. The bar: under 30 seconds, with memory that does not grow with the log."""
    count, now = battery_count(100_000), timezone.now()
    fields = {"user_id": 7, "action": "view", "purpose": "guidance", "page": "guidance:pathway_detail"}
    AccessLog.objects.bulk_create((AccessLog(at=now - timedelta(seconds=count - number), request_id=uuid4(), **fields) for number in range(count)), batch_size=5_000)
    ids = list(AccessLog.objects.order_by("at").values_list("pk", flat=True))
    AccessLogSubject.objects.bulk_create((AccessLogSubject(log_id=pk, pseudonym="AAAA-0001") for pk in ids), batch_size=5_000)
    began = time.monotonic()
    assert seal() == count
    sealing = time.monotonic() - began
    with as_owner():
        AccessLogSubject.objects.filter(log_id=ids[count // 3]).update(pseudonym="AAAA-0002")
        AccessLog.objects.filter(pk=ids[count // 2]).delete()
        swap(AccessLog, ids[count // 4], ids[count // 4 * 3], "request_id")
        Seal.objects.filter(pk=count - 10).delete()

    began = time.monotonic()
    code, said = run_verify()
    checking = time.monotonic() - began

    assert code == 1
    for number in (count // 3, count // 2, count // 4, count // 4 * 3):
        assert f"position {number + 1}, access row {ids[number]}" in said
    assert f"seals are missing: position {count - 10}" in said
    print(f"{connection.vendor}: {count} rows sealed in {sealing:.1f} s, checked in {checking:.1f} s")
    assert checking < 30
    tracemalloc.start()
    sum(1 for _fault in Chain().faults())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"peak {peak / 1e6:.1f} MB")
    assert peak < 25_000_000
