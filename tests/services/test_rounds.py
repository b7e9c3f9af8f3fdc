"""Term rounds on real calendars: who sees them, why a wish is refused and that it is granted without the obstacle, and what is booked."""
from datetime import time, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import OutboxMessage
from services.actions.bookings import propose_series, request_booking
from services.actions.rounds import adjust_wish, confirm_round, edit_round, move_round, propose_round
from services.actions.wishes import edit_wish, raise_wish, remove_wish
from services.choices import Audience, BookingMode, BookingState, Misfit, Obstacle, ResourceKind, RoundState, TermPeriodKind, WishState
from services.conflicts import Conflict
from services.models import Booking, BookingSeries, BusyTime, Resource, SharedService, TermPeriod, TermRound, Wish, WishChange
from tests.guidance.web import counted
from tests.services.factories import MONDAY, book, hours, make_handler, make_place, make_resource, make_service, make_term_round, make_wish, proposed
from tests.services.web import sent, sign_in, url

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture
def service() -> SharedService:
    return make_service(make_resource(mode=BookingMode.ON_REQUEST, hours=(time(8), time(18))))


@pytest.fixture
def owner(service):
    return make_handler(service.organisation)


def codes(wish: Wish) -> list[list[str]]:
    wish.refresh_from_db()
    return [[row["code"] for row in slot] for slot in wish.obstacles]


def teacher(place=None, **fields) -> SharedService:
    return make_service(make_resource(kind=ResourceKind.PERSON, mode=BookingMode.ON_REQUEST, place=place, **fields), place=place)


OBSTACLES = [Misfit.TAKEN, Misfit.BUSY, Misfit.CLOSED, Misfit.SHARE, Misfit.TRAVEL, Obstacle.NO_DATES, Obstacle.NOT_OFFERED, Obstacle.INTERVAL]


@pytest.mark.parametrize("code", OBSTACLES)
def test_refused_wish_names_the_obstacle_and_is_granted_without_it(code):
    """Tuesdays 9-11; each obstacle is put there after the wish, named, taken away, and then the wish is granted."""
    here, far = (make_place(latitude=latitude, longitude=25.0) for latitude in (62.0, 63.0))
    service = teacher(here) if code in (Misfit.SHARE, Misfit.TRAVEL) else make_service()
    owner, resource = make_handler(service.organisation), service.resource
    found = make_term_round(owner, service)
    wish, rows = make_wish(found, service, (2, 9, 11)), SharedService.objects.filter(pk=service.pk)
    in_the_way, take_away = {
        Misfit.TAKEN: (lambda: book(service, hours(10, 12, TUESDAY + timedelta(weeks=1))), lambda booking: booking.occupancies.all().delete()),
        Misfit.BUSY: (lambda: BusyTime.objects.create(resource=resource, starts_at=hours(9, 10, TUESDAY).starts_at, ends_at=hours(9, 10, TUESDAY).ends_at, brought_at=timezone.now()), lambda row: row.delete()),
        Misfit.CLOSED: (lambda: resource.opening_hours.filter(weekday=2).update(opens=time(10)), lambda _none: resource.opening_hours.update(opens=time(8))),
        Misfit.SHARE: (lambda: Resource.objects.filter(pk=resource.pk).update(weekly_minutes=90), lambda _none: Resource.objects.filter(pk=resource.pk).update(weekly_minutes=120)),
        Misfit.TRAVEL: (lambda: book(service, hours(8, 9, TUESDAY), place=far), lambda booking: booking.occupancies.all().delete()),
        Obstacle.NO_DATES: (lambda: TermPeriod.objects.create(organisation=wish.organisation, kind=TermPeriodKind.BREAK, name_fi="Loma", first_day=MONDAY, last_day=found.last_day), lambda row: row.delete()),
        Obstacle.NOT_OFFERED: (lambda: rows.update(audience=Audience.CHOSEN), lambda _none: rows.update(audience=Audience.NETWORK)),
        Obstacle.INTERVAL: (lambda: (Wish.objects.filter(pk=wish.pk).update(slots=[{"weekday": 2, "starts": "09:10", "ends": "11:10"}])), lambda _none: Resource.objects.filter(pk=resource.pk).update(start_interval=10)),
    }[code]  # fmt: skip
    made = in_the_way()

    found = proposed(found, owner)
    assert (codes(wish), wish.state, wish.granted_slot) == ([[code]], WishState.REFUSED, None)
    take_away(made)
    proposed(found, owner)

    assert (codes(wish), wish.state, wish.granted_slot) == ([], WishState.GRANTED, wish.slots[0])


def test_refusal_names_the_wish_that_goes_before_and_is_granted_without_it(service, owner):
    found = make_term_round(owner, service)
    wishes = [make_wish(found, service, slot) for slot in ((2, 9, 11), (2, 10, 12), (2, 9, 12))]
    found = proposed(found, owner)
    refused = [wish for wish in wishes if codes(wish)][-1]
    named = {key for slot in refused.obstacles for row in slot for key in row["wishes"]}

    assert {row["code"] for slot in refused.obstacles for row in slot} == {Obstacle.GIVEN}
    assert named <= {wish.pk for wish in wishes if wish.state == WishState.GRANTED}
    Wish.objects.exclude(pk=refused.pk).delete()
    proposed(found, owner)
    refused.refresh_from_db()
    assert refused.state == WishState.GRANTED


def test_share_that_is_given_away_is_named_and_the_wish_granted_without_the_others():
    service = teacher(weekly_minutes=180)
    owner = make_handler(service.organisation)
    found = make_term_round(owner, service)
    wishes = [make_wish(found, service, (day, 9, 11)) for day in (1, 2)]
    found = proposed(found, owner)
    refused = next(wish for wish in wishes if codes(wish))

    assert codes(refused) == [[Obstacle.SHARE_GIVEN]]
    Wish.objects.exclude(pk=refused.pk).delete()
    proposed(found, owner)
    refused.refresh_from_db()
    assert refused.state == WishState.GRANTED


def test_breaks_of_who_wishes_are_left_out_and_the_series_is_booked_without_them(service, owner):
    found = make_term_round(owner, service)
    wish = make_wish(found, service, (2, 9, 11))
    TermPeriod.objects.create(organisation=wish.organisation, kind=TermPeriodKind.BREAK, name_fi="Loma", first_day=TUESDAY + timedelta(weeks=1), last_day=TUESDAY + timedelta(weeks=1))
    found = proposed(found, owner)

    confirm_round(by=owner, round=found, version=found.version)

    wish.refresh_from_db()
    assert [one.starts_at.date() for one in wish.series.bookings.order_by("starts_at")] == [TUESDAY, TUESDAY + timedelta(weeks=2)]
    assert [one.day for one in wish.series.rejected_dates.all()] == [TUESDAY + timedelta(weeks=1)]


def test_confirmed_round_books_what_was_granted_and_offers_what_is_free(service, owner):
    found = make_term_round(owner, service)
    wishes = [make_wish(found, service, (2, 9, 11)) for _number in range(2)]
    found = proposed(found, owner)

    confirm_round(by=owner, round=found, version=found.version)

    for wish in wishes:
        wish.refresh_from_db()
    granted, refused = sorted(wishes, key=lambda wish: wish.state)
    assert (granted.series.organisation, granted.series.bookings.filter(state=BookingState.CONFIRMED).count()) == (granted.organisation, 3)
    assert (refused.series, refused.offered) == (None, {"weekday": 2, "starts": "11:00", "ends": "13:00"})
    plan = propose_series(by=refused.wished_by, service=service, resource=service.resource, first_day=TUESDAY, last_day=found.last_day, starts=time(11), ends=time(13))
    assert (len(plan.fitting), plan.rejected) == (3, [])
    assert OutboxMessage.objects.filter(kind="round_confirmed").count() == 2


def test_series_of_another_owner_waits_for_its_answer(service):
    """A coordinator gives out the services of the area's members; whose they are still says yes."""
    owner = make_handler(service.organisation)
    found = make_term_round(owner, service)
    other = make_handler()
    TermRound.objects.filter(pk=found.pk).update(organisation=other.organisation)
    wish = make_wish(found, service, (2, 9, 11))
    found = proposed(found, other)

    confirm_round(by=other, round=found, version=found.version)

    wish.refresh_from_db()
    assert set(wish.series.bookings.values_list("state", flat=True)) == {BookingState.REQUESTED}


def test_nothing_is_booked_when_one_of_the_granted_was_taken_meanwhile(service, owner):
    found = make_term_round(owner, service)
    for day in (2, 3):
        make_wish(found, service, (day, 9, 11))
    found = proposed(found, owner)
    book(service, hours(10, 11, TUESDAY))

    with pytest.raises(Conflict):
        confirm_round(by=owner, round=found, version=found.version)

    found.refresh_from_db()
    assert (BookingSeries.objects.count(), Booking.objects.count(), found.state) == (0, 1, RoundState.PROPOSED)


def test_change_by_hand_is_logged_and_takes_nothing_from_another(service, owner):
    found = make_term_round(owner, service)
    first, second = make_wish(found, service, (2, 9, 11)), make_wish(found, service, (3, 9, 11))
    proposed(found, owner)
    second.refresh_from_db()
    slot = {"weekday": 2, "starts": "10:00", "ends": "12:00"}

    with pytest.raises(ValidationError):
        adjust_wish(by=owner, wish=second, version=second.version, reason="Vaihto", service=service, slot=slot)
    with pytest.raises(ValidationError):
        adjust_wish(by=owner, wish=second, version=second.version, reason=" ")
    adjust_wish(by=owner, wish=first, version=first.version + 1, reason="Peruttu")
    adjust_wish(by=owner, wish=second, version=second.version, reason="Vaihto", service=service, slot=slot)

    second.refresh_from_db()
    found.refresh_from_db()
    assert (second.granted_slot, found.state) == (slot, RoundState.ADJUSTED)
    assert list(WishChange.objects.values_list("wish", "reason")) == [(first.pk, "Peruttu"), (second.pk, "Vaihto")]
    with pytest.raises(Conflict):
        adjust_wish(by=owner, wish=second, version=second.version - 1, reason="Myöhässä")


def test_outcome_is_told_to_who_wished_when_it_is_confirmed_and_never_to_others(service, owner):
    found = make_term_round(owner, service)
    mine, theirs = make_wish(found, service, (2, 9, 11), purpose="Oma salaisuus"), make_wish(found, service, (2, 9, 11), purpose="Toisen salaisuus")
    client = sign_in(mine.wished_by)
    found = proposed(found, owner)

    before = client.get(found.get_absolute_url()).content.decode()
    confirm_round(by=owner, round=found, version=found.version)
    after = client.get(found.get_absolute_url())

    assert ("Oma salaisuus" in before, "Toisen salaisuus" in before) == (True, False)
    assert "Toisen salaisuus" not in after.content.decode()
    assert [one.wish.pk for one in after.context["wishes"]] == [mine.pk]
    for address in (url("round_wishes", found.pk), url("wish_edit", theirs.pk), url("wish_adjust", theirs.pk), url("wish_adjust", mine.pk), url("round_edit", found.pk), url("round_move", found.pk, "confirmed")):
        assert client.get(address).status_code == 404


def test_draft_and_what_is_not_offered_are_missing_to_others(service, owner):
    draft, other = make_term_round(owner, service, is_open=False), make_handler()
    assert sign_in(other).get(draft.get_absolute_url()).status_code == 404
    hidden = make_term_round(owner, service)
    assert sign_in(other).get(hidden.get_absolute_url()).status_code == 200
    SharedService.objects.filter(pk=service.pk).update(audience=Audience.CHOSEN)

    for found in (draft, hidden):
        assert sign_in(other).get(found.get_absolute_url()).status_code == 404
        assert sign_in(owner).get(found.get_absolute_url()).status_code == 200
        with pytest.raises(PermissionDenied):
            make_wish(found, service, by=other)


def test_round_of_another_organisation_is_not_moved(service, owner):
    found, other = make_term_round(owner, service), make_handler()
    wish = make_wish(found, service, by=other)

    for act in (partial(move_round, target=RoundState.CLOSED), propose_round, confirm_round, partial(edit_round, values={"services": [service]})):
        with pytest.raises(PermissionDenied):
            act(by=other, round=found, version=found.version)
    with pytest.raises(PermissionDenied):
        adjust_wish(by=other, wish=wish, version=wish.version, reason="Minulle")
    for act in (raise_wish, remove_wish):
        with pytest.raises(PermissionDenied):
            act(by=owner, wish=wish, version=wish.version)


def test_wishes_are_taken_in_the_window_alone(service, owner):
    found = make_term_round(owner, service)
    wish = make_wish(found, service)
    TermRound.objects.filter(pk=found.pk).update(wishes_from=timezone.localdate() + timedelta(days=1))

    with pytest.raises(Conflict):
        make_wish(found, service)
    with pytest.raises(Conflict):
        remove_wish(by=wish.wished_by, wish=wish, version=wish.version)


def test_wish_sent_twice_is_one_and_ranks_follow_one_another(service, owner):
    found, by, token = make_term_round(owner, service), make_handler(), uuid4()
    for _twice in range(2):
        make_wish(found, service, by=by, token=token)
    second, third = (make_wish(found, service, by=by) for _number in range(2))

    raise_wish(by=by, wish=third, version=third.version)
    first = Wish.objects.get(token=token)
    remove_wish(by=by, wish=first, version=first.version)

    assert list(Wish.objects.order_by("rank").values_list("pk", "rank")) == [(third.pk, 1), (second.pk, 2)]
    with pytest.raises(Conflict):
        edit_wish(by=by, wish=second, version=1, service=service, slots=second.slots, purpose="Myöhässä", people=None)


def test_wish_changed_meanwhile_keeps_what_was_typed_and_shows_the_other_version(service, owner):
    found, person = make_term_round(owner, service), make_handler()
    wish, client = make_wish(found, service, (2, 9, 11), by=person), sign_in(person)
    form = client.get(url("wish_edit", wish.pk)).context["form"]
    edit_wish(by=person, wish=wish, version=wish.version, service=service, slots=wish.slots, purpose="Toisen teksti", people=4)

    late = client.post(url("wish_edit", wish.pk), sent(form, purpose="Minun tekstini"))

    assert (late.status_code, late.context["form"]["purpose"].value()) == (409, "Minun tekstini")
    assert {one.field.name: one.saved for one in late.context["theirs"].differences} == {"purpose": "Toisen teksti", "people": "4"}
    assert client.post(url("wish_edit", wish.pk), sent(late.context["form"])).status_code == 302
    wish.refresh_from_db()
    assert wish.purpose == "Minun tekstini"
    form = client.get(url("wish_edit", wish.pk)).context["form"]
    proposed(found, owner)
    closed = client.post(url("wish_edit", wish.pk), sent(form, purpose="Myöhässä"))
    assert (closed.status_code, closed.context["form"]["purpose"].value()) == (409, "Myöhässä")


def test_wish_adjusted_meanwhile_keeps_the_reason_that_was_typed(service, owner):
    found = make_term_round(owner, service)
    wish, client = make_wish(found, service, (2, 9, 11)), sign_in(owner)
    proposed(found, owner)
    form = client.get(url("wish_adjust", wish.pk)).context["form"]
    wish.refresh_from_db()
    adjust_wish(by=owner, wish=wish, version=wish.version, reason="Toinen päätti")

    late = client.post(url("wish_adjust", wish.pk), sent(form, decision="refuse", reason="Minun syyni"))

    assert (late.status_code, late.context["form"]["reason"].value()) == (409, "Minun syyni")
    assert client.post(url("wish_adjust", wish.pk), sent(late.context["form"])).status_code == 302


@pytest.mark.parametrize(("slot", "field"), [((2, 11, 9), "ends_1"), ((2, 9, 9), "ends_1")])
def test_wish_that_makes_no_sense_is_refused(service, owner, slot, field):
    with pytest.raises(ValidationError) as error:
        make_wish(make_term_round(owner, service), service, slot)

    assert field in error.value.error_dict


def test_service_of_others_is_not_given_out(owner):
    with pytest.raises(ValidationError):
        make_term_round(owner, make_service())


@pytest.mark.parametrize("count", [2, 12])
def test_allocation_reads_no_more_for_more_wishes(service, owner, count):
    found = make_term_round(owner, service)
    for number in range(count):
        make_wish(found, service, (1 + number % 5, 9, 11))
    found = move_round(by=owner, round=found, version=found.version, target=RoundState.CLOSED)

    with counted() as statements:
        propose_round(by=owner, round=found, version=found.version)

    assert len(statements) <= 20


def test_round_from_its_start_to_its_bookings_on_the_pages(service, owner):
    client, wisher = sign_in(owner), make_handler()
    Resource.objects.filter(pk=service.resource_id).update(mode=BookingMode.AT_ONCE)
    form = client.get(url("round_add")).context["form"]
    today = timezone.localdate()
    days = {"first_day": MONDAY, "last_day": MONDAY + timedelta(weeks=2), "wishes_from": today, "wishes_until": today}
    answers = [client.post(url("round_add"), sent(form, name_fi="Kevään salit", services=[service.pk], **days)) for _twice in range(2)]
    found = TermRound.objects.get()
    assert {answer.url for answer in answers} == {url("round_detail", found.pk)}

    def move(target: str) -> int:
        page = client.get(url("round_move", found.pk, target))
        return client.post(url("round_move", found.pk, target), sent(page.context["form"])).status_code

    assert move("open") == 302
    theirs = sign_in(wisher)
    form = theirs.get(url("wish_add", found.pk)).context["form"]
    assert theirs.post(url("wish_add", found.pk), sent(form, service=service.pk, purpose="Kurssi", weekday_1=2, starts_1="9.00", ends_1="11.00")).status_code == 302
    assert theirs.post(url("wish_add", found.pk), sent(form, service=service.pk, purpose="", weekday_1=2, starts_1="9.00", ends_1="11.00", weekday_2=3)).status_code == 422
    assert [move("closed"), move("proposed"), move("confirmed")] == [302, 302, 302]
    assert client.get(url("round_move", found.pk, "closed")).status_code == 409
    assert BookingSeries.objects.get().organisation == wisher.organisation
    assert theirs.get(found.get_absolute_url()).context["wishes"][0].granted


@pytest.mark.django_db(transaction=True)
@pytest.mark.battery
def test_one_of_four_confirmations_books(at_once, transactional_db):
    service = make_service()
    owner = make_handler(service.organisation)
    found = make_term_round(owner, service)
    make_wish(found, service, (2, 9, 11))
    found = proposed(found, owner)

    results = at_once([partial(confirm_round, by=owner, round=found, version=found.version) for _number in range(4)])

    assert [type(one) for one in results if isinstance(one, BaseException)] == [Conflict] * 3
    assert (BookingSeries.objects.count(), Booking.objects.count()) == (1, 3)


@pytest.mark.django_db(transaction=True)
@pytest.mark.battery
def test_confirmation_and_a_booking_of_the_same_time_never_both_win(at_once, transactional_db):
    service = make_service()
    owner, other = make_handler(service.organisation), make_handler()
    found = make_term_round(owner, service)
    make_wish(found, service, (2, 9, 11))
    found = proposed(found, owner)

    results = at_once([
        partial(confirm_round, by=owner, round=found, version=found.version),
        partial(request_booking, by=other, service=service, resource=service.resource, slot=hours(10, 12, TUESDAY), purpose="Keksitty", token=uuid4()),
    ])

    assert [type(one) for one in results if isinstance(one, BaseException)] == [Conflict]
    assert Booking.objects.count() in (1, 3)
