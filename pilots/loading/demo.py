"""Invented people to try the portal with, and their removal. The network itself is real and not touched."""
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db import models, transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from accounts.models import PortalSession, User
from pilots.choices import MembershipEnd
from pilots.loading.demo_models import remove_demo_models
from pilots.loading.demo_people import ASKS, CONTACTS, INVITED, PASSWORD, PEOPLE, TITLES, Asks, Invited
from pilots.models import AreaMembership, Contact, CooperationModel, Invitation, JoinRequest, Membership, Organisation, PilotArea, Unit

INVENTED = Q(name__startswith="Demo ") | Q(email__endswith="@example.org")


class DemoRefused(Exception):
    """Why demo people cannot be loaded here, as a sentence."""


@dataclass(frozen=True)
class Loaded:
    people: int
    contacts: int
    invitations: int
    requests: int


@dataclass(frozen=True)
class Removed:
    people: int
    # Signed-out, unnamed and closed, because something kept for good points to them.
    closed: int
    contacts: int
    invitations: int


@transaction.atomic
def load_demo(*, now: datetime) -> Loaded:
    """Create the demo people, contact people, invitations and the request that are not there yet.

    What is there stays as it is: a demo person whose membership somebody ended is not brought back.
    Raises DemoRefused when the network is not loaded, and for an address that a real person has.
    """
    bodies = _by_slug(Organisation)
    areas = _by_slug(PilotArea)
    places = {"organisation": bodies, "area": areas, "unit": _by_slug(Unit)}
    _check_named([(post.organisation, bodies) for person in PEOPLE for post in person.posts])
    _check_named([(post.area, areas) for person in PEOPLE for post in person.posts if post.area])
    _check_named([(one.slug, places[one.kind]) for one in CONTACTS])
    people = _create_people(now, bodies, areas)
    users = User.objects.in_bulk([person.email for person in PEOPLE], field_name="email")
    return Loaded(
        people=people,
        contacts=_create_contacts(now, places),
        invitations=sum(_invite(one, now, bodies, users) for one in INVITED),
        requests=sum(_ask(one, now, bodies, users) for one in ASKS),
    )


def _by_slug(model: type[models.Model]) -> dict[str, models.Model]:
    return {obj.slug: obj for obj in model._default_manager.all()}


def _check_named(names: list[tuple[str, dict]]) -> None:
    for name, known in names:
        if name not in known:
            raise DemoRefused(f"Run load_network first: “{name}” is not loaded.")


def _create_people(now: datetime, bodies: dict, areas: dict) -> int:
    there = User.objects.in_bulk([person.email for person in PEOPLE], field_name="email")
    for user in there.values():
        if not user.is_demo:
            raise DemoRefused(f"{user.email} belongs to a person who is not a demo person.")
    missing = [person for person in PEOPLE if person.email not in there]
    if not missing:
        return 0
    # One hash for all: they share the password anyway, and hashing is slow by design.
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(email=person.email, name=person.name, language=person.language, password=password, is_demo=True, date_joined=now) for person in missing
    )
    EmailAddress.objects.bulk_create(EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users)
    Membership.objects.bulk_create(
        Membership(user=user, organisation=bodies[post.organisation], role=post.role, area=areas.get(post.area), started_at=now)
        for user, person in zip(users, missing, strict=True)
        for post in person.posts
    )
    return len(users)


def _create_contacts(now: datetime, places: dict[str, dict]) -> int:
    today = timezone.localtime(now).date()
    # Ended ones and renamed ones count as there; the address is what tells them apart.
    there = set(Contact.history.filter(is_demo=True).values_list("email", flat=True))
    number = created = 0
    for one in CONTACTS:
        for task, languages, days in one.tasks:
            number += 1
            email = f"yhteyshenkilo{number}@example.org"
            if email in there:
                continue
            title_fi, title_sv = TITLES[task]
            Contact.objects.create(
                **{one.kind: places[one.kind][one.slug]},
                name=f"Demo Kontaktperson {number}" if languages.startswith("s") else f"Demo Yhteyshenkilö {number}",
                title_fi=title_fi,
                title_sv=title_sv,
                task=task,
                speaks_finnish="f" in languages,
                speaks_swedish="s" in languages,
                speaks_english="e" in languages,
                email=email,
                # Every third has no telephone; no number begins with three zeros.
                phone="" if number % 3 == 0 else f"000 123 {number:04d}",
                confirmed_on=today - timedelta(days=days),
                is_demo=True,
            )
            created += 1
    return created


def _invite(one: Invited, now: datetime, bodies: dict, users: dict[str, User]) -> int:
    by = users[one.by]
    if Invitation.objects.filter(email=one.email, created_by__is_demo=True).exists():
        return 0
    sent = now - timedelta(days=one.sent_days_ago)
    Invitation.objects.create(
        organisation=bodies[one.organisation],
        email=one.email,
        role=one.role,
        language=one.language,
        # Not a secret by itself: the link is signed.
        nonce=hashlib.sha256(one.email.encode()).hexdigest()[:32],
        created_at=sent,
        created_by=by,
        sent_at=sent,
        expires_at=sent + settings.INVITATION_VALID_FOR,
    )
    return 1


def _ask(one: Asks, now: datetime, bodies: dict, users: dict[str, User]) -> int:
    user = users[one.email]
    if user.join_requests.exists():
        return 0
    JoinRequest.objects.create(user=user, organisation=bodies[one.organisation], role=one.role, message=one.message, created_at=now - timedelta(days=one.days_ago))
    return 1


def sign_ins() -> list[tuple[str, str, str]]:
    """Address, role and organisation of each demo person who can sign in, for the terminal; one row for each membership."""
    rows = []
    users = User.objects.filter(is_demo=True, is_active=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).order_by("pk").prefetch_related("memberships__organisation", "memberships__area")
    for user in users:
        posts = [one for one in user.memberships.all() if one.ended_at is None]
        rows += [(user.email, one.get_role_display() + (f" ({one.area.name_fi})" if one.area else ""), one.organisation.name_fi) for one in posts]
        if not posts:
            rows.append((user.email, "no membership", "-"))
    return rows


@transaction.atomic
def remove_demo(*, now: datetime) -> Removed:
    """Remove what load_demo made: contact people with their history, invitations, requests, memberships, people.

    A demo person who did something that the portal keeps (ended a real person's membership, invited one,
    changed an area) cannot be deleted without forgetting that somebody did it: such a person loses name,
    address, password and memberships, and the row stays.
    """
    remove_demo_models()
    # Somebody has written a real person into a demo row: it is theirs now.
    Contact.objects.filter(is_demo=True).exclude(INVENTED).update(is_demo=False)
    contacts = list(Contact.objects.filter(is_demo=True).values_list("pk", flat=True))
    Contact.objects.filter(pk__in=contacts).delete()
    Contact.history.filter(is_demo=True).exclude(id__in=Contact.objects.values("pk")).delete()
    invitations, _ = Invitation.objects.filter(email__in=[one.email for one in INVITED], created_by__is_demo=True).delete()
    users = list(User.objects.filter(is_demo=True))
    JoinRequest.objects.filter(user__in=users).delete()
    deleted = [_remove_person(user, now) for user in users]
    return Removed(people=sum(deleted), closed=len(deleted) - sum(deleted), contacts=len(contacts), invitations=invitations)


def _remove_person(user: User, now: datetime) -> bool:
    """Whether the row could go; otherwise the person is closed and unnamed."""
    PortalSession.objects.filter(user_id=user.pk).delete()
    for membership in user.memberships.all():
        try:
            with transaction.atomic():
                membership.delete()
        except ProtectedError:
            Membership.objects.filter(pk=membership.pk, ended_at=None).update(ended_at=now, end_reason=MembershipEnd.ENDED)
    if not any(model.history.filter(history_user=user).exists() for model in (PilotArea, AreaMembership, Contact, CooperationModel)):
        try:
            with transaction.atomic():
                user.delete()
            return True
        except ProtectedError:
            pass
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.name, user.email, user.is_active = "", f"removed-{user.pk}@example.invalid", False
    user.set_unusable_password()
    user.save(update_fields=["name", "email", "is_active", "password"])
    return False
