"""Atom feeds (RFC 4287) of what has changed, over all and of an area: public things only, the same for every reader."""
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_safe

from pilots.models import PilotArea
from pilots.views.publications import FIRST_DAY, Feed, for_xml
from summaries.queries.changes import Changed, recent_changes


@require_safe
@conditional_page
def change_feed(request: HttpRequest) -> HttpResponse:
    return _answer(request, _("KOPA: what has changed"), reverse("home"), recent_changes())


@require_safe
@conditional_page
def area_change_feed(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_object_or_404(PilotArea, slug=slug)
    return _answer(request, _("KOPA: what has changed in the area %(area)s") % {"area": area.name}, area.get_absolute_url(), recent_changes(area))


def _answer(request: HttpRequest, title: str, page: str, changes: list[Changed]) -> HttpResponse:
    """An entry is known by its thing, in every language the same; a new change moves it up."""
    origin = settings.PUBLIC_ORIGIN
    feed = Feed(title=for_xml(title), link=origin + page, feed_url=origin + request.path, feed_guid=origin + request.path, description=_("Areas, cooperation models, obstacles and shared services that are new or have changed."), language=(get_language() or "fi")[:2], author_name="KOPA")
    feed.updated = changes[0].at if changes else FIRST_DAY
    for change in changes:
        feed.add_item(
            title=for_xml(change.thing.name),
            link=origin + change.thing.get_absolute_url(),
            description=str(change.label),
            categories=[change.kind],
            unique_id=f"{origin}/{change.kind}/{change.thing.pk}/",
            updateddate=change.at,
        )
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
