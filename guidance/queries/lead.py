"""What a partnership's lead follows up: pseudonyms, stages, organisations and days; no name of a client."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from guidance.choices import LadderStep, Stage
from guidance.models import CheckRun, Handoff, Partnership, Pathway
from pilots.choices import PERMISSIONS, Permission
from pilots.models import Membership

HANDOFFS, STALE, CHECK = "handoffs", "stale", "check"
LEADING_ROLES = [role for role, permissions in PERMISSIONS.items() if Permission.LEAD_PARTNERSHIP in permissions]


def silent_handoffs(partnership: Partnership) -> QuerySet[Handoff]:
    """Open hand-offs on the last step of the ladder."""
    return Handoff.objects.open().filter(pathway__partnership=partnership, ladder_step=LadderStep.LEAD)


def stale_pathways(partnership: Partnership, now: datetime) -> QuerySet[Pathway]:
    return Pathway.objects.open().filter(partnership=partnership, last_event_at__lt=now - timedelta(days=partnership.stale_after))


def possible_leads(partnership: Partnership) -> QuerySet[Membership]:
    people = Membership.objects.active().filter(organisation=partnership.process_organisation_id, role__in=LEADING_ROLES, user__is_active=True)
    return people.select_related("user", "organisation").order_by("user__name", "pk")


@dataclass(frozen=True)
class Broken:
    rule: str
    count: int
    rows: list[dict]


def last_check(partnership: Partnership) -> tuple[CheckRun | None, list[Broken]]:
    """The last run, and what it found in this partnership."""
    run = CheckRun.objects.first()
    if run is None:
        return None, []
    key = str(partnership.pk)
    return run, [
        Broken(finding["rule"], finding["counts"][key], [row | {"stage": Stage(row["stage"]).label} for row in finding["shown"] if row["partnership"] == partnership.pk])
        for finding in run.findings
        if key in finding["counts"]
    ]
