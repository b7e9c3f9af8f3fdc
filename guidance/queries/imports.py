"""Client lists on their way in: which there are, how far each is, and a page of its lines."""
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.choices import ImportState, RowState, Stage
from guidance.models import ImportBatch, ImportRow, Partnership, Pathway
from guidance.queries.duplicates import visible_pathways
from guidance.tables.columns import Column
from guidance.tables.judging import WHOLE_LINE, Fault, Known
from pilots.models import Membership, Municipality
from pilots.queries.keyset import LARGEST_ID, KeysetPage

ON_PAGE = 25
SHOWN_BATCHES = 30
KEPT = timedelta(days=14)
STATES = (RowState.WRONG, RowState.ASK, RowState.READY, RowState.LEFT_OUT)


def partnerships_to_import_to(acting: Membership) -> list[Partnership]:
    """Where one's organisation opens pathways, as when one client is added."""
    return list(Partnership.objects.filter(process_organisation=acting.organisation_id, opened_at__isnull=False))


def batches_of(acting: Membership) -> QuerySet[ImportBatch]:
    """The lists of one's own organisation; nobody else knows that they are there."""
    return ImportBatch.objects.filter(organisation=acting.organisation_id).select_related("partnership", "by__user", "stored_by__user")


def latest_batches(acting: Membership) -> list[ImportBatch]:
    return list(batches_of(acting).annotate(row_count=Count("rows")).order_by("-uploaded_at", "-pk")[:SHOWN_BATCHES])


def erased_on(batch: ImportBatch) -> date:
    """The day on which a list that nobody finished is erased."""
    return timezone.localdate(batch.uploaded_at + KEPT)


def column_name(batch: ImportBatch, column: str) -> str:
    """A column as the portal names it, with the file's own word where that is another: Birth date (“Synt.aika”)."""
    if column == WHOLE_LINE:
        return _("The whole line")
    label, place = str(Column(column).label), batch.columns.get(column)
    own = batch.header[place] if place is not None and place < len(batch.header) else ""
    if not own or own.casefold() == label.casefold():
        return label
    return _("%(label)s (“%(own)s” in the file)") % {"label": label, "own": own}


def known_for(batch: ImportBatch) -> Known:
    municipalities: dict[str, Municipality] = {}
    for one in Municipality.objects.order_by("code"):
        for name in (one.name_fi, one.name_sv, one.code):
            municipalities.setdefault(name.casefold(), one)
    return Known(municipalities, timezone.localdate(), batch.first_step, batch.first_due_on)


def counts_by_state(batch: ImportBatch) -> dict[str, int]:
    counts = batch.rows.order_by().aggregate(**{state.value: Count("pk", filter=Q(state=state)) for state in STATES})
    return {str(state): count for state, count in counts.items()}


@dataclass(frozen=True)
class Told:
    """A fault in words: at which column, the field of the row's page that corrects it, and what stands there now."""

    column: str
    field: str
    text: str
    reads: str = ""


@dataclass
class ShownRow:
    row: ImportRow
    name: str
    born: str
    faults: list[Told] = field(default_factory=list)
    likely: list[tuple[Pathway, str]] = field(default_factory=list)
    twin: ImportRow | None = None
    twin_name: str = ""

    @property
    def label(self) -> str:
        return _("Line %(line)s") % {"line": self.row.line}

    @property
    def seen(self) -> str:
        """What a decision made from this line has before its eyes."""
        return ",".join([*(pathway.pseudonym for pathway, _stage in self.likely), *([f"line:{self.twin.line}"] if self.twin else [])])


def page_of_rows(batch: ImportBatch, *, state: str, after: str, before: str) -> KeysetPage:
    """By line, forwards or backwards from one; never an OFFSET."""
    rows = batch.rows.filter(state=state) if state else batch.rows.all()
    backwards = _number(before) is not None
    place = _number(before) if backwards else _number(after)
    found = _read(rows, place, backwards)
    if not found and place is not None:
        backwards, place = False, None
        found = _read(rows, None, False)
    more, shown = len(found) > ON_PAGE, found[:ON_PAGE]
    if backwards:
        shown.reverse()
    has_before, has_after = (more, True) if backwards else (place is not None, more)
    models: list[Model] = list(shown)
    return KeysetPage(models, len(shown), shown[0].line if shown and has_before else None, shown[-1].line if shown and has_after else None)


def _read(rows: QuerySet[ImportRow], place: int | None, backwards: bool) -> list[ImportRow]:
    if place is not None:
        rows = rows.filter(**{"line__lt" if backwards else "line__gt": place})
    return list(rows.order_by("-line" if backwards else "line")[: ON_PAGE + 1])


def _number(text: str) -> int | None:
    return min(int(text), LARGEST_LINE) if text.isascii() and text.isdigit() and int(text) <= LARGEST_ID else None


LARGEST_LINE = 2**31 - 1


def shown_rows(acting: Membership, batch: ImportBatch, rows: list[ImportRow]) -> list[ShownRow]:
    """With the likely same clients, of those only whom the organisation sees at this moment."""
    ids = {pk for row in rows if row.state == RowState.ASK for pk in row.likely}
    pathways = {one.pk: one for one in visible_pathways(acting).filter(pk__in=ids).select_related("client")} if ids else {}
    lines = {row.twin_line for row in rows if row.state == RowState.ASK and row.twin_line}
    twins = {row.line: row for row in batch.rows.filter(line__in=lines)} if lines else {}
    shown = []
    for row in rows:
        one = ShownRow(row, full_name(row.values), "" if Column.BIRTH_DATE in row.faults else row.values.get(Column.BIRTH_DATE, ""), told(batch, row))
        if row.state == RowState.ASK:
            one.likely = [(pathways[pk], str(Stage(pathways[pk].stage).label)) for pk in row.likely if pk in pathways]
            one.twin = twins.get(row.twin_line) if row.twin_line else None
            one.twin_name = full_name(one.twin.values) if one.twin else ""
        shown.append(one)
    return shown


def told(batch: ImportBatch, row: ImportRow) -> list[Told]:
    order = [*Column.values, WHOLE_LINE]
    return [Told(column_name(batch, column), column, str(Fault(row.faults[column]).label), row.values.get(column, "")) for column in sorted(row.faults, key=order.index)]


def full_name(values: dict[str, str]) -> str:
    return " ".join(filter(None, (values.get(Column.FAMILY_NAME, ""), values.get(Column.GIVEN_NAMES, ""))))


def unfinished_before(moment) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.filter(state__in=[ImportState.UPLOADED, ImportState.MAPPED], uploaded_at__lt=moment)
