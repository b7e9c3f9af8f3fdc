"""A day with a time of day, in one field, as people write it here."""
import re
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pilots.forms.days import EARLIEST, LATEST, written

WRITTEN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\s*,?\s*(?:klo|kl\.?|at)?\s*(\d{1,2})[.:](\d{2})", re.I)
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})[T ](\d{1,2}):(\d{2})")


class MomentInput(forms.TextInput):
    def format_value(self, value):
        return written_moment(value) if isinstance(value, datetime) else value


class MomentField(forms.Field):
    """Takes 3.2.2027 14.05 (also klo, kl. or a colon) in every language, read as the time in Finland."""

    widget = MomentInput
    default_error_messages = {
        "invalid": _("Write the day and the time in the form 3.2.2027 14.05."),
        "no_such_moment": _("There is no such day or time. Check both."),
        "too_far": _("Give a day between the years 1900 and 2199."),
    }

    def __init__(self, **kwargs) -> None:
        kwargs.setdefault("help_text", _("For example 3.2.2027 14.05."))
        super().__init__(**kwargs)

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        text = str(value).strip()
        if found := WRITTEN.fullmatch(text):
            day, month, year, hour, minute = map(int, found.groups())
        elif found := ISO.fullmatch(text):
            year, month, day, hour, minute = map(int, found.groups())
        else:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            moment = datetime(year, month, day, hour, minute)
        except ValueError:
            raise ValidationError(self.error_messages["no_such_moment"], code="no_such_moment") from None
        if not EARLIEST <= moment.date() <= LATEST:
            raise ValidationError(self.error_messages["too_far"], code="too_far")
        return from_current_timezone(moment)


def written_moment(moment: datetime) -> str:
    """As a person would type it: 3.2.2027 14.05."""
    local = timezone.localtime(moment)
    return f"{written(local.date())} {local.hour}.{local.minute:02}"
