"""The national classification, on made-up files of the shape that Statistics Finland's service gives."""
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from pilots.loading.classification import load_municipalities
from pilots.loading.files import BadFiles
from pilots.loading.network import load_network
from pilots.models import Municipality, MunicipalityRegion, Organisation, Region
from tests.pilots.factories import make_municipality, make_organisation, make_region
from tests.pilots.test_load_network import digest, writes

pytestmark = pytest.mark.django_db

DAY = date(2031, 1, 1)

ITEMS = """"code";"level";"classificationItemName"
"'901'";"1";"Keksilä"
"'902'";"1";"Satumaa"
"'005'";"1";"Saariston kunta - Skärgård"
"""
SWEDISH = """code;level;classificationItemName
'901';1;Keksilä
'902';1;Sagolandet
'005';1;Saariston kunta - Skärgård
"""
REGIONS = """sourceCode;sourceName;targetCode;targetName
'901';Keksilä;'91';Etelä-Keksi
'902';Satumaa;'91';Etelä-Keksi
'005';Saariston kunta - Skärgård;'92';Meri - Havet
"""
CHANGES = """sourceCode;sourceName;targetCode;targetName
'901';Keksilä;'901';Keksilä
'903';Entinen;'902';Satumaa
'904';Muinainen;'902';Satumaa
"""


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    texts = {"items": ITEMS, "swedish": SWEDISH, "regions": REGIONS, "changes": CHANGES}
    names = {"items": "kunta_1_20310101.csv"}
    paths = {kind: tmp_path / names.get(kind, f"{kind}.csv") for kind in texts}
    for kind, text in texts.items():
        paths[kind].write_text(text, encoding="utf-8-sig", newline="\r\n")
    return paths


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def load(files: dict[str, Path], *kinds: str, day: date = DAY):
    return load_municipalities(files["items"], day=day, **{kind: files[kind] for kind in kinds})


def problems_of(files: dict[str, Path], *kinds: str) -> list[str]:
    with pytest.raises(BadFiles) as caught:
        load(files, *kinds)
    return caught.value.problems


def test_load_municipalities_adds_them_with_codes_as_text(files):
    done = load(files, "swedish")

    rows = Municipality.objects.order_by("code").values_list("code", "name_fi", "name_sv", "has_own_swedish_name", "source")
    assert list(rows) == [
        ("005", "Saariston kunta", "Skärgård", True, "Tilastokeskus, kuntaluokitus 2031, CC BY 4.0"),
        ("901", "Keksilä", "Keksilä", False, "Tilastokeskus, kuntaluokitus 2031, CC BY 4.0"),
        ("902", "Satumaa", "Sagolandet", True, "Tilastokeskus, kuntaluokitus 2031, CC BY 4.0"),
    ]
    assert done.municipalities == 3
    assert Municipality.objects.exclude(sort_key_fi="").count() == 3


@pytest.mark.parametrize("shape", [lambda text: text.replace(";", ","), lambda text: text.replace(";", "\t"), lambda text: text.replace("'", ""), lambda text: text])
def test_load_municipalities_reads_the_shapes_it_may_come_in(files, shape):
    files["items"].write_text(shape(ITEMS), encoding="cp1252")

    load(files)

    assert set(Municipality.objects.values_list("code", "name_fi")) == {("901", "Keksilä"), ("902", "Satumaa"), ("005", "Saariston kunta")}


def test_load_municipalities_twice_changes_no_row(files):
    make_municipality("Entinen", "903")
    load(files, "swedish", "regions", "changes")
    before = digest()

    with writes() as written:
        again = load(files, "swedish", "regions", "changes")

    assert written == []
    assert digest() == before
    assert (again.outcome.created, again.outcome.changed, again.regions, again.ended) == ({}, {}, 0, [])


def test_load_municipalities_after_the_network_leaves_both_quiet(files, tmp_path):
    load_network()
    kinds = ("swedish", "regions", "changes")
    edit(files["regions"], "'005';Saariston kunta - Skärgård;'92';Meri - Havet", "'005';Alajärvi;'14';Etelä-Pohjanmaa")
    load(files, *kinds)
    load_network()
    before = digest()

    with writes() as written:
        first, second = load_network(), load(files, *kinds)

    assert written == []
    assert digest() == before
    assert (first.outcome.kept, second.outcome.kept) == ([], [])
    assert Municipality.objects.get(code="005").name_fi == "Saariston kunta"


def test_load_municipalities_keeps_an_edited_name(files):
    load(files)
    Municipality.objects.filter(code="901").update(name_fi="Keksilän kaupunki")
    edit(files["items"], "Keksilä", "Keksinkylä")

    done = load(files)

    assert Municipality.objects.get(code="901").name_fi == "Keksilän kaupunki"
    assert done.outcome.kept == ["kunta_1_20310101.csv, line 2, name_fi: “Keksilän kaupunki” is kept, the file has “Keksinkylä”."]


def test_load_municipalities_follows_a_renamed_one(files):
    load(files)
    edit(files["items"], "Keksilä", "Keksinkylä")

    load(files)

    assert Municipality.objects.get(code="901").name_fi == "Keksinkylä"


def test_load_municipalities_ends_one_that_became_part_of_another(files):
    ended = make_municipality("Entinen", "903", region=make_region("90"))

    done = load(files, "changes")

    ended.refresh_from_db()
    assert (ended.valid_to, ended.successor.code) == (DAY, "902")
    assert ended.region_periods.get().ends_on == DAY
    assert (done.ended, done.absent) == (["903"], [])
    assert not Municipality.objects.filter(code="904").exists()


def test_load_municipalities_keeps_a_known_end(files):
    ended = make_municipality("Entinen", "903", valid_to=date(2029, 1, 1), loaded={"network": {"valid_to": "2029-01-01"}})

    done = load(files, "changes")

    ended.refresh_from_db()
    assert (ended.valid_to, ended.successor.code, done.ended) == (date(2029, 1, 1), "902", [])


def test_load_municipalities_reads_history_in_the_same_file(files):
    files["items"].write_text(
        "code;classificationItemName;validFrom;validTo;successorCode\n'901';Keksilä;2005-01-01;;\n'903';Entinen;;2029-01-01;'901'\n", encoding="utf-8"
    )

    load(files)

    kept, ended = Municipality.objects.order_by("code")
    assert (kept.valid_from, kept.valid_to, kept.successor) == (date(2005, 1, 1), None, None)
    assert (ended.valid_to, ended.successor) == (date(2029, 1, 1), kept)


def test_load_municipalities_wants_the_end_of_one_with_a_successor(files):
    files["items"].write_text("code;classificationItemName;successorCode\n901;Keksilä;\n903;Entinen;901\n", encoding="utf-8")

    assert problems_of(files) == ["kunta_1_20310101.csv, line 3, column 3 (successorCode): A municipality with a successor needs the day on which it ended."]


def test_load_municipalities_tells_who_is_not_in_the_file(files):
    absent = make_municipality("Entinen", "903")

    done = load(files)

    absent.refresh_from_db()
    assert (done.absent, absent.valid_to) == (["903"], None)


def test_load_municipalities_begins_a_region_period_where_the_region_changed(files):
    load(files, "regions", day=date(2030, 1, 1))
    edit(files["regions"], "'901';Keksilä;'91';Etelä-Keksi", "'901';Keksilä;'93';Uusi")

    done = load(files, "regions")

    periods = MunicipalityRegion.objects.filter(municipality__code="901").order_by("id")
    assert list(periods.values_list("region__name_fi", "starts_on", "ends_on")) == [("Etelä-Keksi", None, DAY), ("Uusi", DAY, None)]
    assert (done.regions, MunicipalityRegion.objects.count()) == (1, 4)
    assert Region.objects.get(code="92").name_sv == "Havet"


def test_load_municipalities_gives_waiting_bodies_their_home(files):
    waiting = make_organisation(home_code="902")
    other = make_organisation(home_code="777")

    done = load(files)

    waiting.refresh_from_db()
    other.refresh_from_db()
    assert (waiting.municipality.code, waiting.home_code) == ("902", "")
    assert (other.municipality, other.home_code, done.homes_found) == (None, "777", 1)


def test_load_municipalities_takes_the_whole_country(tmp_path):
    path = tmp_path / "kunta_1_20310101.csv"
    path.write_text("code;level;classificationItemName\n" + "".join(f"'{number:03d}';1;Kunta {number}\n" for number in range(1, 310)), encoding="utf-8")

    load_municipalities(path, day=DAY)

    assert Municipality.objects.count() == 309


@pytest.mark.parametrize(
    ("kind", "old", "new", "problem"),
    [
        ("items", "'901'", "'91'", "kunta_1_20310101.csv, line 2, column 1 (code): “91” is not a code of 3 digits; write leading zeros, for example 005."),
        ("items", "'901'", "", "kunta_1_20310101.csv, line 2, column 1 (code): a value is missing."),
        ("items", "'902'", "'901'", "kunta_1_20310101.csv, line 3, column 1 (code): “901” is already on line 2."),
        ("items", "Satumaa", "", "kunta_1_20310101.csv, line 3, column 3 (classificationItemName): a value is missing."),
        ("items", '"1";"Satumaa"', '"2";"Satumaa"', "kunta_1_20310101.csv, line 3, column 2 (level): the level is “2”; municipalities are on level 1."),
        ("items", "classificationItemName", "name", "kunta_1_20310101.csv, line 1: the column “classificationItemName” is missing."),
        ("items", "Satumaa", "x" * 201, "kunta_1_20310101.csv, line 3, column 3 (classificationItemName): Ensure this value has at most 200 characters (it has 201)."),
        ("swedish", "'902'", "'999'", "swedish.csv, line 3, column 1 (code): the municipality “999” is not in kunta_1_20310101.csv."),
        ("regions", "'902'", "'999'", "regions.csv, line 3, column 1 (sourceCode): there is no municipality “999”."),
        ("regions", "'902';Satumaa;'91'", "'902';Satumaa;'1'", "regions.csv, line 3, column 3 (targetCode): “1” is not a code of 2 digits; write leading zeros, for example 05."),
        ("changes", "'903';Entinen;'902'", "'903';Entinen;'999'", "changes.csv, line 3, column 3 (targetCode): there is no municipality “999”."),
    ],
)
def test_load_municipalities_tells_file_line_and_column(files, kind, old, new, problem):
    make_municipality("Entinen", "903")
    before = digest()
    edit(files[kind], old, new)

    problems = problems_of(files, "swedish", "regions", "changes")

    assert [one for one in problems if one.startswith(files[kind].name)] == [problem]
    assert digest() == before


def test_load_municipalities_refuses_to_rewrite_a_known_region(files):
    municipality = make_municipality("Keksilä", "901")
    MunicipalityRegion.objects.create(municipality=municipality, region=make_region("90"), starts_on=DAY, source="test")

    problems = problems_of(files, "regions")

    assert problems == ["regions.csv, line 2, column 3 (targetCode): the municipality “901” is recorded in another region for 2031-01-01."]


def test_load_municipalities_command_takes_the_day_from_the_name(files):
    out = StringIO()

    call_command("load_municipalities", files["items"], "--regions", files["regions"], stdout=out)

    assert out.getvalue().splitlines() == [
        "Loaded: 3 municipalities in the file; rows created 3, changed 0; edits of people kept 0.",
        "Ended: none. Region periods begun: 3. Bodies that found their home municipality: 0.",
    ]
    assert Region.objects.get(code="91").source == "Tilastokeskus, maakuntaluokitus 2031, CC BY 4.0"


def test_load_municipalities_command_asks_for_the_day(files):
    nameless = files["items"].rename(files["items"].with_name("kunnat.csv"))

    with pytest.raises(CommandError, match="has no day in its name"):
        call_command("load_municipalities", nameless)

    assert Municipality.objects.count() == 0


def test_load_municipalities_command_ends_with_code_1(files):
    edit(files["items"], "'901'", "'9'")
    errors = StringIO()

    with pytest.raises(CommandError, match=r"^1 fault: nothing was changed.$") as caught:
        call_command("load_municipalities", files["items"], stderr=errors)

    assert caught.value.returncode == 1
    assert "line 2, column 1 (code): “9” is not a code of 3 digits" in errors.getvalue()
    assert Organisation.objects.count() == Municipality.objects.count() == 0
