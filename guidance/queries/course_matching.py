"""Open seats on shared courses for one client, best first, each with the reasons in words.

What is known of the client is compared here, in Python, with what is known of the courses: no word, language or home of a
client goes into a query, an address or a row of `services`. The number of queries is the same whatever the data.

The order is a sum of points (`POINTS`). Words: those of the goal, of the education options that are weighed and of the open
competence needs, in every form that the portal's search knows; a word counts the more the fewer courses have it, and
one that more than half of them have counts nothing.
"""
from dataclasses import dataclass, field
from datetime import date
from math import log

from django.db.models import Count, Q, Sum
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guidance.choices import OPTION_OVER, AssessmentCode, AssessmentKind, ItemState, LanguageLevel, OptionState
from guidance.queries.pathway_page import PathwayPage
from pilots.models import Membership, Municipality
from pilots.words import text_words
from pilots.words.search import Alternatives
from services.choices import TAKING, Delivery, EnrolmentState, Entry, Publication, ServiceKind, ServiceLanguage
from services.models import CourseRun, Enrolment, Quota, SharedService
from services.queries.catalogue import may_use
from services.queries.courses import Seats
from services.queries.fitting import line_km

# Of so many coming runs the best are looked for; of so many the seats are counted; so many are shown.
MOST_RUNS, MOST_COUNTED, MOST_SHOWN = 5_000, 80, 20
MOST_WORDS, WORDS_SAID = 60, 4
DEFAULT_KM = 100
# A level of a language in which one can follow a course.
ENOUGH = (LanguageLevel.B1, LanguageLevel.B2, LanguageLevel.C, LanguageLevel.NATIVE)
POINTS = {"words": 60, "language": 25, "level": 15, "near": 20, "remote": 12, "soon": 10, "seats": 10, "quota": 5, "full": -25}
CHOSEN, WEIGHED, GOAL, NEED = 4.0, 3.0, 2.0, 1.0


@dataclass
class Wanted:
    """What the client's file says of where to look."""

    words: dict[str, tuple[Alternatives, float]]
    language: str
    levels: dict[str, str]
    home: Municipality | None


@dataclass
class Hit:
    run: CourseRun
    seats: Seats
    points: float
    words: list[str]
    km: float | None
    reasons: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """`count`: all that are open and within reach, of which the best are shown."""

    hits: list[Hit]
    count: int
    home: Municipality | None
    has_words: bool


@dataclass
class _Row:
    pk: int
    words: str
    languages: list[str]
    delivery: str
    first_day: date
    entry: str
    total: int
    position: tuple[float, float] | None
    matched: list[str] = field(default_factory=list)
    points: float = 0
    km: float | None = None


def wanted_by(page: PathwayPage) -> Wanted:
    """Under non-disclosure there is no home to look from, for anybody."""
    client, words = page.client, dict[str, tuple[Alternatives, float]]()
    texts = [(option.title, CHOSEN if option.state != OptionState.CONSIDERED else WEIGHED) for option in page.options if option.state not in OPTION_OVER]
    texts += [(page.pathway.goal, GOAL), *((label, NEED) for label in _needs(page))]
    for text, weight in texts:
        for word in text_words(text, MOST_WORDS):
            if len(words) < MOST_WORDS:
                words.setdefault(word.word, (word, weight))
    levels: dict[str, str] = {ServiceLanguage.FINNISH: client.finnish_level, ServiceLanguage.SWEDISH: client.swedish_level}
    return Wanted(words, client.service_language, levels, None if client.is_protected else client.municipality)


def _needs(page: PathwayPage) -> list[str]:
    """Open competence needs, as each language writes them: a course is described in one or two."""
    codes = [row["code"] for row in page.pathway.assessment_rows if row["kind"] == AssessmentKind.COMPETENCE and row["state"] != ItemState.RESOLVED]
    labels = []
    for language in ("fi", "sv") if codes else ():
        with translation.override(language):
            labels += [str(AssessmentCode(code).label) for code in codes]
    return labels


def find_courses(acting: Membership, wanted: Wanted, *, today: date, within: int = DEFAULT_KM, kind: str = "") -> Found:
    """Four queries. `within`: kilometres as the crow flies, 0 for anywhere; what is given remotely is within reach of all."""
    rows = [row for row in _open_runs(acting, today, kind) if _place(row, wanted.home) or not within or row.km is None or row.km <= within]
    _match_words(rows, wanted)
    for row in rows:
        row.points += _language_points(row, wanted) + _distance_points(row) + max(0.0, POINTS["soon"] - (row.first_day - today).days / 14)
    best = sorted(rows, key=lambda row: (-row.points, row.first_day, row.pk))[:MOST_COUNTED]
    seats = _seats_of(best, today)
    for row in best:
        row.points += _seat_points(row, seats[row.pk], acting.organisation_id)
    best.sort(key=lambda row: (-row.points, row.first_day, row.pk))
    runs = CourseRun.objects.select_related("service__organisation", "service__place__municipality", "place__municipality").in_bulk([row.pk for row in best[:MOST_SHOWN]])
    hits = [Hit(runs[row.pk], seats[row.pk], row.points, row.matched, row.km) for row in best[:MOST_SHOWN] if row.pk in runs]
    for hit in hits:
        _say_why(hit, acting, wanted, today)
    return Found(hits, len(rows), wanted.home, bool(wanted.words))


def usable_runs(acting: Membership, today: date):
    """Runs that are open to be enrolled on, of courses that are offered to the organisation acted for."""
    services = SharedService.objects.filter(may_use(acting), kind=ServiceKind.COURSE, state=Publication.PUBLIC)
    return CourseRun.objects.filter(called_off_at=None, enrol_by__gte=today, service__in=services.values("pk"))


def _open_runs(acting: Membership, today: date, kind: str) -> list[_Row]:
    runs = usable_runs(acting, today)
    if kind:
        runs = runs.filter(kind=kind)
    places = [f"{path}__{axis}" for path in ("place__municipality", "service__place__municipality", "service__organisation__municipality") for axis in ("latitude", "longitude")]
    found = runs.order_by("first_day", "pk").values_list("pk", "service__search_words", "service__languages", "delivery", "first_day", "entry", "seats", *places)[:MOST_RUNS]
    return [_Row(pk, words, languages, delivery, first_day, entry, total, _position(position)) for pk, words, languages, delivery, first_day, entry, total, *position in found]


def _position(axes: list[float | None]) -> tuple[float, float] | None:
    """Of the run's place, else the course's, else where its provider is."""
    for latitude, longitude in zip(axes[::2], axes[1::2], strict=True):
        if latitude is not None and longitude is not None:
            return latitude, longitude
    return None


def _place(row: _Row, home: Municipality | None) -> bool:
    """Writes the distance where there is one; True for what is given remotely."""
    if row.delivery == Delivery.REMOTE:
        return True
    if home and home.latitude is not None and home.longitude is not None and row.position:
        row.km = line_km((home.latitude, home.longitude), row.position)
    return False


def _match_words(rows: list[_Row], wanted: Wanted) -> None:
    """Runs of one course have the same words: each text is looked at once."""
    stored = {row.words: frozenset(row.words.split()) for row in rows}
    matched: dict[str, list[tuple[float, str]]] = {text: [] for text in stored}
    for written, (word, weight) in wanted.words.items():
        tokens = frozenset(word.tokens)
        having = [text for text, own in stored.items() if not tokens.isdisjoint(own) or (word.all_of and word.matches(text))]
        if having and (len(having) * 2 <= len(stored) or len(stored) < 4):
            worth = weight * log(1 + len(stored) / len(having))
            for text in having:
                matched[text].append((worth, written))
    for row in rows:
        found = sorted(matched[row.words], reverse=True)
        row.matched = [written for _worth, written in found]
        row.points += min(float(POINTS["words"]), 6 * sum(worth for worth, _written in found))


def _language_points(row: _Row, wanted: Wanted) -> int:
    if wanted.language in row.languages:
        return POINTS["language"]
    return POINTS["level"] if any(wanted.levels.get(code) in ENOUGH for code in row.languages) else 0


def _distance_points(row: _Row) -> float:
    if row.delivery == Delivery.REMOTE:
        return POINTS["remote"]
    return 0 if row.km is None else max(0.0, POINTS["near"] - row.km / 5)


def _seats_of(rows: list[_Row], today: date) -> dict[int, Seats]:
    """Two queries for all of them: who has taken seats, and what is kept for whom."""
    pks = [row.pk for row in rows]
    taken: dict[int, dict[int, int]] = {}
    waiting: dict[int, int] = {}
    states = Enrolment.objects.filter(run__in=pks).order_by().values_list("run", "organisation").annotate(
        taken=Sum("size", filter=Q(state__in=TAKING), default=0), waiting=Count("pk", filter=Q(state=EnrolmentState.WAITING))
    )
    for run, organisation, seats, entries in states:
        taken.setdefault(run, {})[organisation] = seats
        waiting[run] = waiting.get(run, 0) + entries
    kept: dict[int, dict[int, int]] = {}
    for run, organisation, seats in Quota.objects.filter(run__in=pks, freed_on__gt=today).values_list("run", "organisation", "seats"):
        kept.setdefault(run, {})[organisation] = max(0, seats - taken.get(run, {}).get(organisation, 0))
    return {row.pk: Seats(row.total, sum(taken.get(row.pk, {}).values()), waiting.get(row.pk, 0), kept.get(row.pk, {})) for row in rows}


def _seat_points(row: _Row, seats: Seats, organisation_id: int) -> int:
    if row.entry != Entry.HOLD:
        return 0
    if not is_free(seats, organisation_id):
        return POINTS["full"]
    return POINTS["seats"] + (POINTS["quota"] if seats.own(organisation_id) else 0)


def is_free(seats: Seats, organisation_id: int) -> bool:
    """A seat would be the organisation's at once: nobody waits for it before."""
    return bool(seats.own(organisation_id)) or (bool(seats.open_to(organisation_id)) and not seats.waiting)


# Words -------------------------------------------------------------------------------------------


def _say_why(hit: Hit, acting: Membership, wanted: Wanted, today: date) -> None:
    if hit.words:
        hit.reasons.append(_("Goal and options: %(words)s") % {"words": ", ".join(hit.words[:WORDS_SAID])})
    _say_language(hit, wanted)
    _say_where(hit, wanted)
    days = (hit.run.first_day - today).days
    if days > 0:
        hit.reasons.append(ngettext("Starts in %(days)d day", "Starts in %(days)d days", days) % {"days": days})
    else:
        hit.reasons.append(_("Has begun, one can still join"))
    _say_seats(hit, acting.organisation_id)


def _say_language(hit: Hit, wanted: Wanted) -> None:
    languages = [ServiceLanguage(code) for code in hit.run.service.languages if code in ServiceLanguage.values]
    if wanted.language in languages:
        hit.reasons.append(_("In the client's language of service, %(language)s") % {"language": ServiceLanguage(wanted.language).label})
        return
    known = [(language, wanted.levels.get(language, "")) for language in languages]
    for language, level in known:
        if level in ENOUGH:
            hit.reasons.append(_("In %(language)s, the client's level is %(level)s") % {"language": language.label, "level": LanguageLevel(level).label})
            return
    for language, level in known[:1]:
        words = _("In %(language)s, the client's level is %(level)s") if level else _("In %(language)s, the client's level is not written down")
        hit.cautions.append(words % {"language": language.label, "level": LanguageLevel(level).label if level else ""})


def _say_where(hit: Hit, wanted: Wanted) -> None:
    if hit.run.delivery == Delivery.REMOTE:
        hit.reasons.append(_("Remotely, no travel"))
        return
    if hit.run.delivery == Delivery.HYBRID:
        hit.reasons.append(str(capfirst(Delivery.HYBRID.label)))
    if hit.km is not None and wanted.home:
        near = hit.km < 1
        hit.reasons.append(_("In the client's home municipality") if near else _("About %(km)d km from %(municipality)s") % {"km": round(hit.km), "municipality": wanted.home.name})


def _say_seats(hit: Hit, organisation_id: int) -> None:
    free, own = hit.seats.open_to(organisation_id), hit.seats.own(organisation_id)
    if hit.run.entry != Entry.HOLD:
        return
    if not is_free(hit.seats, organisation_id):
        hit.cautions.append(_("No seat is free now, the client would wait in the queue"))
        return
    hit.reasons.append(ngettext("%(count)d free seat", "%(count)d free seats", free) % {"count": free})
    if own:
        hit.reasons.append(ngettext("%(count)d seat is kept for your organisation", "%(count)d seats are kept for your organisation", own) % {"count": own})
