"""What waits: for whoever manages people a decision, for a coordinator what has grown old in the own area."""
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pilots.choices import ObstacleStatus, Permission, ProposalStatus
from pilots.models import Invitation, JoinRequest, Membership, Obstacle, Organisation, PilotArea, Proposal
from pilots.models.base import sort_field
from pilots.models.contact import STALE_AFTER
from pilots.permissions import Acting, may
from pilots.queries.people import MOST_FOUND
from pilots.queries.roles import roles_with


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the reader; also a row of components/waiting_list.html."""

    what: str
    count: int
    url: str
    since: datetime | date
    action: str
    overdue: bool = False


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
            what = ngettext("%(count)d person asks to join", "%(count)d people ask to join", count) % {"count": count}
            waiting.append(Waiting(what, count, f"{url}#requests", oldest, _("Decide")))
        else:
            what = ngettext("%(count)d invitation has expired", "%(count)d invitations have expired", count) % {"count": count}
            waiting.append(Waiting(what, count, f"{url}#invitations", oldest, _("Send again or withdraw")))
    return waiting


def area_waiting(acting: Acting) -> list[Waiting]:
    """What has grown old in the coordinator's own area: contact people that nobody has confirmed for a year, texts past their day of checking.

    One query, none without the permission.
    """
    if not may(acting, Permission.EDIT_OWN_AREA) or acting.area_id is None:
        return []
    today = timezone.localdate()
    stale = Q(contacts__ended_on=None, contacts__confirmed_on__lt=today - STALE_AFTER)
    areas = PilotArea.objects.filter(pk=acting.area_id).order_by().values_list("slug", "check_by")
    waiting = []
    for slug, check_by, count, oldest in areas.annotate(count=Count("contacts", filter=stale), oldest=Min("contacts__confirmed_on", filter=stale)):
        url = reverse("pilots:area_edit", args=[slug])
        if count:
            what = ngettext("%(count)d contact person has not been confirmed for over a year", "%(count)d contact people have not been confirmed for over a year", count)
            waiting.append(Waiting(what % {"count": count}, count, f"{url}#contacts", oldest + STALE_AFTER, _("Check and confirm")))
        if check_by and check_by < today:
            waiting.append(Waiting(_("The day to check the area’s texts has passed"), 1, f"{url}#texts", check_by, _("Check the texts")))
    return sorted(waiting, key=lambda thing: thing.since)


def count_waiting(acting: Acting) -> int | None:
    """How many things wait for `acting`; None, without a query, for those to whom nothing can."""
    if not may(acting, Permission.MANAGE_PEOPLE):
        return None
    return sum(count for _kind, count, _oldest in _waiting_rows(acting))


def organisations_waiting(acting: Acting) -> list[Organisation]:
    """Other organisations with requests that only `acting` can decide, with `count`."""
    rows = Organisation.objects.filter(join_requests__in=requests_to_decide(acting)).exclude(pk=acting.organisation_id)
    return list(rows.annotate(count=Count("join_requests")).order_by(sort_field())[:MOST_FOUND])


def obstacles_waiting(acting: Acting) -> list[Waiting]:
    """For Kuntaliitto's staff obstacles that nobody has answered and proposals that nobody has handed over; for a coordinator the own area's that should be checked.

    Two queries for the staff, one for a coordinator, none for others.
    """
    waiting = []
    if may(acting, Permission.MODERATE):
        unanswered = Obstacle.objects.filter(status=ObstacleStatus.OPEN, answered_at=None, merged_into=None, published_at__isnull=False)
        made = Proposal.objects.filter(status=ProposalStatus.MADE)
        count, since = unanswered.aggregate(count=Count("pk"), since=Min("published_at")).values()
        if count:
            what = ngettext("%(count)d obstacle waits for an answer", "%(count)d obstacles wait for an answer", count) % {"count": count}
            waiting.append(Waiting(what, count, f"{reverse('pilots:obstacle_list')}?status=open&sort=newest", timezone.localdate(since), _("Read and answer")))
        count, since = made.aggregate(count=Count("pk"), since=Min("made_on")).values()
        if count:
            what = ngettext("%(count)d proposal waits to be handed over", "%(count)d proposals wait to be handed over", count) % {"count": count}
            waiting.append(Waiting(what, count, f"{reverse('pilots:proposal_list')}?status=made", since, _("Look and hand over")))
    if may(acting, Permission.EDIT_OWN_AREA):
        old = Obstacle.objects.filter(reported_by=acting.area_id, merged_into=None, check_by__lt=timezone.localdate()).exclude(status__in=[ObstacleStatus.REMOVED, ObstacleStatus.NOT_PURSUED])
        count, since = old.aggregate(count=Count("pk"), since=Min("check_by")).values()
        if count:
            what = ngettext("%(count)d obstacle of your area should have been checked", "%(count)d obstacles of your area should have been checked", count) % {"count": count}
            waiting.append(Waiting(what, count, f"{reverse('pilots:obstacle_list')}?area={acting.area.slug}", since, _("Check")))
    return sorted(waiting, key=lambda thing: thing.since)
