"""What an area's report tells of obstacles and proposals: as everyone sees them, and as many as the lists have."""
from datetime import date

import pytest
from django.utils import translation

from pilots.choices import ProposalStatus
from pilots.models import ModelResult
from summaries.outline import Document, Section
from summaries.queries.area_report import area_report
from tests.pilots.factories import make_area, make_goal, make_model, make_organisation
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal, make_support
from tests.pilots.pages import page

pytestmark = pytest.mark.django_db


def report(slug: str) -> Document:
    with translation.override("en"):
        document = area_report(slug)
    assert document is not None
    return document


def section(document: Document, code: str) -> Section:
    return next(one for one in document.sections if one.id == code)


def first_cells(found: Section) -> list[str]:
    return [str(row[0]) for row in found.blocks[0].rows]


def figures(document: Document) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in section(document, "figures").blocks[0].rows}


def test_report_lists_obstacles_the_area_told_of_or_stands_behind_and_counts_them_so(client):
    area, other = make_area("Oma alue", slug="oma"), make_coordinator(make_area("Toinen alue"))
    own = make_coordinator(area)
    make_obstacle(own, "Oma este")
    backed = make_obstacle(other, "Tuettu este")
    make_support(backed, area)
    make_proposal(backed, text_fi="Muutetaan **lakia**.")
    make_proposal(backed, text_fi="Vielä luonnos.", status=ProposalStatus.DRAFT, made_on=None)
    make_obstacle(own, "Oma luonnos", published_at=None)
    make_obstacle(other, "Muiden este")

    document = report("oma")
    listed = client.get("/en/obstacles/", {"area": "oma"}).context["page_obj"].paginator.count

    assert first_cells(section(document, "obstacles")) == ["Tuettu este", "Oma este"]
    assert section(document, "obstacles").blocks[0].rows[0][3] == "2"
    assert first_cells(section(document, "proposals")) == ["Muutetaan lakia."]
    assert listed == 2
    assert (figures(document)["Obstacles that the area has told of or stands behind"], figures(document)["Proposals made to remove them"]) == ("2", "1")


def test_report_of_a_signed_in_coordinator_holds_no_draft(client):
    own = make_coordinator(make_area("Oma alue", slug="oma"))
    make_obstacle(own, "Oma luonnos", published_at=None)
    client.force_login(own.user)

    assert "Oma luonnos" not in page(client, "/en/areas/oma/report/")


def test_report_tells_the_day_of_what_became_of_a_proposal():
    own = make_coordinator(make_area("Oma alue", slug="oma"))
    obstacle = make_obstacle(own, "Este")
    make_proposal(obstacle, status=ProposalStatus.HANDED_OVER, made_on=date(2026, 1, 5), handed_over_on=date(2026, 2, 6))

    assert section(report("oma"), "proposals").blocks[0].rows[0][-1] == "6.2.2026"


def test_search_finds_obstacles_but_no_drafts(client):
    own = make_coordinator(make_area("Oma alue"))
    make_obstacle(own, "Koulukyyti", description_fi="Kuntien *rajalla* kyyti loppuu.")
    make_obstacle(own, "Koulukyydin luonnos", published_at=None)
    client.force_login(own.user)

    [group] = [one for one in client.get("/en/search/", {"q": "rajat kyyti"}).context["groups"] if one.code == "obstacles"]

    assert [hit.name.pieces[0].text for hit in group.hits] == ["Koulukyyti"]
    assert [piece.text for piece in group.hits[0].passages[0].pieces if piece.is_hit] == ["rajalla", "kyyti"]


def test_report_tells_models_with_partners_results_and_lessons(client):
    area = make_area("Oma alue", slug="oma")
    first = make_goal(1, title_en="First goal")
    make_goal(2, title_en="Second goal")
    model = make_model(area, name_fi="Yhteinen lukio", goals=(first,), partners=({"organisation": make_organisation("Kumppani ky"), "actions_fi": "Antaa **opettajan**.", "euros": 1200},), lessons_fi="Aloitetaan ajoissa.", cost=5000, since=date(2021, 3, 1))
    ModelResult.objects.create(model=model, tag="availability", text_fi="Kurssivalikoima kasvoi", figure=12, unit="kurssia", measured_on=date(2025, 5, 31), how_fi="laskettu")
    make_model(area, name_fi="Toinen malli", status="trial")
    make_model(area, name_fi="Luonnosmalli", state="draft", published_at=None)

    document = report("oma")
    model_section = section(document, f"model-{model.pk}")
    partners, results = (block for block in model_section.blocks if block.block == "table")

    assert [str(cell) for cell in partners.rows[0]] == ["Kumppani ky", "Antaa opettajan.", "", "1,200"]
    assert [str(cell) for cell in results.rows[0]] == ["Kurssivalikoima kasvoi", "Availability", "12 kurssia", "31.5.2025", "laskettu"]
    assert [[str(cell) for cell in row][:2] for row in section(document, "goals").blocks[0].rows] == [["First goal", "1"], ["Second goal", "0"]]
    assert [str(item) for item in section(document, "lessons").blocks[0].items] == ["Yhteinen lukio: Aloitetaan ajoissa."]
    assert {name: figures(document)[name] for name in ("Cooperation models published", "of them: In use", "of them: Being tried", "of them: Ended")} == {
        "Cooperation models published": "2", "of them: In use": "1", "of them: Being tried": "1", "of them: Ended": "0",
    }  # fmt: skip
    assert client.get("/en/models/", {"area": "oma"}).context["page_obj"].paginator.count == 2
    assert "Luonnosmalli" not in " ".join(document.texts())


def test_search_finds_models_by_what_is_done_but_no_drafts(client):
    area = make_area("Oma alue")
    make_model(area, name_fi="Yhteinen lukio", body_fi="Etäopetusta *kolmesta* kunnasta.")
    make_model(area, name_fi="Luonnos etäopetuksesta", state="draft", published_at=None)

    [group] = [one for one in client.get("/en/search/", {"q": "etäopetus"}).context["groups"] if one.code == "models"]

    assert [[piece.text for piece in hit.name.pieces] for hit in group.hits] == [["Yhteinen lukio"]]
    assert [piece.text for piece in group.hits[0].passages[0].pieces if piece.is_hit] == ["Etäopetusta"]
    assert client.get(group.list_url).context["page_obj"].paginator.count == group.count == 1
