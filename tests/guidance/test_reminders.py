"""A partnership's lead sees with whom to talk about a silent hand-off, and reminds of it."""
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, OutboxMessage
from guidance.actions.handoffs import withdraw_handoff
from guidance.actions.reminders import remind_again
from guidance.choices import LadderStep
from guidance.models import Handoff
from services.conflicts import Conflict
from tests.guidance.factories import days_from_now, make_client, make_handoff, make_partnership, make_pathway


@pytest.fixture
def silent(made) -> Handoff:
    handoff = make_handoff(made, make_pathway(made, client=make_client(family_name="Nimimerkkinen")))
    return on_the_list(handoff)


def on_the_list(handoff: Handoff) -> Handoff:
    Handoff.objects.filter(pk=handoff.pk).update(ladder_step=LadderStep.LEAD)
    OutboxMessage.objects.all().delete()
    return Handoff.objects.get(pk=handoff.pk)


def told() -> list[str]:
    return sorted(OutboxMessage.objects.filter(kind="handoff_silent").values_list("to_email", flat=True))


def remind_url(made, handoff) -> str:
    return reverse("guidance:lead_remind", args=[made.partnership.slug, handoff.pk])


def listed(client, made):
    return client.get(reverse("guidance:lead_list", args=[made.partnership.slug]))


def test_reminder_goes_to_all_who_can_take_it_up_and_is_audited(made, silent):
    remind_again(by=made.lead, handoff=silent)

    assert told() == sorted(person.user.email for person in made.college_people)
    event = AuditEvent.objects.get(verb="handoff_reminded")
    assert (event.actor_id, event.target_id, event.detail) == (made.lead.user_id, str(silent.pk), {"pathway": silent.pathway.pseudonym})


def test_reminder_of_an_outside_body_goes_to_the_sender(made):
    handoff = on_the_list(make_handoff(made, make_pathway(made), to_outside="Keksitty paja"))

    remind_again(by=made.lead, handoff=handoff)

    assert told() == [made.anna.user.email]


def test_reminder_goes_once_a_day_for_each_handoff(made, silent):
    other = on_the_list(make_handoff(made, make_pathway(made)))
    remind_again(by=made.lead, handoff=silent)
    remind_again(by=made.lead, handoff=other)

    with pytest.raises(ValidationError, match="gone out today"):
        remind_again(by=made.lead, handoff=silent)
    remind_again(by=made.lead, handoff=silent, now=timezone.now() + timedelta(days=1))

    assert len(told()) == 3 * len(made.college_people)


@pytest.mark.parametrize("person", ["anna", "ossi", "foreign"])
def test_reminder_is_the_leads_own(made, silent, person):
    by = make_partnership().lead if person == "foreign" else getattr(made, person)

    with pytest.raises(ValidationError, match="lead or substitute"):
        remind_again(by=by, handoff=silent)

    assert told() == []


def test_reminder_waits_for_the_last_step_and_for_a_pause(made, silent):
    Handoff.objects.filter(pk=silent.pk).update(paused_until=days_from_now(2), pause_reason="Syy")
    with pytest.raises(ValidationError, match="rest until"):
        remind_again(by=made.lead, handoff=silent)
    Handoff.objects.filter(pk=silent.pk).update(paused_until=None, ladder_step=LadderStep.COLLEAGUES)
    with pytest.raises(ValidationError, match="not on the lead's list"):
        remind_again(by=made.lead, handoff=silent)

    assert told() == []


def test_reminder_of_an_ended_handoff_is_a_conflict(made, silent):
    withdraw_handoff(by=made.anna, handoff=silent)
    OutboxMessage.objects.all().delete()

    with pytest.raises(Conflict):
        remind_again(by=made.lead, handoff=silent)

    assert told() == []


def test_lead_reads_with_whom_to_talk_and_reminds_from_the_list(made, silent, guide_client):
    Handoff.objects.filter(pk=silent.pk).update(to_person=made.ossi)
    client = guide_client(made.lead)

    before = listed(client, made)
    answer = client.post(remind_url(made, silent))
    after = listed(client, made)

    page = before.content.decode()
    [row] = before.context["rows"]
    assert [one.email for one in row.people] == [made.anna.user.email, made.ossi.user.email]
    assert [words in page for words in (made.anna.user.name, made.ossi.user.name, remind_url(made, silent), "Nimimerkkinen")] == [True, True, True, False]
    assert (answer.status_code, bool(told())) == (302, True)
    [row] = after.context["rows"]
    assert (row.remind_url, bool(row.reminded)) == ("", True)


def test_reminder_of_another_partnership_is_missing(made, silent, guide_client):
    other = make_partnership()

    answers = [guide_client(person).post(reverse("guidance:lead_remind", args=[slug, silent.pk])).status_code for person, slug in ((other.lead, other.partnership.slug), (other.lead, made.partnership.slug), (made.anna, made.partnership.slug))]

    assert (answers, told()) == ([404, 404, 403], [])
