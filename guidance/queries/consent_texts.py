"""The text of a client's consent, by version and language, as guidance/data/consents keeps it."""
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from guidance.choices import ConsentScope

DATA = Path(__file__).resolve().parent.parent / "data" / "consents"
LANGUAGES = ("fi", "sv", "en")


@dataclass(frozen=True)
class ConsentText:
    """What the client was shown, in full."""

    version: int
    language: str
    title: str
    paragraphs: list[str]


@cache
def _versions() -> dict[int, dict]:
    return {int(path.stem): tomllib.loads(path.read_text("utf-8")) for path in sorted(DATA.glob("*.toml"))}


def current_version() -> int:
    return max(_versions())


def consent_text(*, version: int, language: str, scope: str, receiver: str) -> ConsentText:
    found = _versions()[version][language]
    paragraphs = [found["opening"], found[ConsentScope(scope).value], *found["closing"]]
    return ConsentText(version, language, found["title"], [paragraph.replace("{receiver}", receiver) for paragraph in paragraphs])
