"""Which part of a file of statistics is what: data that is kept with the file, and may be used again for the next one."""
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SAME_YEAR, NEXT_YEAR = "year", "next_year"


@dataclass
class Mapping:
    """Dimensions are named by their code or label.

    `measures` gives the measure of each content, "" for one that is passed over; without a dimension of contents `measure` is that
    of the whole file. `select` fixes every other dimension to one category. `borders` is the year of the municipal borders, or
    "year" when each year's figures are in its own borders, or "next_year" when the figures of the last of December are in those of
    the day after. `vintage` is the year of a projection. `leave_out` are places that are no municipality, `nought` signs that mean none at all.
    """

    source: str = ""
    retrieved_on: date | None = None
    municipality: str = ""
    year: str = ""
    contents: str = ""
    part: str = ""
    measure: str = ""
    measures: dict[str, str] = field(default_factory=dict)
    select: dict[str, str] = field(default_factory=dict)
    borders: str = NEXT_YEAR
    vintage: int = 0
    leave_out: list[str] = field(default_factory=list)
    nought: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"retrieved_on": self.retrieved_on.isoformat() if self.retrieved_on else ""}


def read_mapping(data: object) -> Mapping:
    """From JSON; ValidationError names what is unknown or of the wrong kind."""
    if not isinstance(data, dict):
        raise ValidationError(_("The mapping must be a JSON object."))
    empty = Mapping()
    if unknown := sorted(set(data) - set(asdict(empty))):
        raise ValidationError(_("The mapping has an unknown entry: %(name)s."), params={"name": ", ".join(unknown)})
    values = dict(data)
    for name, value in values.items():
        wanted = str if name == "retrieved_on" else type(getattr(empty, name))
        if name == "borders" and type(value) is int:
            values[name] = str(value)
        elif name == "vintage" and value is None:
            values[name] = 0
        elif type(value) is not wanted or (wanted is dict and not all(isinstance(one, str) for one in value.values())) or (wanted is list and not all(isinstance(one, str) for one in value)):
            raise ValidationError(_("The mapping’s entry “%(name)s” is of the wrong kind."), params={"name": name})
    try:
        values["retrieved_on"] = date.fromisoformat(values["retrieved_on"]) if values.get("retrieved_on") else None
    except ValueError:
        raise ValidationError(_("The mapping’s entry “%(name)s” is not a day; write it as 2026-01-31."), params={"name": "retrieved_on"}) from None
    mapping = Mapping(**values)
    if mapping.borders not in (SAME_YEAR, NEXT_YEAR) and not (mapping.borders.isdigit() and 1900 <= int(mapping.borders) <= 2150):
        raise ValidationError(_("The mapping’s borders must be a year, “year” or “next_year”."))
    if not mapping.source.strip() or mapping.retrieved_on is None:
        raise ValidationError(_("Say where the figures come from, and on which day they were retrieved."))
    return mapping
