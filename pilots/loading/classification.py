"""The national classification of municipalities, as Statistics Finland's classification service gives it.

The service (stat.fi/luokitukset, data.stat.fi/api/classifications/v2; CC BY 4.0) gives a CSV with semicolons,
and codes in apostrophes ('005') so that spreadsheets keep their zeros. What is read, other columns are passed over:

- the classification `kunta_1_YYYYMMDD`, in Finnish: `code`, `classificationItemName`; `level`, when there, is 1.
  Whoever keeps the history in one file may add `validFrom`, `validTo` (the first day on which it no longer exists)
  and `successorCode`.
- the same in Swedish, for the Swedish names.
- the key `kunta_1_YYYYMMDD#maakunta_1_YYYYMMDD`: `sourceCode`, `targetCode`, `targetName` (the region).
- the key `kunta_2_YYYYMMDD#kunta_1_YYYYMMDD` of existing and ended municipalities: `sourceCode`, `targetCode`
  (the municipality of today that an ended one is part of).

Commas and tabs are taken too, UTF-8 with or without a byte order mark, and Windows-1252. Seen in public programs
that read these files; not confirmed by the service itself. Load the versions of several years in their order.
"""
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import translation

from pilots.loading.files import Problems, Row, Table, fill, read_lines
from pilots.loading.writing import Outcome, Writer
from pilots.models import Municipality, MunicipalityRegion, Organisation, Region, Unit

LOADER = "classification"
NAME = "classificationItemName"
# The service writes both names of some places into one: "Maarianhamina - Mariehamn", "Ahvenanmaa - Åland".
BOTH_NAMES = " - "


@dataclass
class ClassificationLoad:
    outcome: Outcome
    municipalities: int = 0
    # Codes that are loaded, have no end and are not in the file: nothing was done to them.
    absent: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    # Region periods begun: codes of municipalities that are in another region than before, or had none.
    regions: int = 0
    homes_found: int = 0


@translation.override("en")  # the rules of the models speak the language of our own sentences
@transaction.atomic
def load_municipalities(items: Path, *, day: date, swedish: Path | None = None, regions: Path | None = None, changes: Path | None = None) -> ClassificationLoad:
    """Load the classification that holds on `day`; raises BadFiles with every fault, and changes nothing then.

    New municipalities are added, names follow the file unless a person has changed them. A municipality that
    `changes` says is part of another ends on `day`, if its end is not known, and gets its successor. Bodies that
    waited for their home municipality find it. Loading the same files again changes nothing.
    """
    problems = Problems()
    table = _read(items, ["code", NAME], problems, codes={"code": 3, "successorCode": 3})
    table.aliases = {"name_fi": NAME, "name_sv": NAME, "valid_from": "validFrom", "valid_to": "validTo", "successor": "successorCode"}
    names_sv = _names_in_swedish(swedish, table, problems)
    writer = Writer(LOADER, problems)
    load = ClassificationLoad(writer.outcome)
    try:
        # Its own savepoint: PostgreSQL would answer nothing more after a refusal.
        with transaction.atomic():
            stored = _write_items(table, names_sv, day, writer)
            load.municipalities = len(table.rows)
            if changes:
                load.ended = _end(_read(changes, ["sourceCode", "targetCode"], problems, codes={"sourceCode": 3, "targetCode": 3}), stored, day, writer)
            if regions:
                load.regions = _place_in_regions(_read(regions, ["sourceCode", "targetCode", "targetName"], problems, codes={"sourceCode": 3, "targetCode": 2}), stored, day)
    except IntegrityError as error:
        problems.add(items.name, f"the database refuses the rows together: {str(error).splitlines()[0]}.")
    problems.raise_any()
    codes = {row.text("code") for row in table}
    load.absent = sorted(Municipality.objects.filter(valid_to=None).exclude(code__in=codes).values_list("code", flat=True))
    load.homes_found = _find_homes()
    return load


def _read(path: Path, required: list[str], problems: Problems, *, codes: dict[str, int]) -> Table:
    """A file of the service: the required columns and any others; the apostrophes of codes are taken off."""
    table = Table(path.name, problems)
    lines = read_lines(path, problems, encodings=["utf-8-sig", "cp1252"], delimiters=";,\t")
    if lines is None:
        return table
    header = lines[0][1]
    missing = [column for column in required if column not in header]
    for column in missing:
        problems.add(path.name, f"the column “{column}” is missing.", line=lines[0][0])
    if missing:
        return table
    table.columns = header
    fill(table, lines[1:])
    for row in table:
        for column, digits in codes.items():
            if column in row.cells:
                row.cells[column] = row.cells[column].strip("'")
                row.code(column, digits, required=column in required)
        if row.text("level") not in ("", "1"):
            row.problem("level", f"the level is “{row.text('level')}”; municipalities are on level 1.")
    table.unique(required[0])
    return table


def _names_in_swedish(path: Path | None, items: Table, problems: Problems) -> dict[str, str]:
    if path is None:
        return {}
    table = _read(path, ["code", NAME], problems, codes={"code": 3})
    codes = {row.text("code") for row in items}
    for row in table:
        if items.columns and row.good and row.text("code") not in codes:
            row.problem("code", f"the municipality “{row.text('code')}” is not in {items.name}.")
    return {row.text("code"): row.text(NAME, required=True) for row in table}


def _write_items(table: Table, names_sv: dict[str, str], day: date, writer: Writer) -> dict[str, Municipality]:
    rows = []
    for row in table:
        code, name = row.text("code"), row.text(NAME, required=True)
        name_fi, _, other = name.partition(BOTH_NAMES)
        values = {"code": code, "name_fi": name_fi}
        if name_sv := _swedish_part(names_sv.get(code, other), name_fi):
            values |= {"name_sv": name_sv, "has_own_swedish_name": name_sv != name_fi}
        values |= {field: row.day(column) for field, column in (("valid_from", "validFrom"), ("valid_to", "validTo")) if row.text(column)}
        rows.append((row, values))
    source = f"Tilastokeskus, kuntaluokitus {day.year}, CC BY 4.0"
    stored = {key[0]: obj for key, obj in writer.write(Municipality, ["code"], rows, if_new={"source": source}).items()}
    successors = [
        (row, {"code": row.text("code"), "successor": row.reference("successorCode", stored, "municipality")}) for row in table if row.good and row.text("successorCode")
    ]
    writer.write(Municipality, ["code"], successors)
    return stored


def _swedish_part(name: str, name_fi: str) -> str:
    """The Swedish name, out of both where the service gives both."""
    return next((part for part in name.split(BOTH_NAMES) if part != name_fi), name)


def _end(table: Table, stored: dict[str, Municipality], day: date, writer: Writer) -> list[str]:
    """End those that the key says are part of another; ended ones that were never loaded are passed over."""
    rows: list[tuple[Row, dict]] = []
    for row in table:
        code, target = row.text("sourceCode"), row.text("targetCode")
        if not row.good or code == target:
            continue
        successor = row.reference("targetCode", stored, "municipality")
        if (ending := stored.get(code)) and successor:
            values = {"code": code, "successor": successor}
            rows.append((row, values if ending.valid_to else values | {"valid_to": day}))
    ended = [values["code"] for _, values in rows if "valid_to" in values]
    writer.write(Municipality, ["code"], rows)
    open_periods = MunicipalityRegion.objects.filter(municipality__code__in=ended, ends_on=None).exclude(starts_on__gte=day)
    for period in open_periods:
        _end_period(period, day)
    return ended


def _place_in_regions(table: Table, stored: dict[str, Municipality], day: date) -> int:
    """Begin a period for each municipality that is in another region than the one recorded for `day`."""
    regions = {region.code: region for region in Region.objects.all()}
    names = {row.text("targetCode"): row.text("targetName", required=True) for row in table}
    source = f"Tilastokeskus, maakuntaluokitus {day.year}, CC BY 4.0"
    new = []
    for code in sorted(names.keys() - regions.keys()):
        name_fi, _, name_sv = names[code].partition(BOTH_NAMES)
        new.append(Region(code=code, name_fi=name_fi, name_sv=name_sv, source=source))
    if any(not row.good for row in table):
        return 0
    regions |= {region.code: region for region in Region.objects.bulk_create(new)}
    periods: dict[int, list[MunicipalityRegion]] = {}
    for period in MunicipalityRegion.objects.order_by(F("starts_on").asc(nulls_first=True)):
        periods.setdefault(period.municipality_id, []).append(period)
    begun = []
    for row in table:
        municipality = row.reference("sourceCode", stored, "municipality")
        if municipality is None:
            continue
        region = regions[row.text("targetCode")]
        mine = periods.get(municipality.pk, [])
        now = next((one for one in mine if (not one.starts_on or one.starts_on <= day) and (not one.ends_on or day < one.ends_on)), None)
        if now is None and mine:
            row.problem("sourceCode", f"the recorded regions of the municipality “{municipality.code}” leave {day} out; correct them first.")
        elif now and now.region_id != region.pk and (now.ends_on or now.starts_on == day):
            row.problem("targetCode", f"the municipality “{municipality.code}” is recorded in another region for {day}.")
        elif now is None or now.region_id != region.pk:
            if now:
                _end_period(now, day)
            begun.append(MunicipalityRegion(municipality=municipality, region=region, starts_on=day if now else None, source=source))
    MunicipalityRegion.objects.bulk_create(begun)
    return len(begun)


def _end_period(period: MunicipalityRegion, day: date) -> None:
    period.ends_on = day
    period.loaded.setdefault(LOADER, {})["ends_on"] = day.isoformat()
    period.save(update_fields=["ends_on", "loaded"])


def _find_homes() -> int:
    """Bodies that only had the code of their home municipality get the municipality itself."""
    found = 0
    municipalities = {one.code: one for one in Municipality.objects.all()}
    for model in (Organisation, Unit):
        waiting = [body for body in model.objects.filter(municipality=None).exclude(home_code="") if body.home_code in municipalities]
        for body in waiting:
            body.municipality, body.home_code = municipalities[body.home_code], ""
        model.objects.bulk_update(waiting, ["municipality", "home_code"])
        found += len(waiting)
    return found
