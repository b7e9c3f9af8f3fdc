"""Who belongs where, what waits for a decision, and which roles and areas may be given."""
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core import signing
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import AuditEvent, User
from pilots.choices import KUNTALIITTO_ROLES, PERMISSIONS, Permission, Role
from pilots.models import Invitation, JoinRequest, Membership, Organisation, PilotArea
from pilots.models.base import sort_field
from pilots.permissions import Acting, may, may_manage_people
from pilots.words import matching

# The one organisation whose people look after the whole network.
KUNTALIITTO = "kuntaliitto"
INVITATION_SALT = "pilots.invitation"
MOST_SHOWN = 500
MOST_LOGGED = 100
MOST_FOUND = 20


def roles_with(permission: Permission) -> list[str]:
    return [role for role, permissions in PERMISSIONS.items() if permission in permissions]


# Roles -----------------------------------------------------------------------------------------


def roles_at(organisation: Organisation) -> list[Role]:
    """The roles that people of this organisation can have: Kuntaliitto's own only at Kuntaliitto."""
    return [role for role in Role if role not in KUNTALIITTO_ROLES or organisation.slug == KUNTALIITTO]


def assignable_roles(acting: Acting, organisation: Organisation) -> list[Role]:
    """The roles that `acting` may give there; rights over every organisation are given only by one who has them."""
    if not may_manage_people(acting, organisation):
        return []
    everywhere = roles_with(Permission.MANAGE_ALL_PEOPLE)
    return [role for role in roles_at(organisation) if role not in everywhere or may(acting, Permission.MANAGE_ALL_PEOPLE)]


def areas_of(organisation: Organisation) -> QuerySet[PilotArea]:
    """The areas that the organisation takes or took part in, itself or by a unit; Kuntaliitto's people may coordinate any."""
    areas = PilotArea.objects.order_by(sort_field())
    if organisation.slug == KUNTALIITTO:
        return areas
    takes_part = Q(memberships__organisation=organisation) | Q(memberships__unit__owner=organisation) | Q(memberships__unit__co_hosts=organisation)
    return areas.filter(pk__in=PilotArea.objects.filter(takes_part).values("pk"))


def assignable_areas(acting: Acting, organisation: Organisation) -> QuerySet[PilotArea]:
    """The areas whose coordinator `acting` may name there; the portal's administrator names one for any area."""
    if may(acting, Permission.MANAGE_ALL_PEOPLE):
        return PilotArea.objects.order_by(sort_field())
    return areas_of(organisation)


def may_end(acting: Acting, membership: Membership) -> bool:
    """Whether `acting` may end it; rights over every organisation are ended only by one who has them."""
    if may(acting, Permission.MANAGE_ALL_PEOPLE):
        return True
    return may_manage_people(acting, membership.organisation) and not membership.may(Permission.MANAGE_ALL_PEOPLE)


# Lists -----------------------------------------------------------------------------------------


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
    return list(Membership.objects.active().filter(organisation=organisation).select_related("user", "organisation", "area").order_by("user__name", "id")[:MOST_SHOWN])


def ended_members_of(organisation: Organisation) -> list[Membership]:
    ended = Membership.objects.filter(organisation=organisation, ended_at__isnull=False)
    return list(ended.select_related("user", "area", "ended_by").order_by("-ended_at", "-id")[:MOST_LOGGED])


def invitations_of(organisation: Organisation) -> list[Invitation]:
    """Open ones, the latest first; `is_expired` says whether the link still works."""
    expired = Q(expires_at__lte=timezone.now())
    rows = Invitation.objects.open().filter(organisation=organisation).select_related("area", "created_by")
    return list(rows.annotate(is_expired=Q(expired)).order_by("-sent_at", "-id")[:MOST_SHOWN])


def join_requests_of(organisation: Organisation) -> list[JoinRequest]:
    return list(JoinRequest.objects.open().filter(organisation=organisation).select_related("user", "area")[:MOST_SHOWN])


def own_join_requests(user: User) -> list[JoinRequest]:
    return list(JoinRequest.objects.open().filter(user=user).select_related("organisation", "area")[:MOST_FOUND])


def organisations_waiting(acting: Acting) -> list[Organisation]:
    """Other organisations with requests that only `acting` can decide, with `count`."""
    rows = Organisation.objects.filter(join_requests__in=requests_to_decide(acting)).exclude(pk=acting.organisation_id)
    return list(rows.annotate(count=Count("join_requests")).order_by(sort_field())[:MOST_FOUND])


def find_organisations(text: str) -> list[Organisation]:
    """The first organisations that match; none for an empty text."""
    if not text.strip():
        return []
    return list(Organisation.objects.filter(matching(text)).order_by(sort_field())[:MOST_FOUND])


# The log ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LogEvent:
    """One line of components/timeline.html."""

    icon: str
    kind: str
    text: str
    time: datetime
    who: str
    organisation: str = ""


@dataclass(frozen=True)
class LogDay:
    day: date
    events: list[LogEvent]


def _log_words() -> dict[str, tuple[str, str]]:
    return {
        "invitation.sent": ("mail-sent", _("Invitation sent")),
        "invitation.resent": ("mail-sent", _("Invitation sent again")),
        "invitation.withdrawn": ("remove", _("Invitation withdrawn")),
        "invitation.accepted": ("joined", _("Invitation accepted")),
        "join.asked": ("waiting", _("Request to join")),
        "join.accepted": ("joined", _("Request accepted")),
        "join.declined": ("remove", _("Request declined")),
        "join.withdrawn": ("remove", _("Request withdrawn")),
        "membership.ended": ("left", _("Membership ended")),
        "membership.left": ("left", _("Left the organisation")),
        "membership.lapsed": ("old", _("Rights lapsed, unused for a year")),
        "membership.warned": ("old", _("Warned of rights unused for eleven months")),
        "membership.lapse_refused": ("danger", _("Rights unused for a year, but could not lapse")),
    }


def decision_log(organisation: Organisation) -> list[LogDay]:
    """What was decided about the people of the organisation, the latest first, under days. Two queries."""
    words = _log_words()
    events = list(AuditEvent.objects.filter(organisation_id=organisation.pk, verb__in=words).order_by("-id")[:MOST_LOGGED])
    people = User.objects.in_bulk({pk for event in events for pk in (event.actor_id, event.detail.get("user")) if pk})
    days: dict[date, list[LogEvent]] = {}
    for event in events:
        at = timezone.localtime(event.at)
        symbol, kind = words[event.verb]
        actor = people.get(event.actor_id) if event.actor_id else None
        who = str(actor) if actor else _("Automatically")
        days.setdefault(at.date(), []).append(LogEvent(symbol, kind, _about(event, people), at, who))
    return [LogDay(day, lines) for day, lines in days.items()]


def _about(event: AuditEvent, people: dict[int, User]) -> str:
    """Whom it is about, where that is not the one who did it, and the role."""
    person = people.get(event.detail.get("user", 0))
    role = dict(Role.choices).get(event.detail.get("role", ""), "")
    parts = [str(person) if person and person.pk != event.actor_id else "", str(role)]
    return ", ".join(part for part in parts if part)


# Invitation links ------------------------------------------------------------------------------


def invitation_token(invitation: Invitation) -> str:
    return signing.dumps([invitation.pk, invitation.nonce], salt=INVITATION_SALT)


def find_invitation(token: str) -> Invitation | None:
    """The invitation of a link, whatever its state; None for a link that is not ours or was replaced by a later one."""
    try:
        pk, nonce = signing.loads(token, salt=INVITATION_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Invitation.objects.filter(pk=pk, nonce=nonce).select_related("organisation", "area", "created_by").first()


def has_account(email: str) -> bool:
    """Whether somebody signs in with the address, or will once it is confirmed."""
    return User.objects.filter(Q(email=email) | Q(emailaddress__email=email, emailaddress__verified=True)).exists()


def has_address(user: User, email: str) -> bool:
    """Whether the address is known to be the person's."""
    return user.emailaddress_set.filter(email=email.lower(), verified=True).exists()


# Waiting ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the reader; also a row of components/waiting_list.html."""

    label: str
    count: int
    url: str
    since: datetime
    action: str
    overdue: bool = False

    @property
    def what(self) -> str:
        return self.label


def requests_to_decide(acting: Acting) -> QuerySet[JoinRequest]:
    """Open requests that wait for `acting`: those to the own organisation, and for the portal's administrator those that nobody else can decide."""
    if not may(acting, Permission.MANAGE_PEOPLE):
        return JoinRequest.objects.none()
    mine = Q(organisation_id=acting.organisation_id)
    if may(acting, Permission.MANAGE_ALL_PEOPLE):
        roles = roles_with(Permission.MANAGE_PEOPLE)
        administrators = Membership.objects.active().filter(organisation=OuterRef("organisation"), role__in=roles, user__is_active=True)
        mine |= ~Q(Exists(administrators))
    return JoinRequest.objects.open().filter(mine)


def _waiting_rows(acting: Acting) -> list[tuple[str, int, datetime]]:
    """Kind, count and oldest of what waits, in one query."""
    if not may(acting, Permission.MANAGE_PEOPLE):
        return []
    expired = Invitation.objects.open().filter(organisation_id=acting.organisation_id, expires_at__lte=timezone.now())
    parts = [
        rows.order_by().values(kind=Value(kind)).annotate(count=Count("pk"), oldest=Min(field)).values_list("kind", "count", "oldest")
        for kind, rows, field in (("request", requests_to_decide(acting), "created_at"), ("invitation", expired, "expires_at"))
    ]
    # An aggregate over nothing is still a row.
    return sorted((row for row in parts[0].union(parts[1], all=True) if row[1]), key=lambda row: row[2])


def waiting_for(acting: Acting) -> list[Waiting]:
    """What waits for `acting` among people, the oldest first. One query, none without the permission."""
    url = reverse("pilots:people_list")
    waiting = []
    for kind, count, oldest in _waiting_rows(acting):
        if kind == "request":
            label = ngettext("%(count)d person asks to join", "%(count)d people ask to join", count) % {"count": count}
            waiting.append(Waiting(label, count, f"{url}#requests", oldest, _("Decide")))
        else:
            label = ngettext("%(count)d invitation has expired", "%(count)d invitations have expired", count) % {"count": count}
            waiting.append(Waiting(label, count, f"{url}#invitations", oldest, _("Send again or withdraw")))
    return waiting


def count_waiting(acting: Acting) -> int | None:
    """How many things wait for `acting`; None, without a query, for those to whom nothing can."""
    if not may(acting, Permission.MANAGE_PEOPLE):
        return None
    return sum(count for _kind, count, _oldest in _waiting_rows(acting))


# Rights that nobody uses -----------------------------------------------------------------------

LAST_USED = Coalesce(F("last_used_at"), F("started_at"))


def unused_to_warn(now: datetime) -> QuerySet[Membership]:
    return Membership.objects.active().annotate(used=LAST_USED).filter(used__lte=now - settings.MEMBERSHIP_WARN_AFTER, warned_at=None)


def unused_to_lapse(now: datetime) -> QuerySet[Membership]:
    """Unused for so long, and warned long enough before."""
    notice = settings.MEMBERSHIP_LAPSE_AFTER - settings.MEMBERSHIP_WARN_AFTER
    unused = Membership.objects.active().annotate(used=LAST_USED).filter(used__lte=now - settings.MEMBERSHIP_LAPSE_AFTER)
    return unused.filter(warned_at__lte=now - notice)
