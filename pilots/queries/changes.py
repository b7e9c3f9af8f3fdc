"""What differs between two states of a cooperation model, field by field, in words: its history, and a copy beside its origin.

A state is a model or a row of its history: both hold the fields and, in `parts`, all that stands in other tables.
"""
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.template.defaultfilters import floatformat
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pilots.choices import ModelStatus, PublicationState, ResultTag
from pilots.models import CooperationModel, EducationForm, Municipality, Organisation
from pilots.queries.cooperation import FIELDS, PARTS, parts_of
from pilots.queries.history import Change, Event, label_of, language_of, only_what_differs, organisation_id_of, shown_value

NO_NAMES = ("contact",)
# What a copy leaves for its own people to write: it says nothing of how the two differ.
EACH_OWN = ("cost", "cost_fi", "cost_sv", "contact", "check_by", "status", "results")
MOST_ROWS = 50


class State:
    """What somebody has written and not saved, to be compared like a model."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.parts = parts_of(values)
        for name in FIELDS:
            field = CooperationModel._meta.get_field(name)
            setattr(self, name, values[name])
            setattr(self, field.attname, getattr(values[name], "pk", None) if field.is_relation else values[name])

    def take(self, other: Any, names: list[str]) -> None:
        """Holds these fields and parts as `other` has them."""
        for name in names:
            if name in PARTS:
                self.parts[name] = other.parts.get(name)
            else:
                attname = CooperationModel._meta.get_field(name).attname
                setattr(self, attname, getattr(other, attname))
                setattr(self, name, getattr(other, name))

    def same(self, other: Any, name: str) -> bool:
        """Whether a field or part is as `other` has it."""
        if name in PARTS:
            return (self.parts[name] or None) == (other.parts.get(name) or None)
        attname = CooperationModel._meta.get_field(name).attname
        return getattr(self, attname) == getattr(other, attname)


def changes_between(before: Any, after: Any, *, fields: tuple[str, ...] = FIELDS, parts: tuple[str, ...] = PARTS, whole: bool = False) -> Iterator[Change]:
    """The fields and parts that differ. Of long texts only what is about the change, unless `whole`."""
    for name in fields:
        field = cast(models.Field, CooperationModel._meta.get_field(name))
        one, two = (getattr(state, field.attname) if state is not None else None for state in (before, after))
        if one == two or (not one and not two):
            continue
        old, new = (shown_value(field, _read(state, field)) if state is not None else "" for state in (before, after))
        if before is not None and isinstance(field, models.TextField) and not whole:
            old, new = only_what_differs(old, new)
        yield Change(label_of(field), old, new, language_of(name))
    lines = Lines()
    for name in parts:
        one, two = (lines.of(name, state.parts.get(name)) if state is not None else [] for state in (before, after))
        if one != two:
            yield Change(str(part_labels()[name]), "\n".join(line for line in one if whole or line not in two), "\n".join(line for line in two if whole or line not in one))


def differences(origin: CooperationModel, copied: CooperationModel) -> list[Change]:
    """In what is shared with the origin, whole."""
    fields, parts = (tuple(name for name in names if name not in EACH_OWN) for names in (FIELDS, PARTS))
    return list(changes_between(origin, copied, fields=fields, parts=parts, whole=True))


def _read(state: Any, field: models.Field) -> Any:
    try:
        return getattr(state, field.name)
    except ObjectDoesNotExist:  # a contact person of long ago
        return None


def part_labels() -> dict[str, str]:
    return {
        "education_forms": _("Forms of education it crosses"),
        "municipalities": _("Municipalities whose borders it crosses"),
        "partners": _("Partners"),
        "goals": _("Goals that it serves"),
        "status": _("Status"),
        "results": _("Results"),
        "links": _("Links"),
    }


class Lines:
    """The parts as lines of words; the names of goals, forms and municipalities are read once, when one is needed."""

    def __init__(self) -> None:
        self._names: dict[type, dict[Any, str]] = {}

    def of(self, part: str, value: Any) -> list[str]:
        if not value:
            return []
        rows = [value] if isinstance(value, dict) else value
        line: Callable[[Any], str] = getattr(self, f"_{part}")
        return [line(row) for row in rows]

    def _named(self, model: type[models.Model], key: str) -> dict[Any, str]:
        if model not in self._names:
            self._names[model] = {getattr(row, key): row.name for row in model._default_manager.all()}  # type: ignore[attr-defined]
        return self._names[model]

    def _education_forms(self, code: str) -> str:
        return self._named(EducationForm, "code").get(code, code)

    def _municipalities(self, code: str) -> str:
        return self._named(Municipality, "code").get(code, code)

    def _partners(self, row: dict) -> str:
        euros = _("%(euros)s euros a year") % {"euros": _figure(row["euros"])} if row["euros"] else ""
        return _joined(row["name"], row["actions_fi"], row["actions_sv"], euros, row["contribution_fi"], row["contribution_sv"])

    def _goals(self, row: dict) -> str:
        return _joined(_("Goal %(number)s") % {"number": row["number"]}, row["how_fi"], row["how_sv"])

    def _status(self, row: dict) -> str:
        return _joined(str(dict(ModelStatus.choices).get(row["status"], row["status"])), _("from %(day)s") % {"day": _day(row["starts_on"])})

    def _results(self, row: dict) -> str:
        return _joined(str(dict(ResultTag.choices).get(row["tag"], row["tag"])), row["text_fi"], row["text_sv"], f"{_figure(row['figure'])} {row['unit']}".strip(), _day(row["measured_on"]), row["how_fi"], row["how_sv"])

    def _links(self, row: dict) -> str:
        return _joined(row["title"], row["url"])


def _joined(*texts: str) -> str:
    return " · ".join(text for text in texts if text)


def _figure(text: Any) -> str:
    """As on the model's page: in the language's form, without a fraction of nought."""
    return floatformat(text, "-2g") if text not in (None, "") else ""


def _day(text: str) -> str:
    day = parse_date(text) if text else None
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def model_history(model: CooperationModel, *, with_people: bool) -> list[Event]:
    """The newest changes first, at most MOST_ROWS of them; without `with_people` nobody is named."""
    rows = list(model.history.select_related("history_user").order_by("-history_date", "-history_id")[: MOST_ROWS + 1])
    fields = tuple(name for name in (*FIELDS, "state") if with_people or name not in NO_NAMES)
    organisations = Organisation.objects.in_bulk({pk for row in rows if (pk := organisation_id_of(row))})
    events = []
    for row, previous in zip(rows[:MOST_ROWS], [*rows[1:], None], strict=False):
        changes = tuple(changes_between(previous, row, fields=fields)) if previous is not None else ()
        kind, icon = _kind(row, previous)
        person = row.history_user.name if with_people and row.history_user else ""
        by_hand = bool(row.history_user_id or organisation_id_of(row))
        events.append(Event(at=row.history_date, kind=kind, icon=icon, text="", person=person, organisation=organisations.get(organisation_id_of(row) or 0), by_hand=by_hand, changes=changes))
    return events


def _kind(row: Any, previous: Any) -> tuple[str, str]:
    if previous is None:
        return (_("Copied"), "add") if row.copied_from_id else (_("Written"), "add")
    if row.state != previous.state:
        moved = {PublicationState.PUBLIC: (_("Published"), "done"), PublicationState.ARCHIVED: (_("Archived"), "left"), PublicationState.DRAFT: (_("Made a draft"), "edit")}
        return moved[row.state]
    if row.version == previous.version:
        return _("Found to be right still"), "in-order"
    return _("Changed"), "edit"
