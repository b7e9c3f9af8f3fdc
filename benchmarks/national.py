"""The whole country in a PostgreSQL: 309 municipalities, 45 partnerships, 300,000 clients, 3,000,000 events, invented.

    DATABASE_URL=postgres://… python -m benchmarks.national [--clients 300000] [--events 10] [--seed 1] [--everything]

Fills an empty database. The same seed on the same day gives the same rows. `fill` does it in any empty database that
the network is loaded in. With `--everything` also the shared services with their bookings (a thirtieth as many services
as clients), cooperation models and obstacles, and the summaries of all of it.
"""
import argparse
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from io import StringIO

from benchmarks.prepared import set_up

MUNICIPALITIES, PARTNERSHIPS = 309, 45
CLIENTS_A_COUNSELLOR = 60
# A small country has fewer partnerships, so that every list of its counsellors fills its page as it does in a large one.
CLIENTS_A_PARTNERSHIP = 1_500
CHUNK = 5_000
SOURCE = "made for the benchmark"
# The counsellor, the lead and the guide at the college whose pages are measured.
COUNSELLOR, LEAD, COLLEGE_COUNSELLOR = (f"{part}-1-1@benchmark.example" for part in ("employment", "lead", "college"))
# Of an organisation that guides everybody in the country.
EVERYWHERE = "everywhere-1@benchmark.example"
CLIENTS_A_SERVICE = 30


def fill(clients: int, events_per_client: int, seed: int) -> None:
    """Add so many clients with about so many events each, with their municipalities, partnerships and counsellors.

    PostgreSQL only, as a superuser: foreign keys are not looked at and indexes are built at the end, so nothing else
    may write meanwhile. Expects no clients, and load_network done. The sum of the events is clients x events_per_client,
    and thirty for the first client of each partnership.
    """
    from django.db import connection
    from django.utils import timezone

    from benchmarks.bulk import bare_tables, copy, finish
    from benchmarks.country import fill_up
    from benchmarks.national_rows import COLUMNS, Writer

    fill_up(MUNICIPALITIES)
    writer = Writer(_make_partners(clients), seed=seed, today=timezone.localdate())
    connection.ensure_connection()
    tables = [model._meta.db_table for model in COLUMNS]
    with bare_tables(tables), ThreadPoolExecutor(1) as copier:
        before: Future | None = None
        for number in range(clients):
            # As many above as below, two by two, so that the sum is exact.
            alone = clients % 2 and number == clients - 1
            spread = (number // 2 * 5) % (events_per_client - 2) if events_per_client > 3 and not alone else 0
            writer.person(events_per_client + (spread if number % 2 else -spread))
            if number % CHUNK == CHUNK - 1 or number == clients - 1:
                if before:
                    before.result()
                # The next clients are made while PostgreSQL takes these.
                before = copier.submit(copy, connection.connection, COLUMNS, writer.take())
        if before:
            before.result()
    finish(list(COLUMNS))


def _make_partners(clients: int) -> list:
    """Partnerships of three organisations each, with as many counsellors as the clients need."""
    from django.utils import timezone

    from benchmarks.national_rows import Partners
    from guidance.choices import Part
    from guidance.models import Partnership, PartnershipPart
    from pilots.choices import OrganisationKind
    from pilots.models import Municipality

    places = list(Municipality.objects.filter(valid_to=None).order_by("code").values_list("pk", "code"))
    kinds = {Part.EMPLOYMENT: OrganisationKind.EMPLOYMENT_AUTHORITY, Part.COLLEGE: OrganisationKind.JOINT_AUTHORITY, Part.OTHER: OrganisationKind.ASSOCIATION}
    partnerships = max(1, min(PARTNERSHIPS, clients // CLIENTS_A_PARTNERSHIP))
    needed = max(2, clients // partnerships // CLIENTS_A_COUNSELLOR)
    counts = {Part.EMPLOYMENT: needed, Part.COLLEGE: max(2, needed // 3), Part.OTHER: 2}
    everywhere = _make_body("everywhere", OrganisationKind.STATE_BODY, 2)
    made = []
    for number in range(1, partnerships + 1):
        bodies = {part: _make_body(f"{part}-{number}", kind, counts[part]) for part, kind in kinds.items()}
        lead = _make_lead(number, bodies[Part.EMPLOYMENT].organisation)
        partnership = Partnership.objects.create(
            slug=f"benchmark-{number}", name_fi=f"Mittauskumppanuus {number}", process_organisation_id=bodies[Part.EMPLOYMENT].organisation, lead=lead,
            roles_agreement="made", roles_agreed_on=date(2020, 1, 1), dpia_reference="made", opened_at=timezone.now(), source=SOURCE,
        )
        PartnershipPart.objects.bulk_create(
            PartnershipPart(partnership=partnership, organisation_id=body.organisation, part=part, position=place, acts_as_authority=part != Part.OTHER) for place, (part, body) in enumerate(bodies.items())
        )
        made.append(Partners(partnership.pk, bodies[Part.EMPLOYMENT], bodies[Part.COLLEGE], bodies[Part.OTHER], places[number - 1 :: partnerships], everywhere))
    return made


def _make_body(slug: str, kind: str, people: int):
    from django.utils import timezone

    from accounts.models import User
    from benchmarks.national_rows import Body
    from pilots.choices import LegalForm, Role
    from pilots.models import Membership, Organisation

    organisation = Organisation.objects.create(slug=f"benchmark-{slug}", name_fi=f"Mittaus {slug}", kind=kind, legal_form=LegalForm.JOINT_AUTHORITY, source=SOURCE)
    now = timezone.now()
    users = User.objects.bulk_create(User(email=f"{slug}-{one}@benchmark.example", name=f"Benchmark {slug} {one}", password="!", date_joined=now) for one in range(1, people + 1))
    members = Membership.objects.bulk_create(Membership(user=user, organisation=organisation, role=Role.COUNSELLOR, started_at=now) for user in users)
    return Body(organisation.pk, [member.pk for member in members])


def _make_lead(number: int, organisation: int):
    from django.utils import timezone

    from accounts.models import User
    from pilots.choices import Role
    from pilots.models import Membership

    user = User.objects.create(email=f"lead-{number}-1@benchmark.example", name=f"Benchmark Lead {number}", password="!")
    return Membership.objects.create(user=user, organisation_id=organisation, role=Role.PARTNERSHIP_LEAD, started_at=timezone.now())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--clients", type=int, default=300_000)
    parser.add_argument("--events", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--everything", action="store_true")
    chosen = parser.parse_args()
    set_up()
    from django.core.management import call_command

    for command in (["migrate"], ["createcachetable"], ["build_word_forms"], ["load_network"]):
        call_command(*command, verbosity=0, stdout=StringIO())
    fill(chosen.clients, chosen.events, chosen.seed)
    if chosen.everything:
        _fill_the_rest(chosen.clients // CLIENTS_A_SERVICE)


def _fill_the_rest(services: int) -> None:
    """What is no client: services and bookings, models and obstacles; then what is counted of all."""
    from django.core.management import call_command
    from django.utils import timezone

    from benchmarks import market
    from benchmarks.cooperation import fill_cooperation
    from benchmarks.country import fill_figures
    from summaries.actions.freezing import last_ended
    from summaries.queries.published_tables import earlier

    market.fill(services)
    fill_cooperation()
    fill_figures(years=1)
    # The last month that tells of a quarter, so that every table of clients has something to tell.
    quarter = next(month for month in (earlier(last_ended(timezone.localdate()), back) for back in range(3)) if month.month % 3 == 0)
    for command in (["rebuild_summaries"], ["freeze_summaries"], ["freeze_summaries", "--clients", f"--month={quarter:%Y-%m}"]):
        started = time.perf_counter()
        call_command(*command, verbosity=0, stdout=StringIO())
        print(f"{' '.join(command)}: {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
