from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.actions.locks import lock_pathway, require_participant
from guidance.actions.timeline import require_measure
from guidance.choices import ASSESSMENT_CODES, ItemState
from guidance.models import AssessmentItem, Pathway, Programme
from guidance.registries import pathways_changed
from pilots.models import Membership


@transaction.atomic
def add_item(*, by: Membership, pathway: Pathway, kind: str, code: str) -> AssessmentItem:
    """Note a service need, an obstacle to employment or a competence need; what is already noted and not resolved is noted once."""
    return add_items(by=by, pathway=pathway, items=[(kind, code)])[0]


@transaction.atomic
def add_items(*, by: Membership, pathway: Pathway, items: list[tuple[str, str]]) -> list[AssessmentItem]:
    """Several at once, each a kind and a code; whole or not at all, in the order given."""
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if any(code not in ASSESSMENT_CODES.get(kind, ()) for kind, code in items):
        raise ValidationError({"code": _("Choose from the list.")})
    known = {(item.kind, item.code): item for item in AssessmentItem.objects.filter(pathway=pathway).exclude(state=ItemState.RESOLVED)}
    now = timezone.now()
    new = {key: AssessmentItem(pathway=pathway, kind=key[0], code=key[1], noted_at=now, noted_by=by, organisation_id=by.organisation_id) for key in items if key not in known}
    known |= dict(zip(new, AssessmentItem.objects.bulk_create(new.values()), strict=True))
    return [known[key] for key in items]


@transaction.atomic
def take_item_in_hand(*, by: Membership, item: AssessmentItem, programme: Programme) -> AssessmentItem:
    """A measure takes care of the item."""
    pathway, item = _lock_item(by, item)
    if programme is None:
        raise ValidationError({"programme": _("Choose the measure that takes care of this.")})
    require_measure(programme, pathway)
    _require_unresolved(item)
    return _store(item, state=ItemState.IN_HAND, programme=programme)


@transaction.atomic
def resolve_item(*, by: Membership, item: AssessmentItem) -> AssessmentItem:
    """The need is met; it stays readable, and may be noted anew. Resolved twice is resolved once."""
    _pathway, item = _lock_item(by, item)
    if item.state == ItemState.RESOLVED:
        return item
    return _store(item, state=ItemState.RESOLVED, resolved_at=timezone.now())


@transaction.atomic
def put_item_back(*, by: Membership, item: AssessmentItem) -> AssessmentItem:
    """The measure that had it in hand does not any more: open again."""
    _pathway, item = _lock_item(by, item)
    _require_unresolved(item)
    return _store(item, state=ItemState.OPEN, programme=None)


def _lock_item(by: Membership, item: AssessmentItem) -> tuple[Pathway, AssessmentItem]:
    pathway = lock_pathway(Pathway.objects.get(assessment_items=item.pk))
    require_participant(by, pathway)
    return pathway, AssessmentItem.objects.get(pk=item.pk)


def _require_unresolved(item: AssessmentItem) -> None:
    if item.state == ItemState.RESOLVED:
        raise ValidationError(_("This has been resolved. Note it anew when it is there again."))


def _store(item: AssessmentItem, **fields) -> AssessmentItem:
    for name, value in fields.items():
        setattr(item, name, value)
    item.save(update_fields=list(fields))
    pathways_changed([item.pathway_id])
    return item
