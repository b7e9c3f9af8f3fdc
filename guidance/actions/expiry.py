"""A consent with a last day ends by itself: from the first request of the next day on nobody sees what rested on it.

No job is waited for. The first page about clients of each process on each day ends what is over, in all of the portal
(`end_over_today`); a consent is never written with a last day that is over, so the day's later requests have nothing to
look for and cost no query. The due job does the same, for the timeline and for who is told, when nobody asks for a page.
"""
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.actions.audit import record_event
from guidance.actions.consents import end_consents, end_telling
from guidance.actions.locks import lock_pathways
from guidance.choices import ConsentEnd, DisclosureBasis
from guidance.models import Consent
from guidance.queries.consents import what_withdrawal_ends

_ended: dict[str, date] = {}


def end_over_today() -> None:
    """Once a day and process; what fails is tried again by the next request, which shows nothing before."""
    today = timezone.localdate()
    if _ended.get("day") != today:
        end_expired_consents(timezone.now())
        _ended["day"] = today


def end_expired_consents(now: datetime) -> int:
    """End all that are over; gives how many. Running again ends nothing twice."""
    over = list(Consent.objects.in_force().filter(valid_until__lt=timezone.localdate(now)).order_by("pk").values_list("pk", flat=True))
    return sum(_end(pk, now) for pk in over)


@transaction.atomic
def _end(pk: int, now: datetime) -> int:
    seen = Consent.objects.filter(pk=pk).first()
    if seen is None:
        return 0
    # A day that is over is over, whatever is restricted: one client's file must not stop the pages of all.
    [pathway] = lock_pathways([seen.pathway_id], open_only=False, while_restricted=True)
    consent = Consent.objects.in_force().select_related("organisation").filter(pk=pk, valid_until__lt=timezone.localdate(now)).first()
    if consent is None:
        return 0
    if consent.organisation_id and consent.organisation_id == pathway.process_owner_id:
        # It has taken the process over since: it works with its own data now, and the client is never without an owner.
        end_consents([consent], by=None, end=ConsentEnd.EXPIRED)
        pathway.participations.filter(organisation=consent.organisation_id, ends_at=None).update(disclosure_basis=DisclosureBasis.OWN, disclosure_statute="", disclosure_ground=None, consented_on=None)
        return 1
    ends = what_withdrawal_ends(pathway, consent.organisation, consent.outside, lock=True)
    end_telling(pathway, ends, organisation=consent.organisation, outside=consent.outside, by=None, end=ConsentEnd.EXPIRED)
    record_event(by=None, verb="consent_expired", target=pathway, detail={"organisation": consent.organisation_id})
    return 1
