"""Invented needs with answers, and two term rounds: one that is proposed and one that is confirmed."""
from datetime import time, timedelta

from pilots.models import Membership
from services.choices import RoundState, ServiceKind, WishState
from services.loading.demo_bodies import WEEKS_AFTER, Body, Demo
from services.loading.demo_bookings import series_of
from services.models import Need, NeedAnswer, SharedService, TermRound, Wish
from services.queries.allocation import allocate
from services.queries.rounds import hours_of, read_ground, wishes_of
from services.queries.times import WEEK, week_of

# What is looked for, the word that an offer must have, kind, weekdays, hours.
NEEDS = (
    ("Ruotsin opettaja, 6 tuntia viikossa (demo)", "ruotsi", ServiceKind.STAFF, [2, 3], (time(9), time(11)), 6),
    ("Puutyöluokka tiistaisin (demo)", "puutyöluokka", ServiceKind.FACILITY, [2], (time(12), time(15)), None),
    ("Hitsauskurssi aikuisille (demo)", "hitsaus", ServiceKind.COURSE, [], None, None),
    ("Matematiikan opettaja etänä (demo)", "matematiikka", ServiceKind.STAFF, [1, 4], (time(8), time(10)), 4),
    ("Opetuskeittiö iltapäivisin (demo)", "keittiö", ServiceKind.FACILITY, [1, 2, 3], (time(13), time(16)), None),
    ("Viittomakielen opettaja (demo)", "viittomakieli", ServiceKind.STAFF, [5], (time(9), time(12)), 3),
)
# Months in which a term has eight weeks to go.
TERM_BEGINS = (1, 2, 3, 9, 10)
# Of the wishes: weekday and hours, the dearest first.
SLOTS = (((2, 9, 11), (3, 9, 11)), ((2, 10, 12),), ((2, 9, 10), (4, 13, 15)), ((3, 9, 12), (2, 9, 11)), ((2, 9, 12),))


def post_needs(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """Of the bodies in turn, those with people first, so that a demo person sees some of their own; neighbours answer every second one."""
    order = sorted((body for body in bodies if body.neighbours), key=lambda body: body.organisation.pk not in handlers)
    needs, answers = [], []
    for number, (what, subject, kind, weekdays, hours, weekly) in enumerate(NEEDS):
        body = order[number % len(order)]
        need = Need(
            organisation=body.organisation, kind=kind, what=what, subject=subject, weekdays=weekdays, starts=hours[0] if hours else None, ends=hours[1] if hours else None, weekly_hours=weekly, municipality=body.municipality,
            first_day=demo.today + timedelta(days=7), last_day=demo.today + timedelta(weeks=12), check_by=demo.today + timedelta(days=45), created_at=demo.now - timedelta(days=number), created_by=handlers.get(body.organisation.pk),
            token=demo.token(), is_demo=True,
        )  # fmt: skip
        need.set_derived()
        needs.append(need)
        if number % 2 == 0:
            helper = body.neighbours[0]
            answers.append(
                NeedAnswer(need=need, organisation=helper.organisation, service=helper.offers[1] if kind == ServiceKind.STAFF else None, text="Voimme auttaa, soittakaa. (Demo)", answered_at=demo.now, answered_by=handlers.get(helper.organisation.pk))
            )
    Need.objects.bulk_create(needs)
    NeedAnswer.objects.bulk_create(answers)


def hold_rounds(bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    """Of a body with an area's coordinator and its neighbours with people in the portal; the second round is still to be confirmed."""
    for opener in (body for body in bodies if body.organisation.pk in handlers and handlers[body.organisation.pk].area_id):
        wishing = [body for body in (opener, *opener.neighbours) if body.organisation.pk in handlers]
        if len(wishing) > 1:
            break
    else:
        return
    # After the last of the demo's own bookings, so that what is refused is refused for the sake of another wish; within a term.
    start = week_of(demo.today) + timedelta(weeks=WEEKS_AFTER + 2)
    while start.month not in TERM_BEGINS:
        start += WEEK
    for number, (name_fi, name_sv) in enumerate((("Lukukauden alun ajat (demo)", "Tider i början av terminen (demo)"), ("Lukukauden lopun ajat (demo)", "Tider i slutet av terminen (demo)"))):
        first = start + 4 * number * WEEK
        found = TermRound(
            organisation=opener.organisation, name_fi=name_fi, name_sv=name_sv, first_day=first, last_day=first + 4 * WEEK - timedelta(days=1), wishes_from=demo.today - timedelta(days=30), wishes_until=demo.today - timedelta(days=3),
            state=RoundState.PROPOSED, lot=demo.token(), token=demo.token(), created_at=demo.now - timedelta(days=40), created_by=handlers[opener.organisation.pk], allocated_at=demo.now - timedelta(days=2), is_demo=True,
        )  # fmt: skip
        found.save()
        found.services.set(opener.offers[:2])
        _wish(found, opener.offers[:2], wishing, handlers, demo)
        _decide(found, demo, confirmed=number == 0)


def _wish(found: TermRound, offers: list[SharedService], bodies: list[Body], handlers: dict[int, Membership], demo: Demo) -> None:
    wishes = []
    for number, body in enumerate(bodies):
        for rank in (1, 2, 3):
            slots = [{"weekday": weekday, "starts": f"{starts:02}:00", "ends": f"{ends:02}:00"} for weekday, starts, ends in SLOTS[(number + 2 * rank) % len(SLOTS)]]
            wishes.append(
                Wish(
                    round=found, organisation=body.organisation, service=offers[0 if rank < 3 else 1], rank=rank, slots=slots, purpose="Valinnaiskurssi (demo)", people=12, wished_at=demo.now - timedelta(days=9),
                    wished_by=handlers[body.organisation.pk], token=demo.token(),
                )
            )  # fmt: skip
    Wish.objects.bulk_create(wishes)


def _decide(found: TermRound, demo: Demo, *, confirmed: bool) -> None:
    """By the rule; a confirmed one has its bookings."""
    wishes = wishes_of(found)
    ground = read_ground(found, {wish.organisation_id for wish in wishes}, demo.now)
    results, given = allocate([ground.asked(wish) for wish in wishes], lot=str(found.lot), left=ground.left)
    for wish in wishes:
        result = results[wish.pk]
        wish.state = WishState.REFUSED if result.choice is None else WishState.GRANTED
        wish.granted_service, wish.granted_slot = (None, None) if result.choice is None else (wish.service, wish.slots[result.choice])
        wish.obstacles = ground.told(wish, result.refusals)
        wish.offered = ground.next_free(wish, given) if result.choice is None else None
        if confirmed and wish.granted_slot:
            day = found.first_day + timedelta(days=wish.granted_slot["weekday"] - 1)
            wish.series = series_of(wish.service, wish.wished_by, day, found.last_day, hours_of(wish.granted_slot), demo, confirmed=True)
        wish.save()
    if confirmed:
        found.state, found.confirmed_at, found.confirmed_by = RoundState.CONFIRMED, demo.now, found.created_by
        found.save()

