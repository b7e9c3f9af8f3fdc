"""The history of an area: public, but for who made a change and what it says of a contact person.

Those are for readers with a membership: anybody can sign up.
"""
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pilots.permissions import may_edit_area
from pilots.queries.editing import get_area
from pilots.queries.history import Event, area_history
from pilots.views.area_editing import breadcrumbs


@dataclass(frozen=True)
class ShownEvent:
    icon: str
    kind: str
    text: str
    time: datetime
    who: str
    organisation: str
    changes: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Day:
    day: date
    events: list[ShownEvent]


@require_safe
def area_history_page(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_area(slug)
    names_people = request.acting is not None
    page = area_history(area, before=request.GET.get("before", ""), with_people=names_people)
    return render(
        request,
        "pilots/area_history.html",
        {
            "area": area,
            "timeline": timeline_of(page.events),
            "older": page.older,
            "is_newest": "before" not in request.GET,
            "names_people": names_people,
            "may_edit": may_edit_area(request.acting, area),
            "breadcrumbs": breadcrumbs(area, (_("History"), "")),
        },
    )


def timeline_of(events: list[Event]) -> list[Day]:
    """For components/timeline.html; the events are in their order."""
    return [Day(day, [_shown(event) for event in of_day]) for day, of_day in groupby(events, lambda event: timezone.localdate(event.at))]


def _shown(event: Event) -> ShownEvent:
    organisation = event.organisation.name if event.organisation else ""
    if event.by_hand:
        who, organisation = (event.person, organisation) if event.person else (organisation or _("A person"), "")
    else:
        who = _("Loaded into the portal")
    changes = [(change.label, _marked(change.before, change.language), _marked(change.after, change.language)) for change in event.changes]
    return ShownEvent(event.icon, event.kind, event.text, event.at, who, organisation, changes)


def _marked(text: str, language: str) -> str:
    """A text in another language than the page's carries its own, for whoever hears it read."""
    if not text or not language or language == (get_language() or "fi")[:2]:
        return text
    return format_html('<span lang="{}">{}</span>', language, text)
