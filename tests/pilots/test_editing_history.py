"""The history of an area: what it tells, to whom, page by page."""
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from pilots.actions.editing import add_contact, add_member, confirm_contact, edit_area, edit_contact, end_contact, end_member
from pilots.choices import Participation
from pilots.forms.days import written
from pilots.models import PilotArea
from pilots.queries.history import PAGE_SIZE, area_history, only_what_differs, version_of
from tests.pilots.factories import make_area, make_contact, make_member, make_membership, make_organisation, make_user

pytestmark = pytest.mark.django_db

CONTACT = {"task": "guidance", "name": "Demo Ohjaaja", "title_fi": "", "title_sv": "", "email": "ohjaaja@example.org", "phone": "040 000 0001"}
CONTACT |= {"speaks_finnish": True, "speaks_swedish": False, "speaks_english": False, "confirmed_on": date(2021, 2, 3)}
NO_TEXTS = {f"{topic}_{language}": "" for topic in ("description", "challenge", "readiness", "objectives") for language in ("fi", "sv")} | {"check_by": None}


def events(client, area, language="en") -> list[tuple]:
    days = client.get(f"/{language}/areas/{area.slug}/history/").context["timeline"]
    return [(event.kind, event.text, event.who, event.organisation, event.changes) for day in days for event in day.events]


def change(area, coordinator) -> None:
    """One of each kind of change, by the coordinator."""
    own = {"by": coordinator, "area_id": area.pk}
    edit_area(**own, version=1, values=NO_TEXTS | {"description_fi": "Uusi teksti"})
    contact = add_contact(**own, values=CONTACT)
    edit_contact(**own, contact_id=contact.pk, version=version_of(contact), values=CONTACT | {"phone": "040 000 0002"})
    confirm_contact(**own, contact_id=contact.pk)
    end_contact(**own, contact_id=contact.pk)
    member = add_member(**own, body=make_organisation("Demo-opisto"), participation=Participation.DIRECT, through=None, starts_on=date(2020, 8, 1))
    end_member(**own, member_id=member.pk, last_day=date(2021, 5, 31))


def test_history_tells_a_reader_with_a_role_each_change_and_who_made_it(client, area, coordinator):
    change(area, coordinator)
    client.force_login(make_membership().user)

    who = ("Demo Koordinaattori", "Demoseudun kuntayhtymä")
    today = written(timezone.localdate())
    assert [event[:4] for event in events(client, area)] == [
        ("Membership ended", "Demo-opisto", *who),
        ("Member added", "Demo-opisto", *who),
        ("Contact person ended", "Demo Ohjaaja", *who),
        ("Contact person confirmed", "Demo Ohjaaja", *who),
        ("Contact person changed", "Demo Ohjaaja", *who),
        ("Contact person added", "Demo Ohjaaja", *who),
        ("Area changed", "", *who),
        ("Area added", "", "Loaded into the portal", ""),
    ]
    changes = [event[4] for event in events(client, area)]
    assert changes[0] == [("Last day", "31.12.2021", "31.5.2021")]
    assert changes[3] == [("Confirmed on", "3.2.2021", today)]
    assert changes[4] == [("Telephone", "040 000 0001", "040 000 0002")]
    assert changes[6] == [("Description in Finnish", "", '<span lang="fi">Uusi teksti</span>')]


@pytest.mark.parametrize("signed_up", [False, True])
def test_history_names_no_person_to_the_public_nor_to_whoever_signed_up(client, area, coordinator, signed_up):
    change(area, coordinator)
    if signed_up:
        client.force_login(make_user())

    page = client.get(f"/en/areas/{area.slug}/history/").content.decode()

    assert [event[2:4] for event in events(client, area)][:-1] == [("Demoseudun kuntayhtymä", "")] * 7
    assert [event[:2] for event in events(client, area)][2:6] == [
        (kind, "guidance") for kind in ("Contact person ended", "Contact person confirmed", "Contact person changed", "Contact person added")
    ]
    assert [word in page for word in ("Demo Koordinaattori", "Demo Ohjaaja", "ohjaaja@example.org", "040 000 000", "Uusi teksti")] == [False] * 4 + [True]


def test_history_never_shows_the_address_of_someone_without_a_name(client, area, coordinator):
    coordinator.user.name = ""
    coordinator.user.save()
    edit_area(by=coordinator, area_id=area.pk, version=1, values=NO_TEXTS | {"description_fi": "Uusi"})
    client.force_login(make_membership().user)

    assert events(client, area)[0][2:4] == ("Demoseudun kuntayhtymä", "")
    assert coordinator.user.email not in client.get(reverse("pilots:area_history", args=[area.slug])).content.decode()


def test_history_tells_nothing_of_other_areas(client, area, coordinator):
    other = make_area()
    make_contact(other, name="Demo Muualla")
    make_member(other, make_organisation("Muualla"))
    client.force_login(make_membership().user)

    assert [event[0] for event in events(client, area)] == ["Area added"]


def test_history_speaks_the_readers_language(client, area, coordinator):
    change(area, coordinator)

    kinds = {language: events(client, area, language)[0][0] for language in ("sv", "en")}

    assert kinds["en"] == "Membership ended"
    assert client.get(f"/sv/areas/{area.slug}/history/").context["timeline"][0].events[0].changes[0][1:] == ("31.12.2021", "31.5.2021")


@pytest.mark.parametrize("same_moment", [False, True])
def test_history_pages_hold_every_row_once(area, same_moment):
    for _number in range(17):
        make_contact(area)
        make_member(area)
    for number in range(16):
        PilotArea.objects.get(pk=area.pk).save()
        assert area.history.count() == number + 2
    if same_moment:
        for kind in (area.history, area.contacts.first().history.model.objects, area.memberships.first().history.model.objects):
            kind.all().update(history_date=timezone.now())

    sizes, places, seen = [], [""], []
    while True:
        page = area_history(area, before=places[-1], with_people=True)
        sizes.append(len(page.events))
        seen += [(event.kind, event.text, event.at) for event in page.events]
        if not page.older:
            break
        places.append(page.older)

    assert sizes == [PAGE_SIZE, PAGE_SIZE, 51 - 2 * PAGE_SIZE]
    assert len({text for kind, text, _at in seen if text}) == 34
    assert [kind for kind, *_rest in seen].count("Area changed") + [kind for kind, *_rest in seen].count("Area added") in (0, 17)


def test_history_compares_a_row_with_the_one_before_it_however_old(area, coordinator):
    """What a row changed is told although the row before it stands on no page near."""
    contact = add_contact(by=coordinator, area_id=area.pk, values=CONTACT)
    for _number in range(PAGE_SIZE + 5):
        make_contact(area)
    edit_contact(by=coordinator, area_id=area.pk, contact_id=contact.pk, version=version_of(contact), values=CONTACT | {"phone": "040 000 0002"})

    newest = area_history(area, before="", with_people=True).events[0]

    assert [(change.before, change.after) for change in newest.changes] == [("040 000 0001", "040 000 0002")]


@pytest.mark.parametrize("before", ["x", "-", "1-1", "1-1-", "1-9-1", "9" * 17 + "-0-1", "1-0-" + "9" * 12, "\x00", "²-0-1", "0-0-0", "9999999999999999-2-1"])
def test_history_survives_any_place_in_the_address(client, area, before):
    answer = client.get(reverse("pilots:area_history", args=[area.slug]), {"before": before})

    assert answer.status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_history_asks_the_same_number_of_queries_for_any_number_of_rows(client, area, coordinator, rows, django_assert_num_queries):
    address = reverse("pilots:area_history", args=[area.slug])
    for number in range(rows):
        edit_area(by=coordinator, area_id=area.pk, version=number + 1, values=NO_TEXTS | {"challenge_fi": f"Haaste {number}"})
        channel = add_member(
            by=coordinator, area_id=area.pk, body=make_organisation(), participation=Participation.CHANNEL, through=None, starts_on=date(2020, 8, 1)
        ).organisation
        make_member(area, participation=Participation.THROUGH, through=channel)
        add_contact(by=coordinator, area_id=area.pk, values=CONTACT | {"name": f"Demo {number}"})

    with django_assert_num_queries(5):
        client.get(address)
    client.force_login(coordinator.user)
    client.get(address)  # the session notes its first use
    with django_assert_num_queries(9):
        client.get(address)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("", "uusi teksti", ("", "uusi teksti")),
        ("vanha teksti", "", ("vanha teksti", "")),
        ("a b c", "a b c", ("a b c", "a b c")),
        ("1 2 3 4 5 6 7 8 x", "1 2 3 4 5 6 7 8 y", ("… 3 4 5 6 7 8 x", "… 3 4 5 6 7 8 y")),
        ("x 1 2 3 4 5 6 7 8", "y 1 2 3 4 5 6 7 8", ("x 1 2 3 4 5 6 …", "y 1 2 3 4 5 6 …")),
        ("a a a", "a a", ("a a a", "a a")),
    ],
)
def test_only_what_differs_leaves_a_few_words_around_the_change(before, after, shown):
    assert only_what_differs(before, after) == shown
