"""What one can study in a municipality and near it: what the areas tell, and what is known of bodies whose home is there."""
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F
from django.http import Http404

from pilots.choices import ProvisionWay
from pilots.models import EducationForm, Municipality, Organisation, PilotArea, Provision, Unit
from pilots.queries.similar import kilometres

REACH_KM = 60
PROVISION_FIELDS = ("municipality", "form", "way", "provider", "place", "place_in", "in_finnish", "in_swedish", "check_by", "source")
LANGUAGES = {"fi": "in_finnish", "sv": "in_swedish"}


@dataclass(frozen=True)
class Way:
    """One way to a form of education. `distance_km` runs as the crow flies between the positions of the two municipalities; None when one is not known or it is taught remotely."""

    provision: Provision
    distance_km: float | None


@dataclass
class Offered:
    """A form of education in a municipality. Told: `ways`, or missing; else nobody has told. `known` are bodies that give it and have their home there."""

    form: EducationForm
    ways: list[Way] = field(default_factory=list)
    missing: Provision | None = None
    known: list[Organisation | Unit] = field(default_factory=list)

    @property
    def is_told(self) -> bool:
        return bool(self.ways or self.missing or self.known)


def distance_between(municipality: Municipality, other: Municipality) -> float | None:
    if municipality.latitude is None or municipality.longitude is None or other.latitude is None or other.longitude is None:
        return None
    return kilometres(municipality.latitude, municipality.longitude, other.latitude, other.longitude)


def open_provisions():
    return Provision.objects.filter(ended_at=None).select_related("form", "provider", "municipality", "place_in", "area").order_by("form__position", "pk")


def _way(provision: Provision, municipality: Municipality) -> Way:
    place = provision.place_in or (provision.municipality if provision.way != ProvisionWay.OTHER_MUNICIPALITY else None)
    return Way(provision, None if provision.way == ProvisionWay.REMOTE or place is None else distance_between(municipality, place))


def availability(municipality: Municipality) -> list[Offered]:
    """Every form of education, in the order of a learner's life; four queries."""
    offered = {form.pk: Offered(form) for form in EducationForm.objects.defer("loaded").order_by("position")}
    for provision in open_provisions().filter(municipality=municipality):
        if provision.way == ProvisionWay.MISSING:
            offered[provision.form_id].missing = provision
        else:
            offered[provision.form_id].ways.append(_way(provision, municipality))
    for body, form in _known_in([municipality.pk]):
        offered[form].known.append(body)
    return list(offered.values())


def _known_in(municipalities: Iterable[int]) -> list[tuple[Organisation | Unit, int]]:
    """Bodies of the loaded network with the forms that they give, by their home municipality; two queries."""
    found: list[tuple[Organisation | Unit, int]] = []
    for model in (Organisation, Unit):
        rows = model.objects.filter(municipality__in=list(municipalities), education_forms__isnull=False).annotate(form_given=F("education_forms"))
        found += [(body, body.form_given) for body in rows.defer("loaded", "search_words").order_by("pk")]
    return found


@dataclass(frozen=True)
class Reach:
    """What a learner may reach: told ways, the nearest first, and bodies of the network that give it in a municipality within reach."""

    forms: list[EducationForm]
    ways: list[Way]
    known: list[tuple[Organisation | Unit, EducationForm, float]]
    missing: list[EducationForm]


def within_reach(municipality: Municipality, codes: Iterable[str], language: str) -> Reach:
    """Within REACH_KM as the crow flies, or remote anywhere; in `language` where one is asked for. A body's own languages are not known."""
    forms = list(EducationForm.objects.filter(code__in=list(codes)).defer("loaded").order_by("position"))
    rows = open_provisions().filter(form__in=forms)
    told = rows.exclude(way=ProvisionWay.MISSING)
    if language in LANGUAGES:
        told = told.filter(**{LANGUAGES[language]: True})
    ways = []
    for provision in told:
        way = _way(provision, municipality)
        if provision.municipality_id == municipality.pk or provision.way == ProvisionWay.REMOTE or (way.distance_km is not None and way.distance_km <= REACH_KM):
            ways.append(way)
    ways.sort(key=lambda way: (way.provision.form.position, way.provision.municipality_id != municipality.pk, way.distance_km or 0, way.provision.pk))
    once: dict[tuple, Way] = {}
    for way in ways:
        once.setdefault(_same_to_a_learner(way), way)
    ways = list(once.values())
    missing = [one.form for one in rows.filter(municipality=municipality, way=ProvisionWay.MISSING)]
    near = {one.pk: distance for one in Municipality.objects.filter(valid_to=None).only("latitude", "longitude") if (distance := distance_between(municipality, one)) is not None and distance <= REACH_KM}
    form_of = {form.pk: form for form in forms}
    known = [(body, form_of[form], near[body.municipality_id]) for body, form in _known_in(near) if form in form_of and body.municipality_id]
    known.sort(key=lambda one: (one[1].position, one[2], one[0].pk))
    return Reach(forms, ways, known, missing)


def _same_to_a_learner(way: Way) -> tuple:
    """Several municipalities tell of one remote course, or of one school that takes pupils of them all: a learner is told of it once, the nearest first."""
    told = way.provision
    where = None if told.way == ProvisionWay.REMOTE else told.place_in_id or told.municipality_id
    return (told.form_id, told.provider_id, told.way, told.place, where, told.in_finnish, told.in_swedish)


def get_provision(area: PilotArea, pk: int) -> Provision:
    """One of this very area, an ended one too. Raises Http404."""
    found = Provision.objects.filter(area=area, pk=pk).select_related("form", "municipality", "provider", "place_in").first()
    if found is None:
        raise Http404
    return found
