"""The files of pilots/data about what the law allows, publications and fields of education."""
from typing import Any

from pilots.choices import PublicationKind
from pilots.loading.files import Row
from pilots.loading.sources import Known, Source, texts
from pilots.models import FieldOfEducation, LawfulCooperation, Publication

OF_FIELD = ["name_fi", "name_sv", "name_en", "source"]
OF_LAW = ["name_fi", "name_sv", "name_en", "statute_fi", "statute_sv", "statute_en", "source"]
ALSO_OF_LAW = ["between_fi", "between_sv", "between_en", "number", "section", "note_fi", "note_sv", "note_en", "link"]
OF_PUBLICATION = ["slug", "name_fi", "source"]
ALSO_OF_PUBLICATION = [
    *("name_sv", "author", "language", "published_in_words_fi", "published_in_words_sv", "published_in_words_en"),
    *("where_fi", "where_sv", "where_en", "link", "summary_fi", "summary_sv", "summary_en"),
]


def field(row: Row, known: Known) -> dict[str, Any]:
    return {"code": row.code("code", 2, required=True), **texts(row, *OF_FIELD)}


def lawful(row: Row, known: Known) -> dict[str, Any]:
    values = {"slug": row.text("slug", required=True), "position": row.integer("position", required=True), "is_checked": row.yes_no("is_checked")}
    if values["is_checked"] and not row.text("section"):
        row.problem("section", "a checked form of cooperation names its section.")
    if not values["is_checked"] and row.text("section"):
        row.problem("section", "a section is named only when it has been checked.")
    return {**values, **texts(row, *OF_LAW, optional=ALSO_OF_LAW)}


def publication(row: Row, known: Known) -> dict[str, Any]:
    return {
        "kind": row.choice("kind", PublicationKind.values, required=True),
        "published_on": row.day("published_on"),
        **texts(row, *OF_PUBLICATION, optional=ALSO_OF_PUBLICATION),
    }


REGISTER_SOURCES = [
    Source("education_fields.csv", FieldOfEducation, ["code"], ["code", *OF_FIELD], field),
    Source("lawful_cooperation.csv", LawfulCooperation, ["slug"], ["slug", "position", "is_checked", *OF_LAW, *ALSO_OF_LAW], lawful),
    Source("publications.csv", Publication, ["slug"], ["kind", "published_on", *OF_PUBLICATION, *ALSO_OF_PUBLICATION], publication),
]
