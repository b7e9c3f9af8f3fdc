"""The stored tokens asked for by an index: PostgreSQL compares every row's text with every form of every word otherwise.

The index is one of `kopa_tokens(search_words)`, a tsvector of the tokens as they are stored (pilots/migrations/0008). It
finds what `matching` finds. SQLite has no such index and is asked as `matching` asks it.
"""
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Field, Func, Q, Value

from pilots.words.search import Alternatives, matching, query_words


class TokenQuery(Field):
    """PostgreSQL's tsquery, written as text."""

    def db_type(self, connection: Any) -> str:
        return "tsquery"


class HoldsTokens(Func):
    """Whether the stored tokens fit a query of theirs.

    The query stands in a SELECT of its own: PostgreSQL then does not know how many rows it fits and asks the index.
    Where it knows that they are many it makes the tokens of every row anew, which takes thirty times as long.
    """

    template, arg_joiner, output_field = "%(expressions)s::tsquery)", " @@ (SELECT ", BooleanField()

    def __init__(self, words: Any, field: str = "search_words") -> None:
        super().__init__(Func(F(field), function="kopa_tokens", output_field=Field()), words)


def holding(text: str) -> Q:
    """`matching` on a table that has the index."""
    if connection.vendor != "postgresql" or not text.strip():
        return matching(text)
    words = query_words(text)
    return Q(HoldsTokens(Value(token_query(words), TokenQuery()))) if words else Q(pk__in=[])


def token_query(words: Iterable[Alternatives]) -> str:
    """Every word, each in one of its forms."""
    return " & ".join(f"({_of_word(word)})" for word in words)


def _of_word(word: Alternatives) -> str:
    forms = [_quoted(token) for token in word.tokens] + [f"{_quoted(beginning)}:*" for beginning in word.beginnings]
    return " | ".join(forms + [f"({token_query(word.all_of)})"] * bool(word.all_of))


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
