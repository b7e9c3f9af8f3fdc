"""Files judged by content, kept outside the web root and read through the access rule; text, paper and data that leave the portal."""
import json
import resource
import struct
import uuid
import zlib
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone, translation

from guidance.actions.attachments import attach_file
from guidance.actions.contacts import log_event, take_back_event
from guidance.choices import EventKind, OptionState, Visibility
from guidance.models import Attachment, Pathway
from pilots import attachments
from pilots.attachments import LARGEST, LARGEST_UNPACKED, check_file, clean_name, path_of
from services import photos
from tests.guidance.factories import make_handoff, make_option, make_partnership, make_pathway, make_shared_pathway, make_workplace, new_client
from tests.guidance.web import logged, sign_in


def url(name: str, pathway: Pathway, *more) -> str:
    return reverse(f"guidance:{name}", args=[pathway.pseudonym, *more])


@pytest.fixture
def anna(made):
    return sign_in(made.anna)


@pytest.fixture(autouse=True)
def private(settings, tmp_path) -> Path:
    settings.MEDIA_PRIVATE = str(tmp_path / "private")
    return tmp_path / "private"


# Made files ------------------------------------------------------------------------------------


def pdf(body: bytes = b"1 0 obj<</Type/Catalog>>endobj\n", end: bytes = b"%%EOF\n") -> bytes:
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + body + b"trailer<</Root 1 0 R>>\n" + end


def packed(objects: bytes, how: bytes = b"/FlateDecode") -> bytes:
    """A stream of objects, as word processors write them."""
    return b"5 0 obj<</Type/ObjStm/N 1/First 4/Filter" + how + b">>stream\r\n" + zlib.compress(objects) + b"\nendstream endobj\n"


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(*more: bytes, size: tuple[int, int] = (1, 1)) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + b"".join(more) + chunk(b"IEND", b"")


def jpeg(scan: bytes = b"\x00\xff\x00\xff\xd0\x12", size: tuple[int, int] = (8, 8)) -> bytes:
    def segment(marker: int, data: bytes) -> bytes:
        return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data

    # A thumbnail with its own end inside a segment, a progressive picture of two scans.
    return b"\xff\xd8" + segment(0xE1, b"Exif\x00\x00 thumb \xff\xd9") + segment(0xC2, b"\x08" + struct.pack(">HH", *size) + b"\x08" * 4) + segment(0xDA, b"\x01" * 6) + scan + segment(0xC4, b"\x00") + segment(0xDA, b"\x01" * 6) + scan + b"\xff\xd9"


ZIP = b"PK\x03\x04" + b"\x00" * 26 + b"x" + b"PK\x05\x06" + b"\x00" * 18


@pytest.mark.parametrize(
    "content,content_type",
    [
        (pdf(), "application/pdf"),
        (pdf(end=b"%%EOF\r\n  \n"), "application/pdf"),
        (pdf(end=b"%%EOF\nmore objects\nstartxref\n9\n%%EOF"), "application/pdf"),
        (pdf() + b"\x00" * 512, "application/pdf"),
        (pdf(body=packed(b"<</Type/Page>>")), "application/pdf"),
        (pdf(body=b"1 0 obj<</OpenAction[2 0 R/Fit]/Length 9>>stream\nabc /JS d\nendstream endobj\n"), "application/pdf"),
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (jpeg() + jpeg(), "image/jpeg"),
        (jpeg() + b"\x00" * 64, "image/jpeg"),
    ],
)
def test_file_that_is_whole_is_taken_for_what_it_is(content, content_type):
    assert check_file(content).content_type == content_type


@pytest.mark.parametrize(
    "content,code",
    [
        (b"", "empty"),
        (b"%PDF-1.7" + b"x" * LARGEST, "too_large"),
        (b"hello", "wrong_type"),
        (b"<html><script>1</script></html>", "wrong_type"),
        (b"GIF89a" + b"\x00" * 20, "wrong_type"),
        (b"MZ" + b"\x00" * 60, "wrong_type"),
        (ZIP, "wrong_type"),
        (b" " + pdf(), "wrong_type"),
        (b"\x00" * 10 + png(), "wrong_type"),
        (b"%PDF-1.7\nno end", "broken"),
        (png()[:-6], "broken"),
        (png()[:-20] + b"\xff" + png()[-19:], "broken"),
        (jpeg()[:-2], "broken"),
        (b"\xff\xd8\xff\xe0\x00", "broken"),
        (b"\xff\xd8\xff\xe0\x00\x00\xff\xd9", "broken"),
        (pdf() + ZIP, "polyglot"),
        (pdf(body=ZIP), "polyglot"),
        (pdf() + b"<script>alert(1)</script>", "polyglot"),
        (png() + ZIP, "polyglot"),
        (png() + b"<script>alert(1)</script>", "polyglot"),
        (png(chunk(b"tEXt", b"Comment\x00<script>alert(1)</script>")), "polyglot"),
        (jpeg() + ZIP, "polyglot"),
        (jpeg() + pdf(), "polyglot"),
        (jpeg() + jpeg() + ZIP, "polyglot"),
        (pdf(body=b"1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n"), "active"),
        (pdf(body=b"1 0 obj<</S/Launch/F(cmd.exe)>>endobj\n"), "active"),
        (pdf(body=b"1 0 obj<</Names<</EmbeddedFiles 2 0 R>>>>endobj\n"), "active"),
        (pdf(body=b"1 0 obj<</S/J#61vaScript/J#53(app.alert(1))>>endobj\n"), "active"),
        (pdf(body=b"1 0 obj<</OpenAction<</S/SubmitForm/F(x)>>>>endobj\n"), "active"),
        (pdf(body=packed(b"<</S/JavaScript/JS(app.alert(1))>>")), "active"),
        (pdf(body=packed(b"<</S/J#61vaScript>>")), "active"),
        (pdf(body=packed(b"x", b"/ASCII85Decode")), "broken"),
        (pdf(body=packed(b"<<>>").replace(b"\x78\x9c", b"\x00\x00")), "broken"),
        (pdf(body=packed(b"\x00" * (LARGEST_UNPACKED + 1))), "polyglot"),
        (pdf(body=b"9 0 obj<</Filter/Standard>>endobj trailer<</Encrypt 9 0 R>>\n"), "locked"),
        (png(size=(100_000, 100_000)), "too_many_pixels"),
        (jpeg(size=(60_000, 60_000)), "too_many_pixels"),
    ],
)
def test_file_that_is_not_is_refused_in_words(content, code):
    with pytest.raises(ValidationError) as error:
        check_file(content)

    assert error.value.code == code


def test_file_every_cut_of_a_picture_is_refused():
    for whole in (png(), jpeg()):
        for length in range(1, len(whole)):
            with pytest.raises(ValidationError):
                check_file(whole[:length])


@pytest.mark.parametrize(
    "name,kept",
    [
        ("todistus.pdf", "todistus.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\x\\todistus.PDF", "todistus.pdf"),
        ("kuva.png", "kuva.pdf"),
        ("todistus.exe", "todistus.exe.pdf"),
        ("todistus.pdf\r\nSet-Cookie: x", "todistus.pdfSet-Cookie: x.pdf"),
        ("a\x00b\u202egnp.pdf", "abgnp.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "file.pdf"),
        ("ä" * 300 + ".pdf", "ä" * 146 + ".pdf"),
    ],
)
def test_file_name_is_its_last_part_with_the_extension_of_its_content(name, kept):
    assert clean_name(name, check_file(pdf())) == kept


# Attaching and reading -------------------------------------------------------------------------


def upload(content: bytes, name: str = "todistus.pdf", **fields) -> dict:
    return {"token": str(uuid.uuid4()), "file": SimpleUploadedFile(name, content), "text": "Koulutodistus", "visibility": "participants"} | fields


def test_attachment_is_stored_outside_the_web_root_by_a_random_name(made, anna, pathway, private, settings):
    answer = anna.post(url("attachment_add", pathway), upload(pdf(), "../../todistus.pdf"))

    attachment = Attachment.objects.get()
    stored = path_of(attachment.stored_as)
    assert (answer.status_code, answer["Location"]) == (302, pathway.get_absolute_url())
    assert (attachment.name, attachment.content_type, attachment.event.text) == ("todistus.pdf", "application/pdf", "Koulutodistus")
    assert stored.read_bytes() == pdf()
    assert stored.is_relative_to(private)
    assert not Path(settings.MEDIA_PRIVATE).resolve().is_relative_to(Path(settings.STATIC_ROOT).resolve())
    assert (stored.stat().st_mode & 0o777, "todistus" in str(stored)) == (0o600, False)


def test_attachment_sent_twice_is_one_file(anna, pathway, private):
    token = str(uuid.uuid4())

    answers = [anna.post(url("attachment_add", pathway), upload(pdf(), token=token)).status_code for _turn in range(2)]

    assert answers == [302, 302]
    assert Attachment.objects.count() == 1
    assert len([path for path in private.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("content", [b"", b"hello", pdf() + ZIP, b"%PDF-1.7" + b"x" * LARGEST])
def test_attachment_that_is_refused_names_its_field_and_leaves_nothing(anna, pathway, private, content):
    answer = anna.post(url("attachment_add", pathway), upload(content))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["file"]
    assert (Attachment.objects.count(), pathway.events.filter(kind="note").count(), private.exists()) == (0, 0, False)


@pytest.mark.parametrize("keep", [partial(attachments.store, content=b"x" * 5_000), partial(photos.store, pictures=photos.Pictures(b"x" * 100, b"y" * 5_000, 1, 1))])
def test_disk_that_takes_no_more_keeps_no_part_of_a_file(keep, private):
    """The kernel refuses what goes beyond 4,000 bytes, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, before[1]))
    try:
        with pytest.raises(OSError, match="Errno 27"):
            keep(uuid.uuid4())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert [path for path in private.rglob("*") if path.is_file()] == []


def test_attachment_without_a_file_names_its_field(anna, pathway):
    answer = anna.post(url("attachment_add", pathway), {"token": str(uuid.uuid4()), "visibility": "participants"})

    assert list(answer.context["form"].errors) == ["file"]


def test_attachment_is_handed_out_as_a_download_with_its_log_row(anna, pathway):
    anna.post(url("attachment_add", pathway), upload(png(), "kuva.html"))
    attachment = Attachment.objects.get()

    answer = anna.get(url("attachment_file", pathway, attachment.pk))

    assert b"".join(answer.streaming_content) == png()
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert answer["Content-Disposition"] == 'attachment; filename="kuva.html.png"'
    assert "no-store" in answer["Cache-Control"]
    assert logged()[-1] == ("view", "guidance:attachment_file", [pathway.pseudonym])


def test_attachment_is_read_by_whoever_reads_its_note(made, anna):
    pathway = make_shared_pathway(made)
    anna.post(url("attachment_add", pathway), upload(pdf(), visibility="own"))
    hidden = Attachment.objects.get()
    anna.post(url("attachment_add", pathway), upload(pdf(), visibility="chosen", shown_to=[made.college.pk]))
    shown = Attachment.objects.exclude(pk=hidden.pk).get()
    ossi = sign_in(made.ossi)

    refused, given = ossi.get(url("attachment_file", pathway, hidden.pk)), ossi.get(url("attachment_file", pathway, shown.pk))

    assert (refused.status_code, b"".join(given.streaming_content)) == (404, pdf())
    assert [action for action, page, _subjects in logged() if page == "guidance:attachment_file"] == ["refusal", "view"]
    assert [row["id"] for row in ossi.get(pathway.get_absolute_url()).context["page"].pathway.file_rows] == [shown.pk]


def test_attachment_of_a_foreign_client_is_as_good_as_missing(made, anna, pathway):
    anna.post(url("attachment_add", pathway), upload(pdf()))
    attachment = Attachment.objects.get()

    assert sign_in(made.ossi).get(url("attachment_file", pathway, attachment.pk)).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_attachment_is_removed_by_its_own_organisation_and_the_file_is_gone(private):
    made = make_partnership()
    pathway = make_shared_pathway(made)
    anna, ossi = sign_in(made.anna), sign_in(made.ossi)
    anna.post(url("attachment_add", pathway), upload(pdf()))
    attachment = Attachment.objects.get()

    refused = ossi.post(url("attachment_remove", pathway, attachment.pk))
    still_there = path_of(attachment.stored_as).exists()
    answer = anna.post(url("attachment_remove", pathway, attachment.pk))

    assert (refused.status_code, still_there, answer.status_code) == (404, True, 302)
    assert (Attachment.objects.count(), path_of(attachment.stored_as).exists()) == (0, False)


# What leaves the portal ------------------------------------------------------------------------


def test_text_page_and_plain_text_are_the_same_fixed_layout(made, anna):
    pathway = make_shared_pathway(made, goal="Lähihoitajaksi")

    with translation.override("en"):
        page = anna.get(url("pathway_text", pathway))
        plain = anna.get(url("pathway_plain_text", pathway))

    headings = [line for line in plain.content.decode().split("\n") if line and line == line.upper() and ":" not in line and not line.startswith("-")]
    assert headings == ["CLIENT", "STAGE", "GOAL AND BACKGROUND", "WHO IS RESPONSIBLE", "NEXT STEPS", "HAND-OFFS", "TIMELINE"]
    assert plain["Content-Type"] == "text/plain; charset=utf-8"
    assert page.context["text"].split("\n")[2:] == plain.content.decode().split("\n")[2:]
    assert "Lähihoitajaksi" in plain.content.decode()


@pytest.mark.parametrize("name", ["step_text", "step_print"])
def test_appointment_can_be_copied_and_printed(anna, pathway, name):
    answer = anna.get(url(name, pathway, pathway.next_steps.get().pk))

    assert "Keksitty askel" in answer.content.decode()
    assert logged() == [("print", f"guidance:{name}", [pathway.pseudonym])]


@pytest.mark.parametrize("name", ["handoff_text", "handoff_print"])
def test_handoff_can_be_copied_and_printed(made, anna, pathway, name):
    handoff = make_handoff(made, pathway, reason="Keksitty perustelu")

    answer = anna.get(url(name, pathway, handoff.pk))

    assert "Keksitty perustelu" in answer.content.decode()
    assert logged() == [("print", f"guidance:{name}", [pathway.pseudonym])]


def test_export_is_the_whole_path_as_the_organisation_may_read_it(made, anna):
    pathway = make_shared_pathway(made, client=new_client(family_name="Esimerkkinen"))
    option = make_option(pathway, made.anna, OptionState.STARTED, provider_outside="Keksitty opisto")
    make_workplace(pathway, made.anna, option)
    pathway.events.create(kind="note", at=timezone.now(), by=made.ossi, organisation=made.college, text="Opiston oma", visibility="own")

    answer = anna.get(url("pathway_export", pathway))

    data = json.loads(answer.content)
    assert answer["Content-Disposition"] == f'attachment; filename="{pathway.pseudonym}.json"'
    assert data["client"]["family_name"] == "Esimerkkinen"
    assert [len(data[name]) for name in ("stages", "participants", "options", "workplace_periods", "next_steps", "handoffs")] == [1, 2, 1, 1, 2, 1]
    assert len(data["events"]) == pathway.events.exclude(visibility="own").count()
    assert "Opiston oma" not in answer.content.decode()


@pytest.mark.parametrize("name", ["pathway_text", "pathway_plain_text", "pathway_print", "pathway_export", "pathway_export_print"])
def test_what_leaves_the_portal_never_holds_protected_details(made, anna, name):
    pathway = make_pathway(made, client=new_client(is_protected=True, contact_address="Postilokero 1"))
    pathway.client.named_people.add(made.anna)
    option = make_option(pathway, made.anna, OptionState.STARTED, provider_outside="Salattu opisto")
    make_workplace(pathway, made.anna, option)
    pathway.next_steps.update(place="Salattu paikka")

    shown_inside = anna.get(pathway.get_absolute_url()).content.decode()
    leaves = anna.get(url(name, pathway)).content.decode()

    secrets = ("Salattu opisto", "Salattu paikka", "Keksitty työnantaja")
    assert [secret in shown_inside for secret in secrets] == [True, True, True]
    assert [secret in leaves for secret in secrets] == [False, False, False]


@pytest.mark.parametrize("name", ["pathway_text", "pathway_plain_text", "pathway_print", "pathway_export", "pathway_export_print"])
def test_own_notes_leave_the_portal_only_when_asked_and_marked(made, anna, name):
    pathway = make_shared_pathway(made)
    for text, visibility in (("Oma muistiinpano", Visibility.OWN), ("Yhteinen muistiinpano", Visibility.PARTICIPANTS)):
        log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text=text, visibility=visibility)

    without, with_own = (anna.get(f"/en{url(name, pathway).removeprefix('/en')}{query}").content.decode() for query in ("", "?own=1"))

    assert ["Oma" in page for page in (without, with_own)] == [False, True]
    assert ["Yhteinen" in page for page in (without, with_own)] == [True, True]
    assert ("(own organisation only)" in with_own) == (name != "pathway_export")
    assert name != "pathway_export" or "own" in [event["visibility"] for event in json.loads(with_own)["events"]]


def test_files_of_own_notes_stay_out_of_the_data_too(made, anna):
    pathway = make_shared_pathway(made)
    for name, visibility in (("oma.pdf", Visibility.OWN), ("yhteinen.pdf", Visibility.PARTICIPANTS)):
        attach_file(by=made.anna, pathway=pathway, name=name, content=pdf(), visibility=visibility)

    without, with_own = (sorted(file["name"] for file in anna.get(url("pathway_export", pathway) + query).json()["files"]) for query in ("", "?own=1"))

    assert (without, with_own) == (["yhteinen.pdf"], ["oma.pdf", "yhteinen.pdf"])


def test_what_was_taken_back_is_not_on_paper_and_marked_in_the_data(made, anna):
    pathway = make_pathway(made)
    take_back_event(by=made.anna, event=log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text="Peruttu teksti"))

    papers = [anna.get(url(name, pathway)).content.decode() for name in ("pathway_text", "pathway_print", "pathway_export_print")]
    [event] = [event for event in anna.get(url("pathway_export", pathway)).json()["events"] if event["text"] == "Peruttu teksti"]

    assert ["Peruttu" in paper for paper in papers] == [False] * 3
    assert event["taken_back_at"]


def test_boxes_of_own_notes_are_on_the_pathways_papers_only(made, anna):
    pathway = make_pathway(made)

    assert [b'name="own"' in anna.get(url(name, pathway)).content for name in ("pathway_text", "pathway_print", "pathway_export_print")] == [True] * 3
    assert b'name="own"' not in anna.get(url("step_text", pathway, pathway.next_steps.get().pk)).content
