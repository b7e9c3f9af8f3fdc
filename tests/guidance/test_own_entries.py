"""What a client writes, where it lands, and the answer."""
import re
import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxMessage
from guidance.actions.attachments import attach_file
from guidance.actions.contacts import log_event, take_back_event
from guidance.actions.own_entries import answer_entry, write_entry
from guidance.actions.pathways import close_pathway
from guidance.actions.timeline import add_step, finish_step
from guidance.choices import EntryKind, EventKind, RightsKind, StepKind, Visibility
from guidance.forms.moments import written_moment
from guidance.models import ClientEntry, Event, NextStep, Pathway, RightsRequest
from services.conflicts import Conflict
from tests.guidance.factories import days_from_now, make_option, make_pathway, make_shared_pathway, open_steps
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.web import counted, sign_in, told
from tests.project.guided import SMALLEST_PNG

WORDS, HIDDEN = "Asiakkaan sanat", "Järjestöjen kesken"


@pytest.fixture(autouse=True)
def _no_throttle_left(db):
    cache.clear()


@pytest.fixture
def account(pathway):
    return make_account(pathway.client)


def write(account, pathway, kind=EntryKind.QUESTION, **fields):
    return write_entry(**{"account": account, "pathway": pathway, "kind": kind, "text": WORDS, "now": timezone.now()} | fields)


def own_step(made, pathway) -> NextStep:
    return add_step(by=made.anna, pathway=pathway, responsible=made.anna, what="Täytä hakemus", due_on=days_from_now(3), by_client=True)


@pytest.mark.parametrize("kind", EntryKind.values)
def test_client_writes_and_the_counsellor_sees_it_on_the_timeline(made, pathway, account, kind):
    browser = sign_in_client(account)
    address = reverse("own:write", args=[pathway.pseudonym, kind])
    token = str(browser.get(address).context["form"]["token"].value())

    answers = [browser.post(address, {"token": token, "text": WORDS}).headers["Location"] for _turn in range(2)]

    entry = ClientEntry.objects.get()
    assert answers == [reverse("own:written")] * 2
    assert (entry.kind, entry.event.kind, entry.event.text, entry.event.by, entry.event.organisation) == (kind, EventKind.CLIENT, WORDS, None, None)
    page = sign_in(made.anna).get(pathway.get_absolute_url()).content.decode()
    assert (WORDS in page, reverse("guidance:entry_answer", args=[pathway.pseudonym, entry.pk]) in page) == (True, True)


def test_counsellor_answers_and_the_client_sees_it(made, pathway, account):
    entry = write(account, pathway)
    page = reverse("guidance:entry_answer", args=[pathway.pseudonym, entry.pk])
    browser = sign_in_client(account)
    assert browser.get("/en/my-path/").context["paths"][0].unanswered_count == 1

    refused = sign_in(made.anna).post(page, {"text": ""})
    answered = sign_in(made.anna).post(page, {"text": "Ohjaajan vastaus"})

    entry.refresh_from_db()
    assert (refused.status_code, answered.status_code, entry.answered_by, entry.answer.kind) == (422, 302, made.anna, EventKind.ANSWER)
    assert "Ohjaajan vastaus" in browser.get(reverse("own:written")).content.decode()
    assert browser.get("/en/my-path/").context["paths"][0].unanswered_count == 0


def test_second_answer_is_a_conflict_and_the_same_once(made, pathway, account):
    entry = write(account, pathway)
    for _turn in range(2):
        answer_entry(by=made.anna, entry=entry, text="Vastaus", now=timezone.now())

    with pytest.raises(Conflict):
        answer_entry(by=made.city_people[1], entry=entry, text="Toinen", now=timezone.now())
    assert Event.objects.filter(kind=EventKind.ANSWER).count() == 1


@pytest.mark.parametrize("kind, text, is_answered", [(EntryKind.GOAL, "", True), (EntryKind.DONE, "", True), (EntryKind.QUESTION, "", False), (EntryKind.NOT_CONTACTED, " ", False)])
def test_what_is_asked_is_answered_in_words(made, pathway, account, kind, text, is_answered):
    entry = write(account, pathway, kind)
    try:
        answer_entry(by=made.anna, entry=entry, text=text, now=timezone.now())
    except ValidationError:
        assert not is_answered
    assert (ClientEntry.objects.get().answered_at is not None, ClientEntry.objects.get().answer) == (is_answered, None)


def test_others_do_not_answer(made, pathway, account):
    entry = write(account, pathway)

    with pytest.raises(ValidationError):
        answer_entry(by=made.ossi, entry=entry, text="Vastaus", now=timezone.now())
    assert sign_in(made.ossi).get(reverse("guidance:entry_answer", args=[pathway.pseudonym, entry.pk])).status_code == 404


def test_step_of_the_client_is_done_and_others_are_not(made, pathway, account):
    step, workers = own_step(made, pathway), open_steps(pathway)[0]
    entry = write(account, pathway, EntryKind.DONE, step=step, text="")
    step.refresh_from_db()

    assert (step.done_at is not None, step.done_by, entry.step) == (True, None, step)
    with pytest.raises(ValidationError):
        write(account, pathway, EntryKind.DONE, step=workers)
    assert Pathway.objects.get(pk=pathway.pk).next_due_on == workers.due_on


def test_last_open_step_waits_for_what_comes_next(made, pathway, account, nobody_lost):
    NextStep.objects.filter(pathway=pathway).update(by_client=True)
    entry = write(account, pathway, EntryKind.DONE, step=open_steps(pathway)[0])

    assert (entry.step.done_at, NextStep.objects.open().count()) == (None, 1)
    nobody_lost()


def test_not_right_opens_a_request_with_a_day_that_both_see(made, pathway, account):
    entry = write(account, pathway, EntryKind.NOT_RIGHT)
    request = RightsRequest.objects.get()

    assert (request.kind, request.text, entry.request, request.pathway) == (RightsKind.RECTIFICATION, WORDS, request, pathway)
    from django.utils.formats import date_format

    day = date_format(request.answers.get().due_on, "SHORT_DATE_FORMAT")
    pages = [sign_in_client(account).get("/en/my-path/written/"), sign_in(made.anna).get(f"/en/guidance/pathways/{pathway.pseudonym}/entries/{entry.pk}/")]
    assert [day in page.content.decode() for page in pages] == [True, True]


def test_ended_pathway_takes_a_correction_alone(made, pathway, account):
    close_pathway(by=made.anna, pathway=pathway, end_reason="moved", outcome="unemployed")

    assert write(account, pathway, EntryKind.NOT_RIGHT).request is not None
    with pytest.raises(ValidationError):
        write(account, pathway, EntryKind.QUESTION)
    assert sign_in_client(account).get(reverse("own:write", args=[pathway.pseudonym, "question"])).status_code == 404


@pytest.mark.parametrize("fields", [{"text": " "}, {"text": "a" * 2001}, {"kind": "wish"}])
def test_entry_is_refused(pathway, account, fields):
    with pytest.raises(ValidationError):
        write(account, pathway, **fields)
    assert ClientEntry.objects.count() == 0


def test_client_writes_on_no_other_pathway(made, account):
    other = make_pathway(made)

    with pytest.raises(ValidationError):
        write(account, other)
    assert sign_in_client(account).post(reverse("own:write", args=[other.pseudonym, "question"]), {"token": uuid.uuid4(), "text": WORDS}).status_code == 404


def test_writing_is_limited_by_person(pathway, account):
    browser = sign_in_client(account)
    codes = [browser.post(reverse("own:write", args=[pathway.pseudonym, "question"]), {"token": uuid.uuid4(), "text": WORDS}).status_code for _turn in range(31)]

    assert codes == [302] * 30 + [422]


@pytest.mark.parametrize("visibility", [Visibility.ORGANISATIONS, Visibility.OWN, Visibility.CHOSEN])
def test_note_between_organisations_is_counted_and_never_shown(made, visibility):
    pathway = make_shared_pathway(made)
    browser = sign_in_client(make_account(pathway.client))
    before = browser.get("/en/my-path/").context["paths"][0].hidden_count
    log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=HIDDEN, visibility=visibility, shown_to=[made.college] if visibility == Visibility.CHOSEN else [])
    log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=WORDS)
    pages = [browser.get(address) for address in ("/en/my-path/", reverse("own:timeline", args=[pathway.pseudonym]))]

    assert [(WORDS in page.content.decode(), HIDDEN in page.content.decode()) for page in pages] == [(True, False)] * 2
    assert pages[0].context["paths"][0].hidden_count == before + 1
    assert HIDDEN in sign_in(made.ossi if visibility != Visibility.OWN else made.anna).get(pathway.get_absolute_url()).content.decode()


@pytest.mark.parametrize("visibility, status", [(Visibility.PARTICIPANTS, 200), (Visibility.ORGANISATIONS, 404)])
def test_file_is_the_clients_as_its_note_is(made, pathway, account, visibility, status):
    file = attach_file(by=made.anna, pathway=pathway, name="keksitty.png", content=SMALLEST_PNG, visibility=visibility)
    browser = sign_in_client(account)
    answer = browser.get(reverse("own:file", args=[pathway.pseudonym, file.pk]))

    assert (answer.status_code, len(browser.get("/en/my-path/").context["paths"][0].files)) == (status, int(status == 200))
    answer.close()


@pytest.mark.parametrize("rows", [1, 3])
def test_my_path_takes_twelve_queries_however_much_there_is(made, pathway, account, rows):
    for _turn in range(rows):
        own_step(made, pathway)
        make_option(pathway, made.anna)
        write(account, pathway)
        attach_file(by=made.anna, pathway=pathway, name="keksitty.png", content=SMALLEST_PNG)
    browser = sign_in_client(account)
    browser.get("/en/my-path/")

    with counted() as statements:
        assert browser.get("/en/my-path/").status_code == 200
    assert len(statements) <= 12, told(statements)


def test_timeline_of_the_client_goes_on_by_pages(made, pathway, account):
    for number in range(35):
        log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=f"Merkintä-{number}")
    browser = sign_in_client(account)
    first = browser.get(reverse("own:timeline", args=[pathway.pseudonym]))
    older = browser.get(reverse("own:timeline", args=[pathway.pseudonym]), {"before": first.context["timeline"].older})

    found = [re.findall(r"Merkintä-\d+", page.content.decode()) for page in (first, older)]
    assert (len(found[0]), sorted({*found[0], *found[1]}), set(found[0]) & set(found[1])) == (30, sorted(f"Merkintä-{number}" for number in range(35)), set())


def shown(person, part: str) -> list[str]:
    """Pseudonyms in a part of the person's list of what waits."""
    sections = sign_in(person).get("/en/guidance/").context["sections"]
    return [row.pseudonym for section in sections if section.code == part for row in section.rows]


@pytest.mark.parametrize("kind", [EntryKind.QUESTION, EntryKind.NOT_CONTACTED])
def test_unanswered_waits_for_who_guides_and_a_missing_contact_for_the_lead_too(made, pathway, account, kind):
    entry = write(account, pathway, kind)
    leads = reverse("guidance:lead_list", args=[made.partnership.slug])
    of_lead = [pathway.pseudonym] if kind == EntryKind.NOT_CONTACTED else []

    assert (shown(made.anna, "written"), shown(made.lead, "not-called"), shown(made.ossi, "written")) == ([pathway.pseudonym], of_lead, [])
    page = sign_in(made.lead).get(leads, {"show": "not-called"})
    assert ([row.pseudonym for row in page.context["rows"]], pathway.client.family_name in page.content.decode()) == (of_lead, False)
    assert sign_in(made.anna).get("/en/guidance/waiting/written/").status_code == 200
    answer_entry(by=made.anna, entry=entry, text="Soitan tänään", now=timezone.now())
    assert (shown(made.anna, "written"), shown(made.lead, "not-called")) == ([], [])


def test_unanswered_stands_first_on_the_pathways_page_and_in_the_frame(made, pathway, account):
    before = sign_in(made.anna).get("/en/guidance/").wsgi_request.waiting_count
    write(account, pathway, EntryKind.NOT_CONTACTED, text="")
    browser = sign_in(made.anna)

    assert browser.get(pathway.get_absolute_url()).context["page"].attention[0].kind == "danger"
    assert (browser.get("/en/guidance/").wsgi_request.waiting_count, browser.get("/en/").context["waiting_count"]) == (before + 1, before + 1)


def test_client_has_places_of_the_own_and_none_of_the_workers(account):
    browser = sign_in_client(account)

    for address in ("/en/my-path/", "/en/account/"):
        frame = browser.get(address).context
        assert [place.url for place in frame["nav_places"]] == ["/en/my-path/", "/en/my-path/written/", "/en/my-path/readers/", "/en/my-path/links/", "/en/privacy/"]
        assert (frame["search_url"], frame["section_places"], frame["waiting_count"]) == ("", [], None)


def test_mails_go_to_those_who_answer_and_tell_nothing(made, pathway, account):
    entry = write(account, pathway, EntryKind.NOT_CONTACTED)
    answer_entry(by=made.anna, entry=entry, text="Soitan", now=timezone.now())
    write(account, pathway, EntryKind.GOAL)

    mails = list(OutboxMessage.objects.order_by("pk"))
    assert sorted((mail.kind, mail.to_email) for mail in mails) == sorted([("client_not_contacted", made.lead.user.email), ("client_not_contacted", made.anna.user.email), ("own_answered", account.user.email)])
    text = "".join(f"{mail.subject} {mail.body}" for mail in mails)
    assert [word for word in (WORDS, "Soitan", pathway.pseudonym, pathway.client.family_name, pathway.client.given_names) if word in text] == []
    assert made.city.name_fi not in mails[-1].body


@pytest.mark.parametrize("contact, is_answered", [(EventKind.CALL, True), (EventKind.VISIT, True), (EventKind.NO_ANSWER, False), (EventKind.MESSAGE, False), ("earlier", False), ("met", True)])
def test_contact_that_was_held_answers_that_nobody_has_called(made, pathway, account, contact, is_answered, nobody_lost):
    now = timezone.now()
    entry, question = write(account, pathway, EntryKind.NOT_CONTACTED, now=now), write(account, pathway)
    if contact == "met":
        step = add_step(by=made.anna, pathway=pathway, responsible=made.anna, kind=StepKind.APPOINTMENT, what="Tapaaminen", starts_at=now + timedelta(hours=1), due_on=None)
        NextStep.objects.filter(pk=step.pk).update(starts_at=now, due_on=timezone.localdate())
        finish_step(by=made.anna, step=step, attended=True)
    else:
        event = log_event(by=made.anna, pathway=pathway, kind=EventKind.CALL if contact == "earlier" else contact, at=pathway.opened_at if contact == "earlier" else now, text="Keksitty")

    entry.refresh_from_db()
    assert (entry.answered_by, entry.answer) == (made.anna if is_answered else None, None)
    assert shown(made.lead, "not-called") == ([] if is_answered else [pathway.pseudonym])
    assert ClientEntry.objects.get(pk=question.pk).answered_at is None
    page = sign_in_client(account).get("/en/my-path/written/").content.decode()
    assert ("You have been contacted" in page) == is_answered
    nobody_lost()
    if is_answered and contact != "met":
        assert entry.answered_at == now
        take_back_event(by=made.anna, event=event)
        assert shown(made.lead, "not-called") == [pathway.pseudonym]


def test_logging_says_that_the_client_is_answered(made, pathway, account):
    entry = write(account, pathway, EntryKind.NOT_CONTACTED, now=timezone.now() - timedelta(minutes=5))
    browser, now = sign_in(made.anna), written_moment(timezone.now())
    assert reverse("guidance:pathway_log", args=[pathway.pseudonym]) in browser.get(reverse("guidance:entry_answer", args=[pathway.pseudonym, entry.pk])).content.decode()

    said = [
        [str(one) for one in browser.post(reverse("guidance:pathway_log", args=[pathway.pseudonym]), {"token": uuid.uuid4(), "kind": "call", "at": now, "at_shown": now, "visibility": "participants"}, follow=True).context["messages"]]
        for _turn in range(2)
    ]

    assert [len(one) for one in said] == [2, 1]
    assert browser.get(reverse("guidance:entry_answer", args=[pathway.pseudonym, entry.pk])).context["entry"].answered_at is not None
