"""The data protection officer's view of the read log: whose rows, by what, and which reading is shown as unusual."""
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from guidance.actions.merging import merge_pathways
from guidance.choices import LogAction, Purpose, ReadingRule
from guidance.models import AccessLog, AccessLogSubject, ReadingThreshold
from guidance.queries.unusual import unusual_reading
from pilots.choices import Role
from tests.guidance.factories import make_counsellor, make_pathway, new_client
from tests.guidance.web import counted, logged, sign_in, told


@pytest.fixture
def officer(made):
    return make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)


def read(by, *pathways, at=None, action=LogAction.VIEW) -> AccessLog:
    log = AccessLog.objects.create(at=at or timezone.now(), user_id=by.user_id, organisation_id=by.organisation_id, action=action, purpose=Purpose.GUIDANCE, page="guidance:pathway_detail", request_id=uuid4())
    AccessLogSubject.objects.bulk_create(AccessLogSubject(log_id=log.pk, pseudonym=pathway.pseudonym) for pathway in pathways)
    return log


def rows_of(client, **asked) -> list[tuple[str, str, tuple[str, ...]]]:
    page = client.get(reverse("guidance:reading_list"), asked).context["page"]
    return [(row.person, row.organisation, row.pseudonyms) for row in page.rows if row.purpose == Purpose.GUIDANCE.label]


def test_officer_sees_what_the_own_people_read_and_of_an_owned_client_what_others_did(made, officer):
    ours, theirs = make_pathway(made), make_pathway(made)
    read(made.anna, ours)
    read(made.ossi, ours)
    theirs.process_owner = made.college
    theirs.save()
    read(made.ossi, theirs)
    client = sign_in(officer)

    city, college = made.anna.organisation.name, made.college.name
    assert rows_of(client) == [(str(made.anna.user), city, (ours.pseudonym,))]
    assert rows_of(client, pseudonym=ours.pseudonym) == [("", college, (ours.pseudonym,)), (str(made.anna.user), city, (ours.pseudonym,))]
    assert rows_of(client, pseudonym=theirs.pseudonym) == []
    assert rows_of(client, pseudonym=ours.pseudonym, person=made.anna.user_id) == [(str(made.anna.user), city, (ours.pseudonym,))]


def test_looking_is_itself_in_the_log(made, officer, pathway):
    read(made.anna, pathway)
    client = sign_in(officer)
    before = len(logged())

    client.get(reverse("guidance:reading_list"))
    client.get(reverse("guidance:reading_unusual"))

    assert logged()[before:] == [("list", "guidance:reading_list", [pathway.pseudonym])]
    assert AccessLog.objects.latest("pk").purpose == Purpose.PROTECTION


def test_what_was_read_under_a_merged_identifier_is_found_by_the_new_one(made, officer):
    kept, merged = make_pathway(made), make_pathway(made)
    read(made.anna, merged)
    merge_pathways(by=made.anna, keep=kept, other=merged, is_same_person=True)

    assert rows_of(sign_in(officer), pseudonym=kept.pseudonym) == [(str(made.anna.user), made.anna.organisation.name, (merged.pseudonym,))]


@pytest.mark.parametrize("asked", [{"since": "31.2.2026"}, {"pseudonym": "Meikäläinen"}, {"person": "999999"}, {"action": "nonsense"}, {"after": "x"}])
def test_what_is_asked_wrong_is_said_and_narrows_nothing(made, officer, pathway, asked):
    read(made.anna, pathway)

    page = sign_in(officer).get(reverse("guidance:reading_list"), asked)

    assert (page.status_code, len(page.context["page"].rows)) == (200, 1)
    assert bool(page.context["form"].errors) == ("after" not in asked)


def test_days_are_whole_days_here(made, officer, pathway):
    day = timezone.localdate() - timedelta(days=3)
    midnight = timezone.make_aware(datetime.combine(day, time()))
    for at in (midnight - timedelta(seconds=1), midnight, midnight + timedelta(days=1) - timedelta(seconds=1), midnight + timedelta(days=1)):
        read(made.anna, pathway, at=at)

    assert len(rows_of(sign_in(officer), since=day.isoformat(), until=day.isoformat())) == 2


def test_pages_go_on_from_a_row_and_cost_the_same(made, officer):
    client = sign_in(officer)
    read(made.anna, make_pathway(made))
    with counted() as few:
        client.get(reverse("guidance:reading_list"))
    for _turn in range(30):
        read(made.anna, make_pathway(made))
    with counted() as many:
        first = client.get(reverse("guidance:reading_list")).context["page"]
    second = client.get(reverse("guidance:reading_list"), {"after": first.after}).context["page"]

    assert len(few) == len(many) <= 12, told(many)
    assert (len(first.rows), len(second.rows)) == (25, 7)
    assert client.get(reverse("guidance:reading_list"), {"before": second.before}).context["page"].rows == first.rows


def hits(officer, rule: ReadingRule) -> list[int]:
    return [hit.number for found in unusual_reading(officer, timezone.now()) if found.rule == rule for hit in found.hits]


def at(hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=2), time(hour, minute)))


def test_many_clients_in_a_day_are_told_from_the_limit_on(made, officer):
    ReadingThreshold.objects.create(organisation=made.city, rule=ReadingRule.MANY_CLIENTS, threshold=3)
    pathways = [make_pathway(made) for _turn in range(3)]
    for pathway in (pathways[0], *pathways[:2]):
        read(made.anna, pathway, at=at(12))
    read(made.anna, *pathways, at=at(12), action=LogAction.LIST)
    assert hits(officer, ReadingRule.MANY_CLIENTS) == [], "two clients, one of them twice, and a list"

    read(made.anna, pathways[2], at=at(12) + timedelta(days=1))
    assert hits(officer, ReadingRule.MANY_CLIENTS) == [], "another day"

    read(made.anna, pathways[2], at=at(13))
    assert hits(officer, ReadingRule.MANY_CLIENTS) == [3]


def test_night_is_from_ten_to_six_here(made, officer, pathway):
    ReadingThreshold.objects.create(organisation=made.city, rule=ReadingRule.NIGHT, threshold=2)
    for moment in (at(21, 59), at(6), at(22)):
        read(made.anna, pathway, at=moment)
    assert hits(officer, ReadingRule.NIGHT) == []

    read(made.anna, pathway, at=at(5, 59))
    assert hits(officer, ReadingRule.NIGHT) == [2]


@pytest.mark.parametrize(
    "family, given, rule",
    [
        ("Keksilä-Virta", "Anna", ReadingRule.OWN_NAME),
        ("Keksilä-Virta", "Ossi", ReadingRule.SAME_SURNAME),
        ("Keksilä", "Anna", None),
        ("Virta", "Anna Keksilä", None),
        ("Muu-Keksilä-Virta", "Ossi", ReadingRule.SAME_SURNAME),
    ],
)
def test_own_name_and_surname_of_relatives(made, officer, family, given, rule):
    made.anna.user.name = "Anna Keksilä-Virta"
    made.anna.user.save()
    made.ossi.user.name = "Anna Keksilä-Virta"
    made.ossi.user.save()
    pathway = make_pathway(made, client=new_client(family_name=family, given_names=given))
    read(made.anna, pathway, at=at(12))
    read(made.ossi, pathway, at=at(12))

    assert {one: hits(officer, one) for one in (ReadingRule.OWN_NAME, ReadingRule.SAME_SURNAME)} == {ReadingRule.OWN_NAME: [1] if rule == ReadingRule.OWN_NAME else [], ReadingRule.SAME_SURNAME: [1] if rule == ReadingRule.SAME_SURNAME else []}


def test_old_reading_and_that_of_others_is_not_told(made, officer, pathway):
    ReadingThreshold.objects.create(organisation=made.city, rule=ReadingRule.NIGHT, threshold=1)
    read(made.ossi, pathway, at=at(23))
    read(made.anna, pathway, at=at(23) - timedelta(days=40))

    assert hits(officer, ReadingRule.NIGHT) == []


def test_limits_are_the_organisations_own(made, officer):
    client = sign_in(officer)
    numbers = {"many_clients": 10, "night": 1, "own_name": 1, "same_surname": 2}

    assert client.post(reverse("guidance:reading_rules"), numbers | {"night": 0}).status_code == 422
    assert not ReadingThreshold.objects.exists()
    assert client.post(reverse("guidance:reading_rules"), numbers).status_code == 302
    assert dict(ReadingThreshold.objects.filter(organisation=made.city).values_list("rule", "threshold")) == numbers
    assert [found.threshold for found in unusual_reading(officer, timezone.now())] == list(numbers.values())
