"""Dates, times and numbers as each language writes them in Finland."""
from datetime import UTC, date, datetime

import pytest
from django.forms import DateField
from django.utils import translation
from django.utils.formats import date_format, localize
from django.utils.timezone import localtime

MOMENT = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "language, day, short, time, number",
    [
        ("fi", "21. marraskuuta 2026", "21.11.2026", "14.05", "6\xa0273"),
        ("sv", "21 november 2026", "21.11.2026", "14.05", "6\xa0273"),
        ("en", "21 November 2026", "21.11.2026", "14:05", "6,273"),
    ],
)
def test_formats_are_those_of_the_language(language, day, short, time, number):
    moment = localtime(MOMENT)

    with translation.override(language):
        written = (date_format(moment, "DATE_FORMAT"), date_format(moment, "SHORT_DATE_FORMAT"), date_format(moment, "TIME_FORMAT"), localize(6273))

    assert written == (day, short, time, number)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("typed", ["3.2.2027", "03.02.2027", "2027-02-03"])
def test_date_can_be_typed_as_people_write_it_here(language, typed):
    with translation.override(language):
        assert DateField().clean(typed) == date(2027, 2, 3)
