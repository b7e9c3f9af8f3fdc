"""Memberships: how they begin, end and lapse."""
from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from accounts.models import User
from pilots.choices import CLIENT_ROLES, KUNTALIITTO_ROLES, MembershipEnd, Permission, Role
from pilots.models import Membership, Organisation, PilotArea
from pilots.permissions import may_end
from pilots.queries.people import administrators_of, portal_administrators
from pilots.registries import client_role_watchers, membership_end_guards


def lock_people_of(organisation_id: int) -> Organisation:
    """Whoever ends a membership of the organisation waits here, so that two cannot both leave it without an administrator.

    The row's key is left free: whoever only writes a row that names the organisation does not wait, nor deadlock.
    """
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation_id)


def portal_url(path: str) -> str:
    """An address for a mail: in the public name of the portal, whoever asked for it."""
    return f"{settings.PUBLIC_ORIGIN}{path}"


def start_membership(*, user: User, organisation: Organisation, role: str, area: PilotArea | None) -> Membership:
    """The person's membership; the one that exists already, if it does. Call it inside the action's transaction.

    Raises ValidationError where a role that sees clients would meet one of Kuntaliitto's in one person.
    """
    same = {"user": user, "organisation": organisation, "role": role, "area": area}
    # Held, so that two roles that must not meet do not begin at the same time.
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if existing := Membership.objects.active().filter(**same).first():
        return existing
    _keep_apart(user, role)
    membership = Membership(**same, started_at=timezone.now())
    membership.full_clean()
    try:
        with transaction.atomic():
            membership.save()
    except IntegrityError:
        return Membership.objects.active().get(**same)
    if role in CLIENT_ROLES:
        _tell_of_client_role(membership)
    return membership


def _keep_apart(user: User, role: str) -> None:
    """Who looks after the whole network sees no client: the two never meet in one person."""
    apart = KUNTALIITTO_ROLES if role in CLIENT_ROLES else CLIENT_ROLES if role in KUNTALIITTO_ROLES else ()
    if apart and Membership.objects.active().filter(user=user, role__in=apart).exists():
        raise ValidationError({"role": _("A person of Kuntaliitto cannot have a role that sees clients, and the other way round. End the other role first.")})


def _tell_of_client_role(membership: Membership) -> None:
    """A role that sees clients never begins unseen."""
    people = [administrator.user for administrator in administrators_of(membership.organisation_id)]
    people += [person for watchers in client_role_watchers for person in watchers(membership)]
    for person in {person.pk: person for person in people if person.pk != membership.user_id}.values():
        notify(user_id=person.pk, kind="client_role_begun", page="pilots:people_of", arguments=[membership.organisation.slug], context={"membership": membership})


def forbid_giving_to_oneself(role: str, *, is_own: bool) -> None:
    """Whoever lets somebody see clients is never the same person."""
    if is_own and role in CLIENT_ROLES:
        raise ValidationError({"role": _("You cannot give yourself a role that sees clients. Ask another administrator of the organisation to give it to you.")})


@transaction.atomic
def appoint_portal_administrator(*, by: User | None, user: User, kuntaliitto: Organisation) -> Membership:
    """For whoever runs the server: the first administrator has nobody to be invited by, and the last may be out of reach."""
    membership = start_membership(user=user, organisation=kuntaliitto, role=Role.PORTAL_ADMINISTRATOR, area=None)
    detail = {"user": user.pk, "role": membership.role}
    record_event(by=by, verb="membership.appointed", target=membership, organisation_id=kuntaliitto.pk, detail=detail)
    return membership


@transaction.atomic
def end_membership(
    *, by: User | None, membership: Membership, reason: MembershipEnd, acting: Membership | None = None, message: str = "", now: datetime | None = None
) -> Membership:
    """End a membership ; the row stays. The person gets a mail unless they left themselves.

    ENDED asks for the membership that `by` acts for, LEFT is for one's own, and LAPSED for nobody (`by=None`).
    `message` goes into the mail only. Raises ValidationError when `by` may not end it, when it has ended already,
    and when a guard of `membership_end_guards` says what must be done first.
    """
    now = now or timezone.now()
    lock_people_of(membership.organisation_id)
    membership = Membership.objects.select_for_update(of=("self",), no_key=True).select_related("user", "organisation", "area").get(pk=membership.pk)
    if membership.ended_at:
        raise ValidationError(_("This membership has already ended."))
    allowed = {
        MembershipEnd.ENDED: may_end(acting, membership),
        MembershipEnd.LEFT: by is not None and by.pk == membership.user_id,
        MembershipEnd.LAPSED: by is None,
    }
    if not allowed[reason]:
        raise ValidationError(_("You cannot end this membership."))
    for guard in membership_end_guards:
        guard(membership)
    membership.ended_at, membership.ended_by, membership.end_reason = now, by, reason
    membership.save(update_fields=["ended_at", "ended_by", "end_reason"])
    record_event(
        by=by,
        verb=f"membership.{MembershipEnd(reason).value}",
        target=membership,
        organisation_id=membership.organisation_id,
        detail={"user": membership.user_id, "role": membership.role},
    )
    tell = partial(notify, user_id=membership.user_id, page="account", now=now)
    if reason == MembershipEnd.ENDED:
        tell(kind="membership_ended", context={"membership": membership, "message": message.strip()})
    elif reason == MembershipEnd.LAPSED:
        tell(kind="membership_lapsed", context={"membership": membership})
    return membership


def keep_an_administrator(membership: Membership) -> None:
    """A guard: an organisation keeps somebody who manages its people, and the portal somebody who manages all.

    Counted under the lock of `lock_people_of`.
    """
    if membership.may(Permission.MANAGE_ALL_PEOPLE) and not portal_administrators().exclude(pk=membership.pk).exists():
        raise ValidationError(_("This is the portal's last administrator. Give the role to somebody else first."))
    others = administrators_of(membership.organisation_id).exclude(pk=membership.pk)
    if membership.may(Permission.MANAGE_PEOPLE) and not others.exists():
        raise ValidationError(_("This is the organisation's last administrator. Give the role to somebody else first."))


@transaction.atomic
def switch_membership(*, by: User, leaving: Membership | None, to: Membership) -> Membership:
    """Act for another membership from now on. Both count as used now, for the session remembers one only.

    Raises ValidationError when the membership is not one's own or has ended.
    """
    now = timezone.now()
    chosen = Membership.objects.active().filter(pk=to.pk, user=by).first()
    if chosen is None:
        raise ValidationError(_("This membership has ended. Choose another one."))
    used = [chosen.pk] + ([leaving.pk] if leaving else [])
    Membership.objects.active().filter(pk__in=used, user=by).update(last_used_at=now, warned_at=None)
    return chosen


def role_problem(role: str, area: PilotArea | None, *, roles: list[Role], areas) -> None:
    """Raises ValidationError, by field, unless the role is one of `roles` and the area fits it."""
    if role not in roles:
        raise ValidationError({"role": _("This role cannot be given here. Choose another one.")})
    if role == Role.AREA_COORDINATOR and area is None:
        raise ValidationError({"area": _("Choose the pilot area that the coordinator looks after.")})
    if role != Role.AREA_COORDINATOR and area is not None:
        raise ValidationError({"area": _("Only a coordinator has a pilot area. Leave this empty.")})
    if area is not None and not areas.filter(pk=area.pk).exists():
        raise ValidationError({"area": _("The organisation takes no part in this area. Choose another one.")})
