"""What forms of guidance say of their fields."""
import pytest
from django.utils import timezone

from guidance.forms.clients import AddClientForm, ProtectForm
from guidance.forms.consents import NamedPeopleForm
from guidance.forms.handoffs import ReceiverForm
from guidance.forms.imports import ColumnsForm
from guidance.forms.pathways import MoveForm
from guidance.forms.timeline import AttachmentForm, LogForm
from guidance.queries.colleagues import colleagues_of
from guidance.queries.pathway_people import counsellors_of
from guidance.queries.waiting import desk_of
from tests.guidance.factories import make_counsellor


@pytest.mark.parametrize(
    "form, names",
    [
        (MoveForm, ("interruption", "reason")),
        (ReceiverForm, ("decided_by", "decided_on")),
        (ColumnsForm, ("first_step", "first_due_on")),
        (LogForm, ("text", "check_in", "shown_to", "next_what", "next_when")),
        (AttachmentForm, ("shown_to",)),
        (AddClientForm, ("contact_address",)),
    ],
)
def test_field_that_is_sometimes_demanded_says_when(form, names):
    said = {name: (bool(getattr(form.base_fields[name], "needed_when", "")), str(form.base_fields[name].help_text).split()[0]) for name in names}

    assert said == dict.fromkeys(names, (True, "Needed"))


def test_missing_language_of_service_says_what_to_choose():
    form = AddClientForm({}, partnerships=[])

    assert form.errors["service_language"] == ["Choose the language in which the client is served."]


NAMES = ["Demo 2", "Demo 10", "Zeta", "Åke", "Öhman"]


def test_colleagues_are_in_the_order_of_names_as_people_read_them(made, pathway):
    for name in reversed(NAMES):
        make_counsellor(made.city, name=name)
    closed = make_counsellor(made.city, name="Demo 3").user
    closed.is_active = False
    closed.save()

    form = NamedPeopleForm(people=counsellors_of(pathway))
    protect = ProtectForm(people=counsellors_of(pathway), acting=made.anna)
    lists = {
        "named people": [label.partition(",")[0] for _pk, label in form.fields["named_people"].choices],
        "non-disclosure": [label.partition(",")[0] for _pk, label in protect.fields["named_people"].choices],
        "filter of the list": [name for _pk, name in desk_of(made.anna, timezone.now(), for_list=True).colleagues],
        "caseload": [person.user.name for person in colleagues_of(made.anna)],
    }

    assert {where: [name for name in names if name in (*NAMES, closed.name)] for where, names in lists.items()} == dict.fromkeys(lists, NAMES)
