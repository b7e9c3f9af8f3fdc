"""The search over everything: what is found in which form, what of it the reader may see, and what it costs."""
import pytest
from django.core.management import call_command

from pilots.registries import search_sources
from services.choices import Audience, Publication
from tests.pilots.factories import make_area, make_contact, make_municipality, make_unit
from tests.pilots.pages import page
from tests.services.factories import make_handler, make_resource, make_service

pytestmark = pytest.mark.django_db
PATH = "/en/search/"


@pytest.fixture
def network():
    call_command("load_network", verbosity=0)


def found(client, text: str, path: str = PATH) -> dict[str, list[str]]:
    """Names by the code of their group."""
    groups = client.get(path, {"q": text}).context["groups"]
    return {group.code: ["".join(piece.text for piece in hit.name.pieces) for hit in group.hits] for group in groups}


def passages(client, text: str) -> list[list[str]]:
    """The marked words of each passage."""
    groups = client.get(PATH, {"q": text}).context["groups"]
    return [[piece.text for piece in one.pieces if piece.is_hit] for group in groups for hit in group.hits for one in hit.passages]


def test_search_sources_are_those_of_the_apps_in_their_order():
    assert [source.__module__.partition(".")[0] for source in search_sources] == ["pilots", "services"]


def test_search_finds_names_of_the_real_network_in_any_form(client, network):
    asked = {
        "Kauhajoen": "Kauhajoki", "Närpes": "Närpiö", "Borgå": "Porvoo", "Mänttä-Vilppulan": "Mänttä-Vilppula", "närpiö": "Närpiö", "232": "Kauhajoki",
        "0208201-1": "Jyväskylän koulutuskuntayhtymä Gradia", "jami": "Järviseudun ammatti-instituutti",
    }  # fmt: skip

    answers = {words: [name for names in found(client, words, "/search/").values() for name in names] for words in asked}

    assert {words: name for words, name in asked.items() if name not in answers[words]} == {}
    assert ["Borgå"] in passages(client, "Borgå")
    assert "<mark>Kauhajoki</mark>" in page(client, PATH, q="Kauhajoella")


def test_search_for_a_task_leads_to_whom_to_call(client):
    assert "/en/contacts/?task=remote_teaching" in page(client, PATH, q="remote teaching")


def test_search_finds_a_person_by_title_on_the_page_of_the_place(client):
    unit = make_unit("Keksitty opisto")
    make_contact(unit, name="Keksitty Henkilö", title_fi="Etäopetuksen koordinaattori")

    hit = client.get(PATH, {"q": "koordinaattori"}).context["groups"][0].hits[0]

    assert hit.url == f"/en/units/{unit.slug}/"
    assert [piece.text for piece in hit.passages[0].pieces if piece.is_hit] == ["koordinaattori"]


@pytest.mark.parametrize("words", ["", "   ", "\x00", "zzqqxx", "x" * 10_000, "%", "_", "<script>alert(1)</script>", "'; DROP TABLE x; --"])
def test_search_is_calm_about_any_text(client, words):
    make_municipality("Kauhajoki")

    text = page(client, PATH, q=words)

    assert "/municipalities/2" not in text.partition("<main")[2]
    assert "<script>alert" not in text


def test_search_that_finds_nothing_says_what_to_do(client):
    assert "Nothing was found. Write less of the word" in page(client, PATH, q="zzqqxx")


def test_search_shows_a_few_of_a_kind_counts_all_and_leads_to_the_rest(client):
    for _turn in range(9):
        make_municipality("Samakylä")

    group = client.get(PATH, {"q": "Samakylä"}).context["groups"][0]

    assert (len(group.hits), group.count) == (6, 9)
    assert f'href="{group.list_url}"' in page(client, PATH, q="Samakylä")
    assert client.get(group.list_url).context["page_obj"].paginator.count == 9


def test_search_puts_first_what_is_called_so(client):
    for name in ("Aalto ja lampi", "Ranta ja lampi", "Zlampi"):
        make_area(name, quote="Lampi")
    make_area("Älampi")

    assert found(client, "lampi")["areas"][:2] == ["Aalto ja lampi", "Ranta ja lampi"]


def test_search_finds_of_services_what_the_readers_catalogue_does(client):
    """A draft never, one that is kept to the chosen only by those, its description only by those who may use it."""
    handler = make_handler()
    make_service(make_resource(handler.organisation), name_fi="Keksitty talli", description_fi="Sorvaamo ja hitsaamo.")
    make_service(make_resource(handler.organisation), name_fi="Luonnos talli", state=Publication.DRAFT)
    make_service(make_resource(handler.organisation), name_fi="Piilotettu talli", audience=Audience.CHOSEN, shown_outside=False)

    of_visitor = found(client, "talli"), found(client, "sorvaamo")
    client.force_login(make_handler().user)
    of_other = found(client, "talli"), found(client, "sorvaamo")
    client.force_login(handler.user)
    of_owner = found(client, "talli"), found(client, "sorvaamo")

    assert of_visitor == ({"services": ["Keksitty talli"]}, {})
    assert of_other == ({"services": ["Keksitty talli"]}, {"services": ["Keksitty talli"]})
    assert of_owner == ({"services": ["Keksitty talli", "Piilotettu talli"]}, {"services": ["Keksitty talli"]})
    assert passages(client, "sorvaamossa") == [["Sorvaamo"]]


def test_search_takes_ten_queries_for_who_costs_most(client, network, django_assert_max_num_queries):
    handler = make_handler()
    make_service(make_resource(handler.organisation), name_fi="Suupohjan keksitty sali")
    make_contact(make_area("Suupohja toinen"), name="Suupohja Keksitty")
    client.force_login(handler.user)
    client.get(PATH, {"q": "Suupohja"})

    with django_assert_max_num_queries(10):
        groups = client.get(PATH, {"q": "Suupohja"}).context["groups"]

    assert {"areas", "services", "contacts", "organisations"} <= {group.code for group in groups}
