"""Invented people around the demo's clients: colleagues who cannot sign in, and second factors for those who can.

Works where DEMO is set only; the callers see to that.
"""
import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.db.models import Q

from accounts.models import User
from guidance.choices import Part
from guidance.loading.demo_rows import World
from guidance.models import Absence, Partnership
from pilots.choices import PERMISSIONS, SECOND_FACTOR_PERMISSIONS, Role
from pilots.loading.demo_people import PASSWORD
from pilots.models import Membership

LEAD, SUBSTITUTE = "kumppanuus@example.org", "kumppanuuden-sijainen@example.org"
GUIDING_ROLES = [role for role, permissions in PERMISSIONS.items() if permissions & SECOND_FACTOR_PERMISSIONS]


@dataclass(frozen=True)
class Colleagues:
    part: str
    name: str
    address: str
    count: int


# Enough of them that each of the people who sign in has a caseload of an ordinary size.
COLLEAGUES = [
    Colleagues(Part.EMPLOYMENT, "Demo Työllisyysohjaaja", "tyollisyysohjaaja", 27),
    Colleagues(Part.COLLEGE, "Demo Opinto-ohjaaja", "opinto-ohjaaja", 11),
    Colleagues(Part.TE, "Demo TE-asiantuntija", "te-asiantuntija", 2),
]


def make_people(partnership: Partnership, *, now: datetime) -> None:
    """The lead's substitute, who can sign in, and the colleagues, who cannot; those who are there stay as they are."""
    bodies = {part.part: part.organisation for part in partnership.parts.select_related("organisation")}
    wanted = [(SUBSTITUTE, "Demo Kumppanuuden Sijainen", Role.PARTNERSHIP_LEAD, partnership.process_organisation, PASSWORD)]
    for kind in COLLEAGUES:
        wanted += [(f"{kind.address}-{number:02}@example.org", f"{kind.name} {number}", Role.COUNSELLOR, bodies[kind.part], None) for number in range(1, kind.count + 1)]
    there = set(User.objects.filter(email__in=[one[0] for one in wanted]).values_list("email", flat=True))
    missing = [one for one in wanted if one[0] not in there]
    users = User.objects.bulk_create(User(email=email, name=name, language="fi", password=make_password(password), is_demo=True, date_joined=now) for email, name, _role, _body, password in missing)
    Membership.objects.bulk_create(Membership(user=user, organisation=body, role=role, started_at=now) for user, (_email, _name, role, body, _password) in zip(users, missing, strict=True))
    EmailAddress.objects.bulk_create(EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users if user.has_usable_password())


def guides(partnership: Partnership) -> dict[str, list[Membership]]:
    """The demo's active people of each part who may guide, in a fixed order."""
    found: dict[str, list[Membership]] = {}
    people = Membership.objects.active().filter(user__is_demo=True, user__is_active=True, role__in=GUIDING_ROLES).order_by("user__email")
    for part in partnership.parts.all():
        found[part.part] = [person for person in people if person.organisation_id == part.organisation_id]
    return found


def open_with_demo_values(partnership: Partnership, *, opened_at: datetime) -> None:
    """What a real partnership agrees and assesses before it opens, filled in with values that say they are the demo's."""
    if partnership.opened_at:
        return
    # The source does not say as what they act; without an answer a client's consent would be their only basis.
    partnership.parts.update(acts_as_authority=True)
    leading = Membership.objects.active().filter(organisation=partnership.process_organisation, role=Role.PARTNERSHIP_LEAD)
    partnership.lead = leading.get(user__email=LEAD)
    partnership.substitute = leading.filter(user__email=SUBSTITUTE).first()
    partnership.roles_agreement = "Demo: keksitty sopimus rooleista"
    partnership.roles_agreed_on = opened_at.date()
    partnership.dpia_reference = "Demo: keksitty vaikutustenarviointi"
    partnership.opened_at = opened_at
    partnership.full_clean(exclude=["loaded"])
    partnership.save()


def let_some_be_away(world: World) -> None:
    """One in seven has been away, is away today, or will be, and the colleague before them stands in."""
    today = world.until.date()
    absences = []
    for people in world.people.values():
        for place in range(3, len(people), 7):
            begins = today + timedelta(days=(-40, -3, 12)[place // 7 % 3])
            absences.append(Absence(membership=people[place], substitute=people[place - 1], starts_on=begins, ends_on=begins + timedelta(days=13)))
    Absence.objects.bulk_create(absences)


def give_second_factors() -> None:
    """A real one-time code for each demo person who signs in and can see clients, stored as the sign-in stores it."""
    without = ~Q(pk__in=Authenticator.objects.filter(type=Authenticator.Type.TOTP).values("user"))
    people = User.objects.filter(without, is_demo=True, is_active=True, memberships__role__in=GUIDING_ROLES, memberships__ended_at=None)
    for user in people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).distinct():
        TOTP.activate(user, one_time_secret(user.email))


def with_second_factor() -> list[str]:
    """The addresses of the demo people who have one and work."""
    return list(Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__is_demo=True, user__is_active=True, user__client_account=None).order_by("user__email").values_list("user__email", flat=True))


def one_time_secret(email: str) -> str:
    """The same for this copy of the demo, and another one for every other copy."""
    return base64.b32encode(hmac.digest(settings.SECRET_KEY.encode(), f"demo second factor {email}".encode(), "sha256")[:20]).decode()
