import re
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import OutboxMessage
from guidance.actions.answers import decline_handoff
from guidance.actions.clients import protect_client
from guidance.actions.consents import withdraw_consent
from guidance.actions.contacts import log_event
from guidance.actions.handoffs import send_again, withdraw_handoff
from guidance.actions.ladder import climb_ladder
from guidance.choices import AssessmentCode, DisclosureBasis, EventKind, HandoffKind, HandoffState, LogAction, Purpose, Section, TargetGroup, Visibility
from guidance.forms.moments import written_moment
from guidance.models import AccessLog, AccessLogSubject, Handoff, Participation, Pathway
from guidance.queries.handoff_page import ANSWER, ENDED, UNANSWERED, UNMET, count_narrowed, passed_on
from guidance.views.handoffs import TOLD_FOR
from pilots.choices import Role
from pilots.forms.days import written
from tests.guidance.factories import (
    accept,
    days_from_now,
    make_counsellor,
    make_handoff,
    make_item,
    make_option,
    make_organisation,
    make_partnership,
    make_pathway,
    make_shared_pathway,
    meet,
    new_client,
    time_from_now,
)
from tests.guidance.web import sign_in

# What each section alone shows of the pathway `full`; the words stand nowhere else on the page.
MARKERS = {
    Section.IDENTITY: "Sukunimimerkki",
    Section.GOAL: "Tavoitemerkki",
    # The label of AssessmentCode.DISTANCE in English, as these pages are; read here it would be in the language of the import.
    Section.ASSESSMENT: "distance or transport",
    Section.OPTIONS: "Vaihtoehtomerkki",
    Section.NEXT_STEPS: "Keksitty askel",
    Section.EVENTS: "Tapahtumamerkki",
}
OWN_NOTE = "Omamerkki"


@pytest.fixture
def full(made) -> Pathway:
    """A pathway of the city with something in every section, and a note that the city keeps to itself."""
    pathway = make_pathway(made, client=new_client(family_name=MARKERS[Section.IDENTITY]), goal=MARKERS[Section.GOAL])
    make_item(pathway, made.anna, "obstacle", AssessmentCode.DISTANCE)
    option = make_option(pathway, made.anna)
    option.title = MARKERS[Section.OPTIONS]
    option.save()
    log_event(by=made.anna, pathway=pathway, kind=EventKind.CALL, at=timezone.now(), text=MARKERS[Section.EVENTS])
    log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=OWN_NOTE, visibility=Visibility.OWN)
    return pathway


def url(name: str, handoff: Handoff) -> str:
    return reverse(f"guidance:handoff_{name}", args=[handoff.pk])


def send_url(pathway: Pathway) -> str:
    return reverse("guidance:handoff_send", args=[pathway.pseudonym])


def posted(made, **fields) -> dict:
    return {
        "to": f"organisation:{made.college.pk}", "kind": HandoffKind.REFERRAL, "basis": DisclosureBasis.STATUTE, "basis_statute": "keksitty säännös", "sections": [Section.GOAL, Section.ASSESSMENT],
        "reason": "Keksitty syy", "due_on": written(days_from_now(7)), "token": str(uuid4()), "phase": "preview",
    } | fields


def test_what_sending_would_refuse_is_told_before_the_preview(made, full, guide_client):
    make_handoff(made, full)

    open_already = guide_client(made.anna).post(send_url(full), posted(made))
    own_ground = guide_client(made.anna).post(send_url(full), posted(made, to=f"organisation:{made.te.pk}", basis=DisclosureBasis.OWN))

    assert [answer.status_code for answer in (open_already, own_ground)] == [422, 422]
    assert [answer.templates[0].name for answer in (open_already, own_ground)] == ["guidance/handoff_send.html"] * 2
    assert set(own_ground.context["form"].errors) == {"basis"}
    assert Handoff.objects.count() == 1


def test_preview_writes_nothing(made, full, guide_client):
    before = (OutboxMessage.objects.count(), full.events.count(), full.consents.count())

    answer = guide_client(made.anna).post(send_url(full), posted(made, basis=DisclosureBasis.CONSENT, consented_on=written(timezone.localdate())))

    assert answer.status_code == 200
    assert (OutboxMessage.objects.count(), full.events.count(), full.consents.count(), Handoff.objects.count()) == (*before, 0)


def test_name_of_an_outside_body_chooses_it(made, full, guide_client):
    fields = posted(made, to="", to_outside="Keksitty paja", to_outside_email="paja@example.org", sections=[], phase="send")

    answer = guide_client(made.anna).post(send_url(full), fields)

    assert (answer.status_code, Handoff.objects.get().to_outside) == (302, "Keksitty paja")


def test_receivers_are_in_natural_order_and_the_own_house_last(made, full, guide_client):
    people = [make_counsellor(made.college, name=f"Aamu Ohjaaja {number}") for number in (10, 2, 1)]

    groups = [(label, group) for label, group in guide_client(made.anna).get(send_url(full)).context["form"].fields["to"].choices if isinstance(group, list)]

    assert [label for label, _group in groups][-2] == made.city.name
    college = [value for value, _words in dict(groups)[made.college.name]]
    assert [value for value in college if value in {f"person:{person.pk}" for person in people}] == [f"person:{person.pk}" for person in reversed(people)]


def decided(**fields) -> dict:
    return {"kind": HandoffKind.TRANSFER, "decided_by": "Keksitty johtaja", "decided_on": written(timezone.localdate())} | fields


def first_contact(**fields) -> dict:
    return {"first_contact_at": written_moment(time_from_now(days=2)), "first_contact_way": "visit", "place": "Keksintie 1"} | fields


def same_page(one, other) -> bool:
    """Two answers that tell the same: but for the address asked for (in every language) and the form's own token."""
    tokens = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    pages, headers = [], []
    for answer in (one, other):
        path = re.sub("^/(sv|en)/", "/", answer.request["PATH_INFO"])
        pages.append(tokens.sub(b"", answer.content).replace(quote(path, safe="").encode(), b"").replace(path.encode(), b""))
        headers.append({name: value for name, value in answer.headers.items() if name not in ("Content-Length", "Expires", "X-Request-ID")})
    return one.status_code == other.status_code and pages[0] == pages[1] and headers[0] == headers[1]


def logged(action: str) -> list[str]:
    ids = AccessLog.objects.filter(action=action).values_list("pk", flat=True)
    return list(AccessLogSubject.objects.filter(log_id__in=list(ids)).order_by("pk").values_list("pseudonym", flat=True))


# What is passed on ---------------------------------------------------------------------------------


def test_preview_all_sections_show_their_words_but_no_own_note(made, full, guide_client):
    handoff = make_handoff(made, full, sections=list(Section.values))

    page = guide_client(made.ossi).get(url("detail", handoff)).content.decode()

    assert [section for section, words in MARKERS.items() if words not in page] == []
    assert OWN_NOTE not in page


@pytest.mark.parametrize("section", Section.values)
def test_preview_one_section_shows_nothing_of_the_others(made, full, guide_client, section):
    handoff = make_handoff(made, full, sections=[section])

    page = guide_client(made.ossi).get(url("detail", handoff)).content.decode()

    assert [other for other, words in MARKERS.items() if words in page] == [section]


@pytest.mark.parametrize("section", Section.values)
def test_preview_of_the_sender_is_what_the_receiver_sees(made, full, guide_client, section):
    sender = guide_client(made.anna)
    data = posted(made, sections=[section])

    preview = sender.post(send_url(full), data)
    sender.post(send_url(full), data | {"phase": "send"})
    received = guide_client(made.ossi).get(url("detail", Handoff.objects.get()))

    assert preview.context["passed_on"] == received.context["passed_on"] != []
    assert (preview.status_code, [other for other, words in MARKERS.items() if words in preview.content.decode()]) == (200, [section])


def test_preview_of_a_protected_client_has_no_free_text_nor_contact(made, full, guide_client):
    client = full.client
    client.is_protected, client.contact_address = True, "Yhteysmerkki 1"
    client.save()
    handoff = make_handoff(made, full, sections=list(Section.values))

    page = guide_client(made.ossi).get(url("detail", handoff)).content.decode()

    assert MARKERS[Section.IDENTITY] in page
    assert [words for words in (*[MARKERS[s] for s in (Section.GOAL, Section.OPTIONS, Section.NEXT_STEPS, Section.EVENTS)], "Yhteysmerkki") if words in page] == []


def test_preview_stores_nothing(made, full, guide_client):
    guide_client(made.anna).post(send_url(full), posted(made))

    assert Handoff.objects.count() == OutboxMessage.objects.count() == 0


# Sending -------------------------------------------------------------------------------------------


def test_send_once_however_often_it_is_pressed(made, full, guide_client):
    client, data = guide_client(made.anna), posted(made, phase="send")

    answers = [client.post(send_url(full), data) for _turn in range(3)]

    handoff = Handoff.objects.get()
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, url("detail", handoff))] * 3
    assert (handoff.to_organisation, handoff.sections, handoff.basis_statute) == (made.college, [Section.ASSESSMENT, Section.GOAL], "keksitty säännös")


def test_send_back_from_the_preview_loses_nothing(made, full, guide_client):
    data = posted(made, to=f"person:{made.ossi.pk}", basis=DisclosureBasis.CONSENT, consented_on="1.2.2026", sections=[Section.EVENTS])

    page = guide_client(made.anna).post(send_url(full), data | {"phase": "back"})

    shown = {name: page.context["form"][name].value() for name in data if name != "phase"}
    assert shown == {name: value for name, value in data.items() if name != "phase"}
    assert page.context["form"].errors == {}


def test_send_receivers_are_those_of_the_partnership_who_can_receive(made, full, guide_client):
    stranger = make_counsellor(make_organisation("Sivullinen yhteisö"))
    ended = made.te_people[1]
    ended.ended_at, ended.end_reason = timezone.now(), "ended"
    ended.save()

    page = guide_client(made.anna).get(send_url(full))

    values = {value for _label, group in page.context["form"].fields["to"].choices if isinstance(group, list) for value, _words in group}
    assert values == {
        *(f"organisation:{organisation.pk}" for organisation in (made.college, made.te)),
        *(f"person:{person.pk}" for person in [*made.people, made.lead] if person not in (made.anna, ended)),
        "outside",
    }
    assert f"person:{stranger.pk}" not in values


def test_send_transfer_can_go_to_the_owner_of_another_partnership(made, full, guide_client):
    other = make_partnership()

    answer = guide_client(made.anna).post(send_url(full), posted(made, phase="send", kind=HandoffKind.TRANSFER, to=f"organisation:{other.city.pk}", understood="on"))

    assert (answer.status_code, Handoff.objects.get().to_organisation) == (302, other.city)


def test_transfer_to_no_employment_authority_shows_its_decision_to_both_sides(made, full, guide_client):
    sender = guide_client(made.anna)

    preview = sender.post(send_url(full), posted(made, **decided()))
    sender.post(send_url(full), posted(made, phase="send", understood="on", **decided()))

    handoff = Handoff.objects.get()
    assert (handoff.decided_by, handoff.decided_on) == ("Keksitty johtaja", timezone.localdate())
    for page in (preview, sender.get(url("detail", handoff)), guide_client(made.ossi).get(url("detail", handoff))):
        assert "Keksitty johtaja" in page.content.decode()


def test_transfer_is_sent_only_when_its_loss_was_read(made, full, guide_client):
    client = guide_client(made.anna)

    preview = client.post(send_url(full), posted(made, **decided())).content.decode()
    answer = client.post(send_url(full), posted(made, phase="send", **decided()))

    assert re.search(r'id="lost".*type="checkbox" name="understood"', preview, re.DOTALL)
    assert (answer.status_code, list(answer.context["form"].errors), Handoff.objects.count()) == (422, ["understood"], 0)


def test_a_daily_kind_loses_nothing_and_keeps_no_decision(made, full, guide_client):
    client = guide_client(made.anna)
    fields = posted(made, **decided(kind=HandoffKind.REFERRAL))

    preview = client.post(send_url(full), fields).content.decode()
    client.post(send_url(full), fields | {"phase": "send"})

    assert 'id="lost"' not in preview
    assert (Handoff.objects.get().decided_by, Handoff.objects.get().decided_on) == ("", None)


def test_transfer_is_offered_to_the_owner_of_the_process_only(made, guide_client):
    pathway = make_shared_pathway(made)

    offered = {person: dict(guide_client(person).get(send_url(pathway)).context["form"].fields["kind"].choices) for person in (made.anna, made.ossi)}

    assert [HandoffKind.TRANSFER in kinds for kinds in offered.values()] == [True, False]


def test_transfer_sent_again_keeps_its_decision(made, full, guide_client):
    handoff = decline_handoff(by=made.ossi, handoff=make_handoff(made, full, kind=HandoffKind.TRANSFER), reason="Syy")
    client = guide_client(made.anna)

    shown = client.get(url("again", handoff)).context["form"].initial
    fields = posted(made, phase="send", understood="on", decided_by=shown["decided_by"], decided_on=written(shown["decided_on"]))
    answer = client.post(url("again", handoff), fields)

    assert (answer.status_code, Handoff.objects.latest("pk").decided_by) == (302, "Keksitty johtaja")


@pytest.mark.parametrize(
    "fields, wrong",
    [
        (decided(decided_by=" "), "decided_by"),
        (decided(decided_on=""), "decided_on"),
        (decided(decided_on="31.12.2198"), "decided_on"),
        ({"to": ""}, "to"),
        ({"basis_statute": ""}, "basis_statute"),
        ({"basis": DisclosureBasis.CONSENT}, "consented_on"),
        ({"sections": []}, "sections"),
        ({"due_on": "1.1.2020"}, "due_on"),
        ({"reason": ""}, "reason"),
        ({"kind": HandoffKind.ASSIGNMENT}, "to"),
        ({"to": "outside"}, "to_outside"),
        ({"to": "outside", "to_outside": "Keksitty paja", "to_outside_email": "paja@example.org", "kind": HandoffKind.TRANSFER}, "kind"),
        ({"to": "organisation:999999"}, "to"),
        ({"to": "person:x"}, "to"),
    ],
)
def test_send_refused_at_its_field(made, full, guide_client, fields, wrong):
    answer = guide_client(made.anna).post(send_url(full), posted(made, phase="send", **fields))

    assert (answer.status_code, wrong in answer.context["form"].errors) == (422, True)
    assert Handoff.objects.count() == 0


def test_send_what_the_action_refuses_is_told_at_the_field(made, full, guide_client):
    make_handoff(made, full)

    answer = guide_client(made.anna).post(send_url(full), posted(made, phase="send", basis=DisclosureBasis.OWN))

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"basis"}


def test_send_shows_to_whom_it_went_last(made, full, guide_client):
    withdraw_handoff(by=made.anna, handoff=make_handoff(made, full, to=made.te))

    page = guide_client(made.anna).get(send_url(full))

    assert [(row.receiver_name, row.state) for row in page.context["earlier"]] == [(made.te.name, HandoffState.WITHDRAWN)]


def test_send_from_an_ended_pathway_is_told(made, full, guide_client):
    Pathway.objects.filter(pk=full.pk).update(closed_at=timezone.now(), closed_by=made.anna, end_reason="moved", outcome="unknown")

    answer = guide_client(made.anna).get(send_url(full))

    assert (answer.status_code, answer.url) == (302, full.get_absolute_url())


# Who sees ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["detail", "accept", "decline", "withdraw", "met", "contact", "pause", "again"])
def test_foreign_handoff_is_a_missing_one(made, full, guide_client, name):
    handoff = make_handoff(made, full)
    client = guide_client(made.taru)

    foreign = client.get(url(name, handoff))
    missing = client.get(url(name, Handoff(pk=handoff.pk + 1000)))

    assert foreign.status_code == 404
    assert same_page(foreign, missing)
    assert logged(LogAction.REFUSAL) == [full.pseudonym]
    assert AccessLog.objects.filter(action=LogAction.REFUSAL).count() == 2


@pytest.mark.parametrize("role", [Role.SERVICE_HANDLER, Role.EDUCATION_OFFICER, Role.ORGANISATION_ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER])
def test_handoff_is_not_for_others_of_the_receiving_organisation(made, full, guide_client, role):
    handoff = make_handoff(made, full)

    assert guide_client(make_counsellor(made.college, role)).get(url("detail", handoff)).status_code == 403


def test_pending_receiver_sees_the_preview_only_and_it_is_logged_as_such(made, full, guide_client):
    handoff = make_handoff(made, full)
    client = guide_client(made.ossi)

    page = client.get(url("detail", handoff))
    pathway_page = client.get(full.get_absolute_url())

    log = AccessLog.objects.get(action=LogAction.VIEW)
    assert (log.user_id, log.organisation_id, log.purpose, log.basis) == (made.ossi.user_id, made.college.pk, Purpose.HANDOFF, DisclosureBasis.STATUTE)
    assert full.get_absolute_url() not in page.content.decode()
    assert pathway_page.status_code == 404


@pytest.mark.parametrize("end", [lambda made, handoff: decline_handoff(by=made.college_people[1], handoff=handoff, reason="Keksitty"), lambda made, handoff: withdraw_handoff(by=made.anna, handoff=handoff)])
def test_receiver_sees_nothing_from_the_next_request_on(made, full, guide_client, end):
    handoff = make_handoff(made, full)
    client = guide_client(made.ossi)
    before = [client.get(url(name, handoff)).status_code for name in ("detail", "accept", "decline")]

    end(made, handoff)
    after = [client.get(url(name, handoff)).status_code for name in ("detail", "accept", "decline")]
    listed = client.get(reverse("guidance:handoff_list"), {"show": ENDED})

    assert (before, after) == ([200] * 3, [404] * 3)
    assert logged(LogAction.REFUSAL) == [full.pseudonym] * 3
    assert full.pseudonym not in listed.content.decode()


def test_consent_withdrawn_ends_the_preview(made, full, guide_client):
    handoff = make_handoff(made, full, basis=DisclosureBasis.CONSENT, consented_on=days_from_now(-1), basis_statute="")
    client = guide_client(made.ossi)
    before = client.get(url("detail", handoff)).status_code

    withdraw_consent(by=made.anna, pathway=full, organisation=made.college)

    assert (before, client.get(url("detail", handoff)).status_code) == (200, 404)


# Both press at once ---------------------------------------------------------------------------------


def test_accept_after_it_was_withdrawn_tells_who_and_when_and_nothing_of_the_client(made, full, guide_client):
    handoff = make_handoff(made, full, sections=list(Section.values))
    client = guide_client(made.ossi)
    client.get(url("accept", handoff))
    withdraw_handoff(by=made.anna, handoff=handoff)

    answer = client.post(url("accept", handoff), first_contact())

    happened = answer.context["happened"]
    assert (answer.status_code, happened.organisation, happened.at) == (409, made.city.name, Handoff.objects.get().withdrawn_at)
    assert [words for words in (full.pseudonym, *MARKERS.values()) if words in answer.content.decode()] == []
    assert logged(LogAction.REFUSAL) == [full.pseudonym]
    assert not Participation.objects.filter(pathway=full, organisation=made.college).exists()


def test_undo_asks_for_a_reason(made, full, guide_client):
    handoff = accept(make_handoff(made, full), made.ossi)
    client = guide_client(made.anna)

    answer = client.post(url("withdraw", handoff), {"seen": client.get(url("withdraw", handoff)).context["form"]["seen"].value()})

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"reason"})


@pytest.mark.parametrize("end", ["decline", "withdraw", "undo"])
@pytest.mark.parametrize("later, status", [(TOLD_FOR - timedelta(minutes=1), 409), (TOLD_FOR, 404)])
def test_what_happened_is_told_for_a_while_only(made, full, guide_client, end, later, status):
    handoff = make_handoff(made, full)
    if end == "decline":
        decline_handoff(by=made.ossi, handoff=handoff, reason="Keksitty")
    else:
        seen = accept(handoff, made.ossi).state if end == "undo" else HandoffState.SENT
        withdraw_handoff(by=made.anna, handoff=handoff, seen=seen, reason="Syy")
    Handoff.objects.update(**{name: getattr(Handoff.objects.get(), name) - later for name in ("answered_at", "withdrawn_at") if getattr(Handoff.objects.get(), name)})

    answer = guide_client(made.ossi).post(url("accept", handoff), first_contact())

    assert (answer.status_code, logged(LogAction.REFUSAL)) == (status, [full.pseudonym])
    if status == 404:
        assert same_page(answer, guide_client(made.ossi).post(url("accept", Handoff(pk=handoff.pk + 1000)), first_contact()))


@pytest.mark.parametrize("reason", ["", "Asiakas muutti"])
def test_withdraw_after_it_was_accepted_is_a_conflict_also_with_a_reason(made, full, guide_client, reason):
    handoff = make_handoff(made, full)
    client = guide_client(made.anna)
    seen = client.get(url("withdraw", handoff)).context["form"]["seen"].value()
    accept(handoff, made.ossi)

    answer = client.post(url("withdraw", handoff), {"seen": seen, "reason": reason})

    full.refresh_from_db()
    assert (answer.status_code, answer.context["happened"].organisation, Handoff.objects.get().state, full.guidance_lead) == (409, made.college.name, HandoffState.ACCEPTED, made.ossi)


@pytest.mark.parametrize("seen", [{}, {"seen": "x"}])
def test_withdraw_without_saying_what_was_seen_does_nothing(made, full, guide_client, seen):
    answer = guide_client(made.anna).post(url("withdraw", make_handoff(made, full)), seen)

    assert (answer.status_code, set(answer.context["form"].errors), Handoff.objects.get().state) == (422, {"seen"}, HandoffState.SENT)


@pytest.mark.parametrize("name, data", [("accept", first_contact()), ("decline", {"decline_reason": "Keksitty"})])
def test_answer_after_a_colleague_answered_is_a_conflict(made, full, guide_client, name, data):
    handoff = accept(make_handoff(made, full), made.college_people[1])

    answer = guide_client(made.ossi).post(url(name, handoff), data)

    assert (answer.status_code, answer.context["happened"].organisation, answer.context["back_url"]) == (409, made.college.name, url("detail", handoff))
    assert Handoff.objects.get().answered_by == made.college_people[1]


def test_withdraw_after_a_decline_is_a_conflict(made, full, guide_client):
    handoff = make_handoff(made, full)
    decline_handoff(by=made.ossi, handoff=handoff, reason="Keksitty")

    answer = guide_client(made.anna).post(url("withdraw", handoff), {})

    assert (answer.status_code, answer.context["happened"].organisation) == (409, made.college.name)
    assert Handoff.objects.get().state == HandoffState.DECLINED


# The way of one hand-off -----------------------------------------------------------------------------


def test_accept_opens_the_pathway_to_the_receiver(made, full, guide_client, nobody_lost):
    handoff = make_handoff(made, full)
    client = guide_client(made.ossi)

    answer = client.post(url("accept", handoff), first_contact())

    full.refresh_from_db()
    page = client.get(url("detail", handoff))
    assert (answer.status_code, answer.url, full.guidance_lead) == (302, url("detail", handoff), made.ossi)
    assert full.get_absolute_url() in page.content.decode()
    nobody_lost()


@pytest.mark.parametrize("fields, wrong", [({"first_contact_at": "1.1.2020 9.00"}, "first_contact_at"), ({"first_contact_at": "huomenna"}, "first_contact_at"), ({"first_contact_way": ""}, "first_contact_way")])
def test_accept_refused_at_its_field(made, full, guide_client, fields, wrong):
    answer = guide_client(made.ossi).post(url("accept", make_handoff(made, full)), first_contact(**fields))

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {wrong})
    assert Handoff.objects.get().state == HandoffState.SENT


def test_decline_leads_to_the_list_and_the_client_is_where_they_were(made, full, guide_client, nobody_lost):
    handoff = make_handoff(made, full)

    answer = guide_client(made.ossi).post(url("decline", handoff), {"decline_reason": "Ei aikoja"})

    full.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, reverse("guidance:handoff_list"))
    assert (full.guidance_lead, full.process_person, Handoff.objects.get().decline_reason) == (None, made.anna, "Ei aikoja")
    nobody_lost()


def test_decline_needs_a_reason(made, full, guide_client):
    answer = guide_client(made.ossi).post(url("decline", make_handoff(made, full)), {"decline_reason": " "})

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"decline_reason"})


def test_met_is_confirmed_by_the_receiver_and_seen_by_the_sender(made, full, guide_client):
    handoff = accept(make_handoff(made, full), made.ossi)

    answer = guide_client(made.ossi).post(url("met", handoff), {"held_at": written_moment(timezone.now()), "way": "visit", "text": ""})

    page = guide_client(made.anna).get(url("detail", handoff))
    assert (answer.status_code, page.context["handoff"].state) == (302, HandoffState.MET)
    assert page.context["ladder"].rungs == ()


def test_contact_names_another_time(made, full, guide_client):
    handoff = accept(make_handoff(made, full), made.ossi)
    moment = (timezone.now() + timedelta(days=5)).replace(second=0, microsecond=0)

    answer = guide_client(made.ossi).post(url("contact", handoff), first_contact(first_contact_at=written_moment(moment)))

    assert (answer.status_code, Handoff.objects.get().first_contact_at) == (302, moment)


@pytest.mark.parametrize("named", [True, False])
def test_contact_asks_for_the_place_only_of_who_may_see_it(made, full, guide_client, named):
    handoff = accept(make_handoff(made, full), made.ossi, place="Keksintie 1")
    protect_client(by=made.anna, pathway=full, named_people=[made.ossi] if named else [], contact_address="PL 1")

    page = guide_client(made.ossi).get(url("contact", handoff))

    assert ("place" in page.context["form"].fields, "Keksintie 1" in page.content.decode()) == (named, False)


def test_pause_shows_its_reason_to_both_sides(made, full, guide_client):
    handoff = make_handoff(made, full)

    guide_client(made.anna).post(url("pause", handoff), {"paused_until": written(days_from_now(5)), "pause_reason": "Lomamerkki"})

    assert ["Lomamerkki" in guide_client(person).get(url("detail", handoff)).content.decode() for person in (made.anna, made.ossi)] == [True, True]


def test_pause_beyond_the_ladder_is_refused_at_its_field(made, full, guide_client):
    answer = guide_client(made.anna).post(url("pause", make_handoff(made, full)), {"paused_until": written(days_from_now(60)), "pause_reason": "Loma"})

    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"paused_until"})


def test_again_goes_to_somebody_else_and_says_what_it_reopens(made, full, guide_client):
    old = make_handoff(made, full, sections=[Section.OPTIONS])
    decline_handoff(by=made.ossi, handoff=old, reason="Keksitty")
    client = guide_client(made.anna)
    data = {name: value for name, value in posted(made, to=f"organisation:{made.te.pk}").items() if name not in ("kind", "sections")}

    preview = client.post(url("again", old), data)
    client.post(url("again", old), data | {"phase": "send"})

    new = Handoff.objects.exclude(pk=old.pk).get()
    assert [section.code for section in preview.context["passed_on"]] == [Section.OPTIONS]
    assert (new.reopens, new.to_organisation, new.sections) == (old, made.te, [Section.OPTIONS])


def test_receiver_asked_next_is_not_led_to_what_it_may_not_see(made, full, guide_client):
    old = make_handoff(made, full)
    decline_handoff(by=made.ossi, handoff=old, reason="Keksitty")
    new = send_again(by=made.anna, handoff=old, reason="Keksitty", due_on=days_from_now(7), to_organisation=made.te)

    pages = [guide_client(person).get(url("detail", new)).content.decode() for person in (made.anna, made.taru)]

    assert [url("detail", old) in page for page in pages] == [True, False]


def test_undo_by_the_receiver_gives_the_client_back(made, full, guide_client, nobody_lost):
    handoff = accept(make_handoff(made, full), made.ossi)

    answer = guide_client(made.ossi).post(url("withdraw", handoff), {"seen": HandoffState.ACCEPTED, "reason": "Asiakas muutti mielensä"})

    full.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, reverse("guidance:handoff_list"))
    assert (Handoff.objects.get().state, full.guidance_lead) == (HandoffState.WITHDRAWN, None)
    nobody_lost()


@pytest.mark.parametrize("kind", [HandoffKind.REFERRAL, HandoffKind.TRANSFER])
def test_receiver_of_an_undone_one_sees_nothing_from_the_next_request_on(made, full, guide_client, kind):
    handoff = accept(make_handoff(made, full, kind=kind), made.ossi)
    client = guide_client(made.ossi)
    before = [client.get(address).status_code for address in (full.get_absolute_url(), url("detail", handoff))]

    guide_client(made.anna).post(url("withdraw", handoff), {"seen": HandoffState.ACCEPTED, "reason": "Syy"})

    assert (before, [client.get(address).status_code for address in (full.get_absolute_url(), url("detail", handoff))]) == ([200] * 2, [404] * 2)
    assert logged(LogAction.REFUSAL) == [full.pseudonym] * 2


@pytest.mark.parametrize("name, person", [("accept", "anna"), ("decline", "anna"), ("pause", "ossi"), ("withdraw", "ossi")])
def test_insider_without_the_right_is_refused(made, full, guide_client, name, person):
    handoff = make_handoff(made, full)
    client = guide_client(getattr(made, person))

    assert [client.get(url(name, handoff)).status_code, client.post(url(name, handoff), {}).status_code] == [403, 403]


def test_buttons_are_those_of_the_views(made, full, guide_client):
    """What a page offers, its view lets through; what it does not offer is refused."""
    handoff = make_handoff(made, full)
    for state in (HandoffState.SENT, HandoffState.ACCEPTED, HandoffState.MET):
        if state == HandoffState.ACCEPTED:
            accept(handoff, made.ossi)
        if state == HandoffState.MET:
            meet(handoff, made.ossi)
        for person in (made.anna, made.ossi):
            client = guide_client(person)
            page = client.get(url("detail", handoff)).content.decode()
            for name in ("accept", "decline", "withdraw", "met", "contact", "pause", "again"):
                assert (url(name, handoff) in page) == (client.get(url(name, handoff)).status_code == 200), (state, person, name)


# The list and the cost --------------------------------------------------------------------------------


def test_list_number_is_the_filter_that_made_it(made, guide_client):
    first, second, third, fourth = (make_pathway(made) for _turn in range(4))
    make_handoff(made, first)
    accept(make_handoff(made, second), made.ossi)
    meet(accept(make_handoff(made, third), made.ossi), made.ossi)
    make_handoff(made, fourth, to=made.te)

    for person, expected in ((made.anna, (0, 2, 1, 1)), (made.ossi, (1, 0, 1, 1)), (made.taru, (1, 0, 0, 0))):
        client = guide_client(person)
        pages = {code: client.get(reverse("guidance:handoff_list"), {"show": code}) for code in (ANSWER, UNANSWERED, UNMET, ENDED)}
        assert tuple(len(page.context["page_obj"].object_list) for page in pages.values()) == expected
        assert count_narrowed(person) == {code: len(page.context["page_obj"].object_list) for code, page in pages.items()}
        assert {tab.code: tab.count for tab in pages[ANSWER].context["tabs"]} == count_narrowed(person)


def test_list_is_logged_with_those_it_shows(made, guide_client):
    pathway, _other = make_pathway(made), make_pathway(made)
    make_handoff(made, pathway)

    guide_client(made.ossi).get(reverse("guidance:handoff_list"))

    assert logged(LogAction.LIST) == [pathway.pseudonym]


def test_empty_list_is_logged_without_subjects(made, guide_client):
    guide_client(made.ossi).get(reverse("guidance:handoff_list"))

    assert (AccessLog.objects.filter(action=LogAction.LIST).count(), AccessLogSubject.objects.count()) == (1, 0)


@pytest.mark.parametrize("nasty", ["%00", "\x00", "x" * 3000, "answer' or 1=1", "-1", "0001-01-01"])
def test_list_takes_any_code(made, guide_client, nasty):
    page = guide_client(made.ossi).get(reverse("guidance:handoff_list"), {"show": nasty, "page": nasty})

    assert (page.status_code, page.context["show"]) == (200, ANSWER)


# Of each count eleven are the frame's: session, user, memberships, second factor, what waits, two savepoints begun and ended, and the read log's two rows.


@pytest.mark.parametrize("rows", [1, 3])
def test_list_queries(made, guide_client, django_assert_num_queries, rows):
    for _turn in range(rows):
        make_handoff(made, make_pathway(made))
    client = guide_client(made.ossi)
    client.get(reverse("guidance:handoff_list"))

    with django_assert_num_queries(11):
        client.get(reverse("guidance:handoff_list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_queries(made, full, guide_client, django_assert_num_queries, rows):
    for turn in range(rows - 1):
        make_item(full, made.anna, "competence", ["digital", "cards"][turn])
        make_option(full, made.anna)
        log_event(by=made.anna, pathway=full, kind=EventKind.CALL, at=timezone.now(), text="Soitto")
    handoff = make_handoff(made, full, sections=list(Section.values))
    client = guide_client(made.ossi)
    client.get(url("detail", handoff))

    with django_assert_num_queries(15):
        client.get(url("detail", handoff))


@pytest.mark.parametrize("rows", [1, 3])
def test_send_queries(made, full, guide_client, django_assert_num_queries, rows):
    for _turn in range(rows):
        withdraw_handoff(by=made.anna, handoff=make_handoff(made, full))
        make_counsellor(made.te)
    client = guide_client(made.anna)
    client.get(send_url(full))

    with django_assert_num_queries(14):
        client.get(send_url(full))


# Mails -------------------------------------------------------------------------------------------------


def test_mails_tell_nothing_of_the_client(made, full):
    handoff = make_handoff(made, full, sections=list(Section.values), reason="Syymerkki")
    meet(accept(handoff, made.ossi), made.ossi)
    withdraw_handoff(by=made.anna, handoff=make_handoff(made, full, to=made.te))
    decline_handoff(by=made.taru, handoff=make_handoff(made, full, to=made.te), reason="Hylkäysmerkki")
    make_handoff(made, full, to_outside="Keksitty paja", to_outside_email="paja@example.org")
    for days in (4, 8, 15):
        climb_ladder(timezone.now() + timedelta(days=days))

    mails = OutboxMessage.objects.all()
    secrets = [full.pseudonym, full.client.given_names, OWN_NOTE, "Syymerkki", "Hylkäysmerkki", *MARKERS.values()]
    assert {mail.kind for mail in mails} == {f"handoff_{kind}" for kind in ("sent", "accepted", "declined", "withdrawn", "met", "silent", "outside")}
    assert [(mail.kind, word) for mail in mails for word in secrets if word in mail.subject + mail.body] == []


def test_what_is_passed_on_keeps_what_was_written_and_capitalises_coded_words(made):
    pathway = make_pathway(made, client=new_client(email="asiakas32@example.invalid"))
    Pathway.objects.filter(pk=pathway.pk).update(goal="eteenpäin", target_group=TargetGroup.NO_QUALIFICATION)
    pathway.refresh_from_db()
    handoff = make_handoff(made, pathway, sections=[Section.IDENTITY, Section.GOAL])

    page = sign_in(made.ossi).get(reverse("guidance:handoff_detail", args=[handoff.pk])).content.decode()
    with translation.override("en"):
        facts = dict(fact for section in passed_on(pathway, [Section.IDENTITY, Section.GOAL], made.college.pk) for fact in section.facts)

    assert "<dd>asiakas32@example.invalid</dd>" in page
    assert "<dd>eteenpäin</dd>" in page
    assert [facts[name][:1].isupper() for name in ("Language of service", "Target group", "Education")] == [True] * 3
