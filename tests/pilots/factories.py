"""Rows for tests, each with the least that the database asks for; give what the test is about.

All names are invented, and so are the codes and Business IDs (with a right check digit).
"""
from datetime import date
from itertools import count

from django.utils import timezone

from accounts.models import User
from pilots.actions.cooperation import write_parts
from pilots.choices import LegalForm, OrganisationKind, Participation, Role, UnitKind
from pilots.models import (
    AreaMembership,
    Contact,
    CooperationModel,
    EducationForm,
    EmploymentArea,
    Goal,
    IndicatorValue,
    Measure,
    Membership,
    Municipality,
    MunicipalityRegion,
    Organisation,
    PilotArea,
    Region,
    Round,
    Unit,
)
from pilots.queries.cooperation import parts_of, values_of

SOURCE = "invented for a test"
ROUND_START, ROUND_END = date(2020, 1, 1), date(2022, 1, 1)
_numbers, _region_codes, _municipality_codes = count(1), count(1), count(1)


def business_id(number: int) -> str:
    """The first valid Business ID whose number part is at least `number`."""
    while True:
        digits = f"{number:07d}"
        rest = sum(int(digit) * weight for digit, weight in zip(digits, (7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
        if rest != 1:
            return f"{digits}-{0 if rest == 0 else 11 - rest}"
        number += 1


def make_user(email: str = "", **fields) -> User:
    fields.setdefault("name", "Testi Henkilö")
    return User.objects.create_user(email or f"person{next(_numbers)}@example.org", password=fields.pop("password", None), **fields)


def make_round(**fields) -> Round:
    defaults = {"slug": "kopa-2020-2021", "name_fi": "KOPA 2020–2021", "name_sv": "KOPA 2020–2021", "name_en": "KOPA 2020–2021"}
    defaults |= {"starts_on": ROUND_START, "ends_on": ROUND_END, "source": SOURCE} | fields
    return Round.objects.get_or_create(slug=defaults.pop("slug"), defaults=defaults)[0]


def make_goal(number: int = 1, **fields) -> Goal:
    defaults = {"title_fi": f"Tavoite {number}", "title_sv": f"Mål {number}", "title_en": f"Goal {number}", "source": SOURCE}
    return Goal.objects.create(number=number, **(defaults | fields))


def make_region(code: str = "", **fields) -> Region:
    number = next(_numbers)
    defaults = {"name_fi": f"Maakunta {number}", "name_sv": f"Landskap {number}", "source": SOURCE}
    return Region.objects.create(code=code or f"{next(_region_codes) % 100:02d}", **(defaults | fields))


def make_education_form(**fields) -> EducationForm:
    number = next(_numbers)
    defaults = {"code": f"form-{number}", "position": number, "name_fi": f"Koulutusmuoto {number}", "name_sv": f"Utbildningsform {number}"}
    return EducationForm.objects.create(**(defaults | {"name_en": f"Form {number}", "source": SOURCE} | fields))


def make_measure(code: str = "population", **fields) -> Measure:
    """One row for each code, however often it is asked for."""
    defaults = {"position": next(_numbers), "theme": "population", "name_fi": f"mittari {code}", "name_sv": f"mått {code}", "name_en": f"measure {code}", "unit": "people", "area_rule": "sum", "source": SOURCE}
    return Measure.objects.get_or_create(code=code, defaults=defaults | fields)[0]


def make_figure(municipality: Municipality, year: int, value: str | int, measure: str = "population", **fields) -> IndicatorValue:
    defaults = {"borders_year": year, "source": SOURCE, "retrieved_on": date(2026, 1, 2)}
    return IndicatorValue.objects.create(municipality=municipality, measure=make_measure(measure), year=year, value=value, **(defaults | fields))


def make_municipality(name_fi: str = "", code: str = "", region: Region | None = None, population: int | None = None, **fields) -> Municipality:
    number = next(_numbers)
    defaults = {"name_fi": name_fi or f"Kunta {number}", "code": code or f"{next(_municipality_codes) % 1000:03d}", "source": SOURCE}
    municipality = Municipality.objects.create(**(defaults | fields))
    if region:
        MunicipalityRegion.objects.create(municipality=municipality, region=region, source=SOURCE)
    if population is not None:
        IndicatorValue.objects.create(municipality=municipality, measure=make_measure(), year=2020, value=population, borders_year=2021, source=SOURCE)
    return municipality


def make_organisation(name_fi: str = "", education_forms: tuple = (), **fields) -> Organisation:
    """A joint authority with a Business ID, unless `part_of` makes it a part of another legal person."""
    number = next(_numbers)
    defaults = {"name_fi": name_fi or f"Kuntayhtymä {number}", "slug": f"organisation-{number}", "kind": OrganisationKind.JOINT_AUTHORITY, "source": SOURCE}
    if fields.get("part_of"):
        defaults |= {"legal_form": LegalForm.PART_OF_ANOTHER}
    else:
        defaults |= {"legal_form": LegalForm.JOINT_AUTHORITY, "business_id": business_id(1_000_000 + number * 10)}
    organisation = Organisation.objects.create(**(defaults | fields))
    organisation.education_forms.set(education_forms)
    return organisation


def make_municipal_organisation(municipality: Municipality, **fields) -> Organisation:
    """The municipality as a body that takes part."""
    defaults = {"kind": OrganisationKind.MUNICIPALITY, "legal_form": LegalForm.MUNICIPALITY, "municipality": municipality}
    return make_organisation(municipality.name_fi, **({"name_sv": municipality.name_sv} | defaults | fields))


def make_unit(name_fi: str = "", owner: Organisation | None = None, education_forms: tuple = (), co_hosts: tuple = (), **fields) -> Unit:
    number = next(_numbers)
    defaults = {"name_fi": name_fi or f"Oppilaitos {number}", "slug": f"unit-{number}", "kind": UnitKind.COLLEGE, "source": SOURCE}
    unit = Unit.objects.create(owner=owner or make_organisation(), **(defaults | fields))
    unit.education_forms.set(education_forms)
    unit.co_hosts.set(co_hosts)
    return unit


def make_area(name_fi: str = "", **fields) -> PilotArea:
    number = next(_numbers)
    defaults = {"name_fi": name_fi or f"Alue {number}", "slug": f"area-{number}", "number": number, "quote": f"Lainaus {number}", "source": SOURCE}
    return PilotArea.objects.create(**({"round": fields.pop("round", None) or make_round()} | defaults | fields))


def make_member(area: PilotArea, body: Organisation | Unit | None = None, **fields) -> AreaMembership:
    """A membership of the area; THROUGH needs `through`."""
    body = body or make_organisation()
    place = {"unit": body} if isinstance(body, Unit) else {"organisation": body}
    defaults = {"participation": Participation.DIRECT, "position": next(_numbers), "starts_on": ROUND_START, "source": SOURCE}
    return AreaMembership.objects.create(area=area, **(place | defaults | fields))


def make_contact(place: PilotArea | Organisation | Unit | None = None, **fields) -> Contact:
    place = place or make_area()
    number = next(_numbers)
    kind = {PilotArea: "area", Organisation: "organisation", Unit: "unit"}[type(place)]
    defaults = {"name": f"Demo Yhteyshenkilö {number}", "email": f"contact{number}@example.org", "confirmed_on": date.today()}
    return Contact.objects.create(**({kind: place} | defaults | fields))


def make_employment_area(authority: Organisation, municipality: Municipality, **fields) -> EmploymentArea:
    defaults = {"form": "host", "starts_on": date(2025, 1, 1), "source": SOURCE}
    return EmploymentArea.objects.create(authority=authority, municipality=municipality, **(defaults | fields))


def make_membership(user: User | None = None, role: Role = Role.EDUCATION_OFFICER, **fields) -> Membership:
    """A person's role; a coordinator gets an area of their own unless one is given."""
    if role == Role.AREA_COORDINATOR:
        fields.setdefault("area", None)
        fields["area"] = fields["area"] or make_area()
    defaults = {"organisation": None, "started_at": timezone.now()} | fields
    defaults["organisation"] = defaults["organisation"] or make_organisation()
    return Membership.objects.create(user=user or make_user(), role=role, **defaults)


def make_model(owner: PilotArea | Organisation | None = None, *, status: str = "in_use", since: date = date(2021, 1, 1), goals: tuple = (), partners: tuple = (), **fields) -> CooperationModel:
    """A public cooperation model of an area; `status` "" for none."""
    owner = owner or make_area()
    number = next(_numbers)
    defaults = {"name_fi": f"Malli {number}", "summary_fi": f"Tiivistelmä {number}", "state": "public", "published_at": timezone.now(), "source": SOURCE}
    place = {"organisation": owner} if isinstance(owner, Organisation) else {"area": owner}
    model = CooperationModel(**(place | defaults | fields))
    model.save()
    values = values_of(model) | {
        "goals": [{"goal": goal, "how_fi": f"Näin {goal.number}", "how_sv": ""} for goal in goals],
        "partners": [{"organisation": None, "unit": None, "outside": "", "actions_fi": "Tekee", "actions_sv": "", "euros": None, "contribution_fi": "", "contribution_sv": ""} | partner for partner in partners],
        "status": {"status": status, "starts_on": since} if status else {},
    }
    write_parts(model, values)
    CooperationModel.objects.filter(pk=model.pk).update(parts=parts_of(values))
    CooperationModel.history.filter(id=model.pk).update(parts=parts_of(values))
    model.refresh_from_db()
    return model
