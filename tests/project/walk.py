"""Pages to walk through for guards that look at whole answers: address, person, and what it is called in a report."""
from dataclasses import dataclass

from django.urls import reverse
from django.utils import translation

from tests.project.access import API_ROWS, ROWS
from tests.project.world import PEOPLE, VISITOR, World

# Each with the least right that opens it, so that a page is seen as its own people see it.
# Answers that are no page; held by tests of their own.
FILES = {"own:file", "guidance:attachment_file", "guidance:import_template", "guidance:course_sheet_file", "guidance:rights_file", "services:settlement_xlsx", "services:use_xlsx", "services:service_photo", "services:list_export", "summaries:area_report_file", "summaries:network_file", "summaries:pathways_public_file", "summaries:pathways_side_by_side_file", "summaries:area_summary_file", "summaries:municipality_summary_file", "summaries:board_pages_file", "summaries:our_pathways_file", "pilots:publication_feed", "summaries:change_feed", "summaries:area_change_feed", "pilots:model_file", "health", "ready", "security_txt"} | set(API_ROWS)
PREFERENCE = [VISITOR, "newcomer", "coordinator", "administrator", "portal_administrator"]


@dataclass(frozen=True)
class Stop:
    name: str
    person: str
    path: str


def stops(world: World, language: str = "fi", method: str = "GET") -> list[Stop]:
    """Every address of the access table that answers `method`, as the first of PREFERENCE who may."""
    with translation.override(language):
        return [
            Stop(name, next(person for person in (*PREFERENCE, *PEOPLE) if person in row.may), reverse(name, kwargs=row.arguments(world.own) if row.arguments else {}))
            for name, row in ROWS.items()
            if method in row.methods and row.may and name not in FILES
        ]
