"""What a client writes on the own page, and the answer. Both stand on the timeline; what is not answered waits for those who guide."""
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import lock_pathway
from guidance.actions.notices import tell_about_entry, tell_client
from guidance.actions.rights import open_request
from guidance.actions.timeline import close_step, refresh_next_due, write_event
from guidance.choices import ANSWERED_IN_WORDS, EntryKind, EventKind, RightsKind, StepKind
from guidance.models import ClientAccount, ClientEntry, NextStep, Pathway
from guidance.permissions import may_see_pathway
from pilots.models import Membership
from services.conflicts import Conflict

MOST_ENTRY_TEXT = 2000
# Nothing need be added to these words.
SAYS_ENOUGH = (EntryKind.DONE, EntryKind.NOT_CONTACTED)


@transaction.atomic
def write_entry(*, account: ClientAccount, pathway: Pathway, kind: str, text: str, now: datetime, step: NextStep | None = None, token=None) -> ClientEntry:
    """The client's own words. The same token twice is one entry.

    A step of the client's own (`by_client`) that the client says to have done is done, unless it is the last open one: then it
    waits for somebody to write what comes next. "This is not right" opens a request for rectification, also of an ended pathway.
    """
    pathway = lock_pathway(pathway, open_only=kind != EntryKind.NOT_RIGHT, while_restricted=True)
    if pathway.client_id != account.client_id:
        raise ValidationError(_("This is not your pathway."))
    if token and (known := ClientEntry.objects.filter(token=token, account=account).first()):
        return known
    if kind not in EntryKind.values:
        raise ValidationError({"kind": _("Choose what you want to say.")})
    text = text.strip()
    if not text and kind not in SAYS_ENOUGH:
        raise ValidationError({"text": _("Write in your own words.")})
    if len(text) > MOST_ENTRY_TEXT:
        raise ValidationError({"text": _("This text is too long: 2,000 characters at most.")})
    detail: dict[str, str | int] = {"entry": kind}
    if step is not None:
        step = _own_step(pathway, kind, step)
        detail["step"] = step.pk
    event = write_event(pathway=pathway, kind=EventKind.CLIENT, by=None, at=now, text=text, detail=detail)
    request = open_request(pathway=pathway, kind=RightsKind.RECTIFICATION, text=text, by_user=account.user, now=now) if kind == EntryKind.NOT_RIGHT else None
    entry = ClientEntry.objects.create(pathway=pathway, account=account, kind=kind, event=event, step=step, request=request, at=now, **({"token": token} if token else {}))
    if step and not pathway.restricted_at and NextStep.objects.open().filter(pathway=pathway).exclude(pk=step.pk).exists():
        close_step(step, by=None)
        refresh_next_due(pathway)
    if kind in ANSWERED_IN_WORDS:
        tell_about_entry(entry)
    record_event(by=account.user, verb="own_page.written", target=entry, detail={"pathway": pathway.pseudonym, "kind": kind})
    return entry


@transaction.atomic
def answer_entry(*, by: Membership, entry: ClientEntry, text: str, now: datetime) -> ClientEntry:
    """Answer in words that the client reads, or, where no answer is asked, say that it has been seen.

    Who comes second gets a `Conflict`; the same person twice answers once.
    """
    pathway = lock_pathway(entry.pathway, open_only=False, while_restricted=True)
    if not may_see_pathway(by, pathway):
        raise ValidationError(_("Your organisation does not take part in this pathway."))
    entry = ClientEntry.objects.select_for_update(of=("self",)).select_related("account").get(pk=entry.pk, pathway=pathway)
    if entry.answered_at:
        if entry.answered_by_id != by.pk:
            raise Conflict(entry, _("Somebody else has answered already."))
        return entry
    text = text.strip()
    if not text and entry.kind in ANSWERED_IN_WORDS:
        raise ValidationError({"text": _("Write the answer: the client reads it.")})
    if len(text) > MOST_ENTRY_TEXT:
        raise ValidationError({"text": _("This text is too long: 2,000 characters at most.")})
    entry.answered_at, entry.answered_by = now, by
    if text:
        entry.answer = write_event(pathway=pathway, kind=EventKind.ANSWER, by=by, at=now, text=text, detail={"entry": entry.kind})
    entry.save(update_fields=["answered_at", "answered_by", "answer"])
    tell_client(entry)
    record_event(by=by.user, verb="own_page.answered", target=entry, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym, "kind": entry.kind})
    return entry


def _own_step(pathway: Pathway, kind: str, step: NextStep) -> NextStep:
    found = NextStep.objects.select_for_update(of=("self",)).filter(pk=step.pk, pathway=pathway, by_client=True).exclude(kind=StepKind.APPOINTMENT).first()
    if found is None or found.done_at or kind != EntryKind.DONE:
        raise ValidationError({"step": _("This is not among your open tasks any more. Open the page again.")})
    return found
