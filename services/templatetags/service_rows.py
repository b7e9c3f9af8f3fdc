"""A service in a list. 25 stand on a page, and written as a template they took most of its time."""
from functools import cache, lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.addresses import address
from accounts.templatetags.kopa import badge, content_in, icon, name
from services.choices import Delivery, ServiceKind, ServiceLanguage
from services.models import ServicePhoto, SharedService
from services.wording import Named

register = template.Library()
ANY_ROW = 1234567890
MOST_LANGUAGES = 64


@register.simple_tag
def service_row(service: SharedService, acting: object) -> SafeString:
    """Of `queries.catalogue.as_rows`, with `usable` and `is_favourite`. For the people of an organisation services/_mark_form.html is on the page. Each part is escaped by itself."""
    language = get_language()
    facts = [_kind(service.kind, language), name(Named(service.provider_fi, service.provider_sv, service.provider_en))]
    if service.where_fi:
        facts.append(name(Named(service.where_fi, service.where_sv)))
    if service.usable:
        facts.append(_delivery(service.delivery, language))
        if service.languages:
            facts.append(_languages(tuple(service.languages), language))
    photo = getattr(service, "photo", None) if service.usable else None
    return mark_safe(
        f'<li class="row-item{" with-photo" if photo else ""}" id="service-{service.pk}">{_photo(photo) if photo else ""}<h3 class="row-name">{_link(service, language)}</h3>\n'
        f'<p class="row-facts">{"".join(f"<span>{words}</span>" for words in facts)}</p>\n'
        f"{service_badges(service)}{mark_button(service) if acting else ''}</li>\n"
    )


def _photo(photo: ServicePhoto) -> str:
    told = f'alt="{escape(photo.alt)}" lang="{photo.alt_language}"'
    return f'<img class="row-photo" src="{escape(photo.small_url)}" width="160" height="120" {told} loading="lazy" decoding="async">'


def _link(service: SharedService, language: str) -> str:
    text, code = content_in(service, "name", language[:2])
    marked = "" if code == language[:2] else f' lang="{code}"'
    # Made once for all rows: there are more services than addresses are kept.
    return f'<a href="{address("services:service_detail", ANY_ROW).replace(str(ANY_ROW), str(service.pk))}"{marked}>{escape(text)}</a>'


@register.simple_tag
def service_badges(service: SharedService) -> SafeString:
    """What one should know before reading on: not offered here, not looked through in time, invented."""
    shown = [] if service.usable and not service.is_stale else ["old" if service.usable else "plain"]
    told = " ".join(_badge(kind, get_language()) for kind in ([*shown, "demo"] if service.is_demo else shown))
    return mark_safe(f"<p>{told}</p>" if told else "")


@cache
def _badge(kind: str, language: str) -> str:
    words = {"plain": _("Not offered to your organisation"), "old": _("Not checked in time"), "demo": _("Invented example")}
    return badge(kind, words[kind])


@cache
def _kind(kind: str, language: str) -> str:
    return escape(capfirst(ServiceKind(kind).label))


@cache
def _delivery(delivery: str, language: str) -> str:
    return escape(Delivery(delivery).label)


@lru_cache(maxsize=MOST_LANGUAGES)
def _languages(codes: tuple[str, ...], language: str) -> str:
    return escape(", ".join(str(ServiceLanguage(code).label) for code in codes if code in ServiceLanguage.values))


@register.simple_tag
def mark_button(service: SharedService) -> SafeString:
    """Marks the service as a favourite, or takes the mark off; the star is filled and the words say it. services/_mark_form.html is on the page."""
    do, drawing, words = _mark(service.is_favourite, get_language())
    return mark_safe(f'<button class="btn btn-link mark-button" type="submit" form="mark" name="{do}" value="{service.pk}">{drawing}<span>{words}{escape(service.name)}</span></span></button>')


@cache
def _mark(is_favourite: bool, language: str) -> tuple[str, str, str]:
    hidden = '<span class="visually-hidden">: '
    if is_favourite:
        favourite, take_off = escape(_("Favourite")), escape(_("take the mark off"))
        return "unmark", icon("starred"), f"{favourite}{hidden}{take_off}, "
    mark = escape(_("Mark as a favourite"))
    return "mark", icon("star"), f"{mark}{hidden}"
