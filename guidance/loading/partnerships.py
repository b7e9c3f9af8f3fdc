"""The partnerships of guidance/data: their parts and what the source names of programmes, all of them or nothing."""
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import translation
from simple_history.utils import bulk_create_with_history

from guidance.choices import Part, ProgrammeKind
from guidance.models import LegalGround, Partnership, PartnershipPart, Programme, QuotedFigure
from pilots.loading.files import Problems, Row, Table, read_table
from pilots.loading.network import load_sources
from pilots.loading.sources import Known, Source, texts
from pilots.loading.writing import Outcome, Writer
from pilots.models import Organisation

DATA = Path(__file__).resolve().parent.parent / "data"
LOADER = "partnerships"
PARTS_FILE, PARTS_COLUMNS = "partnership_parts.csv", ["partnership", "organisation", "part", "position"]


def partnership(row: Row, known: Known) -> dict[str, Any]:
    return {
        **texts(row, "slug", "name_fi", "source", optional=["name_sv"]),
        "process_organisation": row.reference("process_organisation", known[Organisation], "organisation", required=True),
    }


def programme(row: Row, known: Known) -> dict[str, Any]:
    return {
        "partnership": row.reference("partnership", known[Partnership], "partnership", required=True),
        "position": row.integer("position", required=True),
        "kind": row.choice("kind", ProgrammeKind.values, required=True),
        # Empty where the source names nobody.
        "run_by": row.references("run_by", known[Organisation], "organisation"),
        "is_historical": row.yes_no("is_historical"),
        "text_is_ours": row.yes_no("text_is_ours"),
        **texts(row, "code", "name_fi", "source", optional=["name_sv", "purpose_fi", "purpose_sv", "for_whom_fi", "for_whom_sv", "quote"]),
    }


def quoted_figure(row: Row, known: Known) -> dict[str, Any]:
    return {
        "partnership": row.reference("partnership", known[Partnership], "partnership", required=True),
        "position": row.integer("position", required=True),
        "value": row.integer("value", required=True),
        "is_percent": row.yes_no("is_percent"),
        "is_almost": row.yes_no("is_almost"),
        "share_percent": row.integer("share_percent"),
        "began_on": row.day("began_on", required=True),
        **texts(row, "code", "name_fi", "name_sv", "name_en", "quote", "source", optional=["note_fi", "note_sv", "note_en"]),
    }


def legal_ground(row: Row, known: Known) -> dict[str, Any]:
    values = {"version": row.integer("version", required=True), "is_checked": row.yes_no("is_checked"), "for_processing": row.yes_no("for_processing"), "for_disclosure": row.yes_no("for_disclosure")}
    if not values["is_checked"] and row.text("section"):
        row.problem("section", "a section is named only when it has been checked.")
    return {**values, **texts(row, "slug", *OF_GROUND, optional=["number", "section"])}


OF_GROUND = ["statute_fi", "statute_sv", "statute_en", "title_fi", "title_sv", "title_en", "source"]
SOURCES = [
    Source("legal_grounds.csv", LegalGround, ["slug", "version"], ["slug", "version", "number", "section", "for_processing", "for_disclosure", "is_checked", *OF_GROUND], legal_ground),
    Source("partnerships.csv", Partnership, ["slug"], ["slug", "name_fi", "name_sv", "process_organisation", "source"], partnership),
    Source(
        "programmes.csv",
        Programme,
        ["partnership", "code"],
        [
            *("partnership", "code", "position", "kind", "name_fi", "name_sv", "run_by", "is_historical"),
            *("purpose_fi", "purpose_sv", "for_whom_fi", "for_whom_sv", "text_is_ours", "quote", "source"),
        ],
        programme,
    ),
    Source(
        "quoted_figures.csv",
        QuotedFigure,
        ["partnership", "code"],
        [
            *("partnership", "code", "position", "name_fi", "name_sv", "name_en", "value", "is_percent", "is_almost", "share_percent", "began_on"),
            *("note_fi", "note_sv", "note_en", "quote", "source"),
        ],
        quoted_figure,
    ),
]


@translation.override("en")  # the rules of the models speak the language of our own sentences
@transaction.atomic
def load_partnerships(directory: Path = DATA) -> Outcome:
    """Load every file of `directory`; raises BadFiles with every fault found, and changes nothing then.

    Loading again changes nothing, and edits of people are kept. None of them opens by this: opening needs an
    agreement of roles, a reference to an impact assessment and a lead, which no file can bring.
    """
    problems = Problems()
    writer = Writer(LOADER, problems)
    there = set(Partnership.objects.values_list("slug", flat=True))
    known: Known = {Organisation: {organisation.slug: organisation for organisation in Organisation.objects.all()}}
    load_sources(SOURCES, directory, writer, known)
    parts = _read_parts(read_table(directory / PARTS_FILE, PARTS_COLUMNS, problems), known)
    problems.raise_any()
    # Parts come with their partnership, once: which organisations it has later is the partners' own affair.
    created = bulk_create_with_history([part for part in parts if part.partnership.slug not in there], PartnershipPart)
    if created:
        writer.outcome.created[PartnershipPart._meta.label] = len(created)
    return writer.outcome


def _read_parts(table: Table, known: Known) -> list[PartnershipPart]:
    table.unique("partnership", "organisation")
    _one_employment_part(table)
    parts = []
    for row in table:
        values = {
            "partnership": row.reference("partnership", known[Partnership], "partnership", required=True),
            "organisation": row.reference("organisation", known[Organisation], "organisation", required=True),
            "part": row.choice("part", Part.values, required=True),
            "position": row.integer("position", required=True),
        }
        if row.good:
            parts.append(PartnershipPart(**values))
    return parts


def _one_employment_part(table: Table) -> None:
    """The database holds it too; here the line can be named."""
    seen: dict[str, int] = {}
    for row in table:
        if row.text("part") == Part.EMPLOYMENT:
            name = row.text("partnership")
            if (first := seen.setdefault(name, row.line)) != row.line:
                row.problem("part", f"“{name}” has its employment part already on line {first}.")
