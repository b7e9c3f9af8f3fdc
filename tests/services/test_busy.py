"""Busy times from the owner's own system: read safely, replaced whole, and on request when they are old."""
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import OutboxMessage
from services.actions.busy import add_feed, bring_busy_file, fetch_busy_times, remove_busy_source, tell_of_old_busy_times
from services.busy.fetching import Failed, Fetched, Rule, fetch, is_public
from services.choices import BookingMode, BookingState, BusyProblem
from services.models import Booking, BusySource, BusyTime, Resource
from services.queries.busy import clashes_of
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_resource, make_service
from tests.services.web import sent, sign_in, url

ADDRESS = "https://varaukset.example.org/sali.ics?salainen=1"


def busy_on(starts: int, ends: int, title: str = "Salainen juhla") -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:nimi@example.org\r\nSUMMARY:{title}\r\nDTSTART;TZID=Europe/Helsinki:{MONDAY:%Y%m%d}T{starts:02}0000\r\nDTEND;TZID=Europe/Helsinki:{MONDAY:%Y%m%d}T{ends:02}0000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


@pytest.fixture
def owner(db):
    return make_handler()


@pytest.fixture
def hall(owner):
    return make_resource(owner.organisation)


@pytest.fixture
def now():
    return timezone.now()


def answering(*answers):
    """What a fetch gives, one after another; a Failed is raised."""
    left = list(answers)

    def fetching(_url, *, tag=""):
        answer = left.pop(0)
        if isinstance(answer, Failed):
            raise answer
        return Fetched(answer, "tag")

    return fetching


def test_feed_makes_the_resource_wait_until_it_is_read_and_again_when_it_is_old(owner, hall, now):
    half, service = make_part(hall), make_service(hall)
    add_feed(by=owner, resource=hall, url=ADDRESS, promise_hours=3, now=now)
    before = book(service, hours(8, 9))
    half.refresh_from_db()
    assert (before.state, half.mode_now) == (BookingState.REQUESTED, BookingMode.ON_REQUEST)

    assert fetch_busy_times(now, answering(busy_on(12, 14))) == 1
    assert book(service, hours(9, 10)).state == BookingState.CONFIRMED
    with pytest.raises(ValidationError):
        book(service, hours(13, 15))
    assert fetch_busy_times(now, answering()) == 0

    for answer in (Failed(BusyProblem.NO_ANSWER), b"<html>"):
        now += timedelta(hours=1, seconds=1)
        assert fetch_busy_times(now, answering(answer)) == 1
    assert (BusyTime.objects.count(), BusySource.objects.get().problem) == (1, BusyProblem.UNREADABLE)
    # Three hours after the last good reading, whoever books: the action refuses to book at once.
    Resource.objects.filter(pk=hall.pk).update(synced_until=timezone.now() - timedelta(seconds=1))
    assert book(service, hours(10, 11)).state == BookingState.REQUESTED
    assert [tell_of_old_busy_times(now + timedelta(hours=2)) for _turn in range(2)] == [1, 0]
    assert set(OutboxMessage.objects.filter(kind="busy_old").values_list("to_email", flat=True)) == {owner.user.email}

    assert fetch_busy_times(now + timedelta(hours=2), answering(None)) == 1
    assert book(service, hours(11, 12)).state == BookingState.CONFIRMED
    assert BusyTime.objects.count() == 1


def test_feed_is_read_whole_once_a_week_for_days_that_come_into_sight(owner, hall, now):
    add_feed(by=owner, resource=hall, url=ADDRESS, promise_hours=3, now=now)
    tags = []

    def fetching(_url, *, tag=""):
        tags.append(tag)
        return Fetched(None if tag else busy_on(12, 14), "v1")

    for hour in (0, 1, 24 * 7 + 2):
        fetch_busy_times(now + timedelta(hours=hour), fetching)

    assert tags == ["", "v1", ""]


def test_times_are_replaced_whole_and_nothing_else_is_kept(owner, hall, now):
    add_feed(by=owner, resource=hall, url=ADDRESS, promise_hours=3, now=now)
    bring_busy_file(by=owner, resource=hall, content=busy_on(8, 9), promise_hours=24)
    fetch_busy_times(now, answering(busy_on(12, 14)))
    fetch_busy_times(now + timedelta(hours=2), answering(busy_on(15, 16)))

    assert [(row.starts_at, row.ends_at) for row in BusyTime.objects.order_by("starts_at")] == [(slot.starts_at, slot.ends_at) for slot in (hours(8, 9), hours(15, 16))]
    assert {field.name for field in BusyTime._meta.fields} == {"id", "resource", "source", "starts_at", "ends_at", "brought_at"}
    with pytest.raises(ValidationError):
        bring_busy_file(by=owner, resource=hall, content=b"", promise_hours=24)
    assert BusyTime.objects.count() == 2
    remove_busy_source(by=owner, resource=hall, pk=BusySource.objects.get(url="").pk)
    assert BusyTime.objects.count() == 1


def test_clash_is_told_once_and_nothing_is_cancelled(owner, hall, now):
    half, other = make_part(hall), make_part(hall)
    service = make_service(hall)
    mine, theirs = book(service, hours(9, 11), resource=half), book(service, hours(9, 11), resource=other)

    bring_busy_file(by=owner, resource=half, content=busy_on(10, 12), promise_hours=24)
    bring_busy_file(by=owner, resource=half, content=busy_on(10, 13), promise_hours=24)

    assert clashes_of(hall, now) == clashes_of(half, now) == [mine]
    assert OutboxMessage.objects.filter(kind="busy_clash").count() == 1
    assert set(Booking.objects.values_list("pk", "state")) == {(mine.pk, "confirmed"), (theirs.pk, "confirmed")}
    page = sign_in(owner).get(url("busy_times", half.pk))
    assert [one.pk for one in page.context["clashes"]] == [mine.pk]
    assert b"Salainen" not in page.content


def test_busy_page_takes_an_address_and_a_file_and_hides_the_secret(owner, hall):
    client, page = sign_in(owner), url("busy_times", hall.pk)
    feed, file = (client.get(page).context[name] for name in ("feed", "file"))

    for _turn in range(2):
        assert client.post(page, sent(feed, do="feed") | {"feed-url": ADDRESS}).status_code == 302
    upload = {"do": "file", "file-promise_hours": "24", "file-file": SimpleUploadedFile("x.ics", busy_on(8, 9))}
    assert client.post(page, upload).status_code == 302
    refused = client.post(page, sent(feed, do="feed") | {"feed-url": "http://169.254.169.254/"})

    assert (refused.status_code, list(refused.context["feed"].errors)) == (422, ["url"])
    assert client.post(page, sent(file, do="file")).status_code == 422
    shown = client.get(page)
    assert [one.server for one in shown.context["sources"]] == ["varaukset.example.org", ""]
    assert b"salainen=1" not in shown.content
    assert b"On request for now" in shown.content
    with pytest.raises(PermissionDenied):
        add_feed(by=make_handler(), resource=hall, url=ADDRESS, promise_hours=3)
    assert sign_in(make_handler()).get(page).status_code == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "not an address"])
def test_address_inside_is_not_public(address):
    assert not is_public(address)
    assert is_public("193.166.3.1")
    assert is_public("2001:708:10::1")


@pytest.mark.parametrize("address", ["http://example.org/a.ics", "https://169.254.169.254/latest", "https://[::1]/", "https://127.0.0.1/", "https://2130706433/", "https://user:pw@example.org/", "https://example.org:8443/", "https://example.org:99999/", "file:///etc/passwd", "https:///a", "https://example.org/a b", "https://example.org/\r\nX: y"])
def test_address_that_is_never_asked(address):
    with pytest.raises(Failed) as failed:
        fetch(address, rule=Rule(resolve=lambda host, _port: [host] if not host.isdigit() else ["127.0.0.1"]))

    assert failed.value.problem == BusyProblem.ADDRESS


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["193.166.3.1", "10.0.0.1"], []])
def test_name_that_leads_inside_is_not_asked(addresses):
    with pytest.raises(Failed) as failed:
        fetch("https://sisalle.example.org/a.ics", rule=Rule(resolve=lambda _host, _port: addresses))

    assert failed.value.problem == BusyProblem.ADDRESS


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Host"], self.headers["If-None-Match"]))
        name = self.path.strip("/")
        if name == "slow":
            threading.Event().wait(0.2)
            for _turn in range(40):
                self.wfile.write(b"H")
                threading.Event().wait(0.1)
            return
        if name.startswith("to-"):
            self.send_response(302)
            self.send_header("Location", {"to-inside": "https://169.254.169.254/", "to-plain": "http://localhost/a", "to-itself": "/to-itself", "to-good": "/good"}[name])
        else:
            self.send_response(304 if self.headers["If-None-Match"] else {"gone": 404}.get(name, 200))
        body = {"large": b"x" * (2 * 1024 * 1024 + 1)}.get(name, busy_on(8, 9)) if not name.startswith("to-") and not self.headers["If-None-Match"] else b""
        self.send_header("Content-Length", str(len(body) + (10 if name == "cut" else 0)))
        if name == "packed":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("ETag", '"v1"')
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of our own with a certificate for localhost, and the rule that reaches it and nothing else."""
    key, name, today = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1).not_valid_before(today - timedelta(days=1)).not_valid_after(today + timedelta(days=1))
    certificate = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    running.daemon_threads, running.asked = True, []
    running.handle_error = lambda *_args: None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    running.socket = context.wrap_socket(running.socket, server_side=True)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    port = running.server_address[1]
    rule = Rule(resolve=lambda host, _port: ["127.0.0.1"] if host == "localhost" else [host], allows=lambda ip: ip == "127.0.0.1", ports=frozenset({port}), context=ssl.create_default_context(cafile=path), seconds=2)
    yield SimpleNamespace(asked=running.asked, at=lambda name: f"https://localhost:{port}/{name}", rule=rule, port=port)
    running.shutdown()
    running.server_close()


def test_fetch_reads_what_stands_there_and_asks_for_what_is_new(server):
    first = fetch(server.at("to-good"), rule=server.rule)

    assert (first.content, first.tag) == (busy_on(8, 9), '"v1"')
    assert server.asked[-1] == ("/good", f"localhost:{server.port}", None)
    assert fetch(server.at("good"), tag=first.tag, rule=server.rule) == Fetched(None, '"v1"')


@pytest.mark.parametrize(
    "name,problem",
    [("to-inside", "address"), ("to-plain", "address"), ("to-itself", "refused"), ("gone", "refused"), ("packed", "refused"), ("large", "too_large"), ("cut", "no_answer"), ("slow", "no_answer")],
)
def test_fetch_stops_at_what_it_must_not_take(server, name, problem):
    with pytest.raises(Failed) as failed:
        fetch(server.at(name), rule=server.rule)

    assert failed.value.problem == problem


def test_fetch_checks_the_certificate_against_the_name(server):
    strict = Rule(resolve=lambda _host, _port: ["127.0.0.1"], allows=server.rule.allows, ports=server.rule.ports, context=server.rule.context)
    with pytest.raises(Failed) as failed:
        fetch(f"https://muu.example.org:{server.port}/good", rule=strict)

    assert failed.value.problem == BusyProblem.CERTIFICATE
