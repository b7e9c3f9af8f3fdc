"""How the OpenAPI document tells of filters, pages and problems: from the same things that the views use."""
from typing import Any

import django_filters
from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from pilots.api.base import AFTER, LANGUAGE, MOST_ROWS, ROWS_A_PAGE, SIZE, ListView
from pilots.api.problems import PROBLEM
from pilots.forms.days import DayField
from pilots.queries.keyset import LARGEST_ID

PROBLEMS = {"400": "A parameter is wrong.", "401": "The key is wrong or none was sent.", "403": "The key does not read this.", "404": "There is no such thing.", "406": "The answers are JSON.", "429": "Too many questions; see Retry-After.", "503": "The portal cannot answer right now; see Retry-After."}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object", "required": ["parameter", "detail"], "properties": {"parameter": {"type": "string"}, "detail": {"type": "string"}}, "additionalProperties": False}},
    },
    "additionalProperties": False,
}
TEXT = {"type": "string", "minLength": 1}


class KeyScheme(OpenApiAuthenticationExtension):
    target_class, name = "pilots.api.authentication.KeyAuthentication", "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key of an organisation; its administrators make and revoke keys in the portal."}


def parameter(name: str, schema: dict[str, Any], description: str = "") -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, "description": description}


def filter_parameter(name: str, one: django_filters.Filter) -> dict[str, Any]:
    """A filter whose choices come from the database takes a text here: the choices are codes that other addresses tell."""
    given = [str(code) for code, _label in one.extra.get("choices") or () if code != ""]
    if issubclass(one.field_class, DayField):
        schema: dict[str, Any] = {"type": "string", "format": "date"}
    elif "max_value" in one.extra:
        schema = {"type": "integer", "minimum": one.extra["min_value"], "maximum": one.extra["max_value"]}
    else:
        schema = {"type": "string", "enum": given} if given else TEXT | ({"maxLength": one.extra["max_length"]} if "max_length" in one.extra else {})
    return parameter(name, schema, str(one.label or ""))


class PortalSchema(AutoSchema):
    def get_override_parameters(self) -> list[Any]:
        return []

    def _get_parameters(self) -> list[dict[str, Any]]:
        view: Any = self.view
        found = super()._get_parameters()
        if isinstance(view, ListView):
            found += [filter_parameter(name, one) for name, one in (view.filters.base_filters.items() if view.filters else ())]
            found += [parameter(name, schema, words) for name, (schema, words) in view.own_parameters.items()]
            found += [
                parameter(AFTER, {"type": "integer", "minimum": 0, "maximum": LARGEST_ID}, "The page after the row with this key. Follow “next” instead of making it."),
                parameter(SIZE, {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": ROWS_A_PAGE}, "Rows of a page."),
            ]
        return [*found, parameter(LANGUAGE, {"type": "string", "enum": [code for code, _name in settings.LANGUAGES]}, "The language of names and words; else Accept-Language, else Finnish.")]

    def _is_list_view(self, serializer: Any = None) -> bool:
        return isinstance(self.view, ListView)

    def _get_paginator(self) -> None:
        return None

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        found = super()._get_response_bodies(direction)
        if isinstance(self.view, ListView):
            content = found["200"]["content"]["application/json"]
            content["schema"] = {"type": "object", "required": ["next", "results"], "properties": {"next": {"type": ["string", "null"], "format": "uri"}, "results": content["schema"]}, "additionalProperties": False}
        found["200"]["description"] = "What was asked for."
        found["304"] = {"description": "Nothing has changed since the ETag that was sent in If-None-Match."}
        for code, words in PROBLEMS.items():
            found[code] = {"description": words, "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
        return found


def with_problems(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """A hook of drf-spectacular: the one schema that no serializer makes, and nothing in an answer that the document does not name."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM_SCHEMA
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    return result
