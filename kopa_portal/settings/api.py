"""The read API: what Django REST framework does by itself, and how often a reader may ask."""
from kopa_portal.settings.environment import env

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["pilots.api.authentication.KeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "pilots.api.schema.PortalSchema",
    "EXCEPTION_HANDLER": "pilots.api.problems.answer_with_problem",
    "DEFAULT_METADATA_CLASS": None,
    "URL_FORMAT_OVERRIDE": None,
    # Numbers and times as machines write them, whatever the language.
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "KOPA: read API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "What the portal of the KOPA network shows on its pages, for programmes. Everything can be read without a key that can be read without signing in; a key of an organisation reads what is offered to that organisation. Nothing about any client is here.",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["pilots.api.schema.with_problems"],
    "COMPONENT_SPLIT_REQUEST": False,
}
# Questions a minute: of a network address without a key, and of an organisation with one.
API_MOST_WITHOUT_KEY = env.int("API_MOST_WITHOUT_KEY", default=60)
API_MOST_WITH_KEY = env.int("API_MOST_WITH_KEY", default=600)
