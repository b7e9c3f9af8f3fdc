"""Reading a calendar from an address that a person gave: nothing inside the own network can be reached this way.

Only https on its usual port; the name is resolved once, every address that it has must be public, and that very address
is connected to, while the certificate is checked against the name. A redirect is judged like a new address. Size and
time are limited. The address may hold a secret: it stands in no log line and no message.
"""
import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from services.busy.files import LARGEST
from services.choices import BusyProblem

SECONDS = 15
MOST_REDIRECTS = 3
LONGEST_URL = 1000
REDIRECTS = (301, 302, 303, 307, 308)
# Public by name, but they carry an IPv4 address that need not be: translation (RFC 6052), 6to4 (RFC 3056), Teredo (RFC 4380).
CARRYING = [ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")]


class Failed(Exception):
    def __init__(self, problem: BusyProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif any(ip in network for network in CARRYING):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


@dataclass(frozen=True)
class Rule:
    """Whom a fetch may reach. The portal uses this one as it is; tests give their own server's."""

    resolve: Callable[[str, int], list[str]] = resolve
    allows: Callable[[str], bool] = is_public
    ports: frozenset[int] = frozenset({443})
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = SECONDS


@dataclass(frozen=True)
class Fetched:
    """`content` is None when nothing has changed since the tag."""

    content: bytes | None
    tag: str


def checked_url(url: str, ports: frozenset[int] = frozenset({443})) -> SplitResult:
    """`Failed` for what is never asked, before any name is resolved."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise Failed(BusyProblem.ADDRESS) from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= LONGEST_URL
    if not plain or parts.scheme != "https" or not parts.hostname or parts.username is not None or parts.password is not None or port not in ports:
        raise Failed(BusyProblem.ADDRESS)
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return parts
    if ports == frozenset({443}) and not is_public(str(literal)):
        raise Failed(BusyProblem.ADDRESS)
    return parts


def fetch(url: str, *, tag: str = "", rule: Rule | None = None) -> Fetched:
    """What stands at the address; `Failed` says why not."""
    rule = rule or Rule()
    for _turn in range(MOST_REDIRECTS + 1):
        answer = _ask(checked_url(url, rule.ports), tag, rule)
        if isinstance(answer, Fetched):
            return answer
        url = urljoin(url, answer)
    raise Failed(BusyProblem.REFUSED)


def _ask(parts: SplitResult, tag: str, rule: Rule) -> Fetched | str:
    """The answer, or where it sends on to."""
    host, port = parts.hostname or "", parts.port or 443
    address = _address(host, port, rule)
    opened: list[socket.socket] = []
    # A server that sends a byte now and then would keep a read going for ever: after the time the way is cut.
    timer = threading.Timer(rule.seconds, lambda: [_cut(one) for one in opened])
    timer.daemon = True
    timer.start()
    try:
        bare = socket.create_connection((address, port), timeout=rule.seconds)
        opened.append(bare)
        secured = rule.context.wrap_socket(bare, server_hostname=host)
        opened.append(secured)
        connection = http.client.HTTPConnection(host, port, timeout=rule.seconds)
        connection.sock = secured
        headers = {"Accept": "text/calendar", "Accept-Encoding": "identity", "User-Agent": "KOPA calendar"} | ({"If-None-Match": tag} if tag else {})
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=headers)
        with contextlib.closing(connection), contextlib.closing(connection.getresponse()) as response:
            return _read(response, tag)
    except ssl.SSLCertVerificationError:
        raise Failed(BusyProblem.CERTIFICATE) from None
    except (OSError, http.client.HTTPException, ValueError):
        raise Failed(BusyProblem.NO_ANSWER) from None
    finally:
        timer.cancel()
        for one in opened:
            one.close()


def _address(host: str, port: int, rule: Rule) -> str:
    try:
        addresses = rule.resolve(host, port)
    except (OSError, UnicodeError):
        raise Failed(BusyProblem.NO_ANSWER) from None
    if not addresses or not all(rule.allows(one) for one in addresses):
        raise Failed(BusyProblem.ADDRESS)
    return addresses[0]


def _cut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _read(response: http.client.HTTPResponse, tag: str) -> Fetched | str:
    if response.status == 304 and tag:
        return Fetched(None, tag)
    if response.status in REDIRECTS and (to := response.getheader("Location")):
        return to
    if response.status != 200 or response.getheader("Content-Encoding", "identity") != "identity":
        raise Failed(BusyProblem.REFUSED)
    content = response.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Failed(BusyProblem.TOO_LARGE)
    length = response.getheader("Content-Length", "")
    if length.isdigit() and len(content) < int(length):
        raise Failed(BusyProblem.NO_ANSWER)
    return Fetched(content, (response.getheader("ETag") or "")[:200])
