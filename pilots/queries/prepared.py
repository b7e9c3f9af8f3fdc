"""Large queries whose SQL is written once a process and asked with the values of each request.

Django writes a queryset's SQL anew each time it is asked. For the largest queries of guidance that took most of a
page's time (measured: 12 of the 15 floors of a counsellor's home), and it is the same text each time but for the values.
"""
from collections.abc import Sequence
from copy import copy
from functools import reduce
from operator import or_
from typing import Any

from django.db import connections
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
        params = tuple(one.output_field.get_db_prep_value(values[one.name], connection) if isinstance(one, Given) else one for one in self.params)
        compiler = copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (self.sql, params)
        # How each column is read depends on the kind of the database alone, and asking every column took a third of its reading.
        compiler.get_converters = lambda expressions: self.converters
        rows = self.rows.all()
        query: Any = rows.query
        query.get_compiler = lambda *args, **kwargs: compiler
        return list(rows)
