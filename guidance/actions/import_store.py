"""A reviewed client list becomes clients with their pathways: all of its lines in one transaction, or none."""
import uuid
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actions.audit import record_event
from guidance.actions.import_judging import judge_rows
from guidance.actions.imports import being_stored, erase, first_unlocked, hold_mapping, lock_batch, require_under_way, same_file
from guidance.actions.locks import lock_guide
from guidance.actions.openings import Opening, checked, open_pathways
from guidance.choices import ImportState, RowState
from guidance.models import Client, ImportBatch, ImportRow, Pathway
from guidance.queries.imports import KEPT, column_name, unfinished_before
from guidance.tables.columns import Column
from guidance.tables.judging import WHOLE_LINE, Judged
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
    require_under_way(batch)
    if batch.state != ImportState.MAPPED:
        raise ValidationError(_("Say first which column is what."))
    _forbid_second_time(batch)
    rows = list(batch.rows.order_by("line"))
    judged = judge_rows(batch, by, rows)
    _require_ready(rows)
    openings = [_opening(batch, row.line, judged[row.line]) for row in rows if row.state == RowState.READY]
    pathways = open_pathways(by=by, partnership=batch.partnership, openings=openings)
    batch.stored_at, batch.stored_by, batch.stored_count = timezone.now(), by, len(pathways)
    erase(batch, ImportState.STORED)
    record_event(by=by.user, verb="import_stored", target=batch, organisation_id=by.organisation_id, detail={"rows": len(pathways), "left_out": len(rows) - len(pathways)})
    return pathways


def _hold(batch: ImportBatch, by: Membership) -> ImportBatch:
    """Storing takes its time: whoever comes second is told so at once and does not wait until the database gives up."""
    is_free = hold_mapping(batch, by) is not None
    rows = ImportBatch.objects.select_related("partnership")
    found = (rows.select_for_update(of=("self",)) if is_free else rows).get(pk=batch.pk)
    if not is_free and found.is_open:
        raise being_stored(found)
    return found


def _forbid_second_time(batch: ImportBatch) -> None:
    known = ImportBatch.objects.filter(organisation=batch.organisation_id, sha256=batch.sha256, state=ImportState.STORED).first()
    if known:
        raise ValidationError(same_file(known).message_dict["file"])


def _require_ready(rows: list[ImportRow]) -> None:
    unsettled = [row for row in rows if row.state in (RowState.WRONG, RowState.ASK)]
    if unsettled:
        words = ngettext(
            "Nothing was stored. %(count)s line is not settled yet, line %(line)s: correct it, decide about it, or leave it out.",
            "Nothing was stored. %(count)s lines are not settled yet, the first is line %(line)s: correct them, decide about them, or leave them out.",
            len(unsettled),
        )
        raise ValidationError(words, params={"count": len(unsettled), "line": unsettled[0].line})
    if not any(row.state == RowState.READY for row in rows):
        raise ValidationError(_("Nothing was stored, for every line is left out."))


def _opening(batch: ImportBatch, line: int, judged: Judged) -> Opening:
    try:
        # By its token a line of a list is one pathway, whatever happens.
        return checked(client=Client(**judged.client), first_step=judged.first_step, first_due_on=judged.first_due_on, token=uuid.uuid5(batch.token, str(line)), **judged.pathway)
    except ValidationError as error:
        told = [ValidationError(_("Nothing was stored. Line %(line)s, %(column)s: %(text)s"), params={"line": line, "column": column, "text": text}) for column, text in _by_column(batch, error)]
        raise ValidationError(told) from error


# Fields of the rows that are stored, and the column that each comes from.
COLUMN_OF = {"municipality_code": Column.MUNICIPALITY.value, "what": Column.FIRST_STEP.value, "due_on": Column.FIRST_DUE_ON.value}


def _by_column(batch: ImportBatch, error: ValidationError) -> list[tuple[str, str]]:
    columns = ((COLUMN_OF.get(field, field), texts) for field, texts in error.message_dict.items())
    return [(column_name(batch, column if column in Column.values else WHOLE_LINE), text) for column, texts in columns for text in texts]


def drop_old_lists(now: datetime) -> int:
    """Lists that nobody finished are erased fourteen days after they came. A due job."""
    dropped = 0
    for pk in list(unfinished_before(now - KEPT).values_list("pk", flat=True)):
        with transaction.atomic():
            batch = first_unlocked(unfinished_before(now - KEPT).filter(pk=pk))
            if batch is None:
                continue
            erase(batch, ImportState.DROPPED)
            record_event(by=None, verb="import_dropped", target=batch, organisation_id=batch.organisation_id)
            dropped += 1
    return dropped
