"""What counts as a word in a text, and how a word is written without its marks."""
import re
import unicodedata

# Longer words are cut, in what is stored and in what is asked alike.
WORD_LENGTH = 60

# Letters and digits, held together by a hyphen, a colon or an apostrophe inside: "Mänttä-Vilppula", "S:t", "SAKKY:n".
WORD = re.compile(r"[^\W_]+(?:[-:'’‐‑][^\W_]+)*")
_HYPHENS = re.compile("[‐‑]")
_MARKS_OF_FINNISH = frozenset("åäö")


def words_of(text: str) -> list[str]:
    """In the order of the text, capitals kept, composed (NFC). Invisible characters are none: a soft hyphen joins."""
    visible = "".join(
        character for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) != "Cf"
    )
    return [_HYPHENS.sub("-", word)[:WORD_LENGTH].rstrip("-:'’") for word in WORD.findall(visible)]


def fold(word: str) -> str:
    """As typed on a keyboard without å, ä, ö and accents."""
    decomposed = unicodedata.normalize("NFKD", word.replace("ø", "o").replace("æ", "a").replace("đ", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def unfolded(word: str) -> list[str]:
    """What a word typed without its dots may have been, likelier ones first.

    Finnish vowel harmony: each part of a compound has only a, o, u or only ä, ö, y, so one border between plain and
    dotted vowels (either way round) covers a compound of two. Swedish: any one or two vowels.
    """
    places = [place for place, letter in enumerate(word) if letter in "ao"][:12]
    found: dict[str, None] = {}
    dots = {"a": "ä", "o": "ö"}
    for border in range(len(places) + 1):
        for dotted in (places[border:], places[:border]):
            found[_replaced(word, {place: dots[word[place]] for place in dotted})] = None
    options = [(place, mark) for place in places for mark in ("åä" if word[place] == "a" else "ö")]
    for number, (place, mark) in enumerate(options):
        found[_replaced(word, {place: mark})] = None
        for other, other_mark in options[number + 1:]:
            if other != place:
                found[_replaced(word, {place: mark, other: other_mark})] = None
    found.pop(word, None)
    return list(found)


def has_dots(word: str) -> bool:
    """Whether å, ä or ö was typed: then the plain letter is not what was meant."""
    return not _MARKS_OF_FINNISH.isdisjoint(word)


def _replaced(word: str, letters: dict[int, str]) -> str:
    return "".join(letters.get(place, letter) for place, letter in enumerate(word))
