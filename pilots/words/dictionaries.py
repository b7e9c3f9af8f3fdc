"""The dictionaries of word forms: simplemma's Finnish and Swedish ones (MIT), as tries that all processes share.

simplemma itself would unpack them in the first request that needs them (12 s, 220 MB a process). Here set-up builds
them once (10-20 s, 730 MB while it lasts) and every process maps the finished files, 23 MB, into memory that all share.
"""
import os
import tempfile
from pathlib import Path
from typing import Protocol

import simplemma
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from marisa_trie import BytesTrie
from simplemma.strategies.dictionaries import TrieDictionaryFactory

LANGUAGES = ("fi", "sv")


class Dictionary(Protocol):
    """What a word form is looked up in."""

    def get(self, form: str) -> list[bytes] | None: ...


def cache_folder() -> Path:
    """Named after simplemma's version, so that a newer dictionary asks to be built."""
    return Path(settings.WORD_FORMS_CACHE) / simplemma.__version__


def build() -> list[Path]:
    """Builds what is missing; a half-written file is never seen under the final name."""
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    built = []
    for language in LANGUAGES:
        target = folder / f"{language}.dic"
        if target.exists():
            continue
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            TrieDictionaryFactory(cache_max_size=1, disk_cache_dir=scratch).get_dictionary(language)
            os.replace(Path(scratch) / target.name, target)
        built.append(target)
    return built


def load(folder: Path) -> dict[str, Dictionary]:
    """By language. Raises ImproperlyConfigured when set-up has not built them."""
    missing = [language for language in LANGUAGES if not (folder / f"{language}.dic").exists()]
    if missing:
        raise ImproperlyConfigured(
            f"The word forms for search ({', '.join(missing)}) are not in {folder}: run `python manage.py build_word_forms` once."
        )
    return {language: BytesTrie().mmap(str(folder / f"{language}.dic")) for language in LANGUAGES}
