"""Where the times taken in the owner's own booking system come from."""
from django import forms
from django.utils.translation import gettext_lazy as _

# A feed is read each hour; two readings may fail before somebody has to look.
FEED_PROMISES = [(3, _("3 hours")), (12, _("12 hours")), (24, _("a day")), (72, _("3 days"))]
FILE_PROMISES = [(24, _("a day")), (72, _("3 days")), (168, _("a week")), (744, _("a month"))]
HINT = _("When the times are older than this, it is booked on request only, until newer ones come.")


class FeedSourceForm(forms.Form):
    url = forms.CharField(
        label=_("Calendar address (iCalendar)"), max_length=1000, widget=forms.URLInput(attrs={"autocomplete": "off"}),
        help_text=_("Your booking system gives it, for example https://varaukset.example.org/sali.ics. It is read each hour. Only the times are kept, no names and no titles."),
    )  # fmt: skip
    promise_hours = forms.TypedChoiceField(label=_("The times are at most this old"), choices=FEED_PROMISES, coerce=int, initial=12, help_text=HINT)


class BusyFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"), allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".ics,.csv,.txt,.xlsx"}),
        help_text=_("iCalendar, CSV or XLSX, at most 2 MB. A list has the columns Day, Starts and Ends. The times of the file before are replaced."),
    )  # fmt: skip
    promise_hours = forms.TypedChoiceField(label=_("The next file comes within"), choices=FILE_PROMISES, coerce=int, initial=168, help_text=HINT)
