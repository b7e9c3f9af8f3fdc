"""Two people saved at once: both versions on one page, the reader's own kept in the fields, to be saved deliberately."""
from dataclasses import dataclass
from datetime import date

from django import forms
from django.db import models
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from pilots.forms.days import written
from pilots.queries.history import language_of, shown_value


@dataclass(frozen=True)
class Side:
    """A field that differs. `mine` is False where only the other person changed it: then the field takes their value."""

    name: str
    saved: str
    language: str
    mine: bool
    field: forms.BoundField | None = None


@dataclass(frozen=True)
class Sides:
    rows: tuple[Side, ...]
    theirs: dict

    def data(self, posted: QueryDict, *, version: int) -> QueryDict:
        """What was posted, with the others' changes to fields that this person left alone, and the version of today."""
        data = posted.copy()
        data["version"] = str(version)
        for row in self.rows:
            if not row.mine:
                _put(data, row.name, self.theirs[row.name])
        return data


def both_versions(model: type[models.Model], names: tuple[str, ...], base: dict | None, mine: dict, theirs: dict) -> Sides:
    """The fields in which the two differ. Without `base`, the state both began from, every one counts as this person's."""
    rows = []
    for name in names:
        if mine[name] == theirs[name]:
            continue
        field = model._meta.get_field(name)
        touched = base is None or mine[name] != base[name]
        rows.append(Side(name, shown_value(field, theirs[name]), language_of(name), touched))
    return Sides(tuple(rows), theirs)


def conflict_page(request: HttpRequest, current: models.Model, form: forms.Form, sides: Sides, breadcrumbs: list, cancel_url: str) -> HttpResponse:
    """Answers 409: nothing was saved."""
    latest = current.history.select_related("history_user").first()
    differing = {row.name for row in sides.rows}
    return render(
        request,
        "pilots/area_conflict.html",
        {
            "form": form,
            "sides": [Side(row.name, row.saved, row.language, row.mine, form[row.name]) for row in sides.rows],
            "other_fields": [field for field in form.visible_fields() if field.name not in differing],
            "saved_at": latest.history_date if latest else None,
            "saved_by": latest.history_user.name if latest and latest.history_user else "",
            "breadcrumbs": breadcrumbs,
            "cancel_url": cancel_url,
        },
        status=409,
    )


def _put(data: QueryDict, name: str, value) -> None:
    if value is False or value is None:
        data.pop(name, None)
    else:
        data[name] = "on" if value is True else written(value) if isinstance(value, date) else str(value)
