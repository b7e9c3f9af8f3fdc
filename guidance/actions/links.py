"""Links for bodies outside the portal; who sends a hand-off to one sends its link in the same transaction."""
import secrets
from datetime import datetime, time, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.actions.outbox import queue_mail
from guidance.actions.locks import lock_pathway, require_participant
from guidance.choices import HandoffState
from guidance.models import Handoff, OutsideLink
from guidance.permissions import may_steer_sent
from guidance.queries.outside import link_token
from pilots.models import Membership

LINK_VALID_FOR = timedelta(days=14)


def send_outside_link(handoff: Handoff) -> OutsideLink:
    """Make the hand-off's link, which ends an earlier one, and mail it: no word about the client in it.

    For actions that hold the pathway's lock. Valid for two weeks, or to the end of the day to answer by when that is later.
    """
    answer_by = timezone.make_aware(datetime.combine(handoff.due_on + timedelta(days=1), time.min))
    link, _made = OutsideLink.objects.update_or_create(
        handoff=handoff, defaults={"nonce": secrets.token_urlsafe(16), "expires_at": max(timezone.now() + LINK_VALID_FOR, answer_by), "opened_at": None, "used_at": None}
    )
    language = handoff.from_person.user.language
    with translation.override(language):
        address = settings.PUBLIC_ORIGIN + reverse("guidance:outside_answer", args=[link_token(link)])
    queue_mail(
        kind="handoff_outside",
        to_email=handoff.to_outside_email,
        language=language,
        context={"address": address, "organisation": handoff.from_person.organisation, "body": handoff.to_outside, "expires_at": link.expires_at, "due_on": handoff.due_on},
    )
    return link


@transaction.atomic
def renew_outside_link(*, by: Membership, handoff: Handoff) -> OutsideLink:
    """Send a new link for an unanswered hand-off; the old one no longer works."""
    pathway = lock_pathway(handoff.pathway)
    require_participant(by, pathway)
    handoff = Handoff.objects.select_for_update(of=("self",)).select_related("from_person__user", "from_person__organisation").get(pk=handoff.pk)
    if not may_steer_sent(by, handoff):
        raise ValidationError(_("Only the sending organisation sends the link again."))
    if handoff.state != HandoffState.SENT or not handoff.to_outside_email:
        raise ValidationError(_("This hand-off no longer waits for an answer by a link."))
    link = send_outside_link(handoff)
    record_event(by=by.user, verb="outside_link_renewed", target=handoff, organisation_id=by.organisation_id)
    return link
