"""A client list comes in: uploaded, its columns named, its lines corrected and decided about; nothing is a client yet.

Every action holds the list first and then the person; what names columns or stores holds the organisation's mapping before both. `actions.import_store` makes clients of it.
"""
import hashlib
import re
from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.import_judging import AT_ONCE, judge_again, judge_rows
from guidance.actions.locks import lock_guide
from guidance.actions.timeline import require_not_past
from guidance.choices import ImportState, RowDecision, RowState
from guidance.models import ColumnMapping, ImportBatch, ImportRow, Partnership
from guidance.queries.imports import known_for, shown_rows
from guidance.tables.columns import EDITED, REQUIRED, Column
from guidance.tables.judging import Fault, is_protected, judge
from pilots.models import Membership
from services.conflicts import Conflict
from services.tables.files import read_table
from services.tables.headers import to_keep
from services.tables.limits import LONGEST_CELL

NAME_LENGTH = 150


@transaction.atomic
def upload_list(*, by: Membership, partnership: Partnership, name: str, content: bytes) -> tuple[ImportBatch, int]:
    """Read a file into lines to review; gives the list and how many personal identity codes were left out of it.

    The same file again is the list that is under way already; one that was stored is refused. Of lines that tell of
    non-disclosure nothing but their number is kept, from the first moment on.
    """
    table = read_table(content)
    by = lock_guide(by)
    partnership = Partnership.objects.get(pk=partnership.pk)
    if partnership.opened_at is None:
        raise ValidationError(_("This partnership is not open yet: its agreement of roles, impact assessment and lead come first."))
    if by.organisation_id != partnership.process_organisation_id:
        raise ValidationError(_("The employment service opens a pathway. Send the client there, or log a drop-in talk."))
    digest = hashlib.sha256(content).hexdigest()
    for known in ImportBatch.objects.filter(organisation=by.organisation_id, sha256=digest).exclude(state=ImportState.DROPPED):
        if known.is_open:
            return known, 0
        raise same_file(known)
    batch = ImportBatch.objects.create(
        partnership=partnership, organisation_id=by.organisation_id, by=by, uploaded_at=timezone.now(), file_name=clean_name(name), sha256=digest, header=table.header
    )
    ImportRow.objects.bulk_create((_new_row(batch, line, cells) for line, cells in table.rows), batch_size=AT_ONCE)
    record_event(by=by.user, verb="import_uploaded", target=batch, organisation_id=by.organisation_id, detail={"rows": len(table.rows)})
    return batch, table.codes_left_out


def same_file(known: ImportBatch) -> ValidationError:
    day = formats.date_format(timezone.localtime(known.stored_at), "SHORT_DATE_FORMAT")
    return ValidationError({"file": _("This very file has been imported on %(day)s. Nothing was added.") % {"day": day}})


def clean_name(name: str) -> str:
    return "".join(character for character in re.split(r"[/\\]", name)[-1] if character.isprintable()).strip()[-NAME_LENGTH:] or _("file")


def _new_row(batch: ImportBatch, line: int, cells: list[str]) -> ImportRow:
    row = ImportRow(batch=batch, line=line, cells=cells)
    if is_protected(batch.header, cells):
        _empty(row)
    return row


def _empty(row: ImportRow) -> None:
    row.cells, row.values, row.likely, row.twin_line, row.duplicate_of_id = [], {}, [], None, None
    row.state, row.decision, row.faults = RowState.LEFT_OUT, RowDecision.SKIP, {Column.NON_DISCLOSURE.value: Fault.PROTECTED.value}


def lock_batch(batch: ImportBatch, by: Membership) -> ImportBatch:
    """The list as it stands now, held; it is the own organisation's and still under way, or `Conflict` tells what became of it."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("partnership").get(pk=batch.pk)
    require_own(batch, by)
    require_under_way(batch)
    return batch


def hold_mapping(batch: ImportBatch, by: Membership) -> ColumnMapping | None:
    """The organisation's one row about its lists, held before any list is; None while a list is being stored."""
    require_own(batch, by)
    ColumnMapping.objects.get_or_create(organisation_id=batch.organisation_id)
    return first_unlocked(ColumnMapping.objects.filter(organisation=batch.organisation_id))


def first_unlocked(rows: QuerySet):
    # SQLite has one writer at a time and no row locks: there the second comes after the first anyway.
    return rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked).first()


def being_stored(batch: ImportBatch) -> Conflict:
    return Conflict(batch, _("A list of your organisation is being stored just now. Look at it again in a minute."))


def require_under_way(batch: ImportBatch) -> None:
    if not batch.is_open:
        raise Conflict(batch, _("Somebody has stored this list in the meantime.") if batch.state == ImportState.STORED else _("Somebody has discarded this list in the meantime."))


def require_own(batch: ImportBatch, by: Membership) -> None:
    if batch.organisation_id != by.organisation_id:
        raise ValidationError(_("This list belongs to another organisation."))


@transaction.atomic
def map_columns(*, by: Membership, batch: ImportBatch, columns: dict[str, int], first_step: str = "", first_due_on: date | None = None) -> ImportBatch:
    """Say which column is what, and what comes next for lines that do not say it; every line is judged anew.

    Other columns than before undo what was corrected and decided: the lines are made of the file again.
    """
    kept = hold_mapping(batch, by)
    if kept is None:
        raise being_stored(batch)
    batch, by = lock_batch(batch, by), lock_guide(by)
    _require_columns(batch, columns)
    if Column.FIRST_STEP not in columns and not first_step.strip():
        raise ValidationError({"first_step": _("Write what happens next, or choose the column that says it.")})
    if first_due_on is None and Column.FIRST_DUE_ON not in columns:
        raise ValidationError({"first_due_on": _("Write the day, or choose the column that says it.")})
    if first_due_on:
        require_not_past(first_due_on, "first_due_on")
    is_new = batch.state == ImportState.UPLOADED or batch.columns != columns
    batch.columns, batch.first_step, batch.first_due_on, batch.state = columns, first_step.strip(), first_due_on, ImportState.MAPPED
    batch.full_clean(exclude=["partnership", "organisation", "by", "token"], validate_unique=False)
    batch.save()
    kept.columns = to_keep(batch.header, columns, kept.columns)
    kept.save()
    rows = list(batch.rows.order_by("line"))
    if is_new:
        for row in rows:
            _fill(row, batch)
    judge_rows(batch, by, rows, write_all=is_new)
    return batch


def _require_columns(batch: ImportBatch, columns: dict[str, int]) -> None:
    if set(columns) - set(Column.values) or any(not 0 <= place < len(batch.header) for place in columns.values()) or len(set(columns.values())) < len(columns):
        raise ValidationError(_("Choose each column once."))
    if missing := [column for column in REQUIRED if column not in columns]:
        raise ValidationError([ValidationError(_("Choose the column that is “%(name)s”."), params={"name": column.label}) for column in missing])


def _fill(row: ImportRow, batch: ImportBatch) -> None:
    if row.is_emptied:
        return
    place = batch.columns.get(Column.NON_DISCLOSURE)
    if place is not None and is_protected(batch.header, row.cells, place):
        _empty(row)
        return
    row.values = {column: row.cells[place] for column, place in batch.columns.items() if column in EDITED and place < len(row.cells) and row.cells[place]}
    row.decision, row.likely, row.twin_line, row.duplicate_of_id = "", [], None, None


def _lock_row(batch: ImportBatch, line: int) -> ImportRow:
    row = batch.rows.filter(line=line).first()
    if row is None:
        raise ValidationError(_("This line is not in the list any more."))
    if row.is_emptied:
        raise ValidationError(Fault.PROTECTED.label)
    return row


@transaction.atomic
def edit_row(*, by: Membership, batch: ImportBatch, line: int, values: dict[str, str], seen: dict[str, str]) -> ImportRow:
    """Write other values into a line; nothing is written while one of them is wrong: ValidationError by field.

    `seen`: the values that the person's page was drawn with; `Conflict` when somebody has changed the line since.
    """
    batch, by = lock_batch(batch, by), lock_guide(by)
    row = _lock_row(batch, line)
    if row.values != seen:
        raise Conflict(batch, _("Somebody has changed this line in the meantime. Look at it as it is now, and make your change again if it is still needed."))
    values = {column: text for column in EDITED if (text := " ".join(values.get(column, "").split())[:LONGEST_CELL])}
    judged = judge(values, known_for(batch))
    if judged.faults:
        raise ValidationError({column: str(Fault(fault).label) for column, fault in judged.faults.items()})
    # A line with too many cells has been looked at now.
    row.values, row.decision, row.cells = values, "", row.cells[: len(batch.header)]
    judge_again(batch, by, row)
    return row


@transaction.atomic
def decide_row(*, by: Membership, batch: ImportBatch, line: int, decision: str, seen: Collection[str] = ()) -> ImportRow:
    """Leave a line out, or take it in (again): as another person than all those who look alike, whom the person has `seen`."""
    batch, by = lock_batch(batch, by), lock_guide(by)
    row = _lock_row(batch, line)
    if decision not in RowDecision.values:
        raise ValidationError(_("Choose what to do with this line."))
    if decision == RowDecision.STORE and row.state == RowState.READY:
        return row
    if decision == RowDecision.STORE and row.state == RowState.ASK:
        [shown] = shown_rows(by, batch, [row])
        if set(filter(None, shown.seen.split(","))) - set(seen):
            raise ValidationError(_("Somebody else looks like this person too. Look at the line again."))
        row.decision = RowDecision.STORE
    else:
        # Taken in again, the line is judged as if it had just come.
        row.decision = RowDecision.SKIP if decision == RowDecision.SKIP else ""
    judge_again(batch, by, row)
    return row


@transaction.atomic
def leave_out(*, by: Membership, batch: ImportBatch, state: str) -> int:
    """Leave out every line that is still to correct, or that is perhaps here already; gives how many."""
    batch, by = lock_batch(batch, by), lock_guide(by)
    if state not in (RowState.WRONG, RowState.ASK):
        raise ValidationError(_("Choose what to do with this line."))
    rows = list(batch.rows.order_by("line"))
    chosen = [row for row in rows if row.state == state]
    for row in chosen:
        row.decision = RowDecision.SKIP
    judge_rows(batch, by, rows)
    return len(chosen)


@transaction.atomic
def discard_list(*, by: Membership, batch: ImportBatch) -> ImportBatch:
    """Nothing of the list is stored; its lines are erased at once."""
    batch, by = lock_batch(batch, by), lock_guide(by)
    erase(batch, ImportState.DROPPED)
    record_event(by=by.user, verb="import_discarded", target=batch, organisation_id=by.organisation_id)
    return batch


def erase(batch: ImportBatch, state: str) -> None:
    """What is left of a list: when it came, by whom, and what became of it. For a list that is held."""
    batch.rows.all().delete()
    batch.state, batch.file_name, batch.header, batch.columns, batch.first_step, batch.first_due_on = state, "", [], {}, "", None
    if state == ImportState.DROPPED:
        # A stored file is known again by its digest; of a discarded one nothing is needed.
        batch.sha256 = ""
    batch.save()
