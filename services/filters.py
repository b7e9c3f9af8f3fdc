"""Filters of the catalogue: coded values and a word, by GET alone, so that an address can be shared."""
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pilots.filters import ListFilterSet, choice_filter, word_filter
from pilots.words import matching
from services.choices import Delivery, ServiceKind, ServiceLanguage
from services.models import SharedService


class ServiceFilterSet(ListFilterSet):
    q = word_filter(_("Word, for example a subject or a room"))
    kind = choice_filter(_("Kind"), ServiceKind.choices)
    form = choice_filter(_("Form of education"), field_name="education_forms__code")
    language = choice_filter(_("Language"), ServiceLanguage.choices, method="by_language")
    delivery = choice_filter(_("Way"), Delivery.choices)

    class Meta:
        model = SharedService
        fields: list[str] = []

    def by_word(self, services: QuerySet, name: str, value: str) -> QuerySet:
        return services.filter(matching(value))

    def by_language(self, services: QuerySet, name: str, value: str) -> QuerySet:
        # A list of codes as JSON: each code stands between quotes, on both databases.
        return services.filter(languages__icontains=f'"{value}"')


