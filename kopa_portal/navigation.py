"""The frame around every page: main places, languages, account, footer."""
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix
from django.utils.http import urlencode
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.addresses import address
from guidance.queries.own_access import has_own_account
from kopa_portal.sections import first_of, is_of_clients, part_of, section_places
from pilots.choices import Permission
from pilots.permissions import may
from pilots.queries.waiting import count_waiting

MOST_PLACES = 5
# Kuntaliitto's staff and the data protection officers see what waits for them on the home page alone.
ASKED_OF = (Permission.GUIDE_CLIENTS, Permission.HANDLE_SERVICES, Permission.MANAGE_PEOPLE)
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
    own = is_client(request)
    return {
        "acting": acting,
        "memberships": getattr(request, "memberships", []),
        "nav_places": _own_places(request) if own else _places(request, acting),
        "section_places": [] if own else section_places(request, acting),
        "waiting_count": _waiting_count(request, acting),
        "waiting_url": _waiting_url(acting),
        "unread_count": getattr(request.user, "unread_count", 0) if hasattr(request, "user") else 0,
        "languages": _languages(request),
        "search_url": "" if own else address("summaries:search"),
        # The search of the network keeps its words in the address: a client is searched for elsewhere.
        "client_search_url": address("guidance:client_search") if may(acting, Permission.GUIDE_CLIENTS) else "",
        "account_urls": {
            "sign_in": address("account_login"),
            "sign_out": address("account_logout"),
            "account": address("account"),
            "notifications": address("notification_list"),
            "switch": "" if own else address("pilots:acting_choose"),
        },
        "footer_links": [
            Place(_("Accessibility statement"), address("accessibility")),
            Place(_("Privacy statement"), address("privacy")),
            Place(_("About and sources"), address("about")),
            Place(_("For developers"), address("developers")),
            Place(_("Feedback"), address("feedback")),
        ],
        "is_demo_site": settings.DEMO,
    }


def _waiting_count(request: HttpRequest, acting) -> int | None:
    """All that the home page lists, for those of whom others ask something; a page that has counted already is not asked again."""
    if not any(may(acting, permission) for permission in ASKED_OF):
        return None
    known = getattr(request, "waiting_count", None)
    return count_waiting(acting) if known is None else known


def _waiting_url(acting) -> str:
    if may(acting, Permission.GUIDE_CLIENTS):
        return address("guidance:waiting")
    return f"{address('home')}#waiting"


def _places(request: HttpRequest, acting) -> list[Place]:
    """Five at most: whoever has places of their own reaches the municipalities and areas from the row of the areas and by search."""
    places = [
        (_("Cooperation models"), address("pilots:model_list")),
        (_("Obstacles"), address("pilots:obstacle_list")),
        (_("Shared services"), address("services:service_list")),
        (_("Areas"), address("pilots:area_list")),
        (pgettext("heading", "Municipalities"), address("pilots:municipality_list")),
    ]
    if may(acting, Permission.EDIT_OWN_AREA):
        places.append((_("My area"), acting.area.get_absolute_url()))
    elif may(acting, Permission.MANAGE_PEOPLE):
        places.append((_("People"), address("pilots:people_list")))
    if may(acting, Permission.SUPERVISE_READING):
        places = [(_("Read log"), address("guidance:reading_list")), (_("Requests about own data"), address("guidance:rights_list")), *places]
    if may(acting, Permission.GUIDE_CLIENTS):
        places = [(_("Waiting for me"), address("guidance:waiting")), (_("Clients"), address("guidance:client_list")), *places]
    for spare in (address("pilots:municipality_list"), address("pilots:area_list"), address("pilots:obstacle_list")):
        if len(places) > MOST_PLACES:
            places = [place for place in places if place[1] != spare]
    # The longest address wins: a coordinator's own area is "My area", not "Areas" as well.
    here = max((url for _label, url in places if request.path.startswith(url)), key=len, default=None)
    if here is None and (part := part_of(request)):
        # A page of the second row that is no place of the first stands under its part's first one.
        here = first_of(part)
    if is_of_clients(request):
        here = address("guidance:client_list")
    return [Place(label, url, url == here) for label, url in places]


def _own_places(request: HttpRequest) -> list[Place]:
    """A client's: none of the workers'."""
    places = [
        (_("My path"), address("own:path")),
        (_("What I have written"), address("own:written")),
        (_("Who has read about me"), address("own:reading_list")),
        (_("My links"), address("own:share_list")),
        (_("Privacy"), address("privacy")),
    ]
    here = max((url for _label, url in places if request.path.startswith(url)), key=len, default=None)
    return [Place(label, url, url == here) for label, url in places]


def is_client(request: HttpRequest) -> bool:
    """Signed in with the account of a client. A page of the client's own has asked already; whoever acts for an organisation is a worker here."""
    if getattr(request, "own_account", None) is not None:
        return True
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated and getattr(request, "acting", None) is None and has_own_account(user)


def _languages(request: HttpRequest) -> list[Language]:
    """The same page in each language: addresses differ in the prefix alone (i18n_patterns); an address of nothing gives the root."""
    current = get_language()
    start = get_script_prefix()
    here = request.get_full_path() if request.resolver_match else start
    bare = here.removeprefix(f"{start}{_prefix(current)}").removeprefix(start)
    return [
        Language(code, LANGUAGE_NAMES[code], f"{address('set_language', code)}?{urlencode({'next': f'{start}{_prefix(code)}{bare}'})}", code == current)
        for code, _name in settings.LANGUAGES
    ]


def _prefix(language: str) -> str:
    return "" if language == settings.LANGUAGE_CODE else f"{language}/"
