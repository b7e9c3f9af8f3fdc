"""A round of 2,000 wishes allocated against its bar of 30 seconds, in a database that benchmarks.market has filled.

    DATABASE_URL=postgres://… python -m benchmarks.rounds [--wishes 2000]

Two hundred municipalities wish for evenings of a hundred rooms and people, three times each; all is rolled back.
"""
import argparse
import random
import sys
import time
from datetime import timedelta
from uuid import UUID

from benchmarks.prepared import set_up

BAR = 30.0  # seconds
SERVICES, WISHERS = 100, 200
WEEKS = 20


def measure(wishes: int, seed: int = 1) -> bool:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from benchmarks.market import HANDLER
    from pilots.models import Membership
    from services.actions.rounds import propose_round
    from services.choices import Audience, RoundState, WishState
    from services.models import SharedService, TermRound, Wish

    rng, now, today = random.Random(seed), timezone.now(), timezone.localdate()
    person = Membership.objects.active().get(user__email=HANDLER)
    others = list(Membership.objects.active().filter(user__email__endswith=HANDLER.partition("@")[2]).exclude(pk=person.pk).order_by("pk")[:WISHERS])
    offered = list(SharedService.objects.filter(resource__isnull=False, audience=Audience.NETWORK).order_by("pk")[:SERVICES])
    first_day = today + timedelta(days=28 - today.weekday())
    with transaction.atomic():
        found = TermRound(
            organisation=person.organisation, name_fi="Mitattava kierros", first_day=first_day, last_day=first_day + timedelta(weeks=WEEKS, days=-1), wishes_from=today - timedelta(days=14),
            wishes_until=today - timedelta(days=1), state=RoundState.CLOSED, created_at=now, created_by=person, lot=UUID(int=seed),
        )  # fmt: skip
        found.set_derived()
        found.save()
        found.services.set(offered)
        made = []
        for number in range(wishes):
            by = others[number % len(others)]
            times = [(weekday, hour) for weekday in range(1, 6) for hour in range(8, 19)]
            slots = [{"weekday": weekday, "starts": f"{hour:02}:00", "ends": f"{hour + rng.choice((1, 2)):02}:00"} for weekday, hour in rng.sample(times, 3)]
            made.append(Wish(round=found, organisation=by.organisation, service=rng.choice(offered), rank=number // len(others) + 1, slots=slots, purpose="Keksitty", wished_at=now, wished_by=by))
        Wish.objects.bulk_create(made)
        with CaptureQueriesContext(connection) as queries:
            started, worked = time.perf_counter(), time.process_time()
            propose_round(by=person, round=found, version=found.version)
            taken, worked = time.perf_counter() - started, time.process_time() - worked
        granted = found.wishes.filter(state=WishState.GRANTED).count()
        transaction.set_rollback(True)
    print(f"{wishes} wishes for {len(offered)} services over {WEEKS} weeks allocated in {taken:.1f} s ({worked:.1f} s of the process), bar {BAR:.0f}; {granted} granted; {len(queries)} queries")
    return taken <= BAR and 0 < granted < wishes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wishes", type=int, default=2000)
    chosen = parser.parse_args()
    set_up()
    sys.exit(0 if measure(chosen.wishes) else 1)


if __name__ == "__main__":
    main()
