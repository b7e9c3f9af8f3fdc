from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.actions.locks import lock_guide
from guidance.models import DropIn, Partnership
from pilots.models import Membership


@transaction.atomic
def log_drop_in(*, by: Membership, partnership: Partnership, topic: str, under_30: bool | None = None, token=None) -> DropIn:
    """A talk at the service square, now and without a name; the same token twice is one talk."""
    by = lock_guide(by)
    if token and (known := DropIn.objects.filter(token=token, by=by).first()):
        return known
    if partnership.opened_at is None or not partnership.parts.filter(organisation=by.organisation_id).exists():
        raise ValidationError(_("Your organisation is no part of this partnership, or it is not open yet."))
    drop_in = DropIn(partnership=partnership, at=timezone.now(), by=by, organisation_id=by.organisation_id, topic=topic, under_30=under_30, **({"token": token} if token else {}))
    drop_in.full_clean(exclude=["event"])
    drop_in.save()
    return drop_in
