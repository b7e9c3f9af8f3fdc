"""Logging a contact, the timeline's pages and filters, who reads a note, steps and appointments."""
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from guidance.actions.contacts import log_event
from guidance.choices import CheckIn, EventKind, OptionState
from guidance.forms.moments import MomentField, written_moment
from guidance.models import Event, NextStep, Pathway
from guidance.queries.health_words import health_words
from guidance.queries.timeline import EVENTS_ON_PAGE, TimelineFilter, read_cursor, timeline_page
from pilots.forms.days import written
from tests.guidance.factories import accept, days_from_now, make_handoff, make_option, make_pathway, make_shared_pathway, new_client, time_from_now
from tests.guidance.web import counted, logged, sign_in, told

TIMELINE_QUERIES = 11


def url(name: str, pathway: Pathway, *more) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym, *more])


@pytest.fixture
def anna(made):
    return sign_in(made.anna)


def contact(**changes) -> dict:
    now = written_moment(timezone.now())
    return {"token": str(uuid.uuid4()), "kind": "call", "text": "Sovittiin tapaaminen", "at": now, "at_shown": now, "visibility": "participants"} | changes


# Logging ---------------------------------------------------------------------------------------


def test_log_from_the_small_form_takes_one_press_and_is_now(made, anna, pathway):
    answer = anna.post(url("pathway_log", pathway), contact())

    event = pathway.events.latest("pk")
    assert (answer.status_code, answer["Location"]) == (302, pathway.get_absolute_url())
    assert (event.kind, event.text, event.by_id) == ("call", "Sovittiin tapaaminen", made.anna.pk)
    assert timezone.now() - event.at < timedelta(seconds=30)
    assert logged()[-1] == ("change", "guidance:pathway_log", [pathway.pseudonym])


def test_log_typed_time_is_kept_as_finnish_time(anna, pathway):
    Pathway.objects.filter(pk=pathway.pk).update(opened_at=time_from_now(days=-400))

    anna.post(url("pathway_log", pathway), contact(at="3.2.2026 klo 14.05", at_shown="1.1.2026 8.00"))

    assert timezone.localtime(pathway.events.latest("pk").at).isoformat() == "2026-02-03T14:05:00+02:00"


def test_log_sent_twice_is_one_event(anna, pathway):
    form = contact()

    answers = [anna.post(url("pathway_log", pathway), form).status_code for _turn in range(2)]

    assert answers == [302, 302]
    assert pathway.events.filter(kind="call").count() == 1


@pytest.mark.parametrize(
    "field,value",
    [
        *(("at", text) for text in ("", "eilen", "31.2.2026 12.00", "3.2.2026", "1.1.0001 12.00", "3.2.2026 25.00", "a\x00b", "29.3.2026 3.30")),
        *(("text", text) for text in ("a\x00b", "x" * 4001)),
        *(("kind", code) for code in ("", "move", "made-up", "\x00")),
        *(("visibility", code) for code in ("", "made-up")),
        *(("token", text) for text in ("", "x", "\x00")),
        *(("shown_to", text) for text in ("x", "\x00", "99999999999999999999", "999999999999999999")),
        ("programme", "99999999999999999999"),
        ("programme", "x"),
    ],
)
def test_log_bad_input_names_the_field_and_writes_nothing(anna, made, pathway, field, value):
    # Readers are chosen only where somebody else takes part.
    pathway = make_shared_pathway(made) if field == "shown_to" else pathway
    before = Event.objects.count()

    answer = anna.post(url("pathway_log", pathway), contact(**{field: value}))

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Event.objects.count() == before


def test_log_of_what_is_still_to_come_is_refused_at_its_field(anna, pathway):
    answer = anna.post(url("pathway_log", pathway), contact(at=written_moment(time_from_now(days=2))))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["at"]


def test_log_in_the_minute_of_the_opening_is_not_before_it(anna, pathway):
    answer = anna.post(url("pathway_log", pathway), contact(at=written_moment(pathway.opened_at), at_shown=""))

    assert answer.status_code == 302


def test_log_with_health_details_is_shown_once_more_and_then_stored(anna, pathway):
    form = contact(text="Asiakkaalla on masennusta ja sairausloma")

    warned = anna.post(url("pathway_log", pathway), form)
    stored_after_warning = pathway.events.filter(kind="call").count()
    again = anna.post(url("pathway_log", pathway), form | {"as_it_is": "1"})

    assert (warned.status_code, stored_after_warning) == (422, 0)
    assert warned.context["warned_of"] == ["masennusta", "sairausloma"]
    assert (again.status_code, pathway.events.filter(kind="call").count()) == (302, 1)


@pytest.mark.parametrize(
    "text,found",
    [
        ("Puhuttiin opinnoista ja työharjoittelusta.", []),
        ("Hänellä todettiin MASENNUS.", ["MASENNUS"]),
        ("Är sjukskriven till mars", ["sjukskriven"]),
        ("Has been diagnosed", ["diagnosed"]),
        ("Lähihoitaja, hoiva-ala, oppisopimus; yhteishaku, haastattelu", []),
        ("", []),
    ],
)
def test_health_words_are_found_in_three_languages(text, found):
    assert health_words(text) == found


@pytest.mark.parametrize("quick,kind,check_in", [("well", EventKind.CHECK_IN, CheckIn.WELL), ("worried", EventKind.CHECK_IN, CheckIn.WORRIED), ("absent", EventKind.CHECK_IN, CheckIn.ABSENT), ("no_answer", EventKind.NO_ANSWER, "")])
def test_check_in_is_one_click(anna, pathway, quick, kind, check_in):
    form = {"token": str(uuid.uuid4()), "quick": quick}

    answers = [anna.post(url("check_in_add", pathway), form).status_code for _turn in range(2)]

    event = pathway.events.latest("pk")
    assert answers == [302, 302]
    assert (event.kind, event.check_in) == (kind, check_in)
    assert pathway.events.filter(kind=kind).count() == 1


@pytest.mark.parametrize("form", [{}, {"quick": "well"}, {"quick": "made-up", "token": "x"}, {"quick": "\x00", "token": str(uuid.uuid4())}])
def test_check_in_with_bad_input_logs_nothing_and_says_so(anna, pathway, form):
    answer = anna.post(url("check_in_add", pathway), form, follow=True)

    assert len(list(answer.context["messages"])) == 1
    assert pathway.events.filter(kind=EventKind.CHECK_IN).count() == 0


def test_check_in_answers_get_with_405(anna, pathway):
    assert anna.get(url("check_in_add", pathway)).status_code == 405


# Who reads a note ------------------------------------------------------------------------------


@pytest.mark.parametrize("visibility,chosen,college_reads,te_reads", [("participants", [], True, True), ("own", [], False, False), ("chosen", ["college"], True, False)])
def test_note_is_read_by_whom_it_was_written_for(made, anna, visibility, chosen, college_reads, te_reads):
    pathway = make_shared_pathway(made)
    pathway.participations.create(organisation=made.te, responsible=made.taru, starts_at=timezone.now(), processing_basis="statutory_task", disclosure_basis="statute", disclosure_statute="keksitty säännös")

    answer = anna.post(url("pathway_log", pathway), contact(kind="note", text="Luottamuksellinen sana", visibility=visibility, shown_to=[getattr(made, name).pk for name in chosen]))

    assert answer.status_code == 302
    reads = ["Luottamuksellinen sana" in sign_in(person).get(url("pathway_timeline", pathway)).content.decode() for person in (made.anna, made.ossi, made.taru)]
    assert reads == [True, college_reads, te_reads]


def test_note_for_chosen_organisations_needs_one_that_takes_part(made, anna):
    pathway = make_shared_pathway(made)

    nobody = anna.post(url("pathway_log", pathway), contact(kind="note", visibility="chosen"))
    outsider = anna.post(url("pathway_log", pathway), contact(kind="note", visibility="chosen", shown_to=[made.te.pk]))

    assert [list(answer.context["form"].errors) for answer in (nobody, outsider)] == [["shown_to"], ["shown_to"]]
    assert pathway.events.filter(kind="note").count() == 0


# The timeline ----------------------------------------------------------------------------------


def write_events(pathway, person, count: int, **fields) -> None:
    at = timezone.now()
    for turn in range(count):
        # Two of each minute, so that the id has to part them.
        pathway.events.create(**{"kind": "call", "at": at - timedelta(minutes=turn // 2), "by": person, "organisation": person.organisation, "text": f"Rivi {turn}"} | fields)


def test_timeline_pages_show_every_event_once_without_offset(made):
    pathway = make_pathway(made)
    write_events(pathway, made.anna, 75)
    shown, narrow = [], TimelineFilter()

    while True:
        page = timeline_page(made.anna, pathway, narrow)
        shown += [event.pk for day in page.days for event in day.events]
        if not page.older:
            break
        narrow = TimelineFilter(before=read_cursor(page.older))

    expected = list(pathway.events.order_by("-at", "-pk").values_list("pk", flat=True))
    assert shown == expected
    assert len(shown) > 2 * EVENTS_ON_PAGE


@pytest.mark.parametrize("count", [1, 3, 40])
def test_timeline_asks_the_same_number_of_queries(made, anna, count):
    pathway = make_shared_pathway(made)
    write_events(pathway, made.anna, count)

    with counted() as statements:
        answer = anna.get(url("pathway_timeline", pathway))

    assert answer.status_code == 200
    assert len(statements) == TIMELINE_QUERIES, told(statements)


def test_timeline_is_narrowed_by_codes_alone(made, anna):
    pathway = make_shared_pathway(made)
    write_events(pathway, made.anna, 2, text="Kaupungin puhelu")
    write_events(pathway, made.ossi, 1, kind="visit", text="Opiston käynti")

    calls = anna.get(url("pathway_timeline", pathway), {"kind": "call"}).content.decode()
    college = anna.get(url("pathway_timeline", pathway), {"organisation": made.college.pk}).content.decode()

    assert ("Kaupungin puhelu" in calls, "Opiston käynti" in calls) == (True, False)
    assert ("Kaupungin puhelu" in college, "Opiston käynti" in college) == (False, True)


@pytest.mark.parametrize("query", ["kind=made-up", "kind=%00", "organisation=x", "organisation=%00", "organisation=99999999999999999999", "organisation=999999999999999", "before=x", "before=%00", "before=00000000T000000.000000-1", "before=99991399T996199.999999-1", "before=20260101T000000.000000-999999999999999999"])
def test_timeline_answers_any_code_with_a_page(anna, pathway, query):
    assert anna.get(f"{url('pathway_timeline', pathway)}?{query}").status_code == 200


def test_timeline_words_come_from_codes_and_ids(made, anna):
    pathway = make_shared_pathway(made)
    anna.post(url("pathway_study_counsellor", pathway), {"person": made.ossi.pk})

    with translation.override("en"):  # the request has put the language of the session's page back
        page = timeline_page(made.anna, pathway, TimelineFilter())
        says = [event.says for day in page.days for event in day.events]

    assert says[0] == f"study counsellor: {made.ossi.user.name}"
    assert f"sent to {made.college.name}" in says


# A contact that does a step ----------------------------------------------------------------------


def test_log_does_the_chosen_step_from_the_small_form(made, anna, pathway):
    step = pathway.next_steps.get()
    offered = anna.get(pathway.get_absolute_url()).content.decode()

    answer = anna.post(url("pathway_log", pathway), contact(step=step.pk, next_what="Soita uudelleen", next_when=written(days_from_now(5))))

    assert f'<option value="{step.pk}">' in offered
    assert answer.status_code == 302
    assert [(row.what, row.due_on, row.responsible_id) for row in pathway.next_steps.open()] == [("Soita uudelleen", days_from_now(5), made.anna.pk)]


def test_log_with_what_comes_next_alone_leaves_the_open_step(anna, pathway):
    anna.post(url("pathway_log", pathway), contact(next_what="Tapaa opistolla", next_when=f"{written(days_from_now(5))} 14.05"))

    assert [(row.kind, row.done_at) for row in pathway.next_steps.order_by("pk")] == [("step", None), ("appointment", None)]


@pytest.mark.parametrize(
    "changes, fields",
    [
        ({"step": "own"}, ["next_what", "next_when"]),
        ({"step": "own", "next_what": "Soita"}, ["next_when"]),
        ({"next_when": "3.2.2100"}, ["next_what"]),
        ({"next_what": "Soita", "next_when": "huomenna"}, ["next_when"]),
        ({"step": "own", "kind": "no_answer", "next_what": "Soita", "next_when": "3.2.2100"}, ["step"]),
        ({"step": "other"}, ["step"]),
        ({"step": "99999999999999999999"}, ["step"]),
    ],
)
def test_log_of_a_step_with_bad_input_names_the_field_and_writes_nothing(made, anna, pathway, changes, fields):
    steps = {"own": pathway.next_steps.get().pk, "other": make_pathway(made).next_steps.get().pk}
    before = Event.objects.count()

    answer = anna.post(url("pathway_log", pathway), contact(**{**changes, "step": steps.get(changes.get("step"), changes.get("step", ""))}))

    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, fields)
    assert (Event.objects.count(), pathway.next_steps.open().count()) == (before, 1)


def test_first_contact_of_a_handoff_is_not_done_by_a_log(made, anna, pathway):
    handoff = accept(make_handoff(made, pathway), made.ossi)
    step = pathway.next_steps.open().get(handoff=handoff)

    page = anna.get(pathway.get_absolute_url()).content.decode()
    answer = anna.post(url("pathway_log", pathway), contact(step=step.pk))

    assert f'<option value="{step.pk}">' not in page
    assert list(answer.context["form"].errors) == ["step"]


# Steps -----------------------------------------------------------------------------------------


def step_form(made, **changes) -> dict:
    return {"token": str(uuid.uuid4()), "what": "Soitetaan opistoon", "when": written(days_from_now(5)), "responsible": made.anna.pk, "way": "", "place": "", "minutes": ""} | changes


def test_step_add_is_dated_and_has_its_person_and_is_one_when_sent_twice(made, anna, pathway):
    form = step_form(made)

    answers = [anna.post(url("step_add", pathway), form).status_code for _turn in range(2)]

    step = pathway.next_steps.get(what="Soitetaan opistoon")
    assert answers == [302, 302]
    assert (step.kind, step.due_on, step.responsible_id, step.starts_at) == ("step", days_from_now(5), made.anna.pk, None)


def test_step_with_a_time_is_an_appointment(made, anna, pathway):
    day = written(days_from_now(5))

    anna.post(url("step_add", pathway), step_form(made, when=f"{day} 14.05", way="visit", place="Palvelutori", minutes="45", interpreter="on"))

    step = pathway.next_steps.get(what="Soitetaan opistoon")
    assert (step.kind, step.way, step.place, step.minutes, step.interpreter) == ("appointment", "visit", "Palvelutori", 45, True)
    assert timezone.localtime(step.starts_at).strftime("%H.%M") == "14.05"


@pytest.mark.parametrize(
    "field,value",
    [("what", ""), ("what", "x" * 301), ("what", "a\x00"), ("when", ""), ("when", "huomenna"), ("when", "1.1.2020"), ("when", "1.1.0001"), ("when", "a\x00"), ("minutes", "0"), ("minutes", "99999999999999999999"), ("responsible", "x"), ("way", "made-up")],
)
def test_step_add_bad_input_names_the_field_and_writes_nothing(made, anna, pathway, field, value):
    answer = anna.post(url("step_add", pathway), step_form(made, **{field: value}))

    errors = answer.context["form"].errors
    assert answer.status_code == 422
    assert field in errors or (value == "1.1.2020" and len(errors) == 1)
    assert pathway.next_steps.count() == 1


def test_step_of_a_person_who_takes_no_part_is_refused(made, anna, pathway):
    answer = anna.post(url("step_add", pathway), step_form(made, responsible=made.ossi.pk))

    assert list(answer.context["form"].errors) == ["responsible"]


def test_step_finish_of_the_last_one_asks_what_follows(made, anna, pathway):
    step = pathway.next_steps.get()

    without = anna.post(url("step_finish", pathway, step.pk), step_form(made, what="", when=""))
    with_next = anna.post(url("step_finish", pathway, step.pk), step_form(made))

    assert (without.status_code, with_next.status_code) == (422, 302)
    assert [(row.what, bool(row.done_at)) for row in pathway.next_steps.order_by("pk")] == [("Keksitty askel", True), ("Soitetaan opistoon", False)]


def test_step_finish_sent_twice_makes_one_following_step(made, anna, pathway):
    step, form = pathway.next_steps.get(), step_form(made)

    answers = [anna.post(url("step_finish", pathway, step.pk), form).status_code for _turn in range(2)]

    assert answers == [302, 302]
    assert pathway.next_steps.count() == 2


def test_step_finish_of_an_appointment_asks_whether_the_client_came(made, anna, pathway):
    step = pathway.next_steps.create(kind="appointment", what="Tapaaminen", due_on=days_from_now(0), starts_at=timezone.now(), responsible=made.anna, created_by=made.anna, created_at=timezone.now())

    silent = anna.post(url("step_finish", pathway, step.pk), step_form(made))
    no_show = anna.post(url("step_finish", pathway, step.pk), step_form(made, attended="no"))

    assert (silent.status_code, no_show.status_code) == (422, 302)
    assert NextStep.objects.get(pk=step.pk).attended is False
    assert pathway.events.latest("pk").kind == EventKind.NO_SHOW


def test_step_finish_after_somebody_else_is_a_conflict(made, anna, pathway):
    step = pathway.next_steps.get()
    anna.post(url("step_finish", pathway, step.pk), step_form(made))

    answer = sign_in(made.city_people[1]).post(url("step_finish", pathway, step.pk), step_form(made))

    assert answer.status_code == 409
    assert pathway.next_steps.count() == 2


def test_step_of_a_first_contact_is_confirmed_on_the_handoff_and_not_here(made, anna, pathway):
    handoff = accept(make_handoff(made, pathway), made.ossi)
    step = pathway.next_steps.open().get(handoff=handoff)
    handoff_page = reverse("guidance:handoff_detail", args=[handoff.pk])

    answer = sign_in(made.ossi).post(url("step_finish", pathway, step.pk), step_form(made, attended="yes"))
    page = anna.get(pathway.get_absolute_url()).context["page"]

    assert (answer.status_code, answer["Location"]) == (302, handoff_page)
    assert NextStep.objects.get(pk=step.pk).done_at is None
    assert [row.waits_to_be_met for row in page.steps if row.pk == step.pk] == [True]


def test_step_change_moves_the_day_and_the_person(made, anna, pathway):
    step = pathway.next_steps.get()

    answer = anna.post(url("step_change", pathway, step.pk), step_form(made, what="Uusi sana", responsible=made.city_people[1].pk))

    step.refresh_from_db()
    assert answer.status_code == 302
    assert (step.what, step.due_on, step.responsible_id) == ("Uusi sana", days_from_now(5), made.city_people[1].pk)


def test_step_change_does_not_lose_a_place_that_may_not_be_seen(made, anna):
    pathway = make_pathway(made, by=made.city_people[1], client=new_client(is_protected=True))
    step = pathway.next_steps.get()
    NextStep.objects.filter(pk=step.pk).update(place="Salattu paikka")

    page = anna.get(url("step_change", pathway, step.pk)).content.decode()
    anna.post(url("step_change", pathway, step.pk), step_form(made, place="Arvaus"))

    step.refresh_from_db()
    assert "Salattu paikka" not in page
    assert (step.place, step.what) == ("Salattu paikka", "Soitetaan opistoon")


def test_step_calendar_holds_the_pseudonym_and_nothing_else(made, anna):
    pathway = make_pathway(made, client=new_client(family_name="Esimerkkinen"))
    step = pathway.next_steps.create(kind="appointment", what="Salainen aihe", place="Salattu paikka", minutes=45, due_on=days_from_now(1), starts_at=time_from_now(days=1), responsible=made.anna, created_at=timezone.now())

    answer = anna.get(url("step_calendar", pathway, step.pk))

    text = answer.content.decode()
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="{pathway.pseudonym}.ics"'
    assert pathway.pseudonym in text
    assert [word in text for word in ("Esimerkkinen", "Salainen", "Salattu")] == [False, False, False]
    assert all(len(line) <= 75 for line in text.encode().split(b"\r\n"))
    start, end = (line.split(":")[1] for line in text.split("\r\n") if line.startswith(("DTSTART", "DTEND")))
    assert start == f"{step.starts_at:%Y%m%dT%H%M%SZ}"
    assert end == f"{step.starts_at + timedelta(minutes=45):%Y%m%dT%H%M%SZ}"


def test_step_without_a_time_has_no_calendar(anna, pathway):
    assert anna.get(url("step_calendar", pathway, pathway.next_steps.get().pk)).status_code == 404


@pytest.mark.parametrize("text", ["3.2.2027 14.05", "3.2.2027 klo 14.05", "03.02.2027 14:05", "3.2.2027 kl. 14.05", "3.2.2027, 14.05", "2027-02-03T14:05", "2027-02-03 14:05"])
def test_moment_is_read_as_people_write_it(text):
    assert timezone.localtime(MomentField().clean(text)).isoformat() == "2027-02-03T14:05:00+02:00"


# Taking back -----------------------------------------------------------------------------------


def test_one_press_is_undone_by_the_link_of_its_message(made, anna, pathway):
    said = anna.post(url("check_in_add", pathway), {"token": str(uuid.uuid4()), "quick": "no_answer"}, follow=True).content.decode()
    event = pathway.events.latest("pk")
    address = url("event_take_back", pathway, event.pk)

    asked = anna.get(address)
    answer = anna.post(address)
    page = anna.get(pathway.get_absolute_url()).content.decode()

    event.refresh_from_db()
    assert said.index(f'href="{address}"') < said.index("<h2")
    assert (asked.status_code, answer["Location"]) == (200, pathway.get_absolute_url())
    assert (event.taken_back_by_id, "taken-back" in page, address in page) == (made.anna.pk, True, False)


def test_taken_back_text_is_struck_and_own_entries_only_can_be_taken_back(made, anna):
    pathway = make_shared_pathway(made)
    own, other = (log_event(by=by, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=f"Teksti {by.pk}") for by in (made.anna, made.ossi))
    addresses = [url("event_take_back", pathway, event.pk) for event in (own, other)]
    before = anna.get(pathway.get_absolute_url()).content.decode()

    anna.post(addresses[0])
    refused = anna.post(addresses[1])

    other.refresh_from_db()
    assert [f'href="{address}"' in before for address in addresses] == [True, False]
    assert (refused.status_code, other.taken_back_at) == (404, None)
    assert f"<s>{own.text}</s>" in sign_in(made.ossi).get(pathway.get_absolute_url()).content.decode()


@pytest.mark.parametrize("state, shown", [(OptionState.ADMITTED, False), (OptionState.STARTED, True)])
def test_buttons_of_studies_are_there_while_studying(made, anna, pathway, state, shown):
    make_option(pathway, made.anna, state, starts_on=days_from_now(-1))

    page = anna.get(pathway.get_absolute_url()).content.decode()

    assert 'value="no_answer"' in page
    assert [f'value="{press}"' in page for press in ("well", "worried", "absent")] == [shown] * 3


@pytest.mark.parametrize("name", ["pathway_log", "attachment_add"])
def test_chosen_organisations_are_offered_where_somebody_else_takes_part(made, anna, name):
    alone, shared = (anna.get(url(name, pathway)).context["form"] for pathway in (make_pathway(made), make_shared_pathway(made)))

    assert ["shown_to" in form.fields for form in (alone, shared)] == [False, True]
    assert ["chosen" in dict(form.fields["visibility"].choices) for form in (alone, shared)] == [False, True]


def test_event_of_an_opening_again_says_it_once(made, pathway):
    event = pathway.events.create(kind=EventKind.OPENED, at=timezone.now(), by=made.anna, organisation=made.city, detail={"again": True})

    [shown] = [shown for day in timeline_page(made.anna, pathway, TimelineFilter()).days for shown in day.events if shown.pk == event.pk]

    assert (shown.kind, shown.says) == ("pathway opened", "again")
