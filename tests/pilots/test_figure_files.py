"""Files of statistics: PxWeb CSV in both layouts, JSON-stat 2.0; mergers, projections, missing values, damage, and who may."""
import json
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone, translation

from pilots.actions.figures import BadFigures, import_figures, store_figures, upload_figures
from pilots.choices import ImportStep, Role
from pilots.models import IndicatorImport, IndicatorValue, Membership, ReplacedValue
from pilots.queries.figure_files import judge, read_dataset, suggested
from pilots.queries.indicators import Figures, parts_of
from pilots.tables.dataset import Unreadable
from pilots.tables.mapping import Mapping, read_mapping
from tests.pilots.factories import make_figure, make_measure, make_municipality, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    """Refusals are compared by their words; the words of the code, whatever they are translated to."""
    with translation.override("en"):
        yield
DAY = date(2026, 1, 5)
MEASURES = {"Väkiluku": "population", "vaesto": "population", "Syntyneet": "births", "synt": "births"}


@pytest.fixture(autouse=True)
def places():
    for code in ("population", "births"):
        make_measure(code)
    town = make_municipality("Kankaanpää", code="214")
    make_municipality("Honkajoki", code="099", valid_to=date(2021, 1, 1), successor=town)
    return town


def mapping(**values) -> Mapping:
    return Mapping(**({"source": "Keksitty tilasto", "retrieved_on": DAY, "measures": MEASURES, "leave_out": ["KOKO MAA"]} | values))


def judged(content: str | bytes | dict, **values):
    content = json.dumps(content) if isinstance(content, dict) else content
    dataset = read_dataset(content.encode() if isinstance(content, str) else content)
    return judge(dataset, suggested(dataset, mapping(**values)))


def values_of(found) -> dict:
    assert found.faults == []
    return {(key[1], key[3]): [value for other, (value, _borders) in found.figures.items() if (other[1], other[3]) == (key[1], key[3])] for key in found.figures}


AS_TABLE = '''"Keksitty väestö muuttujina Alue, Vuosi ja Tiedot"

"Alue","2019 Väkiluku","2019 Syntyneet","2020 Väkiluku","2020 Syntyneet"
"KOKO MAA","5 000 000",1,1,1
"214 Kankaanpää",11286,"..",12758,90
"KU099 Honkajoki",1620,9,".",.

"Lähde: keksitty"
'''
AS_LIST = """Alue;Vuosi;Tiedot;Arvo
Kankaanpää;2019;Väkiluku;11286,00
Kankaanpää;2020*;Väkiluku;12 758
Honkajoki;2019;Väkiluku;1620
Honkajoki;2019;Syntyneet;..
"""


def json_stat(**changes) -> dict:
    """Two places, two years, two contents: the last changes fastest."""
    document = {
        "version": "2.0", "class": "dataset", "label": "Keksitty", "source": "Keksitty tilastovirasto", "updated": "2026-01-01T06:00:00Z",
        "id": ["Alue", "Vuosi", "Tiedot"], "size": [2, 2, 2], "role": {"time": ["Vuosi"], "geo": ["Alue"], "metric": ["Tiedot"]},
        "dimension": {
            "Alue": {"label": "Alue", "category": {"index": {"KU099": 1, "KU214": 0}, "label": {"KU214": "Kankaanpää", "KU099": "Honkajoki"}}},
            "Vuosi": {"label": "Vuosi", "category": {"index": ["2019", "2020"], "label": {"2019": "2019", "2020": "2020"}}},
            "Tiedot": {"label": "Tiedot", "category": {"index": ["vaesto", "synt"], "label": {"vaesto": "Väkiluku", "synt": "Syntyneet"}, "unit": {"vaesto": {"decimals": 0}}}},
        },
        "value": [11286, None, 12758, 90, 1620, 9, None, None],
    }  # fmt: skip
    return document | changes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_pxweb_table_reads_years_and_contents_from_its_headings(encoding, sign):
    found = judged(AS_TABLE.replace(",", sign).encode(encoding))

    assert values_of(found) == {("population", 2019): [11286, 1620], ("population", 2020): [12758], ("births", 2020): [90], ("births", 2019): [9]}
    assert (found.missing, found.left_out) == (3, 4)


def test_pxweb_list_reads_every_dimension_from_a_column():
    assert values_of(judged(AS_LIST)) == {("population", 2019): [11286, 1620], ("population", 2020): [12758]}


def test_pxweb_table_of_one_measure_with_years_and_another_dimension():
    text = "Kunta;Sukupuoli;2019;2020\nKankaanpää;Yhteensä;10;11\nKankaanpää;Naiset;4;5\n"

    assert values_of(judged(text, measure="population", measures={}, select={"Sukupuoli": "Yhteensä"})) == {("population", 2019): [10], ("population", 2020): [11]}
    assert "Sukupuoli" in judged(text, measure="population", measures={}).faults[0].text


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"value": {"0": 11286, "2": 12758, "3": 90, "4": 1620, "5": 9}},
        {"value": [11286, 7, 12758, 90, 1620, 9, 0, 0], "status": {"1": "..", "6": ".", "7": "."}},
        {"value": [11286, "..", 12758, 90, 1620, 9, ".", None]},
    ],
)
def test_json_stat_reads_values_in_the_standards_order(changes):
    assert values_of(judged(json_stat(**changes))) == {("population", 2019): [11286, 1620], ("population", 2020): [12758], ("births", 2020): [90], ("births", 2019): [9]}


def test_json_stat_with_dimensions_in_another_order_and_a_single_category_without_index():
    one = json_stat(id=["Vuosi", "Tiedot", "Alue"], size=[2, 1, 2], value=[11286, 1620, 12758, None])
    one["dimension"]["Tiedot"]["category"] = {"label": {"vaesto": "Väkiluku"}}

    assert values_of(judged(one)) == {("population", 2019): [11286, 1620], ("population", 2020): [12758]}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ('{"class": "dataset", ', "line 1, column 22"),
        (json.dumps(json_stat(version="1.3")), "/class"),
        (json.dumps(json_stat(size=[2, 2, 3])), "/dimension/Tiedot/category/index"),
        (json.dumps(json_stat(id=["Alue", "Vuosi", "Puuttuu"])), "/dimension/Puuttuu"),
        (json.dumps(json_stat(value=[1, 2])), "/value"),
        (json.dumps(json_stat(value={"8": 1})), "/value/8"),
        (json.dumps(json_stat(size=[2, 2])), "/size"),
        ("Alue;2019;2020\n214;1;2\n099;1;2;3\n", "line 3"),
        ("yksi sarake\n1\n", "line 1"),
        ('Alue;2019\n214;"1\n', ""),
    ],
)
def test_damaged_file_says_where_and_changes_nothing(content, place):
    with pytest.raises(Unreadable) as caught:
        import_figures(by=None, name="x", content=content.encode(), mapping=mapping())

    assert caught.value.place == place
    assert IndicatorValue.objects.count() == IndicatorImport.objects.count() == 0


def test_faults_name_row_and_column_or_pointer_and_nothing_is_stored():
    text = AS_TABLE.replace("12758", "paljon").replace("KU099 Honkajoki", "Eikunta")
    cells = json_stat(value=[11286, True, 12758, 90, 1620, 9, 5, None])

    with pytest.raises(BadFigures) as caught:
        import_figures(by=None, name="x", content=text.encode(), mapping=mapping())

    assert [fault.place for fault in caught.value.judged.faults] == ["line 6, column 1", "line 5, column 4 (2020 Väkiluku)"]
    assert [fault.place for fault in judged(cells).faults] == ["/value/1", "/value/6"]
    assert IndicatorValue.objects.count() == 0


def test_figure_of_a_municipality_after_its_merger_is_a_fault():
    found = judged("Alue;2019;2020\nHonkajoki;1;2\n", measure="population", measures={})

    assert [fault.place for fault in found.faults] == ["line 2, column 3 (2020)"]


def test_same_figure_twice_in_a_file_is_a_fault():
    assert [fault.place for fault in judged("Alue;2019\n214;1\nKankaanpää;2\n", measure="population", measures={}).faults] == ["line 3, column 2 (2019)"]


def test_projection_is_kept_apart_from_what_was_observed(places):
    text = "Alue;2019;2030\n214;{};90\n099;{};9\n"

    assert [fault.place for fault in judged(text.format("..", ".."), measure="population", measures={}).faults] == ["line 2, column 3 (2030)", "line 3, column 3 (2030)"]
    assert [fault.place for fault in judged(text.format(5, ".."), measure="population", measures={}, vintage=2020).faults] == ["line 2, column 2 (2019)"]
    import_figures(by=None, name="x", content=text.format("..", "..").encode(), mapping=mapping(measure="population", measures={}, vintage=2020))

    measure = make_measure()
    series = Figures([places], [measure]).series(measure, [places])
    assert (series.observed, series.projected, series.vintage) == ({}, {2030: 99}, 2020)


def test_figures_of_parts_stand_on_their_own_and_are_in_no_sum(places, client):
    text = "Alue;Osa;2019;2020\n214;Keskusta;600;610\n214;Kylä;200;..\n"

    batch = import_figures(by=None, name="x", content=text.encode(), mapping=mapping(measure="population", measures={}, part="Osa"))

    measure = make_measure()
    assert (batch.added, [(row.part, row.year, int(row.value)) for row in parts_of(places)]) == (3, [("Keskusta", 2020, 610), ("Kylä", 2019, 200)])
    assert Figures([places], [measure]).series(measure, [places]).observed == {}
    shown = client.get(reverse("pilots:municipality_environment", args=[places.code])).content.decode()
    assert ("Keskusta" in shown, "Kylä" in shown) == (True, True)


def test_import_again_replaces_and_keeps_what_was_replaced(places):
    make_figure(places, 2019, 11000, borders_year=2020, source="Vanha lähde", retrieved_on=None)
    content = AS_LIST.encode()

    first = import_figures(by=None, name="x", content=content, mapping=mapping())
    again = import_figures(by=None, name="x", content=content, mapping=mapping())

    assert (first.added, first.replaced, first.unchanged) == (2, 1, 0)
    assert (again.added, again.replaced, again.unchanged) == (0, 0, 3)
    new = IndicatorValue.objects.get(municipality=places, year=2019)
    old = ReplacedValue.objects.get()
    assert (new.value, new.source, new.retrieved_on) == (11286, "Keksitty tilasto", DAY)
    assert (old.indicator, old.value, old.source, old.retrieved_on, old.batch) == (new, 11000, "Vanha lähde", None, first)


def test_command_stores_a_file_or_says_where_it_is_wrong(tmp_path, capsys):
    said = {"source": "Keksitty", "retrieved_on": "2026-01-05", "measures": MEASURES, "borders": 2021}
    (tmp_path / "m.json").write_text(json.dumps(said | {"leave_out": ["KOKO MAA", "KU099"]}))
    (tmp_path / "hyva.json").write_text(json.dumps(json_stat()))
    (tmp_path / "huono.csv").write_text(AS_LIST.replace("1620", "x"))

    call_command("import_indicators", tmp_path / "hyva.json", mapping=tmp_path / "m.json")
    with pytest.raises(CommandError, match=r"1 fault\. Nothing was changed"):
        call_command("import_indicators", tmp_path / "huono.csv", mapping=tmp_path / "m.json")

    said = capsys.readouterr()
    assert said.out.startswith("Stored: 3 figures added")
    assert "line 4, column 4 (Arvo)" in said.err
    assert set(IndicatorValue.objects.values_list("borders_year", flat=True)) == {2021}


@pytest.mark.parametrize("wrong", [[], {"colour": "red"}, {"vintage": "2020"}, {"measures": {"a": 1}}, {"borders": "x"}, {"retrieved_on": "5.1.2026"}, {"retrieved_on": ""}])
def test_mapping_with_something_unknown_is_refused(wrong):
    with pytest.raises(Exception, match=r"mapping|retrieved"):
        read_mapping(wrong if isinstance(wrong, list) else {"source": "x", "retrieved_on": "2026-01-05"} | wrong)


def keeper(role=Role.KUNTALIITTO_STAFF):
    return Membership.objects.create(user=make_user(), organisation=make_organisation(), role=role, started_at=timezone.now())


def test_only_who_keeps_figures_brings_them_in():
    with pytest.raises(PermissionDenied):
        upload_figures(by=keeper(Role.EDUCATION_OFFICER), name="x.csv", content=AS_LIST.encode(), mapping=mapping())


def test_browser_shows_a_file_before_anything_is_stored(client):
    by = keeper()
    client.force_login(by.user)
    batch = upload_figures(by=by, name="C:\\tilasto.csv", content=AS_LIST.encode(), mapping=mapping(measures={}))
    url = reverse("pilots:figure_file", args=[batch.pk])

    page = client.get(url)
    assert page.context["judged"].fault_count == 2
    form = page.context["form"]
    fields = {field.html_name: field.value() or "" for field in form}
    client.post(url, fields | {"do": "map", "content_0": "population", "content_1": "-"})
    assert [row[4] for row in client.get(url).context["samples"]] == [11286, 12758, 1620]
    assert IndicatorValue.objects.count() == 0
    client.post(url, {"do": "store"})

    batch.refresh_from_db()
    assert (batch.step, batch.added, bytes(batch.content)) == (ImportStep.STORED, 3, b"")
    assert store_figures(by=by, batch=batch).added == 3
    assert client.post(url, {"do": "discard"}).status_code == 200
