"""What keeps the pages true: reminders, what an import replaced, files left unfinished, and looks before saving."""
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxMessage
from pilots.actions.figures import LARGEST, UNFINISHED, discard_unfinished, upload_figures
from pilots.actions.provisions import edit_provision, end_provision
from pilots.actions.reminders import remind_of_obstacles, remind_of_provisions
from pilots.choices import ImportStep
from pilots.models import IndicatorImport, Obstacle, Provision, ReplacedValue
from pilots.queries.availability import PROVISION_FIELDS
from pilots.tables.mapping import Mapping
from tests.pilots.factories import make_education_form, make_figure, make_measure, make_member, make_municipal_organisation, make_municipality
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def by():
    return make_coordinator()


@pytest.fixture
def provision(by) -> Provision:
    place = make_municipality("Kylä", code="901")
    make_member(by.area, make_municipal_organisation(place))
    return Provision.objects.create(area=by.area, municipality=place, form=make_education_form(name_fi="lukio"), way="own", provider=place.organisations.get(), in_finnish=True, source="kysely")


def told() -> list[tuple[str, str]]:
    return sorted(OutboxMessage.objects.values_list("kind", "to_email"))


def test_obstacle_whose_day_of_checking_has_passed_is_told_of_once_to_its_area(by):
    make_coordinator()
    now, yesterday = timezone.now(), timezone.localdate() - timedelta(days=1)
    late = make_obstacle(by, check_by=yesterday)
    make_obstacle(by, check_by=timezone.localdate())
    make_obstacle(by, check_by=yesterday, status="removed")
    make_obstacle(by, check_by=yesterday, published_at=None)

    assert (remind_of_obstacles(now), remind_of_obstacles(now)) == (1, 0)
    assert told() == [("obstacle_stale", by.user.email)]
    Obstacle.objects.filter(pk=late.pk).update(check_by=yesterday - timedelta(days=1))
    assert remind_of_obstacles(now) == 1


def test_provision_whose_day_of_checking_has_passed_is_told_of_once_until_it_ends(by, provision):
    now, yesterday = timezone.now(), timezone.localdate() - timedelta(days=1)
    Provision.objects.update(check_by=yesterday)

    assert (remind_of_provisions(now), remind_of_provisions(now)) == (1, 0)
    assert told() == [("provision_stale", by.user.email)]
    Provision.objects.update(check_by=yesterday - timedelta(days=1), ended_at=now, ended_by=by.user)
    assert remind_of_provisions(now) == 0


def test_file_of_figures_left_unfinished_is_discarded_with_its_content():
    now, by = timezone.now(), make_staff()
    old, new, stored = (
        IndicatorImport.objects.create(by=by, uploaded_at=now - age, file_name="a.csv", content=b"" if step == ImportStep.STORED else b"x", mapping={}, step=step, stored_at=now if step == ImportStep.STORED else None)
        for age, step in ((UNFINISHED + timedelta(minutes=1), ImportStep.WAITING), (UNFINISHED - timedelta(minutes=1), ImportStep.WAITING), (UNFINISHED * 2, ImportStep.STORED))
    )

    assert (discard_unfinished(now), discard_unfinished(now)) == (1, 0)
    assert [(bytes(one.content), one.step) for one in (IndicatorImport.objects.get(pk=row.pk) for row in (old, new, stored))] == [(b"", ImportStep.DROPPED), (b"x", ImportStep.WAITING), (b"", ImportStep.STORED)]


def test_page_of_a_stored_file_tells_what_it_replaced_and_where_that_came_from(client):
    by, now = make_staff(), timezone.now()
    batch = IndicatorImport.objects.create(by=by, uploaded_at=now, stored_at=now, file_name="a.csv", mapping={}, step=ImportStep.STORED, replaced=1)
    make_measure()
    figure = make_figure(make_municipality("Kylä", code="901"), 2020, 1234)
    ReplacedValue.objects.create(indicator=figure, value=1111, borders_year=2020, source="vanha lähde", replaced_at=now, batch=batch)
    client.force_login(by.user)

    page = client.get(f"/en/figures/files/{batch.pk}/").content.decode()

    assert [words in page for words in ("What was replaced", "Kylä", "1,111", "1,234", "vanha lähde")] == [True] * 5


def test_obstacle_is_looked_at_before_it_is_saved(client, by):
    client.force_login(by.user)
    sent = {"kind": "law", "name_fi": "Otsikko", "description_fi": "Katso **tätä**", "removers": ["ministry"], "version": "0", "preview": "1"}

    page = client.post("/en/obstacles/add/", sent).content.decode()

    assert ("<strong>tätä</strong>" in page, Obstacle.objects.count()) == (True, 0)


def test_history_of_a_provision_tells_each_change_and_who_made_it(client, by, provision):
    client.force_login(by.user)
    path = reverse("pilots:provision_edit", args=[by.area.slug, provision.pk])
    form = client.get(path).context["form"]
    sent = {name: "" if value is None else getattr(value, "pk", value) for name, value in form.initial.items()} | {"place": "Uusi koulu", "in_finnish": "on"}
    sent.pop("in_swedish")
    assert client.post(path, sent).status_code == 302

    page = client.get(f"/en/areas/{by.area.slug}/availability/{provision.pk}/history/").content.decode()

    assert [words in page for words in ("Uusi koulu", by.user.name, "Changed", "Written")] == [True] * 4


def test_file_larger_than_the_limit_is_refused_unread():
    with pytest.raises(ValidationError, match="40 MB"):
        upload_figures(by=make_staff(), name="a.csv", content=b" " * (LARGEST + 1), mapping=Mapping(source="testi"))

    assert not IndicatorImport.objects.exists()


def test_provision_that_has_been_taken_off_is_neither_changed_nor_taken_off_again(by, provision):
    end_provision(by=by, area_id=by.area_id, pk=provision.pk)
    changed = {name: getattr(provision, name) for name in PROVISION_FIELDS} | {"place": "Toinen"}

    for act in (lambda: end_provision(by=by, area_id=by.area_id, pk=provision.pk), lambda: edit_provision(by=by, area_id=by.area_id, pk=provision.pk, version=provision.version, values=changed)):
        with pytest.raises(ValidationError) as refused:
            act()
        assert refused.value.code == "ended"
