"""Tags of agreements and settlements: money, quantities, shares and states in words."""
from decimal import Decimal

from django import template
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.kopa import badge
from services.choices import AgreementState, PriceBasis, SettlementState, Vat
from services.models import Agreement, AgreementLine, Booking, Settlement, SettlementLine
from services.queries.settlements import Item
from services.templatetags.bookings import booking_time

register = template.Library()
KINDS = {AgreementState.SENT: "waiting", AgreementState.IN_FORCE: "order", AgreementState.DECLINED: "danger"}


@register.filter
def euros(cents: int) -> str:
    """1 234,50 €, as the language writes it."""
    return f"{number_format(Decimal(cents) / 100, 2, force_grouping=True)}\u00a0€"


@register.filter
def share(ten_thousandths: int) -> str:
    """25 %, with as many decimals as it has."""
    exact = (Decimal(ten_thousandths) / 100).normalize()
    return f"{number_format(exact, max(0, -int(exact.as_tuple().exponent)))}\u00a0%"


@register.simple_tag
def agreement_state(agreement: Agreement) -> SafeString:
    return badge(KINDS.get(AgreementState(agreement.state), "old"), capfirst(agreement.get_state_display()))


@register.simple_tag
def settlement_state(settlement: Settlement) -> SafeString:
    return badge("order" if settlement.state == SettlementState.ACCEPTED else "waiting", capfirst(settlement.get_state_display()))


@register.simple_tag
def price_of(line: AgreementLine) -> str:
    if line.basis == PriceBasis.FREE or line.price is None:
        return capfirst(line.get_basis_display())
    return _("%(price)s € %(basis)s") % {"price": number_format(line.price, 2, force_grouping=True), "basis": line.get_basis_display()}


@register.simple_tag
def vat_of(line: AgreementLine) -> str:
    if line.vat == Vat.NONE or line.vat_rate is None:
        return capfirst(line.get_vat_display())
    return f"{capfirst(line.get_vat_display())}, {share(int(line.vat_rate * 100))}"


@register.simple_tag
def quantity_of(row: SettlementLine) -> str:
    if row.line.service_id is None or row.line.basis == PriceBasis.TERM:
        return ngettext("%(count)s term", "%(count)s terms", row.quantity) % {"count": row.quantity}
    if row.is_of_seats:
        return ngettext("%(count)s seat", "%(count)s seats", row.quantity) % {"count": row.quantity}
    return f"{number_format(row.amount, 2, force_grouping=True)}\u00a0h"


@register.simple_tag
def when_of(item: Item) -> str:
    """The hours of a booking, the days of a run."""
    if isinstance(item.counted, Booking):
        return booking_time(item.counted)
    return f"{date_format(item.begins, 'SHORT_DATE_FORMAT')}–{date_format(item.ends, 'SHORT_DATE_FORMAT')}"


@register.simple_tag
def amount_of(item: Item) -> str:
    """Of one booking or enrolment, in hours or seats."""
    if item.is_of_seats:
        return ngettext("%(count)s seat", "%(count)s seats", item.amount) % {"count": item.amount}
    return f"{number_format(Decimal(item.amount) / 60, 2, force_grouping=True)}\u00a0h"


@register.filter
def hours(minutes: float) -> str:
    """Hours of minutes, with one decimal."""
    return number_format(Decimal(round(minutes)) / 60, 1, force_grouping=True)
