"""Photos of some invented rooms, drawn here, and times that their owners' own booking systems have told."""
from datetime import datetime, time, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from pilots.models import Membership
from services.choices import BusyKind
from services.loading.demo_bodies import WEEKS_AFTER, Body, Demo
from services.models import BusySource, BusyTime, Resource, ServicePhoto
from services.photos import forget, make_pictures, store
from services.queries.fitting import is_holiday
from services.queries.times import FINLAND, week_of

WIDTH, HEIGHT, SKIRTING = 800, 600, 390
# Wall, floor, door.
COLOURS = (("#dbe7ef", "#b98d5f", "#3f6a85"), ("#f1e6d2", "#8d9a86", "#7c4f3a"), ("#e4ecdf", "#a9795a", "#4b6b4f"))
GOOD_FOR = timedelta(days=30)


def tell_busy_times(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """Of the rooms of those who sign in: a file was read this morning, with two mornings of every week."""
    rows = []
    for body in bodies:
        by, room = handlers.get(body.organisation.pk), body.offers[0].resource
        if by is None or room is None:
            continue
        source = BusySource.objects.create(
            resource=room, kind=BusyKind.FILE, promise_hours=int(GOOD_FOR / timedelta(hours=1)), created_at=demo.now, created_by=by, read_at=demo.now, whole_at=demo.now, good_until=demo.now + GOOD_FOR
        )
        Resource.objects.filter(pk=room.pk).update(synced_until=source.good_until)
        for week in range(WEEKS_AFTER):
            for weekday in (1, 3):
                day = week_of(demo.today) + timedelta(weeks=week, days=weekday)
                if not is_holiday(day):
                    starts_at, ends_at = (datetime.combine(day, time(hour), FINLAND) for hour in (8, 10))
                    rows.append(BusyTime(resource=room, source=source, starts_at=starts_at, ends_at=ends_at, brought_at=demo.now))
    BusyTime.objects.bulk_create(rows)


def forget_busy_times() -> None:
    Resource.objects.filter(is_demo=True, busy_sources__isnull=False).update(synced_until=None)
    BusySource.objects.filter(resource__is_demo=True).delete()


def put_photos(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """Of the same rooms; a drawing that nobody takes for a real place."""
    for number, body in enumerate(bodies):
        by, offer = handlers.get(body.organisation.pk), body.offers[0]
        if by is None:
            continue
        pictures = make_pictures(drawn(*COLOURS[number % len(COLOURS)]))
        photo = ServicePhoto(service=offer, stored_as=demo.token(), width=pictures.width, height=pictures.height, stored_at=demo.now, stored_by=by)
        photo.alt_fi, photo.alt_sv = f"Piirros: {offer.name_fi}, ikkuna ja ovi", f"Teckning: {offer.name_sv}, ett fönster och en dörr"
        photo.save()
        store(photo.stored_as, pictures)


def forget_photos() -> None:
    for photo in ServicePhoto.objects.filter(service__is_demo=True):
        forget(photo.stored_as)
        photo.delete()


def drawn(wall: str, floor: str, door: str) -> bytes:
    """A room as a PNG."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), wall)
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, HEIGHT), (120, SKIRTING), (WIDTH - 120, SKIRTING), (WIDTH, HEIGHT)], fill=floor)
    draw.line([(0, HEIGHT), (120, SKIRTING), (WIDTH - 120, SKIRTING), (WIDTH, HEIGHT)], fill="#5b5b5b", width=3)
    for at in (120, WIDTH - 120):
        draw.line([(at, 0), (at, SKIRTING)], fill="#5b5b5b", width=3)
    draw.rectangle((180, 90, 420, 270), fill="#f8fbff", outline="#5b5b5b", width=6)
    draw.line([(300, 90), (300, 270)], fill="#5b5b5b", width=6)
    draw.rectangle((520, 150, 630, SKIRTING), fill=door, outline="#5b5b5b", width=4)
    draw.ellipse((606, 268, 618, 280), fill="#e8d9a0")
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
