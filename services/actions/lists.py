"""A list of an organisation's own comes in: read, its columns named, its lines corrected; nothing is stored before all of it is.

Each action holds the list; another organisation's is refused with PermissionDenied, and `Conflict` tells what became of it meanwhile.
"""
import re
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.choices import ImportState, ListKind
from services.conflicts import Conflict
from services.models import ListColumns, ListImport, ListRow
from services.permissions import may_offer
from services.queries.lists import KEPT, judge, unfinished_before
from services.tables.columns import COLUMNS, REQUIRED
from services.tables.files import read_table
from services.tables.headers import to_keep
from services.tables.limits import LONGEST_CELL

NAME_LENGTH = 150
MOST_ROWS = 1_000
MOST_OPEN = 10


@transaction.atomic
def upload_list(*, by: Membership, kind: str, name: str, content: bytes, now: datetime | None = None) -> tuple[ListImport, int]:
    """Read a file into lines to review; gives the list, and how many personal identity codes were left out of it."""
    if not may_offer(by):
        raise PermissionDenied
    table = read_table(content, MOST_ROWS)
    if ListImport.objects.filter(organisation=by.organisation_id, state__in=[ImportState.UPLOADED, ImportState.MAPPED]).count() >= MOST_OPEN:
        raise ValidationError({"file": _("Your organisation has %(count)s lists under way. Store or discard one first.") % {"count": MOST_OPEN}})
    file_name = "".join(character for character in re.split(r"[/\\]", name)[-1] if character.isprintable()).strip()[-NAME_LENGTH:] or _("file")
    batch = ListImport.objects.create(organisation_id=by.organisation_id, kind=kind, by=by, uploaded_at=now or timezone.now(), file_name=file_name, header=table.header)
    ListRow.objects.bulk_create([ListRow(batch=batch, line=line, cells=cells) for line, cells in table.rows], batch_size=500)
    record_event(by=by.user, verb="list_uploaded", target=batch, organisation_id=by.organisation_id, detail={"rows": len(table.rows)})
    return batch, table.codes_left_out


def lock_list(batch: ListImport, by: Membership) -> ListImport:
    """The list as it stands now, held, and still under way."""
    batch = ListImport.objects.select_for_update().get(pk=batch.pk)
    if not may_offer(by) or batch.organisation_id != by.organisation_id:
        raise PermissionDenied
    if not batch.is_open:
        raise Conflict(batch, _("Somebody has stored this list in the meantime.") if batch.state == ImportState.STORED else _("Somebody has discarded this list in the meantime."))
    return batch


@transaction.atomic
def map_columns(*, by: Membership, batch: ListImport, columns: dict[str, int]) -> ListImport:
    """Say which column is what. Other columns than before undo what was corrected: the lines are made of the file again."""
    kept = hold_columns(batch)
    batch = lock_list(batch, by)
    known = COLUMNS[ListKind(batch.kind)]
    if set(columns) - set(known.values) or any(not 0 <= place < len(batch.header) for place in columns.values()) or len(set(columns.values())) < len(columns):
        raise ValidationError(_("Choose each column once."))
    if missing := [column for column in REQUIRED[ListKind(batch.kind)] if column not in columns]:
        raise ValidationError([ValidationError(_("Choose the column that is “%(name)s”."), params={"name": column.label}) for column in missing])
    if batch.state == ImportState.UPLOADED or batch.columns != columns:
        rows = list(batch.rows.all())
        for row in rows:
            row.values = {column: row.cells[place] for column, place in columns.items() if place < len(row.cells) and row.cells[place]}
            row.is_left_out, row.version = False, row.version + 1
        ListRow.objects.bulk_update(rows, ["values", "is_left_out", "version"], batch_size=200)
    batch.columns, batch.state = columns, ImportState.MAPPED
    batch.save()
    kept.columns = to_keep(batch.header, columns, kept.columns)
    kept.save()
    return batch


def hold_columns(batch: ListImport) -> ListColumns:
    """The organisation's one row about lists of the kind, held before any list: so storing follows storing."""
    ListColumns.objects.get_or_create(organisation_id=batch.organisation_id, kind=batch.kind)
    return ListColumns.objects.select_for_update().get(organisation=batch.organisation_id, kind=batch.kind)


@transaction.atomic
def edit_row(*, by: Membership, batch: ListImport, line: int, values: dict[str, str], version: int) -> ListRow:
    """Other values for a line; nothing is written while one of them is wrong: ValidationError by column."""
    batch = lock_list(batch, by)
    rows = list(batch.rows.order_by("line"))
    row = next((one for one in rows if one.line == line), None)
    if row is None:
        raise ValidationError(_("This line is not in the list any more."))
    if row.version != version:
        raise Conflict(batch, _("Somebody has changed this line in the meantime. Look at it as it is now, and make your change again if it is still needed."))
    row.values = {column: text for column in COLUMNS[ListKind(batch.kind)].values if (text := " ".join(values.get(column, "").split())[:LONGEST_CELL])}
    # A line with too many cells has been looked at now.
    row.cells, row.is_left_out, row.version = row.cells[: len(batch.header)], False, row.version + 1
    if faults := next(one for one in judge(batch, rows) if one.row is row).faults:
        raise ValidationError({column or "__all__": text for column, text in faults.items()})
    row.save()
    return row


@transaction.atomic
def leave_out(*, by: Membership, batch: ListImport, line: int | None = None, back: bool = False) -> int:
    """Leave out a line, or every line that is still to correct; `back` takes one in again. Gives how many."""
    batch = lock_list(batch, by)
    rows = list(batch.rows.order_by("line"))
    chosen = [row for row in rows if row.line == line] if line is not None else [one.row for one in judge(batch, rows) if one.state == "wrong"]
    for row in chosen:
        row.is_left_out, row.version = not back, row.version + 1
    ListRow.objects.bulk_update(chosen, ["is_left_out", "version"], batch_size=200)
    return len(chosen)


@transaction.atomic
def discard_list(*, by: Membership, batch: ListImport) -> ListImport:
    batch = lock_list(batch, by)
    erase(batch, ImportState.DROPPED)
    record_event(by=by.user, verb="list_discarded", target=batch, organisation_id=by.organisation_id)
    return batch


def erase(batch: ListImport, state: str) -> None:
    """What is left of a list: when it came, by whom, and what became of it. For a list that is held."""
    batch.rows.all().delete()
    batch.state, batch.file_name, batch.header, batch.columns = state, "", [], {}
    batch.save()


@transaction.atomic
def drop_old_imports(now: datetime) -> int:
    """A due job: lists that nobody finished are erased fourteen days after they came."""
    batches = list(unfinished_before(now - KEPT).select_for_update())
    for batch in batches:
        erase(batch, ImportState.DROPPED)
        record_event(by=None, verb="list_dropped", target=batch, organisation_id=batch.organisation_id)
    return len(batches)
