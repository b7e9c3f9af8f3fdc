"""What a partnership's lead follows up: pseudonyms, stages, organisations and days; no name of a client."""
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from accounts.models import AuditEvent, SealCheck, User
from guidance.choices import EntryKind, LadderStep, Stage
from guidance.models import CheckRun, ClientEntry, Handoff, Partnership, Pathway
from pilots.choices import PERMISSIONS, Permission
from pilots.models import Membership

# The verb of the audit log by which a reminder of the lead's is known.
REMINDED_BY_LEAD = "handoff_reminded"
HANDOFFS, STALE, CHECK, NOT_CALLED = "handoffs", "stale", "check", "not-called"
# Of the whole portal and of no client: every lead is told.
LOG_NOT_AS_SEALED = "log_not_as_sealed"
LEADING_ROLES = [role for role, permissions in PERMISSIONS.items() if Permission.LEAD_PARTNERSHIP in permissions]


def silent_handoffs(partnership: Partnership) -> QuerySet[Handoff]:
    """Open hand-offs on the last step of the ladder."""
    return Handoff.objects.open().filter(pathway__partnership=partnership, ladder_step=LadderStep.LEAD)


def with_people(handoffs: QuerySet[Handoff]) -> QuerySet[Handoff]:
    """With whom to talk on both sides, and when the lead last reminded (`reminded_at`)."""
    reminders = _reminders(Cast(OuterRef("pk"), CharField())).values("at")[:1]
    return handoffs.select_related("pathway", "from_organisation", "to_organisation", "from_person__user", "to_person__user", "answered_by__user").annotate(reminded_at=Subquery(reminders))


def last_reminder(handoff: Handoff) -> datetime | None:
    return _reminders(str(handoff.pk)).values_list("at", flat=True).first()


def _reminders(handoff_id) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(target_kind=Handoff._meta.model_name, target_id=handoff_id, verb=REMINDED_BY_LEAD).order_by("-id")


def stale_pathways(partnership: Partnership, now: datetime) -> QuerySet[Pathway]:
    return Pathway.objects.open().filter(partnership=partnership, last_event_at__lt=now - timedelta(days=partnership.stale_after))


def not_called(partnership: Partnership) -> QuerySet[ClientEntry]:
    """Clients who say that nobody has contacted them, and have no answer."""
    return ClientEntry.objects.unanswered().filter(pathway__partnership=partnership, pathway__closed_at=None, kind=EntryKind.NOT_CONTACTED)


def possible_leads(partnership: Partnership) -> list[Membership]:
    people = Membership.objects.active().filter(organisation=partnership.process_organisation_id, role__in=LEADING_ROLES, user__is_active=True)
    return list(people.select_related("user", "organisation").order_by("user__name", "pk"))


def leads_to_tell(membership: Membership) -> list[User]:
    """Registered with pilots: the leads and substitutes of the partnerships that the organisation takes part in hear who begins to see clients there."""
    takes_part = Q(parts__organisation=membership.organisation_id) | Q(process_organisation=membership.organisation_id)
    people = Partnership.objects.filter(takes_part).values_list("lead", "substitute")
    wanted = {person for pair in people for person in pair if person}
    return list(User.objects.filter(memberships__in=wanted, is_active=True).distinct().order_by("pk"))


@dataclass(frozen=True)
class Broken:
    rule: str
    count: int
    rows: list[dict]


def with_last_check(partnerships: QuerySet[Partnership]) -> QuerySet[Partnership]:
    last = CheckRun.objects.order_by("-at", "-id")
    log_faults = Subquery(SealCheck.objects.order_by("-pk").values("fault_count")[:1])
    return partnerships.annotate(checked_at=Subquery(last.values("at")[:1]), check_findings=Subquery(last.values("findings")[:1]), log_faults=log_faults)


def broken_in(partnership: Partnership) -> list[Broken]:
    """What the last run found in this partnership, which comes from `with_last_check`."""
    key = str(partnership.pk)
    broken = [
        Broken(finding["rule"], finding["counts"][key], [row | {"stage": Stage(row["stage"]).label} for row in finding["shown"] if row["partnership"] == partnership.pk])
        for finding in partnership.check_findings or []
        if key in finding["counts"]
    ]
    return [*broken, Broken(LOG_NOT_AS_SEALED, partnership.log_faults, [])] if partnership.log_faults else broken


def leads_of_organisations(organisation_ids: list[int]) -> dict[int, list[str]]:
    """The names of each organisation's own partnership leads: whom to ask for its statement."""
    found: dict[int, list[str]] = {}
    people = Membership.objects.active().filter(organisation__in=organisation_ids, role__in=LEADING_ROLES, user__is_active=True)
    for organisation, name in people.order_by("user__name", "pk").values_list("organisation", "user__name"):
        found.setdefault(organisation, []).append(name)
    return found
