"""Figures as series: mergers, borders, projections, sums, and what is missing; which municipalities are alike."""
from datetime import date
from decimal import Decimal

import pytest

from pilots.queries.indicators import Figures, measures_of, municipalities_of_area
from pilots.queries.similar import kilometres, similar_municipalities
from tests.pilots.factories import make_area, make_figure, make_measure, make_member, make_municipal_organisation, make_municipality
from tests.pilots.pages import page

pytestmark = pytest.mark.django_db
MERGED_ON = date(2021, 1, 1)


@pytest.fixture
def pair():
    """A municipality, and the one that became part of it."""
    town = make_municipality("Iso", code="801")
    return town, make_municipality("Pieni", code="802", valid_to=MERGED_ON, successor=town)


def series(measure, *places):
    return Figures(places, measures_of()).series(make_measure(measure), list(places))


def test_series_before_a_merger_puts_both_together_and_says_so(pair):
    town, former = pair
    for place, value in ((town, 100), (former, 20)):
        make_figure(place, 2019, value, borders_year=2020)
    make_figure(town, 2020, 119, borders_year=2021)

    found = series("population", town)

    assert found.observed == {2019: 120, 2020: 119}
    assert found.merged == {former: 2019}


def test_series_counted_in_later_borders_adds_nothing_twice(pair):
    town, former = pair
    make_figure(town, 2019, 120, borders_year=2021)
    make_figure(former, 2019, 20, borders_year=2020)

    found = series("population", town)

    assert (found.observed, found.merged) == ({2019: 120}, {})


def test_series_is_missing_where_one_of_the_merged_is(pair):
    town, _former = pair
    make_figure(town, 2019, 100, borders_year=2020)

    assert series("population", town).observed == {}


def test_series_of_a_municipality_that_began_with_the_merger():
    town = make_municipality("Uusi", valid_from=MERGED_ON)
    for value in (30, 12):
        make_figure(make_municipality(valid_to=MERGED_ON, successor=town), 2019, value)

    assert series("population", town).observed == {2019: 42}


def test_series_of_a_share_is_weighted_and_of_a_rate_stays_missing(pair):
    make_measure("share", area_rule="weighted", weight=make_measure())
    make_measure("rate", area_rule="none")
    for place, people, share in zip(pair, (300, 100), (10, 2), strict=True):
        make_figure(place, 2019, people)
        make_figure(place, 2019, share, "share")
        make_figure(place, 2019, share, "rate")

    assert series("share", pair[0]).observed == {2019: Decimal(8)}
    assert series("rate", pair[0]).observed == {}


def test_series_keeps_a_projection_apart_and_shows_the_latest(pair):
    town, former = pair
    make_figure(town, 2020, 119, borders_year=2021)
    for vintage, value in ((2019, 90), (2021, 95)):
        make_figure(town, 2030, value, vintage=vintage, borders_year=2021)
    for place, value in ((town, 80), (former, 9)):
        make_figure(place, 2031, value, vintage=2021, borders_year=2020)

    found = series("population", town)

    assert (found.observed, found.projected, found.vintage) == ({2020: 119}, {2030: 95, 2031: 89}, 2021)


def test_area_sum_counts_whom_it_has_once_and_is_missing_when_one_is(pair, client):
    town, former = pair
    other, area = make_municipality("Muu", code="803"), make_area(slug="summa")
    for place in (town, former, other):
        make_member(area, make_municipal_organisation(place))
        make_figure(place, 2019, 10)
    make_figure(town, 2020, 21, borders_year=2021)
    make_figure(other, 2020, 9)
    make_figure(town, 2021, 22)

    places = municipalities_of_area("summa")

    assert {one.code for one in places} == {"801", "803"}
    assert series("population", *places).observed == {2019: 30, 2020: 30}
    text = page(client, "/en/areas/summa/environment/")
    assert "The figures of the municipalities are added up." in text
    assert "2021</th>" not in text


def test_environment_page_draws_projections_dashed_and_apart_and_gaps_as_missing(client):
    town = make_municipality(code="811")
    for year, value in ((2015, 100), (2016, 101), (2018, 90)):
        make_figure(town, year, value)
    for year in (2030, 2031):
        make_figure(town, year, 80, vintage=2021)

    text = page(client, "/en/municipalities/811/environment/")

    [observed, projected] = [text.split(f'class="line line-1 {kind}">')[1].split("</g>")[0] for kind in ("observed", "projected")]
    runs = [part.split('d="')[1].split('"')[0] for part in (observed, projected)]
    assert [run.count("M") for run in runs] == [2, 1]
    assert [run.count("L") for run in runs] == [1, 1]
    assert text.count('<span class="soft">missing</span>') == 12
    assert "Dashed: the projection made in 2021." in text
    assert "retrieved on" in text
    assert text.index("2030") > text.index("<title")


def test_environment_page_never_shows_what_is_not_loaded_as_nought(client):
    make_measure("births", position=1)
    make_municipality(code="812")

    text = page(client, "/en/municipalities/812/environment/")

    assert "measure births" in text
    assert "<svg class=\"chart-drawing\"" not in text


def test_compare_page_keeps_the_choice_in_its_address_and_takes_five(client, django_assert_max_num_queries):
    towns = [make_municipality(f"Kunta {letter}", code=f"82{place}") for place, letter in enumerate("ABCDEF")]
    for place, town in enumerate(towns):
        make_figure(town, 2020, 100 + place)
        make_figure(town, 2021, 100 + place)

    with django_assert_max_num_queries(12):
        text = page(client, "/en/municipalities/compare/?" + "&".join(f"m={town.code}" for town in towns))

    assert [f'class="line line-{place} observed"' in text for place in range(1, 7)] == [True] * 5 + [False]
    assert "Only the first 5 are shown." in text
    assert "?m=821&amp;m=822&amp;m=823&amp;m=824&amp;m=825" in text
    assert page(client, "/en/municipalities/compare/?m=999&theme=none").count('name="m"') == 1


def test_similar_municipalities_are_near_in_size_and_place():
    def town(name, people, latitude, **fields):
        one = make_municipality(name, latitude=latitude, longitude=25.0, **fields)
        make_figure(one, 2019, 1)
        make_figure(one, 2020, people)
        return one

    mine = town("Oma", 1000, 62.0)
    town("Suuri naapuri", 8000, 62.1)
    town("Kaukainen", 1000, 67.0)
    town("Entinen", 1000, 62.0, valid_to=MERGED_ON)
    near = town("Lähellä", 1200, 62.2)
    twice = town("Kaksinkertainen", 2000, 62.0)
    make_municipality("Tietoja ei ole", latitude=62.0, longitude=25.0)

    found = similar_municipalities(mine, 3)

    assert [one.municipality for one in found][:2] == [near, twice]
    assert found[2].municipality.name_fi == "Suuri naapuri"
    assert (found[0].population, found[0].year) == (1200, 2020)
    assert similar_municipalities(make_municipality("Paikaton")) == []


def test_kilometres_from_helsinki_to_oulu():
    assert kilometres(60.17, 24.94, 65.01, 25.47) == pytest.approx(539, abs=3)
