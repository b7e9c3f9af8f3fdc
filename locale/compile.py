"""Compiles the message catalogues that are newer than their compiled form, without gettext programs.

Fuzzy entries stay out: an uncertain translation is shown in English rather than wrongly.
"""
import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).resolve().parent


def main() -> None:
    for source in sorted(HERE.rglob("LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, abort_invalid=True)
        # Written aside and moved, so that a running server or a second set-up at the same time never reads half a file.
        unfinished = target.with_suffix(f".mo.{os.getpid()}")
        with unfinished.open("wb") as compiled:
            write_mo(compiled, catalogue)
        unfinished.replace(target)


if __name__ == "__main__":
    main()
