"""The photo of a service: put, told in words, and taken away by those who handle its owner's services."""
import uuid
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.models import Membership
from services.conflicts import Conflict
from services.models import ServicePhoto, SharedService
from services.permissions import may_manage_service
from services.photos import forget, make_pictures, store


@transaction.atomic
def put_photo(*, by: Membership, service: SharedService, seen: uuid.UUID | None, content: bytes | None, alt_fi: str, alt_sv: str = "") -> ServicePhoto:
    """A first photo, another one instead (`content`), or other words for the one that is there. `seen`: the photo that the person looked at.

    Raises ValidationError for a file that is no photo, and Conflict when somebody else has put another one meanwhile.
    """
    photo = _held(by, service, seen)
    if photo is None and content is None:
        raise Conflict(service, _("Somebody else of your organisation has taken the photo away in the meantime."))
    old = photo.stored_as if photo and content is not None else None
    photo = photo or ServicePhoto(service=service)
    if content is not None:
        pictures = make_pictures(content)
        photo.stored_as, photo.width, photo.height = uuid.uuid4(), pictures.width, pictures.height
        store(photo.stored_as, pictures)
        if old:
            transaction.on_commit(partial(forget, old))
    photo.alt_fi, photo.alt_sv, photo.stored_at, photo.stored_by = alt_fi, alt_sv, timezone.now(), by
    photo.full_clean(exclude=["service"])
    photo.save()
    record_event(by=by.user, verb="put_photo", target=service, organisation_id=by.organisation_id)
    return photo


@transaction.atomic
def remove_photo(*, by: Membership, service: SharedService, seen: uuid.UUID | None) -> None:
    """The files go with the row; a second time changes nothing."""
    photo = _held(by, service, seen)
    if photo:
        transaction.on_commit(partial(forget, photo.stored_as))
        photo.delete()
        record_event(by=by.user, verb="remove_photo", target=service, organisation_id=by.organisation_id)


def _held(by: Membership, service: SharedService, seen: uuid.UUID | None) -> ServicePhoto | None:
    service = SharedService.objects.select_for_update().get(pk=service.pk)
    if not may_manage_service(by, service):
        raise PermissionDenied
    photo = ServicePhoto.objects.filter(service=service).first()
    if photo and photo.stored_as != seen:
        raise Conflict(service, _("Somebody else of your organisation has put another photo in the meantime."))
    return photo
