"""What a form carries so that it is not stored in another organisation's name."""
from django import template
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pilots.acting import ACTING_FIELD

register = template.Library()


@register.simple_tag(takes_context=True)
def acting_token(context: RequestContext) -> SafeString:
    """Stands where `{% csrf_token %}` would: says also for which membership the form was opened.

    Whoever switches the organisation in another window would otherwise store in the wrong one's name.
    """
    request = context["request"]
    if not hasattr(request, "acting_token"):
        # Once a request: the forms of one page may carry the same one, and each making of it draws 32 letters.
        request.acting_token = _token(request)
    return request.acting_token


def _token(request: HttpRequest) -> SafeString:
    token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
    acting = getattr(request, "acting", None)
    return token + format_html('<input type="hidden" name="{}" value="{}">', ACTING_FIELD, acting.pk) if acting else token
