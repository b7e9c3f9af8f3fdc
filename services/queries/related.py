"""Other services that a reader of one may want, with the reason."""
from collections.abc import Sequence
from math import cos, radians

from django.db.models import Exists, ExpressionWrapper, F, FloatField, OuterRef
from django.utils.translation import gettext as _

from pilots.models import EducationForm
from pilots.permissions import Acting
from pilots.queries.related import MOST, Related
from pilots.queries.similar import kilometres
from services.choices import Publication
from services.models import SharedService
from services.queries.catalogue import visible_services

# As far as somebody goes for a room or a course.
WITHIN_KM = 100.0


def services_like(service: SharedService, forms: Sequence[EducationForm], acting: Acting) -> list[Related]:
    """The nearest public ones of the same kind and for the same form of education, of those that the reader sees. One query; none without a place."""
    here = service.place.municipality if service.place else None
    if not forms or here is None or here.latitude is None or here.longitude is None:
        return []
    through = SharedService.education_forms.through
    rows = visible_services(acting).filter(Exists(through.objects.filter(sharedservice=OuterRef("pk"), educationform__in=forms)), state=Publication.PUBLIC, kind=service.kind, place__municipality__latitude__isnull=False)
    north, east = F("place__municipality__latitude") - here.latitude, (F("place__municipality__longitude") - here.longitude) * cos(radians(here.latitude))
    # In squared degrees: to choose the nearest no more is needed.
    rows = rows.exclude(pk=service.pk).annotate(away=ExpressionWrapper(north * north + east * east, output_field=FloatField())).select_related("place__municipality").order_by("away", "pk")
    found = []
    for one in rows[:MOST]:
        there = one.place.municipality
        km = kilometres(here.latitude, here.longitude, there.latitude or 0.0, there.longitude or 0.0)
        if km <= WITHIN_KM:
            words = _("Same form of education, in the same municipality") if there.pk == here.pk else _("Same form of education nearby, %(distance)s km away") % {"distance": f"{km:.0f}"}
            found.append(Related(one, words))
    return found
