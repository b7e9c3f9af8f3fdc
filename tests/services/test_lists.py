"""Lists in and out: what goes out comes in again as the same, a list is stored whole or not at all, and nothing is booked twice."""
import csv
import io
from datetime import date, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation
from openpyxl import load_workbook

from accounts.models import OutboxMessage
from services.actions.list_storing import store_list
from services.actions.lists import MOST_OPEN, drop_old_imports, edit_row, leave_out, map_columns, upload_list
from services.actions.resources import add_exception
from services.choices import BookingMode, BookingState, Entry, ImportState, ListKind, ServiceKind
from services.conflicts import Conflict
from services.models import Booking, BusySource, CourseRun, ListColumns, ListImport, ListRow, Occupancy, OpeningHours, Place, Resource
from services.queries.lists import bookings_between, bookings_out, header_of, judge, resources_out, runs_out
from services.tables.cells import Wrong
from services.tables.columns import COLUMNS
from services.tables.files import read_table
from services.tables.headers import suggested
from services.tables.opening_hours import read_hours, written_hours
from services.tables.writing import csv_lines, xlsx_file
from tests.pilots.factories import make_municipality
from tests.services.courses import make_run
from tests.services.factories import MONDAY, book, hours, make_handler, make_part, make_place, make_resource, make_service
from tests.services.web import sent, sign_in, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return make_handler()


@pytest.fixture
def hall(owner):
    return make_resource(owner.organisation, name_fi="Keksitty halli")


def csv_of(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def brought(by, kind: str, content: bytes) -> ListImport:
    batch, _codes = upload_list(by=by, kind=kind, name="lista.csv", content=content)
    return map_columns(by=by, batch=batch, columns=suggested(COLUMNS[ListKind(kind)], batch.header, {}))


def bookings(by, *rows: str) -> ListImport:
    return brought(by, "bookings", csv_of("Tila;Osa;Päivä;Alkaa;Päättyy;Varaaja;Tarkoitus", *rows))


def faults(batch: ListImport) -> list[list[str]]:
    return [list(one.faults) for one in judge(batch)]


def both(header, rows) -> list[bytes]:
    rows = list(rows)
    return [b"".join(csv_lines(header, rows)), xlsx_file(header, rows).getvalue()]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_resources_go_out_and_come_in_the_same(owner, language):
    place = make_place(owner.organisation, street_address="Keksitie 7", postal_code="00100")
    whole = make_resource(owner.organisation, name_fi="-1 kerros; sali", name_sv="@Sal", place=place, capacity=40, equipment_fi="Vasara, \"iso\"", buffer_after=15, start_interval=30)
    OpeningHours.objects.create(resource=whole, weekday=6, opens=time(10), closes=time(0), first_day=date(2027, 6, 1), last_day=date(2027, 8, 15))
    make_part(whole, name_fi="Puolikas", place=place)
    make_resource(owner.organisation, kind="post", name_fi="Keksitty virka", weekly_minutes=450, mode=BookingMode.ON_REQUEST)

    with translation.override(language):
        out = list(resources_out(owner))
        for content in both(header_of("resources"), out):
            other = make_handler()
            batch = brought(other, "resources", content)
            assert [one.faults for one in judge(batch)] == [{}, {}, {}]
            assert store_list(by=other, batch=batch) == 3
            assert list(resources_out(other)) == out
    assert Place.objects.filter(street_address="Keksitie 7").count() == 3


def test_runs_go_out_and_come_in_the_same(owner):
    course = make_service(kind=ServiceKind.COURSE, organisation=owner.organisation, name_fi="Keksitty kurssi")
    make_run(service=course, name="Iltaryhmä", weekly_hours="2.5", timetable="Tiistaisin 17.00–19.30", place=make_place(owner.organisation, name_fi="Keksitty talo"))
    make_run(service=course, kind="qualification", entry=Entry.APPLY)
    with translation.override("fi"):
        out = [row[:-2] for row in runs_out(owner)]
        contents = both(header_of("runs"), out)
    for content in contents:
        CourseRun.objects.all().delete()
        with translation.override("fi"):
            batch = brought(owner, "runs", content)
            assert [one.faults for one in judge(batch)] == [{}, {}]
            assert store_list(by=owner, batch=batch) == 2
            assert [row[:-2] for row in runs_out(owner)] == out
    assert faults(brought(owner, "runs", contents[0])) == [["course"], ["course"]]


def test_bookings_go_out_and_come_in_confirmed(owner, hall):
    half, service = make_part(hall, name_fi="Puolikas"), make_service(hall)
    one, two = book(service, hours(9, 11), people=12, purpose="=2+2"), book(service, hours(12, 14), resource=half)
    with translation.override("fi"):
        contents = both(header_of("bookings"), bookings_out(bookings_between(owner, MONDAY, MONDAY)))
    expected = [(b.resource_id, b.organisation_id, b.starts_at, b.ends_at, b.purpose, b.people) for b in (one, two)]
    held = list(Occupancy.objects.order_by("starts_at", "resource").values_list("resource", "starts_at", "ends_at"))
    for content in contents:
        Booking.objects.all().delete()
        batch = brought(owner, "bookings", content)
        # A formula in a workbook is its text: only the mark that our own CSV sets says that it is meant so.
        if content == contents[1]:
            edit_row(by=owner, batch=batch, line=2, values=batch.rows.get(line=2).values | {"purpose": "'=2+2"}, version=batch.rows.get(line=2).version)
        assert faults(batch) == [[], []]
        assert store_list(by=owner, batch=batch) == 2
        made = list(Booking.objects.order_by("starts_at"))
        assert [(b.resource_id, b.organisation_id, b.starts_at, b.ends_at, b.purpose, b.people) for b in made] == expected
        assert {(b.state, b.answered_by_id, b.requested_by_id) for b in made} == {("confirmed", owner.pk, owner.pk)}
        assert list(Occupancy.objects.order_by("starts_at", "resource").values_list("resource", "starts_at", "ends_at")) == held


def test_export_computes_nothing_and_types_its_cells():
    rows = [["=1+1", "+358", "@a", date(2027, 2, 3), time(9, 30), 12, None, "nor\x07mal"]]

    lines = list(csv.reader(io.StringIO(b"".join(csv_lines(["A"] * 8, rows)).decode("utf-8-sig")), delimiter=";"))
    cells = next(load_workbook(xlsx_file(["A"] * 8, rows)).active.iter_rows(min_row=2))

    assert lines[1] == ["'=1+1", "'+358", "'@a", "3.2.2027", "9.30", "12", "", "nor\x07mal"]
    assert [cell.data_type for cell in cells] == ["s", "s", "s", "d", "d", "n", "n", "s"]


@pytest.mark.parametrize(
    "text,expected",
    [
        ("ma-pe 8-16, la 10-14", "ma-pe 8-16, la 10-14"), ("Maanantai–Perjantai klo 8.30–16:00", "ma-pe 8.30-16"), ("må-fr 8-12, må-fr 13-16", "ma-pe 8-12, ma-pe 13-16"),
        ("Sun 10-24; 1.6.2027-15.8.2027: mon 9-15", "su 10-24; 1.6.2027-15.8.2027: ma 9-15"), ("", ""),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text, expected):
    with translation.override("fi"):
        assert written_hours(read_hours(text)) == expected


@pytest.mark.parametrize("text", ["ma 8-16, ma 15-17", "ma 16-8", "pe-ma 8-16", "joskus", "ma 8-25", "31.2.2027-1.3.2027: ma 8-9", "ma 24-10", "8-16"])
def test_hours_that_cannot_be_read_are_wrong(text):
    with pytest.raises(Wrong):
        read_hours(text)


def test_taken_times_are_faults_and_opening_hours_are_warnings(owner, hall):
    half, other = make_part(hall, name_fi="Puolikas"), make_part(hall, name_fi="Toinen puoli")
    borrower = make_handler().organisation.name_fi
    book(make_service(hall), hours(9, 11), resource=half)
    source = BusySource.objects.create(resource=hall, kind="file", promise_hours=24, created_at=timezone.now(), created_by=owner, good_until=timezone.now())
    hall.busy_times.create(source=source, starts_at=hours(18, 19).starts_at, ends_at=hours(18, 19).ends_at, brought_at=timezone.now())
    add_exception(by=owner, resource=hall, values={"first_day": MONDAY + timedelta(days=1), "last_day": MONDAY + timedelta(days=1), "reason_fi": "Remontti"})
    day, closed = f"{MONDAY:%d.%m.%Y}", f"{MONDAY + timedelta(days=1):%d.%m.%Y}"
    batch = bookings(
        owner,
        f"Keksitty halli;;{day};10;12;{borrower};Taken by a part", f"Keksitty halli;{other.name_fi};{day};10;12;{borrower};Free part", f"Keksitty halli;;{day};11.30;13;{borrower};Taken by line 3",
        f"Keksitty halli;;{day};18.30;19.30;{borrower};Busy", f"Keksitty halli;;{day};5;7;{borrower};Early", f"Keksitty halli;;{closed};9.07;10;{borrower};Closed",
        f"Keksitty halli;;1.2.2020;9;10;{borrower};Over", f"Keksitty halli;;28.3.2027;3.30;5;{borrower};No such time", f"Muu;;{day};9;10;{borrower};Not ours", f"Keksitty halli;;{day};9;8;Ei kukaan;", "=cmd();;x;25;1.5.;;",
    )  # fmt: skip

    judged = judge(batch)

    assert [list(one.faults) for one in judged] == [["starts"], [], ["starts"], ["starts"], [], [], ["starts"], ["starts"], ["resource"], ["borrower", "purpose"], ["resource", "day", "starts", "ends", "borrower", "purpose"]]
    assert [len(one.warnings) for one in judged][:6] == [0, 0, 0, 0, 1, 2]
    with pytest.raises(ValidationError, match="2"):
        store_list(by=owner, batch=batch)
    assert Booking.objects.count() == 1
    assert leave_out(by=owner, batch=batch) == 8
    assert store_list(by=owner, batch=batch) == 3


def test_what_is_booked_meanwhile_turns_up_again_and_nothing_is_stored(owner, hall):
    service, borrower, day = make_service(hall), make_handler(), f"{MONDAY:%d.%m.%Y}"
    batch = bookings(owner, f"Keksitty halli;;{day};9;10;{borrower.organisation.name_fi};A", f"Keksitty halli;;{day};10;11;{borrower.organisation.name_fi};B")
    assert faults(batch) == [[], []]
    book(service, hours(10, 11))

    client, page = sign_in(owner), url("import_review", batch.pk)
    refused = client.post(page, {"do": "store"})

    assert (refused.status_code, Booking.objects.count(), [one.state for one, *_rest in refused.context["rows"]]) == (422, 1, ["ready", "wrong"])
    row = ListRow.objects.get(batch=batch, line=3)
    edit_row(by=owner, batch=batch, line=3, values=row.values | {"starts": "11", "ends": "12.00"}, version=row.version)
    # Pressed twice, and by somebody beside them.
    assert [client.post(page, {"do": "store"}).status_code for _turn in range(2)] == [302, 200]
    with pytest.raises(Conflict):
        store_list(by=make_handler(owner.organisation), batch=batch)
    assert store_list(by=owner, batch=batch) == 0
    assert (Booking.objects.count(), ListRow.objects.count()) == (3, 0)
    assert list(OutboxMessage.objects.filter(kind="bookings_brought").values_list("to_email", flat=True)) == [borrower.user.email]


def test_resources_in_a_list_are_judged_cell_by_cell(owner, hall):
    where = make_municipality(name_fi="Keksilä")
    batch = brought(
        owner, "resources",
        csv_of(
            "Nimi;Osa;Tyyppi;Rakennus;Osoite;Kunta;Kapasiteetti;Viikkotunnit;Varaustapa;Aukioloajat",
            "Keksitty halli;;;;;;;;;", "Keksitty paja;;space;Uusi talo;Keksitie 1;Keksilä;20;;at_once;ma-pe 8-16", "keksitty  PAJA;;;;;;;;;", "Päädyssä;Keksitty paja;;Uusi talo;Keksitie 1;Keksilä;10;;;",
            "Yksin;Ei ole;;;;;;;;", "Opettaja;;person;;;;;;;", "Opettaja 2;;person;Ei talo;;;;7,5;;", "Aina;;;;;;;;at_once;", "Monta;;outo;;;Ei kunta;-3;2;;ma",
        ),
    )  # fmt: skip

    assert faults(batch) == [["name_fi"], [], ["name_fi"], [], ["part_of"], ["weekly_hours"], ["place"], ["mode"], ["kind", "municipality", "capacity", "weekly_hours", "hours"]]
    leave_out(by=owner, batch=batch)
    assert store_list(by=owner, batch=batch) == 2
    part = Resource.objects.get(name_fi="Päädyssä")
    assert (part.whole.name_fi, part.whole.capacity, part.whole.place.municipality, part.whole.opening_hours.count(), part.place) == ("Keksitty paja", 20, where, 5, part.whole.place)


def test_part_whose_whole_is_left_out_stores_nothing(owner):
    batch = brought(owner, "resources", csv_of("Nimi;Osa;Kapasiteetti", "Iso;;1", "Pieni;Iso;1"))
    leave_out(by=owner, batch=batch, line=2)

    with pytest.raises(ValidationError):
        store_list(by=owner, batch=batch)
    assert Resource.objects.count() == 0


def test_runs_in_a_list_keep_the_rules_of_a_run(owner):
    make_service(kind=ServiceKind.COURSE, organisation=owner.organisation, name_fi="Kurssi")
    make_service(kind=ServiceKind.COURSE, name_fi="Muiden")
    header = "Kurssi;Alkaa;Päättyy;Paikkoja;Haku;Days that a seat is held;Kurssin tyyppi"
    batch = brought(owner, "runs", csv_of(header, "Kurssi;1.9.2027;1.10.2027;10;hold;7;short", "Kurssi;1.9.2027;1.10.2027;12;apply;;short", "Muiden;1.9.2027;1.8.2027;0;hold;;qualification"))

    assert faults(batch) == [[], ["course"], ["course", "last_day", "seats", "enrol_by", "entry", "hold_days"]]


def test_list_is_its_organisations_alone_and_is_remembered(owner):
    batch, codes = upload_list(by=owner, kind="resources", name="../x.csv", content=csv_of("Huoneen otsikko;Henkeä", "Sali 010190-123A;3"))
    stranger = make_handler()

    assert (codes, batch.file_name, batch.rows.get().cells) == (1, "x.csv", ["Sali", "3"])
    for act in (lambda: map_columns(by=stranger, batch=batch, columns={"name_fi": 0}), lambda: leave_out(by=stranger, batch=batch), lambda: store_list(by=stranger, batch=batch)):
        with pytest.raises(PermissionDenied):
            act()
    for columns in ({}, {"name_fi": 5}, {"name_fi": 0, "capacity": 0}, {"outo": 0}):
        with pytest.raises(ValidationError):
            map_columns(by=owner, batch=batch, columns=columns)
    map_columns(by=owner, batch=batch, columns={"name_fi": 0, "capacity": 1})
    kept = ListColumns.objects.get().columns
    assert suggested(COLUMNS[ListKind.RESOURCES], ["henkeä", "HUONEEN OTSIKKO"], kept) == {"name_fi": 1, "capacity": 0}
    with pytest.raises(Conflict):
        edit_row(by=owner, batch=batch, line=2, values={"name_fi": "Muu"}, version=1)
    for _turn in range(MOST_OPEN - 1):
        upload_list(by=owner, kind="runs", name="x", content=csv_of("A;B", "1;2"))
    with pytest.raises(ValidationError):
        upload_list(by=owner, kind="runs", name="x", content=csv_of("A;B", "1;2"))
    assert drop_old_imports(timezone.now() + timedelta(days=15)) == MOST_OPEN
    assert (ListRow.objects.count(), set(ListImport.objects.values_list("state", "file_name"))) == (0, {(ImportState.DROPPED, "")})


def test_pages_take_a_list_from_file_to_rows(owner, hall):
    make_service(hall)
    client = sign_in(owner)
    assert client.post(url("import_add", "bookings"), {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04rikki")}).status_code == 422
    assert client.get(url("import_add", "outo")).status_code == 404
    content = csv_of("Tila;Pvm;Klo;Loppu;Varaaja;Aihe", f"Keksitty halli;{MONDAY:%d.%m.%Y};9;yksi;{owner.organisation.name_fi};Oma")
    to_columns = client.post(url("import_add", "bookings"), {"file": SimpleUploadedFile("x.csv", content)})
    to_review = client.post(to_columns.url, sent(client.get(to_columns.url).context["form"]))
    review = client.get(to_review.url)
    assert [one.state for one, *_rest in review.context["rows"]] == ["wrong"]
    line = url("import_row", review.context["batch"].pk, 2)
    form = client.get(line).context["form"]

    assert list(client.post(line, sent(form)).context["form"].errors) == ["ends"]
    assert client.post(line, sent(form, ends="11")).status_code == 302
    assert client.post(line, sent(form, ends="12")).status_code == 409
    assert client.post(to_review.url, {"do": "store"}).status_code == 302
    assert Booking.objects.get().state == BookingState.CONFIRMED
    with translation.override("en"):
        period = f"?first_day={MONDAY:%d.%m.%Y}&last_day={MONDAY:%d.%m.%Y}"
        table = read_table(b"".join(client.get(url("list_export", "bookings", "csv") + period).streaming_content))
    assert table.rows[0][1][:6] == ["Keksitty halli", "", review_name(), "4.10.2027", "9.00", "11.00"]
    assert client.get(url("list_export", "bookings", "xlsx") + "?first_day=x").status_code == 422
    assert client.post(url("import_discard", review.context["batch"].pk)).status_code == 409


def review_name() -> str:
    return Booking.objects.get().service.name_fi
