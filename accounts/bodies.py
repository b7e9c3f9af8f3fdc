"""What a request carries is read whole or not at all."""
from collections.abc import Callable, Iterable
from typing import Any


class WholeBody:
    """`wsgi.input` of a stated length. The server ends a body that was cut as one that is over; Django would store the half form, or the half file.

    Django makes of the OSError a request without a form: its token is missing, so nothing is stored.
    """

    def __init__(self, stream: Any, length: int) -> None:
        self.stream, self.left = stream, length

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        return self._counted(self.stream.read(wanted), wanted)

    def readline(self, size: int = -1) -> bytes:
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        return self._counted(self.stream.readline(wanted), min(1, wanted))

    def _counted(self, came: bytes, least: int) -> bytes:
        self.left -= len(came)
        if len(came) < least:
            raise OSError("The request ended before its body did.")
        return came


def whole_bodies(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Around the WSGI application. Where no length is stated (chunks) the server itself knows the end."""

    def answer(environ: dict[str, Any], start_response: Callable) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH", "")
        if length.isascii() and length.isdigit() and "wsgi.input" in environ:
            environ["wsgi.input"] = WholeBody(environ["wsgi.input"], int(length))
        return application(environ, start_response)

    return answer
