"""A partnership is set up, opened and changed in the browser. Nothing here is about a client."""
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.second_factor import users_with_second_factor
from guidance.actions.locks import lock_people
from guidance.choices import Part, Stage
from guidance.models import Handoff, LegalGround, Participation, Partnership, PartnershipPart
from guidance.permissions import may_edit_own_part, may_edit_partnership, may_set_up_partnership
from guidance.registries import pathways_changed
from pilots.choices import Permission
from pilots.models import Membership, Organisation
from services.conflicts import Conflict

LADDER = ("remind_after", "colleagues_after", "lead_after", "stale_after", "step_within")
EDITED = ("name_fi", "name_sv", "roles_agreement", "roles_agreed_on", "dpia_reference", *LADDER)
ENTERED = "Entered in the portal"
# Every partnership has them before it opens: the employment service from its setting up, an education provider as a condition.
ALWAYS_THERE = (Part.EMPLOYMENT, Part.COLLEGE)


@transaction.atomic
def set_up_partnership(*, by: Membership, name_fi: str, name_sv: str = "") -> Partnership:
    """A new one, not open yet, of an employment authority, which is its employment part and owns the process. Sent twice is one."""
    if not may_set_up_partnership(by):
        raise ValidationError(_("An employment authority's partnership lead sets up a partnership."))
    # Held, so that the second press waits for the first and finds what it made.
    Organisation.objects.select_for_update().get(pk=by.organisation_id)
    if known := Partnership.objects.filter(process_organisation=by.organisation_id, name_fi=name_fi.strip(), opened_at=None).first():
        return known
    partnership = Partnership(slug=_free_slug(name_fi), name_fi=name_fi.strip(), name_sv=name_sv.strip(), process_organisation=by.organisation, source=ENTERED)
    partnership.full_clean(exclude=["loaded"])
    partnership.save()
    PartnershipPart.objects.create(partnership=partnership, organisation=by.organisation, part=Part.EMPLOYMENT, position=1)
    audit_partnership(partnership, by, "partnership_set_up")
    return partnership


def _free_slug(name: str) -> str:
    stem = slugify(name)[:50].strip("-") or "kumppanuus"
    # "add" is the address of the page that sets one up.
    taken = {"add", *Partnership.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    return next(slug for slug in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if slug not in taken)


@transaction.atomic
def edit_partnership(*, by: Membership, partnership: Partnership, seen: dict, **fields) -> Partnership:
    """Name, agreement, impact assessment and the days of the ladder. `Conflict` when somebody has changed since what `seen` tells."""
    partnership = lock_partnership(by, partnership)
    changed = [name for name in EDITED if name in fields and fields[name] != getattr(partnership, name)]
    if any(name in seen and seen[name] != getattr(partnership, name) for name in EDITED):
        raise changed_meanwhile(partnership)
    for name in changed:
        setattr(partnership, name, fields[name])
    partnership.clean_fields(exclude=["loaded", "slug", "process_organisation", "lead", "substitute"])
    partnership.validate_constraints()
    partnership.save()
    if "lead_after" in changed:
        pathways_changed(partnership.pathways.exclude(handoffs=None).values_list("pk", flat=True))
    if changed:
        audit_partnership(partnership, by, "partnership_edited", fields=changed)
    return partnership


@transaction.atomic
def edit_stage_parts(*, by: Membership, partnership: Partnership, seen: dict[str, list[str]], stage_parts: dict[str, list[str]]) -> Partnership:
    """Which parts answer for each stage, and so who may move a client on from it. `Conflict` when it is not as `seen` tells any more."""
    partnership = lock_partnership(by, partnership)
    new = {stage.value: [part.value for part in Part if part in stage_parts.get(stage, ())] for stage in Stage}
    if new == partnership.stage_parts:
        return partnership
    if seen != partnership.stage_parts:
        raise changed_meanwhile(partnership)
    there = {*ALWAYS_THERE, *partnership.parts.values_list("part", flat=True)}
    if wrong := [stage for stage, parts in new.items() if not parts or not there.issuperset(parts)]:
        raise ValidationError({stage: _("Choose at least one part that the partnership has.") for stage in wrong})
    changed = [stage for stage, parts in new.items() if parts != partnership.stage_parts.get(stage)]
    partnership.stage_parts = new
    partnership.clean_fields(exclude=["loaded", "slug", "process_organisation", "lead", "substitute"])
    partnership.save(update_fields=["stage_parts"])
    audit_partnership(partnership, by, "partnership_stage_parts_edited", stages=changed)
    return partnership


@transaction.atomic
def add_part(*, by: Membership, partnership: Partnership, organisation: Organisation, part: str) -> PartnershipPart:
    """Another organisation takes part; adding it twice changes nothing."""
    partnership = lock_partnership(by, partnership)
    if part == Part.EMPLOYMENT:
        raise ValidationError({"part": _("The partnership has its employment service already.")})
    if known := partnership.parts.filter(organisation=organisation).first():
        return known
    last = partnership.parts.order_by("-position").first()
    row = PartnershipPart(partnership=partnership, organisation=organisation, part=part, position=(last.position if last else 0) + 1)
    row.full_clean()
    row.save()
    audit_partnership(partnership, by, "partnership_part_added", organisation=organisation.pk)
    return row


@transaction.atomic
def remove_part(*, by: Membership, partnership: Partnership, part: PartnershipPart) -> None:
    """Never the process owner, and nobody who still takes part in a client's pathway or is asked to."""
    partnership = lock_partnership(by, partnership)
    row = partnership.parts.filter(pk=part.pk).first()
    if row is None:
        return
    if row.organisation_id == partnership.process_organisation_id:
        raise ValidationError(_("The organisation that owns the process stays."))
    if Participation.objects.filter(pathway__partnership=partnership, organisation=row.organisation_id, ends_at=None).exists():
        raise ValidationError(_("This organisation takes part in clients' pathways. They come to their end, or are handed over, first."))
    if Handoff.objects.open().filter(pathway__partnership=partnership, to_organisation=row.organisation_id).exists():
        raise ValidationError(_("This organisation has been asked to take clients. It answers, or the hand-offs are withdrawn, first."))
    if partnership.opened_at and row.part == Part.COLLEGE and partnership.parts.filter(part=Part.COLLEGE).count() == 1:
        raise ValidationError(_("An open partnership has an education provider. Add another one first."))
    if _answers_alone(partnership, row):
        raise ValidationError(_("Its part answers for stages of the pathway. Name other parts for them first."))
    row.delete()
    audit_partnership(partnership, by, "partnership_part_removed", organisation=row.organisation_id)


def _answers_alone(partnership: Partnership, row: PartnershipPart) -> bool:
    """Whether stages are left to a part that nobody has any more. Before the opening an education provider may come and go."""
    if partnership.parts.filter(part=row.part).exclude(pk=row.pk).exists() or (row.part in ALWAYS_THERE and not partnership.opened_at):
        return False
    return any(row.part in parts for parts in partnership.stage_parts.values())


@transaction.atomic
def edit_own_part(*, by: Membership, part: PartnershipPart, acts_as_authority: bool | None, processing_statute: str = "", processing_ground: LegalGround | None = None, seen: dict | None = None) -> PartnershipPart:
    """As what an organisation acts and on which statute: it states that itself, nobody fills it in for it. `Conflict` when it is not as `seen` tells any more."""
    if (row := PartnershipPart.objects.select_for_update(of=("self",)).select_related("partnership").filter(pk=part.pk).first()) is None:
        raise changed_meanwhile(part)
    part = row
    if not may_edit_own_part(by, part):
        raise ValidationError(_("Each organisation states its own basis."))
    statute = processing_ground.written if processing_ground else processing_statute.strip()
    now = {"acts_as_authority": part.acts_as_authority, "processing_statute": part.processing_statute}
    if now == {"acts_as_authority": acts_as_authority, "processing_statute": statute} and part.processing_ground_id == (processing_ground.pk if processing_ground else None):
        return part
    if seen is not None and seen != now:
        raise changed_meanwhile(part)
    part.acts_as_authority, part.processing_statute, part.processing_ground = acts_as_authority, statute, processing_ground
    part.full_clean()
    part.save()
    audit_partnership(part.partnership, by, "partnership_basis_stated")
    return part


@transaction.atomic
def name_leads(*, by: Membership, partnership: Partnership, lead: Membership, substitute: Membership | None, seen: dict | None = None) -> Partnership:
    """The lead and the substitute. Whoever leads a partnership leaves only when an heir has been named by this.

    `seen`: who they were on the page; `Conflict` when it is somebody else by now.
    """
    partnership = lock_partnership(by, partnership)
    if (lead.pk, substitute.pk if substitute else None) == (partnership.lead_id, partnership.substitute_id):
        return partnership
    if seen is not None and seen != {"lead": partnership.lead_id, "substitute": partnership.substitute_id}:
        raise changed_meanwhile(partnership)
    if partnership.opened_at and partnership.substitute_id and substitute is None:
        raise ValidationError({"substitute": _("An open partnership keeps a substitute. Choose somebody else to take it over.")})
    people = dict(zip(("lead", "substitute"), lock_people(*[person for person in (lead, substitute) if person]), strict=False))
    for field, person in people.items():
        if problem := why_no_lead(person, partnership):
            raise ValidationError({field: problem})
        if person.pk not in with_factor([person]):
            raise ValidationError({field: _("%(name)s has not set up a second factor yet.") % {"name": person.user.name}})
    partnership.lead, partnership.substitute = people["lead"], people.get("substitute")
    partnership.validate_constraints()
    partnership.save(update_fields=["lead", "substitute"])
    audit_partnership(partnership, by, "partnership_leads_named", lead=lead.pk, substitute=substitute.pk if substitute else None)
    return partnership


def why_no_lead(person: Membership, partnership: Partnership) -> str:
    """Why this person's membership lets them neither lead nor stand in; "" when it does."""
    if person.organisation_id != partnership.process_organisation_id or not person.may(Permission.LEAD_PARTNERSHIP) or not person.user.is_active:
        return _("Choose an active partnership lead of the organisation that owns the process.")
    return ""


def with_factor(people: list[Membership]) -> set[int]:
    """Those of the people who have set up a second factor, in one query."""
    users = users_with_second_factor([person.user_id for person in people])
    return {person.pk for person in people if person.user_id in users}


@dataclass(frozen=True)
class Condition:
    """One of those that must be met before the opening: `key` for the page that leads there, `whose` the organisations that have still to do it."""

    key: str
    words: str
    is_met: bool
    whose: tuple[Organisation, ...] = ()


def conditions(partnership: Partnership, parts: list[PartnershipPart] | None = None) -> list[Condition]:
    """What must be there before a partnership opens for clients. `parts` with their organisations, where they have been read."""
    parts = list(partnership.parts.select_related("organisation")) if parts is None else parts
    leads = [person for person in (partnership.lead, partnership.substitute) if person]
    ready = {person.pk for person in leads if not why_no_lead(person, partnership)} & with_factor(leads)
    there = {*ALWAYS_THERE, *(part.part for part in parts)}
    silent = tuple(part.organisation for part in parts if part.acts_as_authority is None)
    agreed = partnership.roles_agreement and partnership.roles_agreed_on and partnership.roles_agreed_on <= timezone.localdate()
    return [
        Condition("college", _("An education provider takes part"), any(part.part == Part.COLLEGE for part in parts)),
        Condition("basis", _("Each organisation has stated whether it acts as an authority"), not silent, silent),
        Condition("stages", _("A part of the partnership answers for each stage"), all(there.intersection(partnership.parts_of_stage(stage)) for stage in Stage)),
        Condition("agreement", _("An agreement of roles, with its date"), bool(agreed)),
        Condition("dpia", _("A reference to the data protection impact assessment"), bool(partnership.dpia_reference)),
        Condition("lead", _("A lead with a second factor"), partnership.lead_id in ready),
        Condition("substitute", _("A substitute with a second factor"), partnership.substitute_id in ready),
    ]


@transaction.atomic
def open_partnership(*, by: Membership, partnership: Partnership) -> Partnership:
    """Clients can be entered from now on; opening it again changes nothing."""
    partnership = lock_partnership(by, partnership)
    if partnership.opened_at:
        return partnership
    missing = [condition for condition in conditions(partnership) if not condition.is_met]
    if missing:
        raise ValidationError([_("Still missing: %(what)s.") % {"what": condition.words} for condition in missing])
    partnership.opened_at = timezone.now()
    partnership.validate_constraints()
    partnership.save(update_fields=["opened_at"])
    audit_partnership(partnership, by, "partnership_opened")
    return partnership


def lock_partnership(by: Membership, partnership: Partnership) -> Partnership:
    """As it stands now; by its lead or substitute, and before it opens by a lead of the organisation that owns the process."""
    partnership = Partnership.objects.select_for_update().get(pk=partnership.pk)
    if not may_edit_partnership(by, partnership):
        raise ValidationError(_("The partnership's lead or substitute changes this."))
    return partnership


def changed_meanwhile(row) -> Conflict:
    return Conflict(row, _("Somebody has changed this partnership in the meantime. Look at it as it is now, and make your change again if it is still needed."))


def audit_partnership(partnership: Partnership, by: Membership, verb: str, **detail) -> None:
    record_event(by=by.user, verb=verb, target=partnership, organisation_id=by.organisation_id, detail=detail)
