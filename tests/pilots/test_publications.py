"""Publications: kept by Kuntaliitto's staff, in an Atom feed that a stranger's reader understands. Skill needs: kept by their areas."""
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.lawful import say_which_use
from pilots.actions.obstacles import merge_obstacles
from pilots.actions.publications import add_publication, archive_publication, edit_publication
from pilots.actions.skills import add_skill_need, edit_skill_need, end_skill_need
from pilots.loading.demo_obstacles import OBSTACLES, load_obstacles, remove_obstacles
from pilots.loading.network import load_network
from pilots.models import FieldOfEducation, LawfulCooperation, Obstacle, ObstacleEvent, ObstacleSupport, PilotArea, Proposal, Publication, SkillNeed
from tests.pilots.factories import make_membership, make_model
from tests.pilots.obstacles import make_coordinator, make_field, make_lawful, make_obstacle, make_publication, make_skill_need, make_staff, make_support

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def of_publication(**fields) -> dict:
    texts = ("name_sv", "author", "language", "published_in_words_fi", "published_in_words_sv", "where_fi", "where_sv", "link", "summary_fi", "summary_sv")
    return dict.fromkeys(texts, "") | {"kind": "report", "name_fi": "Raportti", "published_on": None, "source": "Keksitty"} | fields


def of_need(**fields) -> dict:
    return {"name_fi": "Lähihoitajat", "name_sv": "", "field": make_field(), "need_now": "urgent", "need_later": "growing", "source": "Keksitty", "dated_on": date(2026, 1, 2)} | fields


def client_of(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def test_publications_are_kept_by_staff_alone(coordinator):
    publication = make_publication()

    for by in (coordinator, make_membership()):
        for act in (lambda by=by: add_publication(by=by, values=of_publication()), lambda by=by: archive_publication(by=by, pk=publication.pk), lambda by=by: edit_publication(by=by, pk=publication.pk, version=1, values=of_publication())):
            with pytest.raises(PermissionDenied):
                act()


def test_publication_is_added_edited_and_archived():
    staff = make_staff()
    publication = add_publication(by=staff, values=of_publication())
    assert add_publication(by=staff, values=of_publication()).pk == publication.pk

    assert edit_publication(by=staff, pk=publication.pk, version=1, values=of_publication(author="Keksitty Tekijä")) is True
    with pytest.raises(ChangedMeanwhile):
        edit_publication(by=staff, pk=publication.pk, version=1, values=of_publication(author="Toinen"))
    with pytest.raises(ValidationError):
        edit_publication(by=staff, pk=publication.pk, version=2, values=of_publication(name_fi=""))
    assert [(row.author, row.history_user) for row in publication.history.all()] == [("Keksitty Tekijä", staff.user), ("", staff.user)]

    archive_publication(by=staff, pk=publication.pk)
    assert Client().get(reverse("pilots:publication_list")).context["page_obj"].paginator.count == 0
    assert Client().get(f"{reverse('pilots:publication_list')}?state=archived").context["page_obj"].paginator.count == 1
    assert b"<entry>" not in Client().get(reverse("pilots:publication_feed")).content
    assert archive_publication(by=staff, pk=publication.pk).archived_at is None


def test_publication_edit_conflict_keeps_both():
    staff = make_staff()
    publication = add_publication(by=staff, values=of_publication())
    edit_publication(by=staff, pk=publication.pk, version=1, values=of_publication(author="Toisen tekijä"))

    answer = client_of(staff).post(reverse("pilots:publication_edit", args=[publication.pk]), {key: value or "" for key, value in of_publication(name_fi="Oma otsikko").items()} | {"version": "1"})

    assert answer.status_code == 409
    assert {side.name: side.mine for side in answer.context["sides"]} == {"name_fi": True, "author": False}
    assert (answer.context["form"]["name_fi"].value(), answer.context["form"]["author"].value()) == ("Oma otsikko", "Toisen tekijä")


@pytest.mark.parametrize("language", ["", "/sv", "/en"])
@pytest.mark.parametrize("rows", [0, 2])
def test_feed_has_what_atom_demands(language, rows):
    """RFC 4287: one id, title and updated of the feed and of each entry, an author, a link to itself, ids that differ and are absolute; read by a parser of its own."""
    for number in range(rows):
        make_publication(name_fi=f"Julkaisu <{number}> & muut \x0b", summary_fi="" if number else "Yhteenveto", published_on=date(2026, 1, 1) if number else None)

    answer = Client().get(f"{language}/publications/feed/")
    feed = ElementTree.fromstring(answer.content)

    assert answer["Content-Type"].split(";")[0] == "application/atom+xml"
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == rows
    for thing in (feed, *entries):
        assert [len(thing.findall(f"{ATOM}{name}")) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert parse_datetime(thing.findtext(f"{ATOM}updated")).tzinfo is not None
        assert thing.findtext(f"{ATOM}id").startswith("https://kopa.example.org/")
        assert thing.findtext(f"{ATOM}author/{ATOM}name")
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}
    assert all(entry.find(f"{ATOM}link").get("href").startswith("https://kopa.example.org") and entry.find(f"{ATOM}summary") is not None for entry in entries)
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == rows


def test_register_and_publications_are_loaded_with_sources():
    """Checked forms of the Local Government Act name their section, the acts that nobody has checked none; the fields of education are the twelve."""
    load_network()

    law = {row.slug: (row.number, row.section) for row in LawfulCooperation.objects.filter(is_checked=True)}
    assert law == {
        "joint-body": ("410/2015", "51–52 §"), "joint-post": ("410/2015", "53 §"), "agreement-on-authority-task": ("410/2015", "54 §"), "joint-authority": ("410/2015", "55–64 §"),
    }  # fmt: skip
    assert set(LawfulCooperation.objects.filter(is_checked=False).values_list("number", "section")) == {("", "")}
    assert not [row for row in (*LawfulCooperation.objects.all(), *Publication.objects.all()) if not row.source]
    assert Publication.objects.get(slug="pre-study").author == "Kouluneuvos Aulis Pitkälä"
    assert set(Publication.objects.values_list("published_on", "link")) == {(None, "")}
    assert FieldOfEducation.objects.count() == 12
    with pytest.raises(IntegrityError), transaction.atomic():
        LawfulCooperation.objects.filter(slug="vocational-act").update(section="5 §")


def test_skill_need_is_of_the_own_area(coordinator):
    need = add_skill_need(by=coordinator, area_id=coordinator.area_id, values=of_need())
    assert add_skill_need(by=coordinator, area_id=coordinator.area_id, values=of_need()).pk == need.pk

    other = make_coordinator()
    for by in (other, make_staff()):
        with pytest.raises(PermissionDenied):
            add_skill_need(by=by, area_id=coordinator.area_id, values=of_need())
        with pytest.raises(PermissionDenied):
            end_skill_need(by=by, area_id=coordinator.area_id, pk=need.pk)
    with pytest.raises(SkillNeed.DoesNotExist):
        end_skill_need(by=other, area_id=other.area_id, pk=need.pk)
    with pytest.raises(ValidationError):
        add_skill_need(by=coordinator, area_id=coordinator.area_id, values=of_need(dated_on=timezone.localdate() + timedelta(days=1)))


def test_skill_need_edit_and_end_keep_the_history(coordinator):
    need = add_skill_need(by=coordinator, area_id=coordinator.area_id, values=of_need())

    edit_skill_need(by=coordinator, area_id=coordinator.area_id, pk=need.pk, version=1, values=of_need(need_now="small"))
    with pytest.raises(ChangedMeanwhile):
        edit_skill_need(by=coordinator, area_id=coordinator.area_id, pk=need.pk, version=1, values=of_need(need_now="large"))
    end_skill_need(by=coordinator, area_id=coordinator.area_id, pk=need.pk)
    with pytest.raises(ValidationError):
        end_skill_need(by=coordinator, area_id=coordinator.area_id, pk=need.pk)

    assert [row.need_now for row in need.history.all()] == ["small", "small", "urgent"]
    assert Client().get(coordinator.area.get_absolute_url()).context["skill_needs"] == []


def test_skill_need_stands_on_the_page_of_its_area(coordinator):
    need = make_skill_need(coordinator.area)
    make_skill_need(make_coordinator().area)

    assert Client().get(coordinator.area.get_absolute_url()).context["skill_needs"] == [need]


def test_skill_need_conflict_shows_both(coordinator):
    need = add_skill_need(by=coordinator, area_id=coordinator.area_id, values=of_need())
    edit_skill_need(by=coordinator, area_id=coordinator.area_id, pk=need.pk, version=1, values=of_need(field=make_field("07")))
    form = {"version": "1", "name_fi": "Sairaanhoitajat", "field": str(make_field().pk), "need_now": "urgent", "need_later": "growing", "source": "Keksitty", "dated_on": "2.1.2026"}

    answer = client_of(coordinator).post(reverse("pilots:skill_need_edit", args=[coordinator.area.slug, need.pk]), form)

    assert (answer.status_code, answer.context["form"]["field"].value(), answer.context["form"]["name_fi"].value()) == (409, str(make_field("07").pk), "Sairaanhoitajat")


def test_invented_obstacles_come_and_go_and_touch_nothing_else():
    """Twice the same, and removed with all that stands on them; a real obstacle with an invented duplicate stays as it was."""
    load_network()
    coordinator = make_coordinator(PilotArea.objects.get(slug="suupohja"))
    now, real = timezone.now(), make_obstacle(coordinator)
    made = load_obstacles(now=now)
    assert (made, load_obstacles(now=now)) == (len(OBSTACLES), 0)
    assert {proposal.status for proposal in Proposal.objects.all()} == {"made", "handed_over", "answered", "accepted"}
    invented = Obstacle.objects.filter(is_demo=True).first()
    make_support(invented, coordinator.area)
    merge_obstacles(by=make_staff(), obstacle_id=real.pk, into_id=invented.pk)

    assert remove_obstacles() == made

    counts = {model.__name__: model.objects.count() for model in (Obstacle, ObstacleSupport, Proposal, ObstacleEvent, SkillNeed)}
    assert counts == {"Obstacle": 1, "ObstacleSupport": 0, "Proposal": 0, "ObstacleEvent": 1, "SkillNeed": 0}
    assert Obstacle.objects.get().merged_into is None


def test_models_that_use_a_lawful_form_are_told_by_those_who_keep_them(coordinator):
    form, other = make_lawful(), make_coordinator()
    own, foreign = make_model(coordinator.area), make_model(other.area)
    say_which_use(by=other, form=form, model_ids=[foreign.pk])

    say_which_use(by=coordinator, form=form, model_ids=[own.pk, foreign.pk])
    assert {model.pk for model in form.models_using.all()} == {own.pk, foreign.pk}
    client_of(coordinator).post(reverse("pilots:lawful_models", args=[form.slug]), {})

    assert [model.pk for model in form.models_using.all()] == [foreign.pk]
    [shown] = Client().get(reverse("pilots:lawful_list")).context["unchecked"]
    assert [model.pk for model in shown.shown_models] == [foreign.pk]
    with pytest.raises(PermissionDenied):
        say_which_use(by=make_membership(), form=form, model_ids=[])
