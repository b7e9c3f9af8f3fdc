"""On what an organisation works with a client's data itself: stated anew when that changes."""
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import lock_pathway, require_participant
from guidance.actions.timeline import write_event
from guidance.choices import EventKind, ProcessingBasis
from guidance.models import LegalGround, Participation, Pathway
from guidance.permissions import may_guide
from pilots.models import Membership
from services.conflicts import Conflict


@transaction.atomic
def restate_basis(*, by: Membership, pathway: Pathway, basis: str, ground: LegalGround | None = None, statute: str = "", replaces: int) -> Participation:
    """From now on the own organisation's processing rests on `basis`; a statutory task names its provision, from the list or in words.

    The earlier row ends and a new one begins, so that what was read before still says on which basis it was read. How the
    organisation is told stays as it was. `replaces`: the row that the person saw; `Conflict` when it is another one by now.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    part = pathway.participations.filter(organisation=by.organisation_id, ends_at=None).first()
    if part is None or not may_guide(by):
        raise ValidationError(_("Each organisation states its own basis."))
    if part.pk != replaces:
        raise Conflict(part, _("Somebody has changed this in the meantime. Look at it as it is now."))
    if basis not in ProcessingBasis.values:
        raise ValidationError({"basis": _("Choose the basis.")})
    if basis != ProcessingBasis.STATUTORY_TASK:
        ground, statute = None, ""
    statute = ground.written if ground else statute.strip()
    if basis == ProcessingBasis.STATUTORY_TASK and not statute:
        raise ValidationError({"ground": _("Choose the provision of law, or write it in words.")})
    if (part.processing_basis, part.processing_ground_id, part.processing_statute) == (basis, ground.pk if ground else None, statute):
        return part
    part.ends_at = now = timezone.now()
    part.save(update_fields=["ends_at"])
    earlier, part.pk, part._state.adding = part.processing_basis, None, True
    part.starts_at, part.ends_at, part.processing_basis, part.processing_ground, part.processing_statute = now, None, basis, ground, statute
    part.clean_fields(exclude=["pathway", "organisation", "responsible", "sort_key", "search_name", "birth_date"])
    part.save(force_insert=True)
    write_event(pathway=pathway, kind=EventKind.RESPONSIBILITY, by=by, detail={"basis": basis, "basis_before": earlier})
    record_event(by=by.user, verb="basis_restated", target=pathway, organisation_id=by.organisation_id, detail={"basis": basis, "before": earlier, "provision": ground.pk if ground else None})
    return part
