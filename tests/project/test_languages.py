"""Finnish, Swedish and English complete: no untranslated text in the catalogues, none on the pages."""
import re
from collections import Counter
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

from kopa_portal.management.commands.makemessages import folder_of
from tests.project.walk import stops

# Reviewed: the same word in both languages, a name, a code, or a text whose language is marked. One reason a line.
SAME_IN_BOTH = {
    "KOPA",
    "Idea",
    "idea",
    "Video",
    "video",
    "Status",
    "Partner",
    *(f"Partner {number}" for number in range(1, 10)),
    "Alue",  # a column of the made file of figures
    "Kuntaliitto",  # its name in the demo world
    "Traficom",
    "EUPL-1.2",
    "CSC",
    "GeoNames",
    "Natural Earth",
    "CC BY 4.0",
    "Svenska",  # each language by its own name in the switch
    "Suomi",
    "English",
    "Kela",
    "PDF",
    "A1",  # levels of a language
    "A2",
    "B1",
    "B2",
    "C1-C2",
    "TE",  # the services' own abbreviation
    "25 km",  # distances
    "50 km",
    "100 km",
    "200 km",
    "Start",  # the same word in Swedish
    "TOTP",
    "Organisation",  # Swedish spells it alike
    "Person",  # Swedish spells it alike
    "Reform",  # Swedish spells it alike
    "Text",  # Swedish spells it alike
    "Under 20",  # and this
    "/hsds/",  # an address, and a file at it
    "bulk.zip",
}
# Pages for developers only, in English.
ENGLISH_PAGES = {"gallery"}


def catalogue(language: str) -> list[Message]:
    """The common one and those of the apps."""
    found = []
    for folder in settings.LOCALE_PATHS:
        with (folder / language / "LC_MESSAGES" / "django.po").open("rb") as text:
            found += read_po(text, locale=language)
    return found


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_languages_catalogues_share_no_text(language):
    """Corrected in one of two places, a text would stay wrong."""
    times = Counter((message.id, message.context) for message in catalogue(language) if message.id)

    assert {text for text, count in times.items() if count > 1} == set()


@pytest.mark.parametrize(
    "places, folder",
    [
        (["guidance/forms/steps.py:12", "templates/guidance/waiting.html:3"], "guidance"),
        (["templates/services/catalogue.html:3"], "services"),
        (["guidance/choices/part.py:1", "services/choices.py:1"], "locale"),
        (["pilots/choices.py:1"], "locale"),
        (["templates/components/_note.html:1"], "locale"),
    ],
)
def test_languages_text_goes_to_the_catalogue_of_the_app_that_uses_it(places, folder):
    assert folder_of(places).name == folder


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_languages_catalogue_is_complete(language):
    wrong = [message.id for message in catalogue(language) if message.id and (message.fuzzy or not _whole(message.string))]

    assert wrong == []


def _whole(text) -> bool:
    return all(text) if isinstance(text, (list, tuple)) else bool(text)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_languages_catalogue_keeps_placeholders(language):
    """A translation has the placeholders of its original, so that no page fails in one language only; that of the singular may be without the number, as its original is."""
    wrong = []
    for message in catalogue(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        expected = placeholders(" ".join(ids))
        wrong += [text for original, text in zip(ids, strings, strict=True) if message.id and placeholders(text) not in (expected, placeholders(original))]

    assert wrong == []


KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}


def texts_in(code: str) -> set[str]:
    """The texts to translate in Python code, and in a template that `templatize` has made into such; plurals by their singular."""
    found = extract("python", BytesIO(code.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    return {text if isinstance(text, str) else text[0] for _line, text, _comments, _context in found} - {""}


def test_languages_every_text_is_in_the_catalogues():
    """The texts of code, pages and mails, collected afresh, are all in both catalogues."""
    root = Path(settings.BASE_DIR)
    known = {language: {message.id if isinstance(message.id, str) else message.id[0] for message in catalogue(language)} for language in ("fi", "sv")}
    code = [path.read_text() for app in ("accounts", "pilots", "services", "guidance", "summaries", "kopa_portal") for path in (root / app).rglob("*.py")]
    templates = [templatize(path.read_text()) for kind in ("html", "txt") for path in (root / "templates").rglob(f"*.{kind}")]
    texts = set().union(*map(texts_in, code + templates))

    missing = [f"{language}: {text}" for language in known for text in sorted(texts - known[language])]

    assert len(texts) > 500
    assert missing == []


@pytest.mark.parametrize(
    "text", ['{% translate "Hello there" %}', "{% blocktranslate trimmed %}\n  Hello there\n{% endblocktranslate %}", '{% translate "Hello there" context "mail" as words %}']
)
def test_languages_text_of_a_template_is_found(text):
    assert texts_in(templatize(text)) == {"Hello there"}


class Texts(HTMLParser):
    """Text nodes and human-readable attributes with a letter, less what is marked as another language or as data."""

    ATTRIBUTES = {"title", "alt", "aria-label", "placeholder", "aria-description"}
    VOID = {"meta", "link", "input", "br", "img", "hr", "source", "wbr", "path", "circle", "rect", "line", "use", "polygon", "polyline", "ellipse"}

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language, self.stack, self.found = language, [], set()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        marked = values.get("lang") not in (None, self.language) or tag in ("script", "style", "code") or "data-content" in values
        hidden = marked or (self.stack[-1][1] if self.stack else False)
        if not hidden:
            self.found |= {value.strip() for name, value in attributes if name in self.ATTRIBUTES and value and re.search(r"[^\W\d_]", value)}
        if tag not in self.VOID:
            self.stack.append((tag, hidden))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        text = " ".join(data.split())
        if re.search(r"[^\W\d_]", text) and not (self.stack and self.stack[-1][1]):
            self.found.add(text)


def texts_of(html: str, language: str) -> set[str]:
    parser = Texts(language)
    parser.feed(html)
    return parser.found


@pytest.mark.django_db
@pytest.mark.once
@pytest.mark.parametrize("half", range(2))  # for the second process
def test_languages_every_page_is_in_its_language(world, client_of, half):
    """It says which it is in; and a text that reads the same in English is content of the database, reviewed, or a fault."""
    content = database_texts()
    wrong = []
    for there in zip(*(stops(world, language)[half::2] for language in ("en", "fi", "sv")), strict=True):
        client = client_of(there[0].person)
        answers = {language: client.get(stop.path) for language, stop in zip(("en", "fi", "sv"), there, strict=True)}
        pages = {language: answer.content.decode() for language, answer in answers.items() if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html")}
        wrong += [f"{there[0].name} is not said to be {language}" for language, page in pages.items() if f'<html lang="{language}"' not in page]
        if there[0].name not in ENGLISH_PAGES and pages:
            english = texts_of(pages.pop("en"), "en")
            wrong += [f"{there[0].name}: {text}" for language, page in pages.items() for text in sorted(texts_of(page, language) & english) if not is_content(text, content) and text not in SAME_IN_BOTH]

    assert not wrong, "\n".join(wrong)


def database_texts() -> set[str]:
    """Every stored text of our own models, whole and by its words; of a list of texts, each, as the cells of a client list are."""
    from django.apps import apps
    from django.db.models import CharField, JSONField, TextField

    texts: set[str] = set()
    for model in apps.get_models():
        fields = [field.name for field in model._meta.get_fields() if isinstance(field, (CharField, JSONField, TextField))]
        for row in model._default_manager.values_list(*fields) if fields else []:
            stored = [one for value in row for one in (value if isinstance(value, list) else [value])]
            texts |= {" ".join(str(value).split()) for value in stored if value and not isinstance(value, (dict, list))}
    return texts


def is_content(text: str, content: set[str]) -> bool:
    """Stored texts, whole or cut, and what stands between them without a letter of its own, or an address."""
    if text in content or "@" in text or (text.endswith("…") and any(stored.startswith(text[:-1]) for stored in content)):
        return True
    for stored in sorted((one for one in content if len(one) > 2 and one in text), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(stored)}(?!\w)", " ", text)
    return not re.search(r"[^\W\d_]", re.sub(r"KOPA|\bkm\b", "", text))


def test_languages_guard_sees_an_untranslated_text():
    html = '<p>Hello there</p><p lang="en">Hello you</p><img alt="A picture">'

    assert texts_of(html, "fi") == {"Hello there", "A picture"}


@pytest.mark.django_db
def test_languages_stored_choice_redirects_only_the_root(client_of):
    client = client_of("visitor")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "sv"

    assert client.get("/").url == "/sv/"
    assert client.get("/areas/").status_code == 200
    assert client.get("/sv/").status_code == 200


@pytest.mark.parametrize("path", ["pilots/choices/people.py", "guidance/choices/handoff.py", "guidance/queries/handoff_words.py", "templates/pilots/join_decide.html", "templates/guidance/handoff_detail.html", "templates/guidance/handoff_decline.html", "templates/guidance/outside_open.html", "pilots/models/organisation.py", "templates/pilots/_home_municipality.html"])
def test_word_that_is_two_in_finnish_has_its_context(path):
    """A request to join is refused and a client is not taken; an organisation's home is not a person's home municipality."""
    text = (Path(settings.BASE_DIR) / path).read_text(encoding="utf-8")
    words = "home municipality" if "municipality" in path or "organisation" in path else "decline|declined"

    bare = re.findall(rf"""(?:_\(|translate )"(?i:{words})"(?:\)| %)""", text)

    assert (bare, bool(re.search(rf'(?i:"(?:{words})")', text))) == ([], True)
