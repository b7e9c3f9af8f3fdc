"""What was decided about the people of an organisation, for those who manage them."""
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from pilots.choices import Role
from pilots.models import Invitation, Organisation

MOST_LOGGED = 100


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
    """What was decided about the people of the organisation, the latest first, under days. At most three queries."""
    words = _log_words()
    events = list(AuditEvent.objects.filter(organisation_id=organisation.pk, verb__in=words).order_by("-id")[:MOST_LOGGED])
    people = User.objects.in_bulk({pk for event in events for pk in (event.actor_id, event.detail.get("user")) if pk})
    invited = [event.target_id for event in events if event.verb.startswith("invitation.")]
    addresses = {str(pk): email for pk, email in Invitation.objects.filter(pk__in=invited).values_list("pk", "email")}
    days: dict[date, list[LogEvent]] = {}
    for event in events:
        at = timezone.localtime(event.at)
        symbol, kind = words[event.verb]
        actor = people.get(event.actor_id) if event.actor_id else None
        who = str(actor) if actor else _("Automatically")
        days.setdefault(at.date(), []).append(LogEvent(symbol, kind, _about(event, people, addresses), at, who))
    return [LogDay(day, lines) for day, lines in days.items()]


def _about(event: AuditEvent, people: dict[int, User], addresses: dict[str, str]) -> str:
    """Whom it is about, where that is not the one who did it: the person or the invited address; and the role."""
    person = people.get(event.detail.get("user", 0))
    role = dict(Role.choices).get(event.detail.get("role", ""), "")
    invited = addresses.get(event.target_id, "") if event.verb.startswith("invitation.") else ""
    parts = [str(person) if person and person.pk != event.actor_id else "", invited, str(role)]
    return ", ".join(part for part in parts if part)
