"""Documents of a cooperation model: judged by content, read with the model, kept by those who keep it."""
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from pilots.actions.model_files import add_model_file, remove_model_file
from pilots.attachments import path_of
from pilots.choices import Role
from pilots.models import CooperationModel, ModelFile
from tests.pilots.factories import make_area, make_membership, make_model, make_user
from tests.pilots.files import SMALLEST_PNG


@pytest.fixture
def model(area):
    return make_model(area)


@pytest.fixture
def keeper(coordinator):
    return coordinator


def add(by, model, content=SMALLEST_PNG, name="../sopimus.exe"):
    return add_model_file(by=by, model=model, title=" Sopimus ", name=name, content=content)


def test_file_is_stored_by_its_content_and_handed_out_as_a_download(keeper, model, client):
    file = add(keeper, model)

    assert (file.title, file.name, file.content_type, path_of(file.stored_as).read_bytes()) == ("Sopimus", "sopimus.exe.png", "image/png", SMALLEST_PNG)
    response = client.get(reverse("pilots:model_file", args=[model.pk, file.pk]))
    assert (b"".join(response.streaming_content), response["Content-Disposition"]) == (SMALLEST_PNG, 'attachment; filename="sopimus.exe.png"')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert reverse("pilots:model_file", args=[model.pk, file.pk]) in client.get(model.get_absolute_url()).content.decode()


def test_same_file_twice_is_one(keeper, model):
    assert add(keeper, model).pk == add(keeper, model).pk
    row = ModelFile.objects.get()
    row.pk, row.stored_as = None, "00000000-0000-0000-0000-000000000001"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("content", [b"", b"<html>", SMALLEST_PNG + b"PK\x05\x06"])
def test_what_is_no_document_is_refused_and_leaves_nothing(keeper, model, content):
    with pytest.raises(ValidationError):
        add(keeper, model, content)
    assert not ModelFile.objects.exists()


def test_others_neither_add_nor_remove(keeper, model):
    other = make_membership(make_user(name="Toinen"), role=Role.AREA_COORDINATOR, area=make_area("Toinen"))
    file = add(keeper, model)

    for refused in (lambda: add(other, model), lambda: remove_model_file(by=other, file=file)):
        with pytest.raises(PermissionDenied):
            refused()


def test_file_of_a_draft_or_of_another_model_is_as_good_as_missing(keeper, model, client):
    file, other = add(keeper, model), make_model(model.area)

    assert client.get(reverse("pilots:model_file", args=[other.pk, file.pk])).status_code == 404
    CooperationModel.objects.update(state="draft")
    assert client.get(reverse("pilots:model_file", args=[model.pk, file.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_removed_file_is_gone_from_the_disk(keeper, model):
    file = add(keeper, model)

    remove_model_file(by=keeper, file=file)
    remove_model_file(by=keeper, file=file)

    assert not path_of(file.stored_as).exists()
    assert not ModelFile.objects.exists()


def test_form_keeps_what_was_typed_when_the_file_is_wrong(keeper, model, client):
    client.force_login(keeper.user)
    url = reverse("pilots:model_file_add", args=[model.pk])

    response = client.post(url, {"title": "Sopimus", "file": SimpleUploadedFile("x.pdf", b"ei")})
    assert (response.status_code, list(response.context["form"].errors), response.context["form"]["title"].value()) == (422, ["file"], "Sopimus")
    assert client.post(url, {"title": "Sopimus", "file": SimpleUploadedFile("x.png", SMALLEST_PNG)}).status_code == 302
    assert client.post(reverse("pilots:model_file_remove", args=[model.pk, ModelFile.objects.get().pk])).status_code == 302
    assert not ModelFile.objects.exists()
