"""Photos of services: what may be one, and where they lie.

A photo is judged by its content, never by its name: JPEG, PNG or WebP. Nothing of the file itself is kept: the picture is
turned upright, made smaller and written anew as JPEG in two sizes, so that neither where and when it was taken nor
anything that hides behind it comes along. It lies under settings.MEDIA_PRIVATE by a random name, outside everything
that is served, and is read only through the rule of who may use the service.
"""
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from pilots.attachments import write_whole

LARGEST = 10 * 1024 * 1024
# No telephone makes more, and each costs four bytes while it is opened.
MOST_PIXELS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
# The page's, within which the picture keeps its shape, and the list's, to which it is cut.
PAGE, LIST = (1600, 1200), (320, 240)
LARGE, SMALL = "large", "small"
QUALITY = 82


@dataclass(frozen=True)
class Pictures:
    """Both sizes as JPEG, and the measures of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int


def make_pictures(content: bytes) -> Pictures:
    """ValidationError says in words what is wrong with the file."""
    if not content:
        raise ValidationError(_("The file is empty. Choose another one."), code="empty")
    if len(content) > LARGEST:
        raise ValidationError(_("The photo is larger than 10 MB. Save it smaller and choose that."), code="too_large")
    try:
        with warnings.catch_warnings():
            # Pillow warns of what is large before it opens it; here its size alone decides.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _too_many()
                picture = _flat(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError:
        raise _too_many() from None
    except (OSError, ValueError, SyntaxError, EOFError):
        # Whatever a broken file makes the reader of a format say.
        raise ValidationError(_("This is no JPEG, PNG or WebP picture, or it is broken. Choose another one, or save it anew."), code="wrong_type") from None
    large = picture.copy()
    large.thumbnail(PAGE)
    return Pictures(_written(large), _written(ImageOps.fit(picture, LIST)), large.width, large.height)


def _too_many() -> ValidationError:
    return ValidationError(_("The photo has too many points to be opened. Save it smaller and choose that."), code="too_many_pixels")


def _flat(picture: Image.Image) -> Image.Image:
    """The points alone on white: a new picture has no words, places or times of the old one."""
    with_alpha = picture.convert("RGBA")
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return flat


def _written(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def path_of(stored_as: UUID, size: str) -> Path:
    return Path(settings.MEDIA_PRIVATE, "photos", stored_as.hex[:2], f"{stored_as.hex}-{size}")


def store(stored_as: UUID, pictures: Pictures) -> None:
    """Both or none."""
    try:
        for size, content in ((LARGE, pictures.large), (SMALL, pictures.small)):
            write_whole(path_of(stored_as, size), content)
    except OSError:
        forget(stored_as)
        raise


def forget(stored_as: UUID) -> None:
    for size in (LARGE, SMALL):
        path_of(stored_as, size).unlink(missing_ok=True)


def open_stored(stored_as: UUID, size: str) -> BinaryIO:
    return path_of(stored_as, size).open("rb")
