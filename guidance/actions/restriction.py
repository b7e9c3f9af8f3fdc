"""Restriction of processing: the data is kept, and neither changed, passed on nor counted in figures, until it is lifted.

Source: General Data Protection Regulation (EU) 2016/679, article 18. What the law allows meanwhile asks the lock so (`while_restricted`).
"""
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import lock_pathway
from guidance.actions.rights import lock_request, own_answer
from guidance.choices import RightsKind, RightsOutcome
from guidance.models import Pathway, RightsRequest
from guidance.permissions import may_restrict
from guidance.registries import pathways_changed
from pilots.models import Membership


@transaction.atomic
def restrict(*, by: Membership, request: RightsRequest, now: datetime) -> Pathway:
    """After a granted request. Done twice it is done once."""
    if request.kind != RightsKind.RESTRICTION or request.pathway is None:
        raise ValidationError(_("This request does not ask to restrict anything."))
    pathway = lock_pathway(request.pathway, open_only=False, while_restricted=True)
    if not may_restrict(by, pathway):
        raise ValidationError(_("Another organisation owns the process now. It restricts the use of the data, and ends the restriction."))
    own = own_answer(by, lock_request(request))
    if own.outcome not in (RightsOutcome.GRANTED, RightsOutcome.PARTLY):
        raise ValidationError(_("Your organisation has not granted this request."))
    if own.done_at is None:
        own.done_at = now
        own.save(update_fields=["done_at"])
        if pathway.restricted_at is None:
            _set(pathway, by, now)
    return pathway


@transaction.atomic
def lift_restriction(*, by: Membership, pathway: Pathway) -> Pathway:
    """The client must have been told before it is lifted (article 18(3)): whoever lifts it says so."""
    pathway = lock_pathway(pathway, open_only=False, while_restricted=True)
    if not may_restrict(by, pathway):
        raise PermissionDenied
    if pathway.restricted_at:
        _set(pathway, by, None)
    return pathway


def _set(pathway: Pathway, by: Membership, now: datetime | None) -> None:
    pathway.restricted_at, pathway.restricted_by = now, by if now else None
    pathway.version += 1
    pathway.save(update_fields=["restricted_at", "restricted_by", "version"])
    pathways_changed([pathway.pk])
    record_event(by=by.user, verb="pathway_restricted" if now else "restriction_lifted", target=pathway, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym})
