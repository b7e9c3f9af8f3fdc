"""A counsellor's home: each number is its own list, nothing of others, and a bounded number of queries."""
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guidance.actions.absences import add_absence
from guidance.actions.answers import decline_handoff
from guidance.actions.contacts import log_event
from guidance.actions.handoffs import send_again
from guidance.actions.timeline import change_step, finish_step
from guidance.choices import DisclosureBasis, EventKind, HandoffKind, LadderStep, LogAction
from guidance.models import AccessLog, AccessLogSubject, Handoff, NextStep, Pathway
from guidance.queries.waiting import (
    ANSWER,
    LEAD,
    MEET,
    NO_ANSWER,
    NOT_CALLED,
    NOT_TAKEN,
    OVERDUE,
    QUERYSETS,
    SHOWN,
    STALE,
    TODAY,
    UNANSWERED,
    UNMET,
    WEEK,
    WRITTEN,
    desk_of,
    waiting_parts,
    waiting_rows,
)
from pilots.choices import Role
from pilots.queries.waiting import count_waiting
from tests.guidance.factories import (
    accept,
    days_from_now,
    make_client,
    make_counsellor,
    make_handoff,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    meet,
    new_client,
)

HOME = reverse("guidance:waiting")


def asked(captured) -> int:
    """Statements that read or write; savepoints are the test's."""
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) for query in captured)


def due(pathway, days: int) -> None:
    NextStep.objects.filter(pathway=pathway).update(due_on=days_from_now(days))
    Pathway.objects.filter(pk=pathway.pk).update(next_due_on=days_from_now(days))


def everything(made, turns: int = 1) -> dict[str, list[Pathway]]:
    """Pathways of Anna so that each part of the page has `turns` rows."""
    made.partnership.refresh_from_db()
    found: dict[str, list[Pathway]] = {}
    for _turn in range(turns):
        for code, days in ((OVERDUE, -1), (TODAY, 0), (WEEK, 5)):
            pathway = make_pathway(made)
            due(pathway, days)
            found.setdefault(code, []).append(pathway)
        sent, accepted = make_pathway(made), make_pathway(made)
        due(sent, 30), due(accepted, 30)
        make_handoff(made, sent)
        accept(make_handoff(made, accepted), made.ossi)
        found.setdefault(UNANSWERED, []).append(sent)
        found.setdefault(UNMET, []).append(accepted)
        asked_of_us = make_pathway(made, by=made.city_people[1])
        due(asked_of_us, 30)
        make_handoff(made, asked_of_us, by=made.city_people[1], to=made.city, to_person=made.anna, kind=HandoffKind.ASSIGNMENT)
        found.setdefault(ANSWER, []).append(asked_of_us)
        unheld = make_pathway(made, by=made.city_people[1])
        due(unheld, 30)
        accept(make_handoff(made, unheld, by=made.city_people[1], to_outside="Keksitty yhdistys"), made.city_people[1])
        Handoff.objects.filter(pathway=unheld).update(ladder_step=LadderStep.COLLEAGUES)
        found.setdefault(MEET, []).append(unheld)
        declined = declined_handoff(made).pathway
        NextStep.objects.filter(pathway=declined, handoff=None).update(due_on=days_from_now(30))
        found.setdefault(NOT_TAKEN, []).append(declined)
        silent = make_pathway(made)
        due(silent, 30)
        for _call in range(3):
            log_event(by=made.anna, pathway=silent, kind=EventKind.NO_ANSWER, at=timezone.now())
        found.setdefault(NO_ANSWER, []).append(silent)
        stale = make_pathway(made)
        due(stale, 30)
        Pathway.objects.filter(pk=stale.pk).update(last_event_at=timezone.now() - timedelta(days=31))
        found.setdefault(STALE, []).append(stale)
    return found


def declined_handoff(made) -> Handoff:
    return decline_handoff(by=made.ossi, handoff=make_handoff(made, make_pathway(made)), reason="Ei keksittyä paikkaa")


def not_taken(made) -> list[str]:
    return [thing.pseudonym for thing in waiting_parts(desk_of(made.anna, timezone.now()))[NOT_TAKEN].things]


def test_declined_hand_off_is_asked_of_its_sender_today_and_counts_once(made, guide_client):
    before = count_waiting(made.anna)

    handoff = declined_handoff(made)
    [section] = [section for section in guide_client(made.anna).get(HOME).context["sections"] if section.code == NOT_TAKEN]

    assert [(row.pseudonym, row.url) for row in section.rows] == [(handoff.pathway.pseudonym, reverse("guidance:handoff_detail", args=[handoff.pk]))]
    assert count_waiting(made.anna) == before + 1
    assert waiting_parts(desk_of(made.anna, timezone.now()))[TODAY].count == 0


def test_declined_hand_off_goes_from_the_list_when_it_is_sent_again(made):
    handoff = declined_handoff(made)

    send_again(by=made.anna, handoff=handoff, reason="Uudestaan", due_on=days_from_now(7), to_organisation=made.te, to_person=None, to_outside="", to_outside_email="")

    assert not_taken(made) == []


def test_declined_hand_off_goes_from_the_list_when_its_step_is_done_or_put_off(made):
    done, put_off = declined_handoff(made), declined_handoff(made)

    finish_step(by=made.anna, step=NextStep.objects.open().get(handoff=done))
    change_step(by=made.anna, step=NextStep.objects.open().get(handoff=put_off), due_on=days_from_now(3))

    assert not_taken(made) == []
    assert put_off.pathway.pseudonym in [thing.pseudonym for thing in waiting_parts(desk_of(made.anna, timezone.now()))[WEEK].things]


def test_declined_hand_off_of_another_is_not_asked_of_me(made):
    declined_handoff(made)

    assert waiting_parts(desk_of(made.city_people[1], timezone.now()))[NOT_TAKEN].count == 0
    assert waiting_parts(desk_of(made.ossi, timezone.now()))[NOT_TAKEN].count == 0


def test_every_row_says_what_its_day_is(made, guide_client):
    everything(made)
    NextStep.objects.filter(due_on=days_from_now(5)).update(kind="appointment", starts_at=timezone.now() + timedelta(days=5))

    page = guide_client(made.anna).get(f"/en{HOME}")

    said = {section.code: {row.day_is for row in section.rows} for section in page.context["sections"] if section.rows}
    assert said == {
        OVERDUE: {"due"}, TODAY: {"due"}, WEEK: {"appointment"}, ANSWER: {"answer by"}, UNANSWERED: {"answer by"}, NOT_TAKEN: {"declined on"},
        MEET: {"first contact"}, UNMET: {"first contact"}, NO_ANSWER: {"nothing since"}, STALE: {"nothing since"},
    }
    rows = sum(len(section.rows) for section in page.context["sections"])
    assert page.content.decode().count('class="desk-day-is"') == rows


def test_every_part_shows_its_own_rows_and_their_number(made, guide_client):
    expected = everything(made) | {WRITTEN: []}

    desk = desk_of(made.anna, timezone.now())
    parts = waiting_parts(desk)

    assert {code: ([thing.pseudonym for thing in part.things], part.count) for code, part in parts.items()} == {code: ([one.pseudonym for one in rows], len(rows)) for code, rows in expected.items()}
    for code, part in parts.items():
        full = guide_client(made.anna).get(reverse("guidance:waiting_list", args=[code]))
        assert [row.pseudonym for row in full.context["rows"]] == [thing.pseudonym for thing in part.things]
        assert full.context["page"].count == part.count


def test_home_shows_names_of_own_clients_only(made, guide_client):
    found = everything(made)

    page = guide_client(made.anna).get(HOME).content.decode()

    assert found[OVERDUE][0].client.family_name in page
    assert made.taru.user.name not in page


def test_home_of_a_stranger_shows_nothing_of_it(made, guide_client):
    everything(made)
    other = make_partnership()

    response = guide_client(other.anna).get(HOME)

    assert [section.count for section in response.context["sections"]] == [0, 0, 0]


def test_answer_shows_no_name_before_the_hand_off_is_accepted(made, guide_client):
    pathway = make_pathway(made, client=new_client(family_name="Nimimerkkinen"))
    make_handoff(made, pathway)

    page = guide_client(made.ossi).get(HOME).content.decode()

    assert pathway.pseudonym in page
    assert "Nimimerkkinen" not in page


def test_answer_meant_for_a_colleague_does_not_wait_for_me(made, guide_client):
    make_handoff(made, make_pathway(made), to_person=made.college_people[1])

    assert waiting_parts(desk_of(made.ossi, timezone.now()))[ANSWER].count == 0
    assert waiting_parts(desk_of(made.college_people[1], timezone.now()))[ANSWER].count == 1


@pytest.mark.parametrize("step, waits", [(LadderStep.REMINDED, False), (LadderStep.COLLEAGUES, True), (LadderStep.LEAD, True)])
def test_what_a_colleague_leaves_unanswered_waits_for_me_when_the_ladder_says_so(made, guide_client, step, waits):
    """The mail that says “anyone of you can take it up” leads to a page on which it is."""
    handoff = make_handoff(made, make_pathway(made), to_person=made.college_people[1])
    Handoff.objects.update(ladder_step=step)

    response = guide_client(made.ossi).get(HOME)

    rows = {section.code: [row.url for row in section.rows] for section in response.context["sections"]}
    assert rows[ANSWER] == ([reverse("guidance:handoff_detail", args=[handoff.pk])] if waits else [])
    assert response.context["waiting_count"] == count_waiting(made.ossi) == waits


@pytest.mark.parametrize("step, waits", [(LadderStep.REMINDED, False), (LadderStep.COLLEAGUES, True)])
def test_what_a_colleague_accepted_and_does_not_hold_waits_for_the_side_that_meets(made, step, waits):
    pathway = make_shared_pathway(made)
    accept(make_handoff(made, pathway, by=made.ossi, to=made.city, kind=HandoffKind.REQUEST_TO_TAKE, basis=DisclosureBasis.OWN), made.anna)
    Handoff.objects.update(ladder_step=step)

    counts = [waiting_parts(desk_of(person, timezone.now()))[MEET].count for person in (made.college_people[1], made.city_people[1], made.taru)]

    assert counts == [waits, 0, 0]


def test_what_i_sent_is_not_asked_of_me(made):
    make_handoff(made, make_pathway(made), to=made.city, to_person=made.city_people[1], kind=HandoffKind.ASSIGNMENT)
    Handoff.objects.update(ladder_step=LadderStep.COLLEAGUES)
    third = make_counsellor(made.city)

    assert [waiting_parts(desk_of(person, timezone.now()))[ANSWER].count for person in (made.anna, made.city_people[1], third)] == [0, 1, 1]


@pytest.mark.parametrize("who", ["lead", "substitute"])
def test_silent_hand_offs_wait_for_the_lead_and_lead_to_the_list(made, guide_client, who):
    person = made.lead if who == "lead" else make_counsellor(made.city, Role.PARTNERSHIP_LEAD)
    if who == "substitute":
        made.partnership.substitute = person
        made.partnership.save()
    pathway = make_pathway(made, client=new_client(family_name="Nimimerkkinen"))
    make_handoff(made, pathway)
    make_handoff(made, make_pathway(made))
    Handoff.objects.filter(pathway=pathway).update(ladder_step=LadderStep.LEAD)
    Handoff.objects.exclude(pathway=pathway).update(ladder_step=LadderStep.COLLEAGUES)
    client = guide_client(person)

    response = client.get(HOME)

    [section] = [section for section in response.context["sections"] if section.code == LEAD]
    listed = reverse("guidance:lead_list", args=[made.partnership.slug])
    assert ([(row.pseudonym, row.url) for row in section.rows], section.count) == ([(pathway.pseudonym, listed)], 1)
    assert response.context["waiting_count"] == count_waiting(person) == 1
    assert client.get(listed).context["waiting_count"] == 1
    assert "Nimimerkkinen" not in response.content.decode()
    assert client.get(reverse("guidance:waiting_list", args=[LEAD])).context["page"].count == 1


def test_part_of_the_lead_is_missing_for_others(made, guide_client):
    make_handoff(made, make_pathway(made))
    Handoff.objects.update(ladder_step=LadderStep.LEAD)
    other = make_partnership()

    assert guide_client(made.anna).get(reverse("guidance:waiting_list", args=[LEAD])).status_code == 404
    assert waiting_parts(desk_of(other.lead, timezone.now()))[LEAD].count == 0


def test_things_of_an_absent_colleague_wait_for_the_substitute_also_through_another(made, guide_client):
    third = make_counsellor(made.city)
    pathway = make_pathway(made)
    due(pathway, -2)
    add_absence(by=made.anna, membership=made.anna, substitute=made.city_people[1], starts_on=days_from_now(0), ends_on=days_from_now(3))
    add_absence(by=made.anna, membership=made.city_people[1], substitute=third, starts_on=days_from_now(0), ends_on=days_from_now(3))

    response = guide_client(third).get(HOME)

    assert [row.instead_of for row in response.context["sections"][0].rows] == [made.anna.user.name]
    assert response.context["stands_in"] == 2
    assert count_waiting(third) == 1


def test_things_of_a_colleague_whose_absence_is_over_do_not_wait_for_the_substitute(made):
    pathway = make_pathway(made)
    due(pathway, -2)
    made.anna.absences.create(substitute=made.city_people[1], starts_on=days_from_now(-9), ends_on=days_from_now(-1))

    assert count_waiting(made.city_people[1]) == 0


def test_number_in_the_frame_is_what_the_page_counts(made, guide_client):
    everything(made, 2)

    response = guide_client(made.anna).get(HOME)

    assert response.context["waiting_count"] == count_waiting(made.anna) == 10


@pytest.mark.parametrize("turns", [1, 3])
def test_home_asks_the_same_number_of_queries_for_any_number_of_rows(made, guide_client, turns):
    everything(made, turns)
    client = guide_client(made.anna)
    client.get(HOME)

    with CaptureQueriesContext(connection) as captured:
        client.get(HOME)

    assert asked(captured) == 8, [query["sql"][:120] for query in captured]


@pytest.mark.parametrize("turns", [1, 3])
def test_full_list_asks_the_same_number_of_queries_for_any_number_of_rows(made, guide_client, turns):
    everything(made, turns)
    client = guide_client(made.anna)
    client.get(HOME)
    found = {}

    for code in QUERYSETS:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("guidance:waiting_list", args=[code]))
        found[code] = asked(captured)

    assert found == {code: 8 if code not in (LEAD, WRITTEN, NOT_CALLED) else found[code] for code in QUERYSETS}


def test_home_shows_the_first_rows_and_links_to_all(made, guide_client):
    for _turn in range(SHOWN + 2):
        due(make_pathway(made, client=make_client()), -1)

    section = guide_client(made.anna).get(HOME).context["sections"][0]

    assert (len(section.rows), section.count) == (SHOWN, SHOWN + 2)
    assert section.more_url == reverse("guidance:waiting_list", args=[OVERDUE])


def test_full_list_pages_through_every_row_once(made, guide_client, monkeypatch):
    monkeypatch.setattr("guidance.views.waiting.ON_PAGE", 2)
    for _turn in range(5):
        due(make_pathway(made, client=make_client()), -1)
    client, seen, place = guide_client(made.anna), [], ""
    for _page in range(3):
        page = client.get(reverse("guidance:waiting_list", args=[OVERDUE]) + place)
        seen += [row.pseudonym for row in page.context["rows"]]
        place = f"?after={page.context['page'].after}"

    assert sorted(seen) == sorted(Pathway.objects.values_list("pseudonym", flat=True))
    back = client.get(reverse("guidance:waiting_list", args=[OVERDUE]) + f"?before={page.context['page'].rows[0].pk}")
    assert [row.pseudonym for row in back.context["rows"]] == seen[2:4]


def test_home_writes_whom_it_showed_and_an_empty_one_nobody(made, guide_client):
    found = everything(made)

    guide_client(made.anna).get(HOME)
    guide_client(made.city_people[1]).get(reverse("guidance:waiting_list", args=[OVERDUE]))

    log, empty = AccessLog.objects.filter(action=LogAction.LIST).order_by("pk")
    shown = set(AccessLogSubject.objects.filter(log_id=log.pk).values_list("pseudonym", flat=True))
    assert shown == {pathway.pseudonym for rows in found.values() for pathway in rows}
    assert (log.user_id, log.page, log.organisation_id) == (made.anna.user_id, "guidance:waiting", made.city.pk)
    assert not AccessLogSubject.objects.filter(log_id=empty.pk).exists()


def test_unknown_part_is_missing(made, guide_client):
    assert guide_client(made.anna).get(reverse("guidance:waiting_list", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("place", ["?after=x", "?after=-1", "?after=99999999999999999999", "?before=7", "?after=%00"])
def test_place_that_is_none_shows_the_first_page(made, guide_client, place):
    due(make_pathway(made), -1)

    assert len(guide_client(made.anna).get(reverse("guidance:waiting_list", args=[OVERDUE]) + place).context["rows"]) == 1


def test_home_links_lead_here_from_every_page(made, guide_client):
    page = guide_client(made.anna).get("/").content.decode()

    assert f'class="waiting-link" href="{HOME}"' in page


def test_stale_client_who_was_transferred_is_on_the_list_of_the_new_owner(made):
    """The pathway goes on in the partnership of the one who handed the client over, of which the new owner is no part."""
    other = make_partnership()
    other.partnership.stale_after = 90
    other.partnership.save()
    pathway = make_pathway(made)
    handoff = accept(make_handoff(made, pathway, to=other.city, kind=HandoffKind.TRANSFER), other.anna)
    meet(handoff, other.anna)
    Pathway.objects.filter(pk=pathway.pk).update(last_event_at=timezone.now() - timedelta(days=31))

    part = waiting_parts(desk_of(other.anna, timezone.now()))[STALE]

    assert ([thing.pseudonym for thing in part.things], waiting_rows(desk_of(other.anna, timezone.now()), STALE).count()) == ([pathway.pseudonym], 1)


def test_stale_rows_follow_their_partnership(made):
    pathway = make_pathway(made)
    Pathway.objects.filter(pk=pathway.pk).update(last_event_at=timezone.now() - timedelta(days=12))
    desk = desk_of(made.anna, timezone.now())
    before = waiting_rows(desk, STALE).count()
    made.partnership.stale_after = 10
    made.partnership.save()

    assert (before, waiting_rows(desk_of(made.anna, timezone.now()), STALE).count()) == (0, 1)
