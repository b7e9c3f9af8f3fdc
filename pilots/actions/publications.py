"""Publications, kept by Kuntaliitto's staff."""
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from pilots.actions.editing import ChangedMeanwhile
from pilots.choices import Permission
from pilots.models import Membership, Publication
from pilots.permissions import may
from pilots.queries.history import change_reason

PUBLICATION_FIELDS = (
    *("kind", "name_fi", "name_sv", "author", "language", "published_on", "published_in_words_fi", "published_in_words_sv"),
    *("where_fi", "where_sv", "link", "summary_fi", "summary_sv", "source"),
)


@transaction.atomic
def add_publication(*, by: Membership, values: dict[str, Any]) -> Publication:
    """The same form sent twice makes one."""
    _check(by)
    if twin := Publication.objects.filter(archived_at=None, **values).first():
        return twin
    return _save(Publication(**values), by, "add_publication")


@transaction.atomic
def edit_publication(*, by: Membership, pk: int, version: int, values: dict[str, Any]) -> bool:
    """Whether anything changed. Raises ChangedMeanwhile when `version` is no longer the publication's."""
    publication = _locked(by, pk)
    changed = [name for name in PUBLICATION_FIELDS if getattr(publication, name) != values[name]]
    if not changed:
        return False
    if version != publication.version:
        raise ChangedMeanwhile(publication)
    for name in changed:
        setattr(publication, name, values[name])
    publication.version += 1
    _save(publication, by, "edit_publication")
    return True


@transaction.atomic
def archive_publication(*, by: Membership, pk: int) -> Publication:
    """Shown no longer in the list and the feed; its own page stays and says so. Archived twice, it is taken out of the archive."""
    publication = _locked(by, pk)
    if publication.archived_at:
        publication.archived_at = publication.archived_by = None
        return _save(publication, by, "restore_publication")
    publication.archived_at, publication.archived_by = timezone.now(), by.user
    return _save(publication, by, "archive_publication")


def _check(by: Membership) -> None:
    if not may(by, Permission.MODERATE):
        raise PermissionDenied


def _locked(by: Membership, pk: int) -> Publication:
    _check(by)
    return Publication.objects.select_for_update().get(pk=pk)


def _save(publication: Publication, by: Membership, verb: str) -> Publication:
    if not (publication.name_fi or publication.name_sv):
        raise ValidationError({"name_fi": _("Write the title in Finnish or in Swedish.")})
    publication.clean_fields(exclude=["archived_by", "sort_key_fi", "sort_key_sv", "search_words", "slug"])
    publication._history_user = by.user  # type: ignore[attr-defined]
    publication._change_reason = change_reason(by, verb)  # type: ignore[attr-defined]
    publication.save()
    record_event(by=by.user, verb=verb, target=publication, organisation_id=by.organisation_id, detail={"version": publication.version})
    return publication
