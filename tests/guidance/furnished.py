"""A pathway with one row of everything that can hang on it: for merging, for what a client asks to see, and for erasure."""
from uuid import uuid4

from django.utils import timezone

from guidance.actions.contacts import log_event
from guidance.actions.enrolments import enrol_client
from guidance.actions.rights import open_request
from guidance.choices import EventKind, RightsKind
from guidance.models import Attachment, Consent, ImportBatch, ImportRow, WorkPeriod
from tests.guidance.factories import make_item, make_option, make_workplace
from tests.services.courses import make_run


def furnished(made, pathway):
    """One row of everything that can hang on a pathway."""
    now = timezone.now()
    option = make_option(pathway, made.anna, "started")
    make_item(pathway, made.anna)
    make_workplace(pathway, made.anna, option)
    WorkPeriod.objects.create(pathway=pathway, starts_on=now.date(), by=made.anna)
    Attachment.objects.create(pathway=pathway, name="liite.pdf", content_type="application/pdf", size=1, sha256="0" * 64, by=made.anna, organisation=made.city, added_at=now)
    batch = ImportBatch.objects.create(partnership=made.partnership, organisation=made.city, by=made.anna, uploaded_at=now, file_name="lista.csv", sha256=pathway.pseudonym)
    ImportRow.objects.create(batch=batch, line=1, duplicate_of=pathway)
    Consent.objects.create(
        pathway=pathway, outside="Keksitty paja", scope="handoff", text_version=1, language="fi", given_on=now.date(), recorded_at=now, recorded_by=made.anna, ended_at=now, ended_by=made.anna, end="withdrawn",
    )
    enrol_client(by=made.anna, pathway=pathway, run=make_run(), token=uuid4())
    log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text="Muistiinpano")
    open_request(by=made.anna, pathway=pathway, kind=RightsKind.ACCESS, text="Keksitty pyyntö", now=now)
    return pathway
