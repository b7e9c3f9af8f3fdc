"""Two pages for the board of a municipality: how its children and schools are, what can be studied there and what is missing, what
municipalities like it do, what stands in the way, and where all of it is from.

As much as fits two A4 pages, and no more: each table has its most rows and each text its longest, and what is left out is
counted. A figure that has not been loaded is said to be missing. Sources are numbered, and listed at the end.
"""
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import zip_longest

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.templatetags.kopa import short_date
from pilots.choices import LanguageStatus, ObstacleKind, ObstacleStatus
from pilots.models import CooperationModel, Measure, Municipality, PilotArea
from pilots.queries.availability import Offered, availability
from pilots.queries.indicators import Figures, Origin, Series, measures_of
from pilots.queries.municipalities import MunicipalityFacts, memberships_of, municipality_facts
from pilots.queries.similar import Similar, similar_municipalities
from summaries.outline import Block, Cell, Document, Facts, Items, Paragraph, Section, Table, Text, named
from summaries.queries.report_models import public_models, status_words
from summaries.queries.report_obstacles import of_areas, public_obstacles

MEASURES = (
    *("population", "births", "net-migration", "age-0-6", "age-7-15", "age-16-18", "age-65-over", "pupils-basic"),
    *("students-general-upper-secondary", "cost-per-pupil", "unemployment-rate", "annual-margin"),
)
# The change is told over so many years, or the longest time that is known.
CHANGE_OVER, PROJECTED_TO = 5, 15
MINUS = "\N{MINUS SIGN}"
COMPARABLE, MODELS, OBSTACLES, SOURCES = 3, 6, 5, 6
LONGEST_NAME, LONGEST_NAMES, LONGEST_SOURCE = 48, 70, 95
# What one can study is told in the room that the figures leave on the first page.
FORMS, LONGEST_FORM, LONGEST_BODY = 8, 34, 28


def board_pages(code: str) -> Document | None:
    facts = municipality_facts(code)
    if facts is None:
        return None
    place, today, sources = facts.municipality, timezone.localdate(), Sources()
    document = Document(
        about=place.name,
        title=_("%(name)s: education in two pages") % {"name": place.name},
        subtitle=_("For the board and the council. As known to the portal on %(day)s; figures that nobody has loaded are said to be missing.") % {"day": short_date(today)},
        made_on=today,
        file_name=f"board-{place.code}-{today}",
    )
    areas = [row.area for row in facts.own.areas] if facts.own else []
    document.sections = [_key_facts(facts, areas), _figures(place, sources), _availability(place), *_comparable(place, sources), _obstacles(areas), sources.section(facts)]
    return document


class Sources:
    """Each source once, by the number that stands beside a figure."""

    def __init__(self) -> None:
        self.known: dict[Origin, int] = {}

    def number(self, origins: Iterable[Origin]) -> str:
        return ", ".join(str(self.known.setdefault(origin, len(self.known) + 1)) for origin in origins)

    def section(self, facts: MunicipalityFacts) -> Section:
        items: list[Cell] = [self._words(number, origin) for origin, number in list(self.known.items())[:SOURCES]]
        if (left := len(self.known) - SOURCES) > 0:
            items.append(ngettext("and %(count)d more, on the municipality’s page", "and %(count)d more, on the municipality’s page", left) % {"count": left})
        items.append(_("Members, models and obstacles: the portal’s own lists, as they are today."))
        return Section("sources", _("Sources"), [Items(items)])

    def _words(self, number: int, origin: Origin) -> str:
        words = f"{number}. {short(origin.source, LONGEST_SOURCE)}"
        return _("%(source)s, retrieved on %(day)s") % {"source": words, "day": short_date(origin.retrieved_on)} if origin.retrieved_on else words


def short(words: str, length: int = LONGEST_NAME) -> str:
    return Truncator(words).chars(length)


def _short_name(thing: CooperationModel | PilotArea | Municipality) -> Text:
    name = named(thing)
    return Text(short(name.words), name.language, name.url)


def _key_facts(facts: MunicipalityFacts, areas: Sequence[PilotArea]) -> Section:
    place = facts.municipality
    pairs: list[tuple[str, Cell]] = [(_("Municipality code"), place.code)]
    if facts.regions:
        pairs.append((_("Region"), facts.regions[-1].region.name))
    if place.language_status:
        pairs.append((_("Languages"), capfirst(str(LanguageStatus(place.language_status).label))))
    pairs.append((_("Pilot areas"), "; ".join(short(area.name) for area in areas) or _("takes part in none")))
    return Section("facts", _("The municipality"), [Facts(pairs)])


def _figures(place: Municipality, sources: Sources) -> Section:
    measures = {one.pk: one for one in measures_of()}
    chosen = [measures[code] for code in MEASURES if code in measures]
    figures = Figures([place], chosen)
    known = [(measure, series) for measure in chosen if (series := figures.series(measure, [place])).latest is not None or series.projected]
    rows = [_figure(measure, series, sources) for measure, series in known]
    columns = [_("What"), _("Latest"), pgettext("noun", "Change"), _("Projection"), _("Source")]
    section = Section("figures", _("Children, pupils and money"))
    if rows:
        section.blocks.append(Table(_("Yearly figures, observed, and the latest projection apart"), columns, rows, frozenset({1, 2, 3})))
    told = {measure.pk for measure, _series in known}
    # Named in one line: a table of nothing but "missing" hides the figures that there are.
    missing = [measure.name for measure in chosen if measure.pk not in told]
    if missing:
        section.blocks.append(Facts([(_("Missing: not loaded into the portal"), ", ".join(missing))]))
    if not chosen:
        section.blocks.append(Paragraph(_("No measures have been loaded."), is_soft=True))
    return section


def _figure(measure: Measure, series: Series, sources: Sources) -> list[Cell]:
    name = f"{capfirst(measure.name)}, {measure.get_unit_display()}"
    if series.latest is None:
        return [name, _("missing"), "", _projection(measure, series), sources.number(series.origins)]
    year, value = series.latest
    return [name, f"{_number(value, measure)} ({year})", _change(measure, series), _projection(measure, series), sources.number(series.origins)]


def _number(value: Decimal, measure: Measure) -> str:
    return number_format(value, measure.decimals, force_grouping=True)


def _change(measure: Measure, series: Series) -> str:
    """Since five years before the latest, or the first year that is known after that."""
    last = max(series.observed)
    first = min((year for year in series.observed if last - CHANGE_OVER <= year < last), default=None)
    if first is None:
        return _("not known")
    change = series.observed[last] - series.observed[first]
    return _("%(change)s since %(year)s") % {"change": f"{'+' if change > 0 else MINUS if change < 0 else ''}{_number(abs(change), measure)}", "year": first}


def _projection(measure: Measure, series: Series) -> str:
    """The farthest year within fifteen years of when it was made."""
    years = [year for year in series.projected if year <= series.vintage + PROJECTED_TO]
    if not years:
        return _("none loaded")
    return _("%(number)s (%(year)s; made in %(vintage)s)") % {"number": _number(series.projected[max(years)], measure), "year": max(years), "vintage": series.vintage}


def _availability(place: Municipality) -> Section:
    """A line for each form of education that is told of: the first way, and how many more there are. What is missing and what nobody has told are named after them."""
    offered = availability(place)
    section = Section("availability", _("What can be studied"))
    if not offered:
        section.blocks.append(Paragraph(_("No forms of education have been loaded."), is_soft=True))
        return section
    told = [one for one in offered if one.ways]
    if told:
        section.blocks.append(Table(_("As the areas have told"), [_("Form of education"), _("By whom and how"), _("Where and in which language")], [_told(one) for one in told[:FORMS]]))
    kinds = (
        (_("More is told on the municipality’s page of"), told[FORMS:]),
        (_("Missing, as the areas have told"), [one for one in offered if not one.ways and one.missing]),
        (_("Given here as far as is known, and not told by an area"), [one for one in offered if not one.ways and not one.missing and one.known]),
        (_("Not told by anybody"), [one for one in offered if not one.ways and not one.missing and not one.known]),
    )
    section.blocks.append(Facts([(words, ", ".join(short(one.form.name, LONGEST_FORM) for one in forms)) for words, forms in kinds if forms]))
    return section


def _told(one: Offered) -> list[Cell]:
    first, more = one.ways[0], len(one.ways) - 1
    told = first.provision
    provider = short(told.provider.name, LONGEST_BODY) if told.provider else _("nobody")
    words = _("%(provider)s, %(way)s") % {"provider": provider, "way": told.get_way_display()}
    if more:
        words = ngettext("%(way)s, and %(count)d more way", "%(way)s, and %(count)d more ways", more) % {"way": words, "count": more}
    where = short(told.place_in.name if told.place_in else told.place, LONGEST_BODY)
    distance = _("%(km)s km") % {"km": number_format(round(first.distance_km))} if first.distance_km else ""
    languages = [str(label) for spoken, label in ((told.in_finnish, _("in Finnish")), (told.in_swedish, _("in Swedish"))) if spoken]
    return [short(one.form.name, LONGEST_FORM), words, ", ".join(part for part in (where, distance, *languages) if part)]


def _comparable(place: Municipality, sources: Sources) -> list[Section]:
    """The second page begins here, whatever stands on the first."""
    found = similar_municipalities(place, COMPARABLE)
    head = Section("comparable", _("Municipalities like this one"), on_new_page=True)
    if not found:
        head.blocks.append(Paragraph(_("They cannot be told: the position or the population of the municipality has not been loaded."), is_soft=True))
        return [head]
    areas_of = {pk: [row.area for row in rows] for pk, rows in memberships_of([one.municipality for one in found]).items()}
    rows: list[list[Cell]] = [
        [_short_name(one.municipality), f"{number_format(one.population, 0, force_grouping=True)} ({one.year})", _("%(km)s km") % {"km": number_format(round(one.distance_km))}, "; ".join(short(area.name) for area in areas_of.get(one.municipality.pk, [])) or _("none")]
        for one in found
    ]
    head.blocks.append(Table(_("Nearest in size and place"), [_("Municipality"), _("Population"), _("Distance"), _("Pilot areas")], rows, frozenset({1, 2})))
    return [head, _their_models(found, areas_of)]


def _their_models(found: Sequence[Similar], areas_of: dict[int | None, list[PilotArea]]) -> Section:
    """Of their areas, those that name them, and those that their own organisation keeps or is a partner in; each once, with whose it is."""
    areas = {pk: {area.pk for area in rows} for pk, rows in areas_of.items()}
    places = {one.municipality.pk: one.municipality for one in found}
    partners = CooperationModel.objects.filter(Q(partners__organisation__municipality__in=places) | Q(municipalities__in=places))
    models = public_models(Q(area__in=set().union(*areas.values())) | Q(organisation__municipality__in=places) | Q(pk__in=partners.values("pk")))
    theirs = {pk: [model for model in models if model.area_id in areas.get(pk, ()) or _names(model, pk)] for pk in places}
    blocks: list[Block] = []
    if told := {model for rows in theirs.values() for model in rows}:
        shown = _in_turns(theirs.values(), MODELS)
        rows = [_model_row(model, [places[pk] for pk in places if model in theirs[pk]]) for model in models if model in shown]
        caption = _("Of the municipalities above")
        if (left := len(told) - len(shown)) > 0:
            caption = ngettext("%(what)s; %(count)d more in the portal", "%(what)s; %(count)d more in the portal", left) % {"what": caption, "count": left}
        blocks.append(Table(caption, [_("Cooperation model"), pgettext("heading", "Municipalities"), _("Status"), _("Forms of education")], rows))
    blocks += [Paragraph(_("%(name)s: no cooperation model has been published.") % {"name": places[pk].name}, is_soft=True) for pk in places if not theirs[pk]]
    return Section("models", _("What they do together with others"), blocks)


def _in_turns(lists: Iterable[list[CooperationModel]], most: int) -> set[CooperationModel]:
    """The first of each, then the second of each, as many different ones as there is room for."""
    return set(list(dict.fromkeys(model for turn in zip_longest(*lists) for model in turn if model))[:most])


def _model_row(model: CooperationModel, places: Sequence[Municipality]) -> list[Cell]:
    names = short(", ".join(place.name for place in places), LONGEST_NAMES)
    return [_short_name(model), names, status_words(model, timezone.localdate()), short(", ".join(form.name for form in model.education_forms.all()))]


def _names(model: CooperationModel, municipality: int) -> bool:
    bodies = [*([model.organisation] if model.organisation else []), *(row.body for row in model.partners.all() if row.body)]
    return any(body.municipality_id == municipality for body in bodies) or any(one.pk == municipality for one in model.municipalities.all())


def _obstacles(areas: Sequence[PilotArea]) -> Section:
    """Those of the municipality's own areas; of one in none those that most areas are behind."""
    found = public_obstacles(of_areas([area.pk for area in areas]) if areas else Q())
    section = Section("obstacles", _("What stands in the way of cooperation"))
    if not found:
        section.blocks.append(Paragraph(_("No obstacles have been told of."), is_soft=True))
        return section
    rows: list[list[Cell]] = []
    for one in found[:OBSTACLES]:
        title = named(one)
        rows.append([Text(short(title.words, 80), title.language, title.url), capfirst(str(ObstacleKind(one.kind).label)), number_format(one.support_count + 1), capfirst(str(ObstacleStatus(one.status).label))])  # type: ignore[attr-defined]
    caption = _("Of the municipality’s own areas") if areas else _("Of the whole network")
    if (left := len(found) - OBSTACLES) > 0:
        caption = ngettext("%(what)s; %(count)d more in the portal", "%(what)s; %(count)d more in the portal", left) % {"what": caption, "count": left}
    section.blocks.append(Table(caption, [_("Obstacle"), _("Kind"), _("Areas behind it"), _("Status")], rows, frozenset({2})))
    return section
