"""Who the demo's invented people are. Nobody of these names and addresses exists (example.org is reserved by RFC 2606)."""
from dataclasses import dataclass

from pilots.choices import ContactTask, Role

PASSWORD = "metsapolku-kokeilussa"  # noqa: S105  printed by load_demo, and of use in a demo only


@dataclass(frozen=True)
class Post:
    role: str
    organisation: str
    area: str = ""


@dataclass(frozen=True)
class Person:
    email: str
    name: str
    posts: tuple[Post, ...] = ()
    language: str = "fi"


PEOPLE = [
    Person("paakayttaja@example.org", "Demo Pääkäyttäjä", (Post(Role.PORTAL_ADMINISTRATOR, "kuntaliitto"),)),
    Person("kuntaliitto@example.org", "Demo Kuntaliittolainen", (Post(Role.KUNTALIITTO_STAFF, "kuntaliitto"),)),
    Person("sivistysjohtaja@example.org", "Demo Sivistysjohtaja", (Post(Role.EDUCATION_OFFICER, "rautavaara"),)),
    Person("suupohja@example.org", "Demo Suupohjan Koordinaattori", (Post(Role.AREA_COORDINATOR, "suupohjan-koulutuskuntayhtyma", "suupohja"),)),
    Person("yla-savo@example.org", "Demo Ylä-Savon Koordinaattori", (Post(Role.AREA_COORDINATOR, "yla-savon-koulutuskuntayhtyma", "yla-savo"),)),
    Person("sakky-hallinto@example.org", "Demo Savon Hallinto", (Post(Role.ORGANISATION_ADMINISTRATOR, "savon-koulutuskuntayhtyma"),)),
    Person("narpes@example.org", "Demo Förvaltare", (Post(Role.ORGANISATION_ADMINISTRATOR, "narpio"),), "sv"),
    Person("ohjaaja-kuopio@example.org", "Demo Kuopion Ohjaaja", (Post(Role.COUNSELLOR, "kuopion-tyollisyyspalvelu"),)),
    Person("ohjaaja-sakky@example.org", "Demo Opinto-ohjaaja", (Post(Role.COUNSELLOR, "savon-koulutuskuntayhtyma"),)),
    Person("ohjaaja-te@example.org", "Demo TE-asiantuntija", (Post(Role.COUNSELLOR, "te-palvelut"),)),
    Person("kumppanuus@example.org", "Demo Kumppanuusvastaava", (Post(Role.PARTNERSHIP_LEAD, "kuopion-tyollisyyspalvelu"),)),
    Person("koulusihteeri@example.org", "Demo Koulusihteeri", (Post(Role.SERVICE_HANDLER, "kauhajoki"),)),
    Person("palvelut@example.org", "Demo Palveluvastaava", (Post(Role.SERVICE_HANDLER, "gradia"), Post(Role.SERVICE_HANDLER, "laukaa"))),
    Person("tietosuoja@example.org", "Demo Tietosuojavastaava", (Post(Role.DATA_PROTECTION_OFFICER, "kuopion-kaupunki"),)),
    Person(
        "kaksi-taloa@example.org",
        "Demo Kahden Talon Väki",
        (Post(Role.EDUCATION_OFFICER, "mikkelin-kaupunki"), Post(Role.SERVICE_HANDLER, "etela-savon-koulutus")),
    ),
    Person("uusi@example.org", "Demo Uusi Käyttäjä"),
    Person("hakija@example.org", "Demo Hakija"),
]


@dataclass(frozen=True)
class Invited:
    email: str
    role: str
    organisation: str
    by: str
    sent_days_ago: int
    language: str = "fi"


# The first is open, the second has expired (settings.INVITATION_VALID_FOR is 14 days).
INVITED = [
    Invited("kutsuttu@example.org", Role.COUNSELLOR, "savon-koulutuskuntayhtyma", "sakky-hallinto@example.org", 2),
    Invited("vanha-kutsu@example.org", Role.SERVICE_HANDLER, "savon-koulutuskuntayhtyma", "sakky-hallinto@example.org", 40),
]


@dataclass(frozen=True)
class Asks:
    email: str
    role: str
    organisation: str
    message: str
    days_ago: int


ASKS = [Asks("hakija@example.org", Role.COUNSELLOR, "savon-koulutuskuntayhtyma", "Aloitin opinto-ohjaajana tässä kuussa. (Demo)", 3)]

TITLES = {
    ContactTask.GENERAL: ("Yhteistyön yhteyshenkilö (demo)", "Kontaktperson för samarbete (demo)"),
    ContactTask.REMOTE_TEACHING: ("Etäopetuksen yhteyshenkilö (demo)", "Kontaktperson för distansundervisning (demo)"),
    ContactTask.SHARED_POSTS: ("Yhteisten virkojen yhteyshenkilö (demo)", "Kontaktperson för gemensamma tjänster (demo)"),
    ContactTask.AGREEMENTS: ("Sopimusten yhteyshenkilö (demo)", "Kontaktperson för avtal (demo)"),
    ContactTask.GUIDANCE: ("Ohjauksen yhteyshenkilö (demo)", "Kontaktperson för vägledning (demo)"),
}


@dataclass(frozen=True)
class Reachable:
    """Contact people of one place: a task, the languages spoken (f, s, e) and how many days ago it was confirmed."""

    kind: str
    slug: str
    tasks: tuple[tuple[str, str, int], ...]


# Two areas have nobody, and several people are confirmed more than a year ago: the pages must say so.
CONTACTS = [
    Reachable("area", "jarviseutu", ((ContactTask.GENERAL, "f", 30), (ContactTask.REMOTE_TEACHING, "fe", 400))),
    Reachable("area", "jyvaskyla-gradia", ((ContactTask.GENERAL, "f", 12), (ContactTask.SHARED_POSTS, "f", 90))),
    Reachable("area", "kankaanpaa-sataedu", ((ContactTask.GENERAL, "f", 500),)),
    Reachable("area", "lappia-tornionlaakso", ((ContactTask.GENERAL, "fse", 60), (ContactTask.REMOTE_TEACHING, "f", 60))),
    Reachable("area", "kanta-hame", ((ContactTask.AGREEMENTS, "f", 200),)),
    Reachable("area", "etela-savo", ((ContactTask.GENERAL, "f", 45), (ContactTask.REMOTE_TEACHING, "fe", 45))),
    Reachable("area", "ita-uusimaa-careeria", ((ContactTask.GENERAL, "fs", 20), (ContactTask.REMOTE_TEACHING, "s", 20), (ContactTask.AGREEMENTS, "f", 380))),
    Reachable("area", "sasky-pirkanmaa", ((ContactTask.GENERAL, "f", 150), (ContactTask.SHARED_POSTS, "f", 450))),
    Reachable("area", "suupohja", ((ContactTask.GENERAL, "f", 10), (ContactTask.SHARED_POSTS, "f", 10), (ContactTask.REMOTE_TEACHING, "fs", 420))),
    Reachable("area", "sofuk-narpio", ((ContactTask.GENERAL, "sf", 25), (ContactTask.GUIDANCE, "s", 25))),
    Reachable("area", "yla-savo", ((ContactTask.GENERAL, "f", 5), (ContactTask.REMOTE_TEACHING, "fe", 5), (ContactTask.SHARED_POSTS, "f", 5), (ContactTask.GUIDANCE, "f", 390))),
    Reachable("organisation", "kuntaliitto", ((ContactTask.GENERAL, "fse", 15),)),
    Reachable("organisation", "gradia", ((ContactTask.REMOTE_TEACHING, "fe", 70), (ContactTask.AGREEMENTS, "f", 70))),
    Reachable("organisation", "sasky", ((ContactTask.REMOTE_TEACHING, "f", 100),)),
    Reachable("organisation", "sofuk", ((ContactTask.GUIDANCE, "sfe", 35), (ContactTask.AGREEMENTS, "s", 600))),
    Reachable("organisation", "careeria", ((ContactTask.GUIDANCE, "fs", 50),)),
    Reachable("organisation", "savon-koulutuskuntayhtyma", ((ContactTask.GUIDANCE, "f", 8), (ContactTask.AGREEMENTS, "f", 8))),
    Reachable("organisation", "yla-savon-koulutuskuntayhtyma", ((ContactTask.REMOTE_TEACHING, "f", 40), (ContactTask.GUIDANCE, "f", 370))),
    Reachable("organisation", "kuopion-tyollisyyspalvelu", ((ContactTask.GUIDANCE, "fe", 18),)),
    Reachable("organisation", "narpio", ((ContactTask.GENERAL, "sf", 55),)),
    Reachable("unit", "savon-ammattiopisto", ((ContactTask.GUIDANCE, "f", 22),)),
    Reachable("unit", "palvelutori", ((ContactTask.GUIDANCE, "fe", 28),)),
]
