"""The read API, put together: its addresses, its OpenAPI document, and what is shown of it to developers."""
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path, re_path
from django.utils import translation
from django.views.decorators.http import conditional_page, require_safe
from drf_spectacular.generators import SchemaGenerator

from pilots.api.problems import nothing_here


@cache
def document() -> dict[str, Any]:
    """In English, whoever asks: it is read by programmes and by those who write them."""
    with translation.override("en"):
        return SchemaGenerator(patterns=[path("api/v1/", include(READ))]).get_schema(request=None, public=True)


@require_safe
@conditional_page
def openapi(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(document(), content_type="application/vnd.oai.openapi+json")
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["Cache-Control"] = "public, max-age=3600"
    return response


READ = [path("", include(app)) for app in ("pilots.api.urls", "services.api.urls", "summaries.api.urls")]

urlpatterns = [*READ, path("openapi.json", openapi, name="api_document"), re_path("^", nothing_here, name="api_nothing")]
