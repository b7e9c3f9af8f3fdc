"""Marking a service, and keeping a search."""
from django import forms
from django.utils.translation import gettext_lazy as _

LARGEST_ROW = 2**63 - 1


def row_field() -> forms.IntegerField:
    return forms.IntegerField(min_value=1, max_value=LARGEST_ROW, required=False)


class MarkForm(forms.Form):
    """Which of a page's buttons was pressed, and the page to go back to."""

    mark = row_field()
    unmark = row_field()
    back = forms.CharField(required=False, max_length=2000)


class SearchForm(forms.Form):
    name = forms.CharField(label=_("Name of the search"), max_length=100, help_text=_("For yourself, for example “Wood workshops near us”. Write no names of clients."), error_messages={"required": _("Give the search a name.")})
    alerts = forms.BooleanField(label=_("Tell me by mail, once a day at most, when a new service matches"), required=False, initial=True)
