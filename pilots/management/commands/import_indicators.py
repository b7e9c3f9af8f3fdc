import json
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from pilots.actions.figures import BadFigures, import_figures
from pilots.tables.dataset import Unreadable
from pilots.tables.mapping import read_mapping


class Command(BaseCommand):
    help = "Brings in yearly figures of municipalities from a file of statistics: PxWeb CSV or JSON-stat 2.0. Stores the whole file or, where it has faults, nothing."

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, help="the file as PxWeb gives it")
        parser.add_argument("--mapping", type=Path, required=True, help="JSON that says what is what in the file (see pilots/tables/mapping.py)")

    @translation.override("en")
    def handle(self, *args, file: Path, mapping: Path, **options) -> None:
        try:
            content, said = file.read_bytes(), json.loads(mapping.read_text(encoding="utf-8"))
            batch = import_figures(by=None, name=file.name, content=content, mapping=read_mapping(said))
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from None
        except ValueError as error:
            raise CommandError(f"{mapping.name}: {error}.") from None
        except Unreadable as error:
            raise CommandError(f"{file.name}: {error} Nothing was changed.") from None
        except BadFigures as error:
            for fault in error.judged.faults:
                self.stderr.write(str(fault))
            raise CommandError(f"{file.name}: {error.judged.fault_count} fault{'s' if error.judged.fault_count > 1 else ''}. Nothing was changed.") from None
        except ValidationError as error:
            raise CommandError(f"{file.name}: {' '.join(error.messages)} Nothing was changed.") from None
        self.stdout.write(f"Stored: {batch.added} figures added, {batch.replaced} replaced, {batch.unchanged} as they were.")
