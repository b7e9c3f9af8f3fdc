"""Agreements: who sees and moves them, what every decision brings, and what the database itself refuses."""
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from services.actions.agreements import decide, edit_agreement, end_agreements, move_agreement, renew_agreement, set_line
from services.choices import AgreementState, LendingForm, PriceBasis, ServiceKind, Vat
from services.conflicts import Conflict
from services.loading.demo import remove_services
from services.models import Agreement, AgreementLine, AgreementParty
from services.queries.agreements import agreement_of, agreements_on, get_agreement, undecided
from tests.services.agreements import FIRST, LAST, TODAY, booked, decided, in_force, make_draft, send, workday
from tests.services.factories import make_handler, make_service

pytestmark = pytest.mark.django_db
S = AgreementState


@pytest.fixture
def people():
    return make_handler(), make_handler()


@pytest.fixture
def sent(people):
    return send(make_draft(*people), people[0])


def refused_by_database(change) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


def test_agreement_comes_into_force_with_the_last_decision(people, sent):
    assert [one.pk for one in undecided(people[1])] == [sent.pk]

    half = decided(sent, people[1])
    whole = decided(sent, people[0])

    party = AgreementParty.objects.get(agreement=sent, organisation=people[1].organisation)
    assert (half.state, whole.state, whole.in_force_at is not None) == (S.SENT, S.IN_FORCE, True)
    assert (party.body, party.decided_on, party.section, party.record_number, party.accepted_by) == ("Keksitty lautakunta", TODAY, "§ 12", "KEK/1/2026", people[1])


def test_agreement_is_seen_by_its_parties_alone_and_a_draft_by_its_drafter(people):
    draft, outsider = make_draft(*people), make_handler()

    with pytest.raises(Http404):
        get_agreement(people[1], draft.pk)
    send(draft, people[0])

    assert get_agreement(people[1], draft.pk) == draft
    for stranger in (outsider, None):
        with pytest.raises(Http404):
            get_agreement(stranger, draft.pk)
        with pytest.raises(Http404):
            decide(by=stranger, agreement=draft, version=draft.version, body="Joku", decided_on=TODAY)


def test_agreement_taken_back_forgets_the_decisions(people, sent):
    decided(sent, people[1])

    back = move_agreement(by=people[0], agreement=sent, target=S.DRAFT, version=sent.version)
    edit_agreement(by=people[0], agreement=back, version=back.version, values={"title": "Toinen nimi"}, shares=[(people[0].organisation, 5_000), (people[1].organisation, 5_000)])
    again = send(back, people[0])

    assert again.parties.filter(accepted_at=None).count() == 2
    assert get_agreement(people[1], sent.pk).title == "Toinen nimi"


def test_agreement_edited_meanwhile_is_a_conflict(people):
    draft = make_draft(*people)
    shares = [(people[0].organisation, 5_000), (people[1].organisation, 5_000)]
    edit_agreement(by=people[0], agreement=draft, version=draft.version, values={}, shares=shares)

    with pytest.raises(Conflict):
        edit_agreement(by=people[0], agreement=draft, version=draft.version, values={"title": "Myöhässä"}, shares=shares)
    with pytest.raises(Conflict):
        decide(by=people[0], agreement=send(draft, people[0]), version=draft.version, body="Joku", decided_on=TODAY)


@pytest.mark.parametrize(
    "shares, line, wrong",
    [
        ((5_000, 4_999), {}, "share"),
        ((10_000, 0), {"vat": Vat.ADDED}, "__all__"),
        ((10_000, 0), {"vat": Vat.NONE, "vat_rate": "25.5"}, "__all__"),
        ((10_000, 0), {"price": None}, "__all__"),
        ((10_000, 0), {"basis": PriceBasis.SEAT}, "basis"),
    ],
)
def test_agreement_refuses_what_makes_no_sense(people, shares, line, wrong):
    with pytest.raises(ValidationError) as refused:
        make_draft(*people, shares=shares, **line)

    assert list(refused.value.message_dict) == [wrong]


def test_agreement_takes_services_of_its_parties_only(people):
    draft, foreign = make_draft(*people), make_service()

    with pytest.raises(ValidationError):
        set_line(by=people[0], agreement=draft, version=draft.version, provider=None, service=foreign, basis=PriceBasis.HOUR, price=1)


def test_agreement_terms_of_staff_belong_to_staff(people):
    with pytest.raises(ValidationError):
        make_draft(*people, form=LendingForm.USE_OF_FACILITY, extract_seen_on=TODAY)

    assert make_draft(*people, form=LendingForm.JOINT_POST, extract_seen_on=TODAY, qualification="Keksitty kelpoisuus").extract_seen_on == TODAY


def test_agreement_of_the_same_service_and_days_is_refused_unless_it_replaces(people):
    first = in_force(*people)
    rival = make_draft(*people, service=first.lines.all()[0].service)

    with pytest.raises(ValidationError):
        send(rival, people[0])
    new = renew_agreement(by=people[1], agreement=first)
    send(new, people[1])
    for one in people:
        decided(new, one)

    first.refresh_from_db()
    assert (new.edition, first.state, first.ended_on) == (2, S.ENDED, TODAY)
    assert get_agreement(people[0], new.pk).state == S.IN_FORCE


def test_agreement_ends_by_its_day_or_with_a_reason(people):
    over, ended = in_force(*people), in_force(*people)
    with pytest.raises(ValidationError):
        move_agreement(by=people[1], agreement=ended, target=S.ENDED, version=ended.version)

    move_agreement(by=people[1], agreement=ended, target=S.ENDED, version=ended.version, reason="Päättyi")
    count = end_agreements(timezone.now() + timedelta(days=61))

    over.refresh_from_db(), ended.refresh_from_db()
    assert (count, over.state, over.ended_on, ended.ended_on) == (1, S.ENDED, LAST, TODAY)


def test_agreement_is_declined_with_a_reason_by_any_party(people, sent):
    with pytest.raises(ValidationError):
        move_agreement(by=people[1], agreement=sent, target=S.DECLINED, version=sent.version, reason=" ")
    with pytest.raises(PermissionDenied):
        move_agreement(by=people[1], agreement=sent, target=S.DRAFT, version=sent.version)

    assert move_agreement(by=people[1], agreement=sent, target=S.DECLINED, version=sent.version, reason="Liian kallis").state == S.DECLINED


def test_agreement_governs_the_bookings_between_its_parties_on_its_days(people):
    agreement = in_force(*people)
    service = agreement.lines.all()[0].service
    inside, foreign, own = booked(agreement, people[0], workday(3)), booked(agreement, make_handler(), workday(3), starts=13), booked(agreement, people[1], workday(3), starts=16)

    assert [agreement_of(one) for one in (inside, foreign, own)] == [agreement, None, None]
    assert agreement_of(booked(agreement, people[0], FIRST - timedelta(days=1))) is None
    assert (agreements_on(people[0], service), agreements_on(make_handler(), service)) == ([agreement], [])


def test_agreement_is_fixed_by_the_database(people):
    agreement = in_force(*people)
    row, party, line = Agreement.objects.filter(pk=agreement.pk), AgreementParty.objects.filter(agreement=agreement), AgreementLine.objects.filter(agreement=agreement)
    changes = [
        lambda: row.update(title="Muuttui"), lambda: row.update(state=S.DRAFT, in_force_at=None), lambda: row.update(is_demo=True), row.delete,
        lambda: party.update(share=0), lambda: party.update(body="Muuttui"), lambda: party.delete(), lambda: line.update(price=1), line.delete,
        lambda: AgreementParty.objects.create(agreement=agreement, organisation=make_handler().organisation, position=9, share=0),
        lambda: AgreementLine.objects.create(agreement=agreement, provider=people[0].organisation, position=9, subject="Lisä", basis=PriceBasis.FREE),
    ]  # fmt: skip

    assert [number for number, change in enumerate(changes) if not refused_by_database(change)] == []


def test_agreement_is_sent_and_in_force_by_the_databases_leave_only(people):
    draft = make_draft(*people)
    row, party = Agreement.objects.filter(pk=draft.pk), AgreementParty.objects.filter(agreement=draft)
    now = timezone.now()

    party.filter(organisation=people[1].organisation).update(share=2_499)
    assert refused_by_database(lambda: row.update(state=S.SENT, sent_at=now))
    party.filter(organisation=people[1].organisation).update(share=2_500)
    row.update(state=S.SENT, sent_at=now)

    assert refused_by_database(lambda: row.update(state=S.IN_FORCE, in_force_at=now))
    assert refused_by_database(lambda: Agreement.objects.create(organisation=people[0].organisation, title="Suoraan", form=LendingForm.JOINT_POST, first_day=FIRST, last_day=LAST, created_at=now, state=S.SENT, sent_at=now))


def test_agreement_about_a_demo_service_is_removed_with_it(people):
    in_force(*people, service=make_service(organisation=people[1].organisation, is_demo=True))
    course = make_service(organisation=people[1].organisation, kind=ServiceKind.COURSE)
    kept = in_force(*people, service=course, basis=PriceBasis.SEAT)

    remove_services()

    assert list(Agreement.objects.all()) == [kept]
