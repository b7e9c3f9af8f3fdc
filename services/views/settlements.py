"""Settlements: drafting one, the same numbers for every party, accepting, correcting, and the workbook."""
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from services.actions.settlements import accept_settlement, compute_settlement, correct_settlement, discard_settlement, draft_settlement
from services.choices import PriceBasis
from services.conflicts import Conflict
from services.forms.agreements import AgreementMoveForm, CorrectionForm, SettlementForm
from services.forms.offering import VersionForm
from services.forms.outcomes import INVALID, posted
from services.models import Settlement, SettlementLine
from services.permissions import may_accept_settlement, may_settle
from services.queries.agreements import get_agreement
from services.queries.settlements import Item, balances, get_settlement, items_of, lines_of, payments, period_to_settle
from services.tables.workbooks import XLSX, Sheet, workbook
from services.views.agreements import FORM, HANDLE, TAKEN, _not_now, done, way_to
from services.views.conflicts import changed_page


def way_to_settlement(settlement: Settlement, here: str = "") -> list[tuple[str, str | None]]:
    way = [*way_to(None), (settlement.agreement.title, settlement.agreement.get_absolute_url()), (_("Settlement %(period)s") % {"period": settlement.period}, settlement.get_absolute_url() if here else None)]
    return [*way, (here, None)] if here else way


@FORM
@HANDLE
def settlement_add(request: HttpRequest, pk: int) -> HttpResponse:
    agreement = get_agreement(request.acting, pk)
    if not may_settle(request.acting, agreement):
        return _not_now(request, agreement)
    first_day, last_day = period_to_settle(agreement, request.acting, timezone.localdate())
    form, status = SettlementForm(posted(request), initial={"first_day": first_day, "last_day": last_day}), 200
    if form.is_valid():
        made: list[Settlement] = []
        status = done(form, lambda: made.append(draft_settlement(by=request.acting, agreement=agreement, **form.cleaned_data)))
        if made:
            messages.success(request, _("Drafted, and the other parties have been told. Look through the numbers."))
            return redirect(made[0])
    context = {"form": form, "agreement": agreement, "cancel_url": agreement.get_absolute_url(), "breadcrumbs": way_to(agreement, _("Draft a settlement"))}
    return render(request, "services/settlement_form.html", context, status=INVALID if status == 200 and form.errors else status)


@require_safe
@HANDLE
def settlement_detail(request: HttpRequest, pk: int) -> HttpResponse:
    settlement = get_settlement(request.acting, pk)
    numbers, today = _numbers(settlement), timezone.localdate()
    parties = numbers["parties"]
    context = numbers | {
        "may_accept": may_accept_settlement(request.acting, settlement),
        "is_under_way": not settlement.is_locked and settlement.last_day >= today,
        "waits_for": [one.organisation for one in parties if one.organisation_id not in {other.organisation_id for other in settlement.acceptances.all()}],
        "has_accepted": any(one.organisation_id == request.acting.organisation_id for one in settlement.acceptances.all()),
        "may_correct": settlement.is_locked and settlement.corrects_id is None,
        "counted": _counted(settlement, numbers["lines"]),
        "corrections": list(settlement.corrections.order_by("pk")) if settlement.corrects_id is None else [],
        "breadcrumbs": way_to_settlement(settlement),
    }
    return render(request, "services/settlement_detail.html", context | {"lines": _with_parts(numbers["lines"], parties)})


def _numbers(settlement: Settlement) -> dict:
    parties, lines = list(settlement.agreement.parties.all()), lines_of(settlement)
    return {
        "settlement": settlement, "agreement": settlement.agreement, "parties": parties, "lines": lines, "balances": balances(parties, lines), "payments": payments(parties, lines),
        "net": sum(one.net for one in lines), "vat": sum(one.vat for one in lines), "total": sum(one.total for one in lines),
    }  # fmt: skip


def _counted(settlement: Settlement, lines: list[SettlementLine]) -> list[tuple[SettlementLine, list[Item]]]:
    """The lines that count something, with what they count."""
    items = items_of(settlement, lines)
    return [(line, items[line.pk]) for line in lines if line.pk in items]


def _with_parts(lines: list[SettlementLine], parties: list) -> list[tuple[SettlementLine, list[tuple[str, int]]]]:
    """Each line with what every party bears of it, in the order of the parties."""
    found = []
    for line in lines:
        cents = {share.organisation_id: share.cents for share in line.shares.all()}
        found.append((line, [(party.organisation.name, cents.get(party.organisation_id, 0)) for party in parties]))
    return found


@require_POST
@HANDLE
def settlement_compute(request: HttpRequest, pk: int) -> HttpResponse:
    settlement = get_settlement(request.acting, pk)
    form = VersionForm(request.POST)
    try:
        changed = compute_settlement(by=request.acting, settlement=settlement, version=form.cleaned_data["version"] if form.is_valid() else -1)
    except Conflict as conflict:
        return changed_page(request, conflict, settlement.get_absolute_url())
    except ValidationError as error:
        return changed_page(request, Conflict(settlement, " ".join(error.messages)), settlement.get_absolute_url())
    messages.success(request, _("The numbers have changed: every party accepts them anew.") if changed else _("Computed anew: the numbers are the same."))
    return redirect(settlement)


@FORM
@HANDLE
def settlement_accept(request: HttpRequest, pk: int) -> HttpResponse:
    settlement = get_settlement(request.acting, pk)
    if not may_accept_settlement(request.acting, settlement):
        return changed_page(request, Conflict(settlement, _("There is nothing to accept now: it is locked, accepted by you already, or its last day has not passed.")), settlement.get_absolute_url())
    form, status = AgreementMoveForm(posted(request), needs_reason=False, initial={"version": settlement.version}), 200
    if form.is_valid():
        try:
            accepted = accept_settlement(by=request.acting, settlement=settlement, version=form.cleaned_data["version"])
        except (Conflict, PermissionDenied) as error:
            message = error.message if isinstance(error, Conflict) else _("This settlement has changed in the meantime. Look at it again.")
            return changed_page(request, Conflict(settlement, message), settlement.get_absolute_url())
        messages.success(request, _("Accepted by every party: it is locked.") if accepted.is_locked else _("Accepted. It is locked when the other parties have accepted it too."))
        return redirect(settlement)
    context = _numbers(settlement) | {"form": form, "cancel_url": settlement.get_absolute_url(), "breadcrumbs": way_to_settlement(settlement, pgettext("settlement", "Accept"))}
    return render(request, "services/settlement_accept.html", context, status=INVALID if form.errors else status)


@FORM
@HANDLE
def settlement_discard(request: HttpRequest, pk: int) -> HttpResponse:
    settlement = get_settlement(request.acting, pk)
    if settlement.is_locked:
        return changed_page(request, Conflict(settlement, _("A locked settlement stays. Correct it by a new entry.")), settlement.get_absolute_url())
    form, status = AgreementMoveForm(posted(request), needs_reason=False, initial={"version": settlement.version}), 200
    if form.is_valid():
        status = done(form, lambda: discard_settlement(by=request.acting, settlement=settlement, version=form.cleaned_data["version"]))
        if status == TAKEN:
            return changed_page(request, Conflict(settlement, _("This settlement has changed in the meantime. Look at it again.")), settlement.get_absolute_url())
        if status == 200:
            messages.success(request, _("The draft is discarded."))
            return redirect(settlement.agreement)
    context = _numbers(settlement) | {"form": form, "cancel_url": settlement.get_absolute_url(), "breadcrumbs": way_to_settlement(settlement, _("Discard the draft"))}
    return render(request, "services/settlement_discard.html", context, status=INVALID if status == 200 and form.errors else status)


@FORM
@HANDLE
def settlement_correct(request: HttpRequest, pk: int) -> HttpResponse:
    settlement = get_settlement(request.acting, pk)
    if not settlement.is_locked or settlement.corrects_id:
        return changed_page(request, Conflict(settlement, _("Only a locked settlement is corrected; a draft is computed anew.")), settlement.get_absolute_url())
    form, status = CorrectionForm(posted(request), lines=list(settlement.agreement.lines.all())), 200
    if form.is_valid():
        made: list[Settlement] = []
        data = form.cleaned_data
        status = done(form, lambda: made.append(correct_settlement(by=request.acting, settlement=settlement, quantities=form.quantities(), reason=data["reason"], token=data["token"])))
        if made:
            messages.success(request, _("The correction is drafted, and the other parties have been told. It counts when all have accepted it."))
            return redirect(made[0])
    context = {"form": form, "settlement": settlement, "cancel_url": settlement.get_absolute_url(), "breadcrumbs": way_to_settlement(settlement, _("Correct"))}
    return render(request, "services/settlement_correct.html", context, status=INVALID if status == 200 and form.errors else status)


@require_safe
@HANDLE
def settlement_xlsx(request: HttpRequest, pk: int) -> HttpResponse:
    """The same numbers in typed cells, for whoever books them."""
    settlement = get_settlement(request.acting, pk)
    numbers = _numbers(settlement)
    parties, agreement = numbers["parties"], settlement.agreement
    rows: list[list] = [[_("What"), _("Given by"), _("Price"), _("Price in euros"), _("Quantity"), _("VAT, per cent"), _("Net"), _("VAT"), _("Total"), *(one.organisation.name for one in parties)]]
    for line, parts in _with_parts(numbers["lines"], parties):
        amount = line.amount if line.line.basis == PriceBasis.HOUR else line.quantity
        money = [_euros(line.net), _euros(line.vat), _euros(line.total), *(_euros(cents) for _name, cents in parts)]
        rows.append([line.line.what, line.line.provider.name, str(line.line.get_basis_display()), line.line.price, amount, line.line.vat_rate, *money])
    rows.append([_("Total"), None, None, None, None, None, _euros(numbers["net"]), _euros(numbers["vat"]), _euros(numbers["total"]), *(_euros(one.bears) for one in numbers["balances"])])
    parts_rows: list[list] = [[_("Party"), _("Share, per cent"), _("Bears"), _("Gave"), _("Gets or pays"), _("Decided by"), _("Day of the decision"), _("Section"), _("Record number")]]
    parts_rows += [
        [one.organisation.name, Decimal(one.share) / 100, _euros(one.bears), _euros(one.gave), _euros(one.balance), party.body, party.decided_on, party.section, party.record_number]
        for one, party in zip(numbers["balances"], parties, strict=True)
    ]
    about: list[list] = [
        [_("Agreement"), agreement.title], [_("Version"), agreement.edition], [_("First day"), settlement.first_day], [_("Last day"), settlement.last_day], [_("State"), str(settlement.get_state_display())],
        [_("Computed on"), timezone.localdate(settlement.computed_at)], [_("Locked on"), timezone.localdate(settlement.locked_at) if settlement.locked_at else None],
        [_("Corrects"), settlement.corrects.period if settlement.corrects else None], [_("Reason"), settlement.reason],
    ]  # fmt: skip
    counted: list[list] = [[_("What"), _("Organisation"), _("Begins"), _("Ends"), _("Quantity")]]
    for line, items in _counted(settlement, numbers["lines"]):
        counted += [[line.line.what, item.organisation.name, *_written(item), item.amount if item.is_of_seats else Decimal(item.amount) / 60] for item in items]
    content = workbook([Sheet(_("Lines"), rows, frozenset({0, len(rows) - 1})), Sheet(_("One by one"), counted), Sheet(_("Parties"), parts_rows), Sheet(pgettext("file", "About"), about, frozenset())])
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="settlement-{settlement.pk}.xlsx"'
    return response


def _written(item: Item) -> list:
    """Days as days; an hour of the day as it is read in Finland."""
    return [date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if isinstance(at, datetime) else at for at in (item.begins, item.ends)]


def _euros(cents: int) -> Decimal:
    return Decimal(cents) / 100
