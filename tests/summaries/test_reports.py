"""What an area's report tells of obstacles and proposals: as everyone sees them, and as many as the lists have."""
from datetime import date

import pytest
from django.utils import translation

from pilots.choices import ProposalStatus
from summaries.outline import Document, Section
from summaries.queries.area_report import area_report
from tests.pilots.factories import make_area
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
