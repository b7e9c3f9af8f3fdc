"""What is late or wrong on a pathway's page, most urgent first, each with the one thing to do about it."""
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.choices import OPTION_OVER, BenefitDecision, EntryKind, HandoffState
from guidance.models import EducationOption, Pathway
from guidance.queries.pathway_rows import Attention, HandoffRow, StepRow
from guidance.queries.rows import moment_of


def attention_of(pathway: Pathway, steps: list[StepRow], handoffs: list[HandoffRow], *, organisation_id: int, now: datetime) -> list[Attention]:
    """Of an open pathway from `pathway_for_page`, for a reader of that organisation."""
    return [
        *_unanswered_entries(pathway),
        *_declined_handoffs(steps, handoffs, organisation_id),
        *_late_steps(pathway, steps),
        *_silent_handoffs(handoffs, now),
        *_undecided_benefits(pathway),
        *_quiet(pathway, now),
    ]


def _declined_handoffs(steps: list[StepRow], handoffs: list[HandoffRow], organisation_id: int) -> list[Attention]:
    """Those after which nobody has chosen the next way yet. Only the sender sends again; others read what happened."""
    asked = {step.handoff_pk for step in steps if step.was_declined}
    return [
        Attention(
            "danger",
            _("%(receiver)s did not take the client: %(reason)s") % {"receiver": row.receiver, "reason": row.decline_reason},
            reverse("guidance:handoff_again" if row.sender_pk == organisation_id else "guidance:handoff_detail", args=[row.pk]),
            _("Send again or to somebody else") if row.sender_pk == organisation_id else _("Open the hand-off"),
        )
        for row in handoffs
        if row.pk in asked
    ]


def _unanswered_entries(pathway: Pathway) -> list[Attention]:
    """What the client has written and nobody has answered: that nobody has called is the most urgent of all."""
    return [
        Attention(
            "danger" if row["kind"] == EntryKind.NOT_CONTACTED else "waiting",
            _("The client wrote on %(day)s: %(what)s") % {"day": date_format(timezone.localtime(moment_of(row["at"])), "SHORT_DATE_FORMAT"), "what": EntryKind(row["kind"]).label},
            reverse("guidance:entry_answer", args=[pathway.pseudonym, row["id"]]),
            _("Answer the client"),
        )
        for row in pathway.entry_rows
    ]


def _late_steps(pathway: Pathway, steps: list[StepRow]) -> list[Attention]:
    return [
        Attention(
            "danger",
            _("Overdue since %(day)s: %(what)s") % {"day": date_format(step.due_on, "SHORT_DATE_FORMAT"), "what": step.what},
            reverse("guidance:handoff_detail", args=[step.handoff_pk]) if step.waits_to_be_met else reverse("guidance:step_finish", args=[pathway.pseudonym, step.pk]),
            _("Open the hand-off") if step.waits_to_be_met else _("Mark as done"),
        )
        for step in steps
        if step.is_late and not step.was_declined
    ]


def _silent_handoffs(handoffs: list[HandoffRow], now: datetime) -> list[Attention]:
    found = []
    for handoff in handoffs:
        if not handoff.is_open:
            continue
        receiver = handoff.receiver
        if handoff.state == HandoffState.SENT:
            text = _("Handed over to %(receiver)s on %(day)s, not answered yet") % {"receiver": receiver, "day": date_format(timezone.localtime(handoff.sent_at), "SHORT_DATE_FORMAT")}
        else:
            text = _("%(receiver)s has accepted but not met the client yet; the first contact is on %(day)s") % {"receiver": receiver, "day": date_format(timezone.localtime(handoff.first_contact_at), "SHORT_DATE_FORMAT")}
        late = handoff.due_on < timezone.localdate(now) if handoff.state == HandoffState.SENT else handoff.first_contact_at is not None and handoff.first_contact_at < now
        found.append(Attention("danger" if late else "waiting", text, reverse("guidance:handoff_detail", args=[handoff.pk]), _("Open the hand-off")))
    return found


def _undecided_benefits(pathway: Pathway) -> list[Attention]:
    return [
        Attention(
            "danger",
            _("%(option)s starts on %(day)s, and the decision on the benefit is not made") % {"option": option.title, "day": date_format(option.starts_on, "SHORT_DATE_FORMAT")},
            reverse("guidance:option_change", args=[pathway.pseudonym, option.pk]),
            _("Write the decision"),
        )
        for option in pathway.all_options
        if _lacks_benefit_decision(option)
    ]


def _quiet(pathway: Pathway, now: datetime) -> list[Attention]:
    found, log = [], reverse("guidance:pathway_log", args=[pathway.pseudonym])
    if pathway.waits_since:
        day = date_format(timezone.localtime(pathway.waits_since), "SHORT_DATE_FORMAT")
        found.append(Attention("waiting", _("On the waiting list since %(day)s: three calls without an answer") % {"day": day}, log, _("Log a contact")))
    silent = (now - pathway.last_event_at).days
    if now - pathway.last_event_at >= timedelta(days=pathway.partnership.stale_after):
        text = ngettext("Nothing has happened for %(count)d day", "Nothing has happened for %(count)d days", silent) % {"count": silent}
        found.append(Attention("waiting", text, log, _("Log a contact")))
    if pathway.basis_ends_on:
        day = date_format(pathway.basis_ends_on, "SHORT_DATE_FORMAT")
        late = pathway.basis_ends_on < timezone.localdate(now)
        text = (_("The employment authority's basis ended on %(day)s") if late else _("The employment authority's basis ends on %(day)s: follow-up needs another basis, or another owner")) % {"day": day}
        found.append(Attention("danger" if late else "waiting", text, reverse("guidance:handoff_send", args=[pathway.pseudonym]), _("Transfer the responsibility")))
    return found


def _lacks_benefit_decision(option: EducationOption) -> bool:
    """A start date with an undecided benefit: a decision is as a rule needed before the studies begin."""
    return option.state not in OPTION_OVER and option.starts_on is not None and option.benefit_decision in (BenefitDecision.NOT_ASKED, BenefitDecision.PENDING)
