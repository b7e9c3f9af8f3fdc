"""What each model holds of people is declared, or the portal does not start."""
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from accounts.personal import Declarations, Kept, Personal, What, Who, Why, declarations, declared, faults
from accounts.registries import Registry
from guidance.models import Client, Event, NextStep, Pathway
from services.models import Place


def said_of(**changes: Personal | None) -> Registry[Declarations]:
    """The declarations with those of some models changed; `None` stands for "holds nothing", "gone" for not declared."""
    changed: Registry[Declarations] = Registry("changed")
    for order, app in enumerate(declarations):
        rows = {model: changes.get(model.__name__, personal) for model, personal in app.models.items()}
        changed.add(order, Declarations(app.app, {model: personal for model, personal in rows.items() if personal != "gone"}))
    return changed


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"Place": "gone"}, "services.Place is not declared"),
        ({"NextStep": None}, "guidance.NextStep.pathway leads to a client"),
        ({"NextStep": Personal(Who.WORKER, Why.GUIDANCE, Kept.WORK, {What.PLANS: ("what",)})}, "guidance.NextStep.pathway leads to a client"),
        ({"Event": Personal(Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.SITUATION: ("kind", "detail")}, route="pathway__client", controller="organisation")}, "guidance.Event.text is in no category"),
        ({"Event": Personal(Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.WORDS: ("text", "detail", "no_such")}, route="pathway__client", controller="organisation")}, "guidance.Event.no_such is declared and does not exist"),
        ({"Event": Personal(Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.WORDS: ("text", "detail")}, workers=("author",), route="pathway__client", controller="organisation")}, "guidance.Event.author names workers"),
        ({"Event": Personal(Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.WORDS: ("text", "detail")}, controller="organisation")}, "guidance.Event does not say how"),
        ({"Event": Personal(Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.WORDS: ("text", "detail")}, route="pathway__somebody", controller="organisation")}, "guidance.Event: no way along"),
        ({"Event": Personal(Who.CLIENT, Why.GUIDANCE, Kept.PATHWAY, {What.WORDS: ("text", "detail")}, route="pathway__client")}, "guidance.Event does not say which organisation"),
    ],
)
def test_what_is_not_said_is_a_fault(changes, told, monkeypatch):
    assert {Place, NextStep, Event} <= {model for app in declarations for model in app.models}
    monkeypatch.setattr("accounts.personal.declarations", said_of(**changes))

    assert any(fault.startswith(told) for fault in faults()), faults()


def test_everything_is_said():
    assert faults() == []


def leading_to(targets: set[type[models.Model]]) -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if any(one.is_relation and one.related_model in targets for one in model._meta.concrete_fields):
            yield model


def test_whatever_a_walk_from_the_client_reaches_is_found_from_the_client():
    """The walk goes along the foreign keys of the models themselves, the declared routes are asked only after it."""
    reached: set[type[models.Model]] = {Client}
    while more := {model for model in leading_to(reached) if not model._meta.auto_created} - reached:
        reached |= more
    reached = {model for model in reached if not hasattr(model, "instance_type")}

    routes = {model: personal.route for model, personal in declared() if personal.of == Who.CLIENT}
    lists = {"ImportRow"}  # Which likely twin a line was compared with: the line is nobody's yet.
    assert {model.__name__ for model in reached} - lists == {model.__name__ for model, route in routes.items() if route}
    assert {Pathway, Event} <= reached


@pytest.mark.django_db
def test_record_of_processing_names_every_table_that_holds_something_of_people(client):
    page = client.get(reverse("processing"))

    shown = [label for activity in page.context["activities"] for label in activity.labels]
    assert sorted(shown) == sorted(model._meta.label for model, _personal in declared())
    assert all(f'<code lang="en">{label}</code>' in page.content.decode() for label in shown)
