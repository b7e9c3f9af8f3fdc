"""People are told as they chose: at once, with the weekly mail, in the portal; never of whom a client's matter is."""
import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actions.bounces import confirm_address, send_address_check
from accounts.actions.notifications import choose_notifications, drop_old_notifications, notify, send_digests
from accounts.actions.outbox import mail_text, queue_mail, record_bounce, send_due_mail
from accounts.models import BouncedAddress, Notification, NotificationChoice, OutboxMessage
from accounts.notifications import kind_of, notification_kinds
from guidance.notifications import KINDS
from tests.accounts.conftest import PASSWORD, make_person
from tests.pilots.factories import make_model

ROOT = Path(__file__).resolve().parents[2]
# A Wednesday; the Monday after it is the 8th.
NOW = datetime(2027, 2, 3, 12, 0, tzinfo=UTC)
MONDAY = datetime(2027, 2, 8, 5, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def tell(user, **options) -> None:
    notify(**({"user_id": user.pk, "kind": "services_found", "page": "services:service_list", "query": "?q=sali", "context": {"lines": [], "count": 2, "more": False, "stop": "x"}, "now": NOW} | options))


def test_told_at_once_and_listed_by_default(person):
    tell(person)

    message, row = OutboxMessage.objects.get(), Notification.objects.get()
    assert (message.kind, message.to_email, message.due_at, message.subject) == ("services_found", person.email, NOW, row.title)
    assert "https://kopa.example.org/services/?q=sali" in message.body
    assert (row.kind, row.path, row.in_portal, row.weekly, row.read_at) == ("searches", "/services/?q=sali", True, False, None)


@pytest.mark.parametrize(
    "mail_way, in_portal, mails, rows",
    [("now", False, 1, []), ("weekly", True, 0, [(True, True)]), ("weekly", False, 0, [(False, True)]), ("no", True, 0, [(True, False)]), ("no", False, 0, [])],
)
def test_told_as_chosen(person, mail_way, in_portal, mails, rows):
    choose_notifications(by=person, choices={"searches": (mail_way, in_portal)})

    tell(person)

    assert OutboxMessage.objects.count() == mails
    assert list(Notification.objects.values_list("in_portal", "weekly")) == rows


def test_told_in_the_readers_language(person):
    person.language = "en"
    person.save()

    tell(person)

    assert OutboxMessage.objects.get().subject == "2 new shared services match your saved search"
    assert Notification.objects.get().path == "/en/services/?q=sali"


def test_what_must_come_cannot_be_turned_off(person):
    for kind in notification_kinds:
        if kind.always:
            with pytest.raises(ValidationError, match=r"."):
                choose_notifications(by=person, choices={kind.code: ("no", False)})
    # Nor by a row that came another way.
    NotificationChoice.objects.create(user=person, kind="account", mail="no", in_portal=False)
    tell(person, kind="account_notice", page="account", query="", context={"notice": "x", "at": NOW, "reset_url": "x"})

    assert {"account", "roles", "client_roles", "silent_handoffs"} <= {kind.code for kind in notification_kinds if kind.always}
    assert OutboxMessage.objects.count() == 1


def test_choice_of_an_unknown_way_or_kind_is_refused(person):
    for choices in ({"searches": ("hourly", True)}, {"no-such": ("now", True)}):
        with pytest.raises(ValidationError):
            choose_notifications(by=person, choices=choices)
    assert not NotificationChoice.objects.exists()


def test_kind_and_mail_are_each_declared_once():
    codes = [kind.code for kind in notification_kinds]
    mails = [name for kind in notification_kinds for name in kind.mails]

    assert len(codes) == len(set(codes))
    assert len(mails) == len(set(mails))
    with pytest.raises(KeyError, match="no_such"):
        kind_of("no_such")


# To addresses, not to people with an account: what is asked for at an address, invitations, bodies outside, the feedback's reader, the weekly mail itself.
TO_ADDRESSES = {"account_already_exists", "address_check", "digest", "email_confirmation", "feedback", "handoff_outside", "invitation", "own_appointment", "own_invitation", "password_reset_key", "service_wrong", "unknown_account"}


def test_each_mail_is_of_a_kind_or_goes_to_an_address():
    templates = {path.stem for path in (ROOT / "templates" / "mails").glob("*.txt")}
    of_kinds = {name for kind in notification_kinds for name in kind.mails}

    assert templates == of_kinds | TO_ADDRESSES


def test_queued_by_address_is_only_what_is_for_an_address():
    """Whoever has an account is told by `notify`, with the choice that goes with it."""
    queued = set()
    for app in ("accounts", "pilots", "services", "guidance", "summaries", "kopa_portal"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and "queue_mail" in ast.dump(node.func) + "".join(ast.dump(one) for one in node.args):
                    queued |= {one.value.value for one in node.keywords if one.arg == "kind" and isinstance(one.value, ast.Constant)}
    assert queued == TO_ADDRESSES


# All that a mail of guidance may ask for: whose matter waits, where, at which step; of a body outside until when.
OF_GUIDANCE = {"address", "organisation.name", "step", "body", "due_on", "expires_at"}


@pytest.mark.parametrize("template", sorted((ROOT / "templates" / "mails").glob("*.txt")), ids=lambda path: path.stem)
def test_mail_text_asks_for_nothing_of_a_client(template):
    """Subject and body of every kind: no variable leads to a client, a pathway or what belongs to one."""
    text = template.read_text()
    inside = {name for words in re.findall(r"{% blocktranslate (.*?)%}", text) for name in re.findall(r"(\w+)=", words)}
    asked = {path for path in re.findall(r"{{\s*([\w.]+)", text) if path not in inside} | set(re.findall(r"\w=([\w.]+)", text)) | set(re.findall(r"{% if ([\w.]+)", text))

    assert not {word for path in asked for word in path.split(".")} & {"client", "pathway", "pseudonym", "handoff", "given_name", "family_name", "birth_date", "participation"}
    if template.stem in {name for kind in KINDS for name in kind.mails} | {"handoff_outside"}:
        assert asked <= OF_GUIDANCE


def test_mail_that_is_given_a_clients_row_is_refused():
    from guidance.models import Client, Handoff

    for row in (Client(), Handoff()):
        with pytest.raises(TypeError, match="client's data: thing"):
            mail_text("handoff_sent", "fi", {"thing": row})
    assert mail_text("handoff_sent", "fi", {"organisation": {"name": "x"}, "address": "y"})[0]


def test_weekly_mail_goes_once_after_monday_morning(person):
    choose_notifications(by=person, choices={"searches": ("weekly", True)})
    tell(person)
    tell(person, now=NOW + timedelta(hours=1))

    counts = [send_digests(MONDAY - timedelta(minutes=1)), send_digests(MONDAY), send_digests(MONDAY + timedelta(minutes=5))]
    tell(person, now=MONDAY + timedelta(hours=1))
    later = [send_digests(MONDAY + timedelta(days=6)), send_digests(MONDAY + timedelta(days=8))]

    assert (counts, later) == ([0, 1, 0], [0, 1])
    first, second = OutboxMessage.objects.order_by("id")
    assert (first.kind, first.body.count("/services/?q=sali"), second.body.count("/services/?q=sali")) == ("digest", 2, 1)


def test_weekly_mail_of_many_is_one_for_each_person(person):
    other = make_person("toinen@example.org")
    for one in (person, other):
        choose_notifications(by=one, choices={"searches": ("weekly", False)})
        tell(one)

    assert send_digests(MONDAY) == 2
    assert sorted(OutboxMessage.objects.values_list("to_email", flat=True)) == sorted([person.email, other.email])


def test_old_notifications_are_forgotten(person):
    tell(person, now=NOW - timedelta(days=184))
    tell(person)

    assert drop_old_notifications(NOW) == 1
    assert Notification.objects.get().at == NOW


def test_opening_reads_and_leads_on_and_is_ones_own(person, signed_in):
    tell(person)
    row = Notification.objects.get()
    stranger = make_person("toinen@example.org")
    tell(stranger)

    assert signed_in.get("/en/account/").context["unread_count"] == 1
    answer = signed_in.post(f"/account/notifications/{row.pk}/open/")
    first_read = Notification.objects.get(pk=row.pk).read_at
    signed_in.post(f"/account/notifications/{row.pk}/open/")

    assert answer.url == row.path
    assert Notification.objects.get(pk=row.pk).read_at == first_read is not None
    assert signed_in.get("/en/account/").context["unread_count"] == 0
    assert signed_in.post(f"/account/notifications/{Notification.objects.get(user=stranger).pk}/open/").status_code == 404
    signed_in.post("/account/notifications/read/")
    assert Notification.objects.get(user=stranger).read_at is None


def test_number_in_the_frame_costs_no_query(person, signed_in):
    signed_in.get("/en/about/")
    with CaptureQueriesContext(connection, ) as none:
        signed_in.get("/en/about/")
    for _ in range(3):
        tell(person)
    with CaptureQueriesContext(connection) as three:
        page = signed_in.get("/en/about/")

    assert len(none) == len(three)
    assert "3<span class=\"visually-hidden\"> unread notifications" in page.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_database_the_same_whatever_there_is(person, signed_in, rows, django_assert_num_queries):
    signed_in.get("/en/account/notifications/")
    for _ in range(rows):
        tell(person)

    with django_assert_num_queries(6):
        page = signed_in.get("/en/account/notifications/")
    assert len(page.context["page_obj"].object_list) == rows


def test_choices_are_kept_by_the_form(person, signed_in):
    form = signed_in.get("/en/account/notifications/choices/").context["form"]
    # Nobody without work is asked about work.
    assert form.codes == ["searches"]

    signed_in.post("/en/account/notifications/choices/", {"mail-searches": "weekly"})

    assert NotificationChoice.objects.values_list("user", "kind", "mail", "in_portal").get() == (person.pk, "searches", "weekly", False)
    assert signed_in.post("/en/account/notifications/choices/", {"mail-searches": "x"}).status_code == 422


# Addresses that mails come back from -----------------------------------------------------------


def refusing(code: int):
    return f"tests.accounts.backends.Refusing{code}"


def test_address_that_the_server_refuses_for_good_is_marked_and_left_alone(person, settings):
    settings.EMAIL_BACKEND = refusing(550)
    tell(person)
    tell(person)

    assert [send_due_mail(NOW), send_due_mail(NOW + timedelta(days=1))] == [0, 0]
    assert BouncedAddress.objects.get().email == person.email
    assert [(row.given_up_at, row.body, row.attempts) for row in OutboxMessage.objects.order_by("id")] == [(NOW, "", 1), (NOW, "", 0)]


@pytest.mark.parametrize("backend", [refusing(450), "tests.accounts.backends.RefusingSender", "tests.accounts.backends.RefusingText"])
def test_fault_that_is_not_the_addresss_marks_nothing(person, settings, backend):
    settings.EMAIL_BACKEND = backend
    tell(person)

    send_due_mail(NOW)

    assert not BouncedAddress.objects.exists()
    assert OutboxMessage.objects.get().given_up_at is None


def test_nothing_goes_to_a_marked_address_but_what_is_asked_for_there(person):
    call_command("record_bounce", person.email.upper(), verbosity=0)

    tell(person)
    queue_mail(kind="password_reset_key", to_email=person.email, language="fi", context={"email": person.email, "password_reset_url": "x"}, now=NOW)

    assert send_due_mail(NOW) == 1
    assert [sent.to for sent in mail.outbox] == [[person.email]]
    assert OutboxMessage.objects.get(kind="services_found").given_up_at == NOW
    assert Notification.objects.get().in_portal


def test_bounce_command_wants_an_address():
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("record_bounce", "nobody")


def test_marked_address_is_told_at_sign_in(person, client):
    record_bounce(email=person.email, reason="550")

    page = client.post("/en/account/login/", {"login": person.email, "password": PASSWORD}, follow=True)

    assert any(person.email in str(message) and message.level_tag == "warning" for message in page.context["messages"])


def test_confirmed_address_gets_mails_again(person, signed_in):
    bounced = record_bounce(email=person.email, reason="550")
    signed_in.post(f"/account/notifications/address/{bounced.pk}/check/")
    link = re.search(r"https://kopa.example.org(\S+)", OutboxMessage.objects.get(kind="address_check").body)[1]
    assert person.email not in link

    signed_in.get(link)
    assert BouncedAddress.objects.exists()
    signed_in.post(link)
    assert not BouncedAddress.objects.exists()


def test_address_is_confirmed_by_its_own_person_with_a_true_link(person):
    bounced = record_bounce(email=person.email, reason="550")
    stranger = make_person("toinen@example.org")
    send_address_check(by=person, bounced=bounced)
    token = re.search(r"confirm/([^/]+)/", OutboxMessage.objects.get().body)[1]

    for by, given in ((stranger, token), (person, f"{bounced.pk}:made:up")):
        with pytest.raises(ValidationError):
            confirm_address(by=by, token=given)
    with pytest.raises(ValidationError):
        send_address_check(by=stranger, bounced=bounced)
    assert BouncedAddress.objects.exists()


def test_administrator_sees_whose_mails_come_back(client):
    from tests.pilots.factories import make_membership

    administrator, member = (make_membership(role=role) for role in ("organisation_administrator", "education_officer"))
    member.organisation = administrator.organisation
    member.save()
    client.force_login(administrator.user)
    assert "Mails come back" not in client.get("/en/people/").content.decode()
    record_bounce(email=member.user.email, reason="550")

    assert client.get("/en/people/").content.decode().count("Mails come back") == 1


@pytest.mark.parametrize(
    "fields",
    [{"in_portal": False}, {"in_portal": False, "weekly": True, "read_at": NOW}, {"digested_at": NOW}],
)
def test_constraint_of_a_notification_refuses(person, fields):
    good = {"user": person, "kind": "searches", "at": NOW, "title": "x", "path": "/"}
    Notification.objects.create(**good, weekly=True, digested_at=NOW, read_at=NOW)

    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(**good, **fields)


def test_constraint_of_a_choice_and_of_an_address_refuses(person):
    NotificationChoice.objects.create(user=person, kind="searches")
    BouncedAddress.objects.create(email="demo@example.org", at=NOW)

    for bad in (NotificationChoice(user=person, kind="searches"), NotificationChoice(user=person, kind="bookings", mail="x"), BouncedAddress(email="Demo2@example.org", at=NOW), BouncedAddress(email="demo@example.org", at=NOW)):
        with pytest.raises(IntegrityError), transaction.atomic():
            bad.save(force_insert=True)


def test_model_that_was_copied_is_told_of(person):
    """A mail of a lower app with its own rows goes as before."""
    model = make_model()

    tell(person, kind="model_copied", page="pilots:model_detail", arguments=[model.pk], query="", context={"model": model, "area": model.area})

    assert str(model.area) in OutboxMessage.objects.get().body
