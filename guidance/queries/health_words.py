"""Words that seem to tell of somebody's health: a gentle reminder before they are stored, never a refusal.

The list (data/health_words.csv) holds beginnings of words, for Finnish and Swedish inflect at the end. It is
ours, short on purpose, and finds likely words, not health details as such.
"""
import csv
import re
from functools import cache
from pathlib import Path

LIST = Path(__file__).resolve().parent.parent / "data" / "health_words.csv"


@cache
def _pattern() -> re.Pattern:
    with LIST.open(encoding="utf-8", newline="") as file:
        beginnings = {row["beginning"] for row in csv.DictReader(file)}
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(beginnings)))})\w*", re.I)


def health_words(text: str) -> list[str]:
    """The words of the text that look like health details, each once, as written."""
    return list(dict.fromkeys(found.group() for found in _pattern().finditer(text)))
