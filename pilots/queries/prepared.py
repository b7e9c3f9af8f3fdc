"""Large queries whose SQL is written once a process, planned once a connection, and asked with the values of each request.

Django writes a queryset's SQL anew each time it is asked. For the largest queries of guidance that took most of a
page's time (measured: 12 of the 15 floors of a counsellor's home), and it is the same text each time but for the values.
PostgreSQL plans a query anew each time, too, and for these that takes longer than their rows (33 of the 38 ms that
a counsellor's home waited for 300,000 clients). Therefore it is told each query by PREPARE, once a connection, and
plans it for any values (`plan_cache_mode` in the settings); what a query always asks for, such as a state, stands in
its text and not among its values, so that indexes of a part of a table still serve. Behind a pooler that shares connections
by transaction nobody can be told anything to keep, and each is asked as it is written.
"""
from collections.abc import Sequence
from copy import copy
from functools import cached_property, reduce
from hashlib import sha256
from operator import or_
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Q, QuerySet


class Given(Expression):
    """A place in a query for a value that is known when it is asked."""

    def __init__(self, name: str, output_field: Field) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler, connection):
        return "%s", [self]


def among(field: str, values: Sequence | QuerySet) -> Q:
    """`field` is one of the values; of places for values each is asked for by itself, for Django's "in" takes none."""
    if isinstance(values, QuerySet) or not any(isinstance(value, Given) for value in values):
        return Q(**{f"{field}__in": values})
    return reduce(or_, (Q(**{field: value}) for value in values))


# A plan takes a hundred kB of a connection; the list of clients alone can be narrowed in thousands of ways.
MOST_TOLD = 300
# The names of what each connection to PostgreSQL has been told, for as long as it is open.
_told: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class Prepared:
    """A queryset with places for values. Keep one for each language and shape; it holds no values itself."""

    def __init__(self, rows: QuerySet) -> None:
        self.rows = rows
        self.compiler = rows.query.get_compiler(rows.db)
        self.sql, self.params = self.compiler.as_sql()
        self.converters = self.compiler.get_converters([column[0] for column in self.compiler.select[: self.compiler.col_count]])

    def ask(self, **values: Any) -> list:
        """The rows. KeyError when a place has no value."""
        connection = connections[self.rows.db]
        told = connection.vendor == "postgresql" and not connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS")
        statement = self._executed(connection, values) if told else self._written(connection, values)
        compiler = copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: statement
        # How each column is read depends on the kind of the database alone, and asking every column took a third of its reading.
        compiler.get_converters = lambda expressions: self.converters
        rows = self.rows.all()
        query: Any = rows.query
        query.get_compiler = lambda *args, **kwargs: compiler
        return list(rows)

    def _written(self, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> tuple[str, tuple]:
        return self.sql, tuple(_value(one, values, connection) if isinstance(one, Given) else one for one in self.params)

    def _executed(self, connection: BaseDatabaseWrapper, values: dict[str, Any]) -> tuple[str, tuple]:
        """A connection that has not been told the query yet is told, unless it has been told too many; that statement is no query of the page, and not among them."""
        connection.ensure_connection()
        told = _told.setdefault(connection.connection, set())
        if self.name not in told:
            if len(told) >= MOST_TOLD:
                return self._written(connection, values)
            with connection.wrap_database_errors, connection.connection.cursor() as cursor:
                cursor.execute(*self._telling(connection))
            told.add(self.name)
        given = tuple(_value(one, values, connection) for one in self.places.values())
        return f"EXECUTE {self.name}({', '.join(['%s'] * len(given))})" if given else f"EXECUTE {self.name}", given

    def _telling(self, connection: BaseDatabaseWrapper) -> tuple[str, list]:
        """Values that are the same each time stay to be filled in by the driver; each place is numbered, and used as often as it stands."""
        numbers = {name: f"${number}" for number, name in enumerate(self.places, 1)}
        text = self.sql.replace("%%", "%%%%") % tuple(numbers[one.name] if isinstance(one, Given) else "%s" for one in self.params)
        types = ", ".join(str(one.output_field.db_type(connection)) for one in self.places.values())
        return f"PREPARE {self.name}{f' ({types})' if types else ''} AS {text}", [one for one in self.params if not isinstance(one, Given)]

    @cached_property
    def places(self) -> dict[str, Given]:
        return {one.name: one for one in self.params if isinstance(one, Given)}

    @cached_property
    def name(self) -> str:
        """Of the text: the same query kept twice is told once. Of the same text with other constants another."""
        return f"kopa_{sha256(repr((self.sql, [one.name if isinstance(one, Given) else one for one in self.params])).encode()).hexdigest()[:24]}"


def _value(place: Given, values: dict[str, Any], connection: BaseDatabaseWrapper) -> Any:
    return place.output_field.get_db_prep_value(values[place.name], connection)
