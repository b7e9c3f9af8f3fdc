"""Who belongs where, who asks to, and whose rights nobody uses."""
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import BouncedAddress, User
from pilots.choices import Permission
from pilots.models import Invitation, JoinRequest, Membership, Organisation
from pilots.models.base import sort_field
from pilots.queries.roles import roles_with
from pilots.words import matching

MOST_SHOWN = 500
MOST_ENDED = 100
MOST_FOUND = 20
LAST_USED = Coalesce(F("last_used_at"), F("started_at"))


def administrators_of(organisation_id: int) -> QuerySet[Membership]:
    """Active memberships that may manage the people of the organisation, of people who can sign in."""
    roles = roles_with(Permission.MANAGE_PEOPLE)
    return Membership.objects.active().filter(organisation_id=organisation_id, role__in=roles, user__is_active=True).select_related("user")


def portal_administrators() -> QuerySet[Membership]:
    roles = roles_with(Permission.MANAGE_ALL_PEOPLE)
    return Membership.objects.active().filter(role__in=roles, user__is_active=True).select_related("user").order_by("id")


def deciders_for(organisation_id: int) -> list[User]:
    """Who decides for the organisation: its administrators, or the portal's where it has none; each person once."""
    memberships = administrators_of(organisation_id) or portal_administrators()
    return list({membership.user_id: membership.user for membership in memberships}.values())


def members_of(organisation: Organisation) -> list[Membership]:
    """With `mails_bounce`: whether mails to the person's address come back."""
    bounced = BouncedAddress.objects.filter(email=OuterRef("user__email"))
    rows = Membership.objects.active().filter(organisation=organisation).annotate(mails_bounce=Exists(bounced))
    return list(rows.select_related("user", "organisation", "area").order_by("user__name", "id")[:MOST_SHOWN])


def ended_members_of(organisation: Organisation) -> list[Membership]:
    ended = Membership.objects.filter(organisation=organisation, ended_at__isnull=False)
    return list(ended.select_related("user", "area", "ended_by").order_by("-ended_at", "-id")[:MOST_ENDED])


def invitations_of(organisation: Organisation) -> list[Invitation]:
    """Open ones, the latest first; `is_expired` says whether the link still works."""
    expired = Q(expires_at__lte=timezone.now())
    rows = Invitation.objects.open().filter(organisation=organisation).select_related("area", "created_by")
    return list(rows.annotate(is_expired=Q(expired)).order_by("-sent_at", "-id")[:MOST_SHOWN])


def join_requests_of(organisation: Organisation) -> list[JoinRequest]:
    return list(JoinRequest.objects.open().filter(organisation=organisation).select_related("user", "area")[:MOST_SHOWN])


def own_join_requests(user: User) -> list[JoinRequest]:
    return list(JoinRequest.objects.open().filter(user=user).select_related("organisation", "area")[:MOST_FOUND])


def has_asked_today(user: User, organisation: Organisation) -> bool:
    """Whether the person has asked to join the organisation since midnight, whatever came of it."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return JoinRequest.objects.filter(user=user, organisation=organisation, created_at__gte=midnight).exists()


def find_organisations(text: str) -> list[Organisation]:
    """The first organisations that match; none for an empty text."""
    if not text.strip():
        return []
    return list(Organisation.objects.filter(matching(text)).order_by(sort_field())[:MOST_FOUND])


def unused_to_warn(now: datetime) -> QuerySet[Membership]:
    return Membership.objects.active().annotate(used=LAST_USED).filter(used__lte=now - settings.MEMBERSHIP_WARN_AFTER, warned_at=None)


def unused_to_lapse(now: datetime) -> QuerySet[Membership]:
    """Unused for so long, and warned long enough before."""
    notice = settings.MEMBERSHIP_LAPSE_AFTER - settings.MEMBERSHIP_WARN_AFTER
    unused = Membership.objects.active().annotate(used=LAST_USED).filter(used__lte=now - settings.MEMBERSHIP_LAPSE_AFTER)
    return unused.filter(warned_at__lte=now - notice)
