"""The second row of places: the pages of one part of the portal, for those who work there."""
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from pilots.choices import Permission
from pilots.permissions import Acting, may

# By namespace: the right that one of them needs, its label, its page, and what else its address begins with.
SECTIONS = {
    "services": (
        (None, _("All services"), "services:service_list", ()),
        (Permission.HANDLE_SERVICES, _("Our services"), "services:offer_list", ("resources/", "places/")),
        (Permission.HANDLE_SERVICES, _("Bookings"), "services:booking_list", ("series/",)),
        (Permission.HANDLE_SERVICES, _("Calendar"), "services:organisation_calendar", ()),
        (Permission.HANDLE_SERVICES, _("Needs"), "services:need_list", ()),
        (Permission.HANDLE_SERVICES, _("Term rounds"), "services:round_list", ()),
        (None, _("Enrolments"), "services:enrolment_list", ("runs/",)),
        (Permission.HANDLE_SERVICES, _("Agreements"), "services:agreement_list", ("settlements/",)),
        (Permission.HANDLE_SERVICES, _("Use"), "services:use_figures", ()),
    ),
}
WORKS_THERE = {"services": (Permission.HANDLE_SERVICES, Permission.GUIDE_CLIENTS)}


@dataclass(frozen=True)
class SectionPlace:
    """`current` is the value of aria-current: the page itself, or one below it."""

    label: str
    url: str
    current: str


def section_places(request: HttpRequest, acting: Acting) -> list[SectionPlace]:
    """Empty for visitors and for those whose work is elsewhere: to them a part of the portal is its first page."""
    namespace = request.resolver_match.namespace if request.resolver_match else ""
    if not any(may(acting, permission) for permission in WORKS_THERE.get(namespace, ())):
        return []
    start = address(SECTIONS[namespace][0][2])
    shown = [(label, address(name), beginnings) for permission, label, name, beginnings in SECTIONS[namespace] if permission is None or may(acting, permission)]
    below = {start + beginning: url for _label, url, beginnings in shown for beginning in beginnings} | {url: url for _label, url, _beginnings in shown}
    # The longest address wins, as among the main places.
    here = below[max((one for one in below if request.path.startswith(one)), key=len, default=start)]
    return [SectionPlace(label, url, "" if url != here else "page" if url == request.path else "true") for label, url, _beginnings in shown]
