"""What waits for the own organisation's answer: requests for a time, agreements to decide on, settlements to accept."""
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pilots.models import Membership
from pilots.registries import Waited, Waiting, WaitingKind
from services.choices import AgreementState, SettlementState
from services.models import AgreementParty, Booking, Settlement, SettlementAcceptance
from services.permissions import may_offer
from services.queries.bookings import waits_for_answer


def _settlements(organisation: Any, today: Any) -> QuerySet[Settlement]:
    accepted = SettlementAcceptance.objects.filter(settlement=OuterRef("pk"), organisation=organisation)
    return Settlement.objects.filter(~Exists(accepted), agreement__parties__organisation=organisation, state=SettlementState.DRAFT, last_day__lt=today)


def _request(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d request waits for your organisation's answer", "%(count)d requests wait for your organisation's answer", found.count) % {"count": found.count}
    return Waiting(what, found.count, reverse("services:booking_list"), found.since, _("Answer"))


def _agreement(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d agreement waits for your organisation's decision", "%(count)d agreements wait for your organisation's decision", found.count) % {"count": found.count}
    return Waiting(what, found.count, reverse("services:agreement_list"), found.since, _("Decide"))


def _settlement(acting: Membership, found: Waited) -> Waiting:
    what = ngettext("%(count)d settlement waits for your organisation's acceptance", "%(count)d settlements wait for your organisation's acceptance", found.count) % {"count": found.count}
    return Waiting(what, found.count, reverse("services:agreement_list"), found.since, _("Look through"))


KINDS = [
    WaitingKind("bookings", may_offer, lambda terms: [Booking.objects.filter(waits_for_answer(), resource__owner=terms.acting.organisation_id)], _request, "requested_at"),
    WaitingKind("agreements", may_offer, lambda terms: [AgreementParty.objects.filter(organisation=terms.acting.organisation_id, accepted_at=None, agreement__state=AgreementState.SENT)], _agreement, "agreement__sent_at"),
    WaitingKind("settlements", may_offer, lambda terms: [_settlements(terms.acting.organisation_id, terms.today)], _settlement, "computed_at"),
]
