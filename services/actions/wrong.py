"""“This is wrong”: a reader of the catalogue tells the owner."""
import uuid
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.notifications import notify
from accounts.actions.outbox import queue_mail
from pilots.models import Membership
from services.actions.notices import handlers_of
from services.models import SharedService
from services.queries.catalogue import visible_services

WINDOW = timedelta(hours=1)
MOST_IN_WINDOW = 5
REMEMBERED = timedelta(days=1)


@transaction.atomic
def tell_wrong(*, by: Membership | None, service: SharedService, text: str, token: uuid.UUID) -> bool:
    """A mail to the people who handle the owner's services, else to the address for questions; False when this very form was sent before.

    Raises ValidationError when one person has sent much, and when nobody would read it.
    """
    if by is None or not visible_services(by).filter(pk=service.pk).exists():
        raise PermissionDenied
    window = int(timezone.now().timestamp() // WINDOW.total_seconds())
    sent, count = f"service_wrong:{token}", f"service_wrong:{by.user_id}:{window}"
    if cache.get(sent):
        return False
    if (number := cache.get(count, 0)) >= MOST_IN_WINDOW:
        raise ValidationError(_("You have sent several corrections in the last hour. Your text is still here: send it again in an hour."))
    readers = handlers_of(service.organisation_id)
    if not readers and not service.contact_email:
        raise ValidationError(_("Nobody of this organisation reads these messages yet. Call the contact person instead."))
    if not cache.add(sent, 1, REMEMBERED.total_seconds()):
        return False
    cache.set(count, number + 1, WINDOW.total_seconds())
    context = {"service": service, "by": by, "text": text}
    for person in readers:
        notify(user_id=person.user_id, kind="service_wrong", page="services:service_detail", arguments=[service.pk], context=context)
    if not readers:
        with translation.override(settings.LANGUAGE_CODE):
            address = settings.PUBLIC_ORIGIN + reverse("services:service_detail", args=[service.pk])
        queue_mail(kind="service_wrong", to_email=service.contact_email, language=settings.LANGUAGE_CODE, context=context | {"address": address})
    record_event(by=by.user, verb="tell_wrong", target=service, organisation_id=by.organisation_id)
    return True
