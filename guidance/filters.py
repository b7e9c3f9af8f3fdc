"""Filters of the client list: coded values by GET alone, never a word, for a name does not belong in an address.

A value that a filter does not know leaves the list as it is and is said to be out of use.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crispy_forms.templatetags.crispy_forms_filters import as_crispy_field
from django import forms
from django.http import QueryDict
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from guidance.choices import OptionKind, Stage, TargetGroup
from pilots.filters import MOST_DRAWN, Chip, PlainSelect, address_without

ROLE_CHOICES = [("process", _("responsible for the process")), ("lead", _("guidance lead")), ("study", _("study counsellor")), ("part", _("answering for our part"))]


def _choice(label, choices: Iterable = ()) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", _("All")), *((value, capfirst(words)) for value, words in choices)], required=False, widget=PlainSelect)


def _flag(label) -> forms.BooleanField:
    """On or off; what stands in the address is 1."""
    return forms.BooleanField(label=label, required=False, widget=forms.CheckboxInput(attrs={"value": "1"}))


class ClientFilterForm(forms.Form):
    """What each asks of a row: `guidance.queries.client_list`."""

    mine = _flag(_("My clients only"))
    overdue = _flag(_("With a late step"))
    stale = _flag(_("Nothing has happened for long"))
    waits = _flag(_("Not reached after three calls"))
    under_30 = _flag(_("Under 30"))
    stage = _choice(_("Stage"), Stage.choices)
    group = _choice(_("Target group"), TargetGroup.choices)
    role = _choice(_("My role"), ROLE_CHOICES)
    person = _choice(_("Responsible person of our own"))
    option = _choice(_("Education option"), OptionKind.choices)

    def __init__(self, data: QueryDict, colleagues: Iterable[tuple[int, str]]) -> None:
        super().__init__(data)
        self.fields["person"].choices = [("", _("All")), *colleagues]


@dataclass(frozen=True)
class Narrowing:
    """`on`: the value of each filter that is on. `marks`: the name of each filter that the address holds, with its words. `fields`: as they are drawn, with what is wrong with them."""

    on: dict[str, Any]
    marks: tuple[tuple[str, str], ...]
    fields: SafeString
    has_errors: bool


def narrowing(data: QueryDict, colleagues: Iterable[tuple[int, str]]) -> Narrowing:
    written = tuple((name, data[name]) for name in ClientFilterForm.base_fields if name in data)
    return _narrowing(written, tuple(colleagues), get_language())


@lru_cache(maxsize=MOST_DRAWN)
def _narrowing(written: tuple[tuple[str, str], ...], colleagues: tuple[tuple[int, str], ...], language: str) -> Narrowing:
    """All that the fields follow from is given, so the same ones are read and drawn once: they were a sixth of a page's time."""
    data = QueryDict(mutable=True)
    data.update(dict(written))
    form = ClientFilterForm(data, colleagues)
    form.is_valid()
    on = {name: value for name, value in form.cleaned_data.items() if value}
    marks = [(name, _words(form, name)) for name, value in written if (name in on if isinstance(form.fields[name], forms.BooleanField) else value)]
    return Narrowing(on, tuple(marks), format_html_join("", "{}", ((as_crispy_field(field),) for field in form)), bool(form.errors))


def _words(form: ClientFilterForm, name: str) -> str:
    field = form.fields[name]
    if isinstance(field, forms.BooleanField):
        return str(field.label)
    if name not in form.cleaned_data:
        return gettext("%(filter)s: not in use") % {"filter": field.label}
    words = {str(value): words for value, words in field.choices}
    return f"{field.label}: {words[form.cleaned_data[name]]}"


def chips(asked: Narrowing, data: QueryDict) -> list[Chip]:
    """One for each filter that is on, with the address that takes it off."""
    return [Chip(words, address_without(data, name)) for name, words in asked.marks]


def clear_url(asked: Narrowing, data: QueryDict) -> str:
    return address_without(data, *ClientFilterForm.base_fields) if asked.marks else ""
