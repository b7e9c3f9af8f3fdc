"""The demo's invented clients of the Kuopio partnership. On the first day of the trial their totals are the source's own.

Source of the four totals: the partnership model of the City of Kuopio and Savon koulutuskuntayhtymä. "Lähes 1400" is
read as 1,400, and 40 % of 6,273 as 2,509. Everything else about these clients is ours, and so is everybody who comes after
that day (`demo_arrivals`).
"""
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guidance.choices import EducationBackground, EventKind, Part, ProgrammeKind, Stage, TargetGroup
from guidance.loading import demo_texts as texts
from guidance.loading.demo_arrivals import Arrival, arrivals
from guidance.loading.demo_files import attach_files
from guidance.loading.demo_lives import ALL_AT_ONCE, AS_THEY_COME, live
from guidance.loading.demo_names import invent
from guidance.loading.demo_own import make_own_pages
from guidance.loading.demo_people import give_second_factors, guides, let_some_be_away, make_people, open_with_demo_values
from guidance.loading.demo_rows import Rows, World
from guidance.loading.demo_seats import give_seats
from guidance.loading.demo_story import Story
from guidance.models import Client, DropIn, Event, Partnership, Pathway
from guidance.models.client import fold_name
from guidance.models.pathway import ALPHABET
from guidance.queries.invariants import check_everything
from guidance.registries import pathways_changed
from pilots.models import Membership, Municipality
from pilots.sorting import sort_key

PARTNERSHIP = "kuopio"
FIRST_DAY = date(2021, 1, 1)
# Midnight in Helsinki.
FIRST_MOMENT = datetime(2020, 12, 31, 22, tzinfo=UTC)
CLIENTS, SEEKERS, NO_QUALIFICATION, UNDER_30 = 6273, 2206, 1400, 2509
WITHOUT_QUALIFICATION = [EducationBackground.BASIC, EducationBackground.BASIC_UNFINISHED]
KUOPIO = "297"
CHUNK = 500


class CaseloadRefused(Exception):
    """Why no clients can be loaded here, as a sentence."""


@dataclass(frozen=True)
class Totals:
    clients: int
    seekers: int
    no_qualification: int
    under_30: int


def count_totals(partnership: Partnership, day: date = FIRST_DAY) -> Totals:
    """What the source counts, counted from the pathways that were open on `day`."""
    begun = datetime.combine(day, time.max, UTC) - timedelta(hours=2)
    there = Pathway.objects.filter(partnership=partnership, opened_at__lte=begun).filter(Q(closed_at=None) | Q(closed_at__gt=begun))
    thirty = day.replace(year=day.year - 30)
    return Totals(
        clients=there.count(),
        seekers=there.filter(seeks_competence=True).count(),
        no_qualification=there.filter(education_background__in=WITHOUT_QUALIFICATION).count(),
        under_30=there.filter(client__birth_date__gt=thirty).count(),
    )


@dataclass(frozen=True)
class Load:
    partnership: Partnership
    # Rows by model; empty when there were clients already.
    stored: dict[str, int]


@transaction.atomic
def load_caseload(*, clients: int, seed: int, as_of: date, now: datetime) -> Load:
    """Make so many clients with their histories up to the morning of `as_of`, and in proportion those who come later, the same for the same seed; all of it or nothing.

    Opens the partnership with values that say they are the demo's, and makes the people and their second factors.
    Where there are clients already, none are made. Raises CaseloadRefused when something must be loaded first, and
    when what it made breaks an invariant.
    """
    partnership = Partnership.objects.filter(slug=PARTNERSHIP).first()
    if partnership is None:
        raise CaseloadRefused("Run load_partnerships first: the Kuopio partnership is not loaded.")
    if as_of <= FIRST_DAY:
        raise CaseloadRefused(f"The histories begin on {FIRST_DAY}: choose a later day for --as-of.")
    make_people(partnership, now=now)
    give_second_factors()
    try:
        open_with_demo_values(partnership, opened_at=FIRST_MOMENT)
    except Membership.DoesNotExist:
        raise CaseloadRefused("Run load_demo first: the demo's partnership lead is not there.") from None
    if Pathway.objects.filter(partnership=partnership).exists():
        make_own_pages(partnership, now=now)
        return Load(partnership, {})
    world = World(
        partnership=partnership,
        people=guides(partnership),
        programmes={one.code: (one.pk, one.is_historical) for one in partnership.programmes.filter(kind=ProgrammeKind.MEASURE)},
        until=datetime.combine(as_of, time.min, UTC),
    )
    rows = _tell_stories(world, clients, seed)
    rows.store()
    _talk_at_the_square(world, rows, clients, seed)
    attach_files(world, rows, seed)
    rows.finish()
    let_some_be_away(world)
    give_seats(world, seed)
    make_own_pages(partnership, now=now)
    pathways_changed(partnership.pathways.values_list("pk", flat=True))
    _check(world.until)
    return Load(partnership, dict(rows.stored))


def _tell_stories(world: World, clients: int, seed: int) -> Rows:
    rows, taken, guiding = Rows(), set[str](), world.people[Part.EMPLOYMENT]
    municipality = Municipality.objects.filter(code=KUOPIO).first()
    for told, one in enumerate(chain(_there_at_first(clients, seed), arrivals(world.until, clients / CLIENTS, seed)), start=1):
        client = _client(one, municipality)
        rows.add(client)
        pathway, owner = _pathway(one, world, client, _pseudonym(one.rng, taken)), guiding[one.number % len(guiding)]
        pathway.process_owner_id, pathway.process_person = owner.organisation_id, owner
        rows.add(pathway)
        story = Story(world, rows, one.rng, pathway, owner)
        live(story, seeks=one.seeks, pace=ALL_AT_ONCE if one.at == FIRST_MOMENT else AS_THEY_COME)
        if client.is_protected:
            rows.named.append((client, list(dict.fromkeys([owner, story.lead or owner]))))
        if told % CHUNK == 0:
            rows.store()
    return rows


def _there_at_first(clients: int, seed: int) -> Iterator[Arrival]:
    """The source's."""
    for number, (young, unqualified, seeks) in enumerate(draw_kinds(random.Random(f"{seed} kinds"), clients)):  # noqa: S311  invented people, nothing secret
        yield Arrival(number, FIRST_MOMENT, random.Random(f"{seed} {number}"), young, unqualified, seeks)  # noqa: S311


def draw_kinds(rng: random.Random, clients: int) -> list[tuple[bool, bool, bool]]:
    """Under 30, without a qualification, seeking competence development: each total exact, and the three belonging together as they do."""

    def of(total: int) -> int:
        return round(total * clients / CLIENTS)

    young = set(rng.sample(range(clients), of(UNDER_30)))
    unqualified = _draw(rng, of(NO_QUALIFICATION), young, set(range(clients)) - young, 0.6)
    seeking = _draw(rng, of(SEEKERS), unqualified, set(range(clients)) - unqualified, 0.42)
    return [(number in young, number in unqualified, number in seeking) for number in range(clients)]


def _draw(rng: random.Random, total: int, first: set[int], rest: set[int], share: float) -> set[int]:
    """So many of both together, about `share` of them of the first."""
    of_first = max(min(round(total * share), len(first)), total - len(rest))
    return set(rng.sample(sorted(first), of_first)) | set(rng.sample(sorted(rest), total - of_first))


def _pseudonym(rng: random.Random, taken: set[str]) -> str:
    while True:
        text = "".join(rng.choices(ALPHABET, k=8))
        if (found := f"{text[:4]}-{text[4:]}") not in taken:
            taken.add(found)
            return found


def _client(one: Arrival, municipality: Municipality | None) -> Client:
    identity = invent(one.rng, one.number)
    first, last = _born(one)
    protected = one.rng.random() < 0.004
    client = Client(
        family_name=identity.family_name,
        given_names=identity.given_names,
        birth_date=first + timedelta(days=one.rng.randint(0, (last - first).days)),
        created_at=one.at,
        is_protected=protected,
        **identity.contact,
    )
    if protected:
        client.address = client.phone = client.email = ""
        client.contact_address = f"PL {one.number}, keksitty postilokero"
    else:
        client.municipality, client.municipality_code = municipality, KUOPIO
    client.sort_key = sort_key(f"{client.family_name} {client.given_names}")
    client.search_name = fold_name(f"{client.family_name} {client.given_names}")
    return client


def _born(one: Arrival) -> tuple[date, date]:
    """Between 18 and 64 years on the day of coming; who turns 30 on that very day is not under 30."""
    came, day = timezone.localdate(one.at), timedelta(days=1)

    def before(years: int) -> date:
        return came.replace(year=came.year - years, day=28 if (came.month, came.day) == (2, 29) else came.day)

    return (before(30) + day, before(18) - day) if one.is_young else (before(65), before(30) - day)


def _pathway(one: Arrival, world: World, client: Client, pseudonym: str) -> Pathway:
    rng, group = one.rng, ""
    if one.seeks:
        group = TargetGroup.NO_QUALIFICATION if one.is_unqualified else rng.choice([TargetGroup.CHANGING_OCCUPATION, TargetGroup.UPDATING_COMPETENCE])
    if one.is_unqualified:
        background = rng.choices(WITHOUT_QUALIFICATION, [85, 15])[0]
    else:
        background = rng.choices([EducationBackground.VOCATIONAL, EducationBackground.UPPER_SECONDARY_GENERAL, EducationBackground.HIGHER, EducationBackground.ABROAD], [56, 13, 24, 7])[0]
    return Pathway(
        pseudonym=pseudonym,
        client=client,
        partnership=world.partnership,
        stage=Stage.REGISTERED,
        target_group=group,
        seeks_competence=one.seeks,
        education_background=background,
        goal=rng.choice(texts.GOALS[group]) if group else "",
        opened_at=one.at,
        last_event_at=one.at,
        version=0,
    )


def _talk_at_the_square(world: World, rows: Rows, clients: int, seed: int) -> None:
    """Drop-in talks at the palvelutori since the autumn of 2020; some became the first event of a pathway."""
    rng = random.Random(f"{seed} square")  # noqa: S311
    hosts = world.people[Part.EMPLOYMENT][:4] + world.people[Part.COLLEGE][:2]
    begun = datetime(2020, 10, 1, 8, tzinfo=UTC)
    first = list(Pathway.objects.filter(partnership=world.partnership, seeks_competence=True).order_by("pk")[: clients // 50])
    talks = sorted(begun + timedelta(days=rng.randint(0, 85), minutes=rng.randint(0, 400)) for _turn in first)
    days = (world.until - FIRST_MOMENT).days
    later = sorted(FIRST_MOMENT + timedelta(days=rng.randint(3, max(3, days - 1)), hours=11, minutes=rng.randint(0, 300)) for _turn in range(clients // 3))
    for number, at in enumerate([*talks, *(moment for moment in later if moment < world.until)]):
        by = rng.choice(hosts)
        talk = DropIn(
            partnership=world.partnership,
            at=at,
            by=by,
            organisation_id=by.organisation_id,
            topic=rng.choices(["education", "work", "income", "other"], [55, 25, 12, 8])[0],
            under_30=rng.choice([True, False, None]),
            token=_token(rng),
        )
        if number < len(first):
            event = Event(pathway=first[number], kind=EventKind.DROP_IN, at=at, by=by, organisation_id=by.organisation_id, detail={"topic": talk.topic}, token=_token(rng))
            rows.add(event)
            talk.event = event
        rows.add(talk)


def _token(rng: random.Random) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _check(now: datetime) -> None:
    broken = [finding for finding in check_everything(now) if finding.count]
    if broken:
        raise CaseloadRefused("The clients made break the guarantee, so none was kept: " + "; ".join(f"{one.rule} {one.count} ({', '.join(one.pseudonyms[:3])})" for one in broken))
