"""What forms of guidance say of their fields."""
import pytest

from guidance.forms.clients import AddClientForm
from guidance.forms.handoffs import ReceiverForm
from guidance.forms.imports import ColumnsForm
from guidance.forms.pathways import MoveForm
from guidance.forms.timeline import AttachmentForm, LogForm


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
