"""Term rounds: who sees them, and what of a wish's times can be given at all.

A weekly slot is given for the whole term or not at all. Public holidays, days on which the resource is closed by an
exception, days outside the terms of the owner or of who wishes, days that have passed and hours that do not exist are
left out; on every other date of the weekday it must be free, and at least one date must remain. Of a person the hours
of the week count against the week of the term that has least left.
"""
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from pilots.models import AreaMembership, Membership
from pilots.permissions import Acting
from pilots.queries.network import shown_as_members
from services.choices import Misfit, Obstacle, Publication, RoundState, ServiceKind, WishState
from services.models import SharedService, TermPeriod, TermRound, Wish
from services.permissions import may_offer
from services.queries.allocation import Asked, Choice, Given, Refusal, mask_of
from services.queries.calendars import LEFT_OUT, Weeks, read_weeks
from services.queries.catalogue import open_to
from services.queries.fitting import Fault, on_interval, outside_terms
from services.queries.meeting import allowed_pairs
from services.queries.times import slot_on
from services.queries.times import weekly as weekly_days

BOOKED_WITH = ("organisation", "place", "resource__whole__place__municipality", "resource__place__municipality", "resource__owner")
# Steps in which a free time is looked for, at most this many exact looks for one wish.
MOST_LOOKS = 60


def rounds_of(acting: Acting) -> QuerySet[TermRound]:
    """The own ones, and those that are no drafts and hold a service that is the own organisation's or open to it."""
    if not may_offer(acting):
        return TermRound.objects.none()
    through = SharedService.objects.filter(open_to(acting.organisation_id), term_rounds=OuterRef("pk"))
    return TermRound.objects.filter(Q(organisation=acting.organisation_id) | ~Q(state=RoundState.DRAFT) & Exists(through))


def get_round(acting: Acting, pk: int) -> TermRound:
    """Http404 when there is none, or none that the person may see."""
    found = rounds_of(acting).select_related("organisation", "created_by__user", "confirmed_by__user").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_own_round(acting: Acting, pk: int) -> TermRound:
    found = get_round(acting, pk)
    if acting is None or found.organisation_id != acting.organisation_id:
        raise Http404
    return found


def get_wish(acting: Acting, pk: int) -> Wish:
    """Of the own organisation, or of a round that it has opened. Http404 for every other one."""
    rows = Wish.objects.select_related("round__organisation", "organisation", "service__organisation", "service__resource__whole", "granted_service", "series")
    mine = Q(organisation=acting.organisation_id) | Q(round__organisation=acting.organisation_id) if acting and may_offer(acting) else Q(pk__in=[])
    wish = rows.filter(mine, pk=pk).first()
    if wish is None:
        raise Http404
    return wish


def services_for_round(by: Membership) -> QuerySet[SharedService]:
    """Own public facilities and staff; for who coordinates an area those of its members too."""
    rows = SharedService.objects.filter(state=Publication.PUBLIC, kind__in=(ServiceKind.FACILITY, ServiceKind.STAFF), resource__isnull=False)
    own = Q(organisation=by.organisation_id)
    if by.area_id:
        members = AreaMembership.objects.filter(shown_as_members(), area=by.area_id)
        own |= Q(organisation__in=members.filter(unit=None).values("organisation")) | Q(organisation__in=members.filter(organisation=None).values("unit__owner"))
        own &= Q(organisation=by.organisation_id) | open_to(by.organisation_id)
    return rows.filter(own).select_related("organisation", "resource").order_by("sort_key_fi", "pk")


def wishable(by: Membership, found: TermRound) -> QuerySet[SharedService]:
    """Services of the round that the organisation may use now."""
    return found.services.filter(open_to(by.organisation_id), state=Publication.PUBLIC).select_related("organisation", "resource__whole").order_by("sort_key_fi", "pk")


@dataclass
class Ground:
    """Everything that decides a round, read once: the queries do not grow with the wishes."""

    round: TermRound
    services: dict[int, SharedService]
    weeks: dict[int, Weeks]
    allowed: set[tuple[int, int]]
    terms: dict[int, list[TermPeriod]]
    now: datetime
    left: dict[int, int] = field(default_factory=dict)
    faults: dict[tuple, list[Fault] | None] = field(default_factory=dict)
    outside: dict[tuple[int, date], bool] = field(default_factory=dict)

    def dates_of(self, service: SharedService, slot: dict) -> Iterator[tuple[date, list[Fault] | None]]:
        """Each date of the term with what speaks against it, looked up when it is asked for; None where the hours do not exist."""
        resource, (starts, ends) = service.resource_id or 0, hours_of(slot)
        first_day = self.round.first_day + timedelta(days=(slot["weekday"] - self.round.first_day.isoweekday()) % 7)
        for day in weekly_days(first_day, self.round.last_day):
            key = (resource, day, starts, ends)
            if key not in self.faults:
                instants = slot_on(day, starts, ends)
                self.faults[key] = self.weeks[resource].faults(instants, now=self.now) if instants else None
            yield day, self.faults[key]

    def is_outside(self, organisation: int, day: date) -> bool:
        key = (organisation, day)
        if key not in self.outside:
            self.outside[key] = outside_terms(self.terms.get(organisation, []), day)
        return self.outside[key]

    def fitting(self, service: SharedService, slot: dict, organisation: int) -> frozenset[date]:
        """The dates on which it would be booked."""
        return frozenset(day for day, faults in self.dates_of(service, slot) if faults == [] and not self.is_outside(organisation, day))

    def obstacles(self, service: SharedService, slot: dict, organisation: int, *, enough: bool = False) -> list[dict[str, Any]]:
        """Everything that speaks against the slot whoever else wishes; each with its first date, how many there are, and who has it.

        `enough`: one thing will do, for whoever only asks whether it can be given.
        """
        if service.pk not in self.services or service.resource is None or (service.organisation_id != organisation and (service.pk, organisation) not in self.allowed):
            return [{"code": Obstacle.NOT_OFFERED}]
        found: dict[str, dict[str, Any]] = {}
        remaining = 0
        for day, faults in self.dates_of(service, slot):
            if faults is None or self.is_outside(organisation, day) or any(one.misfit in LEFT_OUT for one in faults):
                continue
            remaining += 1
            for fault in faults:
                if fault.misfit == Misfit.SHARE:
                    continue
                one = found.setdefault(fault.misfit, {"code": fault.misfit, "day": day.isoformat(), "dates": 0} | ({"holder": fault.holder.pk} if fault.holder else {}))
                one["dates"] += 1
            if enough and found:
                break
        weeks = self.weeks[service.resource.pk]
        if not remaining:
            found[Obstacle.NO_DATES] = {"code": Obstacle.NO_DATES}
        if not on_interval(hours_of(slot)[0], weeks.calendar.root):
            found[Obstacle.INTERVAL] = {"code": Obstacle.INTERVAL}
        person = self.person(service)
        if person is not None and minutes_of(slot) > self.left[person]:
            found[Misfit.SHARE] = {"code": Misfit.SHARE}
        return list(found.values())

    def person(self, service: SharedService) -> int | None:
        """The resource whose share counts; None of a space."""
        root = self.weeks[service.resource_id or 0].calendar.root
        if not root.is_person:
            return None
        if root.pk not in self.left:
            self.left[root.pk] = self.weeks[service.resource_id or 0].minutes_left() or 0
        return root.pk

    def choice(self, service: SharedService, slot: dict, *, hard: bool) -> Choice:
        if service.resource_id not in self.weeks:
            return Choice(frozenset(), 0, 0, hard=True)
        calendar = self.weeks[service.resource_id].calendar
        starts, minutes = minute(hours_of(slot)[0]), minutes_of(slot)
        mask = mask_of(slot["weekday"], starts, starts + minutes, calendar.root.buffer_before, calendar.root.buffer_after)
        return Choice(frozenset(calendar.leaves), mask, minutes, self.person(service), hard)

    def asked(self, wish: Wish) -> Asked:
        service = self.services.get(wish.service_id, wish.service)
        choices = [self.choice(service, slot, hard=bool(self.obstacles(service, slot, wish.organisation_id, enough=True))) for slot in wish.slots]
        return Asked(wish.pk, wish.organisation.slug, wish.rank, tuple(choices))

    def told(self, wish: Wish, refusals: list[Refusal]) -> list[list[dict[str, Any]]]:
        """What is stored of the slots that were not given."""
        service = self.services.get(wish.service_id, wish.service)
        rows = []
        for slot, refusal in zip(wish.slots, refusals, strict=False):
            found = self.obstacles(service, slot, wish.organisation_id)
            if refusal.given:
                found.append({"code": Obstacle.GIVEN, "wishes": refusal.given, "before": len(refusal.before)})
            if refusal.share:
                found.append({"code": Obstacle.SHARE_GIVEN, "before": len(refusal.before)})
            rows.append(found)
        return rows

    def next_free(self, wish: Wish, given: Given) -> dict | None:
        """A slot as long as the dearest one, of the same service, that nothing speaks against: the nearest weekday, then the nearest hour."""
        service, wanted = self.services.get(wish.service_id, wish.service), wish.slots[0]
        if service.resource_id not in self.weeks:
            return None
        weeks, minutes, looks = self.weeks[service.resource_id], minutes_of(wanted), 0
        for far in range(7):
            weekday = (wanted["weekday"] - 1 + far) % 7 + 1
            for start in self._starts(weeks, weekday, minutes, minute(hours_of(wanted)[0])):
                slot = {"weekday": weekday, "starts": written(start), "ends": written(start + minutes)}
                if not given.is_free(self.choice(service, slot, hard=False)):
                    continue
                looks += 1
                if not self.obstacles(service, slot, wish.organisation_id, enough=True):
                    return slot
                if looks >= MOST_LOOKS:
                    return None
        return None

    def _starts(self, weeks: Weeks, weekday: int, minutes: int, wanted: int) -> list[int]:
        """Within the hours that hold on most weekdays of the kind, on the resource's interval."""
        calendar = weeks.calendar
        rows = [row for row in calendar.hours if row.weekday == weekday and (not row.first_day or row.first_day <= self.round.last_day and (row.last_day or date.max) >= self.round.first_day)]
        hours = {(minute(row.opens), minute(row.closes) or 24 * 60) for row in rows} if calendar.hours else {(8 * 60, 16 * 60)}
        step = calendar.root.start_interval
        found = {start for opens, closes in hours for start in range(-(-opens // step) * step, closes - minutes + 1, step)}
        return sorted(found, key=lambda start: (abs(start - wanted), start))


def read_ground(found: TermRound, organisations: set[int], now: datetime | None = None) -> Ground:
    """Of the round's public services whose resource has not ended."""
    today = timezone.localdate()
    rows = found.services.filter(Q(resource__ended_on=None) | Q(resource__ended_on__gt=today), state=Publication.PUBLIC, resource__isnull=False).select_related(*BOOKED_WITH)
    services = {service.pk: service for service in rows}
    weeks = read_weeks({service.resource_id: service.resource for service in services.values() if service.resource}.values(), found.first_day, found.last_day)
    terms = defaultdict(list)
    for term in TermPeriod.objects.filter(organisation__in=organisations):
        terms[term.organisation_id].append(term)
    return Ground(found, services, weeks, allowed_pairs(list(services.values()), organisations), terms, now or timezone.now())


def given_already(ground: Ground, wishes: list[Wish], but: int | None = None) -> Given:
    """What the granted wishes hold, `but` one."""
    given = Given(ground.left)
    for wish in wishes:
        if wish.state == WishState.GRANTED and wish.pk != but and wish.granted_slot and wish.granted_service_id in ground.services:
            given.give(wish.pk, ground.choice(ground.services[wish.granted_service_id], wish.granted_slot, hard=False))
    return given


def wishes_of(found: TermRound) -> list[Wish]:
    return list(found.wishes.select_related("organisation", "service__organisation", "service__resource", "granted_service", "wished_by__user").order_by("rank", "pk"))


def hours_of(slot: dict) -> tuple[time, time]:
    return time.fromisoformat(slot["starts"]), time.fromisoformat(slot["ends"])


def minute(at: time) -> int:
    return at.hour * 60 + at.minute


def minutes_of(slot: dict) -> int:
    starts, ends = hours_of(slot)
    return (minute(ends) or 24 * 60) - minute(starts)


def written(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


