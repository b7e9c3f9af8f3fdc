"""Parts of an address that name a pathway."""


class PseudonymConverter:
    """K7F3-92QX: no other text reaches a view, so that an address never holds a name."""

    regex = "[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
