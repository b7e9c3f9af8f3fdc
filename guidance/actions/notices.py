"""Mails of guidance. Never personal data: what waits, for whom, and the way to the page; no name, no pseudonym."""
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.actions.outbox import queue_mail
from guidance.models import Handoff
from guidance.queries.receivers import receivers
from pilots.models import Membership


def tell_about_handoff(handoff: Handoff, kind: str) -> None:
    """The receiver is told of what was sent or withdrawn, the sender of what was answered."""
    to_receiver = kind in ("handoff_sent", "handoff_withdrawn")
    for person in handoff_receivers(handoff) if to_receiver else [handoff.from_person]:
        tell(person, kind)


def handoff_receivers(handoff: Handoff) -> list[Membership]:
    if handoff.to_person:
        return [handoff.to_person]
    return receivers(handoff.to_organisation) if handoff.to_organisation else []


def tell(person: Membership, kind: str, **context) -> None:
    with translation.override(person.user.language):
        address = settings.PUBLIC_ORIGIN + reverse("guidance:waiting")
    queue_mail(kind=kind, to_email=person.user.email, language=person.user.language, context={"address": address, "organisation": person.organisation, **context})
