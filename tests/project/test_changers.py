"""A kept history says who changed the row, whichever app's page the change was made on."""
import pytest
from django.urls import reverse

from guidance.models import Client, Partnership
from pilots.models import PilotArea

CHANGES = {
    "client": ("counsellor", "guidance:client_edit", lambda own: {"pseudonym": own.pathway.pseudonym}, {"phone": "040 111"}, Client),
    "partnership": ("lead", "guidance:partnership_edit", lambda own: {"slug": own.partnership.slug}, {"remind_after": "2"}, Partnership),
    "area": ("coordinator", "pilots:area_edit", lambda own: {"slug": own.area.slug}, {"challenge_fi": "Uusi haaste."}, PilotArea),
}


@pytest.mark.parametrize("case", CHANGES)
def test_changer_is_the_person_who_sent_the_form(world, client_of, case):
    person, name, arguments, change, model = CHANGES[case]
    url = reverse(name, kwargs=arguments(world.own))
    form = client_of(person).get(url).context["form"]
    before = model.history.count()

    client_of(person).post(url, {field.html_name: "" if field.value() is None else field.value() for field in form} | change)

    assert model.history.count() == before + 1
    assert model.history.latest().history_user == world.people[person]
