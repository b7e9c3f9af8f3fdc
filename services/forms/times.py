"""Times of day as people write them here."""
import re
from datetime import time

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

WRITTEN = re.compile(r"(?:klo|kl\.?)?\s*(\d{1,2})(?:[.:](\d{2}))?", re.I | re.ASCII)


class HourInput(forms.TextInput):
    def format_value(self, value):
        return written_time(value) if isinstance(value, time) else value


class HourField(forms.Field):
    """Takes 9, 9.00, 9:00 and klo 9 in every language; 24 is the midnight that ends the day."""

    widget = HourInput(attrs={"inputmode": "decimal", "size": 6})
    default_error_messages = {
        "required": _("Write the time in the form 14.05."),
        "invalid": _("Write the time in the form 14.05."),
        "no_such_time": _("There is no such time of day. Check the hour and the minutes."),
    }

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, time):
            return value or None
        found = WRITTEN.fullmatch(str(value).strip())
        if not found:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        hour, minute = int(found[1]), int(found[2] or 0)
        if (hour, minute) == (24, 0):
            return time(0)
        try:
            return time(hour, minute)
        except ValueError:
            raise ValidationError(self.error_messages["no_such_time"], code="no_such_time") from None


def written_time(at: time) -> str:
    """As a person would type it: 9.00."""
    return f"{at.hour}.{at.minute:02}"
