"""One appointment as iCalendar (RFC 5545), for the worker's own calendar."""
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.models import NextStep, Pathway

USUAL_MINUTES = 60
LONGEST_LINE = 75


def appointment_calendar(pathway: Pathway, step: NextStep, address: str) -> bytes:
    """The pseudonym and the way back to the page: whoever reads another's calendar learns neither who nor where."""
    ends_at = step.starts_at + timedelta(minutes=step.minutes or USUAL_MINUTES)
    summary = _("Appointment %(pseudonym)s") % {"pseudonym": pathway.pseudonym}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//KOPA//Guidance//FI",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{step.token}@kopa",
        f"DTSTAMP:{_utc(timezone.now())}",
        f"DTSTART:{_utc(step.starts_at)}",
        f"DTEND:{_utc(ends_at)}",
        f"SUMMARY:{_escaped(summary)}",
        f"URL:{address}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> str:
    """At most 75 octets a line; a line that goes on begins with a space. Never cut inside a character."""
    parts, part = [], ""
    for character in line:
        if len((part + character).encode()) > LONGEST_LINE - bool(parts):
            parts.append(part)
            part = ""
        part += character
    return "\r\n ".join([*parts, part])
