"""What stands many times on the page of one pathway: its addresses, and what its codes mean. Each is made once a process."""
from functools import cache

from django import template
from django.db.models import Model
from django.utils.translation import get_language

from accounts.addresses import address

register = template.Library()

# Written into addresses that are kept, in place of a client's: what is kept of an address is the same for every client.
ANY_PSEUDONYM, ANY_ROW = "2222-2222", 111_111_111_111_111_111


@register.simple_tag
def pathway_url(name: str, pseudonym: str, pk: int | None = None) -> str:
    """`{% url %}` of a view under a pathway, or of a row of it."""
    if pk is None:
        return address(name, ANY_PSEUDONYM).replace(ANY_PSEUDONYM, pseudonym)
    return address(name, ANY_PSEUDONYM, ANY_ROW).replace(ANY_PSEUDONYM, pseudonym).replace(str(ANY_ROW), str(pk))


@register.filter
def words(row: Model, field: str) -> str:
    """`get_<field>_display`, which makes a dictionary of all the words anew each time."""
    return _words(type(row), field, get_language()).get(getattr(row, field), "")


@cache
def _words(model: type[Model], field: str, language: str) -> dict[str, str]:
    return {code: str(label) for code, label in model._meta.get_field(field).flatchoices}
