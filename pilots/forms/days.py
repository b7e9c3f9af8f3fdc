"""Days as people write them here."""
import re
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WRITTEN = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}|\d{4}-\d{1,2}-\d{1,2}")
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class DayInput(forms.TextInput):
    """A text field: the browser's own calendar writes and reads days in the browser's language, not the page's."""

    def format_value(self, value):
        return written(value) if isinstance(value, date) else value


class DayField(forms.DateField):
    """Takes 3.2.2027 (spaces and leading zeros allowed) in every language, and 2027-02-03. Far-off years are slips of the hand."""

    widget = DayInput
    default_error_messages = {
        "required": _("Write the day in the form 3.2.2027."),
        "invalid": _("Write the day in the form 3.2.2027."),
        "no_such_day": _("There is no such day. Check the day and the month."),
        "too_far": _("Give a day between the years 1900 and 2199."),
    }

    def __init__(self, **kwargs) -> None:
        kwargs.setdefault("help_text", _("For example 3.2.2027."))
        super().__init__(input_formats=["%d.%m.%Y", "%Y-%m-%d"], **kwargs)

    def to_python(self, value):
        if isinstance(value, str):
            value = "".join(value.split())
        try:
            day = super().to_python(value)
        except ValidationError:
            if WRITTEN.fullmatch(value):
                raise ValidationError(self.error_messages["no_such_day"], code="no_such_day") from None
            raise
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValidationError(self.error_messages["too_far"], code="too_far")
        return day


def written(day: date) -> str:
    """As a person would type it, with no leading zeros."""
    return f"{day.day}.{day.month}.{day.year}"
