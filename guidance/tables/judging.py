"""Whether a line of a client list can become a client: the rules of the form for one client, for thousands at once.

Faults are codes, so that each reader has them in their own language; one for a column at a time. Nothing here asks the database.
"""
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from guidance.choices import EducationBackground, LanguageLevel, TargetGroup
from guidance.models import Client, NextStep
from guidance.models.client import fold_name
from guidance.tables.columns import Column
from services.tables import headers
from services.tables.cells import FORMULA, Wrong, read_day
from services.tables.headers import folded

ADULT = 18
SAYS_PROTECTED = re.compile(r"turvakiel|sp[aä]rrmark|s[aä]kerhetsf[oö]rbud|non-?disclosure", re.I)
SAYS_NO = re.compile(r"\b(ei|ei ole|inte|ingen|nej|no|none|not)\b", re.I)
NO = frozenset({"", "0", "-", "ei", "ei ole", "e", "nej", "inte", "ingen", "no", "n", "none", "false", "epatosi"})
LONGEST = {
    Column.FAMILY_NAME: 100, Column.GIVEN_NAMES: 100, Column.PHONE: 40, Column.EMAIL: 254, Column.ADDRESS: 200, Column.INTERPRETER_LANGUAGE: 40,
    Column.FIRST_STEP: NextStep._meta.get_field("what").max_length,
}
PLAIN = (Column.PHONE, Column.ADDRESS, Column.INTERPRETER_LANGUAGE)
CHOICES = {
    Column.SERVICE_LANGUAGE: Client._meta.get_field("service_language").choices, Column.FINNISH_LEVEL: LanguageLevel.choices, Column.SWEDISH_LEVEL: LanguageLevel.choices,
    Column.TARGET_GROUP: TargetGroup.choices, Column.EDUCATION_BACKGROUND: EducationBackground.choices, Column.MINOR_ACTOR: Client._meta.get_field("minor_actor").choices,
}
OF_PATHWAY = (Column.TARGET_GROUP, Column.EDUCATION_BACKGROUND)


class Fault(TextChoices):
    """What is wrong with a cell, and what to do; WHOLE_LINE stands at no column."""

    MISSING = "missing", _("Something has to stand here.")
    TOO_LONG = "too_long", _("This text is too long.")
    FORMULA = "formula", _("This reads like a formula. Write the text itself.")
    NO_NAME = "no_name", _("A name has at least one letter.")
    DAY = "day", _("Write the day in the form 3.2.2027.")
    TOO_FAR = "too_far", _("Give a day between the years 1900 and 2199.")
    FUTURE = "future", _("This day is still to come.")
    PAST = "past", _("This day is in the past.")
    EMAIL = "email", _("This is no e-mail address.")
    MUNICIPALITY = "municipality", _("No municipality has this name. Write the whole name, for example Kuopio.")
    CHOICE = "choice", _("This value is not known here. Choose one of those that are offered.")
    MINOR_ACTOR = "minor_actor", _("The client is under 18: choose who acts.")
    MINOR_CHECKED = "minor_checked", _("The client is under 18: ask about the home municipality's duty of guidance first, and write the day.")
    PROTECTED = "protected", _("A person under non-disclosure does not come by import. Nothing of this line is kept: add the client by hand.")
    SHAPE = "shape", _("The line has more cells than there are columns. Check where they are divided.")


WHOLE_LINE = ""


@dataclass(frozen=True)
class Known:
    """What a list is judged against: municipalities by folded name and by code; what stands for every line without its own."""

    municipalities: Mapping[str, object]
    today: date
    first_step: str = ""
    first_due_on: date | None = None


@dataclass
class Judged:
    """`client` and `pathway` are the fields to store; whole only when there are no faults."""

    faults: dict[str, str] = field(default_factory=dict)
    client: dict = field(default_factory=dict)
    pathway: dict = field(default_factory=dict)
    first_step: str = ""
    first_due_on: date | None = None

    @property
    def name(self) -> str:
        """Folded, as the search for likely the same person wants it; empty when the line names nobody."""
        names = [self.client.get(column, "") for column in (Column.FAMILY_NAME, Column.GIVEN_NAMES)]
        return fold_name(" ".join(names)) if all(names) else ""

    @property
    def birth_date(self) -> date | None:
        return self.client.get(Column.BIRTH_DATE)


def judge(values: Mapping[str, str], known: Known) -> Judged:
    found = Judged()

    def take(column: str, rule, *arguments):
        text = values.get(column, "")
        try:
            if len(text) > LONGEST.get(column, 100):
                raise Wrong(Fault.TOO_LONG)
            if FORMULA.match(text):
                raise Wrong(Fault.FORMULA)
            return rule(text, *arguments)
        except Wrong as wrong:
            found.faults[column] = wrong.fault
            return None

    client = found.client
    client[Column.FAMILY_NAME] = take(Column.FAMILY_NAME, _name) or ""
    client[Column.GIVEN_NAMES] = take(Column.GIVEN_NAMES, _name) or ""
    client[Column.BIRTH_DATE] = take(Column.BIRTH_DATE, _past_day, known.today, True)
    for column in PLAIN:
        client[column] = take(column, str) or ""
    client[Column.EMAIL] = take(Column.EMAIL, _email) or ""
    municipality = take(Column.MUNICIPALITY, _municipality, known.municipalities)
    if municipality:
        client |= {"municipality": municipality, "municipality_code": municipality.code}
    for column in CHOICES:
        code = take(column, _choice, column) or ""
        (found.pathway if column in OF_PATHWAY else client)[column] = code
    client[Column.SERVICE_LANGUAGE] = client[Column.SERVICE_LANGUAGE] or "fi"
    found.pathway[Column.EDUCATION_BACKGROUND] = found.pathway[Column.EDUCATION_BACKGROUND] or EducationBackground.UNKNOWN
    client[Column.MINOR_CHECKED_ON] = take(Column.MINOR_CHECKED_ON, _past_day, known.today, False)
    _ask_about_minor(found, known.today)
    found.first_step = take(Column.FIRST_STEP, _or_else, known.first_step) or ""
    found.first_due_on = take(Column.FIRST_DUE_ON, _coming_day, known)
    found.client = {str(column): value for column, value in client.items()}
    found.pathway = {str(column): value for column, value in found.pathway.items()}
    found.faults = {str(column): str(Fault(fault).value) for column, fault in found.faults.items()}
    return found


def _name(text: str) -> str:
    if not text:
        raise Wrong(Fault.MISSING)
    if not any(character.isalpha() for character in text):
        raise Wrong(Fault.NO_NAME)
    return text


def _past_day(text: str, today: date, is_required: bool) -> date | None:
    found = read_day(text)
    if found is None and is_required:
        raise Wrong(Fault.MISSING)
    if found and found > today:
        raise Wrong(Fault.FUTURE)
    return found


def _coming_day(text: str, known: Known) -> date:
    found = read_day(text) or known.first_due_on
    if found is None:
        raise Wrong(Fault.MISSING)
    if found < known.today:
        raise Wrong(Fault.PAST)
    return found


def _or_else(text: str, otherwise: str) -> str:
    if not (text or otherwise):
        raise Wrong(Fault.MISSING)
    return text or otherwise


def _email(text: str) -> str:
    if text:
        try:
            validate_email(text)
        except ValidationError:
            raise Wrong(Fault.EMAIL) from None
    return text


def _municipality(text: str, known: Mapping[str, object]):
    if not text:
        return None
    found = known.get(text.casefold()) or known.get(text.zfill(3))
    if found is None:
        raise Wrong(Fault.MUNICIPALITY)
    return found


def _choice(text: str, column: str) -> str:
    if not text:
        return ""
    code = words_of(column).get(folded(text))
    if code is None:
        raise Wrong(Fault.CHOICE)
    return code


@cache
def words_of(column: str) -> dict[str, str]:
    """What may stand in a column of codes."""
    words = headers.words_of(CHOICES[column])
    if column == Column.SERVICE_LANGUAGE:
        words |= {"suomi": "fi", "finska": "fi", "finnish": "fi", "ruotsi": "sv", "svenska": "sv", "swedish": "sv", "englanti": "en", "engelska": "en", "english": "en"}
    return words


def _ask_about_minor(found: Judged, today: date) -> None:
    born = found.client[Column.BIRTH_DATE]
    if born is None or _is_adult(born, today):
        return
    for column, fault in ((Column.MINOR_ACTOR, Fault.MINOR_ACTOR), (Column.MINOR_CHECKED_ON, Fault.MINOR_CHECKED)):
        if not found.client[column]:
            found.faults.setdefault(column, fault)


def _is_adult(born: date, today: date) -> bool:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day)) >= ADULT


def is_protected(header: list[str], cells: Iterable[str], place: int | None = None) -> bool:
    """Whether a line says that its person is under non-disclosure, in the column of it or in any other words.

    On the safe side: what is not a plain no is a yes.
    """
    for number, cell in enumerate(cells):
        if number == place or (number < len(header) and SAYS_PROTECTED.search(header[number])):
            if folded(cell) not in NO and not (SAYS_NO.search(cell) and len(cell) < LONGEST_NO):
                return True
        elif SAYS_PROTECTED.search(cell) and not SAYS_NO.search(cell):
            return True
    return False


LONGEST_NO = 30
