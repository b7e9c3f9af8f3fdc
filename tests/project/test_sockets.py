"""What comes over a bare socket, to the server as it runs in production: it goes on answering, never with a 500, never with a stack trace."""
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections

from tests.accounts.test_worker import database_url
from tests.faults.portal import HOST, Portal, environment

# Few and long: after each the tables are emptied. The server writes beside the test, so no test may hold a transaction open.
pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
SILENCE = 2  # seconds; fifteen in production
HEAD = b"Host: localhost\r\nX-Forwarded-Proto: https\r\n"
LAST = HEAD + b"Connection: close\r\n\r\n"
CHUNKED = b"POST /feedback/ HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
FORM = b"POST /account/login/ HTTP/1.1\r\n" + HEAD + b"Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def portal(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("sockets")
    chosen = environment(database_url(), folder / "private", 1, SECRET_KEY=settings.SECRET_KEY, STATIC_ROOT=settings.STATIC_ROOT, WEB_SILENCE=str(SILENCE))
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    portal = Portal(port, chosen, folder / "log")
    try:
        portal.start()
        yield portal
    finally:
        portal.stop()
        # What it counted of wrong sign-ins is no other test's.
        with django_db_blocker.unblock():
            cache.clear()
            connections.close_all()


@pytest.fixture
def talk(portal) -> Callable[..., bytes]:
    """talk(bytes, …): sends each piece, waits for `pause` between them, and gives all that came back until the server closed."""

    def talking(*pieces: bytes, pause: float = 0.0, leave: bool = False, patience: float = 30) -> bytes:
        with socket.create_connection((HOST, portal.port), timeout=patience) as line:
            answer = b""
            try:
                for piece in pieces:
                    line.sendall(piece)
                    time.sleep(pause)
                if leave:
                    line.shutdown(socket.SHUT_WR)
                while came := line.recv(65536):
                    answer += came
            except TimeoutError:
                return answer + b"\n(left open)"
            except OSError:
                # Closed by the server, maybe before all was sent.
                pass
            return answer

    return talking


def statuses(answer: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def faults_in(log: Path) -> list[str]:
    """What the server told as a fault of its own, less its word for a silent client."""
    return [line for line in log.read_text(errors="replace").splitlines() if '"level": "ERROR"' in line and "BlockingIOError" not in line]


def still_serves(portal: Portal) -> bool:
    status, _headers, text = portal.ask("/en/", timeout=5)
    return status == 200 and '<html lang="en"' in text


NONSENSE: dict[str, bytes] = {
    "no words at all": b"\r\n\r\n\r\n",
    "a zero byte": b"\x00",
    "TLS": bytes.fromhex("16030100c8010000c40303") + b"\x01" * 190,
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "no version": b"GET /\r\n\r\n",
    "HTTP/0.9 with headers": b"GET / HTTP/0.9\r\n" + LAST,
    "HTTP/3.0": b"GET / HTTP/3.0\r\n" + LAST,
    "a version of letters": b"GET / HTTP/one\r\n" + LAST,
    "an endless version": b"GET / HTTP/" + b"1" * 3000 + b"\r\n" + LAST,
    "small letters": b"get / HTTP/1.1\r\n" + LAST,
    "a method of signs": b"G<>T / HTTP/1.1\r\n" + LAST,
    "an endless method": b"G" * 3000 + b" / HTTP/1.1\r\n" + LAST,
    "an unknown method": b"BREW / HTTP/1.1\r\n" + LAST,
    "TRACE": b"TRACE / HTTP/1.1\r\n" + LAST,
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\n" + LAST,
    "OPTIONS *": b"OPTIONS * HTTP/1.1\r\n" + LAST,
    "absolute address": b"GET http://localhost/en/ HTTP/1.1\r\n" + LAST,
    "absolute address elsewhere": b"GET http://evil.example/ HTTP/1.1\r\n" + LAST,
    "absolute address of a file": b"GET file:///etc/passwd HTTP/1.1\r\n" + LAST,
    "an address of two lines": b"GET /a\rb HTTP/1.1\r\n" + LAST,
    "zero byte in the address": b"GET /\x00 HTTP/1.1\r\n" + LAST,
    "coded zero byte": b"GET /areas/%00/ HTTP/1.1\r\n" + LAST,
    "bytes that are no text": b"GET /\xff\xfe\xc3\x28 HTTP/1.1\r\n" + LAST,
    "coded bytes that are no text": b"GET /%ff%fe%c3%28?q=%ff%fe HTTP/1.1\r\n" + LAST,
    "broken coding": b"GET /%%%zz?%=%&&== HTTP/1.1\r\n" + LAST,
    "out of the folder": b"GET /static/../../../../etc/passwd HTTP/1.1\r\n" + LAST,
    "out of the folder, coded": b"GET /static/%2e%2e/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + LAST,
    "a long address": b"GET /" + b"a" * 5000 + b" HTTP/1.1\r\n" + LAST,
    "a very long address": b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\n" + LAST,
    "no host": b"GET / HTTP/1.1\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: evil.example\r\n" + LAST,
    "another host": b"GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n",
    "a host of signs": b"GET / HTTP/1.1\r\nHost: a'\"<script>:99999999\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n",
    "a large header": b"GET / HTTP/1.1\r\nX-Large: " + b"a" * 100_000 + b"\r\n" + LAST,
    "a large cookie": b"GET / HTTP/1.1\r\nCookie: __Host-session=" + b"a" * 8000 + b"\r\n" + LAST,
    "many headers": b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: a\r\n" % number for number in range(5000)) + LAST,
    "headers without an end": b"GET / HTTP/1.1\r\n" + b"X-A: a\r\n" * 100_000,
    "a header of zero bytes": b"GET / HTTP/1.1\r\nX-A: a\x00b\r\n" + LAST,
    "a header without a name": b"GET / HTTP/1.1\r\n: a\r\n" + LAST,
    "a header without a sign": b"GET / HTTP/1.1\r\nnothing\r\n" + LAST,
    "a space before the sign": b"GET / HTTP/1.1\r\nContent-Length : 5\r\n" + LAST + b"12345",
    "a folded header": b"GET / HTTP/1.1\r\nX-A: a\r\n b\r\n" + LAST,
    "a bare line feed": b"GET / HTTP/1.1\nHost: localhost\nX-A: a\n\n",
    "a forged place": b"GET /en/ HTTP/1.1\r\nSCRIPT_NAME: /elsewhere\r\nPATH_INFO: /en/account/\r\nREMOTE_USER: kuntaliitto@example.org\r\n" + LAST,
    "a forged place by a line": b"GET /en/ HTTP/1.1\r\nScript-Name: /elsewhere\r\n" + LAST,
    "what it expects": b"GET / HTTP/1.1\r\nExpect: 200-ok\r\n" + LAST,
    "upgrade": b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n",
    "h2c": b"GET / HTTP/1.1\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n",
    "proxy protocol": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\n" + LAST,
    "length of letters": FORM + b"Content-Length: abc\r\n\r\n",
    "length below zero": FORM + b"Content-Length: -1\r\n\r\n",
    "length with a plus": FORM + b"Content-Length: +5\r\n\r\nlogin",
    "two lengths": FORM + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nlogin=",
    "an endless length": FORM + b"Content-Length: 99999999999999999999\r\n\r\nlogin=a",
    "length and chunks": FORM + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks, coded twice": FORM + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunks, hidden": FORM + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": FORM + b"Transfer-Encoding: rot13\r\n\r\n0\r\n\r\n",
    "packed body": FORM + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunk of letters": CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
    "chunk below zero": CHUNKED + b"-5\r\nabcde\r\n0\r\n\r\n",
    "chunk of a half": CHUNKED + b"0x5\r\nabcde\r\n0\r\n\r\n",
    "an endless chunk": CHUNKED + b"ffffffffffffffff\r\nabc",
    "a chunk without its end": CHUNKED + b"5\r\nabcdefgh\r\n0\r\n\r\n",
    "a chunk with words": CHUNKED + b"5;a=" + b"b" * 20_000 + b"\r\nabcde\r\n0\r\n\r\n",
    "trailers": CHUNKED + b"0\r\nHost: evil.example\r\nContent-Length: 5\r\n\r\n",
    "a form of 3 million fields": FORM + b"Content-Length: 2600000\r\n\r\n" + b"a=&" * 866_666 + b"a=",
    "a body that is too large": FORM + b"Content-Length: 5000000\r\n\r\n" + b"a" * 5_000_000,
    "parts without a border": b"POST /feedback/ HTTP/1.1\r\n" + HEAD + b"Content-Type: multipart/form-data\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
    "parts with a wild border": b"POST /feedback/ HTTP/1.1\r\n" + HEAD + b"Content-Type: multipart/form-data; boundary=\xff\x00" + b"a" * 300 + b"\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
    "an unknown charset": b"POST /account/login/ HTTP/1.1\r\n" + HEAD + b"Content-Type: application/x-www-form-urlencoded; charset=klingon\r\nContent-Length: 7\r\nConnection: close\r\n\r\nlogin=a",
}  # fmt: skip


def faults_of(answer: bytes) -> list[str]:
    found = statuses(answer)
    # 501 is the server's word for a coding that it does not know.
    return [
        *[f"answers {status}" for status in found if status >= 500 and status != 501],
        *[f"says {word!r}" for word in (b"Traceback", b".py", b"root:") if word in answer],
        *(["answers twice"] if len(found) > 1 else []),
        *(["stays open"] if answer.endswith(b"(left open)") else []),
        *(["repeats a strange host"] if b"evil.example" in re.sub(rb"Invalid[^<]*", b"", answer) else []),
    ]


def test_sockets_nonsense_is_answered_or_closed(talk):
    wrong = {name: found for name, raw in NONSENSE.items() if (found := faults_of(talk(raw, leave=True)))}

    assert wrong == {}


def test_sockets_server_still_serves_after_all_of_it(portal, talk):
    with ThreadPoolExecutor(16) as many:
        list(many.map(lambda raw: talk(raw, leave=True), [raw for name, raw in NONSENSE.items() if len(raw) < 200_000]))

    assert still_serves(portal)
    assert faults_in(portal.log) == []


SMUGGLERS = [
    b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n5c\r\nGPOST / HTTP/1.1\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
    b"Transfer-Encoding : chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
    b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG",
    b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
]


def test_sockets_no_second_request_hides_in_the_first(talk):
    """Whichever length a proxy before believes: the connection ends, and what was behind is never a request of its own."""
    hidden = b"GET /en/account/login/ HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n"

    answered = {smuggler: statuses(talk(b"POST /en/feedback/ HTTP/1.1\r\n" + HEAD + smuggler + hidden, leave=True)) for smuggler in SMUGGLERS}

    assert {smuggler: found for smuggler, found in answered.items() if found not in ([], [400], [501])} == {}


def test_sockets_requests_in_a_row_are_answered_in_their_order(talk):
    several = b"GET /en/accessibility/ HTTP/1.1\r\n" + HEAD + b"\r\n" + b"HEAD /en/ HTTP/1.1\r\n" + HEAD + b"\r\n" + b"GET /en/no-such-page/ HTTP/1.1\r\n" + LAST

    assert statuses(talk(several)) == [200, 200, 404]


def test_sockets_half_a_form_is_not_taken_for_the_whole(talk):
    """Whoever loses the line in the middle of a form has sent nothing: what came is not judged, and no file of it is kept."""
    cut = b"csrfmiddlewaretoken=" + b"a" * 32 + b"&login=nobody%40example.org&password=x"
    form = FORM + b"Cookie: __Host-csrf=" + b"a" * 32 + b"\r\nOrigin: https://localhost\r\n"

    whole = talk(form + b"Content-Length: %d\r\n\r\n" % len(cut) + cut, leave=True)
    half = talk(form + b"Content-Length: 5000\r\n\r\n" + cut, leave=True)

    assert statuses(whole) == [200]
    assert statuses(half) == [403]


def test_sockets_who_is_silent_gives_the_thread_back(portal, talk):
    """Half of a header, half of a body, and an answer that nobody reads: each on its own thread, and readers are served beside them."""
    halves = [b"GET / HT", b"GET / HTTP/1.1\r\nHost: local", FORM + b"Content-Length: 500\r\n\r\nlogin="]
    with ThreadPoolExecutor(6) as many:
        began = time.monotonic()
        held = [many.submit(talk, half, patience=SILENCE * 4) for half in halves * 2]
        time.sleep(0.3)
        assert still_serves(portal)
        answers = [one.result() for one in held]

    assert not any(answer.endswith(b"(left open)") for answer in answers)
    assert all(status < 500 for answer in answers for status in statuses(answer))
    assert time.monotonic() - began < SILENCE * 3
    assert still_serves(portal)


def test_sockets_who_connects_and_says_nothing_holds_nobody_up(portal):
    lines = []
    try:
        for _number in range(200):
            line = socket.socket()
            line.setblocking(False)
            line.connect_ex((HOST, portal.port))
            lines.append(line)
        began = time.monotonic()

        assert still_serves(portal)
        assert time.monotonic() - began < 2
    finally:
        for line in lines:
            line.close()


def test_sockets_a_flood_leaves_no_fault(portal):
    """Four hundred at once that are gone before their answer: the next reader is served."""

    def rush(_number: int) -> None:
        try:
            with socket.create_connection((HOST, portal.port), timeout=5) as line:
                line.sendall(b"GET /en/accessibility/ HTTP/1.1\r\n" + LAST)
        except OSError:
            pass

    with ThreadPoolExecutor(40) as many:
        list(many.map(rush, range(400)))

    assert portal.ask("/en/", timeout=30)[0] == 200
    assert faults_in(portal.log) == []
    assert Path(f"/proc/{portal.server.pid}").exists()
