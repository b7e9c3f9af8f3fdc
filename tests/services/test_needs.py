"""Needs: which offers are suggested and why, who sees and answers, and a substitute that is told at once."""
from datetime import time, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import OutboxMessage
from pilots.models import EducationForm
from services.actions.needs import answer_need, edit_need, end_need
from services.choices import Audience, BookingMode, Delivery, NeedState, Publication, ResourceKind, ServiceKind
from services.conflicts import Conflict
from services.models import Need, NeedAnswer
from services.queries.meeting import matches_of, needs_to_meet
from tests.guidance.web import counted
from tests.pilots.factories import make_municipality, make_organisation
from tests.services.courses import make_run
from tests.services.factories import MONDAY, book, hours, make_handler, make_need, make_place, make_resource, make_service
from tests.services.web import sent, sign_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def asker():
    return make_handler(make_organisation(municipality=make_municipality("Keksilä", latitude=62.0, longitude=25.0)))


def need_of(by, **fields) -> Need:
    """Without weekdays and hours unless the test is about them."""
    return make_need(by, **{"what": "Ruotsin opettaja", "weekdays": [], "starts": None, "ends": None} | fields)


def teacher(name: str = "Ruotsin opettaja", minutes: int = 480, **fields):
    place = fields.pop("place", None)
    return make_service(make_resource(kind=ResourceKind.PERSON, weekly_minutes=minutes, mode=BookingMode.ON_REQUEST, place=place), name_fi=name, place=place, **fields)


def found(need) -> list:
    return [match.service for match in matches_of(need)]


def test_matches_are_found_by_word_forms_and_nothing_else_is(asker):
    fits = teacher()
    teacher("Musiikinopettaja")
    teacher(state=Publication.DRAFT)
    teacher(organisation=asker.organisation)
    make_service(name_fi="Ruotsin luokka")

    assert found(need_of(asker, subject="ruotsia")) == [fits]


@pytest.mark.parametrize(
    ("need", "ruled_out"),
    [
        ({"language": "sv"}, {"languages": ["fi"]}),
        ({"delivery": Delivery.CONTACT}, {"delivery": Delivery.REMOTE}),
        ({"delivery": Delivery.REMOTE}, {"delivery": Delivery.CONTACT}),
        ({}, {"audience": Audience.CHOSEN}),
    ],
)  # fmt: skip
def test_matches_leave_out_what_cannot_be(asker, need, ruled_out):
    fits = teacher(languages=["sv", "fi"], delivery=Delivery.HYBRID)
    teacher(**ruled_out)

    assert found(need_of(asker, subject="ruotsi", **need)) == [fits]


def test_matches_keep_to_the_distance_but_what_is_remote_is_in_reach(asker):
    near, far = (make_place(municipality=make_municipality(latitude=latitude, longitude=25.0)) for latitude in (62.2, 64.0))
    close, remote = teacher(place=near), teacher(place=far, delivery=Delivery.REMOTE)
    teacher(place=far)

    need = need_of(asker, municipality=asker.organisation.municipality, within_km=50)

    assert found(need) == [close, remote]
    assert "22 km" in " ".join(reason.words for reason in matches_of(need)[0].reasons)


def test_matches_put_what_is_free_first_and_say_how_many_dates_fit(asker):
    taken, free = teacher(), teacher()
    book(taken, hours(9, 10, MONDAY + timedelta(days=1)))

    first, second = matches_of(need_of(asker, weekdays=[2], starts=time(9), ends=time(11)))

    assert [first.service, second.service] == [free, taken]
    assert (first.free_part, second.free_part) == (1.0, 2 / 3)
    assert [reason.speaks_for for reason in second.reasons][-2:] == [False, True]
    assert second.first_free.day == MONDAY + timedelta(days=8)


def test_matches_count_the_share_that_is_left(asker):
    little, much = teacher(minutes=240), teacher(minutes=480)

    first, second = matches_of(need_of(asker, weekly_hours=Decimal("6.0")))

    assert [(first.service, first.enough_hours), (second.service, second.enough_hours)] == [(much, True), (little, False)]


def test_matches_of_a_course_say_whether_a_run_has_seats(asker):
    run = make_run(service=make_service(kind=ServiceKind.COURSE, name_fi="Hitsauksen perusteet"))
    need = need_of(asker, kind=ServiceKind.COURSE, what="Hitsausta", first_day=timezone.localdate(), last_day=run.first_day + timedelta(days=9))

    [match] = matches_of(need)

    assert match.runs == [run]
    assert match.reasons[-1].speaks_for


@pytest.mark.parametrize("rows", [1, 5])
def test_matches_read_no_more_for_more_services(asker, rows):
    for _number in range(rows):
        teacher(place=make_place())
    need = need_of(asker, weekdays=[1], starts=time(9), ends=time(10), municipality=asker.organisation.municipality, within_km=200)

    with counted() as statements:
        matches_of(need)

    assert len(statements) <= 9


def test_owner_sees_needs_that_its_public_services_could_meet(asker):
    service = teacher()
    owner = make_handler(service.organisation)
    need, _other = need_of(asker), need_of(asker, what="Kemian laboratorio", kind=ServiceKind.FACILITY)

    assert [(one, [match.service for match in matches]) for one, matches in needs_to_meet(owner)] == [(need, [service])]
    assert needs_to_meet(make_handler()) == []


@pytest.mark.parametrize("change", [{"audience": Audience.CHOSEN}, {"check_by": -1}, {"last_day": -1}, {"state": NeedState.WITHDRAWN}])
def test_need_that_is_not_for_others_is_missing_to_them(asker, change):
    need, owner = need_of(asker), make_handler(teacher().organisation)
    Need.objects.filter(pk=need.pk).update(
        **{name: timezone.localdate() + timedelta(days=value) if isinstance(value, int) else value for name, value in change.items()},
        **({"first_day": timezone.localdate() - timedelta(days=9)} if "last_day" in change else {}), **({"ended_at": timezone.now()} if "state" in change else {}),
    )  # fmt: skip

    assert sign_in(owner).get(url("need_detail", need.pk)).status_code == 404
    assert needs_to_meet(owner) == []
    with pytest.raises(PermissionDenied):
        answer_need(by=owner, need=need, text="Me voimme")
    assert sign_in(asker).get(url("need_detail", need.pk)).status_code == 200


def test_answer_reaches_the_asker_and_nobody_else_reads_it(asker):
    need, helper, other = need_of(asker), make_handler(teacher().organisation), make_handler(teacher().organisation)
    page = sign_in(helper).get(url("need_detail", need.pk))
    for _turn in range(2):
        sign_in(helper).post(url("need_detail", need.pk), sent(page.context["form"], text="Meiltä saa apua"))

    assert NeedAnswer.objects.get().organisation == helper.organisation
    assert list(OutboxMessage.objects.filter(kind="need_answered").values_list("to_email", flat=True)) == [asker.user.email]
    assert "Meiltä saa apua" in sign_in(asker).get(url("need_detail", need.pk)).content.decode()
    assert "Meiltä saa apua" not in sign_in(other).get(url("need_detail", need.pk)).content.decode()


def test_substitute_opens_with_the_booking_s_time_and_is_told_to_owners_of_matches(asker):
    away, other = teacher(), teacher()
    told, also_away = make_handler(other.organisation), make_handler(away.organisation)
    booking = book(away, hours(9, 11), by=asker)
    client = sign_in(asker)
    form = client.get(url("need_substitute", booking.pk)).context["form"]
    assert (form["starts"].value(), form["ends"].value()) == (time(9), time(11))

    answers = [client.post(url("need_substitute", booking.pk), sent(form, starts="9.00", ends="11.00")) for _twice in range(2)]

    need = Need.objects.get()
    assert [answer.url for answer in answers] == [url("need_detail", need.pk)] * 2
    assert (need.is_urgent, need.first_day, need.weekdays, need.starts, need.ends) == (True, MONDAY, [1], time(9), time(11))
    assert list(OutboxMessage.objects.filter(kind="need_urgent").values_list("to_email", flat=True)) == [told.user.email]
    assert also_away.user.email not in OutboxMessage.objects.filter(kind="need_urgent").values_list("to_email", flat=True)


def test_substitute_is_asked_by_the_borrower_of_a_person_alone(asker):
    booking, room = book(teacher(), hours(9, 11), by=asker), book(make_service(), hours(9, 11), by=asker)
    lender = make_handler(booking.resource.owner)

    for by, one in ((lender, booking), (asker, room), (make_handler(), booking)):
        with pytest.raises(PermissionDenied):
            need_of(by, booking=one)
    assert sign_in(make_handler()).get(url("need_substitute", booking.pk)).status_code == 404


def test_need_of_another_organisation_is_neither_changed_nor_ended(asker):
    need, other = need_of(asker), make_handler()

    with pytest.raises(PermissionDenied):
        edit_need(by=other, need=need, version=need.version, values={"what": "x"})
    with pytest.raises(PermissionDenied):
        end_need(by=other, need=need, version=need.version, state=NeedState.MET)
    assert sign_in(other).get(url("need_edit", need.pk)).status_code == 404
    assert sign_in(other).post(url("need_end", need.pk, "met"), {"version": need.version}).status_code == 404


def test_second_change_of_the_same_version_is_told_and_keeps_what_was_typed(asker):
    need, client = need_of(asker), sign_in(asker)
    form = client.get(url("need_edit", need.pk)).context["form"]
    edit_need(by=asker, need=need, version=need.version, values={"what": "Toisen sanat"})

    answer = client.post(url("need_edit", need.pk), sent(form, what="Omat sanat"))

    assert answer.status_code == 409
    assert "Omat sanat" in answer.content.decode()
    need.refresh_from_db()
    assert need.what == "Toisen sanat"
    with pytest.raises(Conflict):
        end_need(by=asker, need=need, version=need.version - 1, state=NeedState.MET)


@pytest.mark.parametrize(("wrong", "field"), [({"last_day": MONDAY - timedelta(days=1)}, None), ({"check_by": MONDAY - timedelta(days=9000)}, "check_by"), ({"audience": Audience.CHOSEN}, "audience"), ({"starts": time(9)}, None)])
def test_need_that_makes_no_sense_is_refused(asker, wrong, field):
    with pytest.raises(ValidationError) as error:
        need_of(asker, **wrong)

    assert field is None or field in error.value.error_dict


def test_empty_search_leads_to_a_need_with_its_words(asker):
    client = sign_in(asker)
    page = client.get(url("service_list") + "?q=lasinpuhallus&kind=staff").content.decode()

    assert url("need_add") + "?q=lasinpuhallus&amp;kind=staff" in page
    form = client.get(url("need_add") + "?q=lasinpuhallus&kind=staff").context["form"]
    assert (form.initial["what"], form.initial["subject"], form.initial["kind"]) == ("lasinpuhallus", "lasinpuhallus", "staff")


def test_form_of_education_is_a_reason_for_or_against(asker):
    form = EducationForm.objects.create(code="made", position=88, name_fi="Keksitty", name_sv="Påhittad", name_en="Made", source="made")
    for_it, not_named = teacher(), teacher()
    for_it.education_forms.add(form)

    assert [(match.service, match.right_form) for match in matches_of(need_of(asker, education_form=form))] == [(for_it, True), (not_named, False)]
