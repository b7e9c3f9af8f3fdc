"""What every view of the API does alike: language, limits, filters, pages, and what may be kept of an answer."""
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from rest_framework import exceptions
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.addresses import in_public_name
from pilots.api.limits import count_question
from pilots.filters import ListFilterSet
from pilots.queries.keyset import LARGEST_ID

LANGUAGE, AFTER, SIZE = "lang", "after", "page_size"
ROWS_A_PAGE, MOST_ROWS = 25, 100
# What is the same for everybody may be kept so long, and is then asked for again with its ETag.
KEPT_SECONDS = 60


@method_decorator(csrf_exempt, name="dispatch")
@method_decorator(conditional_page, name="dispatch")
class ReadView(GenericAPIView):
    """Reads, and nothing else. `parameters`: the names that the view takes beside the language; any other is a mistake that is told."""

    http_method_names = ["get", "head", "options"]
    parameters: tuple[str, ...] = ()

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        asked = request.GET.get(LANGUAGE, "")
        translation.activate(asked if asked in dict(settings.LANGUAGES) else language_of_header(request))
        return super().initialize_request(request, *args, **kwargs)

    def check_throttles(self, request: Request) -> None:
        count_question(request, request.auth)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS":
            refuse_unknown(request.query_params, (*self.parameters, LANGUAGE))

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Content-Language"] = translation.get_language()
        patch_vary_headers(response, ("Authorization", "Accept-Language"))
        if "HTTP_AUTHORIZATION" in request.META:
            # For programmes, not for pages of others: a browser is not let read it.
            add_never_cache_headers(response)
            return response
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = "Content-Language, ETag, Link, Retry-After"
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = "GET, HEAD"
            response["Access-Control-Allow-Headers"] = "If-None-Match"
            response["Access-Control-Max-Age"] = "86400"
        if response.status_code == 200:
            response["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        elif response.status_code >= 400:
            add_never_cache_headers(response)
        return response

    def get_serializer(self, *args: Any, **kwargs: Any):
        """Of what has been read already: nothing is written, and nothing is asked for once more."""
        return self.get_serializer_class()(*args, **kwargs)


def language_of_header(request: HttpRequest) -> str:
    """Of Accept-Language, without the cookie of the portal: what an address answers does not depend on where a browser has been."""
    for code, _weight in translation.trans_real.parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        if code[:2] in dict(settings.LANGUAGES):
            return code[:2]
    return settings.LANGUAGE_CODE


def refuse_unknown(given: QueryDict, known: tuple[str, ...]) -> None:
    """A name that is misspelt would otherwise give everything, as if it had been filtered."""
    wrong: dict[str, list[str]] = {}
    for name, values in given.lists():
        if name not in known:
            wrong[name] = [_("There is no such parameter here.")]
        elif len(values) > 1:
            wrong[name] = [_("Give it once.")]
        elif not values[0].strip():
            wrong[name] = [_("Give a value, or leave the parameter out.")]
    if LANGUAGE in given and LANGUAGE not in wrong and given[LANGUAGE] not in dict(settings.LANGUAGES):
        wrong[LANGUAGE] = [_("The languages are fi, sv and en.")]
    if wrong:
        raise exceptions.ValidationError(wrong)


def whole_number(given: QueryDict, name: str, default: int, most: int, least: int = 1) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise exceptions.ValidationError({name: [_("Write a whole number between %(least)s and %(most)s.") % {"least": least, "most": most}]})
    return int(text)


class ListView(ReadView):
    """Pages by the key of the last row, in the order of keys: as fast at the end as at the beginning, and no row twice or never because others came."""

    filters: type[ListFilterSet] | None = None
    # Of lists that no page filters: name -> schema and what it is.
    own_parameters: dict[str, tuple[dict[str, Any], str]] = {}

    @property
    def parameters(self) -> tuple[str, ...]:  # type: ignore[override]
        return (*(self.filters.base_filters if self.filters else ()), *self.own_parameters, AFTER, SIZE)

    def filterset(self, rows: QuerySet) -> ListFilterSet | None:
        """The filters of the page in the portal, with the same choices."""
        return None

    def filtered(self, rows: QuerySet) -> QuerySet:
        if (filterset := self.filterset(rows)) is None:
            return rows
        if not filterset.is_valid():
            raise exceptions.ValidationError({name: list(messages) for name, messages in filterset.errors.items()})
        return filterset.qs

    def prepare(self, rows: list[Any]) -> list[Any]:
        """What the rows of a page need beside themselves, in a number of queries that does not depend on the rows."""
        return rows

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        size = whole_number(request.query_params, SIZE, ROWS_A_PAGE, MOST_ROWS)
        after = whole_number(request.query_params, AFTER, 0, LARGEST_ID, least=0)
        found = list(self.filtered(self.get_queryset()).filter(pk__gt=after).order_by("pk")[: size + 1])
        rows = found[:size]
        following = self._address(rows[-1].pk) if len(found) > size else None
        response = Response({"next": following, "results": self.get_serializer(self.prepare(rows), many=True).data})
        if following:
            response["Link"] = f'<{following}>; rel="next"'
        return response

    def _address(self, after: int) -> str:
        query = self.request.query_params.copy()
        query[AFTER] = str(after)
        return in_public_name(f"{self.request.path}?{query.urlencode()}")


class DetailView(ReadView):
    def find(self) -> Any:
        """The thing, or Http404: for what may not be read as for what is not there."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self.find()).data)
