"""The two figures: every stage and every move once, numbers equal to the lists behind them."""
import colorsys
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.text import capfirst

from guidance.choices import MOVES, OptionKind, OptionState, Part, Stage, moves_from
from guidance.figures.kuvio1 import Look, draw_kuvio1
from guidance.figures.kuvio2 import CONSIDER, FIND_OUT, SQUARE, SUPPORT, draw_kuvio2
from guidance.figures.path import path_figure
from guidance.figures.shapes import LETTER_WIDTH, broken
from guidance.figures.source import KUVIO_1
from guidance.models import AccessLog, Partnership, Pathway, StagePeriod
from guidance.queries.own import count_by_option, count_by_stage, own_pathways
from guidance.templatetags.figures import path_drawn
from tests.guidance.factories import make_counsellor, make_option, make_organisation, make_pathway, make_shared_pathway
from tests.guidance.test_views_handoffs import same_page

SHAPES = ("wide", "narrow")
CSS = Path(settings.BASE_DIR) / "static" / "css"


ALL = {stage: tuple(Part) for stage in Stage}


def look(stage: str) -> Look:
    return Look(badge="" if stage == SQUARE else "1 234")


@pytest.mark.parametrize("shape", SHAPES)
def test_kuvio1_every_stage_and_every_move_once(shape):
    drawing = draw_kuvio1(shape, look)

    assert Counter(box.key for box in drawing.boxes) == Counter(Stage.values)
    assert Counter(arrow.key for arrow in drawing.arrows) == Counter(f"{move.source}-{move.target}" for move in MOVES)


def test_kuvio1_page_every_stage_and_every_move_once_in_each_shape(made, guide_client):
    page = guide_client(made.anna).get(reverse("guidance:figure_kuvio1", args=[made.partnership.slug])).content.decode()

    assert Counter(re.findall(r'data-step="(\w+)"', page)) == dict.fromkeys(Stage.values, 2)
    assert Counter(re.findall(r'data-move="([\w-]+)"', page)) == {f"{move.source}-{move.target}": 2 for move in MOVES}


@pytest.mark.parametrize("shape", SHAPES)
def test_kuvio2_every_option_once(shape):
    drawing = draw_kuvio2(shape, look)

    assert Counter(box.key for box in drawing.boxes) == Counter([*OptionKind.values, SUPPORT, CONSIDER, SQUARE, FIND_OUT])


def test_kuvio1_source_has_each_stage_in_the_order_of_the_table():
    assert [step.stage for step in KUVIO_1] == Stage.values
    assert {step.stage for step in KUVIO_1 if step.inferred} == {Stage.REGISTERED, Stage.INTERRUPTED}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("draw", [draw_kuvio1, draw_kuvio2])
def test_words_stay_inside_their_boxes_and_boxes_apart(shape, draw, language):
    with translation.override(language):
        drawing = draw(shape, look)

    assert_words_inside(drawing, shape, draw)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("shape", SHAPES)
def test_kuvio1_words_stay_inside_when_all_parts_answer_for_every_stage(shape, language):
    with translation.override(language):
        drawing = draw_kuvio1(shape, look, stage_parts=ALL)

    assert {len(box.marks) for box in drawing.boxes} == {len(Part)}
    assert_words_inside(drawing, shape, draw_kuvio1)


def assert_words_inside(drawing, shape, draw) -> None:
    for box in drawing.boxes:
        assert box.x >= 0
        assert box.right <= drawing.width
        assert box.bottom <= drawing.height
        assert not box.badge or box.y < box.badge_y < box.badge_y + 27 < box.bottom
        for text in box.texts:
            size = 17 if "frame-name" in text.kind else 13 if text.kind == "tag" else 16 if shape == "wide" and draw is draw_kuvio1 else 15
            edge = box.badge_x if box.badge and box.badge_y < text.y + 4 and text.y - size < box.badge_y + 27 else box.right
            assert text.x + len(text.words) * size * LETTER_WIDTH <= edge + 2, text.words
            assert box.y < text.y < box.bottom
        for mark in box.marks:
            assert box.x < mark.x < mark.x + 28 < box.right
            assert all(mark.x + 28 <= text.x or text.y <= mark.y for text in box.texts), box.key
    steps = [box for box in drawing.boxes if "frame" not in box.kind]
    for one in steps:
        for other in steps:
            assert one is other or one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y, (one.key, other.key)


def test_broken_lines_keep_every_letter():
    words = "Koulutusvaihtoehtojenkartoitussuunnitelma ja muuta"

    lines = broken(words, 100, 15)

    assert max(map(len, lines)) * 15 * LETTER_WIDTH <= 100
    assert "".join(lines).replace("-", "").replace(" ", "") == words.replace(" ", "")


def _caseload(made) -> list[Pathway]:
    """Own ones at three stages, one closed, one of a colleague, one in which only the college's part is ours."""
    pathways = [make_pathway(made) for _turn in range(5)]
    for pathway, stage in zip(pathways, (Stage.REGISTERED, Stage.MAPPING, Stage.MAPPING, Stage.STUDYING, Stage.MAPPING), strict=True):
        Pathway.objects.filter(pk=pathway.pk).update(stage=stage)
        make_option(pathway, made.anna, OptionState.CONSIDERED, kind=OptionKind.APPRENTICESHIP)
        make_option(pathway, made.anna, OptionState.CHOSEN, kind=OptionKind.APPRENTICESHIP)
        make_option(pathway, made.anna, OptionState.DROPPED, kind=OptionKind.TAILORING)
    Pathway.objects.filter(pk=pathways[4].pk).update(closed_at=pathways[4].opened_at, closed_by=made.anna, end_reason="moved", outcome="unknown")
    make_pathway(made, by=made.city_people[1])
    make_shared_pathway(made)
    return pathways


def test_counts_are_of_own_open_clients_each_once(made):
    _caseload(made)

    assert count_by_stage(made.anna, made.partnership.pk) == {Stage.REGISTERED: 2, Stage.MAPPING: 2, Stage.STUDYING: 1}
    assert count_by_option(made.anna, made.partnership.pk) == {OptionKind.APPRENTICESHIP: 4}
    assert count_by_stage(made.ossi, made.partnership.pk) == {Stage.REGISTERED: 1}
    assert count_by_stage(made.taru, made.partnership.pk) == {}


def test_counts_of_a_partnership_leave_out_another(made):
    from tests.guidance.factories import make_partnership

    make_pathway(made)
    other = make_partnership()
    make_pathway(other)

    assert count_by_stage(made.anna, other.partnership.pk) == {}


def test_kuvio1_numbers_are_those_of_the_rows_behind_the_link(made, guide_client):
    _caseload(made)

    page = guide_client(made.anna).get(reverse("guidance:figure_kuvio1", args=[made.partnership.slug]))

    for step, stage in zip(page.context["steps"], Stage.values, strict=True):
        assert step.url == f"{reverse('guidance:client_list')}?mine=1&stage={stage}"
        assert step.count == own_pathways(made.anna).filter(stage=stage).count()
    shown = {box.key: box.badge for box in page.context["drawings"][0].boxes}
    assert shown == {stage: str(own_pathways(made.anna).filter(stage=stage).count()) for stage in Stage.values}


@pytest.mark.parametrize("narrow", [{"stage": Stage.MAPPING.value}, {"stage": Stage.STUDYING.value}, {"stage": Stage.GRADUATED.value}, {"option": OptionKind.APPRENTICESHIP.value}, {"option": OptionKind.TAILORING.value}, {}])
def test_figure_number_equals_the_list_it_links_to(made, guide_client, narrow):
    """The list itself, asked as the figure's link asks it."""
    _caseload(made)
    client = guide_client(made.anna)
    name = "figure_kuvio2" if "option" in narrow or not narrow else "figure_kuvio1"
    figure = client.get(reverse(f"guidance:{name}", args=[made.partnership.slug]))
    url = f"{reverse('guidance:client_list')}?mine=1" + "".join(f"&{key}={value}" for key, value in narrow.items())
    [count] = {step.count for step in figure.context["steps"] if step.url == url}

    page = client.get(url)

    assert (page.status_code, len(page.context["rows"])) == (200, count)


@pytest.mark.parametrize("name", ["figure_kuvio1", "figure_kuvio2"])
def test_figure_writes_no_log_and_names_no_client(made, guide_client, name):
    pathway = make_pathway(made)

    page = guide_client(made.anna).get(reverse(f"guidance:{name}", args=[made.partnership.slug]))

    assert AccessLog.objects.count() == 0
    assert [word for word in (pathway.pseudonym, pathway.client.family_name) if word in page.content.decode()] == []


@pytest.mark.parametrize("name", ["figure_kuvio1", "figure_kuvio2"])
def test_figure_of_a_foreign_partnership_is_a_missing_one(made, guide_client, name):
    client = guide_client(make_counsellor(make_organisation()))

    foreign, missing = (client.get(reverse(f"guidance:{name}", args=[slug])) for slug in (made.partnership.slug, "ei-ole"))

    assert foreign.status_code == 404
    assert same_page(foreign, missing)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name, queries", [("figure_kuvio1", 9), ("figure_kuvio2", 10)])
def test_figure_queries(made, guide_client, django_assert_num_queries, name, queries, rows):
    for _turn in range(rows):
        make_option(make_pathway(made), made.anna)
    client, address = guide_client(made.anna), reverse(f"guidance:{name}", args=[made.partnership.slug])
    client.get(address)

    with django_assert_num_queries(queries):
        client.get(address)


def test_figures_follow_the_parts_that_the_partnership_names(made, guide_client):
    """TE services answer for mapping here, and nobody else for it; and a partnership without them has no adviser of theirs."""
    made.partnership.stage_parts |= {Stage.MAPPING: [Part.TE.value]}
    made.partnership.save()
    client = guide_client(made.anna)
    first = client.get(f"/en{reverse('guidance:figure_kuvio1', args=[made.partnership.slug])[3:]}")
    second = client.get(reverse("guidance:figure_kuvio2", args=[made.partnership.slug]))
    made.partnership.parts.filter(part=Part.TE).delete()
    without = client.get(reverse("guidance:figure_kuvio2", args=[made.partnership.slug]))

    boxes = {box.key: [mark.part for mark in box.marks] for box in first.context["drawings"][0].boxes}
    assert (boxes[Stage.MAPPING], boxes[Stage.PLANNING]) == ([Part.TE], [Part.EMPLOYMENT, Part.COLLEGE])
    assert [step.name for step in first.context["steps"] if step.is_own] == ["Mapping the education options"]
    assert [row.mark.part for row in first.context["legend"]] == [Part.EMPLOYMENT, Part.COLLEGE, Part.TE]
    assert [len(page.context["advisers"]) for page in (second, without)] == [4, 3]
    assert Part.TE not in {mark.part for mark in without.context["drawings"][1].marks}


def test_figure_shows_the_parts_with_their_letter(made, guide_client):
    page = guide_client(made.anna).get(reverse("guidance:figure_kuvio2", args=[made.partnership.slug]))

    legend = {row.mark.part: (bool(row.mark.letter), row.organisations) for row in page.context["legend"]}
    assert legend == {Part.COLLEGE: (True, [made.college.name]), Part.EMPLOYMENT: (True, [made.city.name]), Part.TE: (True, [made.te.name])}


@pytest.mark.parametrize("shape", SHAPES)
def test_kuvio1_bands_say_whose_goes_on_all_the_way(made, guide_client, shape):
    """The process is the employment service's; motivating and following up are both organisations'."""
    page = guide_client(made.anna).get(f"/en{reverse('guidance:figure_kuvio1', args=[made.partnership.slug])[3:]}")

    drawing = next(drawing for drawing in page.context["drawings"] if drawing.shape == shape)
    names = ["Process responsibility", "Motivating the client", "Follow-up and progress"]
    assert [(band.name, band.parts, band.quote) for band in page.context["bands"]] == [
        (names[0], "Employment service", "Asiakkaan prosessivastuu kuuluu työllisyyspalveluun"),
        (names[1], "Education provider, Employment service", "Asiakkaan motivointia tekevät kaikki yhdessä"),
        (names[2], "Education provider, Employment service", "asiakkaan seuranta ja eteneminen kuuluvat myös molemmille organisaatioille"),
    ]
    assert [text.words for text in drawing.texts if text.words in names] == names
    assert [(mark.part, mark.shape) for mark in drawing.marks] == [(part, "triangle") for part in (Part.EMPLOYMENT, Part.COLLEGE, Part.EMPLOYMENT, Part.COLLEGE, Part.EMPLOYMENT)]


@pytest.mark.parametrize("shape", SHAPES)
def test_kuvio2_names_the_four_advisers_each_with_its_part(made, guide_client, shape):
    page = guide_client(made.anna).get(f"/en{reverse('guidance:figure_kuvio2', args=[made.partnership.slug])[3:]}")

    drawing = next(drawing for drawing in page.context["drawings"] if drawing.shape == shape)
    whose = {"Guidance counsellor": Part.COLLEGE, "Education coordinator": Part.EMPLOYMENT, "Employment service coordinator": Part.EMPLOYMENT, "TE expert": Part.TE}
    assert [(adviser.name, adviser.parts) for adviser in page.context["advisers"]] == [(name, capfirst(str(part.label))) for name, part in whose.items()]
    assert [(text.words, mark.part, mark.shape) for text, mark in zip([text for text in drawing.texts if text.words in whose], drawing.marks, strict=True)] == [(name, part, "point") for name, part in whose.items()]


# The source: "keltaiset kolmiot" are the college's, "siniset" the employment service's, "punaiset kohdat" those of TE services.
HUES = {Part.COLLEGE: range(40, 66), Part.EMPLOYMENT: range(200, 231), Part.TE: (*range(340, 360), *range(20))}


@pytest.mark.parametrize("part", HUES)
def test_colour_of_a_part_is_the_sources_in_light_and_dark(part):
    drawn, named = ((CSS / name).read_text() for name in ("figures.css", "colours.css"))
    [variable] = re.findall(rf"\.part-{part} \.part-shape {{ fill: var\((--[\w-]+)\); }}", drawn)
    colours = re.search(rf"{variable}: light-dark\((#\w{{6}}), (#\w{{6}})\);", named).groups()

    for colour in colours:
        hue, lightness, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
        assert round(hue * 360) in HUES[part], colour
        assert (0.2 < lightness < 0.9, saturation > 0.5) == (True, True)


# One client ----------------------------------------------------------------------------------------


def _period(stage: str, day: int) -> StagePeriod:
    from datetime import UTC, datetime

    return StagePeriod(stage=stage, started_at=datetime(2026, 1, day, tzinfo=UTC))


def test_path_shows_where_the_client_is_was_and_can_go():
    pathway = Pathway(stage=Stage.MAPPING, partnership=Partnership())
    periods = [_period(stage, day) for day, stage in enumerate((Stage.REGISTERED, Stage.IDENTIFICATION, Stage.REFERRAL, Stage.MAPPING), 1)]

    figure = path_figure(pathway, periods, moves_from(Stage.MAPPING), "/go/")

    wide = figure.drawings[0]
    kinds = {box.key: next(word for word in box.kind.split() if word.startswith("is-")) for box in wide.boxes}
    assert kinds == dict.fromkeys(Stage.values, "is-ahead") | {
        Stage.REGISTERED: "is-been", Stage.IDENTIFICATION: "is-been", Stage.REFERRAL: "is-been", Stage.MAPPING: "is-here", Stage.PLANNING: "is-can", Stage.INTERRUPTED: "is-can"
    }
    assert {box.key: box.url for box in wide.boxes if box.url} == {stage: f"/go/?to={stage}" for stage in (Stage.PLANNING, Stage.INTERRUPTED)}
    assert {arrow.key for arrow in wide.arrows if "is-taken" in arrow.kind} == {"registered-identification", "identification-referral", "referral-mapping"}
    assert {arrow.key for arrow in wide.arrows if "is-open" in arrow.kind} == {"mapping-planning", "mapping-interrupted"}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_path_marks_a_stage_that_was_and_can_be_again_with_both_signs(language):
    pathway = Pathway(stage=Stage.INTERRUPTED, partnership=Partnership())
    periods = [_period(stage, day) for day, stage in enumerate((Stage.REGISTERED, Stage.IDENTIFICATION, Stage.REFERRAL, Stage.MAPPING, Stage.INTERRUPTED), 1)]

    with translation.override(language):
        figure = path_figure(pathway, periods, moves_from(Stage.INTERRUPTED), "/go/")
        drawings = figure.drawings

    for drawing in drawings:
        boxes = {box.key: box for box in drawing.boxes}
        again, fresh = boxes[Stage.MAPPING], boxes[Stage.PLANNING]
        assert {"is-been", "is-can"} <= set(again.kind.split())
        assert (again.badge, [text.kind for text in again.texts].count("tag"), [text.kind for text in fresh.texts].count("tag")) == (fresh.badge, 1, 0)
        assert_words_inside(drawing, drawing.shape, draw_kuvio1)
        assert [box.key for box in drawing.boxes for mark in box.marks if box.badge and mark.x + 28 > box.badge_x and mark.y + 24 > box.badge_y] == []
        assert [text.words for box in drawing.boxes for text in box.texts if drawing.shape == "narrow" and text.words.endswith("-")] == []


def test_two_clients_at_one_stage_share_a_drawing_with_links_of_their_own():
    pathway, periods = Pathway(stage=Stage.REGISTERED, partnership=Partnership()), [_period(Stage.REGISTERED, 1)]
    moves = moves_from(Stage.REGISTERED)

    drawn = [str(path_drawn(path_figure(pathway, periods, moves, url))) for url in ("/one/", "/other/", "")]

    assert (drawn[0].count("/one/?to="), drawn[1].count("/other/?to="), drawn[2].count("?to=")) == (len(moves) * 2, len(moves) * 2, 0)
    assert drawn[0].replace("/one/", "/other/") == drawn[1]


def test_path_of_an_ended_pathway_is_nowhere():
    pathway = Pathway(stage=Stage.GRADUATED, partnership=Partnership(), closed_at=_period(Stage.GRADUATED, 3).started_at)

    figure = path_figure(pathway, [_period(Stage.REGISTERED, 1), _period(Stage.GRADUATED, 2)], moves_from(Stage.GRADUATED), "/go/")

    assert {row.stage: row.url for row in figure.rows if row.state} == {Stage.REGISTERED: "", Stage.GRADUATED: ""}
    assert {box.kind.split()[-1] for box in figure.drawings[0].boxes} == {"is-been", "is-ahead"}


def test_path_asks_nothing_of_the_database(made, django_assert_num_queries):
    pathway = Pathway.objects.select_related("partnership").get(pk=make_shared_pathway(made).pk)
    periods = list(pathway.stage_periods.all())

    with django_assert_num_queries(0):
        path_figure(pathway, periods, moves_from(pathway.stage))
