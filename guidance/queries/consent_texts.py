"""The text of a client's consent, by version and language, as guidance/data/consents keeps it."""
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils import translation
from django.utils.formats import date_format

from guidance.choices import ConsentScope, Section

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


def consent_text(*, version: int, language: str, scope: str, receiver: str, until: date | None = None, sections: Collection[str] = ()) -> ConsentText:
    """`sections`: what one hand-off may tell, when not everything. The first version told neither it nor a last day, and none was kept then."""
    found = _versions()[version][language]
    paragraphs = [found["opening"], found[ConsentScope(scope).value]]
    with translation.override(language):
        if sections and "sections" in found:
            paragraphs.append(found["sections"].replace("{sections}", ", ".join(str(one.label) for one in Section if one.value in sections)))
        if until and "until" in found:
            paragraphs.append(found["until"].replace("{until}", date_format(until, "SHORT_DATE_FORMAT")))
    return ConsentText(version, language, found["title"], [paragraph.replace("{receiver}", receiver) for paragraph in [*paragraphs, *found["closing"]]])
