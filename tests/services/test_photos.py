"""What may be a photo of a service, what is kept of it, and who sees it."""
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from pilots.models import Membership
from services import photos
from services.actions.photos import put_photo, remove_photo
from services.choices import Audience
from services.conflicts import Conflict
from services.models import ServicePhoto, SharedService
from services.photos import LARGE, SMALL, make_pictures, path_of
from tests.services.factories import make_handler, make_resource, make_service
from tests.services.web import sign_in, url

pytestmark = pytest.mark.django_db
GPS, ORIENTATION = 0x8825, 0x0112


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.MEDIA_PRIVATE = str(tmp_path)


@pytest.fixture
def handler() -> Membership:
    return make_handler()


@pytest.fixture
def service(handler) -> SharedService:
    return make_service(make_resource(handler.organisation))


def picture(size: tuple[int, int] = (80, 40), form: str = "JPEG", **saved) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "navy").save(out, form, **saved)
    return out.getvalue()


def put(by: Membership, service: SharedService, content: bytes | None = None, **fields) -> ServicePhoto:
    given = {"seen": None, "alt_fi": "Keksitty kuva", "content": content or picture()} | fields
    return put_photo(by=by, service=service, **given)


def test_nothing_of_the_file_itself_is_kept():
    """Turned upright, and without places, times, words or what hangs behind the picture."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    content = picture(exif=exif, comment=b"salainen") + b"PK\x05\x06salainen"

    made = make_pictures(content)
    large, small = (Image.open(BytesIO(one)) for one in (made.large, made.small))

    assert (made.width, made.height, large.size, small.size, large.format) == (40, 80, (40, 80), (320, 240), "JPEG")
    assert [dict(one.getexif()) for one in (large, small)] == [{}, {}]
    assert [b"salainen" in one for one in (content, made.large, made.small)] == [True, False, False]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_large_photo_is_made_smaller(form):
    made = make_pictures(picture((3200, 1000), form))

    assert (made.width, made.height) == (1600, 500)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"x" * (photos.LARGEST + 1), "too_large"),
        (b"%PDF-1.7 keksitty", "wrong_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "wrong_type"),
        (picture(form="GIF"), "wrong_type"),
        (picture((400, 400))[:300], "wrong_type"),
    ],
)
def test_what_is_no_photo_is_refused(content, code):
    with pytest.raises(ValidationError) as refused:
        make_pictures(content)

    assert refused.value.code == code


def test_photo_with_too_many_points_is_never_opened(monkeypatch):
    monkeypatch.setattr(photos, "MOST_PIXELS", 80 * 40 - 1)

    with pytest.raises(ValidationError) as refused:
        make_pictures(picture())

    assert refused.value.code == "too_many_pixels"


def test_photo_is_put_replaced_and_taken_away_with_its_files(handler, service, django_capture_on_commit_callbacks):
    first = put(handler, service)
    with django_capture_on_commit_callbacks(execute=True):
        second = put(handler, service, seen=first.stored_as)
    assert [path_of(first.stored_as, size).exists() for size in (LARGE, SMALL)] == [False, False]
    assert [path_of(second.stored_as, size).exists() for size in (LARGE, SMALL)] == [True, True]
    with pytest.raises(Conflict):
        put(handler, service, seen=first.stored_as)

    with django_capture_on_commit_callbacks(execute=True):
        remove_photo(by=handler, service=service, seen=second.stored_as)

    assert [path_of(second.stored_as, size).exists() for size in (LARGE, SMALL)] == [False, False]
    with pytest.raises(PermissionDenied):
        put(make_handler(), service)


def test_photo_is_read_by_those_who_may_use_the_service(handler, service):
    put(handler, service)
    client = sign_in(make_handler())

    answer = client.get(url("service_photo", service.pk, SMALL))
    body = answer.content

    assert (answer.status_code, answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"], body[:3]) == (200, "image/jpeg", "nosniff", b"\xff\xd8\xff")
    assert answer.headers["Cache-Control"] == "private, max-age=3600"
    assert client.get(url("service_photo", service.pk, "huge")).status_code == 404
    assert f"{url('service_photo', service.pk, SMALL)}?v=" in client.get(url("service_list")).content.decode()
    SharedService.objects.update(audience=Audience.CHOSEN, shown_outside=True)
    assert client.get(url("service_photo", service.pk, SMALL)).status_code == 404
    assert url("service_photo", service.pk, SMALL) not in client.get(url("service_list")).content.decode()


def test_photo_page_asks_for_words_and_shows_what_is_wrong(handler, service):
    client, address = sign_in(handler), url("offer_photo", service.pk)

    wordless = client.post(address, {"photo": SimpleUploadedFile("a.jpg", picture())})
    wrong = client.post(address, {"photo": SimpleUploadedFile("a.jpg", b"keksitty"), "alt_fi": "Kuva"})
    right = client.post(address, {"photo": SimpleUploadedFile("a.exe", picture()), "alt_fi": "Kuva"})
    seen = ServicePhoto.objects.get().stored_as
    reworded = client.post(address, {"seen": seen, "alt_fi": "Kuva", "alt_sv": "Bild"})

    assert [(answer.status_code, list(answer.context["form"].errors)) for answer in (wordless, wrong)] == [(422, ["alt_fi"]), (422, ["photo"])]
    assert (right.status_code, reworded.status_code, ServicePhoto.objects.get().alt_sv, ServicePhoto.objects.get().stored_as) == (302, 302, "Bild", seen)
    assert client.post(address, {"remove": "1", "seen": seen}).status_code == 302
    assert ServicePhoto.objects.count() == 0
