"""The files of pilots/data: which columns each has, and what a line becomes."""
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import models

from pilots.choices import AreaRule, EmploymentAuthorityForm, LanguageStatus, LegalForm, MeasureUnit, OrganisationKind, Participation, Theme, UnitKind
from pilots.loading.files import Row, Table
from pilots.models import (
    AreaMembership,
    EducationForm,
    EmploymentArea,
    Goal,
    IndicatorValue,
    Measure,
    Municipality,
    MunicipalityRegion,
    Organisation,
    PilotArea,
    QuotedTotal,
    Region,
    Round,
    Unit,
)

# What earlier files have brought in: model -> the text that other files know a row by -> the row.
Known = dict[type[models.Model], dict[str, Any]]


@dataclass(frozen=True)
class Source:
    """A file. `key` names the columns that tell its rows apart; `follows` the column that points to another row of the same file."""

    file: str
    model: type[models.Model]
    key: list[str]
    columns: list[str]
    values: Callable[[Row, Known], dict[str, Any]]
    follows: str = ""
    check: Callable[[Table], None] | None = None


def region(row: Row, known: Known) -> dict[str, Any]:
    return {"code": row.code("code", 2, required=True), **texts(row, "name_fi", "source", optional=["name_sv"])}


def municipality(row: Row, known: Known) -> dict[str, Any]:
    latitude, longitude = row.decimal("latitude"), row.decimal("longitude")
    return {
        "code": row.code("code", 3, required=True),
        **texts(row, "name_fi", "source", optional=["name_sv", "change_note"]),
        "has_own_swedish_name": row.yes_no("has_own_swedish_name"),
        "language_status": row.choice("language_status", LanguageStatus.values),
        "latitude": None if latitude is None else float(latitude),
        "longitude": None if longitude is None else float(longitude),
        "valid_from": row.day("valid_from"),
        "valid_to": row.day("valid_to"),
        "successor": row.reference("successor", known[Municipality], "municipality"),
    }


def municipality_region(row: Row, known: Known) -> dict[str, Any]:
    return {
        "municipality": row.reference("municipality", known[Municipality], "municipality", required=True),
        "region": row.reference("region", known[Region], "region", required=True),
        **_period(row),
        **texts(row, "source"),
    }


def measure(row: Row, known: Known) -> dict[str, Any]:
    return {
        **texts(row, "code", "name_fi", "name_sv", "name_en", "source"),
        "position": row.integer("position", required=True),
        "theme": row.choice("theme", Theme.values, required=True),
        "unit": row.choice("unit", MeasureUnit.values, required=True),
        "decimals": row.integer("decimals", required=True),
        "area_rule": row.choice("area_rule", AreaRule.values, required=True),
        "weight": row.reference("weight", known[Measure], "measure"),
    }


def population(row: Row, known: Known) -> dict[str, Any]:
    return {
        "municipality": row.reference("municipality", known[Municipality], "municipality", required=True),
        "measure": row.reference("measure", known[Measure], "measure", required=True),
        "year": row.integer("year", required=True),
        "value": row.decimal("value", required=True),
        "borders_year": row.integer("borders_year", required=True),
        **texts(row, "source"),
    }


def education_form(row: Row, known: Known) -> dict[str, Any]:
    return {"position": row.integer("position", required=True), **texts(row, "code", "name_fi", "name_sv", "name_en", "source")}


def organisation(row: Row, known: Known) -> dict[str, Any]:
    return {
        **_body(row, known),
        "kind": row.choice("kind", OrganisationKind.values, required=True),
        "legal_form": row.choice("legal_form", LegalForm.values, required=True),
        "language_status": row.choice("language_status", LanguageStatus.values),
        "business_id": row.text("business_id") or None,
        "part_of": row.reference("part_of", known[Organisation], "organisation"),
        "ended_on": row.day("ended_on"),
    }


def unit(row: Row, known: Known) -> dict[str, Any]:
    return {
        **_body(row, known),
        "kind": row.choice("kind", UnitKind.values, required=True),
        "owner": row.reference("owner", known[Organisation], "organisation", required=True),
        "co_hosts": row.references("co_hosts", known[Organisation], "organisation"),
    }


def employment_area(row: Row, known: Known) -> dict[str, Any]:
    return {
        "authority": row.reference("authority", known[Organisation], "organisation", required=True),
        "municipality": row.reference("municipality", known[Municipality], "municipality", required=True),
        "form": row.choice("form", EmploymentAuthorityForm.values, required=True),
        **_period(row, required=True),
        **texts(row, "source"),
    }


def round_(row: Row, known: Known) -> dict[str, Any]:
    return {**texts(row, "slug", "name_fi", "name_sv", "name_en", "source"), **_period(row, required=True)}


def goal(row: Row, known: Known) -> dict[str, Any]:
    return {"number": row.integer("number", required=True), **texts(row, "title_fi", "title_sv", "title_en", "source")}


def area(row: Row, known: Known) -> dict[str, Any]:
    return {
        "round": row.reference("round", known[Round], "round", required=True),
        "number": row.integer("number", required=True),
        **texts(row, "slug", "name_fi", "quote", "source", optional=["name_sv"]),
        "name_is_ours": row.yes_no("name_is_ours"),
    }


def area_membership(row: Row, known: Known) -> dict[str, Any]:
    return {
        "area": row.reference("area", known[PilotArea], "pilot area", required=True),
        "position": row.integer("position", required=True),
        "organisation": row.reference("organisation", known[Organisation], "organisation"),
        "unit": row.reference("unit", known[Unit], "unit"),
        "participation": row.choice("participation", Participation.values, required=True),
        "through": row.reference("through", known[Organisation], "organisation"),
        **texts(row, "source", optional=["quoted_name"]),
        **_period(row, required=True),
    }


def quoted_total(row: Row, known: Known) -> dict[str, Any]:
    return {
        "round": row.reference("round", known[Round], "round", required=True),
        "position": row.integer("position", required=True),
        "value": row.integer("value", required=True),
        **texts(row, "code", "quote", "source", "rule_fi", "rule_sv", "rule_en"),
    }


def texts(row: Row, *required: str, optional: list[str] | None = None) -> dict[str, str]:
    """Columns that are stored as they are."""
    return {**{name: row.text(name, required=True) for name in required}, **{name: row.text(name) for name in optional or []}}


def _period(row: Row, *, required: bool = False) -> dict[str, Any]:
    return {"starts_on": row.day("starts_on", required=required), "ends_on": row.day("ends_on")}


def _body(row: Row, known: Known) -> dict[str, Any]:
    """What organisations and units share. A home municipality that is not loaded stays as its code."""
    home = row.code("municipality", 3)
    loaded = known[Municipality].get(home)
    return {
        **texts(row, "slug", "name_fi", "source", optional=["name_sv", "name_en", "short_name", "note_fi", "note_sv", "note_en"]),
        "municipality": loaded,
        "home_code": "" if loaded else home,
        "education_forms": row.references("education_forms", known[EducationForm], "form of education"),
    }


def one_per_municipality(table: Table) -> None:
    """A municipality is one organisation; the database holds it too, here the line can be named."""
    seen: dict[str, int] = {}
    for row in table:
        home = row.text("municipality")
        if row.text("kind") != OrganisationKind.MUNICIPALITY:
            continue
        if not home:
            row.problem("municipality", "an organisation of kind municipality needs the code of its municipality.")
        elif (first := seen.setdefault(home, row.line)) != row.line:
            row.problem("municipality", f"the municipality “{home}” is already an organisation on line {first}.")


def no_overlap(*columns: str) -> Callable[[Table], None]:
    """Periods of the same thing must not overlap; an open end is the end of time."""

    def check(table: Table) -> None:
        periods: dict[tuple, list[tuple[str, str, Row]]] = {}
        for row in table:
            if row.good:
                place = tuple(row.text(column) for column in columns)
                periods.setdefault(place, []).append((row.text("starts_on"), row.text("ends_on") or "9999-12-31", row))
        for rows in periods.values():
            rows.sort(key=lambda period: period[:2])
            for (_, end, earlier), (start, _, row) in pairwise(rows):
                if start < end:
                    row.problem("starts_on", f"the period overlaps the one on line {earlier.line}.")

    return check


BODY = "slug name_fi name_sv name_en short_name kind municipality education_forms note_fi note_sv note_en source"
PERIOD = "starts_on ends_on source"


def _source(file: str, model: type[models.Model], key: str, columns: str, values: Callable[[Row, Known], dict[str, Any]], **more: Any) -> Source:
    return Source(file, model, key.split(), columns.split(), values, **more)


# In the order of loading: a file points to those above it only.
SOURCES = [
    _source("regions.csv", Region, "code", "code name_fi name_sv source", region),
    _source(
        "municipalities.csv",
        Municipality,
        "code",
        "code name_fi name_sv has_own_swedish_name language_status latitude longitude valid_from valid_to successor change_note source",
        municipality,
        follows="successor",
    ),
    _source("municipality_regions.csv", MunicipalityRegion, "municipality starts_on", f"municipality region {PERIOD}", municipality_region, check=no_overlap("municipality")),
    _source("measures.csv", Measure, "code", "code position theme name_fi name_sv name_en unit decimals area_rule weight source", measure, follows="weight"),
    _source("populations.csv", IndicatorValue, "municipality measure year", "municipality measure year value borders_year source", population),
    _source("education_forms.csv", EducationForm, "code", "code position name_fi name_sv name_en source", education_form),
    _source(
        "organisations.csv",
        Organisation,
        "slug",
        f"{BODY} legal_form language_status business_id part_of ended_on",
        organisation,
        follows="part_of",
        check=one_per_municipality,
    ),
    _source("units.csv", Unit, "slug", f"{BODY} owner co_hosts", unit),
    _source(
        "employment_areas.csv",
        EmploymentArea,
        "authority municipality starts_on",
        f"authority municipality form {PERIOD}",
        employment_area,
        check=no_overlap("municipality"),
    ),
    _source("rounds.csv", Round, "slug", f"slug name_fi name_sv name_en {PERIOD}", round_),
    _source("goals.csv", Goal, "number", "number title_fi title_sv title_en source", goal),
    _source("areas.csv", PilotArea, "slug", "round number slug name_fi name_sv name_is_ours quote source", area),
    _source(
        "area_memberships.csv",
        AreaMembership,
        "area organisation unit starts_on",
        f"area position organisation unit participation through quoted_name {PERIOD}",
        area_membership,
        check=no_overlap("area", "organisation", "unit"),
    ),
    _source("quoted_totals.csv", QuotedTotal, "round code", "round code position value quote rule_fi rule_sv rule_en source", quoted_total),
]
# Columns that must differ from line to line beside a file's key.
ALSO_UNIQUE = {"organisations.csv": ["business_id"], "education_forms.csv": ["position"], "measures.csv": ["position"], "areas.csv": ["round", "number"]}
