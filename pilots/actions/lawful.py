"""Which cooperation models rest on which form of cooperation."""
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.actions.audit import record_event
from pilots.models import LawfulCooperation, Membership
from pilots.permissions import may_propose
from pilots.queries.cooperation import own_models


@transaction.atomic
def say_which_use(*, by: Membership, form: LawfulCooperation, model_ids: list[int]) -> None:
    """Of the models that `by` keeps those that use the form; what others have said of theirs stays."""
    if not may_propose(by):
        raise PermissionDenied
    form = LawfulCooperation.objects.select_for_update().get(pk=form.pk)
    own = set(own_models(by).values_list("pk", flat=True))
    form.models_using.remove(*own.difference(model_ids))
    form.models_using.add(*own.intersection(model_ids))
    record_event(by=by.user, verb="say_which_use", target=form, organisation_id=by.organisation_id, detail={"models": sorted(own.intersection(model_ids))})
