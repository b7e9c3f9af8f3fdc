"""The pages of grounds and consents: two steps to write one down, what ends said beforehand, and nobody told afterwards."""
import pytest
from django.urls import reverse
from django.utils import timezone

from guidance.actions.consents import withdraw_consent
from guidance.choices import ConsentEnd, ConsentScope, DisclosureBasis, HandoffKind, HandoffState, Section
from guidance.models import Consent, Handoff, Pathway
from guidance.queries.consent_texts import consent_text, current_version
from tests.guidance.factories import accept, days_from_now, make_handoff, make_partnership, make_pathway, make_shared_pathway
from tests.guidance.test_consents import by_consent, given
from tests.guidance.web import counted, logged, sign_in, told


def url(name: str, pathway: Pathway, *more) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym, *more])


@pytest.fixture
def anna(made):
    return sign_in(made.anna)


def asked(made, **fields) -> dict:
    return {"organisation": made.college.pk, "scope": ConsentScope.PATHWAY, "language": "fi", "given_on": "1.2.2026", "token": "6f1f3a52-5a0b-4a64-9d26-3f6cf3f1f0aa", "phase": "preview"} | fields


def seen(page) -> dict:
    """What the second step sends: its own hidden fields."""
    return {"text_version": page.context["text"].version, "replaces": page.context["replaced"].pk if page.context["replaced"] else "", "phase": "record"}


def test_grounds_show_both_bases_and_the_text_of_each_consent(made, pathway, anna):
    accept(by_consent(made, pathway), made.ossi)
    text = consent_text(version=current_version(), language="fi", scope=ConsentScope.PATHWAY, receiver=made.college.name)

    page = anna.get(url("pathway_grounds", pathway))

    content = page.content.decode()
    assert [paragraph in content for paragraph in (text.title, *text.paragraphs)] == [True] * (1 + len(text.paragraphs))
    assert [ground.participation.organisation for ground in page.context["grounds"]] == [made.college, made.city]
    assert logged() == [("view", "guidance:pathway_grounds", [pathway.pseudonym])]
    assert pathway.client.family_name not in page.context["request"].path


@pytest.mark.parametrize("rounds", [1, 3])
def test_grounds_ask_the_same_number_of_queries(made, anna, rounds):
    pathway = make_shared_pathway(made)
    for turn in range(rounds):
        for organisation in (made.college, made.te)[: 1 + turn]:
            given(made, pathway, organisation=organisation, replaces=getattr(Consent.objects.in_force().filter(organisation=organisation).first(), "pk", None))
    with counted() as statements:
        anna.get(url("pathway_grounds", pathway))

    assert len(statements) == 12, told(statements)


def test_text_is_shown_in_full_before_anything_is_stored(made, pathway, anna):
    preview = anna.post(url("consent_add", pathway), asked(made, language="sv"))

    text = consent_text(version=current_version(), language="sv", scope=ConsentScope.PATHWAY, receiver=made.college.name)
    assert (preview.status_code, preview.context["text"], Consent.objects.count()) == (200, text, 0)
    assert [paragraph in preview.content.decode() for paragraph in text.paragraphs] == [True] * len(text.paragraphs)

    done = anna.post(url("consent_add", pathway), asked(made, language="sv") | seen(preview))

    consent = Consent.objects.get()
    assert (done.url, consent.language, consent.text_version, consent.given_on.isoformat()) == (url("pathway_grounds", pathway), "sv", current_version(), "2026-02-01")


def test_consent_pressed_twice_is_one(made, pathway, anna):
    data = asked(made) | seen(anna.post(url("consent_add", pathway), asked(made)))

    answers = [anna.post(url("consent_add", pathway), data) for _turn in range(2)]

    assert ([answer.status_code for answer in answers], Consent.objects.count()) == ([302, 302], 1)


def test_consent_written_by_somebody_else_meanwhile_is_409(made, pathway, anna):
    data = asked(made) | seen(anna.post(url("consent_add", pathway), asked(made)))
    first = given(made, pathway, by=made.city_people[1])

    answer = anna.post(url("consent_add", pathway), data)

    assert (answer.status_code, Consent.objects.get()) == (409, first)
    assert pathway.client.family_name not in answer.content.decode()


@pytest.mark.parametrize(
    "fields, status",
    [({"organisation": ""}, 422), ({"organisation": "9" * 30}, 422), ({"scope": "all"}, 422), ({"given_on": "1.2.2999"}, 422), ({"given_on": ""}, 422), ({"language": "de"}, 422), ({"phase": "record"}, 422), ({"phase": "record", "text_version": 99}, 422), ({"phase": "back"}, 200)],
)
def test_consent_form_says_what_is_wrong_and_stores_nothing(made, pathway, anna, fields, status):
    answer = anna.post(url("consent_add", pathway), asked(made, **fields))

    assert (answer.status_code, Consent.objects.count()) == (status, 0)


def test_process_owner_is_not_told_by_consent(made, pathway, anna):
    offered = {value for value, _name in anna.get(url("consent_add", pathway)).context["form"].fields["organisation"].choices}

    assert offered == {"", str(made.college.pk), str(made.te.pk)}


def test_withdrawal_says_what_ends_and_the_next_request_sees_nothing(made, pathway, anna):
    accept(by_consent(made, pathway), made.ossi)
    ossi = sign_in(made.ossi)
    before = ossi.get(pathway.get_absolute_url()).status_code
    page = anna.get(url("consent_withdraw", pathway, made.college.pk))

    done = anna.post(url("consent_withdraw", pathway, made.college.pk), {"reason": "Ei halua enää"})

    ends = page.context["ends"]
    assert ([handoff.state for handoff in ends.handoffs], ends.participation.organisation, ends.leads) == ([HandoffState.ACCEPTED], made.college, True)
    assert (done.url, before) == (url("pathway_grounds", pathway), 200)
    handoff = Handoff.objects.get()
    after = [ossi.get(address).status_code for address in (pathway.get_absolute_url(), url("pathway_text", pathway), url("pathway_grounds", pathway), reverse("guidance:handoff_detail", args=[handoff.pk]))]
    assert after == [404] * 4
    assert Consent.objects.get().end == ConsentEnd.WITHDRAWN


def test_withdrawal_by_the_organisation_itself_leads_off_the_pathway(made, pathway):
    accept(by_consent(made, pathway), made.ossi)

    done = sign_in(made.ossi).post(url("consent_withdraw", pathway, made.college.pk), {})

    assert done.url == reverse("guidance:waiting")


def test_withdrawal_twice_is_409_and_an_old_link_leads_to_the_list(made, pathway, anna):
    by_consent(made, pathway)
    withdraw_consent(by=made.city_people[1], pathway=pathway, organisation=made.college)

    pressed, opened = anna.post(url("consent_withdraw", pathway, made.college.pk), {}), anna.get(url("consent_withdraw", pathway, made.college.pk))

    assert (pressed.status_code, opened.status_code, opened.url) == (409, 302, url("pathway_grounds", pathway))


def test_withdrawal_is_for_owner_and_body_itself(made):
    pathway = make_shared_pathway(made)
    accept(by_consent(made, pathway, to=made.te), made.taru)

    answers = [sign_in(person).get(url("consent_withdraw", pathway, made.te.pk)).status_code for person in (made.anna, made.taru, made.ossi)]

    assert answers == [200, 200, 403]


def test_withdrawal_from_a_body_outside(made, pathway, anna):
    by_consent(made, pathway, to_outside="Keksitty paja", to_outside_email="paja@example.org")
    address = url("consent_withdraw_outside", pathway, Consent.objects.get().pk)

    page, done = anna.get(address), anna.post(address, {})

    assert ([handoff.to_outside for handoff in page.context["ends"].handoffs], done.url, Handoff.objects.get().state) == (["Keksitty paja"], url("pathway_grounds", pathway), HandoffState.WITHDRAWN)


@pytest.mark.parametrize("name, more", [("pathway_grounds", []), ("consent_add", []), ("consent_withdraw", ["college"]), ("consent_withdraw_outside", ["consent"])])
def test_strangers_see_the_pages_as_missing(made, pathway, name, more):
    by_consent(made, pathway, to_outside="Keksitty paja", to_outside_email="paja@example.org")
    found = {"college": made.college.pk, "consent": Consent.objects.get().pk}

    answer = sign_in(make_partnership().anna).get(url(name, pathway, *(found[key] for key in more)))

    assert (answer.status_code, logged()[-1]) == (404, ("refusal", f"guidance:{name}", [pathway.pseudonym]))


def test_consent_of_another_pathway_is_missing(made, pathway, anna):
    by_consent(made, pathway, to_outside="Keksitty paja", to_outside_email="paja@example.org")
    other = make_pathway(made)

    assert anna.post(url("consent_withdraw_outside", other, Consent.objects.get().pk), {}).status_code == 404
    assert Consent.objects.in_force().exists()


def test_ended_pathway_is_read_and_takes_no_consent(made, pathway, anna):
    given(made, pathway)
    Pathway.objects.filter(pk=pathway.pk).update(closed_at=timezone.now(), closed_by=made.anna, end_reason="moved", outcome="unknown")

    page, add = anna.get(url("pathway_grounds", pathway)), anna.get(url("consent_add", pathway))

    assert (page.status_code, page.context["is_open"], add.status_code) == (200, False, 302)


@pytest.mark.parametrize("basis, shown", [(DisclosureBasis.CONSENT, True), (DisclosureBasis.STATUTE, False)])
def test_preview_of_a_hand_off_shows_the_consent_that_it_writes_down(made, pathway, anna, basis, shown):
    data = {
        "to": f"organisation:{made.college.pk}", "kind": HandoffKind.REFERRAL, "basis": basis, "basis_statute": "keksitty säännös", "consented_on": "1.2.2026", "sections": [Section.GOAL], "reason": "Syy",
        "due_on": days_from_now(7).isoformat(), "token": "6f1f3a52-5a0b-4a64-9d26-3f6cf3f1f0ab",
    }  # fmt: skip

    preview = anna.post(url("handoff_send", pathway), data | {"phase": "preview"})
    sent = anna.post(url("handoff_send", pathway), data | {"phase": "send", "consent_version": preview.context["form"]["consent_version"].value() or ""})

    assert (preview.context["consent"] is not None, preview.context["form"]["consent_version"].value()) == (shown, current_version() if shown else None)
    assert (sent.status_code, Consent.objects.count()) == (302, int(shown))


def test_preview_shows_no_consent_that_is_there_already(made, pathway, anna):
    given(made, pathway)
    data = {
        "to": f"organisation:{made.college.pk}", "kind": HandoffKind.REFERRAL, "basis": DisclosureBasis.CONSENT, "consented_on": days_from_now(0).isoformat(), "sections": [Section.GOAL], "reason": "Syy",
        "due_on": days_from_now(7).isoformat(), "token": "6f1f3a52-5a0b-4a64-9d26-3f6cf3f1f0ac", "phase": "preview",
    }  # fmt: skip

    assert anna.post(url("handoff_send", pathway), data).context["consent"] is None
    assert make_handoff(made, pathway, basis=DisclosureBasis.CONSENT, basis_statute="", consented_on=days_from_now(0)).consented_on == days_from_now(0)
