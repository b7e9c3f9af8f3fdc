"""A few files on the demo's pathways: one-page PDFs that say they are invented."""
import hashlib
import random
import uuid

from django.db import transaction

from guidance.choices import EventKind
from guidance.loading import demo_texts as texts
from guidance.loading.demo_rows import Rows, World
from guidance.models import Attachment, Event, Pathway
from pilots.attachments import PDF, check_file, store

EVERY = 400


def attach_files(world: World, rows: Rows, seed: int) -> None:
    """One for each few hundred clients, with the note that tells what it is, by the guidance lead of an open pathway."""
    rng = random.Random(f"{seed} files")  # noqa: S311
    open_ones = Pathway.objects.open().filter(partnership=world.partnership, guidance_lead__isnull=False).select_related("guidance_lead").order_by("pseudonym")
    for pathway in open_ones[: max(1, Pathway.objects.filter(partnership=world.partnership).count() // EVERY)]:
        by, what = pathway.guidance_lead, rng.choice(texts.FILES)
        content = paper(what)
        event = Event(
            pathway=pathway, kind=EventKind.NOTE, at=pathway.last_event_at, by=by, organisation_id=by.organisation_id, text=what, token=uuid.UUID(int=rng.getrandbits(128), version=4),
        )
        rows.add(event)
        attachment = Attachment(
            pathway=pathway, event=event, name=f"{what.split()[0].lower()}.pdf", content_type=PDF.content_type, size=len(content), sha256=hashlib.sha256(content).hexdigest(), by=by,
            organisation_id=by.organisation_id, added_at=event.at, stored_as=uuid.UUID(int=rng.getrandbits(128), version=4),
        )
        rows.add(attachment)
        transaction.on_commit(lambda stored_as=attachment.stored_as, content=content: store(stored_as, content))


def paper(title: str) -> bytes:
    """The smallest PDF that holds one line of text."""
    line = title.encode("latin-1").replace(b"(", b"\\(").replace(b")", b"\\)")
    drawn = b"BT /F1 18 Tf 72 760 Td (" + line + b") Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(content))
    check_file(content)
    return content
