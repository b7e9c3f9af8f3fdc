"""Builds the dictionaries that search needs; a part of set-up, never of a request."""
from django.core.management.base import BaseCommand

from pilots.words.dictionaries import build, cache_folder


class Command(BaseCommand):
    help = "Builds the Finnish and Swedish word forms for search. Does nothing when they are there."

    def handle(self, *args: object, **options: object) -> None:
        built = build()
        for path in built:
            self.stdout.write(f"{path.name}: {path.stat().st_size / 1e6:.0f} MB")
        self.stdout.write(f"The word forms are in {cache_folder()}.")
