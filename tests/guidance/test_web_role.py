"""PostgreSQL: the role that serves the portal owns nothing, and can neither change a log nor switch its triggers off."""
import secrets
from collections.abc import Iterator
from io import StringIO
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from accounts.actions.seals import check_seals
from accounts.models import User
from accounts.registries import guarded_tables
from guidance.choices import DisclosureBasis, EntryKind, LogAction, SharedSection
from guidance.forms.moments import written_moment
from guidance.models import AccessLog, AccessLogSubject, ClientEntry, Consent, Event, RightsRequest, ShareOpening
from pilots.choices import Role
from tests.guidance.factories import accept, days_from_now, make_counsellor, make_handoff, make_partnership, make_pathway, meet
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.web import sign_in

ROLE = "kopa_web_test"
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine("postgresql")]


def run(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def become(user: str, password: str) -> None:
    """The connection of this thread belongs to another login from now on."""
    connection.close()
    connection.settings_dict.update(USER=user, PASSWORD=password)


@pytest.fixture
def role() -> Iterator[str]:
    """A login role that owns nothing and may nothing; gives its password."""
    password = secrets.token_hex(16)
    owner = connection.settings_dict["USER"], connection.settings_dict["PASSWORD"]
    run(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'")
    try:
        yield password
    finally:
        become(*owner)
        run(f"DROP OWNED BY {ROLE}")
        run(f"DROP ROLE {ROLE}")


@pytest.fixture
def pathway(role):
    """A page has been read and the log sealed, so that each guarded table has a row; then the web role takes over."""
    made = make_partnership()
    pathway = make_pathway(made)
    pathway.reader = sign_in(made.anna)
    assert pathway.reader.get(address(pathway)).status_code == 200
    check_seals(now=timezone.now())
    call_command("grant_web_role", ROLE, stdout=StringIO())
    become(ROLE, role)
    return pathway


@pytest.fixture
def account(role):
    """Of a client about whom the college is told by consent; then the web role takes over."""
    made = make_partnership()
    pathway = make_pathway(made)
    meet(accept(make_handoff(made, pathway, basis=DisclosureBasis.CONSENT, basis_statute="", consented_on=days_from_now(0)), made.ossi), made.ossi)
    account = make_account(pathway.client)
    account.college, account.pathway, account.browser = made.college, pathway, sign_in_client(account)
    account.officer = sign_in(make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER))
    call_command("grant_web_role", ROLE, stdout=StringIO())
    become(ROLE, role)
    return account


def address(pathway, name="pathway_detail") -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym])


def test_web_role_serves_a_client_page_and_writes_its_log(pathway):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, (SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user)")
        assert cursor.fetchone() == (ROLE, 0)

    assert pathway.reader.get(address(pathway)).status_code == 200
    log = AccessLog.objects.latest("pk")
    assert (AccessLog.objects.count(), AccessLogSubject.objects.get(log_id=log.pk).pseudonym) == (2, pathway.pseudonym)


def test_web_role_writes_what_pages_and_due_jobs_write(pathway):
    now = written_moment(timezone.now())
    answer = pathway.reader.post(address(pathway, "pathway_log"), {"token": str(uuid4()), "kind": "call", "text": "Puhelu", "at": now, "at_shown": now, "visibility": "participants"})

    assert (answer.status_code, Event.objects.filter(pathway=pathway, text="Puhelu").count()) == (302, 1)
    call_command("run_due", stdout=StringIO())
    assert check_seals(now=timezone.now()).fault_count == 0


def test_web_role_does_the_work_of_a_clients_own_pages(account):
    browser, pathway = account.browser, account.pathway
    pages = [*(reverse(f"own:{name}") for name in ("path", "written", "reading_list", "access_list", "share_list")), reverse("own:timeline", args=[pathway.pseudonym]), reverse("notification_list")]
    assert [browser.get(page).status_code for page in pages] == [200] * len(pages)

    for kind in (EntryKind.QUESTION, EntryKind.NOT_RIGHT):
        assert browser.post(reverse("own:write", args=[pathway.pseudonym, kind]), {"token": str(uuid4()), "text": "Keksitty"}).status_code == 302
    made = browser.post(reverse("own:share_add"), {"token": str(uuid4()), "label": "Keksitty", "sections": SharedSection.GOAL, "starts_on": str(days_from_now(0)), "ends_on": str(days_from_now(3)), "phase": "make"})
    assert Browser().post(urlsplit(made.context["address"]).path).status_code == 200
    assert browser.post(reverse("own:consent_withdraw", args=[account.college.pk])).status_code == 302
    request = RightsRequest.objects.get()
    assert account.officer.post(reverse("guidance:rights_answer", args=[request.pk]), {"outcome": "granted", "reason": ""}).status_code == 302
    assert account.officer.get(reverse("guidance:rights_detail", args=[request.pk])).status_code == 200

    assert (ClientEntry.objects.count(), ShareOpening.objects.count(), Consent.objects.in_force().count(), RightsRequest.objects.get().answers.exclude(answered_at=None).count()) == (2, 1, 0, 1)
    assert AccessLog.objects.filter(action=LogAction.OWN).count() == len(pages) + 3
    assert browser.post(reverse("own:close"), {"sure": "on"}).status_code == 302
    assert not User.objects.filter(pk=account.user_id).exists()


# With the same right, each is what the owner of the tables could do.
ON_EACH_LOG = [
    "UPDATE {table} SET id = id",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER {table}_no_row",
    "DROP TRIGGER {table}_no_row ON {table}",
    "DROP TABLE {table}",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "CREATE TRIGGER let_me BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
]
AROUND = [
    "SET session_replication_role = replica",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE TABLE mine (id int)",
    "UPDATE django_migrations SET name = name",
    f"ALTER ROLE {ROLE} SUPERUSER",
]


def test_web_role_can_neither_change_a_log_nor_take_its_guard_off(pathway):
    statements = [statement.format(table=table) for table in guarded_tables for statement in ON_EACH_LOG] + AROUND

    assert {statement: answer for statement in statements if (answer := why_refused(statement)) is None} == {}
    assert AccessLog.objects.count() == 1


def why_refused(statement: str) -> str | None:
    """For want of a right, that is: a trigger that refuses is the other guard, and not the one asked for here."""
    try:
        with transaction.atomic():
            run(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        if "permission denied" in str(error) or "must be" in str(error):
            return str(error)
    return None


def test_owner_is_refused_as_web_role(role):
    owner = connection.settings_dict["USER"]
    run(f"GRANT {connection.ops.quote_name(owner)} TO {ROLE}")

    for name, sentence in ((owner, "superuser"), (ROLE, "owns"), ("kopa_nobody_at_all", "There is no role")):
        with pytest.raises(CommandError, match=sentence):
            call_command("grant_web_role", name)


def test_right_that_comes_by_another_way_is_told(role):
    run(f"GRANT pg_write_all_data TO {ROLE}")

    with pytest.raises(CommandError, match="nothing was granted"):
        call_command("grant_web_role", ROLE)

    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, 'guidance_pathway', 'TRUNCATE, TRIGGER, REFERENCES'), has_table_privilege(%s, 'guidance_accesslog', 'SELECT')", [ROLE, ROLE])
        assert cursor.fetchone() == (False, False)


@pytest.mark.engine("sqlite")
def test_sqlite_has_no_roles_to_grant():
    with pytest.raises(CommandError, match="only guard"):
        call_command("grant_web_role", ROLE)
