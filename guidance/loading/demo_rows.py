"""The rows of many stories, put into the database in as few statements as it takes."""
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from types import SimpleNamespace
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from guidance.models import (
    AssessmentItem,
    Attachment,
    Client,
    Consent,
    DropIn,
    EducationOption,
    Event,
    Handoff,
    NextStep,
    OutsideLink,
    Participation,
    Partnership,
    Pathway,
    StagePeriod,
    WorkPeriod,
    WorkplacePeriod,
)
from pilots.models import Membership

# What a row points to is stored before it.
ORDER = [Client, Pathway, StagePeriod, Participation, Consent, Handoff, OutsideLink, AssessmentItem, EducationOption, WorkplacePeriod, WorkPeriod, NextStep, Event, Attachment, DropIn]
# How Django stores these in SQLite; asking each field for each value took half of the time.
AS_STORED: dict[type[models.Field], Callable[[Any], Any]] = {
    models.DateTimeField: lambda moment: str(moment.astimezone(UTC).replace(tzinfo=None)),
    models.DateField: str,
    models.UUIDField: lambda value: value.hex,
    models.JSONField: json.dumps,
}


@dataclass
class World:
    """What all stories share."""

    partnership: Partnership
    # Part -> the people who guide in it.
    people: dict[str, list[Membership]]
    # Code of a measure -> its key, and whether it was offered in the trial only.
    programmes: dict[str, tuple[int, bool]]
    until: datetime


@dataclass
class Rows:
    """Rows that have their keys and are not stored yet."""

    by_model: dict[type[models.Model], list] = field(default_factory=lambda: defaultdict(list))
    # Client under non-disclosure, and who sees the protected details.
    named: list[tuple[Client, list[Membership]]] = field(default_factory=list)
    stored: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    keys: dict[type[models.Model], Iterator[int]] = field(default_factory=dict)

    def add(self, row: models.Model) -> None:
        row.pk = self._next_key(type(row))
        self.by_model[type(row)].append(row)

    def line(self, model: type[models.Model], **values) -> SimpleNamespace:
        """A row of a model of which there are very many, with keys for foreign keys: made in a fifth of the model's own time."""
        line = SimpleNamespace(**(_blank(model) | values))
        line.id = self._next_key(model)
        self.by_model[model].append(line)
        return line

    def _next_key(self, model: type[models.Model]) -> int:
        if model not in self.keys:
            self.keys[model] = count((model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1)
        return next(self.keys[model])

    def store(self) -> None:
        """Store everything and forget it."""
        for model in ORDER:
            rows = self.by_model.pop(model, [])
            if not rows:
                continue
            _insert(model, rows)
            self.stored[model.__name__] += len(rows)
            if model is Client:
                for client in rows:
                    client._history_date = client.created_at
                model.history.bulk_history_create(rows)
        through = Client.named_people.through
        through.objects.bulk_create(through(client_id=client.pk, membership_id=person.pk) for client, people in self.named for person in people)
        self.named = []

    def finish(self) -> None:
        """Store the rest; the database counts on from the last key."""
        self.store()
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), ORDER):
                cursor.execute(statement)


@cache
def _blank(model: type[models.Model]) -> dict[str, Any]:
    return {one.attname: one.get_default() for one in model._meta.concrete_fields}


def _insert(model: type[models.Model], rows: list) -> None:
    """As bulk_create, which spends nine tenths of its time on building one long statement where SQLite takes rows as they are."""
    if connection.vendor != "sqlite":
        model._default_manager.bulk_create((row if isinstance(row, model) else model(**vars(row)) for row in rows), batch_size=1000)
        return
    fields = model._meta.concrete_fields
    names = [one.attname for one in fields]
    conversions = [(place, AS_STORED[type(one)]) for place, one in enumerate(fields) if type(one) in AS_STORED]
    columns = ", ".join(connection.ops.quote_name(one.column) for one in fields)
    lines = []
    for row in rows:
        values = vars(row)
        line = [values[name] for name in names]
        for place, convert in conversions:
            if line[place] is not None:
                line[place] = convert(line[place])
        lines.append(line)
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({columns}) VALUES ({marks})", lines)  # noqa: S608  names of our own models
