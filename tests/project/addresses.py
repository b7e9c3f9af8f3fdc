"""Every address of the portal, read from the URL configuration itself."""
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern


@dataclass(frozen=True)
class Address:
    name: str
    parameters: tuple[str, ...]
    in_languages: bool


def every_address() -> list[Address]:
    found = {address.name: address for address in _walk(get_resolver(), "", (), False)}
    return [found[name] for name in sorted(found)]


def _walk(resolver: URLResolver, namespace: str, parameters: tuple[str, ...], in_languages: bool) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        own = (*parameters, *_parameters(entry))
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, inner, own, in_languages or isinstance(entry.pattern, LocalePrefixPattern))
        elif isinstance(entry, URLPattern):
            assert entry.name, f"{entry.pattern} has no name: no table can hold it"
            yield Address(f"{namespace}{entry.name}", own, in_languages)


def _parameters(entry: URLPattern | URLResolver) -> tuple[str, ...]:
    pattern = entry.pattern
    return tuple(getattr(pattern, "converters", {})) or tuple(getattr(getattr(pattern, "regex", None), "groupindex", {}) or ())
