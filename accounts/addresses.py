"""Addresses of views, made once for each language: a page of the network holds over a hundred, and making one is slow."""
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

# A hundred bytes or so each: every municipality, organisation and area in three languages, and the frame.
MOST_ADDRESSES = 8192


def address(name: str, *args: str | int) -> str:
    """What `reverse` gives in the reader's language. NoReverseMatch when there is no such view."""
    return _address(name, args, get_language(), get_urlconf(), get_script_prefix())


@lru_cache(maxsize=MOST_ADDRESSES)
def _address(name: str, args: tuple[str | int, ...], language: str | None, urlconf: str | None, prefix: str) -> str:
    return reverse(name, urlconf=urlconf, args=args)


def in_public_name(url: str) -> str:
    """The same address under the portal's public name: whoever asks for a page chooses the host, and with it a mail's links."""
    return settings.PUBLIC_ORIGIN + urlunsplit(("", "", *urlsplit(url)[2:]))
