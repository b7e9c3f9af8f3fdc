"""Fields as people fill them in here."""
from datetime import time

from django import forms
from django.utils.translation import gettext_lazy as _


class ClockInput(forms.TextInput):
    def format_value(self, value):
        return written(value) if isinstance(value, time) else value


class ClockField(forms.TimeField):
    """Takes 8, 8.30 and 8:30; 24 is the midnight at which a day ends."""

    widget = ClockInput(attrs={"inputmode": "decimal", "size": 6})
    default_error_messages = {"invalid": _("Write the time in the form 8.30.")}

    def __init__(self, **kwargs) -> None:
        super().__init__(input_formats=["%H.%M", "%H:%M", "%H"], **kwargs)

    def to_python(self, value):
        if isinstance(value, str) and value.strip() in ("24", "24.00", "24:00"):
            return time(0)
        return super().to_python(value)


def written(at: time) -> str:
    return f"{at.hour}.{at.minute:02}"
