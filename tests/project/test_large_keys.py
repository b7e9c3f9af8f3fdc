"""Keys above a thousand, as every real database has them: a number written for people ("2 217") in an address, an id or a
value that a form sends leads nowhere."""
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.urls import reverse

from guidance.actions.drop_ins import log_drop_in
from tests.project.states import answer_of, make_states, states
from tests.project.walk import stops
from tests.project.world import World, make_world

pytestmark = pytest.mark.once

FIRST_KEY = 234_567
# A number in groups, as Finnish and Swedish write it (a space that does not break) and English does.
GROUPED = re.compile(r"\d[\s\u00a0\u202f,]\d{3}(?!\d)|\d%C2%A0\d{3}|\d%E2%80%AF\d{3}", re.I)
ADDRESSES = {"id", "for", "name", "href", "action", "formaction", "src", "aria-labelledby", "aria-describedby", "aria-controls"}
SENT_AS_IT_IS = {"hidden", "radio", "checkbox", "submit"}


@pytest.fixture
def world(db) -> World:
    start_keys_at(FIRST_KEY)
    world = make_world()
    make_states(world)
    log_drop_in(by=world.memberships["counsellor"], partnership=world.own.partnership, topic="work")
    return world


def start_keys_at(number: int) -> None:
    """The next row of every table has this key."""
    with connection.cursor() as cursor:
        for model in apps.get_models():
            table, key = model._meta.db_table, model._meta.pk
            if key.get_internal_type() not in ("AutoField", "BigAutoField"):
                continue
            if connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, number - 1])
            else:
                cursor.execute(f"ALTER TABLE {connection.ops.quote_name(table)} ALTER COLUMN {connection.ops.quote_name(key.column)} RESTART WITH {number}")


class Reader(HTMLParser):
    """What a browser follows, finds or sends: not what is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attributes) -> None:
        values = dict(attributes)
        wanted = ADDRESSES | ({"value"} if tag in ("option", "button") or (tag == "input" and values.get("type") in SENT_AS_IT_IS) else set())
        self.found += [f"<{tag} {name}={value!r}>" for name, value in attributes if name in wanted and value and GROUPED.search(value)]


def grouped_in(html: str) -> list[str]:
    reader = Reader()
    reader.feed(html)
    return reader.found


def pages(world: World) -> Iterator[SimpleNamespace]:
    yield from stops(world)
    yield from states(world, "fi")


def test_no_address_or_id_has_a_number_in_groups(world, client_of):
    faults, opened, large = [], 0, 0

    for stop in pages(world):
        response = answer_of(client_of(stop.person), stop)
        if not response.get("Content-Type", "").startswith("text/html") or response.streaming:
            continue
        html = response.content.decode()
        opened += 1
        large += str(FIRST_KEY)[:3] in html
        faults += [f"{stop.name} ({stop.path}): {fault}" for fault in grouped_in(html)]

    assert faults == []
    assert opened > 100
    assert large > 20


@pytest.mark.parametrize("html", ['<li id="event-244\u00a0232">', '<a href="/x/?talk=2,217">', '<a href="/x/?talk=2%C2%A0217">', '<option value="1 234">', '<input type="hidden" value="1\u202f234">'])
def test_number_in_groups_is_found(html):
    assert grouped_in(html) != []


@pytest.mark.parametrize("html", ["<p>1\u00a0234</p>", '<input type="text" value="1 234">', '<a href="/x/?talk=2217">', '<path d="1,234">'])
def test_number_for_people_is_left_alone(html):
    assert grouped_in(html) == []


def test_talk_with_a_large_key_leads_to_the_form_of_its_pathway(world, client_of):
    client = client_of("counsellor")
    page = client.get(reverse("guidance:drop_in_list")).content.decode()

    [link] = re.findall(r'href="([^"]*\?talk=[^"]*)"', page)

    assert str(FIRST_KEY) in link
    assert client.get(link).status_code == 200


def test_event_of_the_timeline_has_an_id_without_a_space(world, client_of):
    page = client_of("counsellor").get(world.own.pathway.get_absolute_url()).content.decode()

    assert re.search(r'id="event-\d{6}"', page)
