"""Which services could meet a need, with the reasons in words, best first; and which needs an organisation's services could meet.

What rules a service out: another kind, not offered to who asks, their own, no word in common, another language, another
way, too far, too small. Of what is left the order is: most words in common, the largest part of the dates free, the
share of hours, the form of education, the distance, and then who came first. Nothing is drawn by lot.
"""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pilots.models import AreaMembership, Membership, Municipality
from pilots.queries.network import shown_as_members
from pilots.words import Alternatives, query_words
from services.choices import Audience, Delivery, Publication, ServiceKind, ServiceLanguage, Weekday
from services.models import Need, SharedService
from services.queries.calendars import Weeks, is_left_out, read_weeks
from services.queries.catalogue import municipalities_to_choose, municipalities_within, open_to
from services.queries.courses import runs_of_many
from services.queries.fitting import line_km
from services.queries.needs import needs_of_others
from services.queries.times import FINLAND, Slot, slot_on, weekly
from services.wording import hours_written

# Beyond these nobody reads on, and the page must not grow with the network.
MOST_CANDIDATES, MOST_SHOWN, MOST_DATES, MOST_NEEDS = 400, 10, 60, 200
SHORTEST_WORD = 3
TEXTS = ("description_fi", "description_sv", "conditions_fi", "conditions_sv")
COMPARED_WITH = ("organisation__municipality", "place__municipality", "unit", "resource__whole__place__municipality", "resource__place__municipality")


@dataclass(frozen=True)
class Reason:
    words: str
    speaks_for: bool = True


@dataclass
class Match:
    service: SharedService
    reasons: list[Reason]
    words: int
    right_form: bool
    km: float | None
    free_part: float = 1.0
    enough_hours: bool = True
    first_free: Slot | None = None
    dates: int = 0
    runs: list = field(default_factory=list)

    @property
    def order(self) -> tuple:
        return (-self.words, -self.free_part, not self.enough_hours, not self.right_form, self.km if self.km is not None else 0.0, self.service.pk)


def matches_of(need: Need) -> list[Match]:
    """The best of them; the queries do not grow with the services."""
    words = needed_words(need)
    rows = SharedService.objects.filter(open_to(need.organisation_id), _in_words(words), state=Publication.PUBLIC, kind=need.kind).exclude(organisation=need.organisation_id)
    if need.booking_id and need.booking and need.booking.resource:
        away = need.booking.resource.root_id
        rows = rows.exclude(resource=away)
    if need.language:
        rows = rows.filter(Q(languages__icontains=f'"{need.language}"') | Q(languages=[]))
    if need.municipality is not None and need.within_km is not None:
        codes = municipalities_within(municipalities_to_choose(), need.municipality.code, need.within_km)
        near = Q(place__municipality__code__in=codes) | Q(place=None, organisation__municipality__code__in=codes)
        rows = rows.filter(near if need.delivery == Delivery.CONTACT else near | Q(delivery__in=(Delivery.REMOTE, Delivery.HYBRID)))
    rows = rows.select_related(*COMPARED_WITH).prefetch_related("education_forms").defer(*TEXTS).order_by("pk")[:MOST_CANDIDATES]
    found = [match for service in rows if (match := compare(need, service, words))]
    best = sorted(found, key=lambda match: match.order)[: 2 * MOST_SHOWN]
    _add_times(need, best)
    return sorted(best, key=lambda match: match.order)[:MOST_SHOWN]


def needs_to_meet(by: Membership) -> list[tuple[Need, list[Match]]]:
    """Needs of others that the own public services could meet, urgent ones first, each with those services. Times are looked at on the need's page."""
    needs = list(needs_of_others(by).select_related("organisation", "municipality", "education_form", "booking__resource")[:MOST_NEEDS])
    services = own_offers(by) if needs else []
    allowed = allowed_pairs(services, {need.organisation_id for need in needs})
    found = [(need, services_for(need, services, allowed)) for need in needs]
    return [(need, matches) for need, matches in found if matches]


def own_matches(by: Membership, need: Need) -> list[Match]:
    """Own services that could meet this one need of others, with the times looked at."""
    services = own_offers(by)
    matches = services_for(need, services, allowed_pairs(services, {need.organisation_id}))[:MOST_SHOWN]
    _add_times(need, matches)
    return sorted(matches, key=lambda match: match.order)


def own_offers(by: Membership) -> list[SharedService]:
    rows = SharedService.objects.filter(organisation=by.organisation_id, state=Publication.PUBLIC).select_related(*COMPARED_WITH).prefetch_related("education_forms")
    return list(rows.defer(*TEXTS).order_by("pk")[:MOST_CANDIDATES])


def services_for(need: Need, services: Iterable[SharedService], allowed: set[tuple[int, int]]) -> list[Match]:
    words = needed_words(need)
    away = need.booking.resource.root_id if need.booking else None
    fits = [one for one in services if (one.resource is None or one.resource.root_id != away) and (one.pk, need.organisation_id) in allowed]
    return sorted((match for one in fits if (match := compare(need, one, words))), key=lambda match: match.order)


def compare(need: Need, service: SharedService, words: list[Alternatives]) -> Match | None:
    """None when the service is ruled out; calendars are not looked at here."""
    if service.kind != need.kind:
        return None
    reasons, common = [], [word.word for word in words if word.matches(service.search_words)]
    if words and (len(common) < len(words) if need.subject else not common):
        return None
    if common:
        reasons.append(Reason(_("Words in common: %(words)s") % {"words": ", ".join(common)}))
    if need.language and service.languages:
        if need.language not in service.languages:
            return None
        reasons.append(Reason(_("Language: %(language)s") % {"language": ServiceLanguage(need.language).label}))
    if Delivery.REMOTE in (need.delivery, service.delivery) and {need.delivery, service.delivery} >= {Delivery.REMOTE, Delivery.CONTACT}:
        return None
    if (room := _room(service)) is not None and need.people:
        if room < need.people:
            return None
        reasons.append(Reason(ngettext("Room for %(count)d person", "Room for %(count)d people", room) % {"count": room}))
    km = distance_km(need, service)
    reaches = service.delivery in (Delivery.REMOTE, Delivery.HYBRID) and need.delivery != Delivery.CONTACT
    if need.within_km is not None and not reaches and (km is None or km > need.within_km) and not _same_municipality(need, service):
        return None
    if service.delivery == Delivery.REMOTE:
        reasons.append(Reason(_("Given remotely: in reach everywhere")))
    elif km is not None and need.municipality:
        reasons.append(Reason(_("%(km)d km from %(municipality)s, as the crow flies") % {"km": round(km), "municipality": need.municipality.name}))
    right_form = need.education_form_id is None or any(form.pk == need.education_form_id for form in service.education_forms.all())
    if need.education_form:
        words_of_form = _("For the form of education: %(form)s") if right_form else _("Not named for the form of education: %(form)s")
        reasons.append(Reason(words_of_form % {"form": need.education_form.name}, right_form))
    return Match(service, reasons, len(common), right_form, km)


def needed_words(need: Need) -> list[Alternatives]:
    """Of the subject, all of which must be found; without one those of what is needed, of which one is enough."""
    return [word for word in query_words(need.subject or need.what) if len(word.word) >= SHORTEST_WORD and not word.word.isdigit()]


def distance_km(need: Need, service: SharedService) -> float | None:
    home = need.municipality
    here = service.place.position if service.place else _position(service.organisation.municipality)
    return line_km((home.latitude, home.longitude), here) if home and home.latitude is not None and home.longitude is not None and here else None


def _position(municipality: Municipality | None) -> tuple[float, float] | None:
    return (municipality.latitude, municipality.longitude) if municipality and municipality.latitude is not None and municipality.longitude is not None else None


def _same_municipality(need: Need, service: SharedService) -> bool:
    where = service.place.municipality_id if service.place else service.organisation.municipality_id
    return need.municipality_id is not None and where == need.municipality_id


def _room(service: SharedService) -> int | None:
    return service.resource.capacity if service.resource and service.kind == ServiceKind.FACILITY else None


def _in_words(words: list[Alternatives]) -> Q:
    condition = Q()
    for word in words:
        condition |= word.condition("search_words")
    return condition


def allowed_pairs(services: list[SharedService], organisations: set[int]) -> set[tuple[int, int]]:
    """Pairs of a service and one of the organisations that may use it; its owner apart. Three queries."""
    everybody = {(service.pk, organisation) for service in services if service.audience == Audience.NETWORK for organisation in organisations}
    chosen = [service.pk for service in services if service.audience == Audience.CHOSEN]
    if not chosen:
        return everybody
    rows = SharedService.objects.filter(pk__in=chosen)
    pairs = set(rows.filter(for_organisations__isnull=False).values_list("pk", "for_organisations"))
    pairs |= set(rows.filter(for_municipalities__organisations__isnull=False).values_list("pk", "for_municipalities__organisations"))
    areas = rows.filter(for_areas__isnull=False).values_list("pk", "for_areas")
    members = defaultdict(set)
    for area, organisation, owner in AreaMembership.objects.filter(shown_as_members(), area__in=[area for _pk, area in areas]).values_list("area", "organisation", "unit__owner"):
        members[area].add(organisation or owner)
    return everybody | {pair for pair in pairs | {(pk, organisation) for pk, area in areas for organisation in members[area]} if pair[1] in organisations}


def _add_times(need: Need, matches: list[Match]) -> None:
    """What the calendars say of the period, from today on."""
    today = timezone.localdate()
    first_day, last_day = max(need.first_day, today), min(need.last_day, max(need.first_day, today) + timedelta(weeks=MOST_DATES))
    courses = [match.service.pk for match in matches if match.service.kind == ServiceKind.COURSE]
    if courses:
        runs = runs_of_many(courses, first_day, last_day, today)
        for match in matches:
            match.runs = runs.get(match.service.pk, [])
            match.free_part = 1.0 if any(run.seats > run.taken for run in match.runs) else 0.5 if match.runs else 0.0
            match.reasons.append(_of_runs(match))
    booked = [match for match in matches if match.service.resource]
    if not booked or last_day < first_day:
        return
    weeks = read_weeks([match.service.resource for match in booked if match.service.resource], first_day, last_day, need.organisation)
    for match in booked:
        if match.service.resource:
            _add_dates(need, match, weeks[match.service.resource.pk], first_day, last_day)
            _add_share(need, match, weeks[match.service.resource.pk])


def _of_runs(match: Match) -> Reason:
    free = [run for run in match.runs if run.seats > run.taken]
    if free:
        words = _("A run of this time with free seats begins %(day)s")
        return Reason(words % {"day": date_format(free[0].first_day, "SHORT_DATE_FORMAT")})
    return Reason(_("The runs of this time are full"), False) if match.runs else Reason(_("No run of this time is open for enrolment"), False)


def _add_dates(need: Need, match: Match, weeks: Weeks, first_day: date, last_day: date) -> None:
    """Of the weekdays that would do, the one on which most dates are free."""
    now, best = timezone.now(), None
    weekdays = [day for day in range(1, 8) if day in need.weekdays] or ([] if need.starts is None else sorted({day.isoweekday() for day in _days(first_day, last_day)} & set(range(1, 6))) or [first_day.isoweekday()])
    if need.starts is None or need.ends is None:
        opened = [day for day in weekdays if any(weeks.on(one).opened_on(one) for one in _days_of(day, first_day, last_day)[:4])]
        if weekdays:
            match.free_part = 1.0 if opened else 0.0
            match.reasons.append(Reason(_("Open on %(days)s") % {"days": ", ".join(str(Weekday(day).label) for day in opened)}) if opened else Reason(_("Closed on the weekdays that would do"), False))
        return
    for weekday in weekdays:
        free = asked = 0
        first = None
        for day in _days_of(weekday, first_day, last_day):
            slot = slot_on(day, need.starts, need.ends)
            faults = weeks.faults(slot, now=now) if slot else []
            if slot is None or is_left_out(faults):
                continue
            asked += 1
            if not faults:
                free, first = free + 1, first or slot
        if asked and (best is None or free / asked > best[0] / best[1]):
            best = (free, asked, weekday, first)
    if best is None:
        match.free_part = 0.0
        match.reasons.append(Reason(_("No date of the period can be booked at these hours"), False))
        return
    free, asked, weekday, match.first_free = best
    match.free_part, match.dates = free / asked, free
    said = {"day": capfirst(str(Weekday(weekday).label)), "hours": hours_written(need.starts, need.ends), "free": free, "count": asked}
    words = ngettext("%(day)s %(hours)s: free on %(free)d of %(count)d date", "%(day)s %(hours)s: free on %(free)d of %(count)d dates", asked)
    match.reasons.append(Reason(words % said, free == asked))


def _add_share(need: Need, match: Match, weeks: Weeks) -> None:
    left = weeks.minutes_left()
    if left is None:
        return
    hours = max(left, 0) / 60
    match.enough_hours = need.weekly_hours is None or left >= need.weekly_hours * 60
    said = {"left": number_format(round(hours, 1)), "lent": number_format(round((weeks.calendar.root.weekly_minutes or 0) / 60, 1))}
    match.reasons.append(Reason(_("%(left)s of the %(lent)s hours lent in a week are free") % said, match.enough_hours and left > 0))


def _days(first_day: date, last_day: date) -> list[date]:
    return [first_day + timedelta(days=number) for number in range(min((last_day - first_day).days + 1, 7))]


def _days_of(weekday: int, first_day: date, last_day: date) -> list[date]:
    first = first_day + timedelta(days=(weekday - first_day.isoweekday()) % 7)
    return list(weekly(first, last_day))[:MOST_DATES]


def asked_at(slot: Slot) -> dict[str, str]:
    """A time as the address of the booking form names it."""
    starts, ends = slot.starts_at.astimezone(FINLAND), slot.ends_at.astimezone(FINLAND)
    return {"day": starts.date().isoformat(), "starts": f"{starts:%H:%M}", "ends": f"{ends:%H:%M}"}


