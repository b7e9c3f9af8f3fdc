"""The client's consent: written down with the text that was shown, resting under hand-offs, and taken back."""
import hashlib
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditEvent
from guidance.actions import expiry
from guidance.actions.consents import record_consent, withdraw_consent
from guidance.actions.handoffs import send_again, withdraw_handoff
from guidance.actions.merging import merge_pathways
from guidance.actions.pathways import close_pathway
from guidance.choices import ConsentEnd, ConsentScope, DisclosureBasis, EndReason, EventKind, HandoffState, Outcome
from guidance.models import Consent, Event, Handoff, Pathway
from guidance.queries.consent_texts import DATA, LANGUAGES, consent_text, current_version
from guidance.queries.consents import grounds_of, what_withdrawal_ends
from guidance.queries.outside import why_closed
from guidance.queries.own_bodies import access_of
from services.conflicts import Conflict
from tests.guidance.factories import accept, days_from_now, make_handoff, make_organisation, make_pathway, make_shared_pathway, meet, new_client
from tests.guidance.web import sign_in

# A text that clients were shown is never changed: a new one is a new file, and its digest is added here.
PUBLISHED = {"1.toml": "197a9dd1e5ecf0ef2268212adb5b61d6c8cd4fc91555768054d17a4c431634ca", "2.toml": "2992a000e831613fc5f767cd4a1ddf184c4033e9da70f431997196da68c6429f"}


def given(made, pathway, **fields) -> Consent:
    values = {"by": made.anna, "organisation": made.college, "scope": ConsentScope.PATHWAY, "text_version": current_version(), "language": "fi", "given_on": days_from_now(0)} | fields
    return record_consent(pathway=pathway, **values)


def by_consent(made, pathway, **fields) -> Handoff:
    return make_handoff(made, pathway, **{"basis": DisclosureBasis.CONSENT, "basis_statute": "", "consented_on": days_from_now(0)} | fields)


# The text -----------------------------------------------------------------------------------------


def test_published_text_is_never_changed():
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in DATA.glob("*.toml")} == PUBLISHED


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scope", ConsentScope)
def test_text_is_whole_in_every_language_and_names_the_receiver(language, scope):
    texts = [consent_text(version=version, language=language, scope=scope, receiver="Keksitty paja") for version in range(1, current_version() + 1)]

    for text in texts:
        assert text.title
        assert "Keksitty paja" in text.paragraphs[0]
        assert not [paragraph for paragraph in text.paragraphs if "{" in paragraph]
    assert texts[-1].paragraphs != consent_text(version=current_version(), language=language, scope=next(one for one in ConsentScope if one != scope), receiver="Keksitty paja").paragraphs


def test_text_tells_the_last_day_and_what_may_be_told():
    text = consent_text(version=2, language="en", scope=ConsentScope.HANDOFF, receiver="Keksitty paja", until=date(2027, 2, 3), sections=["goal", "options"])

    assert [paragraph for paragraph in text.paragraphs if "2027" in paragraph or "goal and target group, education options" in paragraph] == text.paragraphs[2:4]


def test_hand_off_tells_no_more_than_the_consent(made, pathway):
    given(made, pathway, scope=ConsentScope.HANDOFF, sections=["goal"], valid_until=days_from_now(3))

    with pytest.raises(ValidationError) as refusal:
        by_consent(made, pathway, sections=["goal", "assessment"])
    handoff = by_consent(made, pathway, sections=["goal"])

    assert (list(refusal.value.message_dict), handoff.sections) == (["sections"], ["goal"])


@pytest.mark.parametrize("fields, field", [({"valid_until": days_from_now(-1)}, "valid_until"), ({"sections": ["goal"]}, "sections"), ({"scope": "handoff", "sections": ["diary"]}, "sections")])
def test_scope_of_a_consent_is_refused(made, pathway, fields, field):
    with pytest.raises(ValidationError) as refusal:
        given(made, pathway, **fields)

    assert (list(refusal.value.message_dict), Consent.objects.count()) == ([field], 0)


# Written down -------------------------------------------------------------------------------------


def test_consent_keeps_text_scope_language_and_day_and_tells_the_timeline(made, pathway):
    consent = given(made, pathway, language="sv", given_on=days_from_now(-3))

    assert (consent.organisation, consent.scope, consent.text_version, consent.language, consent.given_on, consent.recorded_by) == (made.college, "pathway", current_version(), "sv", days_from_now(-3), made.anna)
    event = Event.objects.get(pathway=pathway, kind=EventKind.CONSENT)
    assert event.detail == {"consent": "given", "told": made.college.pk}
    assert AuditEvent.objects.get(verb="consent_recorded").detail == {"organisation": made.college.pk, "version": current_version(), "scope": "pathway"}


def test_consent_sent_twice_is_one_and_a_newer_one_replaces_it(made, pathway):
    token = uuid4()
    first = given(made, pathway, token=token)

    same = given(made, pathway, token=token)
    second = given(made, pathway, scope=ConsentScope.HANDOFF, replaces=first.pk)

    first.refresh_from_db()
    assert same == first
    assert (first.end, first.ended_by, second.ended_at) == (ConsentEnd.REPLACED, made.anna, None)


def test_consent_that_was_not_shown_in_force_is_a_conflict(made, pathway):
    """Two write one down at once: the second is told, and the first stays as it is."""
    first = given(made, pathway)

    with pytest.raises(Conflict) as conflict:
        given(made, pathway, scope=ConsentScope.HANDOFF)
    with pytest.raises(Conflict):
        given(made, pathway, organisation=made.te, replaces=first.pk)

    assert (conflict.value.obj, Consent.objects.get()) == (first, first)


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"organisation": "city"}, "organisation"),
        ({"organisation": "stranger"}, "organisation"),
        ({"text_version": 0}, "text_version"),
        ({"language": "de"}, "text_version"),
        ({"given_on": 1}, "given_on"),
        ({"scope": "all"}, "scope"),
        ({"organisation": None, "outside": "Keksitty paja"}, "__all__"),
        ({"organisation": None}, "__all__"),
        ({"by": "ossi"}, "__all__"),
    ],
)
def test_consent_refuses(made, pathway, fields, field):
    known = {"city": made.city, "stranger": make_organisation(), "ossi": made.ossi, 1: days_from_now(1)}
    fields = {name: known.get(value, value) for name, value in fields.items()}

    with pytest.raises(ValidationError) as refusal:
        given(made, pathway, **fields)

    assert (next(iter(getattr(refusal.value, "error_dict", {"__all__": 1}))), Consent.objects.count()) == (field, 0)


def test_consents_end_with_the_pathway(made, pathway):
    consent = given(made, pathway)

    close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.OWN_WISH, outcome=Outcome.UNKNOWN)

    consent.refresh_from_db()
    assert (consent.end, consent.ended_by) == (ConsentEnd.PATHWAY_ENDED, made.anna)


def test_merged_pathways_keep_the_wider_consent(made, nobody_lost):
    keep, other = make_pathway(made, client=new_client()), make_pathway(made, client=new_client())
    narrow, wide, only = given(made, keep, scope=ConsentScope.HANDOFF), given(made, other), given(made, other, organisation=made.te)

    merge_pathways(by=made.anna, keep=keep, other=other, is_same_person=True)

    for consent in (narrow, wide, only):
        consent.refresh_from_db()
    assert [(consent.pathway, consent.end) for consent in (narrow, wide, only)] == [(keep, ConsentEnd.REPLACED), (keep, ""), (keep, "")]
    nobody_lost()


# Under a hand-off ---------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_hand_off_by_consent_writes_the_consent_down_in_the_clients_language(made, nobody_lost, language):
    pathway = make_pathway(made, client=new_client(service_language=language))

    by_consent(made, pathway)

    consent = Consent.objects.get()
    assert (consent.organisation, consent.scope, consent.language, consent.given_on, consent.text_version) == (made.college, ConsentScope.PATHWAY, language, days_from_now(0), current_version())
    nobody_lost()


def test_hand_off_to_a_body_outside_rests_on_a_consent_to_itself_alone(made, pathway, nobody_lost):
    by_consent(made, pathway, to_outside="Keksitty paja", to_outside_email="paja@example.org")

    consent = Consent.objects.get()
    assert (consent.organisation, consent.outside, consent.scope) == (None, "Keksitty paja", ConsentScope.HANDOFF)
    nobody_lost()


def test_hand_off_rests_on_the_consent_that_is_there(made, pathway):
    there = given(made, pathway, given_on=days_from_now(-5))

    handoff = by_consent(made, pathway, consented_on=None)

    assert (handoff.consented_on, list(Consent.objects.all())) == (days_from_now(-5), [there])


def test_hand_off_by_a_newer_consent_replaces_the_older(made, pathway):
    there = given(made, pathway, given_on=days_from_now(-5))

    by_consent(made, pathway)

    there.refresh_from_db()
    assert (there.end, Consent.objects.in_force().get().given_on) == (ConsentEnd.REPLACED, days_from_now(0))


def test_hand_off_with_an_old_text_is_refused(made, pathway):
    with pytest.raises(ValidationError, match="text of the consent has changed"):
        by_consent(made, pathway, consent_version=current_version() + 1)

    assert (Handoff.objects.count(), Consent.objects.count()) == (0, 0)


def test_withdrawn_consent_does_not_come_to_life_by_an_old_day(made, pathway):
    handoff = by_consent(made, pathway)
    withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college)

    for attempt in (lambda: by_consent(made, pathway), lambda: send_again(by=made.anna, handoff=handoff, reason="Uudestaan", due_on=days_from_now(7))):
        with pytest.raises(ValidationError, match="withdrew this consent"):
            attempt()
    given(made, pathway)
    again = send_again(by=made.anna, handoff=handoff, reason="Uudestaan", due_on=days_from_now(7))

    assert again.state == HandoffState.SENT


def test_consent_to_one_hand_off_does_not_open_the_pathway(made, pathway, nobody_lost):
    narrow = given(made, pathway, scope=ConsentScope.HANDOFF)
    handoff = by_consent(made, pathway)

    with pytest.raises(ValidationError, match="does not reach to taking part"):
        accept(handoff, made.ossi)
    given(made, pathway, replaces=narrow.pk)
    accept(handoff, made.ossi)

    assert pathway.participations.filter(organisation=made.college, ends_at=None).exists()
    nobody_lost()


# Taken back ---------------------------------------------------------------------------------------


def test_withdrawal_ends_exactly_what_was_said_beforehand(made, pathway, nobody_lost):
    accept(by_consent(made, pathway), made.ossi)
    onward = make_handoff(made, pathway, by=made.ossi, to=made.te)
    pathway.refresh_from_db()
    said = what_withdrawal_ends(pathway, made.college)

    withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college)

    assert ([handoff.pk for handoff in said.handoffs][-1], len(said.handoffs), said.steps, said.leads, said.counsels) == (onward.pk, 2, 1, True, False)
    assert set(Handoff.objects.filter(state=HandoffState.WITHDRAWN)) == set(said.handoffs)
    said.participation.refresh_from_db()
    said.consent.refresh_from_db()
    assert (said.participation.ends_at is not None, said.consent.end) == (True, ConsentEnd.WITHDRAWN)
    nobody_lost()


def test_withdrawal_of_one_consent_leaves_the_others(made, pathway, nobody_lost):
    by_consent(made, pathway)
    other = by_consent(made, pathway, to=made.te)

    withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college)

    other.refresh_from_db()
    assert (other.state, Consent.objects.in_force().get().organisation) == (HandoffState.SENT, made.te)
    nobody_lost()


def test_withdrawal_from_a_body_outside_closes_its_link(made, pathway, nobody_lost):
    handoff = by_consent(made, pathway, to_outside="Keksitty paja", to_outside_email="paja@example.org")

    withdraw_consent(by=made.anna, pathway=pathway, outside="Keksitty paja")

    handoff.refresh_from_db()
    assert (handoff.state, why_closed(handoff.link), Consent.objects.get().end) == (HandoffState.WITHDRAWN, "withdrawn", ConsentEnd.WITHDRAWN)
    nobody_lost()


def test_withdrawal_twice_is_a_conflict(made, pathway):
    by_consent(made, pathway)
    withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college)

    with pytest.raises(Conflict):
        withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college)


def test_withdrawal_from_a_body_outside_is_written_by_owner_or_sender(made, nobody_lost):
    pathway = make_shared_pathway(made)
    by_consent(made, pathway, by=made.ossi, to_outside="Keksitty paja", to_outside_email="paja@example.org")
    accept(make_handoff(made, pathway, to=made.te), made.taru)

    with pytest.raises(ValidationError):
        withdraw_consent(by=made.taru, pathway=pathway, outside="Keksitty paja")
    withdraw_consent(by=made.ossi, pathway=pathway, outside="Keksitty paja")

    nobody_lost()


# What each organisation rests on ------------------------------------------------------------------


def test_grounds_name_the_consent_of_their_time(made, pathway):
    accept(by_consent(made, pathway), made.ossi)
    first = Consent.objects.get()
    withdraw_consent(by=made.anna, pathway=pathway, organisation=made.college)
    second = given(made, pathway)
    accept(by_consent(made, pathway), made.ossi)

    grounds = grounds_of(pathway, list(Consent.objects.all()))

    assert [(ground.participation.organisation, ground.participation.ends_at is None, ground.consent, ground.is_missing) for ground in grounds] == [
        (made.college, True, second, False), (made.city, True, None, False), (made.college, False, first, False),
    ]


def test_grounds_tell_a_missing_consent(made, pathway):
    accept(by_consent(made, pathway), made.ossi)
    Consent.objects.all().delete()

    assert [ground.is_missing for ground in grounds_of(pathway, [])] == [True, False]


def test_withdrawn_hand_off_leaves_the_consent(made, pathway):
    """Who takes a hand-off back does not speak for the client."""
    withdraw_handoff(by=made.anna, handoff=by_consent(made, pathway))

    assert Consent.objects.in_force().exists()


# What is told now, and a consent that allows less --------------------------------------------------


def narrowed(made, pathway, replaced, sections) -> None:
    with pytest.raises(ValidationError):
        given(made, pathway, scope=ConsentScope.HANDOFF, sections=sections, replaces=replaced.pk)
    assert Consent.objects.in_force().get() == replaced


def test_narrower_consent_than_a_sent_hand_off_comes_after_a_withdrawal(made, pathway):
    whole = given(made, pathway, scope=ConsentScope.HANDOFF)
    by_consent(made, pathway, sections=["goal", "options"])

    narrowed(made, pathway, whole, ["options"])
    assert given(made, pathway, scope=ConsentScope.HANDOFF, sections=["goal", "options"], replaces=whole.pk).sections == ["goal", "options"]


def test_consent_to_one_hand_off_replaces_no_consent_on_which_somebody_takes_part(made, pathway):
    whole = given(made, pathway)
    meet(accept(by_consent(made, pathway), made.ossi), made.ossi)

    narrowed(made, pathway, whole, ["goal"])


# A restriction and a transfer in between -----------------------------------------------------------


@pytest.fixture
def new_day():
    expiry._ended.clear()
    yield
    expiry._ended.clear()


def over(consent) -> None:
    Consent.objects.filter(pk=consent.pk).update(given_on=days_from_now(-5), valid_until=days_from_now(-1))
    expiry._ended.clear()


def test_expired_consent_of_a_restricted_pathway_ends_and_stops_nobodys_page(made, pathway, new_day):
    consent = given(made, pathway, valid_until=days_from_now(0))
    Pathway.objects.filter(pk=pathway.pk).update(restricted_at=timezone.now(), restricted_by=made.anna)
    browser, other = sign_in(made.anna), make_pathway(made)
    over(consent)

    assert browser.get(other.get_absolute_url()).status_code == 200
    consent.refresh_from_db()
    assert consent.end == ConsentEnd.EXPIRED


def test_process_owner_who_came_by_a_consent_stays_when_its_last_day_is_over(made, pathway, nobody_lost, new_day):
    consent = given(made, pathway, valid_until=days_from_now(0))
    accept(by_consent(made, pathway), made.ossi)
    for kind in (None, "transfer"):
        handoff = make_handoff(made, Pathway.objects.get(pk=pathway.pk), kind=kind) if kind else pathway.handoffs.open().get()
        meet(accept(handoff, made.ossi) if kind else handoff, made.ossi)
    over(consent)

    expiry.end_expired_consents(timezone.now())

    pathway = Pathway.objects.get(pk=pathway.pk)
    assert pathway.process_owner == made.college
    assert pathway.participations.filter(organisation=made.college, ends_at=None).exists()
    nobody_lost()


def test_client_is_offered_no_withdrawal_from_the_process_owner(made, pathway):
    accept(by_consent(made, pathway, kind="transfer"), made.ossi)

    assert [body.name for body in access_of([Pathway.objects.get(pk=pathway.pk)]) if body.may_withdraw and body.organisation_id == made.college.pk] == []
