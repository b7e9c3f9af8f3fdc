"""Fields that many things have: texts in several languages, and the address of the page."""
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.addresses import in_public_name

TEXTS = {"type": "object", "description": "The text by language, in those languages in which it has been written.", "properties": {code: {"type": "string"} for code in ("fi", "sv", "en")}, "additionalProperties": False}


@extend_schema_field(TEXTS)
class Texts(serializers.Field):
    """`<stem>_fi`, `<stem>_sv`, `<stem>_en`, as far as they are written."""

    def __init__(self, stem: str, **kwargs: Any) -> None:
        self.stem = stem
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, thing: Any) -> dict[str, str]:
        return {code: text for code in ("fi", "sv", "en") if (text := getattr(thing, f"{self.stem}_{code}", ""))}


class Page(serializers.Field):
    """The address of the thing's page in the portal, in the reader's language."""

    def __init__(self, source: str = "*", **kwargs: Any) -> None:
        super().__init__(source=source, read_only=True, **kwargs)

    def to_representation(self, thing: Any) -> str:
        return in_public_name(thing.get_absolute_url())


extend_schema_field({"type": "string", "format": "uri"})(Page)


class Codes(serializers.ListField):
    """Codes of things that a row names; `of` is what is asked of each."""

    child = serializers.CharField()

    def __init__(self, of: str, **kwargs: Any) -> None:
        self.of = of
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, things: Any) -> list[str]:
        return [str(getattr(thing, self.of)) for thing in (things.all() if hasattr(things, "all") else things)]


class Label(serializers.Field):
    """A coded value in the reader's words."""

    def __init__(self, field: str, **kwargs: Any) -> None:
        self.of = field
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, thing: Any) -> str:
        return str(getattr(thing, f"get_{self.of}_display")())


extend_schema_field({"type": "string"})(Label)


class Thing(serializers.Serializer):
    """What has a name and a page."""

    name = serializers.CharField(help_text="In the language asked for, else in Finnish or Swedish.")
    names = Texts("name")
    url = Page()


class NamedCode(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
