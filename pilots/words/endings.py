"""Base forms of Finnish names that no dictionary knows ("Suupohjan", "Gradiassa", "Vuohijoella").

The rule, our own, from the grammar of Finnish nouns: take off one case ending, then undo what the stem did before it:
the stem vowel (joe- : joki), the types -nen : -se-, -s : -kse- and -s : -de-, and consonant gradation (Lapi- : Lappi).
Every base form that comes out is kept: a wrong one is no word and so meets nothing.
"""

# Generic last parts of place names, in base form; the dictionary knows their inflection, gradation included.
PLACE_ENDINGS = frozenset({
    "aho", "harju", "joki", "järvi", "kangas", "kari", "kaupunki", "korpi", "koski", "kylä", "lahti", "lampi", "linna", "luoto", "maa", "mäki",
    "niemi", "niska", "pelto", "perä", "pohja", "puro", "pää", "ranta", "saari", "salmi", "salo", "selkä", "suo", "taipale", "vaara", "vesi",
    "virta", "vuori",
})

# Longest first. A case ending follows a vowel; each with what the stem must end in for it to be one.
_CASES = ("ssa", "ssä", "sta", "stä", "lla", "llä", "lta", "ltä", "lle", "ksi", "na", "nä", "n")
_VOWELS = frozenset("aeiouyåäö")
# Stem before the ending : base form.
_STEMS = (("kse", "s"), ("se", "nen"), ("si", "nen"), ("ude", "us"), ("yde", "ys"), ("de", "si"), ("ee", "e"), ("e", "i"))
# Weak grade : strong grades, before the stem's last vowel.
_GRADES = (
    ("ng", ("nk",)), ("nn", ("nt",)), ("mm", ("mp",)), ("ll", ("lt",)), ("rr", ("rt",)),
    ("t", ("tt",)), ("p", ("pp",)), ("k", ("kk",)), ("d", ("t",)), ("v", ("p",)),
)
SHORTEST_NAME = 4


def base_forms(word: str) -> set[str]:
    """Possible base forms of a lower-case word, itself left out; empty when it has no case ending."""
    found: set[str] = set()
    for stem in _stems(word):
        found.add(stem)
        for ending, base in _STEMS:
            if stem.endswith(ending):
                found.add(stem[: -len(ending)] + base)
        if stem.endswith("i") and stem[-2] not in _VOWELS:
            # A name that ends in a consonant takes an i before the ending: Boxissa, Liljendalin.
            found.add(stem[:-1])
        before, last = stem[:-1], stem[-1]
        for weak, strong_grades in _GRADES:
            if before.endswith(weak) and len(before) > len(weak) and before[-len(weak) - 1] != weak[0]:
                found.update(before[: -len(weak)] + strong + last for strong in strong_grades)
                break
    if word.endswith("sten"):
        found.add(word[:-4] + "nen")
    if word.endswith(("sta", "stä")):
        found.add(word[:-3] + "nen")
    if word.endswith("s"):
        # The Swedish genitive of a name.
        found.add(word[:-1])
    return {form for form in found if len(form) >= SHORTEST_NAME} - {word}


def _stems(word: str) -> set[str]:
    """The word less one case ending; several when the ending can be cut in more than one way."""
    stems = set()
    for ending in _CASES:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 3 and stem[-1] in _VOWELS:
            stems.add(stem)
            break
    # Into: the last vowel doubled, or h and a vowel, or -seen. Partitive: the last vowel doubled, or -ta after two vowels.
    if len(word) > 5 and word.endswith("n") and word[-2] in _VOWELS:
        if word[-3] == word[-2]:
            stems.add(word[:-2])
        elif word[-3] == "h" and word[-4] == word[-2]:
            stems.add(word[:-3])
        if word.endswith("seen"):
            stems.add(word[:-4])
    if len(word) > 4 and word[-1] in "aä":
        if word[-2] == word[-1]:
            stems.add(word[:-1])
        elif word[-2] == "t" and word[-3] in _VOWELS and word[-4] in _VOWELS:
            stems.add(word[:-2])
    return stems
