"""Django's makemessages, with a catalogue of its own for each app that has many texts (LOCALE_PATHS).

A text that one such app alone uses, in code or in templates, stands in locale/<app>/, every other in locale/ itself: each in
one place. A text that changes its place takes its translation along.
"""
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management.commands import makemessages


class Command(makemessages.Command):
    # The places decide the catalogue and are not kept in it.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-location"]
    msgattrib_options = [*makemessages.Command.msgattrib_options, "--no-location"]

    def handle(self, *args, **options):
        with TemporaryDirectory() as before:
            self.before = Path(before)
            for number, folder in enumerate(settings.LOCALE_PATHS):
                for path in folder.glob("*/LC_MESSAGES/django.po"):
                    shutil.copy(path, self.before / f"{path.parts[-3]}-{number}.po")
            super().handle(*args, **options)

    def build_potfiles(self) -> list[str]:
        # Django knows locale/ as a setting and as a folder it found: the same file, more than once.
        (whole,) = set(super().build_potfiles())
        header, *texts = Path(whole).read_text(encoding="utf-8").rstrip("\n").split("\n\n")
        found = {folder: [header] for folder in settings.LOCALE_PATHS}
        for text in texts:
            found[folder_of(re.findall(r"\S+", " ".join(re.findall(r"^#: (.+)", text, re.M))))].append(text)
        for folder, its_texts in found.items():
            (folder / "django.pot").write_text("\n\n".join(its_texts) + "\n", encoding="utf-8")
        return [str(folder / "django.pot") for folder in found]

    def write_po_file(self, potfile: str, locale: str) -> None:
        self.msgmerge_options = [option for option in self.msgmerge_options if not option.startswith("--compendium=")]
        self.msgmerge_options += [f"--compendium={path}" for path in sorted(self.before.glob(f"{locale}-*.po"))]
        super().write_po_file(potfile, locale)


def folder_of(places: list[str]) -> Path:
    """The catalogue of a text that is used at `places`, such as guidance/forms/steps.py:12 or templates/guidance/waiting.html:3."""
    common, *of_apps = settings.LOCALE_PATHS
    apps = {place.removeprefix("./").removeprefix("templates/").partition("/")[0] for place in places}
    return next((folder for folder in of_apps if apps == {folder.name}), common)
