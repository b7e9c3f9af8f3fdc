"""The feeds of what has changed, as a reader of feeds understands them."""
from datetime import timedelta

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from pilots.choices import PublicationState
from pilots.models import Obstacle, ObstacleEvent
from services.choices import Publication
from services.models import SharedService
from tests.pilots.factories import make_area, make_member, make_model
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal, make_publication
from tests.services.factories import make_resource, make_service

pytestmark = pytest.mark.django_db


def read(path: str) -> feedparser.FeedParserDict:
    answer = Client().get(path)
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo, found.bozo_exception
    return found


def titles(path: str) -> set[str]:
    return {entry.title for entry in read(path).entries}


def test_feed_has_what_is_public_and_no_more():
    area = make_area("Suupohja", description_fi="Teksti")
    model, obstacle, service = make_model(area), make_obstacle(make_coordinator(area)), make_service(published_at=timezone.now())
    publication = make_publication()
    make_model(area, state=PublicationState.DRAFT)
    make_obstacle(make_coordinator(area), published_at=None)
    make_service(state=Publication.DRAFT, published_at=timezone.now())
    make_service(shown_outside=False, published_at=timezone.now())

    assert titles(reverse("summaries:change_feed")) == {one.name for one in (area, model, obstacle, service, publication)}


def test_feed_of_an_area_has_its_own_things():
    area, other = make_area(), make_area()
    owner = make_member(area).organisation
    model, obstacle, service = make_model(area), make_obstacle(make_coordinator(area)), make_service(make_resource(owner), published_at=timezone.now())
    make_model(other)
    make_obstacle(make_coordinator(other))
    make_service(published_at=timezone.now())

    assert titles(reverse("summaries:area_change_feed", args=[area.slug])) == {one.name for one in (area, model, obstacle, service)}
    assert Client().get(reverse("summaries:area_change_feed", args=["ei-ole"])).status_code == 404


@pytest.mark.parametrize("language", ["", "/sv", "/en"])
def test_feed_is_newest_first_and_an_entry_keeps_its_name(language):
    old, new = (make_obstacle(make_coordinator(), name) for name in ("Vanha <este> & \x0b", "Uusi este"))
    Obstacle.objects.filter(pk=old.pk).update(published_at=timezone.now() - timedelta(days=2))
    old.events.update(at=timezone.now() - timedelta(days=1))

    feed = read(f"{language}/changes/feed/")
    mine = [entry for entry in feed.entries if entry.tags[0].term == "obstacle"]

    assert [entry.id.rpartition("/obstacle/")[2] for entry in mine] == [f"{new.pk}/", f"{old.pk}/"]
    assert mine[1].title == "Vanha <este> &"
    assert all(entry.link.startswith(f"https://kopa.example.org{language}/obstacles/") for entry in mine)
    assert feed.version == "atom10"
    assert feed.feed.updated_parsed >= mine[0].updated_parsed > mine[1].updated_parsed
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)


def test_feed_does_not_tell_that_a_service_changed_inside():
    service = make_service(published_at=timezone.now() - timedelta(days=3))
    before = read(reverse("summaries:change_feed")).entries

    SharedService.objects.get(pk=service.pk).save()

    assert read(reverse("summaries:change_feed")).entries == before


def test_feed_does_not_tell_that_a_proposal_is_being_drafted():
    obstacle = make_obstacle(make_coordinator())
    before = read(reverse("summaries:change_feed")).entries
    draft = make_proposal(obstacle, status="draft", made_on=None)
    ObstacleEvent.objects.create(obstacle=obstacle, proposal=draft, act="edited", at=timezone.now() + timedelta(hours=1))

    assert read(reverse("summaries:change_feed")).entries == before


def test_feed_without_anything_is_a_feed():
    assert read(reverse("summaries:change_feed")).entries == []


def test_feed_asks_as_often_for_many_as_for_one():
    asked = []
    for _round in range(2):
        for _number in range(2):
            make_model(make_area())
            make_obstacle(make_coordinator())
            make_service(published_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            Client().get(reverse("summaries:change_feed"))
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 6


def test_feed_is_not_sent_again_when_nothing_has_changed():
    make_area()
    client = Client()
    first = client.get(reverse("summaries:change_feed"))

    assert client.get(reverse("summaries:change_feed"), headers={"If-None-Match": first["ETag"]}).status_code == 304
