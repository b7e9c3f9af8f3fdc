"""Every named constraint of the network and its people, on both sides: what just passes and what must not."""
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.utils import translation

from pilots.choices import JoinDecision, Participation, Role
from pilots.models import (
    ApiToken,
    AreaMembership,
    Contact,
    EmploymentArea,
    IndicatorImport,
    IndicatorValue,
    Invitation,
    JoinRequest,
    Measure,
    Membership,
    Municipality,
    MunicipalityRegion,
    Organisation,
    PilotArea,
    QuotedTotal,
    Round,
)
from tests.pilots.constraint_case import DAY, END, LATER, NOW, Case, Things
from tests.pilots.constraint_cases_cooperation import COOPERATION_CASES
from tests.pilots.factories import SOURCE, make_measure

pytestmark = pytest.mark.django_db


def round_(**fields) -> Round:
    return Round(**{"slug": "new", "name_fi": "R", "name_sv": "R", "name_en": "R", "starts_on": DAY, "source": SOURCE} | fields)


def area(t: Things, **fields) -> PilotArea:
    return PilotArea(**{"round": t.round, "number": 900, "slug": "a", "name_fi": "A", "quote": "A", "source": SOURCE} | fields)


def member(t: Things, **fields) -> AreaMembership:
    return AreaMembership(**{"area": t.area, "starts_on": DAY, "source": SOURCE} | fields)


def total(t: Things, **fields) -> QuotedTotal:
    return QuotedTotal(**{"round": t.round, "code": "areas", "value": 1, "quote": "1", "source": SOURCE} | fields)


def contact(**fields) -> Contact:
    return Contact(**{"name": "Demo Yhteyshenkilö", "email": "a@example.org", "confirmed_on": DAY} | fields)


def token(t: Things, **fields) -> ApiToken:
    return ApiToken(**{"organisation": t.organisation, "name": "Ohjelma", "token_hash": "0" * 64, "created_at": NOW, "created_by": t.membership, "expires_at": NOW + timedelta(days=1)} | fields)


def municipality(**fields) -> Municipality:
    return Municipality(**{"code": "999", "name_fi": "Kunta", "source": SOURCE} | fields)


def period(t: Things, **fields) -> MunicipalityRegion:
    return MunicipalityRegion(**{"municipality": t.municipality, "region": t.region, "source": SOURCE} | fields)


def measure(**fields) -> Measure:
    return Measure(**{"code": "made", "position": 900, "theme": "ages", "unit": "people", "area_rule": "sum", "source": SOURCE} | fields)


def indicator(t: Things, **fields) -> IndicatorValue:
    return IndicatorValue(**{"municipality": t.municipality, "measure": make_measure(), "year": 2020, "value": 1, "borders_year": 2020, "source": SOURCE} | fields)


def organisation(**fields) -> Organisation:
    return Organisation(**{"slug": "new", "name_fi": "Uusi", "kind": "employer", "legal_form": "limited_company", "source": SOURCE} | fields)


def employment(t: Things, **fields) -> EmploymentArea:
    return EmploymentArea(**{"authority": t.organisation, "municipality": t.municipality, "form": "host", "starts_on": DAY, "source": SOURCE} | fields)


def membership(t: Things, **fields) -> Membership:
    return Membership(**{"user": t.user, "organisation": t.organisation, "role": Role.COUNSELLOR, "started_at": NOW} | fields)


def invitation(t: Things, **fields) -> Invitation:
    times = {"created_at": NOW, "created_by": t.user, "sent_at": NOW, "expires_at": NOW + timedelta(days=14)}
    return Invitation(**{"organisation": t.organisation, "email": "new@example.org", "role": Role.COUNSELLOR, "nonce": "n"} | times | fields)


def request(t: Things, **fields) -> JoinRequest:
    return JoinRequest(**{"user": t.user, "organisation": t.organisation, "role": Role.COUNSELLOR, "created_at": NOW} | fields)


COORDINATOR = Role.AREA_COORDINATOR
NAME_AREA = "Name the area of a coordinator; other roles have none."

CASES = {
    "round_ends_after_start": [
        Case(lambda t: [round_(ends_on=LATER)], lambda t: [round_(ends_on=DAY)], END),
        Case(lambda t: [round_(ends_on=None)], lambda t: [round_(ends_on=DAY - timedelta(days=1))], END),
    ],
    "area_number_once_in_round": [Case(lambda t: [area(t), area(t, slug="b", number=901)], lambda t: [area(t), area(t, slug="b")])],
    "area_member_is_one_body": [
        Case(lambda t: [member(t, unit=t.unit)], lambda t: [member(t)], "Choose either an organisation or a unit."),
        Case(lambda t: [member(t, organisation=t.organisation)], lambda t: [member(t, organisation=t.organisation, unit=t.unit)], "Choose either an organisation or a unit."),
    ],
    "area_member_through_needs_body": [
        Case(
            lambda t: [member(t, organisation=t.organisation, participation=Participation.THROUGH, through=t.organisation_2)],
            lambda t: [member(t, organisation=t.organisation, participation=Participation.THROUGH)],
            "Name the body through which the member takes part, and only then.",
        ),
        Case(
            lambda t: [member(t, organisation=t.organisation, participation=Participation.CHANNEL)],
            lambda t: [member(t, organisation=t.organisation, participation=Participation.CHANNEL, through=t.organisation_2)],
        ),
        Case(
            lambda t: [member(t, organisation=t.organisation)],
            lambda t: [member(t, organisation=t.organisation, through=t.organisation_2)],
        ),
    ],
    "area_member_ends_after_start": [
        Case(lambda t: [member(t, organisation=t.organisation, ends_on=LATER)], lambda t: [member(t, organisation=t.organisation, ends_on=DAY)], END)
    ],
    "area_member_organisation_once": [
        Case(
            lambda t: [member(t, organisation=t.organisation, ends_on=LATER), member(t, organisation=t.organisation)],
            lambda t: [member(t, organisation=t.organisation), member(t, organisation=t.organisation)],
            "This organisation is already a member of the area.",
        ),
        Case(
            lambda t: [member(t, organisation=t.organisation), member(t, organisation=t.organisation, area=t.area_2)],
            lambda t: [member(t, organisation=t.organisation), member(t, organisation=t.organisation, starts_on=LATER)],
        ),
    ],
    "area_member_unit_once": [
        Case(
            lambda t: [member(t, unit=t.unit, ends_on=LATER), member(t, unit=t.unit), member(t, unit=t.unit_2)],
            lambda t: [member(t, unit=t.unit), member(t, unit=t.unit)],
            "This unit is already a member of the area.",
        )
    ],
    "quoted_total_once": [Case(lambda t: [total(t), total(t, code="units")], lambda t: [total(t), total(t)])],
    "contact_of_one_place": [
        Case(lambda t: [contact(area=t.area)], lambda t: [contact()], "A contact person belongs to exactly one area, organisation or unit."),
        Case(lambda t: [contact(organisation=t.organisation)], lambda t: [contact(area=t.area, organisation=t.organisation)]),
        Case(lambda t: [contact(unit=t.unit)], lambda t: [contact(organisation=t.organisation, unit=t.unit)]),
    ],
    "contact_speaks_something": [
        Case(
            lambda t: [contact(area=t.area, speaks_finnish=False, speaks_english=True)],
            lambda t: [contact(area=t.area, speaks_finnish=False)],
            "Choose at least one language of service.",
        )
    ],
    "contact_reachable": [
        Case(lambda t: [contact(area=t.area, email="", phone="1")], lambda t: [contact(area=t.area, email="")], "Give an e-mail address or a telephone number.")
    ],
    "municipality_in_finland": [
        Case(lambda t: [municipality(latitude=59, longitude=32)], lambda t: [municipality(latitude=58.9, longitude=25)], "The position must lie in Finland: latitude 59-71, longitude 19-32."),
        Case(lambda t: [municipality(latitude=71, longitude=19)], lambda t: [municipality(latitude=71, longitude=18.9)]),
    ],
    "municipality_successor_needs_end": [
        Case(
            lambda t: [municipality(successor=t.municipality, valid_to=DAY)],
            lambda t: [municipality(successor=t.municipality)],
            "A municipality with a successor needs the day on which it ended.",
        )
    ],
    "municipality_ends_after_start": [Case(lambda t: [municipality(valid_from=DAY, valid_to=LATER)], lambda t: [municipality(valid_from=DAY, valid_to=DAY)], END)],
    "municipality_region_ends_after_start": [Case(lambda t: [period(t, starts_on=DAY, ends_on=LATER)], lambda t: [period(t, starts_on=DAY, ends_on=DAY)], END)],
    "municipality_region_one_start": [
        Case(
            lambda t: [period(t, starts_on=DAY, ends_on=LATER), period(t, starts_on=LATER)],
            lambda t: [period(t, starts_on=DAY, ends_on=LATER), period(t, starts_on=DAY)],
        )
    ],
    "municipality_region_one_from_always": [
        Case(lambda t: [period(t, ends_on=DAY), period(t, starts_on=DAY)], lambda t: [period(t, ends_on=DAY), period(t)]),
    ],
    "municipality_region_one_open": [
        Case(lambda t: [period(t, ends_on=DAY), period(t, starts_on=DAY)], lambda t: [period(t), period(t, starts_on=DAY)]),
    ],
    "indicator_once_a_year": [
        Case(lambda t: [indicator(t), indicator(t, year=2021), indicator(t, vintage=2019), indicator(t, part="Koillinen")], lambda t: [indicator(t), indicator(t)]),
        Case(lambda t: [indicator(t, vintage=2019), indicator(t, vintage=2021)], lambda t: [indicator(t, vintage=2021), indicator(t, vintage=2021)]),
    ],
    "indicator_vintage_is_a_year": [Case(lambda t: [indicator(t, vintage=2019)], lambda t: [indicator(t, vintage=19)], "A projection names the year in which it was made.")],
    "indicator_year_in_range": [Case(lambda t: [indicator(t, year=1900)], lambda t: [indicator(t, year=21)], "The year must lie between 1900 and 2150.")],
    "measure_weight_for_weighted": [
        Case(lambda t: [measure(area_rule="weighted", weight=make_measure())], lambda t: [measure(area_rule="weighted")], "A weighted mean, and nothing else, names the measure that it is weighted by."),
        Case(lambda t: [measure()], lambda t: [measure(weight=make_measure())]),
    ],
    "measure_decimals_at_most_two": [Case(lambda t: [measure(decimals=2)], lambda t: [measure(decimals=3)], "At most two decimals are kept.")],
    "indicator_import_stored_has_time": [
        Case(lambda t: [IndicatorImport(uploaded_at=NOW, step="stored", stored_at=NOW)], lambda t: [IndicatorImport(uploaded_at=NOW, step="stored")]),
        Case(lambda t: [IndicatorImport(uploaded_at=NOW)], lambda t: [IndicatorImport(uploaded_at=NOW, stored_at=NOW)]),
    ],
    "indicator_import_erased_after": [Case(lambda t: [IndicatorImport(uploaded_at=NOW, content=b"x")], lambda t: [IndicatorImport(uploaded_at=NOW, content=b"x", step="dropped")])],
    "organisation_part_has_no_business_id": [
        Case(
            lambda t: [organisation(part_of=t.organisation, legal_form="part_of_another")],
            lambda t: [organisation(part_of=t.organisation, legal_form="part_of_another", business_id="0973712-1")],
            "A part of another legal person shows that one's Business ID and has none of its own.",
        )
    ],
    "organisation_part_matches_legal_form": [
        Case(
            lambda t: [organisation(part_of=t.organisation, legal_form="part_of_another")],
            lambda t: [organisation(part_of=t.organisation)],
            "The legal form must be “part of another legal person” exactly when the body is part of another.",
        ),
        Case(lambda t: [organisation()], lambda t: [organisation(legal_form="part_of_another")]),
    ],
    "organisation_one_per_municipality": [
        Case(
            lambda t: [organisation(kind="municipality", municipality=t.municipality), organisation(slug="b", municipality=t.municipality)],
            lambda t: [organisation(kind="municipality", municipality=t.municipality), organisation(slug="b", kind="municipality", municipality=t.municipality)],
            "This municipality is already an organisation.",
        )
    ],
    "employment_area_ends_after_start": [Case(lambda t: [employment(t, ends_on=LATER)], lambda t: [employment(t, ends_on=DAY)], END)],
    "employment_area_one_open": [
        Case(lambda t: [employment(t, ends_on=LATER), employment(t, starts_on=LATER)], lambda t: [employment(t), employment(t, authority=t.organisation_2)])
    ],
    "membership_coordinator_names_area": [
        Case(lambda t: [membership(t, role=COORDINATOR, area=t.area)], lambda t: [membership(t, role=COORDINATOR)], NAME_AREA),
        Case(lambda t: [membership(t)], lambda t: [membership(t, area=t.area)], NAME_AREA),
    ],
    "membership_end_has_reason": [
        Case(lambda t: [membership(t, ended_at=NOW, end_reason="left")], lambda t: [membership(t, ended_at=NOW)]),
        Case(lambda t: [membership(t, ended_at=NOW, end_reason="lapsed")], lambda t: [membership(t, ended_at=NOW, end_reason="gone")]),
        Case(lambda t: [membership(t)], lambda t: [membership(t, end_reason="left")]),
    ],
    "membership_ended_by_with_end": [
        Case(lambda t: [membership(t, ended_at=NOW, end_reason="ended", ended_by=t.user_2)], lambda t: [membership(t, ended_by=t.user_2)]),
    ],
    "membership_once": [
        Case(
            lambda t: [membership(t, ended_at=NOW, end_reason="left"), membership(t)],
            lambda t: [membership(t), membership(t)],
            "This person already has this role here.",
        ),
        Case(
            lambda t: [membership(t, role=COORDINATOR, area=t.area), membership(t, role=COORDINATOR, area=t.area_2)],
            lambda t: [membership(t, role=COORDINATOR, area=t.area), membership(t, role=COORDINATOR, area=t.area)],
        ),
    ],
    "invitation_coordinator_names_area": [
        Case(lambda t: [invitation(t, role=COORDINATOR, area=t.area)], lambda t: [invitation(t, role=COORDINATOR)], NAME_AREA),
        Case(lambda t: [invitation(t)], lambda t: [invitation(t, area=t.area)], NAME_AREA),
    ],
    "invitation_accepted_pair": [
        Case(lambda t: [invitation(t, accepted_at=NOW, accepted_by=t.user)], lambda t: [invitation(t, accepted_at=NOW)]),
        Case(lambda t: [invitation(t)], lambda t: [invitation(t, accepted_by=t.user)]),
    ],
    "invitation_withdrawn_pair": [
        Case(lambda t: [invitation(t, withdrawn_at=NOW, withdrawn_by=t.user)], lambda t: [invitation(t, withdrawn_at=NOW)]),
        Case(lambda t: [invitation(t)], lambda t: [invitation(t, withdrawn_by=t.user)]),
    ],
    "invitation_one_end": [
        Case(
            lambda t: [invitation(t, accepted_at=NOW, accepted_by=t.user)],
            lambda t: [invitation(t, accepted_at=NOW, accepted_by=t.user, withdrawn_at=NOW, withdrawn_by=t.user)],
        )
    ],
    "invitation_once": [
        Case(
            lambda t: [invitation(t, withdrawn_at=NOW, withdrawn_by=t.user), invitation(t), invitation(t, email="other@example.org")],
            lambda t: [invitation(t), invitation(t)],
            "This person has already been invited to this role. Send the invitation again instead.",
        )
    ],
    "join_request_coordinator_names_area": [
        Case(lambda t: [request(t, role=COORDINATOR, area=t.area)], lambda t: [request(t, role=COORDINATOR)], NAME_AREA),
        Case(lambda t: [request(t)], lambda t: [request(t, area=t.area)], NAME_AREA),
    ],
    "join_request_decision_whole": [
        Case(
            lambda t: [request(t, decided_at=NOW, decided_by=t.user_2, decision=JoinDecision.ACCEPTED)],
            lambda t: [request(t, decided_at=NOW, decided_by=t.user_2)],
        ),
        Case(lambda t: [request(t)], lambda t: [request(t, decided_at=NOW, decision=JoinDecision.DECLINED)]),
        Case(lambda t: [request(t)], lambda t: [request(t, decision=JoinDecision.DECLINED)]),
    ],
    "join_request_one_open": [
        Case(
            lambda t: [request(t, decided_at=NOW, decided_by=t.user_2, decision=JoinDecision.DECLINED), request(t), request(t, organisation=t.organisation_2)],
            lambda t: [request(t), request(t)],
            "You have already asked to join this organisation. Its administrator will answer.",
        )
    ],
    "api_token_ends_after_start": [Case(lambda t: [token(t)], lambda t: [token(t, expires_at=NOW)], END)],
    "api_token_revoked_pair": [
        Case(lambda t: [token(t, revoked_at=NOW, revoked_by=t.membership)], lambda t: [token(t, revoked_at=NOW)]),
        Case(lambda t: [token(t)], lambda t: [token(t, revoked_by=t.membership)]),
    ],
    **COOPERATION_CASES,
}  # fmt: skip
EACH = [pytest.param(name, case, id=f"{name}-{number}") for name, cases in CASES.items() for number, case in enumerate(cases)]


def save(rows: list[models.Model]) -> None:
    for row in rows:
        row.save()


def test_every_constraint_has_a_case():
    named = {constraint.name for model in apps.get_app_config("pilots").get_models() for constraint in model._meta.constraints}

    assert named == set(CASES)


@pytest.mark.parametrize(("name", "case"), EACH)
def test_constraint_lets_the_good_pass(name, case):
    rows = case.good(Things())

    for row in rows:
        row.validate_constraints()
        row.save()

    assert {row.pk for row in rows} == set(type(rows[0]).objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))


@pytest.mark.parametrize(("name", "case"), EACH)
def test_constraint_is_held_by_the_database(name, case):
    *before, last = case.bad(Things())
    save(before)

    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        last.save()

    constraint = next(one for one in last._meta.constraints if one.name == name)
    # SQLite names a unique constraint over plain columns by the columns.
    columns = [f"{last._meta.db_table}.{last._meta.get_field(field).column}" for field in getattr(constraint, "fields", ())]
    assert (", ".join(columns) if connection.vendor == "sqlite" and columns else name) in str(caught.value)


@pytest.mark.parametrize(("name", "case"), EACH)
def test_constraint_is_told_before_the_database_refuses(name, case):
    *before, last = case.bad(Things())
    save(before)
    constraint = next(one for one in last._meta.constraints if one.name == name)

    with translation.override("en"), pytest.raises(ValidationError) as caught:
        constraint.validate(type(last), last)

    assert case.says in " ".join(caught.value.messages)
