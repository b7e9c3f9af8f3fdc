"""Who a client is. Name, birth date and contact are written here and in no event, audit row or mail."""
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import can_answer, lock_pathway, lock_people, require_participant
from guidance.actions.pathways import require_minor_asked
from guidance.actions.timeline import write_event
from guidance.choices import EventKind, ProtectionEnd
from guidance.conflicts import Conflict
from guidance.models import Client, Pathway
from guidance.permissions import may_see_protected_details, takes_part
from pilots.models import Membership

CLIENT_FIELDS = (
    "family_name", "given_names", "birth_date", "phone", "email", "address", "contact_address", "service_language", "interpreter_language", "finnish_level", "swedish_level",
    "municipality", "municipality_code", "minor_actor", "minor_checked_on",
)
# What non-disclosure empties; the contact address is what is left.
EMPTIED = {"address": "", "phone": "", "email": "", "municipality": None, "municipality_code": ""}


@transaction.atomic
def edit_client(*, by: Membership, pathway: Pathway, seen: dict | None = None, **fields) -> Client:
    """Change who the client is, in the course of a pathway in which the own organisation takes part.

    `seen`: the values that the person's page was drawn with. A field that somebody else has changed since is not
    overwritten unseen: ValidationError by field. The history of a client is kept.
    """
    pathway, client = _lock_client(by, pathway)
    if unknown := set(fields) - set(CLIENT_FIELDS):
        raise ValidationError(_("This is not changed here."), params={"fields": sorted(unknown)})
    changed = [name for name, value in fields.items() if getattr(client, name) != value]
    stale = [name for name in changed if seen is not None and name in seen and seen[name] != getattr(client, name)]
    if stale:
        raise ValidationError({name: _("Somebody has changed this in the meantime. Look at it as it is now.") for name in stale})
    for name in changed:
        setattr(client, name, fields[name])
    _store(client, require_minor=not {"birth_date", "minor_actor", "minor_checked_on"}.isdisjoint(changed))
    if changed:
        _audit(client, pathway, by, "client_edited", fields=sorted(changed))
    return client


@transaction.atomic
def protect_client(*, by: Membership, pathway: Pathway, named_people: Iterable[Membership] = (), contact_address: str = "") -> Client:
    """Non-disclosure for personal safety begins: all but the contact address is emptied and only named people see the rest.

    Whoever writes it down is named, and others of organisations that take part. Earlier values go from the history too.
    """
    pathway, client = _lock_client(by, pathway)
    if client.is_protected:
        raise Conflict(client, _("This client has been put under non-disclosure already."))
    for name, empty in EMPTIED.items():
        setattr(client, name, empty)
    client.is_protected = True
    client.contact_address = contact_address.strip() or client.contact_address
    _store(client)
    client.history.update(**{name: empty for name, empty in EMPTIED.items() if name != "municipality"}, municipality=None)
    _name(client, pathway, by, [by, *named_people])
    write_event(pathway=pathway, kind=EventKind.PROTECTION, by=by)
    _audit(client, pathway, by, "client_protected")
    return client


@transaction.atomic
def unprotect_client(*, by: Membership, pathway: Pathway, reason: str) -> Client:
    """Non-disclosure has ended; a named person writes it down, with a coded reason. What was emptied is asked anew."""
    pathway, client = _lock_client(by, pathway)
    if not client.is_protected:
        raise Conflict(client, _("The non-disclosure of this client has been ended already."))
    if reason not in ProtectionEnd.values:
        raise ValidationError({"reason": _("Choose why the non-disclosure ends.")})
    client.is_protected = False
    _store(client)
    client.named_people.clear()
    write_event(pathway=pathway, kind=EventKind.PROTECTION, by=by, detail={"ended": reason})
    _audit(client, pathway, by, "client_unprotected", reason=reason)
    return client


@transaction.atomic
def name_people(*, by: Membership, pathway: Pathway, people: list[Membership]) -> Client:
    """Who sees the protected details from now on: at least one person, all of organisations that take part. By a named person."""
    pathway, client = _lock_client(by, pathway)
    if not client.is_protected:
        raise ValidationError(_("This client is not under non-disclosure."))
    _name(client, pathway, by, people)
    _audit(client, pathway, by, "client_people_named", people=sorted(person.pk for person in people))
    return client


def take_protection_over(keep: Client, other: Client) -> None:
    """Of two files of one person, one under non-disclosure: the kept one is, and so is its history. For `actions.merging`."""
    keep.is_protected = True
    keep.contact_address = keep.contact_address or other.contact_address
    for name, empty in EMPTIED.items():
        setattr(keep, name, empty)
    _store(keep)
    for client in (keep, other):
        client.history.update(**EMPTIED)
    keep.named_people.add(*other.named_people.all())


def _lock_client(by: Membership, pathway: Pathway) -> tuple[Pathway, Client]:
    client = Client.objects.select_for_update().get(pk=Pathway.objects.values_list("client", flat=True).get(pk=pathway.pk))
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if not may_see_protected_details(by, pathway):
        raise ValidationError(_("This client is under non-disclosure: only the people named for it change these details."))
    return pathway, client


def _store(client: Client, *, require_minor: bool = False) -> None:
    if require_minor:
        require_minor_asked(client)
    client.clean_fields(exclude=["sort_key", "search_name", "municipality"])
    client.validate_constraints()
    client.save()


def _name(client: Client, pathway: Pathway, by: Membership, people: list[Membership]) -> None:
    people = lock_people(*people)
    if not people or any(not can_answer(person) or not takes_part(person.organisation_id, pathway) for person in people):
        raise ValidationError({"named_people": _("Name at least one active counsellor; each of an organisation that takes part in this pathway.")})
    client.named_people.set(people)


def _audit(client: Client, pathway: Pathway, by: Membership, verb: str, **detail) -> None:
    record_event(by=by.user, verb=verb, target=client, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym, **detail})
