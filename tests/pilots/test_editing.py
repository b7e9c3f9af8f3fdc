"""A coordinator's screens: who reaches them, what they save, what they say when something is wrong."""
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from pilots.choices import Participation, Role
from pilots.models import AreaMembership, Contact, PilotArea
from tests.pilots.factories import (
    ROUND_END,
    ROUND_START,
    make_area,
    make_contact,
    make_member,
    make_membership,
    make_organisation,
    make_unit,
)

pytestmark = pytest.mark.django_db

TEXTS = ("description", "challenge", "readiness", "objectives")


@pytest.fixture
def as_coordinator(client, coordinator):
    client.force_login(coordinator.user)
    return client


def area_values(area: PilotArea, **changes) -> dict:
    return {f"{topic}_{language}": "" for topic in TEXTS for language in ("fi", "sv")} | {"check_by": "", "version": area.version} | changes


def contact_values(**changes) -> dict:
    values = {"version": 0, "task": "guidance", "name": "Demo Ohjaaja", "title_fi": "", "title_sv": "", "email": "ohjaaja@example.org", "phone": ""}
    return values | {"speaks_finnish": "on", "confirmed_on": "3.2.2021"} | changes


def url(name: str, area: PilotArea, *args) -> str:
    return reverse(f"pilots:{name}", args=[area.slug, *args])


def own_urls(area: PilotArea) -> dict[str, str]:
    """Every address that changes something, with objects of this area."""
    contact, member = make_contact(area), make_member(area)
    return {
        "area_edit": url("area_edit", area),
        "contact_add": url("contact_add", area),
        "contact_edit": url("contact_edit", area, contact.pk),
        "contact_confirm": url("contact_confirm", area, contact.pk),
        "contact_end": url("contact_end", area, contact.pk),
        "member_add": url("member_add", area),
        "member_end": url("member_end", area, member.pk),
    }


# Who may -----------------------------------------------------------------------------------------


def test_editing_by_a_visitor_leads_to_sign_in(client, area):
    answers = {name: client.post(address) for name, address in own_urls(area).items()}

    assert {name: (answer.status_code, answer.url.split("?")[0]) for name, answer in answers.items()} == dict.fromkeys(answers, (302, reverse("account_login")))
    assert AuditEvent.objects.count() == 0


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.AREA_COORDINATOR])
def test_editing_by_another_role_is_refused(client, area, role):
    client.force_login(make_membership(role=role).user)

    assert {name: client.post(address).status_code for name, address in own_urls(area).items()} == dict.fromkeys(own_urls(area), 403)
    assert AuditEvent.objects.count() == 0


def test_editing_by_the_coordinator_of_another_area_is_refused(as_coordinator):
    other = make_area("Muu alue")

    assert {name: as_coordinator.post(address).status_code for name, address in own_urls(other).items()} == dict.fromkeys(own_urls(other), 403)
    assert AuditEvent.objects.count() == 0


def test_editing_by_a_coordinator_acting_for_another_role_is_refused(client, area, coordinator):
    """Rights are never summed: the membership acted for decides."""
    officer = make_membership(coordinator.user, Role.EDUCATION_OFFICER)
    client.force_login(coordinator.user)
    session = client.session
    session["acting_for"] = officer.pk
    session.save()

    answer = client.get(url("area_edit", area))

    assert (answer.status_code, AuditEvent.objects.count()) == (403, 0)


def test_editing_after_the_membership_ended_is_refused_at_once(as_coordinator, coordinator, area):
    assert as_coordinator.get(url("area_edit", area)).status_code == 200
    coordinator.ended_at, coordinator.end_reason = timezone.now(), "left"
    coordinator.save()

    assert as_coordinator.get(url("area_edit", area)).status_code == 403


def test_editing_what_does_not_exist_is_not_found(as_coordinator, area):
    addresses = [
        reverse("pilots:area_edit", args=["missing"]),
        reverse("pilots:area_history", args=["missing"]),
        *(url(name, area, pk) for name in ("contact_edit", "contact_end", "member_end") for pk in (0, 999_999, 10**30)),
    ]

    assert [as_coordinator.get(address).status_code for address in addresses] == [404] * len(addresses)


def test_editing_under_the_own_area_does_not_reach_another_areas_rows(as_coordinator, area):
    contact, member = make_contact(make_area()), make_member(make_area())
    addresses = [
        url("contact_edit", area, contact.pk),
        url("contact_confirm", area, contact.pk),
        url("contact_end", area, contact.pk),
        url("member_end", area, member.pk),
    ]

    assert [as_coordinator.post(address, contact_values() | {"last_day": "1.5.2020"}).status_code for address in addresses] == [404] * 4
    contact.refresh_from_db()
    assert (contact.ended_on, contact.confirmed_on, AuditEvent.objects.count()) == (None, date.today(), 0)


def test_contact_confirm_needs_a_button(as_coordinator, area):
    contact = make_contact(area)

    assert as_coordinator.get(url("contact_confirm", area, contact.pk)).status_code == 405


# Texts -------------------------------------------------------------------------------------------


def test_area_edit_saves_texts_with_line_breaks_and_the_day_as_typed(as_coordinator, area):
    answer = as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Yksi.\r\n\r\nKaksi.", objectives_sv="Mål", check_by="3.2.2027"))

    area.refresh_from_db()
    assert (answer.status_code, answer.url) == (302, area.get_absolute_url())
    assert (area.description_fi, area.objectives_sv, area.check_by, area.version) == ("Yksi.\n\nKaksi.", "Mål", date(2027, 2, 3), 2)


def test_area_edit_keeps_who_when_and_for_which_organisation(as_coordinator, coordinator, area):
    as_coordinator.post(url("area_edit", area), area_values(area, challenge_fi="Välimatkat"))

    row, event = area.history.first(), AuditEvent.objects.get()
    assert (row.history_user_id, row.history_change_reason, row.version) == (coordinator.user_id, f"edit_area:{coordinator.organisation_id}", 2)
    assert (event.actor_id, event.verb, event.organisation_id, event.target_kind, event.target_id) == (
        coordinator.user_id, "edit_area", coordinator.organisation_id, "pilotarea", str(area.pk),
    )
    assert event.detail == {"area": area.pk, "fields": ["challenge_fi", "version"]}


def test_area_edit_without_a_change_keeps_no_history(as_coordinator, area):
    rows = area.history.count()

    answer = as_coordinator.post(f"/en/areas/{area.slug}/edit/", area_values(area), follow=True)

    assert [str(message) for message in answer.context["messages"]] == ["Nothing was saved, for nothing had changed."]
    assert (area.history.count(), AuditEvent.objects.count()) == (rows, 0)


def test_area_edit_does_not_touch_what_the_loader_wrote(as_coordinator, area):
    PilotArea.objects.filter(pk=area.pk).update(loaded={"name_fi": "Suupohja"})
    as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Oma"))

    area.refresh_from_db()
    assert area.loaded == {"name_fi": "Suupohja"}


@pytest.mark.parametrize("day", ["31.2.2027", "2/3/2027", "huomenna", "1.1.0001", "3.2.27", "3.2.9999", "2027-13-01"])
def test_area_edit_names_the_field_of_a_wrong_day_and_keeps_the_texts(as_coordinator, area, day):
    answer = as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Pitkä teksti", check_by=day))

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["check_by"])
    assert "Pitkä teksti" in answer.content.decode()
    assert PilotArea.objects.get(pk=area.pk).version == 1


@pytest.mark.parametrize("day", ["3.2.2027", "03.02.2027", " 3. 2. 2027 ", "2027-02-03"])
@pytest.mark.parametrize("language", ["/", "/sv/", "/en/"])
def test_area_edit_takes_the_day_as_people_write_it(as_coordinator, area, day, language):
    address = language.rstrip("/") + f"/areas/{area.slug}/edit/"

    answer = as_coordinator.post(address, area_values(area, check_by=day))

    assert (answer.status_code, PilotArea.objects.get(pk=area.pk).check_by) == (302, date(2027, 2, 3))


@pytest.mark.parametrize("text", ["x" * 5001, "a\x00b"])
def test_area_edit_refuses_a_text_that_cannot_be_kept(as_coordinator, area, text):
    answer = as_coordinator.post(url("area_edit", area), area_values(area, readiness_fi=text))

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["readiness_fi"])


@pytest.mark.parametrize("version", ["", "x", "-1", str(2**63)])
def test_area_edit_with_a_spoilt_version_saves_nothing(as_coordinator, area, version):
    answer = as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Uusi", version=version))

    assert (answer.status_code, PilotArea.objects.get(pk=area.pk).description_fi) == (200, "")


def test_area_edit_shows_the_texts_escaped(as_coordinator, area):
    as_coordinator.post(url("area_edit", area), area_values(area, description_fi="<script>alert(1)</script>"))

    pages = [as_coordinator.get(address).content.decode() for address in (url("area_edit", area), url("area_history", area))]
    assert ["<script>alert" in page for page in pages] == [False, False]
    assert ["&lt;script&gt;alert" in page for page in pages] == [True, True]


@pytest.mark.parametrize("rows", [1, 3])
def test_area_edit_asks_the_same_number_of_queries_for_any_number_of_rows(as_coordinator, area, rows, django_assert_num_queries):
    for _number in range(rows):
        make_contact(area)
        channel = make_member(area, participation=Participation.CHANNEL)
        make_member(area, make_unit(), participation=Participation.THROUGH, through=channel.organisation)
    as_coordinator.get(url("area_edit", area))  # the session notes its first use

    with django_assert_num_queries(7):
        as_coordinator.get(url("area_edit", area))


# Two at once -------------------------------------------------------------------------------------


def test_area_edit_shows_both_versions_when_somebody_else_saved_first(as_coordinator, area):
    as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Ensimmäisen teksti", challenge_fi="Ensimmäisen haaste"))

    answer = as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Toisen teksti"))

    sides = {side.name: (side.saved, side.field.value(), side.mine) for side in answer.context["sides"]}
    assert answer.status_code == 409
    assert sides == {
        "description_fi": ("Ensimmäisen teksti", "Toisen teksti", True),
        "challenge_fi": ("Ensimmäisen haaste", "Ensimmäisen haaste", False),
    }
    page = answer.content.decode()
    assert ("Ensimmäisen teksti" in page, "Toisen teksti" in page, "Demo Koordinaattori" in page) == (True, True, True)
    assert PilotArea.objects.get(pk=area.pk).description_fi == "Ensimmäisen teksti"


def test_area_edit_saves_deliberately_after_both_versions_were_shown(as_coordinator, area):
    as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Ensimmäisen", challenge_fi="Haaste", check_by="1.5.2027"))
    shown = as_coordinator.post(url("area_edit", area), area_values(area, description_fi="Toisen")).context["form"]

    answer = as_coordinator.post(url("area_edit", area), {name: shown[name].value() or "" for name in shown.fields})

    area.refresh_from_db()
    assert (answer.status_code, area.version) == (302, 3)
    assert (area.description_fi, area.challenge_fi, area.check_by) == ("Toisen", "Haaste", date(2027, 5, 1))
    assert [row.description_fi for row in area.history.all()] == ["Toisen", "Ensimmäisen", ""]


def test_area_edit_sent_twice_is_no_conflict(as_coordinator, area):
    values = area_values(area, description_fi="Sama")

    answers = [as_coordinator.post(url("area_edit", area), values).status_code for _time in range(2)]

    assert (answers, PilotArea.objects.get(pk=area.pk).version) == ([302, 302], 2)


def test_contact_edit_shows_both_versions_when_somebody_else_saved_first(as_coordinator, area):
    contact = make_contact(area, phone="040 000 0001", confirmed_on=date(2021, 2, 3))
    values = contact_values(name=contact.name, email=contact.email, phone="040 000 0001", task="general", version=contact.history.first().history_id)
    as_coordinator.post(url("contact_edit", area, contact.pk), values | {"phone": "040 000 0002", "speaks_swedish": "on"})

    answer = as_coordinator.post(url("contact_edit", area, contact.pk), values | {"phone": "040 000 0003"})

    assert answer.status_code == 409
    assert {side.name: (side.field.value(), side.mine) for side in answer.context["sides"]} == {"phone": ("040 000 0003", True), "speaks_swedish": (True, False)}
    contact.refresh_from_db()
    assert (contact.phone, contact.speaks_swedish) == ("040 000 0002", True)


# Contact people ----------------------------------------------------------------------------------


def test_contact_add_shows_the_person_at_the_area(as_coordinator, coordinator, area):
    answer = as_coordinator.post(url("contact_add", area), contact_values(title_fi="Ohjaaja", phone="+358 40 000 0000"))

    contact = Contact.objects.get(area=area)
    assert (answer.status_code, answer.url) == (302, url("area_edit", area))
    assert (contact.name, contact.task, contact.confirmed_on, contact.is_demo) == ("Demo Ohjaaja", "guidance", date(2021, 2, 3), False)
    assert (contact.history.get().history_user_id, AuditEvent.objects.get().verb) == (coordinator.user_id, "add_contact")


def test_contact_add_sent_twice_makes_one_person(as_coordinator, area):
    answers = [as_coordinator.post(url("contact_add", area), contact_values()).status_code for _time in range(2)]

    assert (answers, Contact.objects.count(), AuditEvent.objects.count()) == ([302, 302], 1, 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "", "phone": ""}, "email"),
        ({"speaks_finnish": ""}, "speaks_finnish"),
        ({"email": "not an address"}, "email"),
        ({"phone": "soita"}, "phone"),
        ({"name": " "}, "name"),
        ({"task": "cleaning"}, "task"),
        ({"confirmed_on": "31.12.2198"}, "confirmed_on"),
        ({"confirmed_on": ""}, "confirmed_on"),
        ({"name": "x" * 151}, "name"),
    ],
)
def test_contact_add_names_the_field_that_is_wrong(as_coordinator, area, changes, field):
    answer = as_coordinator.post(url("contact_add", area), contact_values() | changes)

    assert (answer.status_code, list(answer.context["form"].errors), Contact.objects.count()) == (200, [field], 0)


def test_contact_edit_changes_only_what_was_changed(as_coordinator, area):
    contact = make_contact(area, phone="040 000 0001")
    values = contact_values(name=contact.name, email="", phone="040 000 0002", task="general", version=contact.history.first().history_id)

    answer = as_coordinator.post(url("contact_edit", area, contact.pk), values)

    contact.refresh_from_db()
    assert (answer.status_code, contact.phone, contact.email, contact.history.count()) == (302, "040 000 0002", "", 2)
    assert AuditEvent.objects.get().detail["fields"] == ["email", "phone", "confirmed_on"]


def test_contact_confirm_sets_today_once(as_coordinator, area):
    contact = make_contact(area, confirmed_on=date(2020, 5, 1))

    answers = [as_coordinator.post(url("contact_confirm", area, contact.pk)).status_code for _time in range(2)]

    contact.refresh_from_db()
    assert (answers, contact.confirmed_on, contact.history.count()) == ([302, 302], timezone.localdate(), 2)


def test_contact_end_keeps_the_row_and_hides_it(as_coordinator, area):
    contact = make_contact(area)

    answers = [as_coordinator.post(url("contact_end", area, contact.pk)).status_code for _time in range(2)]

    contact.refresh_from_db()
    assert (answers, contact.ended_on, contact.history.count()) == ([302, 302], timezone.localdate(), 2)
    assert list(as_coordinator.get(url("area_edit", area)).context["contacts"]) == []


def test_contact_of_an_ended_person_is_not_edited(as_coordinator, area):
    contact = make_contact(area, ended_on=date(2021, 5, 1))

    opened = [as_coordinator.get(url(name, area, contact.pk)).status_code for name in ("contact_edit", "contact_end")]
    sent = as_coordinator.post(url("contact_edit", area, contact.pk), contact_values())
    confirmed = as_coordinator.post(url("contact_confirm", area, contact.pk))

    assert (opened, sent.status_code, list(sent.context["form"].errors), confirmed.status_code) == ([404, 404], 200, ["__all__"], 302)
    assert contact.history.count() == 1


# Members -----------------------------------------------------------------------------------------


def member_values(body, **changes) -> dict:
    return {"body": body, "participation": "direct", "through": "", "starts_on": "1.8.2020"} | changes


def test_member_add_finds_bodies_by_name_and_tells_who_is_in_already(as_coordinator, area):
    inside, outside = make_organisation("Kauhajoen kaupunki"), make_organisation("Kauhajoen opisto")
    make_member(area, inside)
    school = make_unit("Kauhajoen lukio", owner=inside)

    answer = as_coordinator.get(url("member_add", area), {"q": "Kauhajoki"})

    assert [match.body for match in answer.context["already"]] == [inside]
    assert [code for code, _label in answer.context["form"].fields["body"].choices] == [f"organisation-{outside.pk}", f"unit-{school.pk}"]


def test_member_add_offers_no_body_before_a_search(as_coordinator, area):
    make_organisation("Kauhajoen opisto")

    answer = as_coordinator.get(url("member_add", area))

    assert (answer.context["matches"], "Kauhajoen opisto" in answer.content.decode()) == ([], False)


def test_member_add_offers_at_most_twenty(as_coordinator, area):
    for number in range(25):
        make_organisation(f"Kauhajoen opisto {number}")

    answer = as_coordinator.get(url("member_add", area), {"q": "opisto"})

    assert (len(answer.context["matches"]), answer.context["more"]) == (20, True)


@pytest.mark.parametrize("make", [make_organisation, make_unit])
def test_member_add_keeps_the_membership_within_the_round(as_coordinator, coordinator, area, make):
    body = make()
    kind = "unit" if make is make_unit else "organisation"

    answer = as_coordinator.post(url("member_add", area), member_values(f"{kind}-{body.pk}"))

    member = AreaMembership.objects.get(area=area)
    assert (answer.status_code, member.body, member.starts_on, member.ends_on) == (302, body, date(2020, 8, 1), ROUND_END)
    assert (member.history.get().history_user_id, AuditEvent.objects.get().verb, bool(member.source)) == (coordinator.user_id, "add_member", True)


def test_member_add_through_another_member(as_coordinator, area):
    channel, body = make_member(area, participation=Participation.CHANNEL).organisation, make_organisation()

    as_coordinator.post(url("member_add", area), member_values(f"organisation-{body.pk}", participation="through", through=channel.pk))

    assert AreaMembership.objects.get(area=area, organisation=body).through == channel


def test_member_add_sent_twice_makes_one_membership(as_coordinator, area):
    body = make_organisation()

    answers = [as_coordinator.post(url("member_add", area), member_values(f"organisation-{body.pk}")).status_code for _time in range(2)]

    assert (answers, AreaMembership.objects.count()) == ([302, 302], 1)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"body": "organisation-999999"}, "body"),
        ({"body": f"organisation-{10**30}"}, "body"),
        ({"body": "area-1"}, "body"),
        ({"body": "organisation-²"}, "body"),
        ({"body": ""}, "body"),
        ({"participation": "through"}, "through"),
        ({"participation": "often"}, "participation"),
        ({"starts_on": "31.12.2019"}, "starts_on"),
        ({"starts_on": "1.1.2022"}, "starts_on"),
        ({"starts_on": "heti"}, "starts_on"),
        ({"through": "999999"}, "through"),
    ],
)
def test_member_add_names_the_field_that_is_wrong(as_coordinator, area, changes, field):
    answer = as_coordinator.post(url("member_add", area), member_values(f"organisation-{make_organisation().pk}") | changes)

    assert (answer.status_code, list(answer.context["form"].errors), AreaMembership.objects.count()) == (200, [field], 0)


def test_member_add_through_a_body_of_another_area_is_refused(as_coordinator, area):
    elsewhere = make_member(make_area(), participation=Participation.CHANNEL).organisation

    answer = as_coordinator.post(
        url("member_add", area), member_values(f"organisation-{make_organisation().pk}", participation="through", through=elsewhere.pk)
    )

    assert list(answer.context["form"].errors) == ["through"]


@pytest.mark.parametrize("ends_on", [None, ROUND_END, date(2020, 9, 1)])
def test_member_add_refuses_two_memberships_at_the_same_time(as_coordinator, area, ends_on):
    body = make_organisation()
    make_member(area, body, ends_on=ends_on)

    answer = as_coordinator.post(url("member_add", area), member_values(f"organisation-{body.pk}"))

    assert (list(answer.context["form"].errors), AreaMembership.objects.count()) == (["body"], 1)


def test_member_add_after_an_earlier_membership_ended(as_coordinator, area):
    body = make_organisation()
    make_member(area, body, ends_on=date(2020, 8, 1))

    as_coordinator.post(url("member_add", area), member_values(f"organisation-{body.pk}"))

    assert AreaMembership.objects.filter(organisation=body).count() == 2


@pytest.mark.parametrize("before", [None, ROUND_END])
def test_member_end_keeps_the_membership_with_its_last_day(as_coordinator, area, before):
    member = make_member(area, ends_on=before)

    answers = [as_coordinator.post(url("member_end", area, member.pk), {"last_day": "31.5.2021"}).status_code for _time in range(2)]

    member.refresh_from_db()
    assert (answers, member.ends_on, member.history.count()) == ([302, 302], date(2021, 6, 1), 2)
    assert as_coordinator.get(url("area_edit", area)).context["members"] == []


@pytest.mark.parametrize("last_day", ["", "31.12.2019", "1.1.2022", "eilen"])
def test_member_end_names_the_day_that_is_wrong(as_coordinator, area, last_day):
    member = make_member(area, ends_on=ROUND_END)

    answer = as_coordinator.post(url("member_end", area, member.pk), {"last_day": last_day})

    member.refresh_from_db()
    assert (answer.status_code, list(answer.context["form"].errors), member.ends_on) == (200, ["last_day"], ROUND_END)


def test_member_end_waits_for_those_who_take_part_through_it(as_coordinator, area):
    channel = make_member(area, make_organisation("Demoseudun koulutuskuntayhtymä"), participation=Participation.CHANNEL)
    through = make_member(area, make_organisation("Demola"), participation=Participation.THROUGH, through=channel.organisation)

    refused = as_coordinator.post(url("member_end", area, channel.pk), {"last_day": "31.5.2021"})
    as_coordinator.post(url("member_end", area, through.pk), {"last_day": "31.5.2021"})
    accepted = as_coordinator.post(url("member_end", area, channel.pk), {"last_day": "31.5.2021"})

    assert (list(refused.context["form"].errors), accepted.status_code) == (["__all__"], 302)
    assert "Demola" in refused.content.decode()


def test_member_end_proposes_today_only_for_a_membership_that_goes_on(as_coordinator, area):
    open_one, ended = make_member(area), make_member(area, ends_on=ROUND_END)

    days = [as_coordinator.get(url("member_end", area, member.pk)).context["form"]["last_day"].value() for member in (open_one, ended)]

    assert days == [timezone.localdate(), None]


def test_editing_lets_the_area_page_offer_it_to_its_coordinator_alone(client, as_coordinator, area):
    from django.template.loader import render_to_string

    shown = {may: url("area_edit", area) in render_to_string("pilots/_area_actions.html", {"area": area, "may_edit": may}) for may in (True, False)}

    assert shown == {True: True, False: False}


def test_member_days_of_the_factories_are_the_rounds():
    """The tests above speak of the round's last day as 31.12.2021."""
    assert (ROUND_START, ROUND_END - timedelta(days=1)) == (date(2020, 1, 1), date(2021, 12, 31))
