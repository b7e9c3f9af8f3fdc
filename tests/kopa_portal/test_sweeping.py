"""Files that no row names go after a day. What a row names stays, and so does whatever the portal did not make."""
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import FileField
from django.utils import timezone

from guidance.actions.attachments import attach_file
from guidance.models import Attachment, FileToRemove
from kopa_portal.operation import sweeping
from kopa_portal.operation.sweeping import models_with_files, sweep_files, sweep_files_each_night
from pilots.actions.model_files import add_model_file
from pilots.attachments import path_of, store
from pilots.models import ModelFile
from services import photos
from services.models import ServicePhoto
from tests.guidance.factories import make_partnership, make_pathway
from tests.pilots.factories import make_area, make_model
from tests.pilots.files import SMALLEST_PNG
from tests.pilots.obstacles import make_coordinator
from tests.services.factories import make_handler, make_resource, make_service

pytestmark = pytest.mark.django_db
PICTURES = photos.Pictures(large=b"large", small=b"small", width=1, height=1)


def hours(number: float) -> datetime:
    return timezone.now() + timedelta(hours=number)


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if not path.is_dir()}


@pytest.fixture
def root(settings, tmp_path) -> Path:
    settings.MEDIA_PRIVATE, settings.ERASURE_LEDGER = str(tmp_path / "private"), str(tmp_path / "erasures.jsonl")
    return tmp_path / "private"


@pytest.fixture
def kept(root) -> set[Path]:
    """A row with its files of each model that has some, and what is not the portal's."""
    made, area, handler = make_partnership(), make_area("Keksittyalue"), make_handler()
    attach_file(by=made.anna, pathway=make_pathway(made), name="oma.png", content=SMALLEST_PNG)
    add_model_file(by=make_coordinator(area), model=make_model(area), title="Sopimus", name="sopimus.png", content=SMALLEST_PNG)
    photo = ServicePhoto.objects.create(service=make_service(make_resource(handler.organisation)), alt_fi="Keksitty kuva", width=1, height=1, stored_at=timezone.now(), stored_by=handler)
    photos.store(photo.stored_as, PICTURES)
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / uuid4().hex).write_bytes(b"of others")
    (root / "muistio.txt").write_bytes(b"of the operator")
    (root / "elsewhere").symlink_to(outside)
    (root / uuid4().hex).symlink_to(next(outside.iterdir()))
    return files(root.parent)


@pytest.fixture
def left(kept, root) -> set[Path]:
    """What processes that died have left."""
    store(uuid4(), b"of nobody")
    photos.store(uuid4(), PICTURES)
    part = path_of(uuid4()).with_suffix(".part")
    part.parent.mkdir(exist_ok=True)
    part.write_bytes(b"half")
    return files(root.parent) - kept


def test_files_without_a_row_go_after_a_day(kept, left, root, caplog, settings):
    caplog.set_level("INFO", "kopa_portal.operation.sweeping")

    assert (sweep_files(hours(23)), files(root.parent)) == (0, kept | left)
    assert (sweep_files(hours(25)), files(root.parent)) == (4, kept)
    assert caplog.messages == ["Files that no row named were removed: 0.", "Files that no row named were removed: 4."]
    assert settings.LOGGING["loggers"]["kopa_portal.operation.sweeping"] == {"level": "INFO"}


def test_each_model_with_files_keeps_its_own(kept):
    """Whatever names a file does so in a column `stored_as`: a FileField would not be asked."""
    assert models_with_files() == [ModelFile, ServicePhoto, Attachment]
    assert [field for model in apps.get_models() for field in model._meta.fields if isinstance(field, FileField)] == []
    assert {path.name[:32] for path in kept if path.parent.parent.name in ("attachments", "photos")} == {row.stored_as.hex for model in models_with_files() for row in model.objects.all()}


def test_dry_run_names_them_and_removes_nothing(kept, left, root, monkeypatch):
    monkeypatch.setattr(sweeping, "OLD", timedelta(0))
    said = StringIO()

    call_command("sweep_files", "--dry-run", stdout=said)
    assert (set(map(Path, said.getvalue().split())), files(root.parent)) == (left, kept | left)

    call_command("sweep_files", stdout=said)
    assert (said.getvalue().splitlines()[-1], files(root.parent)) == ("Removed: 4.", kept)


def test_files_stay_when_the_database_seems_to_be_another_one(kept, left, root, monkeypatch):
    Attachment.objects.all().delete()

    assert (sweep_files(hours(25)), files(root.parent)) == (0, kept | left)
    monkeypatch.setattr(sweeping, "OLD", timedelta(0))
    with pytest.raises(CommandError, match="5 files are named by no row, and 3 are"):
        call_command("sweep_files")


@pytest.mark.parametrize("ending", [".restore", ".before-20261122-020000"])
def test_files_stay_while_something_of_a_restore_is_there(kept, left, root, ending):
    root.with_name(f"{root.name}{ending}").mkdir()

    assert (sweep_files(hours(25)), files(root.parent)) == (0, kept | left)


def test_file_that_is_to_be_removed_has_no_row_any_more(kept, left, root):
    FileToRemove.objects.create(stored_as=next(path.name for path in left if path.name.isalnum()), asked_at=timezone.now())

    assert (sweep_files(hours(25)), files(root.parent)) == (4, kept)


def test_files_are_swept_once_a_night_after_the_backup(kept, monkeypatch):
    monkeypatch.setattr(sweeping, "OLD", timedelta(0))

    # Helsinki is two hours before UTC.
    nights = [datetime(2027, 2, 3, 1, 59, tzinfo=UTC), datetime(2027, 2, 3, 2, 0, tzinfo=UTC), datetime(2027, 2, 3, 2, 1, tzinfo=UTC), datetime(2027, 2, 4, 2, 0, tzinfo=UTC)]
    done = []
    for now in nights:
        store(uuid4(), b"of nobody")
        done.append(sweep_files_each_night(now))

    assert done == [0, 2, 0, 2]
