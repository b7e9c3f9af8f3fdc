"""Parts of an address that name a row."""
from django.urls import register_converter


class RowConverter:
    """The number of a row, no longer than the databases' integers hold: one that cannot exist is no address."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RowConverter, "row")
