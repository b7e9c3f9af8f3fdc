"""Identity providers: where people sign in with an account of their organisation, or show who they are to the state's satisfaction.

They are read from the environment (settings.IDENTITY_PROVIDERS), never from the database: whoever can write a row could
otherwise let anybody in. A strong one counts as a second factor, and is what the client's own page asks for.
"""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import get_language

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
FOR = ("staff", "clients", "both")
KNOWN = {"id", "name", "issuer", "client_id", "secret", "for", "strong", "acr", "mail_domains", "authorization_origin"}


@dataclass(frozen=True)
class IdentityProvider:
    """`acr`: levels of assurance of which the provider must state one. `mail_domains`: staff with such an address are let in by it."""

    id: str
    names: Mapping[str, str]
    issuer: str
    client_id: str
    secret: str
    audience: str
    strong: bool = False
    acr: tuple[str, ...] = ()
    mail_domains: tuple[str, ...] = ()
    authorization_origin: str = ""

    @property
    def name(self) -> str:
        return self.names.get(get_language() or "", "") or self.names["fi"]

    @property
    def is_for_staff(self) -> bool:
        return self.audience in ("staff", "both")

    @property
    def is_for_clients(self) -> bool:
        return self.audience in ("clients", "both")

    @property
    def origins(self) -> tuple[str, ...]:
        """Where its sign-in form may be sent on to (Content-Security-Policy: form-action holds over redirects)."""
        issuer = urlsplit(self.issuer)
        return tuple(dict.fromkeys(origin for origin in (f"{issuer.scheme}://{issuer.netloc}", self.authorization_origin) if origin))

    def answers_for(self, email: str) -> bool:
        return email.rpartition("@")[2].lower() in self.mail_domains


def read_providers(given: Any) -> tuple[IdentityProvider, ...]:
    """The providers that the environment describes; ValueError with a sentence for the first thing that is wrong."""
    if not isinstance(given, list):
        raise ValueError("it is a list of objects")
    found = tuple(_read(one) for one in given)
    for word, values in (("id", [one.id for one in found]), ("issuer and client_id", [(one.issuer, one.client_id) for one in found])):
        if len(set(values)) < len(values):
            raise ValueError(f"two providers have the same {word}")
    return found


def _read(one: Any) -> IdentityProvider:
    if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", one["id"]):
        raise ValueError("each provider has an id of small letters, digits and hyphens")
    which = one["id"]
    if unknown := set(one) - KNOWN:
        raise ValueError(f"{which}: unknown word {sorted(unknown)[0]}")
    names = one.get("name")
    if not isinstance(names, dict) or not all(isinstance(names.get(code), str) and names[code].strip() for code in ("fi", "sv", "en")):
        raise ValueError(f"{which}: name has fi, sv and en")
    for key in ("issuer", "client_id", "secret"):
        if not isinstance(one.get(key), str) or not one[key]:
            raise ValueError(f"{which}: {key} is missing")
    for key in ("issuer", "authorization_origin"):
        if one.get(key) and not is_safe(one[key]):
            raise ValueError(f"{which}: {key} must begin with https://")
    if one.get("for") not in FOR:
        raise ValueError(f"{which}: for is staff, clients or both")
    if not isinstance(one.get("strong", False), bool):
        raise ValueError(f"{which}: strong is true or false")
    for key in ("acr", "mail_domains"):
        if not isinstance(one.get(key, []), list) or not all(isinstance(value, str) and value for value in one.get(key, [])):
            raise ValueError(f"{which}: {key} is a list of words")
    return IdentityProvider(
        id=which,
        names=names,
        issuer=one["issuer"],
        client_id=one["client_id"],
        secret=one["secret"],
        audience=one["for"],
        strong=one.get("strong", False),
        acr=tuple(one.get("acr", [])),
        mail_domains=tuple(domain.lower().removeprefix("@") for domain in one.get("mail_domains", [])),
        authorization_origin=one.get("authorization_origin", "").rstrip("/"),
    )


def is_safe(url: str) -> bool:
    """Encrypted, or never on a network."""
    parts = urlsplit(url)
    return bool(parts.netloc) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))


def providers() -> tuple[IdentityProvider, ...]:
    return settings.IDENTITY_PROVIDERS


def provider_by_id(provider_id: str) -> IdentityProvider | None:
    return next((one for one in providers() if one.id == provider_id), None)


def providers_for(audience: str) -> list[IdentityProvider]:
    """Those that "staff" or "clients" may use."""
    return [one for one in providers() if one.audience in (audience, "both")]
