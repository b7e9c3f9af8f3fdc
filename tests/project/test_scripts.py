"""No text that somebody writes runs as a script: every text column and every field, in Chromium, with the policy off."""
import random
from collections.abc import Iterator
from itertools import cycle

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import DatabaseError, models, transaction
from django.utils.http import urlencode

from tests.project.scripts import BEFORE, PAYLOADS, PLACES, run_in
from tests.project.test_answers import PARAMETERS, field_names
from tests.project.walk import stops

OWN_APPS = ("accounts", "pilots", "services", "guidance", "summaries")
SHORTEST = 20


@pytest.fixture
def bare_page(browser) -> Iterator:
    """A page that asks no server for anything."""
    context = browser.new_context()
    context.add_init_script(BEFORE)
    context.route("**/*", lambda route: route.abort())
    yield context.new_page()
    context.close()


@pytest.mark.once
@pytest.mark.browser
def test_scripts_each_payload_is_seen_where_nothing_stops_it(bare_page):
    unseen = [payload for place, payload in PAYLOADS if not run_in(bare_page, PLACES[place].format(payload))]
    wronged = [payload for _place, payload in PAYLOADS if run_in(bare_page, PLACES["text"].format(payload.replace("&", "&amp;").replace("<", "&lt;")))]

    assert (unseen, wronged, len(PAYLOADS)) == ([], [], 30)


def written_columns() -> list[models.Field]:
    """Columns that hold what people write: text without choices, long enough for a sentence, and nothing that an address is made of."""
    return [
        field
        for model in apps.get_models()
        if model._meta.app_label in OWN_APPS and not hasattr(model, "instance_type")
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField) and not field.choices and not field.unique and not field.primary_key
        if field.model is model and (field.max_length is None or field.max_length >= SHORTEST)
    ]


def poison(payloads: Iterator[str]) -> list[str]:
    """Puts a payload into each text column of each row, as it comes; what the database itself refuses stays as it was."""
    poisoned = []
    for field in written_columns():
        for pk in field.model._base_manager.values_list("pk", flat=True)[:4]:
            text = next(payload for payload in payloads if len(payload) <= (field.max_length or 1000))
            try:
                with transaction.atomic():
                    field.model._base_manager.filter(pk=pk).update(**{field.name: text})
            except DatabaseError:
                continue
            poisoned.append(str(field))
    return poisoned


def drawn(things: list, proof: bool, rng: random.Random, count: int) -> list:
    return things if proof else rng.sample(things, min(count, len(things)))


@pytest.mark.once
@pytest.mark.browser
@pytest.mark.battery
@pytest.mark.django_db
def test_scripts_in_any_text_field_or_address_do_not_run(world, client_of, bare_page, proof: bool, rng: random.Random):
    """What is stored, what an address says, and what a form shows again. Account pages are left out of the forms: they would change who is signed in."""
    payloads = cycle(rng.sample([payload for _place, payload in PAYLOADS], len(PAYLOADS)))
    fields = set(poison(payloads))
    ran, shown = [], 0

    def look(asked: str, response) -> None:
        nonlocal shown
        if not response.streaming and "text/html" in response.headers.get("Content-Type", ""):
            html = response.content.decode()
            shown += "alert(1)" in html
            ran.extend(f"{asked}: {what}" for what in run_in(bare_page, html))

    for stop in drawn(list(stops(world)), proof, rng, 30):
        look(stop.path, client_of(stop.person).get(stop.path))
    for stop in drawn(list(stops(world)), proof, rng, 10):
        look(f"{stop.path}?", client_of(stop.person).get(f"{stop.path}?{urlencode({name: next(payloads) for name in PARAMETERS})}"))
    for stop in drawn([one for one in stops(world, method="POST") if not one.name.startswith(("account", "mfa", "openid"))], proof, rng, 15):
        client = client_of(stop.person)
        cache.clear()
        look(f"POST {stop.path}", client.post(stop.path, {name: next(payloads) for name in field_names(client, stop)}))

    assert ran == []
    assert len(fields) > 100
    assert shown > 5
