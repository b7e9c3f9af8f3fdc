"""Everything that is held of a client, as data and as words: for whoever asks to see it or to take it along.

Source: General Data Protection Regulation (EU) 2016/679, articles 15 and 20. The rule about other people: of workers the organisation
is told and not the name. Who reads and writes in an organisation's service is not the client's data as such (Court of Justice
of the European Union, C-579/21, Pankki S, 22 June 2023). So what the declarations call `workers` is left out too. Keys and tokens that only the portal's machinery uses are left out.
"""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Field, ForeignKey, Model, Q, QuerySet, UUIDField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.personal import Personal, What, Who, declared
from guidance.models import AccessLog, AccessLogSubject, Attachment, Client, ImportRow, Pathway
from guidance.queries.erasing import import_rows_about, pseudonyms_of
from guidance.queries.held import held_models, rows_of
from pilots.models import Membership, Organisation

MACHINERY = {"key_hash", "key_digest", "nonce", "sha256", "history_change_reason", "history_user"}

# What is told by its name; of everything else the number of the row.
NAMED = (Membership, Organisation, Pathway)


@dataclass(frozen=True)
class Cell:
    """`label` is empty where the field has no words of its own: then its name stands."""

    name: str
    label: str
    value: Any
    words: str


@dataclass(frozen=True)
class Table:
    model: type[Model]
    personal: Personal
    rows: list[list[Cell]]
    is_history: bool = False

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def categories(self) -> list[str]:
        return [str(what.label) for what in What if what in self.personal.holds]


def tables_of(client: Client, organisation_id: int | None = None) -> Iterator[Table]:
    """Table by table, empty ones left out; with an organisation what that one answers for.

    What has no controller of its own (the client's own words) belongs to the process owner's answer.
    """
    pathways = list(client.pathways.all())
    owns = organisation_id is None or any(pathway.process_owner_id == organisation_id for pathway in pathways)
    for model, personal in held_models():
        rows = rows_of(client, model, personal)
        if organisation_id:
            rows = rows.filter(Q(**{personal.controller: organisation_id}) | _nobodys(personal, organisation_id))
        found = list(_with_names(model, rows))
        if found:
            yield Table(model, personal, [_cells(row, personal) for row in found])
        if found and hasattr(model, "history"):
            yield Table(model, personal, [_cells(row, personal) for row in _earlier(model, [row.pk for row in found])], is_history=True)
    if owns:
        yield from _account(client)
        yield from _lists(client, organisation_id)
    own = [pathway for pathway in pathways if organisation_id in (None, pathway.process_owner_id)]
    yield from _readings(own or pathways, None if own else organisation_id)


def _nobodys(personal: Personal, organisation_id: int) -> Q:
    """The client's own words on a pathway belong to the answer of the organisation that owns that pathway, not another of the client's."""
    route = personal.route or ""
    if not route.endswith("pathway__client"):
        return Q(pk=None)
    return Q(**{f"{personal.controller}__isnull": True, f"{route.removesuffix('__client')}__process_owner": organisation_id})


def _with_names(model: type[Model], rows: QuerySet) -> QuerySet:
    """With whatever is told by its name, in one query for all rows."""
    named = [_path(field) for field in model._meta.concrete_fields if field.related_model in NAMED]
    many = [_path(field) for field in model._meta.many_to_many]
    return model._default_manager.filter(pk__in=rows.order_by().values("pk")).select_related(*named).prefetch_related(*many).order_by("pk")


def _path(field: Any) -> str:
    return f"{field.name}__organisation" if field.related_model is Membership else field.name


def _earlier(model: Any, keys: list[int]) -> QuerySet:
    named = [_path(field) for field in model.history.model._meta.concrete_fields if field.related_model in NAMED]
    return model.history.filter(**{f"{model._meta.pk.name}__in": keys}).select_related(*named).order_by("history_id")


def data_of(tables: Iterable[Table], *, made_at: datetime) -> dict:
    data: dict[str, Any] = {"made_at": made_at.isoformat(), "tables": {}}
    for table in tables:
        data["tables"][f"{table.label}{' (earlier versions)' if table.is_history else ''}"] = [{cell.name: cell.value for cell in row} for row in table.rows]
    return data


def files_of(client: Client, organisation_id: int | None = None) -> list[Attachment]:
    files = Attachment.objects.filter(pathway__client=client).order_by("pk")
    return list(files.filter(organisation=organisation_id) if organisation_id else files)


def _account(client: Client) -> Iterator[Table]:
    users = User.objects.filter(client_account__client=client)
    said = dict(declared())
    rows = [[_cell(user, user._meta.get_field(name)) for name in ("id", "email", "name", "language", "date_joined", "last_login")] for user in users]
    if rows:
        yield Table(User, said[User], rows)


def _lists(client: Client, organisation_id: int | None) -> Iterator[Table]:
    rows = list(ImportRow.objects.filter(pk__in=import_rows_about(client, organisation_id)).order_by("pk"))
    if rows:
        said = _said(ImportRow)
        yield Table(ImportRow, said, [_cells(row, said) for row in rows])


def _readings(pathways: list[Pathway], organisation_id: int | None) -> Iterator[Table]:
    """When, from which organisation, what and for which purpose: never who."""
    subjects = AccessLogSubject.objects.filter(pseudonym__in=pseudonyms_of(pathways))
    rows = AccessLog.objects.filter(pk__in=subjects.values("log_id")).order_by("pk")
    if organisation_id:
        rows = rows.filter(organisation_id=organisation_id)
    found = list(rows)
    names = {one.pk: one.name for one in Organisation.objects.filter(pk__in={row.organisation_id for row in found})}
    cells = [[*(_cell(row, row._meta.get_field(name)) for name in ("id", "at", "action", "purpose", "basis")), Cell("organisation", "", names.get(row.organisation_id or 0, ""), names.get(row.organisation_id or 0, ""))] for row in found]
    if cells:
        yield Table(AccessLog, _said(AccessLog), cells)


def _said(model: type[Model]) -> Personal:
    return next(personal for one, personal in declared() if one is model and personal.of == Who.CLIENT)


def _cells(row: Model, personal: Personal) -> list[Cell]:
    left_out = MACHINERY.union(personal.workers)
    cells = [_cell(row, field) for field in row._meta.concrete_fields if field.name not in left_out and not isinstance(field, UUIDField)]
    for field in row._meta.many_to_many:
        names = sorted({_name(one) for one in getattr(row, field.name).all()})
        cells.append(Cell(field.name, _label(field), names, ", ".join(names)))
    return cells


def _cell(row: Model, field: Any) -> Cell:
    if isinstance(field, ForeignKey):
        told = _told(row, field)
        return Cell(field.name, _label(field), told, "" if told is None else str(told))
    value = getattr(row, field.attname)
    if field.name == "history_type":
        return Cell(field.name, _("what became of it"), value, {"+": pgettext("version", "added"), "~": pgettext("version", "changed"), "-": pgettext("version", "removed")}[value])
    if isinstance(value, bool):
        return Cell(field.name, _label(field), value, _("yes") if value else _("no"))
    if field.choices:
        return Cell(field.name, _label(field), value, str(getattr(row, f"get_{field.name}_display")()))
    if isinstance(value, datetime):
        return Cell(field.name, _label(field), value.isoformat(), timezone.localtime(value).strftime("%Y-%m-%d %H:%M"))
    plain = value if value is None or isinstance(value, (bool, int, str, list, dict)) else str(value)
    return Cell(field.name, _label(field), plain, "" if value is None else str(plain))


def _told(row: Model, field: ForeignKey) -> Any:
    if getattr(row, field.attname) is None:
        return None
    if field.related_model is User:
        return None
    if field.related_model in NAMED:
        return _name(getattr(row, field.name))
    key = getattr(row, field.attname)
    return key if isinstance(key, int) else str(key)


def _name(one: Any) -> str:
    """Of a worker the organisation."""
    if isinstance(one, Membership):
        return one.organisation.name
    return one.name if isinstance(one, Organisation) else str(one)


def _label(field: Field) -> str:
    own = getattr(field, "_verbose_name", None)
    return str(own) if isinstance(own, Promise) else ""
