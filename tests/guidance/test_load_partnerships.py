"""The partnerships of guidance/data: what is loaded, and that a faulty file changes nothing."""
import shutil
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from guidance.choices import Part, ProgrammeKind
from guidance.loading.partnerships import DATA, load_partnerships
from guidance.models import Partnership, PartnershipPart, Programme, QuotedFigure
from pilots.choices import LegalForm, OrganisationKind
from pilots.models import Organisation
from tests.guidance.web import sign_in


@pytest.fixture
def network(db) -> None:
    """The organisations that the files name; test_load_caseload.py loads them beside the real network."""
    for slug in ("kuntaliitto", "kuopion-kaupunki", "kuopion-tyollisyyspalvelu", "savon-koulutuskuntayhtyma", "te-palvelut"):
        Organisation.objects.create(slug=slug, name_fi=slug, kind=OrganisationKind.STATE_BODY, legal_form=LegalForm.STATE, source="made for tests")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_load_partnerships_kuopio_has_the_parts_of_the_source_and_is_not_open(network):
    load_partnerships()

    kuopio = Partnership.objects.get()
    parts = [(part.part, part.organisation.slug) for part in kuopio.parts.select_related("organisation")]
    assert parts == [(Part.EMPLOYMENT, "kuopion-tyollisyyspalvelu"), (Part.COLLEGE, "savon-koulutuskuntayhtyma"), (Part.TE, "te-palvelut")]
    assert kuopio.process_organisation.slug == "kuopion-tyollisyyspalvelu"
    assert kuopio.opened_at is None
    assert (kuopio.remind_after, kuopio.colleagues_after, kuopio.lead_after) == (3, 7, 14)
    # Nobody has said yet as what they act: no statute is filled in unchecked.
    assert not kuopio.parts.exclude(acts_as_authority=None, processing_statute="").exists()


def test_load_partnerships_only_what_a_client_can_take_part_in_is_a_measure(network):
    load_partnerships()

    measures = {one.code: one.is_historical for one in Programme.objects.filter(kind=ProgrammeKind.MEASURE)}
    assert Programme.objects.count() == 15
    assert {code for code, historical in measures.items() if historical} == {"alpo", "amos", "tytti", "nuorten-tyopolku"}
    assert {code for code, historical in measures.items() if not historical} == {"palvelutori", "ohjaamo", "aikuisten-ohjaus", "yritysyhteistyo"}
    assert not Programme.objects.exclude(kind=ProgrammeKind.MEASURE).filter(is_historical=True).exists()


def test_load_partnerships_owner_is_empty_where_the_source_names_none(network):
    load_partnerships()

    without = set(Programme.objects.filter(run_by=None, kind=ProgrammeKind.MEASURE).values_list("code", flat=True))
    assert without == {"ohjaamo", "aikuisten-ohjaus", "nuorten-tyopolku"}
    square = Programme.objects.get(code="palvelutori")
    assert {one.slug for one in square.run_by.all()} == {"kuopion-tyollisyyspalvelu", "savon-koulutuskuntayhtyma"}


def test_load_partnerships_every_programme_has_its_quote_and_our_text_in_both_languages(network):
    load_partnerships()

    for one in Programme.objects.all():
        assert one.quote, one.code
        assert one.source, one.code
        assert one.text_is_ours, one.code
        assert all([one.purpose_fi, one.purpose_sv, one.name_sv]), one.code
        assert bool(one.for_whom_fi) == bool(one.for_whom_sv), one.code


def test_load_partnerships_figures_are_printed_as_the_source_states_them(network):
    load_partnerships()

    assert [(one.code, one.shown) for one in QuotedFigure.objects.all()] == [
        ("asiakkaat", "6,273"), ("osaamisen-kehittaminen", "2,206 (35 %)"), ("ilman-tutkintoa", "almost 1,400"), ("alle-30", "40 %"),
    ]
    assert [one.code for one in QuotedFigure.objects.exclude(note_fi="")] == ["alle-30"]
    assert all(one.quote and one.name_sv and one.began_on == date(2021, 1, 1) for one in QuotedFigure.objects.all())


def test_load_partnerships_figure_that_is_almost_has_no_share(network):
    load_partnerships()

    with pytest.raises(IntegrityError, match="quoted_figure_almost_has_no_share"):
        QuotedFigure.objects.filter(is_almost=True).update(share_percent=22)


def test_figures_stand_on_the_page_of_their_partnership_alone(network, made):
    load_partnerships()
    kuopio = Partnership.objects.get(slug="kuopio")
    kuopio.parts.create(organisation=made.city, part=Part.OTHER, position=9)

    pages = [sign_in(made.anna).get(f"/en/guidance/partnerships/{slug}/").content.decode() for slug in ("kuopio", made.partnership.slug)]

    assert ["almost 1,400" in page and "1.1.2021" in page and "no measure of all job-seekers" in page for page in pages] == [True, False]


def test_load_partnerships_again_changes_nothing(network):
    load_partnerships()

    again = load_partnerships()

    assert (again.created, again.changed, again.kept) == ({}, {}, [])


def test_load_partnerships_again_keeps_edits_of_people(network):
    load_partnerships()
    Partnership.objects.update(name_sv="Eget namn")
    removed = PartnershipPart.objects.get(part=Part.TE)
    removed.delete()

    again = load_partnerships()

    assert Partnership.objects.get().name_sv == "Eget namn"
    assert len(again.kept) == 1
    # Which organisations take part is the partners" own affair once it is loaded.
    assert not PartnershipPart.objects.filter(part=Part.TE).exists()


@pytest.mark.parametrize(
    "file,old,new,place",
    [
        ("programmes.csv", "kuopio,alpo,5,measure", "kuopio,alpo,5,meassure", "programmes.csv, line 6, column 4 (kind)"),
        ("programmes.csv", "AMOS-projektet,savon-koulutuskuntayhtyma", "AMOS-projektet,savon-ky", "programmes.csv, line 7, column 7 (run_by)"),
        ("programmes.csv", "kuopio,amos,6", "kuopio,alpo,6", "programmes.csv, line 7, column 2 (code)"),
        ("partnerships.csv", ",kuopion-tyollisyyspalvelu,", ",kuopion-palvelu,", "partnerships.csv, line 2, column 4 (process_organisation)"),
        ("partnership_parts.csv", "savon-koulutuskuntayhtyma,college", "savon-koulutuskuntayhtyma,employment", "partnership_parts.csv, line 3, column 3 (part)"),
        ("partnership_parts.csv", "te-palvelut,te,3", "te-palvelut,te,kolme", "partnership_parts.csv, line 4, column 4 (position)"),
        ("partnership_parts.csv", "position", "place", "partnership_parts.csv, line 1"),
    ],
)
def test_load_partnerships_fault_is_told_with_file_line_and_column_and_nothing_is_stored(network, files, file, old, new, place):
    change(files / file, old, new)
    said = StringIO()

    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("load_partnerships", directory=files, stderr=said, stdout=StringIO())

    assert place in said.getvalue()
    assert not Partnership.objects.exists()
    assert not Programme.objects.exists()


def test_load_partnerships_without_the_network_says_which_organisation_is_missing(db):
    said = StringIO()

    with pytest.raises(CommandError):
        call_command("load_partnerships", stderr=said, stdout=StringIO())

    assert "there is no organisation “kuopion-tyollisyyspalvelu”" in said.getvalue()
