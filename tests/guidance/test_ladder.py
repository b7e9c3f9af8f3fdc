from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import OutboxMessage
from guidance.actions import ladder
from guidance.actions.absences import add_absence
from guidance.actions.first_contacts import change_first_contact
from guidance.actions.handoffs import pause_ladder, withdraw_handoff
from guidance.actions.ladder import climb_ladder
from guidance.choices import ContactWay, DisclosureBasis, HandoffKind, HandoffState, LadderStep
from guidance.models import Handoff
from pilots.models import Membership
from tests.guidance.factories import accept, days_from_now, make_counsellor, make_handoff, make_pathway, make_shared_pathway, meet, new_client, time_from_now


def after(handoff, days: float):
    return handoff.sent_at + timedelta(days=days)


def told(since: int = 0) -> list[str]:
    return sorted(OutboxMessage.objects.filter(kind="handoff_silent", pk__gt=since).values_list("to_email", flat=True))


def emails(people) -> list[str]:
    return sorted(person.user.email for person in people)


@pytest.fixture
def handoff(made, pathway):
    return make_handoff(made, pathway, to_person=made.ossi)


@pytest.mark.parametrize(
    "days, step",
    [(0, LadderStep.SENT), (2.99, LadderStep.SENT), (3, LadderStep.REMINDED), (6.99, LadderStep.REMINDED), (7, LadderStep.COLLEAGUES), (13.99, LadderStep.COLLEAGUES), (14, LadderStep.LEAD), (400, LadderStep.LEAD)],
)
def test_silence_earns_a_step(handoff, days, step):
    climb_ladder(after(handoff, days))

    handoff.refresh_from_db()
    assert (handoff.ladder_step, handoff.state) == (step, HandoffState.SENT)


def test_each_step_tells_its_people(made, handoff, nobody_lost):
    assert climb_ladder(after(handoff, 3)) == 1
    assert told() == emails([made.ossi])
    seen = OutboxMessage.objects.latest("pk").pk
    assert climb_ladder(after(handoff, 7)) == 1
    assert told(seen) == emails(made.college_people)
    seen = OutboxMessage.objects.latest("pk").pk
    assert climb_ladder(after(handoff, 14)) == 1
    assert told(seen) == emails([made.lead])
    nobody_lost(after(handoff, 30))


def test_a_run_for_the_same_time_takes_no_step(handoff):
    now = after(handoff, 8)

    assert [climb_ladder(now), climb_ladder(now)] == [1, 0]
    assert len(told()) == 2


def test_never_cancelled(made, handoff):
    for days in range(1, 400, 7):
        climb_ladder(after(handoff, days))

    handoff.refresh_from_db()
    assert (handoff.state, handoff.ladder_step) == (HandoffState.SENT, LadderStep.LEAD)
    assert accept(handoff, made.ossi).state == HandoffState.ACCEPTED


def test_lead_list_waits_for_the_lead(made, handoff):
    climb_ladder(after(handoff, 20))

    assert list(Handoff.objects.open().filter(pathway__partnership=made.partnership, ladder_step=LadderStep.LEAD)) == [handoff]


def test_substitute_of_the_lead_is_told_too(made, handoff):
    made.partnership.substitute = made.anna
    made.partnership.save()

    climb_ladder(after(handoff, 14))

    assert told() == emails([made.lead, made.anna])


def test_absent_receiver_s_substitute_is_told(made, handoff):
    add_absence(by=made.ossi, membership=made.ossi, substitute=made.college_people[1], starts_on=days_from_now(0), ends_on=days_from_now(9))

    climb_ladder(after(handoff, 3))

    assert told() == emails(made.college_people)


def test_nobody_to_remind_tells_the_sender(made, handoff):
    Membership.objects.filter(organisation=made.college).update(ended_at=timezone.now(), end_reason="left")
    Handoff.objects.update(to_person=None)

    climb_ladder(after(handoff, 3))

    assert told() == emails([made.anna])


def test_body_outside_reminds_the_sender(made, pathway):
    handoff = make_handoff(made, pathway, to_outside="Keksitty yhdistys")

    climb_ladder(after(handoff, 7))

    assert told() == emails([made.anna])


def test_accepted_counts_from_the_first_contact(made, handoff, nobody_lost):
    accept(handoff, made.ossi, first_contact_at=time_from_now(days=5))
    handoff.refresh_from_db()

    assert climb_ladder(handoff.first_contact_at + timedelta(days=2)) == 0
    assert climb_ladder(handoff.first_contact_at + timedelta(days=3)) == 1
    assert climb_ladder(handoff.first_contact_at + timedelta(days=14)) == 1
    nobody_lost(handoff.first_contact_at + timedelta(days=30))


def stale_contact(handoff, days: int) -> None:
    handoff.refresh_from_db()
    climb_ladder(handoff.first_contact_at + timedelta(days=days))


def test_accepted_by_a_colleague_reminds_the_one_who_promised(made):
    promised = made.college_people[1]
    handoff = make_handoff(made, make_pathway(made), to_person=made.ossi)
    accept(handoff, promised)

    stale_contact(handoff, 3)

    assert told() == emails([promised])


def test_accepted_request_to_take_reminds_the_side_that_meets(made):
    """The college asked and the city gave: the first contact is the college's, and so are the reminders."""
    pathway = make_shared_pathway(made)
    handoff = make_handoff(made, pathway, by=made.ossi, to=made.city, kind=HandoffKind.REQUEST_TO_TAKE, basis=DisclosureBasis.OWN)
    accept(handoff, made.anna)
    absent, substitute = made.ossi, made.college_people[1]
    add_absence(by=absent, membership=absent, substitute=substitute, starts_on=days_from_now(0), ends_on=days_from_now(9))

    stale_contact(handoff, 3)
    first = told()
    seen = OutboxMessage.objects.latest("pk").pk
    stale_contact(handoff, 7)

    assert (first, told(seen)) == (emails([absent, substitute]), emails(made.college_people))


def test_colleagues_are_told_without_the_one_who_sent_it(made):
    """Nobody answers what they sent themselves."""
    third = make_counsellor(made.city)
    handoff = make_handoff(made, make_pathway(made), to=made.city, to_person=made.city_people[1], kind=HandoffKind.ASSIGNMENT, basis=DisclosureBasis.OWN)

    climb_ladder(after(handoff, 7))

    assert told() == emails([made.city_people[1], made.lead, third])


def test_the_lead_is_led_to_the_list_of_the_partnership(made, handoff):
    climb_ladder(after(handoff, 7))
    climb_ladder(after(handoff, 14))

    *colleagues, lead = OutboxMessage.objects.filter(kind="handoff_silent").order_by("pk")
    assert [f"/{made.partnership.slug}/" in mail.body for mail in (*colleagues, lead)] == [False] * len(made.college_people) + [True]


def test_withdrawal_of_an_accepted_one_tells_who_promised(made):
    promised = made.college_people[1]
    handoff = make_handoff(made, make_pathway(made), to_person=made.ossi)
    accept(handoff, promised)

    withdraw_handoff(by=made.anna, handoff=handoff, seen=HandoffState.ACCEPTED, reason="Syy")

    assert list(OutboxMessage.objects.filter(kind="handoff_withdrawn").values_list("to_email", flat=True)) == emails([promised])


def test_a_contact_promised_for_next_year_does_not_silence_the_ladder(made, handoff, nobody_lost):
    accept(handoff, made.ossi, first_contact_at=time_from_now(days=365))

    climb_ladder(time_from_now(days=29))

    handoff.refresh_from_db()
    assert handoff.ladder_step == LadderStep.LEAD
    nobody_lost(time_from_now(days=300))


def test_moving_the_first_contact_again_and_again_does_not_either(made, handoff):
    accept(handoff, made.ossi)
    for days in (3, 20, 50):
        change_first_contact(by=made.ossi, handoff=handoff, first_contact_at=time_from_now(days=days), first_contact_way=ContactWay.PHONE)

    climb_ladder(time_from_now(days=29))

    handoff.refresh_from_db()
    assert handoff.ladder_step == LadderStep.LEAD


def test_pause_stops_reminders_and_ends(made, handoff):
    pause_ladder(by=made.anna, handoff=handoff, until=days_from_now(10), reason="Loma")

    assert climb_ladder(time_from_now(days=8)) == 0
    assert told() == []
    assert climb_ladder(time_from_now(days=11)) == 1
    assert told() == emails(made.college_people)


def test_pause_never_keeps_a_hand_off_from_the_lead(made, handoff, nobody_lost):
    """Paused again and again, it is still on somebody's list on the day that silence earns it."""
    Handoff.objects.update(paused_until=days_from_now(1000), pause_reason="Aina loma")

    assert climb_ladder(after(handoff, 13)) == 0
    assert climb_ladder(after(handoff, 14)) == 1

    handoff.refresh_from_db()
    assert handoff.ladder_step == LadderStep.LEAD
    nobody_lost(after(handoff, 100))


@pytest.mark.parametrize("state", ["met", "declined", "withdrawn"])
def test_what_has_ended_does_not_climb(made, handoff, state):
    if state == "met":
        meet(accept(handoff, made.ossi), made.ossi)
    else:
        Handoff.objects.update(state=state, answered_at=timezone.now(), withdrawn_at=timezone.now() if state == "withdrawn" else None, decline_reason="Syy")

    assert climb_ladder(after(handoff, 100)) == 0


def test_one_that_fails_keeps_no_other_from_climbing(made, handoff, monkeypatch):
    second = make_handoff(made, make_pathway(made))
    real = ladder.people_of_step
    monkeypatch.setattr(ladder, "people_of_step", lambda handoff, step: 1 / 0 if handoff.pk == min(handoff.pk, second.pk) and handoff.pk != second.pk else real(handoff, step))

    with pytest.raises(ZeroDivisionError):
        climb_ladder(after(second, 4))

    assert [Handoff.objects.get(pk=one.pk).ladder_step for one in (handoff, second)] == [LadderStep.SENT, LadderStep.REMINDED]


def test_mails_of_the_ladder_name_nobody(made):
    client = new_client(family_name="Ainutlaatuinen", given_names="Keksintö", birth_date=date(1991, 2, 3))
    pathway = make_pathway(made, client=client)
    handoff = make_handoff(made, pathway, reason="Salainen syy")
    for language, days in (("fi", 3), ("sv", 7), ("en", 14)):
        for person in [*made.people, made.lead]:
            person.user.language = language
            person.user.save()
        climb_ladder(after(handoff, days))

    mails = list(OutboxMessage.objects.filter(kind="handoff_silent"))

    assert len(mails) == 5
    for mail in mails:
        for secret in ("Ainutlaatuinen", "Keksintö", pathway.pseudonym, "1991", "3.2.", "Salainen"):
            assert secret not in mail.subject + mail.body
        assert "/guidance/" in mail.body
