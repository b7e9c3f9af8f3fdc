"""Somebody else of the own organisation was quicker: answered 409.

A form comes back as it was written, over the version that now stands, with what the other has saved beside it; a press
saves over it. Where nothing was written there is only the way to the page as it now is.
"""
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.boundfield import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format, localize
from django.utils.translation import gettext as _

from services.conflicts import Conflict
from services.forms.times import written_time


@dataclass(frozen=True)
class Difference:
    """A field in which what is saved now is another thing than what was written; `saved` is "" for an empty one."""

    field: BoundField
    saved: str


@dataclass(frozen=True)
class Theirs:
    """What the other person has saved, and who and when as far as the history tells."""

    differences: list[Difference]
    saved_at: Any
    saved_by: str


def changed_page(request: HttpRequest, conflict: Conflict, back_url: str) -> HttpResponse:
    return render(request, "services/changed.html", {"message": conflict.message, "back_url": back_url}, status=409)


def over_theirs(form: forms.Form, now: forms.Form, current: models.Model) -> Theirs:
    """Puts what was written over the version that `now`, the form as it opens today, stands for; and tells where the two differ."""
    data = form.data.copy()
    data[form.add_prefix("version")] = str(now["version"].value())
    differences = []
    for field in form.visible_fields():
        saved = _saved(now[field.name])
        if _words(field.field, form.cleaned_data.get(field.name)) != _words(field.field, saved):
            differences.append(Difference(field, _words(field.field, saved)))
    form.data = data
    history = getattr(current, "history", None)
    latest = history.select_related("history_user").first() if history else None
    return Theirs(differences, latest.history_date if latest else None, latest.history_user.name if latest and latest.history_user else "")


def _saved(field: BoundField) -> Any:
    """What the field would take from the form as it opens; nothing where that is not whole yet."""
    try:
        return field.field.clean(field.value())
    except ValidationError:
        return None


def _words(field: forms.Field, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool) and not hasattr(field, "choices"):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, models.Model):
        return value.name
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(_words(field, one) for one in value)
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, time):
        return written_time(value)
    if hasattr(field, "choices"):
        written = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        return str({str(code): label for code, label in field.choices}.get(written, written))
    return str(localize(value))
