import hashlib
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.contacts import log_event
from guidance.actions.locks import lock_pathway, require_participant
from guidance.actions.timeline import known_by_token
from guidance.choices import EventKind, Visibility
from guidance.models import Attachment, Event, Pathway
from pilots.attachments import check_file, clean_name, forget, store
from pilots.models import Membership, Organisation

MOST_FILES = 100


@transaction.atomic
def attach_file(
    *, by: Membership, pathway: Pathway, name: str, content: bytes, text: str = "", visibility: str = Visibility.PARTICIPANTS, shown_to: Sequence[Organisation] = (), token=None
) -> Attachment:
    """Add a file with the note that tells what it is; whoever may read the note may read the file.

    The same token twice is one file. Should the transaction fail after all, the stored file belongs to nobody and
    is never handed out.
    """
    kind = check_file(content)
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if (known := known_by_token(Event.objects, token, pathway)) and (attachment := known.attachments.first()):
        return attachment
    if pathway.attachments.count() >= MOST_FILES:
        raise ValidationError(_("This pathway already has 100 files. Remove one that is not needed any more."))
    shown_name = clean_name(name, kind)
    event = log_event(by=by, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=text.strip() or shown_name, visibility=visibility, shown_to=list(shown_to), token=token)
    attachment = Attachment.objects.create(
        pathway=pathway, event=event, name=shown_name, content_type=kind.content_type, size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        by=by, organisation_id=by.organisation_id, visibility=visibility, added_at=event.at,
    )
    record_event(by=by.user, verb="file_attached", target=attachment, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym})
    store(attachment.stored_as, content)
    return attachment


@transaction.atomic
def remove_file(*, by: Membership, attachment: Attachment) -> None:
    """Take away a file that the own organisation added; its note stays and tells that there was one."""
    pathway = lock_pathway(attachment.pathway)
    require_participant(by, pathway)
    if not Attachment.objects.filter(pk=attachment.pk).exists():
        return
    if attachment.organisation_id != by.organisation_id:
        raise ValidationError(_("Only the organisation that added a file removes it."))
    record_event(by=by.user, verb="file_removed", target=attachment, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym})
    stored_as = attachment.stored_as
    attachment.delete()
    transaction.on_commit(lambda: forget(stored_as))
