"""What has become of a row of availability, change by change."""
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from pilots.models import Organisation, Provision
from pilots.queries.availability import PROVISION_FIELDS
from pilots.queries.history import Change, Event, label_of, organisation_id_of, shown_value

MOST_ROWS = 50


def provision_history(provision: Provision) -> list[Event]:
    """The newest changes first, at most MOST_ROWS of them. For its own people: each change says who made it."""
    rows = list(provision.history.select_related("history_user", "municipality", "form", "provider", "place_in").order_by("-history_date", "-history_id")[: MOST_ROWS + 1])
    organisations = Organisation.objects.in_bulk({pk for row in rows if (pk := organisation_id_of(row))})
    events = []
    for row, before in zip(rows[:MOST_ROWS], [*rows[1:], None], strict=False):
        kind, icon = (_("Written"), "add") if before is None else (_("Taken off"), "left") if row.ended_at and not before.ended_at else (_("Changed"), "edit")
        events.append(
            Event(
                at=row.history_date, kind=kind, icon=icon, text="", person=row.history_user.name if row.history_user else "", organisation=organisations.get(organisation_id_of(row) or 0),
                by_hand=bool(row.history_user_id or organisation_id_of(row)), changes=tuple(_changes(before, row)) if before is not None else (),
            )
        )
    return events


def _changes(before: Any, row: Any) -> list[Change]:
    fields: list[Any] = [Provision._meta.get_field(name) for name in PROVISION_FIELDS]
    return [Change(label_of(field), _shown(before, field), _shown(row, field), "") for field in fields if getattr(before, field.attname) != getattr(row, field.attname)]


def _shown(row: Any, field: Any) -> str:
    try:
        return shown_value(field, getattr(row, field.name))
    except ObjectDoesNotExist:
        return ""
