"""What the search over everything finds among the shared services: what the reader's catalogue would, and no other."""
from functools import cache

from django.db.models import F
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.addresses import address
from accounts.templatetags.kopa import content_in
from pilots.models.base import sort_field
from pilots.permissions import Acting
from pilots.queries.prepared import Prepared
from pilots.registries import Asked, Passage, SearchGroup, SearchHit
from pilots.words import holds, marked, passage
from services.choices import ServiceKind
from services.models import SharedService
from services.queries.catalogue import NAMES, chosen_keys
from services.queries.listed import MOST, ORGANISATION, TODAY, holding, listed_services

PLACE = 50
SHOWN = 6
# Of a service that the reader may not use, only its name and who offers it are known.
TEXTS = ("subjects", "target_groups", "description")


def search_services(asked: Asked, acting: Acting) -> list[SearchGroup]:
    """In four queries at most; counted as far as the catalogue counts."""
    found = listed_services(acting, chosen_for(acting)).filter(holding(asked.text))
    keys = list(found.order_by(sort_field(), "pk").values_list("pk", "usable")[: MOST + 1])
    if not keys:
        return []
    usable = dict(keys)
    shown = [pk for pk, _usable in keys[:SHOWN]]
    columns = ("name_fi", "name_sv", "kind", *(f"{text}_{language}" for text in TEXTS for language in ("fi", "sv")))
    rows = SharedService.objects.filter(pk__in=shown).annotate(**{name: F(NAMES[name]) for name in ("provider_fi", "provider_sv", "provider_en")}).only(*columns).in_bulk()
    hits = [_hit(rows[pk], asked, is_usable=usable[pk]) for pk in shown if pk in rows]
    url = f"{address('services:service_list')}?{urlencode({'q': asked.text})}"
    return [SearchGroup("services", PLACE, gettext_lazy("Shared services"), hits, min(len(keys), MOST), len(keys) > MOST, url, gettext_lazy("All shared services with these words"))]


def chosen_for(acting: Acting) -> list[int]:
    return [pk for (pk,) in _chosen().ask(organisation=acting.organisation_id, today=timezone.localdate())] if acting else []


@cache
def _chosen() -> Prepared:
    first, *others = (keys.values_list("sharedservice") for keys in chosen_keys(ORGANISATION, today=TODAY))
    return Prepared(first.union(*others))


def _hit(service: SharedService, asked: Asked, *, is_usable: bool) -> SearchHit:
    language = (get_language() or "fi")[:2]
    shown, code = content_in(service, "name", language)
    provider, _code = content_in(service, "provider", language)
    texts = [(getattr(service, f"name_{other}"), other) for other in ("fi", "sv")]
    texts += [(getattr(service, f"{text}_{other}"), other) for text in TEXTS for other in ("fi", "sv")] if is_usable else []
    passages = [] if holds(shown, asked.words) else [found for text, other in texts if text and text != shown and (found := Passage(passage(text, asked.words), other)).pieces]
    return SearchHit(service.get_absolute_url(), Passage(marked(shown, asked.words), code), [capfirst(str(ServiceKind(service.kind).label)), _("Offered by %(name)s") % {"name": provider}], passages)
