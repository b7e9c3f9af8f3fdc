"""What every list page gives its template: one page of rows, their count, the filters that are on and the order."""
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Window
from django.db.models.sql.where import WhereNode
from django.http import HttpRequest

from pilots.filters import ListFilterSet
from pilots.queries.keyset import RowCount

ROWS_A_PAGE = 25
# A larger number is no page of any list here, and too large a one no number for a database.
MOST_PAGES = 10_000


@dataclass(frozen=True)
class Sort:
    label: str
    url: str
    current: bool


class OneQueryPaginator(Paginator):
    """Reads a page of a QuerySet and the number of all rows at once; past the last page it asks again."""

    def get_page(self, number: str | int | None) -> Page:
        if isinstance(self.object_list, QuerySet):
            try:
                wanted = max(1, int(number or 1))
            except ValueError:
                wanted = 1
            first = (wanted - 1) * self.per_page
            rows = list(self._rows(self.object_list, first)) if wanted <= MOST_PAGES else []
            if rows or wanted == 1:
                self.count = rows[0].row_count if rows else 0
                return Page(rows, wanted, self)
        page = super().get_page(number)
        page.object_list = list(page.object_list)
        return page

    def _rows(self, rows: QuerySet, first: int) -> QuerySet:
        return rows.annotate(row_count=Window(Count("pk")))[first : first + self.per_page]


class LargePaginator(OneQueryPaginator):
    """Of thousands of rows: keys alone are sorted and counted, and what a row shows is read for those of the page. One query as well."""

    def _rows(self, rows: QuerySet, first: int) -> QuerySet:
        shown = rows.all()
        # The keys have passed the conditions; asked again of every row they took half of the time. Not where a condition joins other
        # tables: without it a row would come once for each of theirs.
        if len(shown.query.alias_map) <= 1:
            shown.query.where = WhereNode()
        return shown.filter(pk__in=rows.values("pk")[first : first + self.per_page]).annotate(row_count=RowCount(rows))


def chosen_sort(request: HttpRequest, choices: dict[str, str]) -> str:
    """The order asked for; the first of the choices when none or an unknown one is."""
    asked = request.GET.get("sort", "")
    return asked if asked in choices else next(iter(choices))


def list_context(request: HttpRequest, rows: QuerySet | Sequence, filterset: ListFilterSet | None = None, sorts: dict[str, str] | None = None, per_page: int = ROWS_A_PAGE, paginator: type[Paginator] = OneQueryPaginator) -> dict:
    """`page_obj` is the first page when the number makes no sense and the last when it is too large; `sort` is "" for the usual order.

    Nobody is offered an order of nothing or of a single row.
    """
    context: dict = {"page_obj": paginator(rows, per_page).get_page(request.GET.get("page"))}
    if filterset is not None:
        context |= filter_context(filterset)
    if sorts:
        current = chosen_sort(request, sorts)
        offered = sorts if context["page_obj"].paginator.count > 1 else {}
        context |= {"sorts": [Sort(label, _sorted_url(request, code), code == current) for code, label in offered.items()], "sort": "" if current == next(iter(sorts)) else current}
    return context


def filter_context(filterset: ListFilterSet) -> dict:
    return {"filter_form": filterset.form, "filter_fields": filterset.fields(), "chips": filterset.chips(), "clear_url": filterset.clear_url()}


def _sorted_url(request: HttpRequest, code: str) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    query["sort"] = code
    return f"?{query.urlencode()}"
