"""A reviewed client list becomes clients with their pathways: all of its lines in one transaction, or none."""
import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.imports import erase, judge_rows, lock_batch, require_own, same_file
from guidance.actions.locks import lock_guide
from guidance.actions.pathways import open_pathway
from guidance.choices import ImportState, RowState
from guidance.conflicts import Conflict
from guidance.models import Client, ColumnMapping, ImportBatch, Pathway
from guidance.queries.imports import KEPT, column_name, unfinished_before
from guidance.tables.judging import Judged
from pilots.models import Membership


@transaction.atomic
def review_again(*, by: Membership, batch: ImportBatch) -> ImportBatch:
    """Judge every line as things stand now: days have passed, clients have come. Before storing, and kept when nothing is stored."""
    batch, by = lock_batch(batch, by), lock_guide(by)
    if batch.state == ImportState.MAPPED:
        judge_rows(batch, by, list(batch.rows.order_by("line")))
    return batch


@transaction.atomic
def store_list(*, by: Membership, batch: ImportBatch) -> list[Pathway]:
    """Make a client with an open pathway of each line that is ready; those left out are left out, any other stops everything.

    One line that cannot be stored leaves nothing behind: ValidationError names it and its column. The same person
    pressing twice stores once; whoever presses beside them, or while another list of the organisation is being
    stored, gets `Conflict`. The lines are erased with the storing.
    """
    batch = _hold(batch, by)
    if batch.state == ImportState.STORED and batch.stored_by_id == by.pk:
        return []
    batch = lock_batch(batch, by)
    if batch.state != ImportState.MAPPED:
        raise ValidationError(_("Say first which column is what."))
    _forbid_second_time(batch)
    rows = list(batch.rows.order_by("line"))
    judged = judge_rows(batch, by, rows)
    _require_ready(batch, rows)
    pathways = [_store(batch, by, row.line, judged[row.line]) for row in rows if row.state == RowState.READY]
    left_out = len(rows) - len(pathways)
    batch.stored_at, batch.stored_by, batch.stored_count = timezone.now(), by, len(pathways)
    erase(batch, ImportState.STORED)
    record_event(by=by.user, verb="import_stored", target=batch, organisation_id=by.organisation_id, detail={"rows": len(pathways), "left_out": left_out})
    return pathways


def _hold(batch: ImportBatch, by: Membership) -> ImportBatch:
    """Storing takes its time: whoever comes second is told so at once and does not wait until the database gives up."""
    held = _first_unlocked(ColumnMapping.objects.filter(organisation=batch.organisation_id))
    found = _first_unlocked(ImportBatch.objects.filter(pk=batch.pk))
    if found is None or (held is None and found.state == ImportState.MAPPED):
        raise Conflict(batch, _("A list of your organisation is being stored just now. Look at it again in a minute."))
    require_own(found, by)
    return found


def _first_unlocked(rows: QuerySet):
    # SQLite has one writer at a time and no row locks: there the second comes after the first anyway.
    return rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()


def _forbid_second_time(batch: ImportBatch) -> None:
    known = ImportBatch.objects.filter(organisation=batch.organisation_id, sha256=batch.sha256, state=ImportState.STORED).first()
    if known:
        raise ValidationError(same_file(known).message_dict["file"])


def _require_ready(batch: ImportBatch, rows: list) -> None:
    unsettled = [row for row in rows if row.state in (RowState.WRONG, RowState.ASK)]
    if unsettled:
        raise ValidationError(_("Nothing was stored. Line %(line)s and %(others)s other lines are not settled yet: correct them, decide about them, or leave them out."), params={"line": unsettled[0].line, "others": len(unsettled) - 1})
    if not any(row.state == RowState.READY for row in rows):
        raise ValidationError(_("Nothing was stored, for every line is left out."))


def _store(batch: ImportBatch, by: Membership, line: int, judged: Judged) -> Pathway:
    if judged.first_due_on is None:
        raise ValueError("a line without a day is not ready")
    try:
        return open_pathway(
            by=by, partnership=batch.partnership, client=Client(**judged.client), first_step=judged.first_step, first_due_on=judged.first_due_on,
            # Whatever happens, a line of a list is one pathway.
            token=uuid.uuid5(batch.token, str(line)), **judged.pathway,
        )
    except ValidationError as error:
        raise ValidationError([ValidationError(_("Nothing was stored. Line %(line)s, %(column)s: %(text)s"), params={"line": line, "column": column, "text": text}) for column, text in _words(batch, error)]) from error


def _words(batch: ImportBatch, error: ValidationError) -> list[tuple[str, str]]:
    if not hasattr(error, "error_dict"):
        return [(_("The whole line"), text) for text in error.messages]
    return [(_name(batch, column), text) for column, texts in error.message_dict.items() for text in texts]


def _name(batch: ImportBatch, column: str) -> str:
    try:
        return column_name(batch, column)
    except ValueError:
        return _("The whole line")


def drop_old_lists(now: datetime) -> int:
    """Lists that nobody finished are erased fourteen days after they came. A due job."""
    dropped = 0
    for pk in list(unfinished_before(now - KEPT).values_list("pk", flat=True)):
        with transaction.atomic():
            batch = _first_unlocked(unfinished_before(now - KEPT).filter(pk=pk))
            if batch is None:
                continue
            erase(batch, ImportState.DROPPED)
            record_event(by=None, verb="import_dropped", target=batch, organisation_id=batch.organisation_id)
            dropped += 1
    return dropped
