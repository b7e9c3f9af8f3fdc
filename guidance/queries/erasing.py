"""What an erasure would take, empty and leave, table by table: the dry run shows it, and the erasure walks the same lines."""
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.personal import Erasure, Personal, What, Who, declared
from guidance.choices import ImportState
from guidance.models import AccessLogSubject, Client, ImportRow, Pathway, PathwayAlias
from guidance.models.client import fold_name
from guidance.queries.held import held_models, rows_with

WITH_THE_PATHWAY = _("Belongs to the pathway, which stays because not every organisation has granted the erasure.")
ROWS_AT_A_TIME = 500
ANOTHER_PATHWAY = _("The client has another pathway, which goes on holding it.")


@dataclass(frozen=True)
class Line:
    """One table: what becomes of how many rows, and why they stay."""

    model: type[Model]
    personal: Personal
    rows: QuerySet
    erasure: Erasure
    stays: str | Promise = ""
    is_history: bool = False

    @property
    def label(self) -> str:
        return str(self.model._meta.label)

    @property
    def categories(self) -> list[str]:
        return [str(what.label) for what in What if what in self.personal.holds]

    @property
    def table(self) -> Any:
        """Where its rows are: the table, or that of its earlier versions."""
        return getattr(self.model, "history" if self.is_history else "_default_manager")

    @property
    def count(self) -> int:
        return self.rows.count()


def lines_of(pathways: Collection[Pathway], *, with_client: bool) -> Iterator[Line]:
    """Everything that hangs on these pathways of one client, in an order in which the database lets it go."""
    ids = [pathway.pk for pathway in pathways]
    client_id = next(iter(pathways)).client_id
    held = dict(held_models())
    for model in _in_order(held):
        personal = held[model]
        rows = rows_with(model, personal, ids, client_id if with_client else None)
        yield Line(model, personal, rows, personal.erasure, personal.stays)
        if hasattr(model, "history"):
            keys = list(rows.values_list("pk", flat=True))
            yield Line(model, personal, model.history.filter(**{f"{model._meta.pk.name}__in": keys}), personal.erasure, personal.stays, is_history=True)
    if not with_client:
        yield Line(Client, held[Client], Client.objects.filter(pk=client_id), Erasure.KEEP, ANOTHER_PATHWAY)
    yield from _by_themselves(pathways, client_id)


def own_lines_of(client: Client, organisation_id: int) -> Iterator[Line]:
    """What goes when this organisation grants the erasure and another does not: its own notes and files."""
    for model, personal in held_models():
        rows = model._default_manager.filter(**{personal.route or "": client.pk}).order_by()
        if personal.own:
            rows = rows.filter(**{personal.controller: organisation_id})
            yield Line(model, personal, model._default_manager.filter(pk__in=rows.values("pk")), personal.own)
        else:
            yield Line(model, personal, rows.distinct(), Erasure.KEEP, personal.stays or WITH_THE_PATHWAY)


def _by_themselves(pathways: Collection[Pathway], client_id: int) -> Iterator[Line]:
    """Rows that no key ties to the client: lines of lists under review, and the logs."""
    said = {model: personal for model, personal in declared() if personal.of == Who.CLIENT}
    lines = ImportRow.objects.filter(pk__in=import_rows_about(Client.objects.get(pk=client_id)))
    yield Line(ImportRow, said[ImportRow], lines, said[ImportRow].erasure, said[ImportRow].stays)
    logged = AccessLogSubject.objects.filter(pseudonym__in=pseudonyms_of(pathways))
    yield Line(AccessLogSubject, said[AccessLogSubject], logged, Erasure.KEEP, said[AccessLogSubject].stays)


def import_rows_about(client: Client, organisation_id: int | None = None) -> list[int]:
    """Lines of lists that say this client's name and birth date, however the date is written; a namesake's line stays.

    A stored or discarded list has no lines. The database looks for the year, which every way of writing the date has.
    """
    words = set(fold_name(client.full_name).split())
    born = client.birth_date
    dates = {born.isoformat(), f"{born.day}.{born.month}.{born.year}", f"{born:%d.%m.%Y}"}
    rows = ImportRow.objects.filter(batch__state__in=(ImportState.UPLOADED, ImportState.MAPPED))
    if organisation_id:
        rows = rows.filter(batch__organisation=organisation_id)
    rows = rows.annotate(in_cells=Cast("cells", TextField()), in_values=Cast("values", TextField())).filter(Q(in_cells__contains=str(born.year)) | Q(in_values__contains=str(born.year)))
    found = []
    for pk, cells, values in rows.order_by("pk").values_list("pk", "cells", "values").iterator(chunk_size=ROWS_AT_A_TIME):
        texts = [str(text) for text in (*cells, *values.values())]
        if words <= set(fold_words(texts)) and any(date in text for text in texts for date in dates):
            found.append(pk)
    return found


def fold_words(texts: list[str]) -> list[str]:
    return [word for text in texts for word in fold_name(text.replace(",", " ")).split()]


def pseudonyms_of(pathways: Collection[Pathway]) -> list[str]:
    """The present ones and those that were merged into them."""
    return [pathway.pseudonym for pathway in pathways] + list(PathwayAlias.objects.filter(pathway__in=[pathway.pk for pathway in pathways]).values_list("pseudonym", flat=True))


def _in_order(models: Collection[type[Model]]) -> list[type[Model]]:
    """Whatever names a row goes before the row."""
    named_by: dict[type[Model], set[type[Model]]] = {model: set() for model in models}
    for model in models:
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model in named_by and field.related_model is not model:
                named_by[field.related_model].add(model)
    return list(TopologicalSorter(named_by).static_order())
