"""The form that logs a contact from a client's page: the same on every client's page but for whom it is about, and when."""
import re
import uuid
from functools import cache

from django import template
from django.template import RequestContext
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.templatetags.kopa import short_date
from guidance.forms.moments import written_moment
from guidance.forms.timeline import QuickLogForm
from guidance.templatetags.pathway import ANY_PSEUDONYM
from pilots.templatetags.acting import acting_token

register = template.Library()

# Written into what is kept, in place of what each page has of its own.
ACTING, CLICK_TOKEN, LOG_TOKEN, MOMENT, STEPS = "[acting]", "[click-token]", "[log-token]", "[moment]", "[steps]"
PLACES = re.compile("|".join(map(re.escape, (ANY_PSEUDONYM, ACTING, CLICK_TOKEN, LOG_TOKEN, MOMENT, STEPS))))
STEP = '<option value="{}">{} {}</option>'


@register.simple_tag(takes_context=True)
def quick_log(context: RequestContext) -> SafeString:
    """Of the page in the context. Each of its two forms has a token of its own, so that the same click twice is one event."""
    page = context["page"]
    own = {
        ANY_PSEUDONYM: page.pathway.pseudonym,
        ACTING: acting_token(context),
        CLICK_TOKEN: str(uuid.uuid4()),
        LOG_TOKEN: str(uuid.uuid4()),
        MOMENT: escape(written_moment(timezone.now())),
        STEPS: format_html_join("", STEP, ((step.pk, short_date(step.due_on), step.what) for step in page.steps if not step.waits_to_be_met)),
    }
    # In one pass: what somebody wrote in a step is never read as a place.
    return mark_safe(PLACES.sub(lambda place: own[place[0]], _form(page.is_studying, get_language())))


@cache
def _form(is_studying: bool, language: str) -> str:
    """`is_studying`: whether a check-in during studies can be logged with one click."""
    fields = QuickLogForm.base_fields
    context = {
        "pseudonym": ANY_PSEUDONYM, "acting": mark_safe(ACTING), "click_token": CLICK_TOKEN, "log_token": LOG_TOKEN, "moment": MOMENT, "steps": mark_safe(STEPS),
        "is_studying": is_studying, "kinds": fields["kind"].choices, "visibilities": fields["visibility"].choices,
    }
    return render_to_string("guidance/_timeline_quick.html", context)
