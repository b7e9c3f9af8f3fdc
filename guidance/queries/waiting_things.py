"""One thing that waits, as its row is read from the database: in JSON for the page of all parts, plain for a full list."""
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Coalesce, Concat

from guidance.models import ClientEntry, Handoff, Pathway
from guidance.queries.rows import name_in_language, to_day, to_moment


@dataclass(frozen=True)
class Thing:
    """One row as the page shows it, whatever it is about."""

    pk: int
    pseudonym: str
    name: str = ""
    what: str = ""
    day: date | None = None
    moment: datetime | None = None
    # Whose work it is, when it waits here because they are away.
    instead_of: str = ""
    kind: str = ""
    ladder: int = 0
    from_name: str = ""
    to_name: str = ""
    stage: str = ""
    partnership: str = ""


def thing_of(row: dict, absent: dict[int, str]) -> Thing:
    """`absent`: the names of those who are away, by id. Out of JSON, where days and times are text, or out of a row of the full list."""
    row = dict(row)
    person_pk = row.pop("person_pk", None)
    for name, read in (("day", to_day), ("moment", to_moment)):
        if isinstance(row.get(name), str):
            row[name] = read(row[name])
    return Thing(**row, instead_of=absent.get(person_pk, ""))


def listed_fields(model: type) -> dict:
    """The same fields for a page of the full list, read without JSON."""
    return {f"shown_{name}": value for name, value in fields_of(model).items() if name != "pk"}


def fields_of(model: type) -> dict:
    if model is Handoff:
        return {
            "pk": F("pk"), "pseudonym": F("pathway__pseudonym"), "what": F("kind"), "kind": F("state"), "ladder": F("ladder_step"), "day": F("due_on"),
            # Of one that was declined: when. It has no first contact.
            "moment": Coalesce("first_contact_at", "answered_at"),
            "from_name": name_in_language("from_organisation"),
            "to_name": Case(When(to_organisation=None, then=F("to_outside")), default=name_in_language("to_organisation"), output_field=CharField()),
            "person_pk": F("from_person_id"), "partnership": F("pathway__partnership__slug"),
        }
    if model is ClientEntry:
        # No name: the lead of a partnership reads it too.
        return {"pk": F("pk"), "pseudonym": F("pathway__pseudonym"), "what": F("kind"), "stage": F("pathway__stage"), "moment": F("at"), "partnership": F("pathway__partnership__slug")}
    path = "" if model is Pathway else "pathway__"
    fields = {"pk": F("pk"), "pseudonym": F(f"{path}pseudonym"), "name": Concat(f"{path}client__family_name", Value(" "), f"{path}client__given_names"), "stage": F(f"{path}stage")}
    if model is Pathway:
        return fields | {"moment": F("last_event_at")}
    return fields | {"what": F("what"), "kind": F("kind"), "day": F("due_on"), "moment": F("starts_at"), "person_pk": F("responsible_id")}
