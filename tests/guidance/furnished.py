"""A pathway with one row of everything that can hang on it: for merging, for what a client asks to see, and for erasure."""
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from guidance.actions.contacts import log_event
from guidance.actions.enrolments import enrol_client
from guidance.actions.rights import open_request
from guidance.choices import EntryKind, EventKind, RightsKind
from guidance.models import (
    AppointmentLink,
    Attachment,
    ClientAccount,
    ClientEntry,
    ClientInvitation,
    Consent,
    DropIn,
    Event,
    ImportBatch,
    ImportRow,
    PathwayAlias,
    ShareLink,
    ShareOpening,
    WorkPeriod,
)
from summaries.actions.folding import fold_summaries, mark
from tests.guidance.factories import make_handoff, make_item, make_option, make_workplace
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


def with_own_page(made, pathway, *, email: str = "keksitty.asiakas@example.org", words: str = "Keksityt sanat"):
    """What a client who has joined leaves: account, invitation, links and something written."""
    now = timezone.now()
    user = User.objects.create_user(email, None, name=words)
    account = ClientAccount.objects.create(client=pathway.client, user=user, joined_at=now)
    ClientInvitation.objects.create(client=pathway.client, email=email, key_hash=uuid4().hex, by=made.anna, sent_at=now, expires_at=now, used_at=now)
    AppointmentLink.objects.create(pathway=pathway, key_hash=uuid4().hex, by=made.anna, made_at=now, expires_at=now)
    event = Event.objects.create(pathway=pathway, kind=EventKind.NOTE, at=now, text=words)
    ClientEntry.objects.create(pathway=pathway, account=account, kind=EntryKind.QUESTION, event=event, at=now)
    link = ShareLink.objects.create(pathway=pathway, label=words, sections=["goal"], key_digest=uuid4().hex, starts_on=now.date(), ends_on=now.date(), made_at=now)
    ShareOpening.objects.create(link=link, at=now)
    return account


def whole_life(made, pathway):
    """A row in every table that is declared as a client's and found from the client."""
    furnished(made, pathway)
    with_own_page(made, pathway)
    PathwayAlias.objects.create(pathway=pathway, pseudonym="3333-4444", merged_at=timezone.now(), by=made.anna)
    make_handoff(made, pathway, to_outside="Keksitty paja 2", to_outside_email="paja@example.org")
    DropIn.objects.create(partnership=made.partnership, at=timezone.now(), by=made.anna, organisation=made.city, topic="work", event=pathway.events.first())
    fold_summaries(timezone.now())
    mark([pathway.pk])
    return pathway
