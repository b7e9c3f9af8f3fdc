"""Erasure: nothing of the person is left in the database or among the files, and a restored backup brings nobody back."""
import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import BouncedAddress, OutboxMessage, User
from guidance.actions.attachments import attach_file
from guidance.actions.contacts import log_event
from guidance.actions.erasure import apply_erasures, carry_out, erase_own, remove_files
from guidance.actions.ledger import erased_before, of_other_keys, tell_ledger
from guidance.actions.merging import merge_pathways
from guidance.actions.own_invitations import make_appointment_link
from guidance.actions.pathways import close_pathway, reopen_pathway
from guidance.actions.rights import answer_request, open_request
from guidance.choices import EventKind, RightsKind
from guidance.models import Client, EndedPathways, ErasedRecord, Event, FileToRemove, ImportBatch, ImportRow, Participation, Pathway, RightsRequest
from guidance.queries.erasing import lines_of
from pilots.attachments import path_of
from pilots.choices import Role
from tests.guidance.factories import days_from_now, make_counsellor, make_partnership, make_pathway, make_shared_pathway, new_client
from tests.guidance.furnished import furnished, with_own_page
from tests.guidance.web import sign_in

MARKERS = ("Poistettavanen", "poistettavanen", "Hävitä", "havita", "1987-06-05", "5.6.1987", "0401112223", "poistettava@example.org", "Salaisuuskuja", "merkkisana")
NOW = timezone.now


def pdf(words: str) -> bytes:
    return b"%PDF-1.7\n1 0 obj<</Title(" + words.encode() + b")>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def dump() -> str:
    """Every row of every table as text, whatever the engine, and every private file."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            texts = ", ".join(f'CAST("{column}" AS TEXT)' for column in columns)
            cursor.execute(f'SELECT {texts} FROM "{table}"')
            rows += [f"{table}: {row}" for row in cursor.fetchall()]
    files = [path.read_bytes().decode("latin-1") for path in Path(settings.MEDIA_PRIVATE).rglob("*") if path.is_file()]
    return "\n".join([*rows, *files, *(path.read_text() for path in [Path(settings.ERASURE_LEDGER)] if path.exists())])


def left_of(text: str) -> list[str]:
    return [marker for marker in MARKERS if marker in text]


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.MEDIA_PRIVATE, settings.ERASURE_LEDGER = str(tmp_path / "private"), str(tmp_path / "ledger" / "erasures.jsonl")


@pytest.fixture
def officer(made):
    return make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)


@pytest.fixture
def college_lead(made):
    return make_counsellor(made.college, Role.PARTNERSHIP_LEAD)


def person(**fields) -> Client:
    return new_client(family_name="Poistettavanen", given_names="Hävitä", birth_date=date(1987, 6, 5), phone="0401112223", email="poistettava@example.org", address="Salaisuuskuja 3", **fields)


def full(made) -> Pathway:
    """A client with a row everywhere: shared, merged, corrected once, on a list under review, with notes and a file."""
    pathway, other = make_shared_pathway(made, client=person()), make_pathway(made, client=person())
    merge_pathways(by=made.anna, keep=pathway, other=other)
    furnished(made, pathway)
    with_own_page(made, pathway, email="poistettava@example.org", words="merkkisana asiakkaalta")
    client = Client.objects.get(pk=pathway.client_id)
    client.phone = "0409998887"
    client.save()
    log_event(by=made.ossi, pathway=pathway, kind=EventKind.NOTE, at=NOW(), text="merkkisana opistolta")
    attach_file(by=made.anna, pathway=pathway, name="merkkisana.pdf", content=pdf("merkkisana"))
    attach_file(by=made.ossi, pathway=pathway, name="merkkisana.pdf", content=pdf("merkkisana opistolta"))
    batch = ImportBatch.objects.create(partnership=made.partnership, organisation=made.city, by=made.anna, uploaded_at=NOW(), file_name="lista.csv", sha256="a" * 64)
    ImportRow.objects.create(batch=batch, line=1, cells=["Poistettavanen", "Hävitä", "5.6.1987", "0401112223"], values={"family_name": "Poistettavanen", "given_names": "Hävitä", "birth_date": "5.6.1987"})
    ImportRow.objects.create(batch=batch, line=2, cells=["Säilyvänen", "Keksi", "7.7.1977"], values={"family_name": "Säilyvänen"})
    return Pathway.objects.get(pk=pathway.pk)


def end(made, pathway) -> None:
    for handoff in pathway.handoffs.open():
        from guidance.actions.handoffs import withdraw_handoff

        withdraw_handoff(by=made.anna, handoff=handoff)
    close_pathway(by=made.anna, pathway=pathway, end_reason="goal_reached", outcome="studying")


def ask(made, pathway) -> RightsRequest:
    return open_request(by=made.anna, pathway=pathway, kind=RightsKind.ERASURE, text="merkkisana pyynnössä", now=NOW())


def grant(request, *people, outcome="granted", reason="") -> None:
    for one in people:
        answer_request(by=one, request=request, outcome=outcome, reason=reason, now=NOW())


def erased(made, officer, college_lead, capture) -> Pathway:
    pathway = full(made)
    request = ask(made, pathway)
    end(made, pathway)
    grant(request, officer, college_lead)
    with capture(execute=True):
        carry_out(by=officer, request=request, now=NOW())
    return pathway


def test_nothing_is_left_of_an_erased_person(made, officer, college_lead, django_capture_on_commit_callbacks):
    assert left_of(dump()) == []
    pathway = full(made)
    assert set(left_of(dump())) == set(MARKERS)
    request = ask(made, pathway)
    end(made, pathway)
    grant(request, officer, college_lead)

    with django_capture_on_commit_callbacks(execute=True):
        carry_out(by=officer, request=request, now=NOW())

    assert left_of(dump()) == []
    assert [model.__name__ for model in (Client, Client.history.model, Pathway, Event, FileToRemove) if model.objects.exists()] == []
    assert not User.objects.filter(email="poistettava@example.org").exists()
    assert ImportRow.objects.get(line=2).values == {"family_name": "Säilyvänen"}
    request.refresh_from_db()
    assert (request.pathway, request.text, request.pseudonym) == (None, "", pathway.pseudonym)
    assert [answer.outcome for answer in request.answers.all()] == ["granted", "granted"]
    assert list(EndedPathways.objects.values_list("partnership", "year", "outcome", "count")) == [(made.partnership.pk, timezone.localdate().year, "studying", 1)]


def test_dry_run_tells_every_table_and_why_something_stays(made):
    pathway = full(made)

    lines = list(lines_of([pathway], with_client=True))

    told = {(line.model.__name__, line.is_history): (str(line.erasure), line.count) for line in lines}
    assert told["Client", False] == ("delete", 1)
    assert told["Client", True] == ("delete", Client.history.count())
    assert told["Event", False] == ("delete", Event.objects.filter(pathway=pathway).count())
    assert told["ImportRow", False] == ("empty", 1)
    assert all(bool(line.stays) == (line.erasure != "delete") for line in lines)
    about = {model.__name__ for model in apps.get_app_config("guidance").get_models() if any(field.related_model in (Client, Pathway) for field in model._meta.concrete_fields)}
    assert {name for name in about if not name.startswith("Historical") and not name.startswith("Client_")} <= {name for name, _history in told} | {"ImportRow"}


def test_a_file_that_a_dead_process_left_is_removed_by_the_job(made, officer, college_lead, django_capture_on_commit_callbacks):
    pathway = full(made)
    request = ask(made, pathway)
    end(made, pathway)
    grant(request, officer, college_lead)
    stored = [UUID(str(one)) for one in pathway.attachments.values_list("stored_as", flat=True)]

    with django_capture_on_commit_callbacks(execute=False):
        carry_out(by=officer, request=request, now=NOW())
    assert sum(path_of(one).exists() for one in stored) == 2
    assert FileToRemove.objects.count() == len(stored)
    remove_files(NOW())
    tell_ledger(NOW())

    assert not any(path_of(one).exists() for one in stored)
    assert not FileToRemove.objects.exists()
    assert len(Path(settings.ERASURE_LEDGER).read_text().splitlines()) == ErasedRecord.objects.count() == 2


def test_an_address_that_mails_came_back_from_goes_too(made, officer, college_lead, django_capture_on_commit_callbacks):
    BouncedAddress.objects.create(email="poistettava@example.org", at=NOW(), reason="550 poistettava@example.org unknown")

    erased(made, officer, college_lead, django_capture_on_commit_callbacks)

    assert not BouncedAddress.objects.exists()


def test_an_organisation_that_holds_something_since_the_request_is_asked_first(made, officer):
    pathway = make_pathway(made)
    request = ask(made, pathway)
    second = make_partnership()
    theirs = make_pathway(second, client=pathway.client)
    close_pathway(by=made.anna, pathway=pathway, end_reason="moved", outcome="unknown")
    close_pathway(by=second.anna, pathway=theirs, end_reason="moved", outcome="unknown")
    grant(request, officer)
    url = reverse("guidance:rights_erase", args=[request.pk])

    page = sign_in(officer).post(url, {"sure": "on"}, follow=True)

    assert Pathway.objects.count() == 2
    assert page.redirect_chain == [(url, 302)]
    assert (page.context["waits_for"], page.context["form"]) == ([second.city], None)
    assert [message.level_tag for message in page.context["messages"]] == ["warning"]


def test_erased_twice_at_once_is_refused_the_second_time(made, officer, pathway):
    request = ask(made, pathway)
    end(made, pathway)
    grant(request, officer)
    first, second = (RightsRequest.objects.select_related("pathway").get(pk=request.pk) for _turn in range(2))
    carry_out(by=officer, request=first, now=NOW())

    with pytest.raises(ValidationError):
        carry_out(by=officer, request=second, now=NOW())


def test_when_one_organisation_refuses_only_the_own_notes_and_files_of_the_other_go(made, officer, college_lead, django_capture_on_commit_callbacks):
    pathway = full(made)
    request = ask(made, pathway)
    end(made, pathway)
    grant(request, college_lead)
    grant(request, officer, outcome="refused", reason="retention")
    ours, theirs = (pathway.attachments.get(name="merkkisana.pdf", organisation=one).stored_as for one in (made.city, made.college))

    with pytest.raises(ValidationError):
        carry_out(by=officer, request=request, now=NOW())
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(by=college_lead, request=request, now=NOW())

    assert not Event.objects.filter(organisation=made.college).exclude(text="").exists()
    assert path_of(ours).exists()
    assert not path_of(theirs).exists()
    assert Client.objects.get().family_name == "Poistettavanen"
    assert Event.objects.filter(organisation=made.city, text__contains="merkkisana").exists()


def test_who_has_not_granted_does_not_erase_and_nobody_before_all_have_answered(made, officer, college_lead):
    pathway = full(made)
    request = ask(made, pathway)
    with pytest.raises(ValidationError):
        carry_out(by=officer, request=request, now=NOW())
    grant(request, officer)
    with pytest.raises(ValidationError):
        carry_out(by=officer, request=request, now=NOW())
    grant(request, college_lead)
    with pytest.raises(PermissionDenied):
        carry_out(by=made.anna, request=request, now=NOW())
    with pytest.raises(ValidationError):
        carry_out(by=officer, request=request, now=NOW())  # The guidance goes on.

    assert Pathway.objects.filter(pk=pathway.pk).exists()


def test_a_client_with_another_pathway_stays_with_it(made, django_capture_on_commit_callbacks):
    from guidance.actions.erasure import erase_pathways

    pathway = make_pathway(made, client=person())
    end(made, pathway)
    newer = make_pathway(made, client=pathway.client)

    erase_pathways([Pathway.objects.get(pk=pathway.pk)], by=None, now=NOW())

    assert list(Client.objects.get().pathways.all()) == [newer]


def test_a_restored_backup_brings_nobody_back(made, officer, college_lead, tmp_path, django_capture_on_commit_callbacks):
    pathway = full(made)
    request = ask(made, pathway)
    backup = tmp_path / "backup.json"
    guarded = ["guidance.AccessLog", "guidance.AccessLogSubject"]
    call_command("dumpdata", "guidance", "accounts.User", exclude=guarded, output=str(backup), verbosity=0)
    files = {path: path.read_bytes() for path in Path(settings.MEDIA_PRIVATE).rglob("*") if path.is_file()}
    end(made, pathway)
    grant(request, officer, college_lead)
    with django_capture_on_commit_callbacks(execute=True):
        carry_out(by=officer, request=request, now=NOW())
    assert "Poistettavanen" not in dump()

    # The backup knows nothing of the erasure, nor of its own ledger.
    ErasedRecord.objects.all().delete()
    call_command("loaddata", str(backup), verbosity=0)
    for path, content in files.items():
        path.write_bytes(content)
    assert set(left_of(dump())) == set(MARKERS)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("apply_erasures")

    assert left_of(dump()) == []
    assert apply_erasures(NOW()) == 0


def test_the_ledger_holds_no_pseudonym(made, officer, college_lead, django_capture_on_commit_callbacks):
    pathway = erased(made, officer, college_lead, django_capture_on_commit_callbacks)

    line = json.loads(Path(settings.ERASURE_LEDGER).read_text().splitlines()[0])
    assert set(line) == {"digest", "organisation", "at", "key"}
    assert len(line["digest"]) == 64
    assert pathway.pseudonym not in Path(settings.ERASURE_LEDGER).read_text()


def test_a_line_tells_whether_its_key_is_still_held(made, officer, college_lead, settings, django_capture_on_commit_callbacks):
    erased(made, officer, college_lead, django_capture_on_commit_callbacks)
    lines = [*Path(settings.ERASURE_LEDGER).read_text().splitlines(), '{"digest": "of before", "organisation": null, "at": "2026-01-01T00:00:00+00:00"}', "torn"]

    assert (len(lines), of_other_keys(lines)) == (4, 0)
    first, settings.ERASURE_KEY = settings.ERASURE_KEY, "a later one"
    assert of_other_keys(lines) == 2
    settings.ERASURE_KEY_FALLBACKS = [first]
    assert of_other_keys(lines) == 0


def test_a_line_that_a_dead_process_tore_spoils_no_other(settings, db):
    ledger = Path(settings.ERASURE_LEDGER)
    ledger.parent.mkdir(parents=True)
    ledger.write_text('{"digest": "abcdef", "organ')
    ErasedRecord.objects.create(digest="f" * 64, at=NOW())

    tell_ledger(NOW())
    ErasedRecord.objects.all().delete()

    assert set(erased_before()) == {"f" * 64}


def test_what_an_organisation_wrote_after_its_erasure_is_not_erased_again(made, officer):
    pathway = make_shared_pathway(made)
    end(made, pathway)
    erase_own(pathway.client, organisation_id=made.city.pk, by=officer, now=NOW())
    reopen_pathway(by=made.anna, pathway=Pathway.objects.get(pk=pathway.pk), reason="uusi", first_step="Tapaaminen", first_due_on=days_from_now(3))
    log_event(by=made.anna, pathway=pathway, kind=EventKind.NOTE, at=NOW(), text="uusi sana")

    assert apply_erasures(NOW()) == 0
    assert Event.objects.filter(text="uusi sana").exists()
    assert Participation.objects.filter(pathway=pathway, organisation=made.city, ends_at=None).exists()


def test_a_link_that_waits_to_be_mailed_goes_with_its_address(made, officer, college_lead, django_capture_on_commit_callbacks):
    pathway, other = full(made), make_pathway(made)
    for one, address in ((pathway, "lainattu.merkkisana@example.org"), (other, "toinen@example.org")):
        make_appointment_link(by=made.anna, pathway=one, now=NOW(), email=address)
    request = ask(made, pathway)
    end(made, pathway)
    grant(request, officer, college_lead)

    with django_capture_on_commit_callbacks(execute=True):
        carry_out(by=officer, request=request, now=NOW())

    assert left_of(dump()) == []
    assert list(OutboxMessage.objects.filter(kind="own_appointment").values_list("to_email", flat=True)) == ["toinen@example.org"]
