"""What stands beside a thing as related: each with its reason, and nothing without one."""
import pytest
from django.test import Client

from pilots.choices import PublicationState
from pilots.map import MapArea, MapMember
from pilots.models import LawfulCooperation, Publication
from pilots.queries.related import areas_near, models_like, obstacles_like, publications_like
from tests.pilots.factories import make_area, make_education_form, make_goal, make_model
from tests.pilots.obstacles import make_coordinator, make_obstacle


def municipality(latitude: float | None) -> MapMember:
    return MapMember("organisation-1", "Paikka", "/", "municipality", "direct", latitude, None if latitude is None else 25.0)


@pytest.mark.django_db
def test_related_models_share_a_form_of_education_and_a_goal_and_are_public():
    form, other_form, goal, other_goal = make_education_form(), make_education_form(), make_goal(1), make_goal(2)
    area = make_area()
    models = {name: make_model(area, name_fi=name, goals=(served,)) for name, served in (("both", goal), ("form only", other_goal), ("goal only", goal), ("draft", goal), ("itself", goal))}
    for name, model in models.items():
        model.education_forms.add(other_form if name == "goal only" else form)
    models["draft"].state = PublicationState.DRAFT
    models["draft"].save()

    found = models_like(forms=[form], goals=[goal], but=models["itself"].pk)

    assert [(one.thing.name_fi, one.thing.goal) for one in found] == [("both", 1)]
    assert models_like(forms=[], goals=[goal]) == []


@pytest.mark.django_db
def test_related_obstacles_share_a_form_of_education_and_a_goal_and_are_published():
    form, goal, by = make_education_form(), make_goal(1), make_coordinator()
    both, other = make_obstacle(by, "both"), make_obstacle(by, "other goal")
    for one in (both, other):
        one.education_forms.add(form)
    both.goals.add(goal)

    assert [one.thing.pk for one in obstacles_like(forms=[form], goals=[goal])] == [both.pk]
    assert obstacles_like(forms=[form], goals=[goal], but=both.pk) == []


@pytest.mark.django_db
def test_related_publications_are_by_the_same_author():
    rows = [Publication.objects.create(kind="report", name_fi=str(number), author=author, source="testi") for number, author in enumerate(("A", "A", "B", ""))]

    assert [one.thing.pk for one in publications_like(rows[0])] == [rows[1].pk]
    assert publications_like(rows[3]) == []


def test_near_areas_are_those_of_like_size_close_by():
    areas = [MapArea(number, str(number), "/", tuple(municipality(latitude) for _one in range(size))) for number, latitude, size in ((1, 62.0, 4), (2, 62.5, 4), (3, 62.1, 64), (4, 66.0, 4), (5, 62.4, 8), (6, None, 3))]

    assert [one.area.number for one in areas_near(1, areas)] == [2, 5, 3]
    assert areas_near(6, areas) == []


@pytest.mark.django_db
def test_page_of_a_model_tells_the_law_it_rests_on_and_what_is_like_it(client: Client):
    form, goal, area = make_education_form(), make_goal(1), make_area()
    model, like = make_model(area, goals=(goal,)), make_model(area, name_fi="Samanlainen", goals=(goal,))
    for one in (model, like):
        one.education_forms.add(form)
    law = LawfulCooperation.objects.create(slug="keksitty", name_fi="Keksitty elin", statute_fi="Keksitty laki", section="51 §", is_checked=True, source="testi")
    law.models_using.add(model)

    page = client.get(f"/en/models/{model.pk}/").content.decode()

    assert [text in page for text in ("The law it rests on", "Keksitty elin", "51 §", "Samanlainen", "Same form of education, same goal (1)")] == [True] * 5
    assert "The law it rests on" not in client.get(f"/en/models/{like.pk}/").content.decode()
