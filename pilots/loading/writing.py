"""Rows of a file written into a table; what a person has changed since is left alone."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from pilots.loading.files import Problems, Row, Table
from pilots.models.base import Named

DERIVED = ["sort_key_fi", "sort_key_sv", "search_words"]
Values = dict[str, Any]


@dataclass
class Outcome:
    """What a load did: rows created and changed by model, and edits of people that it left alone."""

    created: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)


@dataclass
class Writer:
    """Writes for one loader; `name` is its place in `Sourced.loaded`.

    A field is written when the file's value is new to this loader and the stored value is empty, or is
    what one of the loaders wrote. Everything else is someone's edit and stays (`Outcome.kept`).
    Two loaders may know the same row: each compares with what it wrote itself, so neither undoes the other.
    """

    name: str
    problems: Problems
    outcome: Outcome = field(default_factory=Outcome)

    def write(self, model: type[models.Model], key: list[str], rows: Iterable[tuple[Row, Values]], *, if_new: Values | None = None) -> dict[tuple, models.Model]:
        """Create or update a row for each, with `if_new` too when it is created; returns all rows of the table by their key.

        A row is known again by the key it was loaded with, whatever a person has made of it since.
        """
        stored = {self._key(obj, key): obj for obj in model._default_manager.select_for_update()}
        sets = self._stored_sets(model, stored.values())
        created: list[tuple[models.Model, Values]] = []
        changed: list[tuple[models.Model, set[str], Values]] = []
        for row, values in rows:
            if not row.good:
                continue
            plain = {name: _plain(model, name, value) for name, value in values.items()}
            place = tuple(plain[name] for name in key)
            obj = stored.get(place)
            if obj is None:
                first = {name: value for name, value in values.items() if not isinstance(value, list)} | (if_new or {})
                obj = model(**first, loaded={self.name: plain})
                if self._is_valid(obj, row):
                    stored[place] = obj
                    created.append((obj, values))
            else:
                names = self._take(obj, values, plain, sets.get(obj.pk, {}), row, place)
                if names and self._is_valid(obj, row):
                    changed.append((obj, names, values))
        self._create(model, [obj for obj, _ in created])
        self._update(model, [(obj, names) for obj, names, _ in changed])
        for obj, values in [*created, *((obj, {name: values[name] for name in names if name in values}) for obj, names, values in changed)]:
            for name, value in values.items():
                if isinstance(value, list) and (value or obj.pk in sets):
                    getattr(obj, name).set(value)
        self._index(model, stored.values())
        return stored

    def _key(self, obj: models.Model, key: list[str]) -> tuple:
        mine = obj.loaded.get(self.name, {})
        return tuple(mine[name] if name in mine else _stored(obj, name) for name in key)

    def _stored_sets(self, model: type[models.Model], objects: Iterable[models.Model]) -> dict[int, dict[str, list[int]]]:
        sets: dict[int, dict[str, list[int]]] = {obj.pk: {} for obj in objects}
        for many in model._meta.many_to_many:
            own, other = many.m2m_field_name(), many.m2m_reverse_field_name()
            for values in sets.values():
                values[many.name] = []
            for pk, target in many.remote_field.through._default_manager.order_by(other).values_list(f"{own}_id", f"{other}_id"):
                sets[pk][many.name].append(target)
        return sets

    def _take(self, obj: models.Model, values: Values, plain: Values, sets: dict[str, list[int]], row: Row, place: tuple) -> set[str]:
        """Put the file's new values into `obj`; the names of the fields to save."""
        mine = obj.loaded.get(self.name, {})
        names = set()
        for name, new in plain.items():
            now = sets[name] if name in sets else _stored(obj, name)
            written = [by[name] for by in obj.loaded.values() if name in by]
            if now == new:
                taken = name not in mine or mine[name] != new
            elif now in written or (not written and _is_blank(type(obj), name, now)):
                taken = name not in mine or mine[name] != new
                if taken:
                    names.add(name)
                    if name not in sets:
                        setattr(obj, name, values[name])
            else:
                taken = False
                self.outcome.kept.append(f"{row.table.name}, line {row.line}, {name}: “{_shown(now)}” is kept, the file has “{_shown(new)}”.")
            if taken:
                obj.loaded.setdefault(self.name, {})[name] = new
                names.add("loaded")
        return names

    def _is_valid(self, obj: models.Model, row: Row) -> bool:
        """Every rule of the model, each fault with its line and column; keys of other tables were looked up before."""
        skip = [one.name for one in obj._meta.fields if one.is_relation or one.name in (*DERIVED, "loaded")]
        try:
            obj.clean_fields(exclude=skip)
            obj.validate_unique()
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                row.problem(name, " ".join(messages))
        for constraint in obj._meta.constraints:
            try:
                constraint.validate(type(obj), obj)
            except ValidationError as error:
                row.problem(_last_column(constraint, row.table), " ".join(error.messages))
        return row.good

    def _create(self, model: type[models.Model], objects: list[models.Model]) -> None:
        if objects:
            for obj in objects:
                if isinstance(obj, Named):
                    obj.set_derived()
            if hasattr(model, "history"):
                bulk_create_with_history(objects, model)
            else:
                model._default_manager.bulk_create(objects)
            self.outcome.created[model._meta.label] = self.outcome.created.get(model._meta.label, 0) + len(objects)

    def _update(self, model: type[models.Model], changes: list[tuple[models.Model, set[str]]]) -> None:
        many = {one.name for one in model._meta.many_to_many}
        seen = [(obj, names - many) for obj, names in changes if names - {"loaded"}]
        quiet = [obj for obj, names in changes if names == {"loaded"}]
        if quiet:
            model._default_manager.bulk_update(quiet, ["loaded"])
        if seen:
            objects = [obj for obj, _ in seen]
            fields = sorted(set().union(*(names for _, names in seen)))
            if hasattr(model, "version"):
                fields.append("version")
                for obj in objects:
                    obj.version += 1
            if hasattr(model, "history"):
                bulk_update_with_history(objects, model, fields)
            else:
                model._default_manager.bulk_update(objects, fields)
            self.outcome.changed[model._meta.label] = self.outcome.changed.get(model._meta.label, 0) + len(objects)

    def _index(self, model: type[models.Model], objects: Iterable[models.Model]) -> None:
        """Sort keys and search words follow the code that makes them, so a load after an upgrade renews them."""
        if not issubclass(model, Named):
            return
        stale = []
        for obj in objects:
            before = [getattr(obj, name) for name in DERIVED]
            obj.set_derived()
            if before != [getattr(obj, name) for name in DERIVED]:
                stale.append(obj)
        if stale:
            model._default_manager.bulk_update(stale, DERIVED)


def _plain(model: type[models.Model], name: str, value: Any) -> Any:
    """The value as JSON can hold it, the same for a value of the file and a stored one."""
    if isinstance(value, list):
        return sorted(one.pk for one in value)
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, Decimal):
        return str(value.quantize(Decimal(1).scaleb(-model._meta.get_field(name).decimal_places)))
    return value.isoformat() if isinstance(value, date) else value


def _stored(obj: models.Model, name: str) -> Any:
    # attname: the key itself, without fetching the row it points to.
    return _plain(type(obj), name, getattr(obj, obj._meta.get_field(name).attname))


def _is_blank(model: type[models.Model], name: str, now: Any) -> bool:
    """Nobody has said anything yet: empty, or as the model has it from the start."""
    one = model._meta.get_field(name)
    return now in (None, "", []) or (one.has_default() and now == one.get_default())


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _last_column(constraint: models.BaseConstraint, table: Table) -> str:
    """The column to point at when several together break a rule: the last of them in the file."""
    names = _names(constraint.condition) if getattr(constraint, "condition", None) else set()
    names |= set(getattr(constraint, "fields", ()))
    columns = {table.aliases.get(name, name) for name in names} & set(table.columns)
    return max(columns, key=table.columns.index, default="")


def _names(condition: Q) -> set[str]:
    names: set[str] = set()
    for child in condition.children:
        names |= _names(child) if isinstance(child, Q) else {child[0].partition("__")[0]}
    return names


def in_order(rows: list[Row], own: str, other: str, write: Callable[[list[Row]], None]) -> None:
    """Write rows that name others of the same file after those; a row that can never follow is a fault."""
    bad = {row.text(own) for row in rows if not row.good}
    # What points to a row with a fault waits for that one.
    waiting = [row for row in rows if row.good and row.text(other) not in bad]
    done: set[str] = {""}
    while waiting:
        ready = [row for row in waiting if row.text(other) in done]
        if not ready:
            for row in waiting:
                row.problem(other, f"there is no “{row.text(other)}” to point to, or the rows point to each other in a circle.")
            return
        write(ready)
        done |= {row.text(own) for row in ready}
        waiting = [row for row in waiting if row not in ready]
