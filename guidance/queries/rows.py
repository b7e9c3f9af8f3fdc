"""Short lists that ride with a row as JSON, so that a page with many of them stays one query."""
from datetime import UTC, date, datetime

from django.db.models import F, JSONField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.utils.translation import get_language


class JSONRows(Subquery):
    """The rows of a queryset that names OuterRef, as a list of objects in the queryset's order.

    Days and times come as text; `to_day` and `to_moment` read both databases' way of writing them.
    """

    output_field = JSONField()
    # Rows that cannot be (of no partnership, for instance) are not asked for, and are none; Django would say nothing at all.
    empty_result_set_value = "[]"

    def __init__(self, rows: QuerySet, **fields: object) -> None:
        super().__init__(rows.values(row=JSONObject(**fields)))

    def as_sqlite(self, compiler, connection):
        return self.as_sql(compiler, connection, template='(SELECT json_group_array(json("listed"."row")) FROM (%(subquery)s) "listed")')

    def as_postgresql(self, compiler, connection):
        return self.as_sql(compiler, connection, template="(SELECT coalesce(jsonb_agg(\"listed\".\"row\"), '[]'::jsonb) FROM (%(subquery)s) \"listed\")")


def day_of(text: str) -> date:
    return date.fromisoformat(text[:10])


def moment_of(text: str) -> datetime:
    """SQLite writes UTC without saying so, with a space; PostgreSQL says so, with a T."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def to_day(text: str | None) -> date | None:
    return day_of(text) if text else None


def to_moment(text: str | None) -> datetime | None:
    return moment_of(text) if text else None


def name_in_language(path: str = "", languages: tuple[str, ...] = ("sv", "en")) -> Coalesce | F:
    """The name of an organisation (or, with languages=("sv",), of a programme) in the reader's language, else in Finnish."""
    prefix = f"{path}__" if path else ""
    language = (get_language() or "fi")[:2]
    if language not in languages:
        return F(f"{prefix}name_fi")
    return Coalesce(NullIf(F(f"{prefix}name_{language}"), Value("")), F(f"{prefix}name_fi"))
