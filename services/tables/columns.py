"""What the columns of an organisation's own lists can be: what is booked, runs of courses, and bookings. Import and export read the same."""
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from services.choices import BookingMode, CourseKind, Delivery, Entry, ListKind, ResourceKind


class ResourceColumn(TextChoices):
    NAME_FI = "name_fi", _("Name in Finnish")
    NAME_SV = "name_sv", _("Name in Swedish")
    PART_OF = "part_of", _("Part of")
    KIND = "kind", _("Kind")
    PLACE = "place", _("Place")
    STREET_ADDRESS = "street_address", _("Street address")
    POSTAL_CODE = "postal_code", _("Postal code")
    MUNICIPALITY = "municipality", _("Municipality")
    CAPACITY = "capacity", _("Room for people")
    EQUIPMENT_FI = "equipment_fi", _("Equipment, in Finnish")
    EQUIPMENT_SV = "equipment_sv", _("Equipment, in Swedish")
    WEEKLY_HOURS = "weekly_hours", _("Hours lent in a week")
    MODE = "mode", _("Booking")
    HOURS = "hours", _("Opening hours")
    BUFFER_BEFORE = "buffer_before", _("Minutes kept free before")
    BUFFER_AFTER = "buffer_after", _("Minutes kept free after")
    START_INTERVAL = "start_interval", _("Bookings start every … minutes")

    @classmethod
    def also_called(cls) -> "dict[ResourceColumn, str]":
        return {
            cls.NAME_FI: "nimi|tila|tilan nimi|resurssi|namn|lokal|name|room|resource", cls.NAME_SV: "nimi ruotsiksi|namn pa svenska", cls.PART_OF: "osa|paatila|del av|helhet", cls.KIND: "tyyppi|laji|typ|slag|type",
            cls.PLACE: "paikka|rakennus|talo|toimipiste|plats|byggnad|building", cls.STREET_ADDRESS: "osoite|katuosoite|adress|gatuadress|address", cls.POSTAL_CODE: "postinumero|postnummer|postcode",
            cls.MUNICIPALITY: "kunta|kommun", cls.CAPACITY: "henkilomaara|paikkoja|kapasiteetti|antal personer|kapacitet|capacity", cls.EQUIPMENT_FI: "varusteet|varustus|laitteet|equipment",
            cls.EQUIPMENT_SV: "utrustning|varusteet ruotsiksi", cls.WEEKLY_HOURS: "tunteja viikossa|viikkotunnit|timmar per vecka|hours a week", cls.MODE: "varaustapa|bokningssatt|booking mode",
            cls.HOURS: "aukioloajat|aukiolo|oppettider|hours",
        }  # fmt: skip


class RunColumn(TextChoices):
    COURSE = "course", _("Course")
    NAME = "name", _("Name of the run")
    KIND = "kind", _("Kind of course")
    FIRST_DAY = "first_day", _("First day")
    LAST_DAY = "last_day", _("Last day")
    TIMETABLE = "timetable", _("Timetable")
    WEEKLY_HOURS = "weekly_hours", _("Hours a week")
    DELIVERY = "delivery", _("Way")
    PLACE = "place", _("Place")
    SEATS = "seats", _("Seats")
    ENROL_BY = "enrol_by", _("Last day to enrol")
    ENTRY = "entry", _("How one gets in")
    HOLD_DAYS = "hold_days", _("Days that a seat is held")

    @classmethod
    def also_called(cls) -> "dict[RunColumn, str]":
        return {
            cls.COURSE: "kurssi|koulutus|kurs|utbildning", cls.NAME: "toteutus|ryhma|genomforande|grupp|group|run", cls.KIND: "kurssin tyyppi|tyyppi|typ", cls.FIRST_DAY: "alkaa|alkupaiva|alkupvm|borjar|startdatum|starts",
            cls.LAST_DAY: "paattyy|loppupaiva|loppupvm|slutar|slutdatum|ends", cls.TIMETABLE: "aikataulu|lukujarjestys|tidtabell|schema", cls.WEEKLY_HOURS: "viikkotunnit|tunteja viikossa|timmar per vecka",
            cls.DELIVERY: "toteutustapa|satt", cls.PLACE: "paikka|plats", cls.SEATS: "paikkoja|paikat|platser", cls.ENROL_BY: "ilmoittaudu viimeistaan|ilmoittautuminen paattyy|anmal senast", cls.ENTRY: "haku|ansokan",
        }  # fmt: skip


class BookingColumn(TextChoices):
    RESOURCE = "resource", _("What is booked")
    PART = "part", _("Part")
    SERVICE = "service", _("Service")
    DAY = "day", _("Day")
    STARTS = "starts", _("Starts")
    ENDS = "ends", _("Ends")
    LAST_DAY = "last_day", _("Last day, when it is another")
    BORROWER = "borrower", _("Borrower")
    PURPOSE = "purpose", _("What for")
    PEOPLE = "people", _("Number of people")
    STATE = "state", _("State of the booking")

    @classmethod
    def also_called(cls) -> "dict[BookingColumn, str]":
        return {
            cls.RESOURCE: "tila|resurssi|kohde|lokal|resurs|room|resource", cls.PART: "osa|del", cls.SERVICE: "palvelu|tjanst", cls.DAY: "paiva|pvm|paivamaara|alkupaiva|dag|datum|date", cls.STARTS: "alkaa|alku|klo|borjar|start|from",
            cls.ENDS: "paattyy|loppuu|loppu|slutar|slut|end|to", cls.LAST_DAY: "viimeinen paiva|loppupaiva|sista dag|last day", cls.BORROWER: "varaaja|lainaaja|organisaatio|bokare|lantagare|organisation",
            cls.PURPOSE: "tarkoitus|aihe|kayttotarkoitus|andamal|purpose", cls.PEOPLE: "henkilomaara|antal personer|people", cls.STATE: "tila nyt|lage|status",
        }  # fmt: skip


COLUMNS: dict[ListKind, type[TextChoices]] = {ListKind.RESOURCES: ResourceColumn, ListKind.RUNS: RunColumn, ListKind.BOOKINGS: BookingColumn}
REQUIRED = {
    ListKind.RESOURCES: (ResourceColumn.NAME_FI,),
    ListKind.RUNS: (RunColumn.COURSE, RunColumn.FIRST_DAY, RunColumn.LAST_DAY, RunColumn.SEATS),
    ListKind.BOOKINGS: (BookingColumn.RESOURCE, BookingColumn.DAY, BookingColumn.STARTS, BookingColumn.ENDS, BookingColumn.BORROWER, BookingColumn.PURPOSE),
}
CHOICES: dict[ListKind, dict[str, type[TextChoices]]] = {
    ListKind.RESOURCES: {ResourceColumn.KIND: ResourceKind, ResourceColumn.MODE: BookingMode},
    ListKind.RUNS: {RunColumn.KIND: CourseKind, RunColumn.DELIVERY: Delivery, RunColumn.ENTRY: Entry},
    ListKind.BOOKINGS: {},
}
