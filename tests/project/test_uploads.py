"""What comes as a file, at every place that takes one: refused in words or taken for what it is, never a fault, and nothing of a refused one stays."""
import io
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pilots.attachments import LARGEST_UNPACKED
from tests.guidance.lists import PEOPLE as LISTED
from tests.guidance.lists import xlsx_of
from tests.guidance.test_imports_tables import repacked
from tests.guidance.test_views_pathways_files import chunk, jpeg, packed, pdf, png
from tests.project.world import World

pytestmark = [pytest.mark.once, pytest.mark.django_db]
SCRIPT = b"<script>alert(document.domain)</script>"


@dataclass(frozen=True)
class Place:
    """`fields` is all else that the form wants, so that nothing but the file can be wrong."""

    person: str
    address: Callable[[World], str]
    field: str = "file"
    fields: Callable[[World], dict] = lambda world: {}


PLACES = {
    "guidance.forms.timeline.AttachmentForm": Place("counsellor", lambda world: reverse("guidance:attachment_add", args=[world.own.pathway.pseudonym]), fields=lambda world: {"token": "6f1f9a52-1d6a-4f0e-9d3a-0a1b2c3d4e5f", "visibility": "participants"}),
    "guidance.forms.imports.UploadForm": Place("counsellor", lambda world: reverse("guidance:import_list"), fields=lambda world: {"partnership": world.own.partnership.pk}),
    "pilots.forms.model_files.ModelFileForm": Place("coordinator", lambda world: reverse("pilots:model_file_add", args=[world.own.model.pk]), fields=lambda world: {"title": "Keksitty"}),
    "pilots.forms.figures.FigureFileForm": Place("portal_administrator", lambda world: reverse("pilots:figure_file_list"), fields=lambda world: {"source": "Keksitty", "retrieved_on": "1.2.2026"}),
    "services.forms.busy.BusyFileForm": Place("handler", lambda world: reverse("services:busy_times", args=[world.own.service.resource_id]), "file-file", lambda world: {"do": "file", "file-promise_hours": "168"}),
    "services.forms.lists.UploadForm": Place("handler", lambda world: reverse("services:import_add", args=["resources"])),
    "services.forms.photos.PhotoForm": Place("handler", lambda world: reverse("services:offer_photo", args=[world.own.service.pk]), "photo", lambda world: {"alt_fi": "Keksitty kuva"}),
}  # fmt: skip


def zipped(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


def nasty_files() -> dict[str, tuple[str, bytes]]:
    """name -> the file's name and content. None of them is a file of any place."""
    rng = random.Random(1)
    return {
        "empty": ("a.pdf", b""),
        "one byte": ("a.png", b"\0"),
        "zeros": ("a.csv", b"\0" * 200_000),
        "noise": ("a.xlsx", rng.randbytes(100_000)),
        "noise as text": ("a.csv", rng.randbytes(100_000)),
        "a page": ("a.html", b"<!doctype html><html><body>" + SCRIPT),
        "a page called a picture": ("a.png", b"<!doctype html>" + SCRIPT),
        "SVG with a script": ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"),
        "SVG called a picture": ("a.jpg", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>"),
        "XML that asks for a file": ("a.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
        "a program": ("a.exe", b"MZ\x90\0" + bytes(300)),
        "a shell script": ("a.sh", b"#!/bin/sh\nrm -rf /\n"),
        "PHP in a picture": ("a.php.png", png(chunk(b"tEXt", b"Comment\0<?php system($_GET[0]); ?>" + SCRIPT))),
        "a picture and an archive": ("a.png", png() + zipped(("x", b"x"))),
        "a picture and a page": ("a.jpg", jpeg() + SCRIPT),
        "a paper and an archive": ("a.pdf", pdf() + zipped(("x", b"x"))),
        "a paper that runs": ("a.pdf", pdf(b"1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n")),
        "half a paper": ("a.pdf", pdf()[:-8]),
        "half a picture": ("a.jpg", jpeg()[:-8]),
        "half a workbook": ("a.xlsx", xlsx_of(LISTED)[:-200]),
        "a picture beyond all measure": ("a.png", png(size=(2**31 - 1, 2**31 - 1))),
        "a picture of 60,000 by 60,000": ("a.png", png(size=(60_000, 60_000))),
        "an archive": ("a.zip", zipped(("a.txt", b"x"))),
        "an archive of 10,000 files": ("a.xlsx", zipped(*((f"xl/{number}.xml", b"x") for number in range(10_000)))),
        "an archive that leads out": ("a.xlsx", zipped(("../../../../tmp/out", b"x"), ("/etc/out", b"x"))),
        "a zip bomb": ("a.xlsx", zipped(("[Content_Types].xml", b"0" * 20_000_000))),
        "a workbook bomb": ("a.xlsx", repacked(xlsx_of(LISTED), xl__worksheets__sheet1=b" " * 20_000_000)),
        "bombs in a bomb": ("a.xlsx", zipped(*((f"{number}.zip", zipped(("x", b"\0" * 1_000_000))) for number in range(50)))),
        "a packed stream": ("a.pdf", pdf(packed(b"\0" * (LARGEST_UNPACKED + 1)))),
        "a deep JSON": ("a.json", b"[" * 100_000),
        "a JSON that is none": ("a.json", b'{"class": "dataset", "id": {}, "size": -1, "value": {"a": NaN}}'),
        "a calendar without an end": ("a.ics", b"BEGIN:VCALENDAR\r\n" * 5_000),
        "a calendar that repeats for ever": ("a.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:00010101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"),
        "a line without an end": ("a.csv", b"a;" * 500_000),
        "a list of one wide line": ("a.csv", b'"' + b"x" * 1_000_000),
    }


# What a file may be called; taken or refused, it leads nowhere.
NAMES = ["../../../../etc/passwd.pdf", "..\\..\\windows\\a.pdf", "/etc/a.pdf", "a\0.pdf", "a\r\nSet-Cookie: x=1.pdf", "a" * 3_000 + ".pdf", ".pdf", "", "con.pdf", "a.pdf.exe", "<img src=x onerror=alert(1)>.pdf", "\u202efdp.exe", "\ud800.pdf".encode("utf-8", "replace").decode()]


@pytest.fixture
def private(settings, tmp_path: Path) -> Path:
    settings.MEDIA_PRIVATE, settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "private"), str(tmp_path)
    return tmp_path


def left_in(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


def upload_forms() -> Iterator[str]:
    waiting = [forms.BaseForm]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if any(isinstance(field, forms.FileField) for field in getattr(one, "base_fields", {}).values()) and not one.__module__.startswith(("django.", "allauth.", "tests.")):
            yield f"{one.__module__}.{one.__qualname__}"


def test_uploads_every_form_that_takes_a_file_is_here():
    from django.urls import get_resolver

    assert get_resolver().url_patterns

    assert sorted(set(upload_forms())) == sorted(PLACES)


@pytest.mark.battery
def test_uploads_of_nasty_files_are_refused_in_words_and_leave_nothing(world, client_of, private, proof, rng):
    files, wrong = nasty_files(), []
    for form, place in PLACES.items():
        address, fields = place.address(world), place.fields(world)
        for name in files if proof else rng.sample(list(files), 8):
            called, content = files[name]
            before = left_in(private)
            answer = client_of(place.person).post(address, fields | {place.field: SimpleUploadedFile(called, content, "application/pdf")})
            if answer.status_code >= 500 or answer.status_code in (403, 404):
                wrong.append(f"{form}, {name}: {answer.status_code}")
            elif answer.status_code == 302 and form.rpartition(".")[2] in ("AttachmentForm", "ModelFileForm"):
                wrong.append(f"{form} takes {name}")
            elif answer.status_code != 302 and left_in(private) != before:
                wrong.append(f"{form}, {name}: leaves {set(left_in(private)) - set(before)}")

    assert wrong == []
    # A photo is painted anew: what hid behind the picture is not in what is kept.
    kept = [path.read_bytes() for path in private.rglob("*") if path.is_file()]
    assert not any(SCRIPT in content or b"PK\x05\x06" in content or b"<?php" in content for content in kept)


def test_uploads_are_called_what_they_may_handed_out_safely_and_refused_by_the_thousand(world, client_of, private):
    place, wrong = PLACES["pilots.forms.model_files.ModelFileForm"], []
    client, model = client_of(place.person), world.own.model
    for number, name in enumerate(NAMES):
        content = pdf(b"%d 0 obj<<>>endobj\n" % (number + 1))
        answer = client.post(place.address(world), place.fields(world) | {"file": SimpleUploadedFile("a.pdf", content)} if not name else place.fields(world) | {"file": _named(name, content)})
        if answer.status_code not in (302, 400, 422):
            wrong.append(f"{name[:40]!r}: {answer.status_code}")
    for file in model.files.all():
        answer = client.get(reverse("pilots:model_file", args=[model.pk, file.pk]))
        if answer.status_code == 404:
            # Of the world's own one there is only the row here.
            continue
        disposition = answer["Content-Disposition"]
        if answer["Content-Type"] != "application/pdf" or not disposition.startswith("attachment") or answer["X-Content-Type-Options"] != "nosniff" or "/" in disposition.partition("filename")[2].replace("utf-8''", ""):
            wrong.append(f"{file.pk}: {answer.headers}")

    many = client.post(place.address(world), place.fields(world) | {f"file{number}": SimpleUploadedFile("a.pdf", b"x") for number in range(2_000)})

    assert wrong == []
    assert many.status_code == 400
    assert model.files.count() > 5
    assert not any(".." in path or "etc" in path for path in left_in(private))


def _named(name: str, content: bytes) -> SimpleUploadedFile:
    """As it comes over the wire: the portal cleans the name, not this test."""
    file = SimpleUploadedFile("a.pdf", content)
    file._name = name
    return file
