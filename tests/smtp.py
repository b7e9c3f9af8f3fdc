"""A mail server of this machine for tests: real SMTP over a real socket, for it decides what a killed sender has sent."""
import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class MailServer(socketserver.ThreadingTCPServer):
    """`accepted`: the Message-ID of every mail that was answered with 250. `after_answer` is called right after such an answer."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.accepted: list[str] = []
        self.after_answer: Callable[[str], object] = lambda _message_id: None

    @property
    def port(self) -> int:
        return self.server_address[1]

    def handle_error(self, request, client_address) -> None:
        """A sender that was killed is what these tests are about."""


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 localhost")
        while line := self.rfile.readline():
            command = line[:4].upper().strip()
            if command == b"QUIT":
                return self._say("221 bye")
            if command == b"DATA":
                self._say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                message_id = re.search(r"^Message-ID: (\S+)", text, re.M | re.I)[1]
                self.server.accepted.append(message_id)
                self._say("250 taken")
                self.server.after_answer(message_id)
            else:
                self._say("250 ok")
        return None

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
        self.wfile.flush()


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
