"""HSDS 3.0 as JSON Schemas, written out from the standard's field tables: the tables and fields that the portal fills, and what each demands.

Stricter than the standard in one thing: a field that it does not name is a fault.
"""
from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
NUMBER, UUID, URI = {"type": "number"}, {"type": "string", "format": "uuid"}, {"type": "string", "format": "uri"}
DATE, EMAIL = {"type": "string", "format": "date"}, {"type": "string", "format": "email"}
TIME = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-][0-9]{2}:[0-9]{2})?$"}
FILLED = {"type": "string", "minLength": 1}


def one_of(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def many(table: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{table}"}}


def table(*required: str, **fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": ["id", *required], "properties": {"id": UUID, **fields}, "additionalProperties": False}


TABLES = {
    "organization": table(
        "name", "description", name=FILLED, alternate_name=TEXT, description=FILLED, email=EMAIL, website=URI, tax_status=TEXT, tax_id=TEXT, year_incorporated=NUMBER, legal_status=TEXT, logo=URI, uri=URI,
        parent_organization_id=UUID, phones=many("phone"), organization_identifiers=many("organization_identifier"),
    ),
    "service": table(
        "name", "status", organization_id=UUID, program_id=UUID, name=FILLED, alternate_name=TEXT, description=TEXT, url=URI, email=EMAIL, status=one_of("active", "inactive", "defunct", "temporarily closed"),
        interpretation_services=TEXT, application_process=TEXT, fees_description=TEXT, accreditations=TEXT, eligibility_description=TEXT, minimum_age=NUMBER, maximum_age=NUMBER, assured_date=DATE, assurer_email=EMAIL, alert=TEXT,
        phones=many("phone"), schedules=many("schedule"), service_at_locations=many("service_at_location"), languages=many("language"), cost_options=many("cost_option"), organization={"$ref": "#/$defs/organization"},
    ),
    "service_at_location": table(service_id=UUID, location_id=UUID, description=TEXT, location={"$ref": "#/$defs/location"}, phones=many("phone"), schedules=many("schedule")),
    "location": table(
        "location_type", location_type=one_of("physical", "postal", "virtual"), url=URI, organization_id=UUID, name=TEXT, alternate_name=TEXT, description=TEXT, transportation=TEXT, latitude=NUMBER, longitude=NUMBER,
        external_identifier=TEXT, external_identifier_type=TEXT, languages=many("language"), addresses=many("address"), accessibility=many("accessibility"), phones=many("phone"), schedules=many("schedule"),
    ),
    "address": table(
        "address_1", "city", "state_province", "postal_code", "country", "address_type", location_id=UUID, attention=TEXT, address_1=FILLED, address_2=TEXT, city=FILLED, region=TEXT, state_province=FILLED, postal_code=TEXT,
        country={"type": "string", "pattern": "^[A-Z]{2}$"}, address_type=one_of("physical", "postal", "virtual"),
    ),
    "phone": table("number", number=FILLED, extension=NUMBER, type=TEXT, description=TEXT, languages=many("language")),
    "schedule": table(
        service_id=UUID, location_id=UUID, service_at_location_id=UUID, valid_from=DATE, valid_to=DATE, dtstart=DATE, timezone=NUMBER, until=DATE, count=NUMBER, wkst=one_of("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
        freq=one_of("WEEKLY", "MONTHLY"), interval=NUMBER, byday={"type": "string", "pattern": "^(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,(-?[1-5])?(MO|TU|WE|TH|FR|SA|SU))*$"}, byweekno=TEXT, bymonthday=TEXT, byyearday=TEXT, description=TEXT,
        opens_at=TIME, closes_at=TIME, schedule_link=URI, attending_type=TEXT, notes=TEXT,
    ),
    "language": table(service_id=UUID, location_id=UUID, phone_id=UUID, name=TEXT, code={"type": "string", "pattern": "^[a-z]{2}$"}, note=TEXT),
    "cost_option": table(service_id=UUID, valid_from=DATE, valid_to=DATE, option=TEXT, currency={"type": "string", "pattern": "^[A-Z]{3}$"}, amount=NUMBER, amount_description=TEXT),
    "accessibility": table(location_id=UUID, description=TEXT, details=TEXT, url=URI),
    "organization_identifier": table("identifier_type", "identifier", organization_id=UUID, identifier_scheme=TEXT, identifier_type=FILLED, identifier=FILLED),
}
INTEGER = {"type": "integer", "minimum": 0}


def schema(name: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": f"#/$defs/{name}", "$defs": TABLES}


def page(name: str) -> dict[str, Any]:
    fields = {"total_items": INTEGER, "total_pages": INTEGER, "page_number": INTEGER, "size": INTEGER, "first_page": {"type": "boolean"}, "last_page": {"type": "boolean"}, "empty": {"type": "boolean"}, "contents": many(name)}
    return schema(name) | {"$ref": "#/$defs/page", "$defs": TABLES | {"page": {"type": "object", "required": list(fields), "properties": fields, "additionalProperties": False}}}
