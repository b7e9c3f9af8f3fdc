"""Invented clients: family names that nobody has, telephone numbers and addresses that lead nowhere."""
import random
from dataclasses import dataclass

_BEGINNINGS = ["Hattara", "Kupla", "Untuva", "Sumu", "Nuoska", "Pilvi", "Hämärä", "Välke", "Kuura", "Höyhen", "Tyrsky", "Utu", "Kaiku", "Häive", "Roiske", "Tähti"]
_ENDINGS = ["kainen", "pelto", "ranta", "suonto", "vaara", "lehto", "kallas", "nummi", "selkä", "vuo", "lampi", "tie"]
_BEGINNINGS_SV = ["Bubbel", "Dimm", "Dun", "Glimmer", "Skymnings", "Snöstjärne", "Vågskums", "Ekohalls"]
_ENDINGS_SV = ["kvist", "gren", "sjö", "holm", "åker", "ström", "bäck"]
_OTHERS = ["Nimovar", "Tashkelin", "Ossarova", "Belimane", "Zuhandi", "Rakhonova", "Qendrali", "Amaruse", "Thinvong", "Yaldashi", "Kovelenko", "Sumbara"]
_GIVEN = ["Aino", "Eino", "Helmi", "Onni", "Väinö", "Sisko", "Äijö", "Ritva", "Kalle", "Matti", "Sanna", "Jenni", "Olli", "Päivi", "Teemu", "Laura", "Jyrki", "Hilla", "Tuomo", "Merja", "Niko", "Essi"]
_GIVEN_SV = ["Åsa", "Björn", "Märta", "Gösta", "Linnéa", "Håkan", "Sven", "Ylva"]
_GIVEN_OTHERS = ["Amira", "Yusuf", "Olena", "Minh", "Fatima", "Dmitri", "Layla", "Hodan", "Arben", "Nadia", "Samir", "Irina"]
_LANGUAGES = ["arabia", "ukraina", "venäjä", "somali", "dari", "vietnam", "kurdi"]


@dataclass(frozen=True)
class Identity:
    family_name: str
    given_names: str
    # As the client's fields have them.
    contact: dict[str, str]


def invent(rng: random.Random, number: int) -> Identity:
    """Somebody whom nobody is. `number` tells apart what must differ."""
    draw = rng.random()
    contact = {"phone": f"000 {number // 10_000:03} {number % 10_000:04}", "email": f"asiakas{number}@example.invalid", "address": f"Keksitynkuja {1 + number % 97}"}
    if draw < 0.9:
        family, given = rng.choice(_BEGINNINGS) + rng.choice(_ENDINGS), rng.choice(_GIVEN)
        contact |= {"service_language": "fi", "finnish_level": "native"}
    elif draw < 0.93:
        family, given = rng.choice(_BEGINNINGS_SV) + rng.choice(_ENDINGS_SV), rng.choice(_GIVEN_SV)
        contact |= {"service_language": "sv", "swedish_level": "native", "finnish_level": rng.choice(["a2", "b1", "b2"])}
    else:
        family, given = rng.choice(_OTHERS), rng.choice(_GIVEN_OTHERS)
        contact |= {"service_language": rng.choice(["fi", "fi", "en"]), "finnish_level": rng.choice(["a1", "a2", "a2", "b1", "b2"])}
        if contact["finnish_level"] in ("a1", "a2"):
            contact["interpreter_language"] = rng.choice(_LANGUAGES)
    if rng.random() < 0.05:
        family += f"-{rng.choice(_BEGINNINGS)}{rng.choice(_ENDINGS)}"
    if rng.random() < 0.3:
        second = rng.choice(_GIVEN)
        given += f" {_GIVEN[_GIVEN.index(second) - 1] if second == given else second}"
    if rng.random() < 0.15:
        contact["email"] = ""
    return Identity(family, given, contact)
