"""What a column of a client list can be, and which one a header most likely names in Finnish, Swedish or English."""
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Column(TextChoices):
    FAMILY_NAME = "family_name", _("Family name")
    GIVEN_NAMES = "given_names", _("Given names")
    BIRTH_DATE = "birth_date", _("Birth date")
    PHONE = "phone", _("Telephone")
    EMAIL = "email", _("E-mail")
    ADDRESS = "address", _("Address")
    MUNICIPALITY = "municipality", _("Home municipality")
    SERVICE_LANGUAGE = "service_language", _("Language of service")
    INTERPRETER_LANGUAGE = "interpreter_language", _("Interpreter's language")
    FINNISH_LEVEL = "finnish_level", _("Level of Finnish")
    SWEDISH_LEVEL = "swedish_level", _("Level of Swedish")
    TARGET_GROUP = "target_group", _("Target group")
    EDUCATION_BACKGROUND = "education_background", _("Education background")
    MINOR_ACTOR = "minor_actor", _("Who acts for a minor")
    MINOR_CHECKED_ON = "minor_checked_on", _("Home municipality's duty of guidance asked on")
    FIRST_STEP = "first_step", _("What happens next")
    FIRST_DUE_ON = "first_due_on", _("First step by")
    NON_DISCLOSURE = "non_disclosure", _("Non-disclosure for personal safety (turvakielto)")

    @classmethod
    def also_called(cls) -> "dict[Column, str]":
        return ALSO_CALLED


REQUIRED = (Column.FAMILY_NAME, Column.GIVEN_NAMES, Column.BIRTH_DATE)
# What a person edits in a row; whoever is under non-disclosure has no row.
EDITED = tuple(column for column in Column if column != Column.NON_DISCLOSURE)
# In the downloaded file: what most lists have.
IN_TEMPLATE = (
    Column.FAMILY_NAME, Column.GIVEN_NAMES, Column.BIRTH_DATE, Column.PHONE, Column.EMAIL, Column.ADDRESS, Column.MUNICIPALITY, Column.SERVICE_LANGUAGE,
    Column.TARGET_GROUP, Column.MINOR_ACTOR, Column.MINOR_CHECKED_ON, Column.FIRST_STEP, Column.FIRST_DUE_ON, Column.NON_DISCLOSURE,
)
# As offices write their headers, beside the names above in each language; folded as `folded` does.
ALSO_CALLED = {
    Column.FAMILY_NAME: "sukunimi|sukunimet|efternamn|slaktnamn|family name|last name|surname",
    Column.GIVEN_NAMES: "etunimi|etunimet|fornamn|given name|given names|first name|first names|forename|forenames",
    Column.BIRTH_DATE: "syntymaaika|syntymapaiva|synt aika|synt pvm|syntynyt|s aika|fodelsedatum|fodelsedag|fodelsetid|fodd|birth date|birthdate|date of birth|dob",
    Column.PHONE: "puhelin|puhelinnumero|puh|puh nro|matkapuhelin|gsm|telefon|telefonnummer|mobil|mobiltelefon|phone|phone number|telephone|mobile",
    Column.EMAIL: "sahkoposti|sahkopostiosoite|e posti|email|e mail|e post|epost|e postadress",
    Column.ADDRESS: "osoite|katuosoite|lahiosoite|postiosoite|adress|gatuadress|postadress|address|street address",
    Column.MUNICIPALITY: "kotikunta|kunta|asuinkunta|hemkommun|kommun|home municipality|municipality",
    Column.SERVICE_LANGUAGE: "asiointikieli|palvelukieli|kieli|servicesprak|betjaningssprak|arendesprak|sprak|language of service|service language|language",
    Column.INTERPRETER_LANGUAGE: "tulkkauskieli|tulkin kieli|tulkkikieli|tolksprak|tolkningssprak|interpreter language",
    Column.FINNISH_LEVEL: "suomen kielen taso|suomen kielen taito|suomen taito|kunskaper i finska|niva i finska|finnish level",
    Column.SWEDISH_LEVEL: "ruotsin kielen taso|ruotsin kielen taito|ruotsin taito|kunskaper i svenska|niva i svenska|swedish level",
    Column.TARGET_GROUP: "kohderyhma|malgrupp|target group",
    Column.EDUCATION_BACKGROUND: "koulutustausta|koulutus|utbildningsbakgrund|utbildning|education background|education",
    Column.MINOR_ACTOR: "kuka toimii alaikaisen puolesta|vem handlar for en minderarig|who acts for a minor",
    Column.MINOR_CHECKED_ON: "kotikunnan ohjausvelvollisuus kysytty|hemkommunens handledningsplikt fragad|duty of guidance asked on",
    Column.FIRST_STEP: "ensimmainen askel|seuraava askel|forsta steg|nasta steg|first step|next step",
    Column.FIRST_DUE_ON: "maaraaika|maarapaiva|askeleen maarapaiva|senast|due on|due date|by",
    Column.NON_DISCLOSURE: "turvakielto|sparrmarkering|sakerhetsforbud|non disclosure|protected",
}
