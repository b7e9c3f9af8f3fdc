"""The client's consent to telling a body about them: written down, and taken back with effect from the next request on."""
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.models import User
from guidance.actions.locks import can_answer, lock_pathway, lock_people, require_participant
from guidance.actions.notices import tell_about_handoff
from guidance.actions.participations import leave
from guidance.actions.timeline import known_by_token, write_event
from guidance.choices import ConsentEnd, ConsentScope, DisclosureBasis, EventKind, HandoffState, Section
from guidance.models import Consent, Handoff, NextStep, PartnershipPart, Pathway
from guidance.permissions import takes_part
from guidance.queries.consent_texts import LANGUAGES, current_version
from guidance.queries.consents import Withdrawal, consent_in_force, what_withdrawal_ends
from pilots.models import Membership, Organisation
from services.conflicts import Conflict


@transaction.atomic
def record_consent(
    *, by: Membership, pathway: Pathway, organisation: Organisation | None = None, outside: str = "", scope: str, text_version: int, language: str, given_on: date, replaces: int | None = None, valid_until: date | None = None, sections: list[str] | None = None, token=None
) -> Consent:
    """Write down a consent that the client gave after being shown the text in use. The same token twice is one consent.

    `sections`: what one hand-off may tell, when not everything; `valid_until`: the last day. `replaces`: the consent in force that the person was shown, or none. When another one is in force by now, somebody else was
    quicker (`Conflict`); the one that was shown ends, for a body is told by one consent at a time.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(Consent.objects, token, pathway):
        return known
    if organisation and not (takes_part(organisation.pk, pathway) or PartnershipPart.objects.filter(partnership=pathway.partnership_id, organisation=organisation).exists()):
        raise ValidationError({"organisation": _("This organisation is not a part of the partnership.")})
    now_in_force = consent_in_force(pathway, organisation.pk if organisation else None, outside.strip())
    if (now_in_force.pk if now_in_force else None) != replaces:
        raise Conflict(now_in_force or pathway, _("The consents of this client have changed in the meantime. Look at them as they are now."))
    if now_in_force:
        _require_no_wider_telling(pathway, now_in_force, scope, set(sections or []))
    return write_consent(
        by=by, pathway=pathway, organisation=organisation, outside=outside, scope=scope, text_version=text_version, language=language, given_on=given_on, replaced=now_in_force,
        valid_until=valid_until, sections=sections or [], **({"token": token} if token else {})
    )


def _require_no_wider_telling(pathway: Pathway, replaced: Consent, scope: str, sections: set[str]) -> None:
    """What is told now must fit the new consent: a narrower one comes after a withdrawal, which ends what was wider."""
    ends = what_withdrawal_ends(pathway, replaced.organisation, replaced.outside, lock=True)
    wider = [one for one in ends.handoffs if one.basis == DisclosureBasis.CONSENT and sections and not set(one.sections) <= sections]
    if wider or (ends.participation and scope != ConsentScope.PATHWAY):
        raise ValidationError(_("This body is told more now than the new consent allows. Write down first that the earlier consent was withdrawn."))


def write_consent(*, by: Membership, pathway: Pathway, replaced: Consent | None, text_version: int, language: str, given_on: date, outside: str = "", **fields) -> Consent:
    """For actions that hold the pathway's lock and know which consent is in force now."""
    consent = Consent(
        pathway=pathway, outside=outside.strip(), text_version=text_version, language=language, given_on=given_on, recorded_at=timezone.now(), recorded_by=by, **fields
    )
    if consent.organisation_id == pathway.process_owner_id:
        raise ValidationError({"organisation": _("The process owner works with its own data: it is not told by consent.")})
    if text_version != current_version() or language not in LANGUAGES:
        raise ValidationError({"text_version": _("The text of the consent has changed. Show the client the new one.")})
    if given_on > timezone.localdate():
        raise ValidationError({"given_on": _("This day is still to come.")})
    if consent.valid_until and consent.valid_until < timezone.localdate():
        raise ValidationError({"valid_until": _("This day is in the past.")})
    if set(consent.sections) - set(Section.values) or (consent.sections and consent.scope != ConsentScope.HANDOFF):
        raise ValidationError({"sections": _("Choose what is passed on: only of one hand-off.")})
    if replaced:
        end_consents([replaced], by=by, end=ConsentEnd.REPLACED)
    consent.clean_fields(exclude=["pathway", "organisation", "recorded_by", "ended_by", "token"])
    consent.validate_constraints()
    consent.save()
    write_event(pathway=pathway, kind=EventKind.CONSENT, by=by, text=consent.outside, detail={"consent": "changed" if replaced else "given", "told": consent.organisation_id})
    record_event(by=by.user, verb="consent_recorded", target=pathway, organisation_id=by.organisation_id, detail={"organisation": consent.organisation_id, "version": text_version, "scope": consent.scope})
    return consent


def end_consents(consents, *, by: Membership | None, end: str) -> None:
    """For actions that hold the pathway's lock."""
    for consent in consents:
        consent.ended_at, consent.ended_by, consent.end = timezone.now(), by, end
        consent.save(update_fields=["ended_at", "ended_by", "end"])


def rest_on_consent(handoff: Handoff, *, by: Membership, text_version: int | None = None) -> None:
    """The consent that a hand-off is sent on: the one in force to its receiver, or the one that was given for it and is written
    down now, the sender having shown the text in use.

    A consent that was taken back does not come to life again by an old day on a form.
    """
    pathway, outside = handoff.pathway, handoff.to_outside.strip()
    there = consent_in_force(pathway, handoff.to_organisation_id, outside)
    if there and there.sections and not set(handoff.sections) <= set(there.sections):
        raise ValidationError({"sections": _("The client has not consented to telling all of this. Choose less, or write a new consent down.")})
    if there and handoff.consented_on in (None, there.given_on):
        handoff.consented_on = there.given_on
        return
    if handoff.consented_on is None or handoff.to_organisation_id == pathway.process_owner_id:
        return
    withdrawn = Consent.objects.to(handoff.to_organisation_id, outside).filter(pathway=pathway, end=ConsentEnd.WITHDRAWN).order_by("-ended_at").first()
    if withdrawn and handoff.consented_on <= timezone.localdate(withdrawn.ended_at):
        day = date_format(timezone.localdate(withdrawn.ended_at), "SHORT_DATE_FORMAT")
        raise ValidationError({"consented_on": ValidationError(_("The client withdrew this consent on %(day)s. Write a new consent down first, if the client has given one."), params={"day": day})})
    if there and handoff.consented_on < there.given_on:
        handoff.consented_on = there.given_on
        return
    write_consent(
        by=by, pathway=pathway, organisation=handoff.to_organisation, outside=outside, replaced=there, given_on=handoff.consented_on, language=pathway.client.service_language,
        scope=ConsentScope.PATHWAY if handoff.to_organisation_id else ConsentScope.HANDOFF, text_version=text_version or current_version(),
    )


def require_consent_to_take_part(handoff: Handoff) -> None:
    """A receiver who accepts takes part: a consent to one hand-off does not open the pathway."""
    if handoff.basis != DisclosureBasis.CONSENT or handoff.to_organisation_id is None or takes_part(handoff.to_organisation_id, handoff.pathway):
        return
    consent = consent_in_force(handoff.pathway, handoff.to_organisation_id)
    if consent is None or consent.scope != ConsentScope.PATHWAY:
        raise ValidationError(_("The client's consent does not reach to taking part in the pathway. Ask the sender to write such a consent down; then you can accept."))


@transaction.atomic
def withdraw_consent(*, by: Membership, pathway: Pathway, organisation: Organisation | None = None, outside: str = "", reason: str = "") -> Pathway:
    """The client withdraws the consent to telling a body: from now on it is told nothing more.

    Its open hand-offs that rest on the consent are taken back, its part in the pathway ends if that rested on the
    consent, and what it answered for falls to the process owner at once, so that the client is not left alone. What it already
    holds follows its own basis. The process owner itself does not leave: responsibility is transferred first.
    """
    pathway = lock_pathway(pathway, while_restricted=True)
    require_participant(by, pathway)
    if by.organisation_id not in withdrawers(pathway, organisation):
        raise ValidationError(_("The process owner, or the organisation itself, writes down that a consent was withdrawn."))
    if organisation and organisation.pk == pathway.process_owner_id:
        raise ValidationError(_("The process owner cannot leave. Transfer the process responsibility first; the client is then never without an owner."))
    ends = what_withdrawal_ends(pathway, organisation, outside.strip(), lock=True)
    if ends.is_empty:
        already = Consent.objects.to(organisation.pk if organisation else None, outside.strip()).filter(pathway=pathway, end=ConsentEnd.WITHDRAWN).first()
        if already:
            raise Conflict(already, _("This consent has been withdrawn already."))
        raise ValidationError(_("Nothing that this organisation is told rests on the client's consent."))
    end_telling(pathway, ends, organisation=organisation, outside=outside.strip(), by=by, end=ConsentEnd.WITHDRAWN, text=reason.strip())
    record_event(by=by.user, verb="consent_withdrawn", target=pathway, organisation_id=by.organisation_id, detail={"organisation": organisation.pk if organisation else None})
    return pathway


@transaction.atomic
def withdraw_own_consent(*, by_user: User, pathway: Pathway, organisation: Organisation | None = None, outside: str = "") -> Pathway:
    """The same by the client on the own page (the caller has found whose pathway it is). Taken back twice is taken back once: a client is never refused."""
    pathway = lock_pathway(pathway, open_only=False, while_restricted=True)
    ends = what_withdrawal_ends(pathway, organisation, outside, lock=True)
    if ends.is_empty or (organisation and organisation.pk == pathway.process_owner_id):
        return pathway
    end_telling(pathway, ends, organisation=organisation, outside=outside, by=None, by_user=by_user, end=ConsentEnd.WITHDRAWN)
    record_event(by=by_user, verb="consent_withdrawn", target=pathway, detail={"organisation": organisation.pk if organisation else None})
    return pathway


def end_telling(pathway: Pathway, ends: Withdrawal, *, organisation: Organisation | None, outside: str, by: Membership | None, end: str, text: str = "", by_user: User | None = None) -> None:
    """For actions that hold the pathway's lock: everything that rested on the consent ends now."""
    now = timezone.now()
    for handoff in ends.handoffs:
        handoff.state, handoff.withdrawn_at, handoff.withdrawn_by = HandoffState.WITHDRAWN, now, by
        handoff.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
        write_event(pathway=pathway, kind=EventKind.HANDOFF, by=by, handoff=handoff, detail={"state": HandoffState.WITHDRAWN, "consent": True})
        tell_about_handoff(handoff, kind="handoff_withdrawn", by=by)
    if ends.consent:
        end_consents([ends.consent], by=by, end=end)
    write_event(pathway=pathway, kind=EventKind.CONSENT, by=by, text=outside, detail={"consent": end, "told": organisation.pk if organisation else None, **({"own": True} if by_user else {})})
    if ends.participation and organisation:
        _take_over(pathway, organisation, must_answer=by is not None)
        leave(pathway, ends.participation, by=by, by_user=by_user, text=text, consent=True)


def withdrawers(pathway: Pathway, organisation: Organisation | None) -> set[int | None]:
    """The organisations that write a withdrawal down: the process owner, the body itself, and for a body outside whoever told it."""
    if organisation:
        return {pathway.process_owner_id, organisation.pk}
    return {pathway.process_owner_id, *pathway.handoffs.exclude(to_outside="").values_list("from_organisation", flat=True)}


def _take_over(pathway: Pathway, organisation: Organisation, *, must_answer: bool) -> None:
    """`must_answer`: a worker is told to name somebody first; neither the client nor the clock waits for that."""
    [owner] = lock_people(*filter(None, [pathway.process_person]))
    if must_answer and (not can_answer(owner) or not takes_part(owner.organisation_id, pathway)):
        raise ValidationError(_("The process owner names a responsible person first."))
    NextStep.objects.open().filter(pathway=pathway, responsible__organisation=organisation).update(responsible=owner)
    if pathway.guidance_lead and pathway.guidance_lead.organisation_id == organisation.pk:
        pathway.guidance_lead = None
    pathway.version += 1
    pathway.save(update_fields=["guidance_lead", "version"])
