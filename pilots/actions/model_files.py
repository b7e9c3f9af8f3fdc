"""Documents of a cooperation model: added and taken away by those who keep the model."""
import hashlib

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.actions.cooperation import locked_model
from pilots.attachments import check_file, clean_name, forget, store
from pilots.models import CooperationModel, Membership, ModelFile

MOST_FILES = 20


@transaction.atomic
def add_model_file(*, by: Membership, model: CooperationModel, title: str, name: str, content: bytes) -> ModelFile:
    """The same file sent twice is one. Should the transaction fail after all, the stored file belongs to nobody and is never handed out."""
    kind = check_file(content)
    model = locked_model(by, model.pk)
    digest = hashlib.sha256(content).hexdigest()
    if known := model.files.filter(sha256=digest).first():
        return known
    if model.files.count() >= MOST_FILES:
        raise ValidationError(_("This model already has 20 files. Remove one that is not needed any more."))
    file = ModelFile(model=model, title=title.strip(), name=clean_name(name, kind), content_type=kind.content_type, size=len(content), sha256=digest, by=by)
    file.full_clean(exclude=["model", "by"])
    file.save()
    record_event(by=by.user, verb="model_file_added", target=file, organisation_id=by.organisation_id, detail={"model": model.pk})
    store(file.stored_as, content)
    return file


@transaction.atomic
def remove_model_file(*, by: Membership, file: ModelFile) -> None:
    """Twice is no fault."""
    locked_model(by, file.model_id)
    if not ModelFile.objects.filter(pk=file.pk).exists():
        return
    record_event(by=by.user, verb="model_file_removed", target=file, organisation_id=by.organisation_id, detail={"model": file.model_id})
    stored_as = file.stored_as
    file.delete()
    transaction.on_commit(lambda: forget(stored_as))
