"""The home page: the network for everyone, and before it what waits for the person who has signed in."""
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import translate_url
from django.utils.cache import patch_vary_headers
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from pilots.choices import ContactTask, OrganisationKind, Permission, Role
from pilots.map.members import MUNICIPALITY
from pilots.models import Municipality
from pilots.permissions import Acting, may
from pilots.queries import contacts, network
from pilots.queries.maps import map_areas
from pilots.queries.waiting import waiting_for
from pilots.views.maps import area_lines, network_picture


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    # Only the bare root follows the stored choice: every other address opens in its own language.
    if request.path == "/" and chosen != settings.LANGUAGE_CODE and chosen in dict(settings.LANGUAGES):
        response: HttpResponse = HttpResponseRedirect(translate_url("/", chosen))
    else:
        response = render(request, "pilots/home.html", _context(request))
    patch_vary_headers(response, ("Cookie",))
    return response


def _context(request: HttpRequest) -> dict:
    areas = list(network.areas_in_order())
    shown = map_areas(areas)
    kinds = {member.body_id: member.kind for area in shown for member in area.members}
    municipality_count = sum(kind == MUNICIPALITY for kind in kinds.values())
    callable_tasks = contacts.count_by_task()
    return {
        "rows": area_lines(shown) if areas else "",
        "network_map": network_picture(shown) if areas else None,
        "round": areas[0].round if areas else None,
        "area_count": len(areas),
        "municipality_count": municipality_count,
        "other_count": len(kinds) - municipality_count,
        "tasks": [task for task in ContactTask if task in callable_tasks],
        "own_municipality": own_municipality(request.acting),
        "may_edit_own_area": may(request.acting, Permission.EDIT_OWN_AREA),
        "may_manage_people": may(request.acting, Permission.MANAGE_PEOPLE),
        **_waiting(request),
    }


def own_municipality(acting: Acting) -> Municipality | None:
    """Of an officer or a coordinator who acts for a municipality: its page is what they come for. One query."""
    if acting is None or acting.role not in (Role.EDUCATION_OFFICER, Role.AREA_COORDINATOR):
        return None
    return Municipality.objects.filter(organisations=acting.organisation_id, organisations__kind=OrganisationKind.MUNICIPALITY).first()


def _waiting(request: HttpRequest) -> dict:
    """What waits, for those to whom something can; others see no empty list. The frame of the page need not count again."""
    waiting = waiting_for(request.acting)
    request.waiting_count = count = sum(thing.count for thing in waiting)
    if not waiting and not may(request.acting, Permission.MANAGE_PEOPLE):
        return {"waiting": [], "waiting_text": ""}
    return {"waiting": waiting, "waiting_text": ngettext("%(count)s thing waits for you", "%(count)s things wait for you", count) % {"count": count}}
