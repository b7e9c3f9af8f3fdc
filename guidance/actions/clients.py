"""Who a client is. Name, birth date and contact are written here and in no event, audit row or mail."""
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import can_answer, lock_pathway, lock_people
from guidance.actions.pathways import require_minor_asked
from guidance.actions.timeline import write_event
from guidance.choices import EventKind, ProtectionEnd
from guidance.models import AppointmentLink, Client, Participation, Pathway
from guidance.permissions import may_see_pathway, may_see_protected_details, takes_part
from guidance.registries import pathways_changed
from pilots.models import Membership
from services.conflicts import Conflict

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
    if client.is_protected and "contact_address" in changed:
        _require_contact_address(client)
    _store(client, require_minor=not {"birth_date", "minor_actor", "minor_checked_on"}.isdisjoint(changed))
    if changed:
        _audit(client, pathway, by, "client_edited", fields=sorted(changed))
    return client


@transaction.atomic
def protect_client(*, by: Membership, pathway: Pathway, named_people: Iterable[Membership] = (), contact_address: str = "") -> Client:
    """Non-disclosure for personal safety begins: all but the contact address is emptied and only named people see the rest.

    Whoever writes it down is named, the process owner's responsible person, and others of organisations that take part. Earlier
    values go from the history too. The process owner does it for a client whose pathway has ended as well.
    """
    pathway, client = _lock_client(by, pathway, open_only=False, while_restricted=True)
    if client.is_protected:
        raise Conflict(client, _("This client has been put under non-disclosure already."))
    for name, empty in EMPTIED.items():
        setattr(client, name, empty)
    client.is_protected = True
    client.contact_address = contact_address or client.contact_address
    _require_contact_address(client)
    _store(client)
    forget_history(client.pk)
    end_mailed_links(client)
    _name(client, pathway, [by, *named_people], responsible=_responsible_people(pathway))
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
    """Who sees the protected details from now on: one of the process owner at least, all of organisations that take part.

    By a named person. Whom another open pathway of the client has named stays.
    """
    pathway, client = _lock_client(by, pathway, open_only=False)
    if not client.is_protected:
        raise ValidationError(_("This client is not under non-disclosure."))
    _name(client, pathway, people)
    _audit(client, pathway, by, "client_people_named", people=sorted(person.pk for person in people))
    return client


def end_mailed_links(client: Client) -> None:
    """What lies in a mailbox from before can be read by whom the client is protected from."""
    now = timezone.now()
    client.invitations.open().update(revoked_at=now)
    AppointmentLink.objects.filter(pathway__client=client, opened_at=None).update(expires_at=now)


def take_protection_over(keep: Client, other: Client) -> None:
    """Of two files of one person, one under non-disclosure: both are, and their histories. For `actions.merging`.

    The kept one's named people stay when it was protected already; otherwise they are the other's.
    """
    if not keep.is_protected:
        keep.named_people.set(other.named_people.all())
    contact_address = keep.contact_address or other.contact_address
    for client in (keep, other):
        client.is_protected, client.contact_address = True, contact_address
        for name, empty in EMPTIED.items():
            setattr(client, name, empty)
        _store(client)
        forget_history(client.pk)
        end_mailed_links(client)
    other.named_people.set(keep.named_people.all())


def forget_history(pk: int) -> None:
    """What non-disclosure empties is emptied in every earlier row, and in the one that a deleted client leaves."""
    Client.history.filter(id=pk).update(**EMPTIED)


def _lock_client(by: Membership, pathway: Pathway, *, open_only: bool = True, while_restricted: bool = False) -> tuple[Pathway, Client]:
    # Rows that only name the client do not wait (`no_key`): who holds a pathway may name somebody for its client.
    client = Client.objects.select_for_update(no_key=True).get(pk=Pathway.objects.values_list("client", flat=True).get(pk=pathway.pk))
    pathway = lock_pathway(pathway, open_only=open_only, while_restricted=while_restricted)
    if not may_see_pathway(by, pathway):
        raise ValidationError(_("Your organisation does not take part in this pathway."))
    if not may_see_protected_details(by, pathway):
        raise ValidationError(_("This client is under non-disclosure: only the people named for it change these details."))
    return pathway, client


def _require_contact_address(client: Client) -> None:
    client.contact_address = client.contact_address.strip()
    if not client.contact_address:
        raise ValidationError({"contact_address": _("Write the contact address, or through whom the client is reached: nothing else is kept.")})


def _store(client: Client, *, require_minor: bool = False) -> None:
    if require_minor:
        require_minor_asked(client)
    client.clean_fields(exclude=["sort_key", "search_name", "municipality"])
    client.validate_constraints()
    client.save()
    pathways_changed(client.pathways.values_list("pk", flat=True))


def _responsible_people(pathway: Pathway) -> list[Membership]:
    """The responsible person of each open pathway of the client and of this one: no process owner is locked out."""
    rows = Pathway.objects.filter(Q(closed_at=None) | Q(pk=pathway.pk), client=pathway.client_id).select_related("process_person")
    return [row.process_person for row in rows if row.process_person]


def _name(client: Client, pathway: Pathway, people: list[Membership], responsible: Sequence[Membership] = ()) -> None:
    held = lock_people(*people, *responsible)
    people, responsible = held[: len(people)], [person for person in held[len(people) :] if can_answer(person)]
    if not people or any(not can_answer(person) or not _may_be_named(person, pathway) for person in people):
        raise ValidationError({"named_people": _("Name at least one active counsellor; each of an organisation that takes part in this pathway.")})
    if all(person.organisation_id != pathway.process_owner_id for person in (*people, *responsible)):
        raise ValidationError({"named_people": _("Name at least one counsellor of the organisation that owns the process: it answers for the client.")})
    here = Participation.objects.filter(pathway=pathway, ends_at=None).values("organisation")
    elsewhere = Participation.objects.filter(pathway__client=client, pathway__closed_at=None, ends_at=None).exclude(organisation__in=here).values("organisation")
    client.named_people.set({*people, *responsible, *client.named_people.filter(organisation__in=elsewhere)})


def _may_be_named(person: Membership, pathway: Pathway) -> bool:
    return takes_part(person.organisation_id, pathway) or (pathway.closed_at is not None and person.organisation_id == pathway.process_owner_id)


def _audit(client: Client, pathway: Pathway, by: Membership, verb: str, **detail) -> None:
    record_event(by=by.user, verb=verb, target=client, organisation_id=by.organisation_id, detail={"pathway": pathway.pseudonym, **detail})
