"""Filters of the list behind the figures of use."""
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from pilots.filters import ListFilterSet, choice_filter, place_filter
from services.models import Booking
from summaries.choices import Border, Lent
from summaries.queries.lending import across, by_members_of


class LentFilterSet(ListFilterSet):
    what = choice_filter(_("What was lent"), Lent.choices, method="of_its_own")
    area = choice_filter(_("Lent in the area"), method="by_area")
    border = choice_filter(_("Across a border"), Border.choices, method="by_border")
    # Where a figure of a municipality leads; nobody is asked for it.
    place = place_filter()

    class Meta:
        model = Booking
        fields: list[str] = []

    def __init__(self, data: QueryDict, queryset: QuerySet, **choices) -> None:
        self.what = what_of(data)
        super().__init__(data, queryset, **choices)

    def of_its_own(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """The rows are of one kind or of the other already."""
        return rows

    def by_area(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(by_members_of(value))

    def by_border(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(across(value, self.what))

    def by_place(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """The lender's home municipality."""
        return rows.filter(**{f"{'run__service__organisation' if self.what == Lent.ENROLMENTS else 'resource__owner'}__municipality__code": value})


def what_of(data: QueryDict) -> str:
    """Bookings, unless enrolments are asked for."""
    return Lent.ENROLMENTS if data.get("what") == Lent.ENROLMENTS else Lent.BOOKINGS
