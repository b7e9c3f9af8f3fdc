"""What the pages of the apps below show of this one."""
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.addresses import address
from guidance.models import Partnership
from pilots.models import Municipality, PilotArea
from pilots.registries import PageAction, PageSection
from summaries.queries.skills import answered, needs_of


def figures_of_pathways() -> PageAction:
    return PageAction(_("Our pathways in figures"), address("summaries:our_pathways"))


def report_of_area(area: PilotArea) -> PageAction:
    return PageAction(_("The area’s report"), address("summaries:area_report", area.slug))


def board_of_municipality(municipality: Municipality) -> PageAction:
    return PageAction(_("Two pages for the board"), address("summaries:board_pages", municipality.code))


def figures_of_area(area: PilotArea) -> PageAction:
    return PageAction(_("The area in figures"), address("summaries:area_summary", area.slug))


def feed_of_area(area: PilotArea) -> PageAction:
    return PageAction(_("What has changed (Atom feed)"), address("summaries:area_change_feed", area.slug))


def figures_of_municipality(municipality: Municipality) -> PageAction:
    return PageAction(_("The municipality in figures"), address("summaries:municipality_summary", municipality.code))


def figures_of_clients(partnership: Partnership) -> PageAction:
    """Of all partnerships together: their own counts are told to those who may open the lists, and to Kuntaliitto's staff."""
    return PageAction(_("Clients in figures, the whole network"), address("summaries:pathways_public"))


def skills_of_area(request: HttpRequest, area: PilotArea) -> PageSection | None:
    """One query where no need has been told, at most five otherwise."""
    if not (needs := needs_of(area)):
        return None
    return PageSection("summaries/_area_skills.html", {"rows": answered(needs, request.acting), "url": address("summaries:skill_answers")})
