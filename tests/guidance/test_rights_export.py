"""What a client is given to see is whole: compared with a walk along the keys of the models themselves."""
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from guidance.actions.attachments import attach_file
from guidance.actions.own_entries import write_entry
from guidance.actions.rights import open_request
from guidance.choices import EntryKind, LogAction, RightsKind
from guidance.models import AccessLog, Client, EducationOption, Event, ImportBatch, ImportRow
from guidance.queries.held import held_models, rows_of
from guidance.queries.held_export import data_of, tables_of
from pilots.choices import Role
from tests.guidance.factories import make_counsellor, make_handoff, make_option, make_partnership, make_pathway, make_shared_pathway
from tests.guidance.furnished import whole_life
from tests.guidance.own import make_account
from tests.guidance.test_erasure import pdf
from tests.guidance.web import logged, sign_in


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.MEDIA_PRIVATE = str(tmp_path / "private")


@pytest.fixture
def officer(made):
    return make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)


@pytest.fixture
def whole(made):
    pathway = whole_life(made, make_shared_pathway(made))
    whole_life_of_another = make_pathway(made)
    Event.objects.filter(pathway=whole_life_of_another).update(text="toisen asia")
    client = Client.objects.get(pk=pathway.client_id)
    client.phone = "0401112223"
    client.save()
    return pathway


def walked(client: Client) -> set[tuple[str, int]]:
    """Every row that leads to the client along keys, found row by row and without the declarations."""
    found, fresh = {(Client, client.pk)}, {(Client, client.pk)}
    while fresh:
        reached = set()
        for model in apps.get_models():
            if model._meta.auto_created or hasattr(model, "instance_type") or model is ImportRow:
                continue
            for field in model._meta.concrete_fields:
                if isinstance(field, models.ForeignKey) and (to := {pk for target, pk in fresh if target is field.related_model}) and field.target_field.primary_key:
                    reached |= {(model, pk) for pk in model._default_manager.filter(**{f"{field.name}__in": to}).values_list("pk", flat=True)}
        fresh = reached - found
        found |= fresh
    return {(model._meta.label, pk) for model, pk in found}


def given(client: Client, organisation_id: int | None = None) -> set[tuple[str, int]]:
    data = data_of(tables_of(client, organisation_id), made_at=timezone.now())
    return {(label, row["id"]) for label, rows in data["tables"].items() for row in rows if "earlier" not in label}


def test_everything_that_leads_to_the_client_is_given(whole):
    client = whole.client

    expected = walked(client)

    assert {model._meta.label for model, _personal in held_models()} == {label for label, _pk in expected}, "a client with a row in every table"
    beside = {(label, pk) for label, pk in given(client) if label in ("accounts.User", "guidance.AccessLog", "guidance.ImportRow")}
    assert given(client) - beside == expected
    assert {label for label, _pk in beside} >= {"accounts.User"}


def test_each_organisation_gives_its_own_and_together_they_give_all(whole, made):
    parts = [given(whole.client, one.pk) for one in (made.city, made.college)]

    assert parts[0] | parts[1] == given(whole.client)
    assert all(row.organisation_id != made.city.pk for row in Event.objects.filter(pk__in=[pk for label, pk in parts[1] if label == "guidance.Event"]))
    assert ("guidance.Client", whole.client_id) not in parts[1]


def test_of_workers_the_organisation_is_told_and_no_name(whole, made):
    text = json.dumps(data_of(tables_of(whole.client), made_at=timezone.now()), ensure_ascii=False)

    assert made.anna.organisation.name in text
    assert [person for person in User.objects.filter(memberships__isnull=False).values_list("name", "email") if person[0] in text or person[1] in text] == []
    assert "toisen asia" not in text


def test_the_file_holds_data_and_attachments_and_is_in_the_log(whole, made, officer):
    attach_file(by=made.anna, pathway=whole, name="merkki.pdf", content=pdf("merkkisana"))
    request = open_request(by=made.anna, pathway=whole, kind=RightsKind.PORTABILITY, text="", now=timezone.now())
    client = sign_in(officer)

    answer = client.get(reverse("guidance:rights_file", args=[request.pk]))

    assert logged()[-1] == ("export", "guidance:rights_file", [whole.pseudonym]), "before the first byte is asked for"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    names = archive.namelist()
    assert names[0] == "data.json"
    assert b"merkkisana" in archive.read(next(name for name in names if name.endswith("merkki.pdf")))
    assert json.loads(archive.read("data.json"))["tables"]["guidance.Pathway"][0]["pseudonym"] == whole.pseudonym
    page = client.get(reverse("guidance:rights_data", args=[request.pk]))
    assert whole.client.family_name in page.content.decode()
    assert (AccessLog.objects.latest("pk").action, AccessLog.objects.latest("pk").purpose) == (LogAction.EXPORT, "rights")


def test_a_row_is_found_once_however_many_ways_lead_to_it(whole):
    for model, personal in held_models():
        keys = list(rows_of(whole.client, model, personal).values_list("pk", flat=True))
        assert len(keys) == len(set(keys)), model


def test_what_another_authority_answers_for_is_not_given(made, officer):
    mine, second = make_pathway(made), make_partnership()
    client = mine.client
    theirs = make_pathway(second, client=client)
    write_entry(account=make_account(client), pathway=theirs, kind=EntryKind.QUESTION, text="merkkisana toiselle", now=timezone.now())
    for sha256, organisation, by, word in (("a" * 64, made.city, made.anna, "merkkisana omassa"), ("b" * 64, second.city, second.anna, "merkkisana toisen")):
        batch = ImportBatch.objects.create(partnership=made.partnership, organisation=organisation, by=by, uploaded_at=timezone.now(), file_name="l.csv", sha256=sha256)
        ImportRow.objects.create(batch=batch, line=1, cells=[client.family_name, client.given_names, client.birth_date.isoformat(), word])
    request = open_request(by=made.anna, pathway=mine, kind=RightsKind.ACCESS, text="", now=timezone.now())

    page = sign_in(officer).get(reverse("guidance:rights_data", args=[request.pk])).content.decode()

    assert [word in page for word in ("merkkisana omassa", "merkkisana toiselle", "merkkisana toisen")] == [True, False, False]


def test_names_of_workers_that_stand_in_a_text_of_their_own_are_left_out(made):
    pathway = make_pathway(made)
    make_handoff(made, pathway, kind="transfer", decided_by="Nimimerkki Johtaja")
    option = make_option(pathway, made.anna)
    EducationOption.objects.filter(pk=option.pk).update(hoks_teacher="Nimimerkki Opettaja")

    data = data_of(tables_of(pathway.client), made_at=timezone.now())

    assert "Nimimerkki" not in json.dumps(data, ensure_ascii=False)
    assert {"decided_on", "hoks_on"} <= {name for label in ("guidance.Handoff", "guidance.EducationOption") for name in data["tables"][label][0]}


def test_of_a_client_guided_by_two_each_pathway_that_is_given_is_in_the_log(made, officer):
    mine = make_pathway(made)
    theirs = make_pathway(make_partnership(), client=mine.client)
    request = open_request(by=made.anna, pathway=mine, kind=RightsKind.ACCESS, text="", now=timezone.now())

    page = sign_in(officer).get(reverse("guidance:rights_data", args=[request.pk]))

    assert page.status_code == 200
    assert {one.pseudonym for one in (mine, theirs) if one.pseudonym in page.content.decode()} == set(logged()[-1][2])
