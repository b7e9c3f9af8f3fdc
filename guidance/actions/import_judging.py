"""Where each line of a client list stands: what is wrong with it, whom it looks like, what was decided; written when it is news.

For actions that hold the list.
"""
from guidance.choices import RowDecision, RowState
from guidance.models import ImportBatch, ImportRow
from guidance.queries.duplicates import likely_same
from guidance.queries.import_twins import Person, likely_of_many, twins_of
from guidance.queries.imports import known_for
from guidance.tables.judging import WHOLE_LINE, Fault, Judged, Known, judge
from pilots.models import Membership

AT_ONCE = 500
# Up to so many lines are looked up one by one; more pass through the list of clients once, all together.
FEW = 20


def judge_rows(batch: ImportBatch, by: Membership, rows: list[ImportRow], *, write_all: bool = False) -> dict[int, Judged]:
    """Judge `rows` (all of the list, in order) as things stand now, and write those that changed."""
    known = known_for(batch)
    judged = {row.line: _judge(batch, row, known) for row in rows if not row.is_emptied}
    people = [person for row in rows if (person := _person(row, judged))]
    likely, twins = likely_of_many(by, people), twins_of(people)
    changed = [row for row in rows if row.line in judged and _settle(row, judged[row.line], likely.get(row.line, []), twins.get(row.line)) or write_all]
    _write(batch, rows, changed)
    return judged


def _judge(batch: ImportBatch, row: ImportRow, known: Known) -> Judged:
    judged = judge(row.values, known)
    if len(row.cells) > len(batch.header):
        judged.faults[WHOLE_LINE] = Fault.SHAPE.value
    return judged


def _person(row: ImportRow, judged: dict[int, Judged]) -> Person | None:
    """Whom a line brings in; nobody when it is left out or does not say who."""
    found = judged.get(row.line)
    if found is None or row.decision == RowDecision.SKIP or not found.name or not found.birth_date:
        return None
    return Person(row.line, found.name, found.birth_date)


def _settle(row: ImportRow, judged: Judged, likely: list[int], twin: int | None) -> bool:
    """Where the row stands now; whether that is news. Who was said to be another person stays so until somebody new looks alike."""
    before = (row.faults, row.likely, row.twin_line, row.state, row.decision, row.duplicate_of_id)
    is_known = set(likely) <= set(row.likely) and twin in (None, row.twin_line)
    row.faults = judged.faults
    if row.decision == RowDecision.STORE and not is_known:
        row.decision = ""
    if row.decision != RowDecision.SKIP:
        row.likely, row.twin_line, row.duplicate_of_id = likely, twin, likely[0] if likely else None
    if row.decision == RowDecision.SKIP:
        row.state = RowState.LEFT_OUT
    elif row.faults:
        row.state = RowState.WRONG
    elif (likely or twin) and row.decision != RowDecision.STORE:
        row.state = RowState.ASK
    else:
        row.state = RowState.READY
    return before != (row.faults, row.likely, row.twin_line, row.state, row.decision, row.duplicate_of_id)


def _write(batch: ImportBatch, rows: list[ImportRow], changed: list[ImportRow]) -> None:
    """Thousands of rows are replaced: an UPDATE with a value for each would take many times as long."""
    if len(changed) <= FEW:
        for row in changed:
            row.save()
        return
    if len(changed) == len(rows):
        batch.rows.all().delete()
    else:
        batch.rows.filter(line__in=[row.line for row in changed]).delete()
    for row in changed:
        row.pk = None
    ImportRow.objects.bulk_create(changed, batch_size=AT_ONCE)


def judge_again(batch: ImportBatch, by: Membership, row: ImportRow) -> None:
    """One line has changed: it and those that look like it are judged; the rest stands as it is."""
    rows = [row if one.line == row.line else one for one in batch.rows.order_by("line")]
    known = known_for(batch)
    judged = {one.line: _judge(batch, one, known) for one in rows if not one.is_emptied}
    people = [person for one in rows if (person := _person(one, judged))]
    twins = twins_of(people)
    touched = [one for one in rows if one.line in judged and (one is row or twins.get(one.line) != one.twin_line and one.decision != RowDecision.SKIP)]
    persons = {person.line: person for person in people}
    if len(touched) > FEW:
        likely = likely_of_many(by, [persons[one.line] for one in touched if one.line in persons])
    else:
        likely = {one.line: _likely(by, judged[one.line]) for one in touched if one.line in persons}
    changed = [one for one in touched if _settle(one, judged[one.line], likely.get(one.line, []), twins.get(one.line)) or one is row]
    _write(batch, rows, changed)


def _likely(by: Membership, judged: Judged) -> list[int]:
    found = likely_same(acting=by, family_name=judged.client["family_name"], given_names=judged.client["given_names"], birth_date=judged.client["birth_date"])
    return [one.pathway.pk for one in found]
