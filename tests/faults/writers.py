"""People who send forms and press again until each is answered; what they were told is written down."""
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.portal import Portal
from tests.faults.prepared import Write

PAUSE = 0.05
# Who presses again does so after a moment.
AGAIN = 0.2
# A form that is not answered by then is given up, and counted.
PATIENCE = 150
LANGUAGES = {"/": "fi", "/sv/": "sv", "/en/": "en"}


@dataclass
class Told:
    """`acknowledged`: every write whose answer said that it is stored, with the time of the answer."""

    acknowledged: list[tuple[float, Write]] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    # Seconds of the answered ones, by when they were answered.
    seconds: list[tuple[float, float]] = field(default_factory=list)

    def first_after(self, moment: float) -> float | None:
        """Seconds from the moment until something was stored again."""
        return min((at - moment for at, _write in self.acknowledged if at >= moment), default=None)


class Writers:
    def __init__(self, portal: Portal, next_write: Callable[[], Write]) -> None:
        self.portal, self.next_write = portal, next_write
        self.told = Told()
        self._lock = threading.Lock()
        self._ending = threading.Event()

    @contextmanager
    def at_work(self, count: int) -> Iterator[Told]:
        """So many at once; at the end each presses on until its last form is answered."""
        threads = [threading.Thread(target=self._work, daemon=True) for _number in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield self.told
        finally:
            self._ending.set()
            for thread in threads:
                thread.join(PATIENCE + 60)

    def _work(self) -> None:
        while not self._ending.is_set():
            with self._lock:
                write = self.next_write()
            self._press(write)
            time.sleep(PAUSE)

    def _press(self, write: Write) -> None:
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            sent = time.monotonic()
            status, headers, text = self.portal.ask(write.path, write.headers, "POST", write.body)
            now = time.monotonic()
            self.told.answers[f"{write.kind}: {status or 'cut'}"] += 1
            if status == 302 and "/login" not in headers.get("Location", ""):
                self.told.acknowledged.append((now, write))
                self.told.seconds.append((now, now - sent))
                return
            if status == 503:
                self.told.wrong += faults_of_503(headers, text, "en")
            elif status not in (0, 409):
                self.told.wrong.append(f"{write.kind} answered {status}: {_error_in(text)}")
                return
            time.sleep(AGAIN)
        self.told.given_up.append(f"{write.kind} {write.key}")


def faults_of_503(headers: dict[str, str], text: str, language: str) -> list[str]:
    return [
        *([] if headers.get("Retry-After", "").isdigit() else ["a 503 without Retry-After"]),
        *([] if f'<html lang="{language}"' in text else [f"a 503 that is not in {language}"]),
        *([] if "no-store" in headers.get("Cache-Control", "") else ["a 503 that may be stored"]),
    ]


def look_at_503(portal: Portal) -> tuple[int, list[str]]:
    """The page in the language of the address, of the cookie and of the browser: how many were seen, and what is wrong with them."""
    asked = [(path, {}, language) for path, language in LANGUAGES.items()]
    asked += [("/areas/", {"Cookie": f"language={language}"}, language) for language in ("sv", "en")]
    asked += [("/areas/", {"Accept-Language": f"{language},fi;q=0.5"}, language) for language in ("sv", "en")]
    seen, wrong = 0, []
    for path, headers, language in asked:
        status, answered, text = portal.ask(path, headers)
        if status == 503:
            seen += 1
            wrong += faults_of_503(answered, text, language)
        else:
            wrong.append(f"{path} answered {status} instead of 503")
    return seen, wrong


def _error_in(text: str) -> str:
    """What a refused form says, for whoever reads the report."""
    import re

    return " ".join(re.findall(r'<(?:h1|strong|li|span)[^>]*(?:error|invalid|alert|h1)[^>]*>([^<]{3,120})', text)[:3]) or re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))[:200]
