"""Files that people attach: what may be one, and where they lie.

A file is judged by its content, never by its name: PDF, PNG or JPEG, whole from the first byte to the last, so that
nothing else hides behind it. It lies under settings.MEDIA_PRIVATE by a random name, outside everything that is
served, and is read only through the access rule. Stated limit: there is no virus scan; a file is always
handed out as a download, never shown inside a page.
"""
import os
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LARGEST = 10 * 1024 * 1024
NAME_LENGTH = 150
PDF_HEADER, PDF_END = re.compile(rb"%PDF-[12]\.\d"), re.compile(rb"%%EOF\s*\Z")
# What a PDF can do beside being read: run code, start programs, send what is written into it, open or carry other files.
# (A key /JS runs only in an action named here; three letters alone would be met by chance in every large picture.)
PDF_ACTIVE = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|GoToE|Rendition)\b")
# A name may be written by the codes of its letters.
PDF_CODED = re.compile(rb"#([0-9A-Fa-f]{2})")
# Objects packed into a stream, as most programs write them today: unpacked to be looked through, within a limit.
PDF_PACKED, PDF_STREAM = re.compile(rb"/ObjStm\b"), re.compile(rb"stream\r?\n")
PDF_FILTER = re.compile(rb"/Filter\s*\[?\s*((?:/\w+\s*)+)")
LARGEST_UNPACKED = 50 * 1024 * 1024
# Larger pictures open on no worker's machine; no camera makes them.
MOST_PIXELS = 200_000_000
PNG_HEADER = b"\x89PNG\r\n\x1a\n"
# The sign by which an archive is found from its end, and those by which a careless reader takes a picture for a page.
ARCHIVE_END = b"PK\x05\x06"
PAGE_SIGNS = re.compile(rb"<(?:script|html|!doctype|svg)", re.I)


@dataclass(frozen=True)
class FileKind:
    content_type: str
    extensions: tuple[str, ...]


PDF = FileKind("application/pdf", (".pdf",))
PNG = FileKind("image/png", (".png",))
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"))


def check_file(content: bytes) -> FileKind:
    """The kind of a file from its content; ValidationError says in words what is wrong with it."""
    if not content:
        raise ValidationError(_("The file is empty. Choose another one."), code="empty")
    if len(content) > LARGEST:
        raise ValidationError(_("The file is larger than 10 MB. Save it smaller, or attach it in parts."), code="too_large")
    if PDF_HEADER.match(content):
        return _check_pdf(content)
    if content.startswith(PNG_HEADER):
        _check_pixels(content[16:24], ">II")
        return _check_end(PNG, content, _end_of_png(content))
    if content.startswith(b"\xff\xd8\xff"):
        return _check_end(JPEG, content, _end_of_jpeg(content))
    raise ValidationError(_("This is neither a PDF nor a PNG or JPEG picture, whatever its name says. Save it as a PDF and attach that."), code="wrong_type")


def _check_pixels(size: bytes, form: str) -> None:
    if len(size) < struct.calcsize(form):
        raise _broken()
    across, down = struct.unpack(form, size)
    if across * down > MOST_PIXELS:
        raise ValidationError(_("The picture has too many points to be opened. Save it smaller and attach that."), code="too_many_pixels")


def _broken() -> ValidationError:
    return ValidationError(_("The file is broken or cut short. Open it, save it again, and attach the new one."), code="broken")


def _more_inside() -> ValidationError:
    return ValidationError(_("The file holds something else beside what it shows. Open it, save it again as a PDF or a picture, and attach the new one."), code="polyglot")


def _check_pdf(content: bytes) -> FileKind:
    if b"%%EOF" not in content:
        raise _broken()
    # A few readers pad with zeros; anything else after the end is not part of the document.
    if not PDF_END.search(content.rstrip(b"\x00")[-1024:]) or ARCHIVE_END in content:
        raise _more_inside()
    if b"/Encrypt" in _decoded(content):
        raise ValidationError(_("The PDF is locked with a password, so that it cannot be looked through. Save it without one and attach that."), code="locked")
    if any(PDF_ACTIVE.search(part) for part in _readable_parts(content)):
        raise ValidationError(_("The PDF can do things beside being read (it holds a program or other files). Print it to a new PDF and attach that."), code="active")
    return PDF


def _decoded(content: bytes) -> bytes:
    return PDF_CODED.sub(lambda code: bytes([int(code[1], 16)]), content)


def _readable_parts(content: bytes) -> Iterator[bytes]:
    """The file, and each packed stream of objects unpacked; one that cannot be unpacked is as bad as an active one."""
    yield _decoded(content)
    left = LARGEST_UNPACKED
    for found in PDF_STREAM.finditer(content):
        head = _decoded(content[max(content.rfind(b"obj", 0, found.start()), found.start() - 2000, 0) : found.start()])
        if not PDF_PACKED.search(head):
            continue
        packed = content[found.end() : content.find(b"endstream", found.end())]
        filters = PDF_FILTER.search(head)
        if filters is None:
            yield _decoded(packed)
            continue
        if filters[1].split() != [b"/FlateDecode"]:
            raise _broken()
        unpacker = zlib.decompressobj()
        try:
            objects = unpacker.decompress(packed, left)
        except zlib.error as error:
            raise _broken() from error
        left -= len(objects)
        if unpacker.unconsumed_tail or left <= 0:
            raise _more_inside()
        yield _decoded(objects)


def _check_end(kind: FileKind, content: bytes, end: int) -> FileKind:
    rest = content[end:].strip(b"\x00")
    # Telephones put a second picture behind the first one.
    if rest and not (kind is JPEG and rest.startswith(b"\xff\xd8\xff") and _end_of_jpeg(rest) == len(rest)):
        raise _more_inside()
    if PAGE_SIGNS.search(content[:1024]) or ARCHIVE_END in content[:end]:
        raise _more_inside()
    return kind


def _end_of_png(content: bytes) -> int:
    """Behind the last chunk, each checked by its sum."""
    at = len(PNG_HEADER)
    while at + 12 <= len(content):
        length, name = struct.unpack(">I4s", content[at : at + 8])
        end = at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != struct.unpack(">I", content[end - 4 : end])[0]:
            break
        if name == b"IEND":
            return end
        at = end
    raise _broken()


def _end_of_jpeg(content: bytes) -> int:
    """Behind the end marker of the picture; thumbnails inside a segment are stepped over with it."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            break
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        if marker in JPEG_FRAMES:
            _check_pixels(content[at + 5 : at + 9], ">HH")
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
        if marker == 0xDA:
            at = _end_of_scan(content, at)
    if content[at : at + 2] == b"\xff\xd9":
        return at + 2
    raise _broken()


# The markers of a frame, which tell the height and the width: SOF0 to SOF15 less those that mean other things.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _end_of_scan(content: bytes, at: int) -> int:
    found = SCAN_END.search(content, at)
    return found.start() if found else len(content)


def clean_name(name: str, kind: FileKind) -> str:
    """The last part of the name without control characters and with the extension that the content has."""
    name = "".join(character for character in re.split(r"[/\\]", name)[-1] if character.isprintable()).strip(" .")
    stem, extension = os.path.splitext(name)
    if extension.lower() not in kind.extensions:
        stem, extension = name if extension.lower() not in (".pdf", ".png", ".jpg", ".jpeg") else stem, kind.extensions[0]
    # Outside the f-string: texts inside one are not collected for translation.
    nameless = _("file")
    return f"{stem[: NAME_LENGTH - len(extension)] or nameless}{extension.lower()}"


def path_of(stored_as: UUID) -> Path:
    return Path(settings.MEDIA_PRIVATE, "attachments", stored_as.hex[:2], stored_as.hex)


def store(stored_as: UUID, content: bytes) -> None:
    write_whole(path_of(stored_as), content)


def write_whole(path: Path, content: bytes) -> None:
    """Whole or not at all: written beside, made durable, then named. On a full disk nothing of it stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        name_durably(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def name_durably(beside: Path, path: Path) -> None:
    """A name is on the disk when its folder is."""
    os.replace(beside, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def forget(stored_as: UUID) -> None:
    path_of(stored_as).unlink(missing_ok=True)


def open_stored(stored_as: UUID) -> BinaryIO:
    return path_of(stored_as).open("rb")
