"""What the network's models say of themselves: validators, periods, names by language, permissions of a membership."""
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from pilots.choices import PERMISSIONS, Permission, Role
from pilots.models import AreaMembership, Contact, EmploymentArea, Municipality, MunicipalityRegion
from pilots.models.organisation import validate_business_id
from tests.pilots.factories import (
    make_area,
    make_contact,
    make_employment_area,
    make_member,
    make_membership,
    make_municipality,
    make_organisation,
    make_region,
    make_unit,
)

pytestmark = pytest.mark.django_db

START, END = date(2021, 1, 1), date(2023, 7, 1)


@pytest.mark.parametrize("value", ["0973712-1", "0165116-3"])
def test_business_id_with_a_right_check_digit_passes(value):
    validate_business_id(value)


@pytest.mark.parametrize("value", ["0973712-2", "09737121", "973712-1", "0973712-1 ", "FI09737121", ""])
def test_business_id_otherwise_is_refused(value):
    with translation.override("en"), pytest.raises(ValidationError, match="is not a Business ID"):
        validate_business_id(value)


def test_business_id_is_unique_among_legal_persons():
    make_organisation(business_id="0973712-1")

    with pytest.raises(IntegrityError), transaction.atomic():
        make_organisation(business_id="0973712-1")

    assert [make_organisation(business_id=None).business_id for _ in range(2)] == [None, None]


def test_shown_business_id_is_the_legal_persons():
    owner = make_organisation(business_id="0973712-1")
    part = make_organisation(part_of=owner)

    assert (owner.shown_business_id, part.shown_business_id, make_organisation(business_id=None).shown_business_id) == ("0973712-1", "0973712-1", "")


@pytest.mark.parametrize("code", ["5", "0005", "05a", "005\n"])
def test_municipality_code_has_three_digits(code):
    municipality = make_municipality("Kunta", "005")
    municipality.code = code

    with pytest.raises(ValidationError) as caught:
        municipality.full_clean()

    assert list(caught.value.message_dict) == ["code"]


def test_municipality_code_keeps_its_zeros():
    make_municipality("Kunta", "005")

    municipality = Municipality.objects.get()

    municipality.full_clean()
    assert municipality.code == "005"


@pytest.mark.parametrize(("day", "holds"), [(START - timedelta(days=1), False), (START, True), (END - timedelta(days=1), True), (END, False)])
def test_period_ends_on_the_first_day_that_it_does_not_hold(day, holds):
    municipality = make_municipality(valid_from=START, valid_to=END)
    make_member(make_area(), starts_on=START, ends_on=END)
    make_employment_area(make_organisation(), municipality, starts_on=START, ends_on=END)
    MunicipalityRegion.objects.create(municipality=municipality, region=make_region(), starts_on=START, ends_on=END, source="test")

    found = [model.objects.on(day).filter(pk__isnull=False).exists() for model in (AreaMembership, EmploymentArea, MunicipalityRegion)]

    assert found == [holds] * 3
    assert Municipality.objects.on(day).filter(pk=municipality.pk).exists() == holds


def test_period_without_ends_always_holds():
    MunicipalityRegion.objects.create(municipality=make_municipality(), region=make_region(), source="test")

    assert [MunicipalityRegion.objects.on(day).count() for day in (date(1900, 1, 1), date(2100, 1, 1))] == [1, 1]


@pytest.mark.parametrize(("language", "with_swedish", "without"), [("fi", ("Porvoo", "fi"), ("Askola", "fi")), ("sv", ("Borgå", "sv"), ("Askola", "fi")), ("en", ("Porvoo", "fi"), ("Askola", "fi"))])
def test_name_falls_back_to_finnish_and_says_so(language, with_swedish, without):
    both, one = make_municipality("Porvoo", name_sv="Borgå"), make_municipality("Askola")

    with translation.override(language):
        names = [(thing.name, thing.name_language) for thing in (both, one)]

    assert names == [with_swedish, without]


def test_name_change_renews_sort_keys_even_when_only_the_name_is_saved():
    municipality = make_municipality("Aakkola")
    before = municipality.sort_key_fi
    municipality.name_fi = "Öölä"

    municipality.save(update_fields=["name_fi"])

    municipality.refresh_from_db()
    assert municipality.sort_key_fi > before


def test_area_membership_body_is_whichever_it_has():
    area, unit, organisation = make_area(), make_unit(), make_organisation()

    assert [make_member(area, unit).body, make_member(area, organisation).body] == [unit, organisation]


@pytest.mark.parametrize(("days", "stale"), [(365, False), (366, True)])
def test_contact_is_stale_after_a_year(days, stale):
    assert make_contact(confirmed_on=date.today() - timedelta(days=days)).is_stale is stale


def test_contact_cannot_be_confirmed_in_the_future():
    contact = Contact(area=make_area(), name="Demo Yhteyshenkilö", email="a@example.org", confirmed_on=date.today() + timedelta(days=1))

    with pytest.raises(ValidationError) as caught:
        contact.full_clean()

    assert list(caught.value.message_dict) == ["confirmed_on"]


@pytest.mark.parametrize("role", Role.values)
def test_membership_gives_exactly_the_permissions_of_its_role(role):
    membership = make_membership(role=role)

    assert {permission for permission in Permission if membership.may(permission)} == PERMISSIONS[role]


def test_membership_gives_nothing_once_it_has_ended():
    membership = make_membership(role=Role.PORTAL_ADMINISTRATOR, ended_at=timezone.now(), end_reason="left")

    assert [permission for permission in Permission if membership.may(permission)] == []
