"""Who writes in a turn of faults, and what there is to write about: invented, through the factories of the tests."""
import itertools
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

FORM = "application/x-www-form-urlencoded"
BOUNDARY = "keksitty-raja-0123456789"


@dataclass(frozen=True)
class Write:
    """One form, sent until it is answered; `key` finds what it stored."""

    kind: str
    key: str
    path: str
    headers: dict[str, str]
    body: bytes
    # The one thing that it writes to, for the turn that locks one.
    target: int


@dataclass(frozen=True)
class Person:
    cookie: str
    csrf: str

    def write(self, kind: str, path: str, key: str, target: int, /, **fields: object) -> Write:
        return Write(kind, key, path, self.headers | {"Content-Type": FORM}, urlencode(fields, doseq=True).encode(), target)

    def send_file(self, kind: str, path: str, key: str, target: int, name: str, content: bytes, /, **fields: object) -> Write:
        parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode() for field, value in fields.items()]
        parts += [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'.encode(), content, f"\r\n--{BOUNDARY}--\r\n".encode()]
        return Write(kind, key, path, self.headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}, b"".join(parts), target)

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookie, "X-CSRFToken": self.csrf}


def person_of(membership) -> Person:
    """Signed in with a second factor; any 32 letters are a token of this browser's own."""
    from tests.guidance.web import sign_in

    csrf = "".join(random.choices(string.ascii_letters, k=32))
    cookies = sign_in(membership).cookies
    return Person("; ".join([f"__Host-csrf={csrf}", *(f"{name}={morsel.value}" for name, morsel in cookies.items() if name != "__Host-csrf")]), csrf)


def prepare(*, pathways: int, services: int) -> Callable[[], Write]:
    """Makes the rows; gives what makes the next write, each one another form, of all kinds in turn."""
    from django.contrib.contenttypes.models import ContentType
    from django.utils import timezone

    from guidance.choices import EventKind, Visibility
    from guidance.forms.moments import written_moment
    from pilots.forms.days import written
    from tests.guidance.factories import days_from_now, make_partnership, make_pathway
    from tests.guidance.test_views_pathways_files import pdf
    from tests.pilots.factories import make_model
    from tests.services.factories import MONDAY, make_handler, make_service

    ContentType.objects.clear_cache()
    made = make_partnership()
    people = [person_of(member) for member in made.city_people]
    handlers = [person_of(make_handler()) for _number in range(2)]
    open_pathways = [make_pathway(made) for _number in range(pathways)]
    bookable = [make_service() for _number in range(services)]
    model = make_model()
    due_on, now = written(days_from_now(7)), written_moment(timezone.now() - timedelta(minutes=1))

    def bookings() -> Iterator[Write]:
        for day, hour, service in itertools.product(range(200), range(8, 20), bookable):
            key = str(uuid4())
            fields = {"day": written(MONDAY + timedelta(days=day)), "starts": f"{hour}.00", "ends": f"{hour + 1}.00", "purpose": "Keksitty kurssi", "token": key}
            yield handlers[hour % 2].write("booking", f"/en/services/{service.pk}/book/", key, service.resource_id, **fields)

    def handoffs() -> Iterator[Write]:
        for number, pathway in enumerate(open_pathways):
            key = str(uuid4())
            fields = {"to": f"organisation:{made.college.pk}", "kind": "referral", "basis": "statute", "basis_statute": "keksitty säännös", "sections": ["goal"], "reason": "Keksitty syy", "due_on": due_on, "token": key, "phase": "send"}
            yield people[number % 2].write("hand-off", f"/en/guidance/pathways/{pathway.pseudonym}/hand-over/", key, pathway.pk, **fields)

    def notes() -> Iterator[Write]:
        for number, pathway in enumerate(itertools.cycle(open_pathways)):
            key = str(uuid4())
            fields = {"token": key, "kind": EventKind.NOTE.value, "text": f"Keksitty merkintä {number}", "at": now, "at_shown": now, "visibility": Visibility.PARTICIPANTS.value}
            yield people[number % 2].write("note", f"/en/guidance/pathways/{pathway.pseudonym}/log/", key, pathway.pk, **fields)

    def comments() -> Iterator[Write]:
        for number in itertools.count():
            key = f"Keksitty kommentti {uuid4()}"
            yield handlers[number % 2].write("comment on a model", f"/en/discussion/model/{model.pk}/comment/", key, model.pk, text=key)

    def files() -> Iterator[Write]:
        for number, pathway in enumerate(itertools.cycle(open_pathways)):
            key = str(uuid4())
            yield people[number % 2].send_file("file", f"/en/guidance/pathways/{pathway.pseudonym}/files/add/", key, pathway.pk, f"keksitty-{number}.pdf", pdf(), token=key, text="Keksitty tiedosto", visibility=Visibility.PARTICIPANTS.value)

    booked, noted = bookings(), notes()
    turns = itertools.cycle([booked, noted, handoffs(), booked, comments(), noted, files()])
    return lambda: next(write for maker in turns if (write := next(maker, None)))
