"""Charts as they are drawn: what is missing breaks a line, values stand in proportion, and nothing of a label becomes code."""
import re
from decimal import Decimal

import pytest

from pilots.charts import Bar, Line, Stage, bar_chart, funnel_chart, line_chart
from pilots.charts.scale import ticks, year_ticks


def line(observed: dict[int, int], projected: dict[int, int] | None = None) -> Line:
    return Line("Keksitty", {year: Decimal(value) for year, value in observed.items()}, {year: Decimal(value) for year, value in (projected or {}).items()})


def runs(drawing: str, kind: str) -> list[str]:
    """The paths of the lines of that kind."""
    return re.findall(rf'class="line line-\d {kind}"><path class="run" d="([^"]+)"', drawing)


def test_line_is_broken_where_a_year_is_missing_and_projections_stand_apart():
    drawing = line_chart("a", "Nimi", "Kuvaus", [line({2015: 1, 2016: 2, 2018: 3, 2019: 4}, {2020: 5, 2021: 6})])

    assert [[path.count("M"), path.count("L")] for path in (*runs(drawing, "observed"), *runs(drawing, "projected"))] == [[2, 2], [1, 1]]


def test_larger_value_stands_higher_and_a_later_year_further_on():
    [path] = runs(line_chart("a", "Nimi", "Kuvaus", [line({2015: 10, 2016: 30, 2017: 20})]), "observed")
    spots = [tuple(map(float, spot.split())) for spot in re.split("[ML]", path)[1:]]

    assert sorted(spots) == spots
    assert sorted(range(3), key=lambda place: spots[place][1]) == [1, 2, 0]


def test_line_without_a_value_is_no_picture():
    assert line_chart("a", "Nimi", "Kuvaus", [line({})]) == ""


@pytest.mark.parametrize("draw", [lambda words: line_chart("a", words, words, [line({2015: 1})]), lambda words: bar_chart("a", words, words, [Bar(words, Decimal(1), words)])])
def test_words_in_a_picture_are_never_code(draw):
    drawing = draw("<script>alert(1)</script>")

    assert ("<script" in drawing, "&lt;script&gt;" in drawing) == (False, True)


def test_bars_are_in_proportion_and_what_is_missing_has_none_and_says_so():
    drawing = bar_chart("a", "Nimi", "Kuvaus", [Bar("Yksi", Decimal(50), "50"), Bar("Kaksi", Decimal(-100), "-100"), Bar("Kolme", None), Bar("Neljä", Decimal(0), "0"), Bar("Viisi", None, "ei kerrota", is_hidden=True)])
    bars = re.findall(r'<rect class="([^"]+)" [^>]*width="([\d.]+)"', drawing)

    assert bars == [("bar", "180.0"), ("bar below-nought", "360.0"), ("bar", "0.0"), ("bar below-nought", "358")]
    assert ("ei kerrota" in drawing, drawing.count('class="bar-value"')) == (True, 5)


@pytest.mark.parametrize("draw", [lambda name: bar_chart("a", "Nimi", "Kuvaus", [Bar(name, Decimal(1), "6 244 (100 %)")]), lambda name: funnel_chart("a", "Nimi", "Kuvaus", [Stage(name, 1, "6 244 (100 %)")])])
def test_a_name_that_would_run_into_its_value_goes_on_below(draw):
    short, long = draw("Ohjautuminen ohjaajalle"), draw("Ilmoittautuminen työttömäksi työnhakijaksi")

    assert ("<tspan" in short, re.findall(r"<tspan[^>]*>([^<]+)<", long)) == (False, ["työnhakijaksi"])
    assert [float(re.search(r'<rect class="bar" [^>]*y="([\d.]+)"', one)[1]) for one in (short, long)] == [21, 39]


@pytest.mark.parametrize(("values", "levels"), [([3, 97], [0, 25, 50, 75, 100]), ([980, 1000], [980, 985, 990, 995, 1000]), ([-4, 4], [-4, -2, 0, 2, 4]), ([0], [0, 0.25, 0.5, 0.75, 1])])
def test_axis_has_round_numbers_that_hold_every_value(values, levels):
    assert ticks(values) == levels


def test_axis_of_years_names_the_ends_and_leaves_room_between():
    assert year_ticks(1990, 2024) == [1990, 2000, 2010, 2024]
