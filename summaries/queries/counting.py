"""Counts of all figures, for the network, every area and (when asked for) municipalities. The number of queries follows from nothing but
the parts that are asked for; what can be many (models, services, bookings) is counted by the database."""
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import CharField, Count, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from pilots.choices import ProposalStatus, PublicationState
from pilots.models import (
    AreaMembership,
    CooperationModel,
    EducationForm,
    Goal,
    ModelGoal,
    ModelPartner,
    ModelStatusPeriod,
    Municipality,
    Obstacle,
    ObstacleSupport,
    Organisation,
    PilotArea,
    Proposal,
    Unit,
)
from pilots.queries.cooperation import touching
from pilots.queries.network import areas_in_order, education_forms, goals, shown_as_members
from pilots.queries.obstacles import proposals_seen_by, seen_by
from services.choices import ATTENDED_IN, BookingState, Publication
from services.models import Booking, Enrolment, SharedService
from services.queries.use import Borders
from summaries.choices import Border, Lent, Part, ScopeKind
from summaries.queries.figures import NETWORK, Scope, period_of_use

WORDS = CharField()


class Counts(Counter[tuple[str, Scope]]):
    """(code of the figure, scope) -> how many; what is not there is none."""

    def count(self, figure: str, scopes: Iterable[Scope], number: int = 1) -> None:
        for scope in scopes:
            self[figure, scope] += number


@dataclass(frozen=True)
class Vocabulary:
    """What the figures speak of: areas, goals and forms of education."""

    areas: list[PilotArea]
    goals: list[Goal]
    forms: list[EducationForm]


def vocabulary() -> Vocabulary:
    """One query; of each only what a summary shows."""

    def rows(queryset: QuerySet, kind: str, code: str, place: str, english: str) -> QuerySet:
        names = (F(name) if name else Value("", WORDS) for name in (("name_fi", "name_sv", english) if kind != "goal" else ("title_fi", "title_sv", "title_en")))
        keys = ("sort_key_fi", "sort_key_sv") if kind == "area" else ("", "")
        return queryset.order_by().values_list(Value(kind, WORDS), Cast(code, WORDS), Cast(place, IntegerField()), *names, *(F(key) if key else Value("", WORDS) for key in keys))

    found = rows(areas_in_order(), "area", "slug", "number", "").union(rows(goals(), "goal", "number", "number", "x"), rows(education_forms(), "form", "code", "position", "name_en"), all=True)
    made = Vocabulary([], [], [])
    for kind, code, place, fi, sv, en, key_fi, key_sv in sorted(found, key=lambda row: row[2]):
        if kind == "area":
            made.areas.append(PilotArea(slug=code, number=place, name_fi=fi, name_sv=sv, sort_key_fi=key_fi, sort_key_sv=key_sv))
        elif kind == "goal":
            made.goals.append(Goal(number=place, title_fi=fi, title_sv=sv, title_en=en))
        else:
            made.forms.append(EducationForm(code=code, position=place, name_fi=fi, name_sv=sv, name_en=en))
    return made


@dataclass(frozen=True)
class Members:
    """Who belongs to which areas, what kind it is, and where its home is."""

    areas: dict[int, set[str]]
    kinds: dict[int, str]
    homes: dict[int, str]

    def scopes(self, organisation: int, home: str | None = "") -> list[Scope]:
        """The network, the areas of the organisation, and its home (or `home`, where something else decides)."""
        place = self.homes.get(organisation, "") if home == "" else home
        found = [NETWORK, *(Scope(ScopeKind.AREA, slug) for slug in self.areas.get(organisation, ()))]
        return found + ([Scope(ScopeKind.MUNICIPALITY, place)] if place else [])


def read_members() -> Members:
    member, made = {"member": Coalesce("organisation", "unit__owner"), "kind": Coalesce("organisation__kind", "unit__owner__kind")}, Members({}, {}, {})
    rows = AreaMembership.objects.filter(shown_as_members(), area__in=areas_in_order().values("pk")).order_by().annotate(**member)
    for slug, organisation, kind, own, owners in rows.values_list("area__slug", "member", "kind", "organisation__municipality__code", "unit__owner__municipality__code"):
        made.areas.setdefault(organisation, set()).add(slug)
        made.kinds[organisation] = kind
        if home := own or owners:
            made.homes[organisation] = home
    return made


def count_figures(parts: Iterable[Part], day: date, *, places: QuerySet[Municipality] | None = None) -> Counts:
    """Figures of the parts, as things are now; those of use in the twelve whole months before the month of `day`.

    `places`: municipalities whose models are asked for too; two queries more.
    """
    parts, counts = set(parts), Counts()
    if Part.OVERVIEW in parts:
        parts = set(Part) - {Part.EDUCATION}
    members = read_members() if parts & {Part.MEMBERS, Part.EDUCATION, Part.SERVICES, Part.USE} else Members({}, {}, {})
    if Part.MEMBERS in parts:
        for organisation, kind in members.kinds.items():
            for code in ("members", f"members-{kind}"):
                counts.count(code, members.scopes(organisation))
    if Part.EDUCATION in parts:
        _count_forms(counts, members)
    if parts & {Part.GOALS, Part.STATUSES}:
        _count_models(counts)
        if places is not None:
            _count_models_of(counts, places)
    if parts & {Part.OBSTACLES, Part.PROPOSALS}:
        _count_obstacles(counts)
    if Part.SERVICES in parts:
        _count_services(counts, members)
    if Part.USE in parts:
        _count_use(counts, members, *period_of_use(day))
    return counts


def _count_forms(counts: Counts, members: Members) -> None:
    own = Organisation.education_forms.through.objects.filter(organisation__in=list(members.kinds)).values_list("organisation", "educationform__code")
    of_units = Unit.education_forms.through.objects.filter(unit__owner__in=list(members.kinds)).values_list("unit__owner", "educationform__code")
    for organisation, form in own.union(of_units):
        counts.count(f"form-{form}", members.scopes(organisation))


def _count_models(counts: Counts) -> None:
    public = {"model__state": PublicationState.PUBLIC}
    every = CooperationModel.objects.filter(state=PublicationState.PUBLIC).order_by().values_list(Value("models", WORDS), Value("", WORDS), F("area__slug"))
    statuses = ModelStatusPeriod.objects.filter(**public, ends_on=None).order_by().values_list(Value("models-", WORDS), F("status"), F("model__area__slug"))
    served = ModelGoal.objects.filter(**public).order_by().values_list(Value("models-goal-", WORDS), Cast("goal__number", WORDS), F("model__area__slug"))
    rows = every.annotate(number=Count("pk")).union(*(one.annotate(number=Count("model", distinct=True)) for one in (statuses, served)), all=True)
    for begins, ends, slug, number in rows:
        counts.count(begins + ends, _of(slug), number)


def _of(slug: str | None) -> list[Scope]:
    return [NETWORK, *([Scope(ScopeKind.AREA, slug)] if slug else [])]


def _count_models_of(counts: Counts, places: QuerySet[Municipality]) -> None:
    keys = places.values("pk")
    models = CooperationModel.objects.filter(touching(places), state=PublicationState.PUBLIC).order_by()
    of_public = {"state": PublicationState.PUBLIC}
    kept = CooperationModel.objects.filter(**of_public, organisation__municipality__in=keys).order_by().values_list("pk", "organisation__municipality__code")
    named = CooperationModel.objects.filter(**of_public, municipalities__in=keys).order_by().values_list("pk", "municipalities__code")
    partners = ModelPartner.objects.filter(model__state=PublicationState.PUBLIC).order_by()
    bodies = [partners.filter(**{f"{body}__municipality__in": keys}).values_list("model", f"{body}__municipality__code") for body in ("organisation", "unit")]
    scopes: dict[int, list[Scope]] = {}
    for model, code in kept.union(named, *bodies):
        scopes.setdefault(model, []).append(Scope(ScopeKind.MUNICIPALITY, code))
    statuses = ModelStatusPeriod.objects.filter(model__in=models, ends_on=None).order_by().values_list("model", Value("models-", WORDS), F("status"))
    served = ModelGoal.objects.filter(model__in=models).order_by().values_list("model", Value("models-goal-", WORDS), Cast("goal__number", WORDS))
    for found in scopes.values():
        counts.count("models", found)
    for model, begins, ends in statuses.union(served):
        counts.count(begins + ends, scopes[model])


def _count_obstacles(counts: Counts) -> None:
    """Both at once: rows of (which, key, status, area), each once."""
    told = Obstacle.objects.filter(seen_by(None)).order_by()
    keys, obstacle, proposal = told.values("pk"), Value("obstacles", WORDS), Value("proposals", WORDS)
    met = Obstacle.areas.through.objects.filter(obstacle__in=keys).values_list(obstacle, "obstacle", "obstacle__status", "pilotarea__slug")
    weighed = ObstacleSupport.objects.filter(obstacle__in=keys).order_by().values_list(obstacle, "obstacle", "obstacle__status", "area__slug")
    made = Proposal.objects.filter(proposals_seen_by(None), ~Q(status=ProposalStatus.DRAFT), obstacle__in=keys).order_by()
    behind = [made.values_list(proposal, "pk", "status", path) for path in ("area__slug", "obstacle__reported_by__slug", "obstacle__supports__area__slug")]
    seen = set()
    for which, key, status, slug in told.values_list(obstacle, "pk", "status", "reported_by__slug").union(met, weighed, *behind):
        scopes = [Scope(ScopeKind.AREA, slug)] if slug else []
        if (which, key) not in seen:
            seen.add((which, key))
            scopes.append(NETWORK)
        for code in (which, f"{which}-{status}"):
            counts.count(code, scopes)


def _count_services(counts: Counts, members: Members) -> None:
    known = SharedService.objects.filter(state=Publication.PUBLIC, shown_outside=True).order_by()
    rows = known.values_list("organisation", "kind", Coalesce("place__municipality__code", "organisation__municipality__code")).annotate(number=Count("pk"))
    for organisation, kind, home, number in rows:
        for code in ("services", f"services-{kind}"):
            counts.count(code, members.scopes(organisation, home), number)


def bookings_between(first_day: date, until: date) -> QuerySet[Booking]:
    """Confirmed ones of what another organisation owns, that begin in the period."""
    return Booking.objects.filter(state=BookingState.CONFIRMED, starts_at__gte=_midnight(first_day), starts_at__lt=_midnight(until)).exclude(resource__owner=F("organisation"))


def enrolments_between(first_day: date, until: date) -> QuerySet[Enrolment]:
    """Of another organisation, in runs that begin in the period."""
    return Enrolment.objects.filter(state__in=ATTENDED_IN, run__first_day__gte=first_day, run__first_day__lt=until).exclude(run__service__organisation=F("organisation"))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _count_use(counts: Counts, members: Members, first_day: date, until: date) -> None:
    lent = bookings_between(first_day, until).order_by().values_list(Value(Lent.BOOKINGS.value, WORDS), F("resource__owner"), F("organisation")).annotate(number=Count("pk"))
    taught = enrolments_between(first_day, until).order_by().values_list(Value(Lent.ENROLMENTS.value, WORDS), F("run__service__organisation"), F("organisation")).annotate(number=Count("pk"))
    rows = list(lent.union(taught, all=True))
    borders, codes = read_borders({key for _what, *keys, _number in rows for key in keys})
    for what, owner, borrower, number in rows:
        scopes = members.scopes(owner, codes.get(owner))
        crossed = [border for border, crosses in ((Border.MUNICIPAL, borders.municipal), (Border.FORMS, borders.of_forms)) if crosses(owner, borrower)]
        for code in (what, *(f"{what}-{border}" for border in crossed)):
            counts.count(code, scopes, number)


def read_borders(organisations: set[int]) -> tuple[Borders, dict[int, str]]:
    """Home municipalities and forms of education in one query; also the codes of the homes."""
    home: dict[int, int | None] = {}
    codes: dict[int, str] = {}
    forms: dict[int, set[int]] = {}
    for pk, place, code, form in Organisation.objects.filter(pk__in=organisations).order_by().values_list("pk", "municipality", "municipality__code", "education_forms"):
        home[pk] = place
        if code:
            codes[pk] = code
        forms.setdefault(pk, set()).update([form] if form else [])
    return Borders(home, {pk: frozenset(found) for pk, found in forms.items()}), codes
