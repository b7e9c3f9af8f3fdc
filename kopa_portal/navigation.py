"""The frame around every page: main places, languages, account, footer."""
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse, translate_url
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guidance.queries.waiting import count_waiting_things
from pilots.choices import Permission
from pilots.permissions import may
from pilots.queries.people import count_waiting

LANGUAGE_NAMES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}


@dataclass(frozen=True)
class Place:
    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Language:
    code: str
    name: str
    url: str
    current: bool


def frame(request: HttpRequest) -> dict:
    """Context of base.html; one query for those to whom something can wait, none for all others."""
    acting = getattr(request, "acting", None)
    return {
        "acting": acting,
        "memberships": getattr(request, "memberships", []),
        "nav_places": _places(request, acting),
        "waiting_count": _waiting_count(request, acting),
        "waiting_url": reverse("guidance:waiting") if may(acting, Permission.GUIDE_CLIENTS) else f"{reverse('home')}#waiting",
        "languages": _languages(request),
        "search_url": reverse("pilots:search"),
        "account_urls": {
            "sign_in": reverse("account_login"),
            "sign_out": reverse("account_logout"),
            "account": reverse("account"),
            "switch": reverse("pilots:acting_choose"),
        },
        "footer_links": [
            Place(_("Accessibility statement"), reverse("accessibility")),
            Place(_("Privacy statement"), reverse("privacy")),
            Place(_("About and sources"), reverse("about")),
            Place(_("Feedback"), reverse("feedback")),
        ],
        "is_demo_site": settings.DEMO,
    }


def _waiting_count(request: HttpRequest, acting) -> int | None:
    """A counsellor's own work, or what an administrator can decide; a page that has counted already is not asked again."""
    if not may(acting, Permission.GUIDE_CLIENTS):
        return count_waiting(acting)
    known = getattr(request, "waiting_count", None)
    return count_waiting_things(acting, timezone.now()) if known is None else known


def _places(request: HttpRequest, acting) -> list[Place]:
    places = [
        (_("Areas"), reverse("pilots:area_list")),
        (_("Municipalities"), reverse("pilots:municipality_list")),
        (_("Organisations"), reverse("pilots:organisation_list")),
        (_("Whom to call"), reverse("pilots:contact_list")),
    ]
    if may(acting, Permission.EDIT_OWN_AREA):
        places.append((_("My area"), acting.area.get_absolute_url()))
    elif may(acting, Permission.MANAGE_PEOPLE):
        places.append((_("People"), reverse("pilots:people_list")))
    if may(acting, Permission.GUIDE_CLIENTS):
        places = [(_("Waiting for me"), reverse("guidance:waiting")), (_("Clients"), reverse("guidance:client_list")), *places]
    # The longest address wins: a coordinator's own area is "My area", not "Areas" as well.
    here = max((url for _label, url in places if request.path.startswith(url)), key=len, default=None)
    return [Place(label, url, url == here) for label, url in places]


def _languages(request: HttpRequest) -> list[Language]:
    here = request.get_full_path()
    current = get_language()
    try:
        resolve(request.path_info)
    except Resolver404:
        here = "/"
    return [
        Language(code, LANGUAGE_NAMES[code], f"{reverse('set_language', args=[code])}?{urlencode({'next': translate_url(here, code)})}", code == current)
        for code, _name in settings.LANGUAGES
    ]
