"""What the demo's invented offers are called. Names in Finnish and Swedish; the organisations are real, the offers are not."""
from dataclasses import dataclass

from services.choices import CourseKind, Entry, ResourceKind


@dataclass(frozen=True)
class Room:
    fi: str
    sv: str
    capacity: int
    equipment_fi: str
    equipment_sv: str
    halves: bool = False
    buffer_after: int = 0


@dataclass(frozen=True)
class Teacher:
    fi: str
    sv: str
    kind: str
    weekly_minutes: int


@dataclass(frozen=True)
class Course:
    fi: str
    sv: str
    kind: str
    entry: str
    form: str
    weeks: int
    timetable: str


ROOMS = [
    Room("Liikuntasali", "Gymnastiksal", 120, "verkot, maalit, äänentoisto", "nät, mål, ljudanläggning", halves=True),
    Room("Puutyöluokka", "Träslöjdssal", 16, "sorvi, vannesaha, purunpoisto", "svarv, bandsåg, spånutsug", buffer_after=15),
    Room("Opetuskeittiö", "Undervisningskök", 18, "kuusi keittiöpistettä", "sex köksplatser", buffer_after=30),
    Room("Metallityöpaja", "Metallverkstad", 14, "hitsauspisteet, CNC-sorvi", "svetsplatser, CNC-svarv", buffer_after=15),
    Room("Laboratorio", "Laboratorium", 24, "vetokaapit, mikroskoopit", "dragskåp, mikroskop"),
    Room("Auditorio", "Auditorium", 180, "videotykki, induktiosilmukka", "videoprojektor, induktionsslinga"),
    Room("Etäopetusluokka", "Klassrum för distansundervisning", 20, "kamerat, mikrofonit, kaksi näyttöä", "kameror, mikrofoner, två skärmar"),
]
TEACHERS = [
    Teacher("Ruotsin opettaja", "Lärare i svenska", ResourceKind.PERSON, 8 * 60),
    Teacher("Matematiikan opettaja", "Lärare i matematik", ResourceKind.PERSON, 10 * 60),
    Teacher("Musiikin opettaja", "Lärare i musik", ResourceKind.POST, 6 * 60),
    Teacher("Erityisopettaja", "Speciallärare", ResourceKind.POST, 12 * 60),
    Teacher("Opinto-ohjaaja", "Studiehandledare", ResourceKind.PERSON, 7 * 60),
]
COURSES = [
    Course("Digitaidot työssä", "Digitala färdigheter i arbetet", CourseKind.SHORT, Entry.HOLD, "liberal-adult", 6, "ti ja to 17.00–19.30"),
    Course("Sosiaali- ja terveysalan perustutkinto", "Grundexamen inom social- och hälsovård", CourseKind.QUALIFICATION, Entry.APPLY, "vocational", 60, "päiväopetus"),
    Course("Tutustu ammattialaan", "Bekanta dig med ett yrke", CourseKind.TASTER, Entry.HOLD, "vocational", 1, "ma–pe 9.00–14.00"),
    Course("Urasuuntavalmennus", "Karriärcoachning", CourseKind.COACHING, Entry.HOLD, "vocational", 8, "ma ja ke 9.00–12.00"),
    Course("Hitsauksen perusteet", "Grunderna i svetsning", CourseKind.PART, Entry.APPLY, "vocational", 12, "iltaopetus, ti ja ke"),
    Course("Lukion pitkän matematiikan etäkurssi", "Distanskurs i lång matematik", CourseKind.SCHOOL_COURSE, Entry.APPLY, "general-upper-secondary", 7, "ma 8.15–9.30 ja to 12.15–13.30"),
    Course("Suomen kielen kertaus", "Repetition i finska", CourseKind.SHORT, Entry.HOLD, "basic-adult", 10, "ke 17.00–19.30"),
    Course("Puualan perustutkinto", "Grundexamen inom träbranschen", CourseKind.QUALIFICATION, Entry.ASK, "vocational", 80, "päiväopetus"),
]
ABOUT_FI, ABOUT_SV = "Keksitty esimerkki: {name}. Kukaan ei tarjoa tätä oikeasti.", "Ett påhittat exempel: {name}. Ingen erbjuder detta på riktigt."
PURPOSES = ("Valinnaiskurssi (demo)", "Iltakurssin ryhmä (demo)", "Koulutuspäivä (demo)", "Tutustumispäivä (demo)", "Työpaja (demo)")
DECLINED = "Tila on tuolloin omassa käytössä. (Demo)"
