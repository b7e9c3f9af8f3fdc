"""A client shares chosen parts of the own pathway by a link, and ends it. `by_user` is the client, whose pathway the caller has found."""
import secrets
from calendar import monthrange
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from accounts.models import User
from guidance.actions.locks import lock_pathway
from guidance.actions.timeline import known_by_token
from guidance.choices import SharedSection
from guidance.models import Pathway, ShareLink, ShareOpening
from guidance.queries.sharing import digest_of, works

MOST_LINKS = 20


def a_year_after(day: date) -> date:
    """The last day that a link from `day` can have."""
    return day.replace(year=day.year + 1, day=min(day.day, monthrange(day.year + 1, day.month)[1]))


@transaction.atomic
def make_link(*, by_user: User, pathway: Pathway, label: str, sections: list[str], starts_on: date, ends_on: date, token=None) -> tuple[ShareLink, str]:
    """The link and its key, which is told this once. The same token twice is one link, and its key is not told again."""
    pathway = lock_pathway(pathway, open_only=False)
    if known := known_by_token(ShareLink.objects, token, pathway):
        return known, ""
    today = timezone.localdate()
    if pathway.client.is_protected:
        raise ValidationError(_("You are under non-disclosure for personal safety. Links are not made then."))
    if starts_on < today:
        raise ValidationError({"starts_on": _("This day is in the past.")})
    if ends_on > a_year_after(starts_on):
        raise ValidationError({"ends_on": _("A link works for a year at most.")})
    if ShareLink.objects.filter(pathway=pathway, revoked_at=None, ends_on__gte=today).count() >= MOST_LINKS:
        raise ValidationError(_("You have many links already. End one of them first."))
    key = secrets.token_urlsafe(32)
    chosen = [one for one in SharedSection.values if one in sections]
    if not chosen:
        raise ValidationError({"sections": _("Choose what is shown.")})
    link = ShareLink(pathway=pathway, label=label.strip(), sections=chosen, starts_on=starts_on, ends_on=ends_on, key_digest=digest_of(key), made_at=timezone.now(), **({"token": token} if token else {}))
    link.clean_fields(exclude=["pathway", "token"])
    link.validate_constraints()
    link.save()
    record_event(by=by_user, verb="share_link_made", target=link, detail={"pathway": pathway.pseudonym, "sections": chosen})
    return link, key


@transaction.atomic
def revoke_link(*, by_user: User, pathway: Pathway, link: ShareLink) -> ShareLink:
    """From the next opening on the link shows nothing. Ended twice is ended once."""
    lock_pathway(pathway, open_only=False, while_restricted=True)
    link = ShareLink.objects.select_for_update().get(pk=link.pk, pathway=pathway)
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
        record_event(by=by_user, verb="share_link_revoked", target=link, detail={"pathway": pathway.pseudonym})
    return link


@transaction.atomic
def open_shared(link: ShareLink) -> ShareLink | None:
    """Note an opening; None when the link has been ended since it was looked up. The view writes the read log."""
    lock_pathway(link.pathway, open_only=False, while_restricted=True)
    found = ShareLink.objects.select_for_update(of=("self",)).select_related("pathway__client", "pathway__process_owner").filter(pk=link.pk).first()
    if found is None or not works(found, timezone.localdate()):
        return None
    ShareOpening.objects.create(link=found, at=timezone.now())
    return found
