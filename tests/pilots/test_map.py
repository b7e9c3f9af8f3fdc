"""The drawn maps, on the real network as pilots/data has it."""

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations
from math import asin, cos, hypot, radians, sin, sqrt
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from pilots.map import MapArea, MapMember, area_map, network_map
from pilots.map.layout import spanning_tree, spread
from pilots.map.outline import outline_path, rings
from pilots.map.projection import Panel, project

DATA = Path(settings.BASE_DIR) / "pilots" / "data"
HELSINKI, TURKU, OULU, UTSJOKI = (60.1699, 24.9384), (60.4518, 22.2666), (65.0121, 25.4651), (69.9090, 27.0269)
# CSS pixels: the target size of WCAG 2.2 (2.5.8), and the columns from which on marks and numbers are links.
TARGET, MARK_COLUMN, NARROWEST_COLUMN = 24, 550, 288
# Positions are drawn in whole units.
ROUNDING = 1.5


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def real_areas(language: str = "fi") -> list[MapArea]:
    municipalities = {row["code"]: row for row in rows("municipalities.csv")}
    bodies = {f"organisation-{row['slug']}": row for row in rows("organisations.csv")}
    bodies |= {f"unit-{row['slug']}": row for row in rows("units.csv")}
    areas = []
    for area in rows("areas.csv"):
        members = []
        for row in rows("area_memberships.csv"):
            if row["area"] != area["slug"]:
                continue
            body_id = f"organisation-{row['organisation']}" if row["organisation"] else f"unit-{row['unit']}"
            body = bodies[body_id]
            home = municipalities.get(body["municipality"], {})
            kind = "unit" if row["unit"] else "municipality" if body["kind"] == "municipality" else "organisation"
            members.append(
                MapMember(
                    body_id=body_id,
                    label=body[f"name_{language}"] or body["name_fi"] or body["name_sv"],
                    url=f"/sv/organisationer/{body_id}/",
                    kind=kind,
                    participation=row["participation"],
                    lat=float(home["latitude"]) if home.get("latitude") else None,
                    lon=float(home["longitude"]) if home.get("longitude") else None,
                    short_label=body["short_name"],
                    through_id=f"organisation-{row['through']}" if row["through"] else "",
                )
            )
        areas.append(MapArea(int(area["number"]), area[f"name_{language}"] or area["name_fi"], f"/omraden/{area['slug']}/", tuple(members)))
    return areas


def a_member(name: str, place: tuple[float, float] | None, **other: str) -> MapMember:
    lat, lon = place or (None, None)
    settled = {"kind": "municipality", "participation": "direct"} | other
    return MapMember(body_id=name, label=name, url=f"/{name}/", lat=lat, lon=lon, **settled)


def an_area(number: int, *members: MapMember) -> MapArea:
    return MapArea(number, f"Area {number}", f"/areas/{number}/", members)


def on_globe(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Kilometres by the haversine formula on the mean Earth."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, place)) for place in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))


class Links(HTMLParser):
    """The links of a rendered map with the title of each, and every attribute met."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self._in_title = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}
        if tag == "a":
            self.found.append([dict(attrs)["href"] or "", ""])
        self._in_title = tag == "title"

    def handle_data(self, data: str) -> None:
        if self._in_title and self.found:
            self.found[-1][1] += data
        self._in_title = False


# The sheet


@pytest.mark.parametrize(("one", "other"), [(HELSINKI, OULU), (HELSINKI, TURKU), (TURKU, UTSJOKI), (OULU, UTSJOKI)])
def test_project_distance_as_on_globe(one, other):
    (x1, y1), (x2, y2) = project(*one), project(*other)

    assert hypot(x2 - x1, y2 - y1) == pytest.approx(on_globe(one, other), rel=0.007)


def test_project_directions():
    helsinki, turku, oulu = project(*HELSINKI), project(*TURKU), project(*OULU)

    assert helsinki[1] < turku[1] < oulu[1]
    assert turku[0] < helsinki[0] < oulu[0]
    assert project(64, 27)[0] == 500


def test_panel_places_north_on_top():
    panel = Panel(west=0, south=0, east=100, north=50, left=10, top=20, scale=2)

    assert panel.place((0, 50)) == (10, 20)
    assert panel.place((100, 0)) == (210, 120)


def test_outline_is_finland():
    mainland, *islands = rings()

    assert len(islands) > 20
    assert [round(max(x for x, _y in mainland) - min(x for x, _y in mainland), -1)] == [540]
    assert [round(max(y for _x, y in mainland) - min(y for _x, y in mainland), -1)] == [1140]


def test_outline_path_stays_near_its_panel():
    panel = Panel(west=300, south=6700, east=400, north=6800, left=0, top=0, scale=2)

    x, y, inside = 0, 0, []
    for command, numbers in re.findall(r"([Ml])([-\d ]+)", outline_path(panel)):
        pairs = [int(number) for number in re.findall(r"-?\d+", numbers)]
        for step_x, step_y in zip(pairs[::2], pairs[1::2], strict=True):
            x, y = (step_x, step_y) if command == "M" else (x + step_x, y + step_y)
            inside.append(-8 <= x <= 208 and -8 <= y <= 208)

    assert len(inside) > 10
    assert all(inside)


# Spreading and joining


def test_spread_leaves_clear_marks_alone():
    places = [((0.0, 0.0), True), ((50.0, 0.0), True), ((0.0, 50.0), False)]

    assert spread(places, 30) == [(0, 0), (50, 0), (0, 50)]


def test_spread_moves_the_mark_that_need_not_stay():
    town, provider = spread([((0.0, 0.0), True), ((0.0, 0.0), False)], 30)

    assert town == (0, 0)
    assert 30 <= hypot(*provider) < 35


def test_spread_parts_a_crowd():
    crowd = spread([((x % 3, x // 3), x % 2 == 0) for x in range(30)], 28)

    assert min(hypot(a[0] - b[0], a[1] - b[1]) for a, b in combinations(crowd, 2)) >= 28


def test_spanning_tree_takes_shortest_lines():
    assert sorted(map(sorted, spanning_tree([(0, 0), (30, 0), (10, 0), (20, 0)]))) == [[0, 2], [1, 3], [2, 3]]
    assert spanning_tree([]) == []


# The network


def test_network_map_has_every_area_and_name():
    picture = network_map(real_areas())

    assert [area.number for area in picture.areas] == list(range(1, 14))
    assert all(area.bridges.own and area.bridges.ground for area in picture.areas)
    assert [area.number for area in picture.areas if not area.name] == []


def test_network_map_draws_each_body_once():
    areas = real_areas()

    marks = [mark.body_id for mark in network_map(areas).marks]

    assert len(marks) == 61
    assert sorted(marks) == sorted({member.body_id for area in areas for member in area.members})


def test_network_map_marks_bodies_in_two_areas():
    shared = {mark.body_id: mark.title for mark in network_map(real_areas()).marks if mark.is_shared}

    assert set(shared) == {"organisation-loviisa", "organisation-porvoo", "organisation-sipoo"}
    assert all(title.endswith("6, 8") for title in shared.values())


def test_network_map_draws_who_takes_part_through_another():
    picture = network_map(real_areas())

    assert {mark.body_id for mark in picture.marks if not mark.is_direct} == {
        "organisation-isojoki",
        "organisation-karijoki",
        "organisation-suupohjan-koulutuskuntayhtyma",
    }
    assert {area.number: area.bridges.through.count("M") for area in picture.areas if area.bridges.through} == {10: 2}


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_network_map_keeps_targets_apart(language):
    picture = network_map(real_areas(language))
    width = float(picture.view_box.split()[2])
    marks, numbers = [[(spot.x, spot.y) for spot in spots] for spots in (picture.marks, picture.areas)]

    def closest(pairs):
        return min(hypot(a[0] - b[0], a[1] - b[1]) for a, b in pairs) + ROUNDING

    assert closest(combinations(marks, 2)) * MARK_COLUMN / width >= TARGET
    assert closest(combinations(numbers, 2)) * NARROWEST_COLUMN / width >= TARGET
    assert closest((mark, number) for mark in marks for number in numbers) * MARK_COLUMN / width >= TARGET


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_network_map_names_cover_nothing(language):
    picture = network_map(real_areas(language))
    names = [area.name.box for area in picture.areas if area.name]

    assert not any(one.overlap(other) for one, other in combinations(names, 2))
    assert not any(name.holds((spot.x, spot.y)) for name in names for spot in [*picture.marks, *picture.areas])


def test_network_map_same_whatever_the_order():
    areas = real_areas()

    assert network_map(areas) == network_map(areas[::-1])


def test_network_map_patterns_differ_where_areas_share():
    patterns = {area.number: area.pattern for area in network_map(real_areas()).areas}

    assert patterns[6] != patterns[8]


def test_network_map_bridges_between_the_same_places_differ():
    first, second = network_map([an_area(1, a_member("a", HELSINKI), a_member("b", TURKU)), an_area(2, a_member("a", HELSINKI), a_member("b", TURKU))]).areas

    assert first.bridges.ground == second.bridges.ground
    assert first.bridges.own != second.bridges.own


def test_network_map_numbers_of_the_same_places_keep_apart():
    picture = network_map([an_area(number, a_member("a", HELSINKI)) for number in range(1, 6)])
    width = float(picture.view_box.split()[2])

    gaps = [hypot(one.x - other.x, one.y - other.y) for one, other in combinations(picture.areas, 2)]

    assert (min(gaps) + ROUNDING) * NARROWEST_COLUMN / width >= TARGET


def test_network_map_shows_chosen_areas_in_their_places():
    areas = real_areas()
    whole = network_map(areas)

    part = network_map(areas, shown={8})

    assert part.areas == tuple(area for area in whole.areas if area.number == 8)
    assert len(part.marks) == 6
    assert set(part.marks) < set(whole.marks)


def test_network_map_home_without_place_stands_among_its_area():
    areas = [an_area(1, a_member("a", HELSINKI), a_member("b", (62.0, 24.9)), a_member("c", None, kind="organisation"))]

    a, b, c = network_map(areas).marks

    assert not c.has_place
    assert b.y < c.y < a.y
    assert "c" in c.title


def test_network_map_area_without_any_place_is_left_out():
    picture = network_map([an_area(1, a_member("a", HELSINKI)), an_area(2, a_member("b", None))])

    assert [area.number for area in picture.areas] == [1]
    assert [mark.body_id for mark in picture.marks] == ["a"]


def test_network_map_lone_member_has_ground():
    (area,) = network_map([an_area(1, a_member("a", HELSINKI))]).areas

    assert area.bridges.own == ""
    assert re.fullmatch(r"M\d+ \d+h0", area.bridges.ground)


def test_network_map_northern_window_only_when_needed():
    south = an_area(1, a_member("a", HELSINKI), a_member("b", TURKU))
    north = an_area(2, a_member("c", UTSJOKI), a_member("d", OULU))

    assert len(network_map([south]).lands) == 2
    lands = network_map([south, north]).lands
    assert len(lands) == 3
    box = lands[1]
    up_there = [mark for mark in network_map([south, north]).marks if mark.body_id in "cd"]
    assert all(box.left < mark.x < box.left + box.width and box.top < mark.y < box.top + box.height for mark in up_there)


def test_network_map_of_nothing():
    picture = network_map([])

    assert (picture.areas, picture.marks) == ((), ())


def test_network_map_html_links_everything_in_size():
    areas = real_areas("sv")

    html = render_to_string("pilots/_network_map.html", {"network_map": network_map(areas)})

    links = Links(html)
    hrefs = [href for href, _title in links.found]
    assert sorted(hrefs[1:]) == sorted({area.url for area in areas} | {m.url for area in areas for m in area.members})
    assert all(title for _href, title in links.found[1:])
    assert len(html.encode()) <= 25_000
    assert not links.attributes & {"style", "onclick"}
    assert not links.tags & {"style", "script"}


def test_network_map_html_escapes_names():
    areas = [an_area(1, replace(a_member("a", HELSINKI), label="<b>A</b>"))]

    html = render_to_string("pilots/_network_map.html", {"network_map": network_map(areas)})

    assert "<b>" not in html
    assert "&lt;b&gt;A&lt;/b&gt;" in html


# One area


@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize("number", range(1, 14))
def test_area_map_names_every_member_clearly(number, language):
    areas = real_areas(language)
    (area,) = [area for area in areas if area.number == number]

    picture = area_map(areas, number)

    wide, high = map(float, picture.view_box.split()[2:])
    boxes = [named.name.box for named in picture.marks]
    spots = [(named.mark.x, named.mark.y) for named in picture.marks]
    assert sorted(named.mark.body_id for named in picture.marks) == sorted(member.body_id for member in area.members)
    assert not any(one.overlap(other) for one, other in combinations(boxes, 2))
    assert not any(box.holds(spot) for box in boxes for spot in spots)
    assert all(box.left >= 0 and box.right <= wide and box.top >= 0 and box.bottom <= high for box in boxes)
    targets = spots + [neighbour.spot for neighbour in picture.neighbours if neighbour.spot]
    nearest = min(hypot(a[0] - b[0], a[1] - b[1]) for a, b in combinations(targets, 2))
    assert (nearest + ROUNDING) * NARROWEST_COLUMN / wide >= TARGET


def test_area_map_uses_short_names():
    names = {named.mark.body_id: [line.text for line in named.name.lines] for named in area_map(real_areas(), 4).marks}

    assert names["organisation-lappia"] == ["Lappia"]
    assert names["organisation-pello"] == ["Pello"]


def test_area_map_shows_neighbour_with_its_own_line():
    picture = area_map(real_areas(), 6)

    assert {named.mark.body_id for named in picture.marks if named.mark.is_shared} == {
        "organisation-loviisa",
        "organisation-porvoo",
        "organisation-sipoo",
    }
    (eight,) = [neighbour for neighbour in picture.neighbours if neighbour.number == 8]
    assert eight.spot
    assert eight.dots
    assert eight.bridges not in picture.bridges.own


def test_area_map_draws_membership_of_this_area():
    shared = a_member("a", HELSINKI)
    areas = [
        an_area(1, shared, a_member("b", TURKU)),
        an_area(2, replace(shared, participation="through", through_id="c"), a_member("c", (60.3, 25.0), participation="channel")),
    ]

    def direct(number):
        return {named.mark.body_id: named.mark.is_direct for named in area_map(areas, number).marks}

    assert direct(1) == {"a": True, "b": True}
    assert direct(2) == {"a": False, "c": False}


def test_area_map_unknown_area():
    with pytest.raises(KeyError):
        area_map(real_areas(), 99)


def test_area_map_html_links_its_members():
    areas = real_areas()
    picture = area_map(areas, 10)

    html = render_to_string("pilots/_area_map.html", {"area_map": picture})

    hrefs = [href for href, _title in Links(html).found[1:]]
    assert hrefs[:5] == [named.mark.url for named in picture.marks]
    assert hrefs[5:] == [neighbour.url for neighbour in picture.neighbours if neighbour.spot]
    assert len(html.encode()) <= 8_000


@pytest.mark.parametrize("number", range(1, 14))
def test_map_key_explains_the_signs_that_are_drawn_and_no_others(number):
    html = render_to_string("pilots/_area_map.html", {"area_map": area_map(real_areas(), number)})
    picture, key = html.split('<ul class="map-key">')
    members = {member.kind for area in real_areas() if area.number == number for member in area.members}

    # The open circle and square stand together in one row of the key; each kind's own sign is the plain one.
    drawn = {sign for sign in ("map-ring", "map-open", "map-placeless") if f'class="{sign}"' in picture}
    explained = {sign for sign in ("map-ring", "map-open", "map-placeless") if f'class="{sign}"' in key}
    kinds = {kind for kind, path in (("municipality", '"true"><circle r="5.5"/>'), ("organisation", '<path d="M-5-5H5V5H-5z"/>'), ("unit", '<path d="M0-7 7 0 0 7-7 0z"/>')) if path in key}
    assert (explained, kinds) == (drawn, members)
