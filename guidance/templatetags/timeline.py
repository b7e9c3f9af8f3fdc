"""The row of an event. Thirty stand on each pathway's page, and written as a template they took a seventh of its time."""
from django import template
from django.template.defaultfilters import filesizeformat, linebreaksbr
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.templatetags.kopa import icon
from guidance.queries.timeline import ShownEvent

register = template.Library()

ROW = """<li class="timeline-event{}" id="event-{}"><span class="timeline-mark">{}</span><div><p class="timeline-what"><strong>{}</strong>{}{}{}</p>
{}{}<p class="soft small"><time datetime="{}">{}</time>{}{}</p></div></li>"""
TAKEN_BACK = ' <span class="badge-line plain">{}</span>'
TAKE_BACK = ' <a class="timeline-undo" href="{}">{}<span class="visually-hidden">: {} {}</span></a>'
FILE = '<p class="timeline-file"><a href="{}">{}</a> <span class="soft small">{}</span></p>'


@register.simple_tag
def event_row(event: ShownEvent, pseudonym: str) -> SafeString:
    at = timezone.localtime(event.time)
    files = ((reverse("guidance:attachment_file", args=[pseudonym, file["id"]]), file["name"], filesizeformat(file["size"])) for file in event.files)
    who = f"{event.who}, {event.organisation}" if event.who and event.organisation else event.who or event.organisation
    text = linebreaksbr(event.text)
    return format_html(
        ROW, " taken-back" if event.taken_back_at else "", event.pk, icon(event.icon), capfirst(event.kind), f" {event.says}" if event.says else "", format_html(" {}", icon("danger")) if event.is_worry else "",
        format_html(TAKEN_BACK, _("taken back %(when)s") % {"when": date_format(timezone.localtime(event.taken_back_at), "SHORT_DATETIME_FORMAT")}) if event.taken_back_at else "",
        format_html('<div class="timeline-text">{}</div>', format_html("<s>{}</s>", text) if event.taken_back_at else text) if event.text else "", format_html_join("", FILE, files),
        at.isoformat(), date_format(at, "TIME_FORMAT"), "".join(f" · {words}" for words in (who, event.readers) if words),
        format_html(TAKE_BACK, reverse("guidance:event_take_back", args=[pseudonym, event.pk]), _("Take back"), event.kind, date_format(at, "SHORT_DATETIME_FORMAT")) if event.may_take_back else "",
    )
