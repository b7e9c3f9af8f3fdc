"""The lists and pages of the network: what they say, in how many queries, and what they make of a bad address."""
from datetime import date, timedelta

import pytest
from django.urls import reverse

from pilots.choices import OrganisationKind, Participation
from pilots.models import Municipality
from tests.pilots.factories import (
    make_area,
    make_contact,
    make_education_form,
    make_employment_area,
    make_figure,
    make_goal,
    make_member,
    make_municipal_organisation,
    make_municipality,
    make_organisation,
    make_region,
    make_unit,
)
from tests.pilots.pages import address, page

pytestmark = pytest.mark.django_db

AREAS, MUNICIPALITIES, ORGANISATIONS = "/areas/", "/municipalities/", "/organisations/"
LISTS = (AREAS, MUNICIPALITIES, ORGANISATIONS, "/contacts/", "/search/")


def in_order(text: str, *parts: str) -> bool:
    places = [text.index(part) for part in parts]
    return places == sorted(places)


def make_network(rows: int):
    """`rows` of everything that a page may repeat, all tied to the first area, municipality and organisation."""
    forms = [make_education_form() for _ in range(rows)]
    region = make_region()
    areas = [make_area(slug=f"area-n{n}", description_fi="Kuvaus") for n in range(rows)]
    towns = [make_municipality(region=region, population=1000, latitude=62.0 + n / 10, longitude=25.0) for n in range(rows)]
    bodies = [make_municipal_organisation(town) for town in towns]
    owner = make_organisation(slug="owner", municipality=towns[0], education_forms=tuple(forms))
    units = [make_unit(owner=owner, municipality=towns[0], education_forms=tuple(forms), co_hosts=tuple(bodies)) for _ in range(rows)]
    for n in range(rows):
        make_goal(n + 1)
        make_organisation(part_of=owner)
        make_municipality(valid_to=date(2021, 1, 1), successor=towns[0])
        make_employment_area(owner, towns[n])
        make_contact(areas[0])
        make_contact(owner)
        make_contact(units[0])
        make_member(areas[0], units[n])
        make_member(areas[n], owner, participation=Participation.CHANNEL)
        for area in areas:
            make_member(area, bodies[n], participation=Participation.THROUGH, through=owner)
    return {
        "area": address(areas[0]),
        "municipality": address(towns[0]),
        "organisation": address(owner),
        "unit": address(units[0]),
    }


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("place", "queries"),
    [
        ("/", 3),
        (AREAS, 4),
        ("area", 8),
        (MUNICIPALITIES, 3),
        ("municipality", 12),
        (ORGANISATIONS, 4),
        ("organisation", 4),
        ("unit", 4),
        ("/contacts/", 2),
        ("/totals/", 3),
    ],
)
def test_page_takes_as_many_queries_for_three_rows_as_for_one(client, django_assert_num_queries, place, queries, rows):
    path = make_network(rows).get(place, place)
    client.get(path)

    with django_assert_num_queries(queries):
        answer = client.get(path)

    assert answer.status_code == 200


# Areas -----------------------------------------------------------------------------------------


def test_area_list_sorts_by_finnish_rules_and_by_source(client):
    for number, name in enumerate(("Äänekoski", "Öljymäki", "Ålandia", "Zeta", "Aapa"), start=1):
        make_area(name, number=number)

    assert in_order(page(client, AREAS), "Aapa</a>", "Zeta</a>", "Ålandia</a>", "Äänekoski</a>", "Öljymäki</a>")
    assert in_order(page(client, AREAS, sort="number"), "Äänekoski</a>", "Öljymäki</a>", "Ålandia</a>", "Zeta</a>", "Aapa</a>")


@pytest.mark.parametrize(
    ("name", "value"),
    [("q", "Mesikylän"), ("region", "71"), ("form", "vocational"), ("kind", "unit"), ("kind", "uas"), ("language", "sv"), ("participation", "through")],
)
def test_area_list_filter_leaves_the_areas_whose_members_fit(client, name, value):
    fits, other = make_area("Sopiva alue"), make_area("Muu alue")
    make_member(other, make_municipal_organisation(make_municipality("Kivikylä", region=make_region("72"), language_status="fi")))
    town = make_municipal_organisation(make_municipality("Mesikylä", region=make_region("71"), language_status="fi_sv"))
    channel = make_organisation(kind=OrganisationKind.UNIVERSITY_OF_APPLIED_SCIENCES, education_forms=(make_education_form(code="vocational"),))
    make_member(fits, town, participation=Participation.THROUGH, through=channel)
    make_member(fits, channel, participation=Participation.CHANNEL)
    make_member(fits, make_unit())

    text = page(client, AREAS, **{name: value})

    assert "Sopiva alue</a>" in text
    assert "Muu alue</a>" not in text
    assert 'class="chip"' in text


def test_area_list_filter_forgets_members_that_left(client):
    left = make_area("Entinen alue")
    make_member(left, make_unit(), starts_on=date(2020, 1, 1), ends_on=date(2020, 6, 1))

    assert "Entinen alue</a>" not in page(client, AREAS, kind="unit")


def test_area_list_chip_takes_off_its_own_filter_only(client):
    text = page(client, AREAS, kind="unit", language="sv", sort="number", page="2")

    assert 'class="chip" href="?language=sv&amp;sort=number"' in text
    assert 'class="chip" href="?kind=unit&amp;sort=number"' in text
    assert 'class="chip-clear" href="?sort=number"' in text


def test_area_page_shows_the_round_the_quote_and_how_each_member_takes_part(client):
    area, other = make_area("Suupohja", quote="Kauhajoen kaupunki ja Teuvan kunta", number=10), make_area("Toinen alue")
    channel = make_organisation("Kanavan kuntayhtymä")
    make_member(area, channel, participation=Participation.CHANNEL)
    through = make_member(area, make_municipal_organisation(make_municipality("Isojoki")), participation=Participation.THROUGH, through=channel)
    make_member(other, through.organisation)
    make_member(area, make_unit("Opisto", owner=make_organisation("Omistaja ky")))
    make_goal(1, title_fi="Etsitään ratkaisuja")
    make_contact(area, name="Demo Soitettava")

    text = page(client, address(area, "en"))

    assert "(1.1.2020–31.12.2021), not necessarily today’s" in text
    assert '<q lang="fi">Kauhajoen kaupunki ja Teuvan kunta</q>' in text
    assert "A working name given by this portal" in text
    assert in_order(text, "<h3>Municipalities</h3>", ">Isojoki</a>", "<h3>Joint municipal authorities for education</h3>", "others take part through it", "<h3>Units of organisations</h3>", ">Opisto</a>")
    assert "Takes part through <a" in text
    assert ">Omistaja ky</a>" in text
    assert ">Toinen alue</a>" in text
    assert "Demo Soitettava" in text


def test_area_page_says_which_member_gives_which_education(client):
    area, early, higher = make_area(), make_education_form(name_en="Early education", position=21), make_education_form(name_en="Higher education", position=22)
    make_member(area, make_organisation("Kaksi ky", education_forms=(higher, early)), position=1)
    make_member(area, make_organisation("Yksi ky", education_forms=(higher,)), position=2)
    make_member(area, make_unit("Opisto", education_forms=(early,)), position=3)

    rows = page(client, address(area, "en")).split('class="member-name"')[1:]

    given = {row.split("</a>")[0].rsplit(">")[-1]: row.partition("Forms of education:")[2].split("</span>")[0].strip() for row in rows}
    assert given["Kaksi ky"] == "Early education, Higher education"
    assert given["Yksi ky"] == "Higher education"
    assert given["Opisto"] == "Early education"


def test_area_page_keeps_who_left_apart(client):
    area = make_area()
    make_member(area, make_organisation("Pysyvä ky"), ends_on=date(2022, 1, 1))
    make_member(area, make_organisation("Lähtenyt ky"), ends_on=date(2020, 8, 1))

    text = page(client, address(area, "en"))

    assert in_order(text, "Pysyvä ky</a>", "Members that have left", "Lähtenyt ky</a>")


def test_area_page_without_members_or_map_is_calm(client):
    assert "No members have been entered." in page(client, address(make_area(), "en"))


def test_area_page_shows_own_texts_with_the_language_they_are_in(client):
    area = make_area(challenge_fi="Pitkät matkat")

    text = page(client, address(area, "sv"))

    assert '<div lang="fi"><p>Pitkät matkat</p></div>' in text
    assert 'id="readiness"' not in text


# Municipalities --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("q", "Mesikylän", "Mesikylä"),
        ("q", "711", "Mesikylä"),
        ("region", "71", "Mesikylä"),
        ("language", "fi_sv", "Mesikylä"),
        ("kopa", "in", "Mesikylä"),
        ("kopa", "through", "Mesikylä"),
        ("kopa", "not_in", "Kivikylä"),
        ("state", "ended", "Kivikylä"),
        ("state", "today", "Mesikylä"),
    ],
)
def test_municipality_list_filter_leaves_what_fits(client, name, value, found):
    town = make_municipality("Mesikylä", code="711", region=make_region("71"), language_status="fi_sv")
    make_municipality("Kivikylä", code="712", region=make_region("72"), language_status="fi", valid_to=date(2021, 1, 1))
    make_member(make_area(), make_municipal_organisation(town), participation=Participation.THROUGH, through=make_organisation())

    text = page(client, MUNICIPALITIES, **{name: value})

    assert {town for town in ("Mesikylä", "Kivikylä") if f"{town}</a>" in text} == {found}


def test_municipality_list_uses_the_region_of_today(client):
    town, old, new = make_municipality("Muuttokunta"), make_region("81", name_fi="Vanha maakunta"), make_region("82", name_fi="Uusi maakunta")
    town.region_periods.create(region=old, ends_on=date(2021, 1, 1), source="test")
    town.region_periods.create(region=new, starts_on=date(2021, 1, 1), source="test")

    assert "Muuttokunta</a>" in page(client, MUNICIPALITIES, region="82")
    assert "Muuttokunta</a>" not in page(client, MUNICIPALITIES, region="81")
    assert "<span>Uusi maakunta</span>" in page(client, MUNICIPALITIES)


def test_municipality_list_of_309_stays_small_and_pages_to_the_last_one(client, django_assert_num_queries):
    towns = [Municipality(code=f"{n:03d}", name_fi=f"Kunta {n:03d}", source="test", language_status="fi") for n in range(309)]
    for town in towns:
        town.set_derived()
    Municipality.objects.bulk_create(towns)

    with django_assert_num_queries(3):
        first = client.get(MUNICIPALITIES).content
    last = page(client, MUNICIPALITIES, page="13")

    assert len(first) <= 60_000
    assert "Kunta 308</a>" in last
    assert first.count(b'class="row-item"') == 25
    assert last.count('class="row-item"') == 9


def test_municipality_page_tells_region_by_period_population_and_merger(client):
    town = make_municipality("Mesikylä", code="711", region=None, population=None, language_status="fi", latitude=62.5, longitude=25.25)
    town.region_periods.create(region=make_region(name_fi="Vanha maakunta"), ends_on=date(2021, 1, 1), source="test")
    town.region_periods.create(region=make_region(name_fi="Uusi maakunta"), starts_on=date(2021, 1, 1), source="test")
    for year, value in ((2019, 12345), (2020, 12300)):
        make_figure(town, year, value, borders_year=2021, source="Väestölähde")
    old = make_municipality("Entinen", valid_to=date(2021, 1, 1), successor=town)
    make_member(make_area("Oma alue"), make_municipal_organisation(town))
    make_organisation("Paikallinen ky", municipality=town)
    make_unit("Paikallinen opisto", municipality=town)

    text = page(client, address(town, "en"))
    gone = page(client, address(old, "en"))

    assert in_order(text, "Vanha maakunta", "Uusi maakunta")
    assert text.count("Uusi maakunta") == 1
    assert '<td class="number" data-label="people">12,345</td>' in text
    assert "Väestölähde" in text
    for name in ("Oma alue</a>", "Paikallinen ky</a>", "Paikallinen opisto</a>", "Entinen</a>"):
        assert name in text
    assert f'Part of <a href="{address(town, "en")}" lang="fi">Mesikylä</a>' in gone


# Organisations and units -----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "value"), [("q", "Kaukolan"), ("q", "opisto"), ("kind", "uas"), ("form", "vocational"), ("language", "sv"), ("area", "oma")])
def test_organisation_list_filter_leaves_what_fits(client, name, value):
    fits = make_organisation("Kaukola oy", kind=OrganisationKind.UNIVERSITY_OF_APPLIED_SCIENCES, language_status="sv")
    unit = make_unit("Läheinen opisto", owner=fits, education_forms=(make_education_form(code="vocational"),))
    make_member(make_area(slug="oma"), unit)
    make_organisation("Toinen kuntayhtymä", language_status="fi")

    text = page(client, ORGANISATIONS, **{name: value})

    assert "Kaukola oy</a>" in text
    assert "Läheinen opisto</a>" in text
    assert "Toinen kuntayhtymä</a>" not in text


def test_organisation_page_of_a_part_shows_its_legal_persons_business_id(client):
    whole = make_organisation("Iso kaupunki", business_id="0116297-6", legal_form="municipality", kind=OrganisationKind.MUNICIPALITY)
    part = make_organisation("Työllisyyspalvelu", part_of=whole, kind=OrganisationKind.EMPLOYMENT_AUTHORITY)

    text = page(client, address(part, "en"))

    assert "0116297-6" in text
    assert 'the Business ID of <a href="' in text
    assert ">Työllisyyspalvelu</a>" in page(client, address(whole, "en"))


def test_organisation_page_shows_a_home_municipality_that_is_not_loaded_as_its_code(client):
    text = page(client, address(make_organisation(home_code='179'), "en"))

    assert "Code 179, a municipality that has not been loaded into the portal" in text


def test_organisation_page_shows_units_co_hosted_ones_and_whom_it_serves(client):
    authority = make_organisation("Alueen viranomainen", kind=OrganisationKind.EMPLOYMENT_AUTHORITY, education_forms=(make_education_form(), make_education_form()))
    make_unit("Oma yksikkö", owner=authority)
    make_unit("Yhteinen yksikkö", owner=make_organisation("Toinen omistaja"), co_hosts=(authority,))
    towns = [make_municipality(name) for name in ("Palveltu A", "Palveltu B")]
    for town in towns:
        make_employment_area(authority, town)

    text = page(client, address(authority, "en"))

    assert [text.count(f"{name}</a>") for name in ("Oma yksikkö", "Yhteinen yksikkö", "Toinen omistaja", "Palveltu A", "Palveltu B")] == [1, 1, 1, 1, 1]
    assert "Alueen viranomainen</a>" in page(client, address(towns[0]))


def test_unit_page_shows_owner_co_hosts_and_the_owners_business_id(client):
    unit = make_unit("Palvelutori", owner=make_organisation("Iso kaupunki", business_id="0116297-6"), co_hosts=(make_organisation("Toinen isäntä"),))

    text = page(client, address(unit, "en"))

    assert ">Iso kaupunki</a>" in text
    assert ">Toinen isäntä</a>" in text
    assert "0116297-6" in text
    assert "a unit has none of its own" in text


# Whom to call ----------------------------------------------------------------------------------


def test_contact_list_filters_by_task_and_language(client):
    make_contact(name="Demo Sopimus", task="agreements", speaks_swedish=True)
    make_contact(name="Demo Etäopetus", task="remote_teaching", speaks_swedish=True)
    make_contact(name="Demo Suomi", task="agreements")

    text = page(client, "/contacts/", task="agreements", language="sv")

    assert "Demo Sopimus" in text
    assert "Demo Etäopetus" not in text
    assert "Demo Suomi" not in text


def test_contact_list_tells_the_day_of_confirmation_and_what_is_old_or_invented(client):
    make_contact(name="Demo Vanha", confirmed_on=date.today() - timedelta(days=400), is_demo=True)

    text = page(client, "/en/contacts/")

    assert "Not confirmed for over a year" in text
    assert "Invented person" in text
    assert "Confirmed on" in text


def test_contact_list_leaves_out_who_has_ended(client):
    make_contact(name="Demo Lähtenyt", ended_on=date.today())

    assert "Demo Lähtenyt" not in page(client, "/contacts/")


# Bad addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize(
    "query",
    ["q=%00", "q=%00a", "page=abc", "page=99999", "page=-1", "page=0", "page=99999999999999999999", "sort=nope", "q=" + "x" * 10_000, "page=1&page=abc", "q=%F0%9F%98%80&q=%25", "q=%22%27%3B--"],
)
def test_list_answers_calmly_to_what_makes_no_sense(client, url, query):
    make_area()
    make_municipality()
    make_contact()

    assert client.get(f"{url}?{query}").status_code == 200


@pytest.mark.parametrize(
    ("url", "name"),
    [(AREAS, "region"), (AREAS, "form"), (AREAS, "kind"), (AREAS, "language"), (AREAS, "participation"), (MUNICIPALITIES, "region"), (MUNICIPALITIES, "kopa"), (ORGANISATIONS, "area"), ("/contacts/", "task")],
)
def test_list_names_the_filter_whose_value_is_unknown_and_shows_the_rest(client, url, name):
    make_contact(make_area("Alue Yksi"), name="Demo Henkilö")
    make_municipality("Kunta Yksi")
    make_organisation("Organisaatio Yksi")

    text = page(client, url, **{name: "nonsense"})

    assert f'href="#id_{name}"' in text
    assert 'class="empty"' not in text
    assert ": ei käytössä" in text
    assert ": nonsense" not in text


@pytest.mark.parametrize("url", [AREAS, MUNICIPALITIES, ORGANISATIONS])
def test_empty_list_speaks_of_filters_only_when_one_is_on(client, url):
    asked = "Poista jokin rajaus"

    assert asked not in page(client, url)
    assert asked in page(client, url, q="zzz")


def test_list_shows_its_last_page_when_the_number_is_too_large(client):
    for number in range(26):
        make_municipality(f"Kunta {number:02d}")

    text = page(client, MUNICIPALITIES, page="99999")

    assert "Kunta 25</a>" in text
    assert "Kunta 24</a>" not in text


@pytest.mark.parametrize("url", ["/areas/none/", "/municipalities/999/", "/municipalities/abc/", "/municipalities/%00/", "/organisations/none/", "/units/none/", "/areas/%00/"])
def test_page_of_what_is_not_there_is_404(client, url):
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["area_list", "municipality_list", "organisation_list", "contact_list", "totals"])
def test_list_takes_no_post(client, name):
    assert client.post(reverse(f"pilots:{name}")).status_code == 405
