"""What a request is in the read log: a look or a change."""
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from guidance.choices import DisclosureBasis, HandoffKind, Section
from guidance.forms.moments import written_moment
from tests.guidance.factories import days_from_now
from tests.guidance.web import logged, sign_in


@pytest.fixture
def anna(made):
    return sign_in(made.anna)


def url(name: str, pathway) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym])


def test_preview_of_a_hand_off_is_a_look_and_its_sending_a_change(made, pathway, anna):
    fields = {
        "to": f"organisation:{made.college.pk}", "kind": HandoffKind.REFERRAL, "basis": DisclosureBasis.STATUTE, "basis_statute": "keksitty säännös", "sections": [Section.GOAL],
        "reason": "Keksitty syy", "due_on": days_from_now(7).strftime("%d.%m.%Y"), "token": str(uuid4()),
    }

    answers = [anna.post(url("handoff_send", pathway), fields | {"phase": phase}).status_code for phase in ("preview", "send")]

    assert answers == [200, 302]
    assert logged() == [("view", "guidance:handoff_send", [pathway.pseudonym]), ("change", "guidance:handoff_send", [pathway.pseudonym])]


def test_form_that_comes_back_with_an_error_is_a_look(pathway, anna):
    now = written_moment(timezone.now())
    fields = {"token": str(uuid4()), "kind": "call", "text": "Puhelu", "at": now, "at_shown": now, "visibility": "participants"}

    answers = [anna.post(url("pathway_log", pathway), fields | {"kind": kind}).status_code for kind in ("nonsense", "call")]

    assert answers == [422, 302]
    assert [action for action, _page, _pseudonyms in logged()] == ["view", "change"]


def test_form_that_is_opened_is_a_look(pathway, anna):
    assert anna.get(url("client_merge", pathway)).status_code == 200
    assert logged() == [("view", "guidance:client_merge", [pathway.pseudonym])]
