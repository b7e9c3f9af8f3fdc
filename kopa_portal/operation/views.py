"""What programmes ask of the portal about itself. None needs a session, and `health` no database."""
from dataclasses import asdict

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from kopa_portal.operation import metrics, readiness


def is_operator(request: HttpRequest) -> bool:
    """By the token alone: behind a proxy on the same machine everybody comes from its own address."""
    given = request.headers.get("Authorization", "")
    return bool(settings.OPERATION_TOKEN) and constant_time_compare(given, f"Bearer {settings.OPERATION_TOKEN}")


@require_safe
@never_cache
def health(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Whether pages can be given; to the operator each check, and with `?all` 503 when any of them fails."""
    operator = is_operator(request)
    found = readiness.everything(timezone.now()) if operator else readiness.serving()
    failed = [name for name, finding in found.items() if finding.state == readiness.FAILED]
    cannot = not readiness.NEEDED.isdisjoint(failed)
    told: dict = {"status": "unavailable" if cannot else "ready"}
    if operator:
        told |= {"failed": failed, "checks": {name: asdict(finding) for name, finding in found.items()}}
    return JsonResponse(told, status=503 if cannot or ("all" in request.GET and failed) else 200)


@require_safe
@never_cache
def show_metrics(request: HttpRequest) -> HttpResponse:
    if not is_operator(request):
        raise Http404
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)


@require_safe
@cache_control(public=True, max_age=86_400)
def security_txt(request: HttpRequest) -> HttpResponse:
    """RFC 9116; nothing until both contact and last day are set, for the standard asks for both."""
    if not settings.SECURITY_CONTACT or not settings.SECURITY_TXT_EXPIRES:
        raise Http404
    lines = [
        *(f"Contact: {contact}" for contact in settings.SECURITY_CONTACT),
        f"Expires: {settings.SECURITY_TXT_EXPIRES.isoformat()}T00:00:00Z",
        f"Preferred-Languages: {', '.join(code for code, _name in settings.LANGUAGES)}",
        f"Canonical: {settings.PUBLIC_ORIGIN}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
