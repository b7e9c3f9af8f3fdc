"""What a coordinator may reach in the own area, and the bodies that can be found to join it."""
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from pilots.models import AreaMembership, Contact, Organisation, PilotArea, Unit
from pilots.models.base import sort_field
from pilots.permissions import Acting, may_edit_area
from pilots.queries.network import body_id, members_with_bodies, shown_as_members
from pilots.words import matching

MOST_MATCHES = 20
# What a coordinator writes.
AREA_FIELDS = (
    *("description_fi", "description_sv", "challenge_fi", "challenge_sv"),
    *("readiness_fi", "readiness_sv", "objectives_fi", "objectives_sv", "check_by"),
)
CONTACT_FIELDS = (
    *("task", "name", "title_fi", "title_sv", "speaks_finnish", "speaks_swedish", "speaks_english"),
    *("email", "phone", "confirmed_on"),
)

Body = Organisation | Unit


def get_area(slug: str) -> PilotArea:
    """Raises Http404."""
    area = PilotArea.objects.filter(slug=slug).select_related("round").first()
    if area is None:
        raise Http404
    return area


def get_area_to_edit(acting: Acting, slug: str) -> PilotArea:
    """Raises Http404 when there is no such area (areas are public), PermissionDenied when it is not one's own."""
    area = get_area(slug)
    if not may_edit_area(acting, area):
        raise PermissionDenied
    return area


def contacts_of(area: PilotArea) -> QuerySet[Contact]:
    """Contact people of today; those that have been ended are kept but no longer shown."""
    return Contact.objects.filter(area=area, ended_on=None)


def get_contact(area: PilotArea, pk: int) -> Contact:
    """A contact person of this very area, an ended one too. Raises Http404."""
    contact = Contact.objects.filter(area=area, pk=pk).first()
    if contact is None:
        raise Http404
    return contact


def members_to_end(area: PilotArea) -> list[AreaMembership]:
    return list(members_with_bodies().filter(shown_as_members(), area=area))


def get_member(area: PilotArea, pk: int) -> AreaMembership:
    """A membership of this very area, an ended one too. Raises Http404."""
    member = members_with_bodies().filter(area=area, pk=pk).first()
    if member is None:
        raise Http404
    return member


def organisations_in(members: list[AreaMembership]) -> list[Organisation]:
    """Organisations that others can take part through: the area's own members."""
    return [member.organisation for member in members if member.organisation]


@dataclass(frozen=True)
class Match:
    """A body that the search found, and whether it is in the area already."""

    code: str
    body: Body
    kind: str
    is_member: bool


def bodies_matching(text: str, members: list[AreaMembership]) -> tuple[list[Match], bool]:
    """At most twenty organisations and units by name, and whether there were more."""
    if not text.strip():
        return [], False
    present = {body_id(member) for member in members}
    found = [
        Match(f"organisation-{body.pk}", body, body.get_kind_display(), f"organisation-{body.pk}" in present)
        for body in Organisation.objects.filter(matching(text), Q(ended_on=None)).order_by(sort_field(), "pk")[: MOST_MATCHES + 1]
    ]
    found += [
        Match(f"unit-{body.pk}", body, _("%(kind)s of %(owner)s") % {"kind": body.get_kind_display(), "owner": body.owner.name}, f"unit-{body.pk}" in present)
        for body in Unit.objects.filter(matching(text)).select_related("owner").order_by(sort_field(), "pk")[: MOST_MATCHES + 1]
    ]
    return found[:MOST_MATCHES], len(found) > MOST_MATCHES


def body_of(code: str) -> Body | None:
    """The body that `organisation-12` or `unit-5` stands for."""
    kind, _dash, number = code.partition("-")
    if not (number.isascii() and number.isdecimal()) or len(number) > 18:
        return None
    if kind == "organisation":
        return Organisation.objects.filter(pk=int(number), ended_on=None).first()
    return Unit.objects.filter(pk=int(number)).first() if kind == "unit" else None
