"""Availability of education: what an area tells of its municipalities, what is missing and what nobody has told, and what a learner reaches."""
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import translation

from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.provisions import PROVISION_FIELDS, add_provision, edit_provision, end_provision
from pilots.choices import forms_for
from pilots.loading.demo_provisions import load_provisions, remove_provisions
from pilots.models import Provision
from pilots.queries.availability import availability, within_reach
from tests.pilots.factories import (
    make_area,
    make_education_form,
    make_member,
    make_membership,
    make_municipal_organisation,
    make_municipality,
    make_organisation,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    """Refusals are compared by their words; the words of the code, whatever they are translated to."""
    with translation.override("en"):
        yield


@pytest.fixture
def place(coordinator):
    """A municipality of the coordinator's own area."""
    town = make_municipality("Oma kunta", code="841", latitude=62.0, longitude=25.0)
    make_member(coordinator.area, make_municipal_organisation(town))
    return town


@pytest.fixture
def general():
    return make_education_form(code="general-upper-secondary")


def told(municipality, form, **changes) -> dict:
    values = dict.fromkeys(PROVISION_FIELDS) | {"municipality": municipality, "form": form, "way": "own", "provider": None, "place": "", "in_finnish": True, "in_swedish": False, "source": "Kunnan verkkosivu"}
    values |= changes
    if values["provider"] is None and values["way"] != "missing":
        values["provider"] = make_organisation()
    return values


def add(by, values):
    return add_provision(by=by, area_id=by.area_id, values=values)


def test_provision_is_told_of_own_municipalities_only(coordinator, place, general):
    values = told(place, general)
    assert add(coordinator, values) == add(coordinator, values)

    with pytest.raises(ValidationError, match="municipalities"):
        add(coordinator, told(make_municipality(), general))
    with pytest.raises(PermissionDenied):
        add_provision(by=coordinator, area_id=make_area().pk, values=values)
    with pytest.raises(PermissionDenied):
        add_provision(by=make_membership(), area_id=coordinator.area_id, values=values)


def test_provision_that_is_missing_has_no_provider_and_no_other_way(coordinator, place, general):
    gone = {"way": "missing", "in_finnish": False}
    with pytest.raises(ValidationError, match="Name the provider"):
        add(coordinator, told(place, general) | {"provider": None})
    with pytest.raises(ValidationError, match="leave them empty"):
        add(coordinator, told(place, general, way="missing"))
    first = add(coordinator, told(place, general))
    with pytest.raises(ValidationError, match="Take that off first"):
        add(coordinator, told(place, general, **gone))
    end_provision(by=coordinator, area_id=coordinator.area_id, pk=first.pk)

    add(coordinator, told(place, general, **gone))

    [row] = availability(place)
    assert (row.ways, row.missing.source) == ([], "Kunnan verkkosivu")


def test_provision_changed_meanwhile_is_refused_with_409_and_the_history_kept(client, coordinator, place, general):
    mine = add(coordinator, told(place, general))
    theirs = told(place, general, provider=mine.provider, place="Lukio")
    assert edit_provision(by=coordinator, area_id=coordinator.area_id, pk=mine.pk, version=1, values=theirs)
    with pytest.raises(ChangedMeanwhile):
        edit_provision(by=coordinator, area_id=coordinator.area_id, pk=mine.pk, version=1, values=theirs | {"place": "Koulu"})

    client.force_login(coordinator.user)
    url = reverse("pilots:provision_edit", args=[coordinator.area.slug, mine.pk])
    sent = {"version": 1, "municipality": place.pk, "form": general.pk, "way": "own", "provider": mine.provider_id, "place": "Koulu", "in_finnish": "on", "source": "Kunnan verkkosivu"}
    answer = client.post(url, sent)

    assert answer.status_code == 409
    assert "Lukio" in answer.content.decode()
    assert Provision.objects.get().place == "Lukio"
    assert [row.place for row in Provision.history.order_by("history_id")] == ["", "Lukio"]


def test_municipality_page_parts_missing_from_not_told(client, coordinator, place, general):
    make_education_form(code="vocational")
    add(coordinator, told(place, general, way="missing", in_finnish=False))
    make_organisation("Tunnettu opisto", municipality=place, education_forms=(make_education_form(code="higher"),))

    missing, untold, known = availability(place)
    text = client.get(place.get_absolute_url(), headers={"accept-language": "en"}).content.decode()

    assert (missing.missing is not None, untold.missing, untold.ways, untold.known) == (True, None, [], [])
    assert [body.name_fi for body in known.known] == ["Tunnettu opisto"]
    assert "Tunnettu opisto</a>" in text
    assert text.count("badge-line waiting") == 1
    assert "availability/add" not in text
    client.force_login(coordinator.user)
    assert "availability/add/?m=841" in client.get(place.get_absolute_url()).content.decode()


def test_learner_reaches_what_is_near_or_remote_in_the_language(client, coordinator, place, general):
    far = make_municipality("Kaukana", code="842", latitude=66.0, longitude=25.0)
    near = make_municipality("Naapuri", code="843", latitude=62.2, longitude=25.0)
    for other in (far, near):
        make_member(coordinator.area, make_municipal_organisation(other))
    own = add(coordinator, told(place, general))
    beside = add(coordinator, told(near, general))
    remote = add(coordinator, told(far, general, way="remote"))
    add(coordinator, told(far, general, place="Liian kaukana"))
    swedish = add(coordinator, told(place, general, in_finnish=False, in_swedish=True))

    found = [way.provision for way in within_reach(place, ["general-upper-secondary"], "fi").ways]

    assert (found[0], set(found)) == (own, {own, beside, remote})
    assert [way.provision for way in within_reach(place, ["general-upper-secondary"], "sv").ways] == [swedish]
    answer = client.get("/en/what-can-i-study/?municipality=841&goal=matriculate&age=16&schooling=&language=")
    assert len(answer.context["reach"].ways) == 4
    assert client.get("/en/what-can-i-study/?municipality=xxx&age=-1").context["form"].errors


def test_learner_is_told_once_of_a_course_that_several_municipalities_tell_of(coordinator, place, general):
    body, neighbour = make_organisation("Etälukio oy"), make_municipality("Naapuri")
    make_member(coordinator.area, make_municipal_organisation(neighbour))
    for one in (neighbour, place):
        add(coordinator, told(one, general, way="remote", provider=body, place="Keksitty etälukio"))
    twice_elsewhere = add(coordinator, told(place, general, way="remote", provider=body, place="Toinen etälukio"))

    found = [way.provision for way in within_reach(place, ["general-upper-secondary"], "").ways]

    assert [(one.place, one.municipality) for one in found] == [("Keksitty etälukio", place), (twice_elsewhere.place, place)]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ((3, "", ""), {"early-childhood"}),
        ((6, "", ""), {"pre-primary", "early-childhood"}),
        ((10, "", ""), {"basic"}),
        ((16, "basic", ""), {"general-upper-secondary", "vocational", "liberal-adult"}),
        ((40, "none", ""), {"basic-adult"}),
        ((40, "none", "occupation"), {"vocational"}),
        ((None, "", "finish_school"), {"basic", "basic-adult"}),
        ((30, "upper", ""), {"higher", "vocational", "liberal-adult"}),
    ],
)
def test_forms_for_a_learner_follow_goal_schooling_and_age(asked, codes):
    assert forms_for(*asked) == codes


def test_invented_provisions_go_and_leave_the_rest(coordinator, place, general):
    kept = add(coordinator, told(place, general))
    area = make_area(slug="suupohja")
    make_member(area, make_municipal_organisation(make_municipality()))
    make_member(area, make_organisation())

    assert (load_provisions(), load_provisions()) == (1, 0)
    assert remove_provisions() == 1
    assert list(Provision.objects.all()) == [kept]
    assert Provision.history.count() == 1
