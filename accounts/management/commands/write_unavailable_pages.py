from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils import translation


class Command(BaseCommand):
    help = "Writes the pages “out of use for a moment”, “could not be read” and “too much” as a file for each language, for what the proxy answers by itself. Run it after collectstatic."

    def add_arguments(self, parser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args, folder: Path, **options) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for code, _name in settings.LANGUAGES:
            for name, template in ((f"{code}.html", "503.html"), (f"{code}-unread.html", "400.html"), (f"{code}-large.html", "413.html")):
                with translation.override(code):
                    page = render_to_string(template, {"most_text": settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
                # Named when it is whole: the proxy may be reading.
                beside = folder / f"{name}.part"
                beside.write_text(page, encoding="utf-8")
                beside.replace(folder / name)
