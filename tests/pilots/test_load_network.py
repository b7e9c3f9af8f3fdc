"""The real network's files: what they come to, that a second load changes nothing, that edits stay, that every fault is told."""
import csv
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilots.loading.cooperation import load_models
from pilots.loading.files import BadFiles
from pilots.loading.network import DATA, FILES, load_network
from pilots.models import (
    AreaMembership,
    IndicatorValue,
    Municipality,
    MunicipalityRegion,
    Organisation,
    PilotArea,
    Unit,
)
from pilots.models.base import Sourced
from pilots.queries.totals import network_totals

pytestmark = pytest.mark.django_db

# A few lines of each file, so that a load takes a moment: Suupohja, and Kuopio with its parts.
SMALL = {
    "municipalities.csv": ("code", {"099", "151", "214", "218", "232", "297", "846"}),
    "municipality_regions.csv": ("municipality", {"099", "151", "214", "218", "232", "297", "846"}),
    "populations.csv": ("municipality", {"099", "232"}),
    "organisations.csv": (
        "slug",
        {"honkajoki", "isojoki", "karijoki", "kauhajoki", "teuva", "suupohjan-koulutuskuntayhtyma", "savon-koulutuskuntayhtyma", "gradia"}
        | {"kuopion-kaupunki", "kuopion-tyollisyyspalvelu"},
    ),
    "units.csv": ("slug", {"palvelutori", "savon-ammattiopisto"}),
    "areas.csv": ("slug", {"suupohja"}),
    "area_memberships.csv": ("area", {"suupohja"}),
}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def change(directory: Path, file: str, key: str, **values: str) -> None:
    """Set columns of the row whose first column with that text is `key`."""
    rows = rows_of(directory / file)
    next(row for row in rows if key in row.values()).update(values)
    write(directory / file, rows)


def add(directory: Path, file: str, **values: str) -> int:
    """A copy of the last row with `values` set; the number of its line."""
    rows = rows_of(directory / file)
    write(directory / file, [*rows, rows[-1] | values])
    return len(rows) + 2


def place(directory: Path, file: str, line: int, column: str) -> str:
    header = (directory / file).read_text(encoding="utf-8").splitlines()[0].split(",")
    return f"{file}, line {line}, column {header.index(column) + 1} ({column})"


def problems_of(directory: Path) -> list[str]:
    with pytest.raises(BadFiles) as caught:
        load_network(directory)
    return caught.value.problems


def digest() -> dict[str, str]:
    """Every row of every table, history and many-to-many tables included."""
    models = [*apps.get_models(include_auto_created=True)]
    return {model._meta.label: hashlib.sha256(repr(list(model._base_manager.order_by("pk").values_list())).encode()).hexdigest() for model in models}


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements inside that write; a row rewritten with the values it has counts too."""
    written: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield written
    written += [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.fixture
def small(tmp_path) -> Path:
    for source in FILES:
        column, kept = SMALL.get(source.file, ("", set()))
        write(tmp_path / source.file, [row for row in rows_of(DATA / source.file) if not column or row[column] in kept])
    return tmp_path


# The real files ---------------------------------------------------------------------------------


@pytest.fixture
def network():
    return load_network()


def test_load_network_counts(network):
    totals = network_totals()

    assert (len(totals.areas), totals.municipality_memberships, len(totals.municipalities), len(totals.through)) == (13, 49, 46, 2)
    assert (totals.other_memberships, totals.unit_memberships) == (15, 3)
    assert sorted(body.name_fi for body in totals.in_two_areas) == ["Loviisa", "Porvoo", "Sipoo"]
    assert {total.quoted.code: (total.quoted.value, total.count) for total in totals.totals} == {
        "areas": (13, 13),
        "municipalities": (44, 46),
        "joint-authorities": (8, 9),
        "limited-companies": (4, 4),
        "universities-of-applied-sciences": (1, 1),
        "municipal-enterprises": (1, 1),
    }


def test_load_network_prints_the_counts():
    out = StringIO()

    call_command("load_network", stdout=out)

    lines = out.getvalue().splitlines()
    assert lines[2:4] == [
        "KOPA 2020–2021: 13 areas, 49 municipality memberships of 46 municipalities, 2 of them through another body, 15 other memberships (3 of them units).",
        "3 municipalities in two areas: Loviisa, Porvoo, Sipoo.",
    ]
    assert [line for line in lines if "quoted 44, counted 46, differs. The source names 46 different municipalities." in line]
    assert [line for line in lines if "quoted 8, counted 9, differs. The source calls five of them joint authorities" in line]
    assert lines[lines.index("Home municipalities that are not loaded, kept as their codes:") + 1 :] == [
        "  179 Jyväskylän koulutuskuntayhtymä Gradia",
        "  851 Kemi-Tornionlaakson koulutuskuntayhtymä Lappia",
        "  091 Opetus- ja kulttuuriministeriö",
        "  790 SASKY koulutuskuntayhtymä",
        "  271 Satakunnan koulutuskuntayhtymä",
        "  091 Suomen Kuntaliitto ry",
    ]


def test_load_network_twice_changes_no_row(network):
    before = digest()

    with writes() as written:
        load = load_network()

    assert written == []
    assert digest() == before
    assert (load.outcome.created, load.outcome.changed, load.outcome.kept) == ({}, {}, [])


def test_load_network_gives_every_fact_a_source(network):
    models = [model for model in apps.get_models() if issubclass(model, Sourced) and model._meta.app_label == "pilots"]
    load_models()

    assert len(models) == 18
    for model in models:
        sources = set(model.objects.values_list("source", flat=True))
        assert sources
        assert not [source for source in sources if not source.strip() or "seed" in source.lower()]


def test_load_network_writes_one_history_row_for_each_area_and_member(network):
    assert PilotArea.history.count() == PilotArea.objects.count() == 13
    assert AreaMembership.history.count() == AreaMembership.objects.count() == 64


def test_load_network_keeps_what_changed_in_2021(network):
    def region(name, day):
        return MunicipalityRegion.objects.on(day).get(municipality__name_fi=name).region.name_fi

    honkajoki = Municipality.objects.get(code="099")
    assert (region("Kuhmoinen", date(2020, 12, 31)), region("Kuhmoinen", date(2021, 1, 1))) == ("Keski-Suomi", "Pirkanmaa")
    assert (region("Joroinen", date(2020, 12, 31)), region("Joroinen", date(2021, 1, 1))) == ("Etelä-Savo", "Pohjois-Savo")
    assert (honkajoki.valid_to, honkajoki.successor.name_fi) == (date(2021, 1, 1), "Kankaanpää")
    assert IndicatorValue.objects.get(municipality__code="214", year=2020).borders_year == 2021
    assert Municipality.objects.on(date(2020, 6, 1)).count() == Municipality.objects.on(date(2021, 6, 1)).count() + 1


def test_load_network_shows_the_owners_business_id(network):
    otavia = Unit.objects.get(slug="otavia")
    service = Organisation.objects.get(slug="kuopion-tyollisyyspalvelu")
    palvelutori = Unit.objects.get(slug="palvelutori")

    assert (otavia.owner.slug, otavia.owner.shown_business_id) == ("mikkelin-kaupunki", "0165116-3")
    assert (service.part_of.slug, service.business_id) == ("kuopion-kaupunki", None)
    assert (palvelutori.owner.slug, [body.slug for body in palvelutori.co_hosts.all()]) == ("kuopion-kaupunki", ["savon-koulutuskuntayhtyma"])


def test_load_network_names_only_suupohja_after_the_source(network):
    assert [area.name_fi for area in PilotArea.objects.filter(name_is_ours=False)] == ["Suupohja"]
    assert not PilotArea.objects.exclude(description_fi="", challenge_fi="", readiness_fi="", objectives_fi="").exists()


# Edits of people --------------------------------------------------------------------------------


def test_load_network_keeps_an_edited_name_and_updates_the_rest(small):
    load_network(small)
    area = PilotArea.objects.get()
    area.name_fi = "Suupohjan seutu"
    area.save()
    change(small, "areas.csv", "suupohja", name_fi="Suupohja II", name_sv="Sydbotten")

    load = load_network(small)

    area.refresh_from_db()
    assert (area.name_fi, area.name_sv, area.version) == ("Suupohjan seutu", "Sydbotten", 2)
    assert load.outcome.kept == ["areas.csv, line 2, name_fi: “Suupohjan seutu” is kept, the file has “Suupohja II”."]
    assert load.outcome.changed == {"pilots.PilotArea": 1}
    assert area.history.count() == 3


def test_load_network_leaves_an_edit_in_place_when_the_file_is_unchanged(small):
    load_network(small)
    Organisation.objects.filter(slug="gradia").update(note_en="Written by hand", short_name="")
    before = digest()

    load = load_network(small)

    assert digest() == before
    assert len(load.outcome.kept) == 2


def test_load_network_keeps_an_edited_set(small):
    load_network(small)
    unit = Unit.objects.get(slug="palvelutori")
    unit.co_hosts.clear()

    load = load_network(small)

    assert list(unit.co_hosts.all()) == []
    assert len(load.outcome.kept) == 1


def test_load_network_updates_a_set_that_nobody_edited(small):
    load_network(small)
    change(small, "units.csv", "palvelutori", co_hosts="savon-koulutuskuntayhtyma;gradia")

    load_network(small)

    assert set(Unit.objects.get(slug="palvelutori").co_hosts.values_list("slug", flat=True)) == {"savon-koulutuskuntayhtyma", "gradia"}


def test_load_network_follows_the_file_where_nobody_edited(small):
    load_network(small)
    change(small, "populations.csv", "232", value="1")

    load = load_network(small)

    assert load.outcome.changed == {"pilots.IndicatorValue": 1}
    assert IndicatorValue.objects.filter(municipality__code="232", value=1).count() == 1


def test_load_network_does_not_bring_back_an_ended_membership(small):
    load_network(small)
    AreaMembership.objects.filter(organisation__slug="teuva").update(ends_on=date(2020, 6, 1))

    load_network(small)

    assert AreaMembership.objects.get(organisation__slug="teuva").ends_on == date(2020, 6, 1)
    assert AreaMembership.objects.count() == 5


def test_load_network_fills_what_a_hand_made_row_left_empty(small):
    Municipality.objects.create(code="232", name_fi="Kauhajoen kaupunki", source="by hand")

    load_network(small)

    kauhajoki = Municipality.objects.get(code="232")
    assert (kauhajoki.name_fi, kauhajoki.source, kauhajoki.latitude) == ("Kauhajoen kaupunki", "by hand", 62.43333)


def test_load_network_finds_a_home_that_was_only_a_code(small):
    load_network(small)
    gradia = Organisation.objects.get(slug="gradia")
    add(small, "municipalities.csv", code="179", name_fi="Jyväskylä")

    load = load_network(small)

    assert (gradia.municipality, gradia.home_code) == (None, "179")
    gradia.refresh_from_db()
    assert (gradia.municipality.name_fi, gradia.home_code, load.homes) == ("Jyväskylä", "", [])


# Faults -----------------------------------------------------------------------------------------

MUNICIPALITY = {"code": "998", "name_fi": "Keksitty"}
BODY = {"slug": "new", "business_id": "", "kind": "employer", "municipality": "", "legal_form": "limited_company", "part_of": ""}
MEMBER = {"organisation": "honkajoki", "unit": "", "participation": "direct", "through": ""}


@pytest.mark.parametrize(
    ("file", "values", "column", "text"),
    [
        ("municipalities.csv", {"code": "5"}, "code", "“5” is not a code of 3 digits; write leading zeros, for example 005."),
        ("municipalities.csv", {"code": ""}, "code", "a value is missing."),
        ("municipalities.csv", {"code": "232"}, "code", "“232” is already on line {first}."),
        ("municipalities.csv", MUNICIPALITY | {"name_fi": " "}, "name_fi", "a value is missing."),
        ("municipalities.csv", MUNICIPALITY | {"latitude": "north"}, "latitude", "“north” is not a number; write the decimals after a point, for example 62.5."),
        ("municipalities.csv", MUNICIPALITY | {"latitude": "NaN"}, "latitude", "“NaN” is not a number; write the decimals after a point, for example 62.5."),
        ("municipalities.csv", MUNICIPALITY | {"latitude": "12.5"}, "longitude", "The position must lie in Finland: latitude 59-71, longitude 19-32."),
        ("municipalities.csv", MUNICIPALITY | {"valid_to": "1.1.2021"}, "valid_to", "“1.1.2021” is not a date; write it as 2021-01-31."),
        ("municipalities.csv", MUNICIPALITY | {"valid_to": "2021-02-30"}, "valid_to", "“2021-02-30” is not a date; write it as 2021-01-31."),
        ("municipalities.csv", MUNICIPALITY | {"has_own_swedish_name": "maybe"}, "has_own_swedish_name", "“maybe” is neither yes nor no."),
        ("municipalities.csv", MUNICIPALITY | {"language_status": "xx"}, "language_status", "“xx” is unknown; it must be one of fi, sv, fi_sv, sv_fi."),
        ("municipalities.csv", MUNICIPALITY | {"successor": "997"}, "successor", "there is no “997” to point to, or the rows point to each other in a circle."),
        ("municipalities.csv", MUNICIPALITY | {"successor": "214"}, "successor", "A municipality with a successor needs the day on which it ended."),
        ("municipalities.csv", MUNICIPALITY | {"change_note": "x" * 301}, "change_note", "Ensure this value has at most 300 characters (it has 301)."),
        ("municipality_regions.csv", {"starts_on": "2019-01-01"}, "starts_on", "the period overlaps the one on line {first}."),
        ("populations.csv", {"year": "20x0"}, "year", "“20x0” is not a whole number."),
        ("populations.csv", {"year": "-1"}, "year", "“-1” is not a whole number."),
        ("populations.csv", {"municipality": "997", "year": "2018"}, "municipality", "there is no municipality “997”."),
        ("organisations.csv", BODY | {"business_id": "0973712-2"}, "business_id", "0973712-2 is not a Business ID: write seven digits, a hyphen and the check digit, for example 0926151-4."),
        ("organisations.csv", BODY | {"business_id": "09737121"}, "business_id", "09737121 is not a Business ID: write seven digits, a hyphen and the check digit, for example 0926151-4."),
        ("organisations.csv", BODY | {"business_id": "0973712-1"}, "business_id", "“0973712-1” is already on line {first}."),
        ("organisations.csv", BODY | {"slug": "gradia"}, "slug", "“gradia” is already on line {first}."),
        ("organisations.csv", BODY | {"kind": "guild"}, "kind", "“guild” is unknown; it must be one of "),
        ("organisations.csv", BODY | {"municipality": "23"}, "municipality", "“23” is not a code of 3 digits; write leading zeros, for example 005."),
        ("organisations.csv", BODY | {"education_forms": "vocational;flying"}, "education_forms", "there is no form of education “flying”."),
        ("organisations.csv", BODY | {"part_of": "nobody"}, "part_of", "there is no “nobody” to point to, or the rows point to each other in a circle."),
        ("organisations.csv", BODY | {"part_of": "new"}, "part_of", "there is no “new” to point to, or the rows point to each other in a circle."),
        ("organisations.csv", BODY | {"kind": "municipality", "municipality": "232"}, "municipality", "the municipality “232” is already an organisation on line {first}."),
        ("organisations.csv", BODY | {"kind": "municipality"}, "municipality", "an organisation of kind municipality needs the code of its municipality."),
        ("organisations.csv", BODY | {"part_of": "gradia"}, "part_of", "The legal form must be “part of another legal person” exactly when the body is part of another."),
        ("units.csv", {"slug": "new", "owner": ""}, "owner", "a value is missing."),
        ("units.csv", {"slug": "new", "co_hosts": "nobody"}, "co_hosts", "there is no organisation “nobody”."),
        ("areas.csv", {"slug": "new"}, "number", "“kopa-2020-2021 / 10” is already on line {first}."),
        ("area_memberships.csv", MEMBER | {"area": "nowhere"}, "area", "there is no pilot area “nowhere”."),
        ("area_memberships.csv", MEMBER | {"unit": "palvelutori"}, "unit", "Choose either an organisation or a unit."),
        ("area_memberships.csv", MEMBER | {"organisation": ""}, "unit", "Choose either an organisation or a unit."),
        ("area_memberships.csv", MEMBER | {"participation": "guest"}, "participation", "“guest” is unknown; it must be one of direct, through, channel."),
        ("area_memberships.csv", MEMBER | {"participation": "through"}, "through", "Name the body through which the member takes part, and only then."),
        ("area_memberships.csv", MEMBER | {"ends_on": "2020-01-01"}, "ends_on", "The end must be after the start."),
        ("area_memberships.csv", {"starts_on": "2020-06-01"}, "starts_on", "the period overlaps the one on line {first}."),
        ("quoted_totals.csv", {"code": "new", "value": ""}, "value", "a value is missing."),
    ],
)  # fmt: skip
def test_load_network_tells_file_line_and_column(small, file, values, column, text):
    load_network(small)
    before = digest()
    change(small, "regions.csv", "14", name_fi="Must not be stored")
    line = add(small, file, **values)
    first = next((number for number, row in enumerate(rows_of(small / file), start=2) if number < line and _is_first(row, values, file, line)), line - 1)

    problems = problems_of(small)

    expected = f"{place(small, file, line, column)}: {text.format(first=first)}"
    assert [problem[: len(expected)] for problem in problems] == [expected]
    assert digest() == before


def _is_first(row: dict[str, str], values: dict[str, str], file: str, line: int) -> bool:
    """Whether the row is the one that the added line repeats."""
    if values.get("kind") == "municipality":
        return row["kind"] == "municipality" and row["municipality"] == values["municipality"]
    for column in ("business_id", "slug", "code"):
        if values.get(column):
            return row.get(column) == values[column]
    return False


def test_load_network_refuses_a_part_with_a_business_id(small):
    line = add(small, "organisations.csv", **(BODY | {"part_of": "gradia", "legal_form": "part_of_another", "business_id": "1852679-9"}))
    change(small, "organisations.csv", "savon-koulutuskuntayhtyma", business_id="")

    problems = problems_of(small)

    text = "A part of another legal person shows that one's Business ID and has none of its own."
    assert problems == [f"{place(small, 'organisations.csv', line, 'part_of')}: {text}"]


def test_load_network_tells_the_faults_of_all_files_at_once(small):
    region = add(small, "regions.csv", code="1")
    area = add(small, "areas.csv", slug="new", number="ten")

    assert problems_of(small) == [
        f"{place(small, 'regions.csv', region, 'code')}: “1” is not a code of 2 digits; write leading zeros, for example 05.",
        f"{place(small, 'areas.csv', area, 'number')}: “ten” is not a whole number.",
    ]


def test_load_network_blames_a_bad_row_once_whatever_points_to_it(small):
    change(small, "municipalities.csv", "232", latitude="north")

    problems = problems_of(small)

    assert len(problems) == 1
    assert "column 6 (latitude): “north” is not a number" in problems[0]


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda text: text.replace(b"name_sv", b"nimi", 1), ["regions.csv, line 1: the column “name_sv” is missing.", "regions.csv, line 1, column 3: the column “nimi” is unknown."]),
        (lambda text: text.replace(b"name_sv", b"name_fi", 1), ["regions.csv, line 1: the column “name_sv” is missing.", "regions.csv, line 1, column 3: the column “name_fi” is there twice."]),
        (lambda text: text.replace(b",Satakunta,", b",", 1), ["regions.csv, line 3, column 4: the line has 3 values, the header has 4."]),
        (lambda text: text.replace("ä".encode(), b"\xe4", 1), ["regions.csv: the text is not utf-8-sig; save the file as UTF-8."]),
        (lambda text: text.replace(b"Uusimaa", b"\0", 1), ["regions.csv, line 2: the file has a zero byte; it is not a text file."]),
        (lambda text: text.replace(b"Uusimaa", b'"Uusimaa', 1), ["regions.csv, line 2: the line is not well-formed CSV (',' expected after '\"')."]),
        (lambda text: b"\n", ["regions.csv, line 1: the file is empty."]),
    ],
)  # fmt: skip
def test_load_network_refuses_a_damaged_file(small, damage, expected):
    path = small / "regions.csv"
    path.write_bytes(damage(path.read_bytes()))

    problems = problems_of(small)

    assert problems == expected
    assert Municipality.objects.count() == 0


def test_load_network_refuses_a_missing_file(small):
    (small / "goals.csv").unlink()

    assert problems_of(small) == ["goals.csv: the file cannot be read: No such file or directory."]


def test_load_network_takes_a_byte_order_mark(small):
    path = small / "regions.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    load_network(small)

    assert Municipality.objects.count() == 7


def test_load_network_command_ends_with_code_1(small):
    add(small, "regions.csv", code="1")
    add(small, "goals.csv", number="six")
    errors = StringIO()

    with pytest.raises(CommandError, match=r"^2 faults: nothing was changed.$") as caught:
        call_command("load_network", directory=small, stderr=errors, stdout=StringIO())

    assert caught.value.returncode == 1
    assert [line.partition(",")[0] for line in errors.getvalue().splitlines()] == ["regions.csv", "goals.csv"]
    assert Municipality.objects.count() == 0
