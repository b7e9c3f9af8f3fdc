"""Files of figures come in: kept while they are looked at, then stored whole or not at all."""
import re
import zlib
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.actions.figure_rows import write_figures
from pilots.choices import ImportStep, Permission
from pilots.models import IndicatorImport, Measure, Membership
from pilots.permissions import may
from pilots.queries.figure_files import Judged, judge, read_dataset, suggested
from pilots.tables.dataset import Dataset, Unreadable
from pilots.tables.mapping import Mapping, read_mapping

LARGEST = 40 * 1024 * 1024
NAME_LENGTH = 150
UNFINISHED, BATCH = timedelta(days=14), 100


class BadFigures(ValidationError):
    """The file has faults; nothing was changed. `judged` tells them."""

    def __init__(self, judged: Judged) -> None:
        super().__init__(_("Nothing was stored: the file has faults."), code="faults")
        self.judged = judged


@transaction.atomic
def upload_figures(*, by: Membership, name: str, content: bytes, mapping: Mapping, now: datetime | None = None) -> IndicatorImport:
    """Keep a file to be looked at. ValidationError says where it cannot be read."""
    _require(by)
    if len(content) > LARGEST:
        raise ValidationError({"file": _("The file is larger than 40 MB. Divide it into several files.")})
    try:
        mapping = suggested(read_dataset(content), mapping)
    except Unreadable as error:
        raise ValidationError({"file": str(error)}) from None
    file_name = "".join(one for one in re.split(r"[/\\]", name)[-1] if one.isprintable()).strip()[-NAME_LENGTH:] or _("file")
    batch = IndicatorImport.objects.create(by=by, uploaded_at=now or timezone.now(), file_name=file_name, content=zlib.compress(content), mapping=mapping.as_json())
    record_event(by=by.user, verb="figures.uploaded", target=batch, organisation_id=by.organisation_id)
    return batch


@transaction.atomic
def map_figures(*, by: Membership, batch: IndicatorImport, mapping: Mapping) -> IndicatorImport:
    """Say what is what in the file."""
    batch = _waiting(by, batch)
    batch.mapping = mapping.as_json()
    batch.save(update_fields=["mapping"])
    return batch


@transaction.atomic
def store_figures(*, by: Membership, batch: IndicatorImport, now: datetime | None = None) -> IndicatorImport:
    """All figures of the file, or none: BadFigures has the faults. Pressed twice it stores once."""
    _require(by)
    batch = IndicatorImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.step == ImportStep.STORED:
        return batch
    batch = _waiting(by, batch)
    _store(batch, read_dataset(zlib.decompress(bytes(batch.content))), read_mapping(batch.mapping), now or timezone.now())
    record_event(by=by.user, verb="figures.stored", target=batch, organisation_id=by.organisation_id, detail={"added": batch.added, "replaced": batch.replaced})
    return batch


@transaction.atomic
def import_figures(*, by: None, name: str, content: bytes, mapping: Mapping, now: datetime | None = None) -> IndicatorImport:
    """The same at once, for whoever runs the server (`by` is nobody of the portal). Raises Unreadable and BadFigures."""
    now = now or timezone.now()
    dataset = read_dataset(content)
    mapping = suggested(dataset, mapping)
    batch = IndicatorImport.objects.create(uploaded_at=now, file_name=name[-NAME_LENGTH:], mapping=mapping.as_json())
    _store(batch, dataset, mapping, now)
    record_event(by=by, verb="figures.stored", target=batch, detail={"added": batch.added, "replaced": batch.replaced})
    return batch


@transaction.atomic
def discard_figures(*, by: Membership, batch: IndicatorImport) -> IndicatorImport:
    batch = _waiting(by, batch)
    batch.step, batch.content = ImportStep.DROPPED, b""
    batch.save(update_fields=["step", "content"])
    record_event(by=by.user, verb="figures.discarded", target=batch, organisation_id=by.organisation_id)
    return batch


def discard_unfinished(now: datetime) -> int:
    """Job of `run_due`: files that were brought in and neither stored nor discarded within UNFINISHED are discarded, content and all."""
    old = IndicatorImport.objects.filter(step=ImportStep.WAITING, uploaded_at__lt=now - UNFINISHED)
    return sum(_discard(pk) for pk in old.order_by("pk").values_list("pk", flat=True)[:BATCH])


@transaction.atomic
def _discard(pk: int) -> int:
    batch = IndicatorImport.objects.select_for_update(of=("self",)).get(pk=pk)
    if batch.step != ImportStep.WAITING:
        return 0
    batch.step, batch.content = ImportStep.DROPPED, b""
    batch.save(update_fields=["step", "content"])
    record_event(by=None, verb="figures.discarded", target=batch)
    return 1


def judge_file(batch: IndicatorImport) -> Judged:
    """As it would be stored now."""
    return judge(read_dataset(zlib.decompress(bytes(batch.content))), read_mapping(batch.mapping))


def _require(by: Membership) -> None:
    if not may(by, Permission.KEEP_FIGURES):
        raise PermissionDenied


def _waiting(by: Membership, batch: IndicatorImport) -> IndicatorImport:
    _require(by)
    batch = IndicatorImport.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.step != ImportStep.WAITING:
        raise ValidationError(_("This file has been stored or discarded in the meantime."))
    return batch


def _store(batch: IndicatorImport, dataset: Dataset, mapping: Mapping, now: datetime) -> None:
    judged = judge(dataset, mapping)
    if judged.fault_count:
        raise BadFigures(judged)
    if not judged.figures:
        raise ValidationError(_("Nothing was stored: the file has no figure for any municipality."))
    codes = sorted({measure for _place, measure, _part, _year in judged.figures})
    # Held in the order of their keys: whoever brings in the same measures follows.
    list(Measure.objects.select_for_update(of=("self",)).filter(pk__in=codes).order_by("pk"))
    batch.added, batch.replaced = write_figures(figures=judged.figures, vintage=mapping.vintage, source=mapping.source, retrieved_on=mapping.retrieved_on, batch=batch, now=now)
    batch.unchanged = len(judged.figures) - batch.added - batch.replaced
    batch.step, batch.stored_at, batch.content = ImportStep.STORED, now, b""
    batch.save()
