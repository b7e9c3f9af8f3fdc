"""Kuopio's partnership model, loaded with all that its description tells; invented models of every area, and their removal."""
import pytest
from django.core.management import call_command

from pilots.actions.cooperation import copy_model, edit_model
from pilots.actions.discussion import add_comment, report_fault
from pilots.choices import Role
from pilots.loading.cooperation import load_models
from pilots.loading.demo_models import load_demo_models, remove_demo_models
from pilots.models import Comment, CooperationModel, FaultReport, PilotArea
from pilots.queries.cooperation import parts_of, values_of
from tests.pilots.factories import make_membership, make_user


@pytest.fixture
def network(db):
    call_command("load_network", verbosity=0)


def test_kuopio_is_loaded_once_with_what_its_description_tells(network, client):
    model = CooperationModel.objects.get()

    assert (model.organisation.slug, model.area, model.state, model.is_demo, model.is_stale) == ("kuopion-kaupunki", None, "public", False, True)
    assert [row.name_fi if (row := partner.body) else partner.outside for partner in model.partners.all()] == [
        "Kuopion kaupungin työllisyyspalvelu", "Savon ammattiopisto", "Savon koulutuskuntayhtymä", "TE-palvelut", "Työllisyyden palvelutori",
        "Alueen työnantajat", "Muut ammatilliset oppilaitokset ja korkeakoulut",
    ]  # fmt: skip
    for figure in ("6 273", "2 206", "35 %", "1 400", "40 %", "75 prosentin", "1.1.2021–30.6.2023", "ALPO", "AMOS", "TYTTI"):
        assert figure in model.body_fi, figure
    assert "1B" in model.cost_fi
    assert model.parts == parts_of(values_of(model))
    assert load_models() == 0
    assert client.get(model.get_absolute_url()).status_code == 200


def test_demo_models_are_two_or_three_an_area_the_same_each_time_and_leave_nothing(network):
    before = CooperationModel.history.count()
    created = load_demo_models()
    texts = list(CooperationModel.objects.filter(is_demo=True).values_list("slug", "name_fi", "cost"))
    real, demo = make_membership(role=Role.AREA_COORDINATOR, area=PilotArea.objects.get(slug="suupohja")), make_membership(make_user(is_demo=True))
    example, written_in = CooperationModel.objects.filter(slug__startswith="demo-suupohja-").order_by("slug")[:2]
    copied = copy_model(by=real, model=example)
    edit_model(by=real, model_id=written_in.pk, version=1, values=values_of(written_in) | {"name_fi": "Meidän oma"})
    add_comment(by=demo, thing=CooperationModel.objects.get(organisation__slug="kuopion-kaupunki"), text="Keksitty")
    report_fault(sender="a", thing=example, text="Keksitty")

    assert {model.cooperation_models.filter(slug__startswith="demo-").count() for model in PilotArea.objects.all()} == {2, 3}
    assert load_demo_models() == 0
    assert remove_demo_models() == created - 1
    assert set(CooperationModel.objects.exclude(organisation__slug="kuopion-kaupunki")) == {copied, written_in}
    assert not Comment.objects.exists()
    assert not FaultReport.objects.exists()
    CooperationModel.objects.filter(pk__in=(copied.pk, written_in.pk)).delete()
    CooperationModel.history.filter(id__in=(copied.pk, written_in.pk)).delete()
    assert CooperationModel.history.count() == before
    load_demo_models()
    assert list(CooperationModel.objects.filter(is_demo=True).values_list("slug", "name_fi", "cost")) == texts
