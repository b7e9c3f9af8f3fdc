"""The second row of places: the pages of one part of the portal."""
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.addresses import address
from pilots.choices import Permission
from pilots.permissions import Acting, may

# Each part of the portal: the right that one of its places needs, its label, its page, and what else its addresses begin with.
SECTIONS: dict[str, tuple] = {
    "models": (
        (None, _("Cooperation models"), "pilots:model_list", ()),
        (None, _("Goals"), "pilots:goal_table", ()),
        (None, _("Skill needs"), "summaries:skill_answers", ()),
        (None, _("Publications"), "pilots:publication_list", ()),
    ),
    "obstacles": (
        (None, _("Obstacles"), "pilots:obstacle_list", ()),
        (None, _("Proposals"), "pilots:proposal_list", ()),
        (None, _("What the law allows"), "pilots:lawful_list", ()),
    ),
    "areas": (
        (None, _("Areas"), "pilots:area_list", ("totals/",)),
        (None, _("Summary"), "summaries:network_summary", ()),
        (None, _("Clients in figures"), "summaries:pathways_public", ()),
        (None, pgettext_lazy("heading", "Municipalities"), "pilots:municipality_list", ()),
        (None, _("Organisations"), "pilots:organisation_list", ("units/",)),
        (None, _("Whom to call"), "pilots:contact_list", ()),
    ),
    "services": (
        (None, _("All services"), "services:service_list", ()),
        (Permission.HANDLE_SERVICES, _("Our services"), "services:offer_list", ("services/resources/", "services/places/")),
        (Permission.HANDLE_SERVICES, _("Bookings"), "services:booking_list", ("services/series/",)),
        (Permission.HANDLE_SERVICES, _("Calendar"), "services:organisation_calendar", ()),
        (Permission.HANDLE_SERVICES, _("Needs"), "services:need_list", ()),
        (Permission.HANDLE_SERVICES, _("Term rounds"), "services:round_list", ()),
        (None, _("Enrolments"), "services:enrolment_list", ("services/runs/",)),
        (Permission.HANDLE_SERVICES, _("Agreements"), "services:agreement_list", ("services/settlements/",)),
        (Permission.HANDLE_SERVICES, _("Use"), "services:use_figures", ()),
    ),
}
# Only those who work there see the row; one without anybody here is for everyone.
WORKS_THERE = {"services": (Permission.HANDLE_SERVICES, Permission.GUIDE_CLIENTS)}


@dataclass(frozen=True)
class SectionPlace:
    """`current` is the value of aria-current: the page itself, or one below it."""

    label: str
    url: str
    current: str


def section_places(request: HttpRequest, acting: Acting) -> list[SectionPlace]:
    """Empty on pages of no part, and for those whose work is elsewhere: to them a part of the portal is its first page."""
    part = part_of(request)
    if part is None or not _is_shown(part, acting):
        return []
    shown = [place for place in SECTIONS[part] if place[0] is None or may(acting, place[0])]
    # The longest address wins, as among the main places; what is below none of them belongs to the first.
    below = {beginning: address(name) for _permission, _label, name, beginnings in shown for beginning in _beginnings(name, beginnings)}
    here = below[max((one for one in below if request.path.startswith(one)), key=len, default=address(shown[0][2]))]
    return [SectionPlace(label, url, "" if url != here else "page" if url == request.path else "true") for label, url in ((label, address(name)) for _permission, label, name, _more in shown)]


def part_of(request: HttpRequest) -> str | None:
    """The part that the page belongs to: by its namespace, or by how its address begins."""
    namespace = request.resolver_match.namespace if request.resolver_match else ""
    if namespace in SECTIONS:
        return namespace
    if namespace not in ("pilots", "summaries") or is_of_clients(request):
        return None
    return next((part for part, places in SECTIONS.items() for _permission, _label, name, more in places if request.path.startswith(tuple(_beginnings(name, more)))), None)


def is_of_clients(request: HttpRequest) -> bool:
    """One client's page, and what is counted of clients: both stand under the clients."""
    match = request.resolver_match
    return match is not None and ("pseudonym" in match.kwargs or match.url_name in ("our_pathways", "our_pathways_list"))


def first_of(part: str) -> str:
    """The address under which the part stands among the main places."""
    return address(SECTIONS[part][0][2])


def _is_shown(part: str, acting: Acting) -> bool:
    return part not in WORKS_THERE or any(may(acting, permission) for permission in WORKS_THERE[part])


def _beginnings(name: str, more: tuple[str, ...]) -> list[str]:
    return [address(name), *(f"{address('home')}{beginning}" for beginning in more)]
