"""Answers that say no, in the reader's language (RFC 9457)."""
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response

from accounts.unavailable import RETRY_AFTER, is_unavailable

PROBLEM = "application/problem+json"


def titles() -> dict[int, str]:
    return {
        status.HTTP_400_BAD_REQUEST: _("The question cannot be understood"),
        status.HTTP_401_UNAUTHORIZED: _("A valid key is needed"),
        status.HTTP_403_FORBIDDEN: _("The key does not read this"),
        status.HTTP_404_NOT_FOUND: _("There is no such thing"),
        status.HTTP_405_METHOD_NOT_ALLOWED: _("This can only be read"),
        status.HTTP_406_NOT_ACCEPTABLE: _("This form of answer is not given"),
        status.HTTP_429_TOO_MANY_REQUESTS: _("Too many questions"),
        status.HTTP_503_SERVICE_UNAVAILABLE: _("The portal cannot answer right now"),
    }


def details() -> dict[int, str]:
    return {
        status.HTTP_400_BAD_REQUEST: _("One or more parameters are wrong: “errors” says which."),
        status.HTTP_401_UNAUTHORIZED: _("Send a key that is in use in the header Authorization: Bearer. An administrator of your organisation makes keys in the portal."),
        status.HTTP_403_FORBIDDEN: _("Ask an administrator of your organisation for a key that may read it."),
        status.HTTP_404_NOT_FOUND: _("There is nothing at this address, or nothing that you may read."),
        status.HTTP_405_METHOD_NOT_ALLOWED: _("Use GET or HEAD."),
        status.HTTP_406_NOT_ACCEPTABLE: _("The answers are JSON."),
        status.HTTP_429_TOO_MANY_REQUESTS: _("Wait as many seconds as the header Retry-After says."),
        status.HTTP_503_SERVICE_UNAVAILABLE: _("Try again in a moment."),
    }


def problem(code: int, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    found = {"type": "about:blank", "title": titles()[code], "status": code, "detail": details()[code]}
    return found | ({"errors": errors} if errors else {})


def answer_with_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """What Django REST framework calls for each exception of a view; None leaves it to the portal's own page."""
    headers: dict[str, str] = {}
    errors: list[dict[str, str]] = []
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        detail: Any = error.detail
        errors = [{"parameter": name, "detail": str(message)} for name, messages in detail.items() for message in messages]
    if isinstance(error, exceptions.APIException):
        code = error.status_code
        if header := getattr(error, "auth_header", None):
            headers["WWW-Authenticate"] = header
        if wait := getattr(error, "wait", None):
            headers["Retry-After"] = str(int(wait))
    elif is_unavailable(error):
        code, headers = status.HTTP_503_SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_AFTER)}
    else:
        return None
    return Response(problem(code, errors), status=code, headers=headers, content_type=PROBLEM)


@csrf_exempt
def nothing_here(request: HttpRequest) -> JsonResponse:
    """An address below the API that is none."""
    return JsonResponse(problem(status.HTTP_404_NOT_FOUND), status=status.HTTP_404_NOT_FOUND, content_type=PROBLEM)
