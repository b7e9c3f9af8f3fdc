"""The demo's invented clients: exact totals, the same for the same seed, nobody lost, and in a demo only."""
import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from guidance.choices import ConsentEnd, HandoffKind, HandoffState, Outcome, Stage
from guidance.loading.demo_arrivals import arrivals
from guidance.loading.demo_caseload import (
    CLIENTS,
    FIRST_MOMENT,
    NO_QUALIFICATION,
    SEEKERS,
    UNDER_30,
    CaseloadRefused,
    Totals,
    count_totals,
    draw_kinds,
    load_caseload,
)
from guidance.loading.partnerships import load_partnerships
from guidance.models import Absence, Attachment, Client, Consent, DropIn, Event, Handoff, NextStep, Partnership, Pathway, StagePeriod
from guidance.queries.invariants import check_everything
from pilots.attachments import check_file, open_stored
from pilots.choices import LegalForm, OrganisationKind, Role
from pilots.loading.demo import load_demo, remove_demo, sign_ins
from pilots.models import Membership, Organisation

AS_OF = date(2024, 6, 3)
MORNING = datetime(2024, 6, 3, tzinfo=UTC)


@pytest.fixture
def demo(db, settings) -> Iterator[None]:
    settings.DEMO = True
    _make("kuntaliitto", OrganisationKind.ASSOCIATION)
    for slug, kind in (("kuopion-tyollisyyspalvelu", OrganisationKind.EMPLOYMENT_AUTHORITY), ("savon-koulutuskuntayhtyma", OrganisationKind.JOINT_AUTHORITY), ("te-palvelut", OrganisationKind.TE_SERVICES), ("kuopion-kaupunki", OrganisationKind.MUNICIPAL_ENTERPRISE)):
        _make(slug, kind)
    load_partnerships()
    lead = User.objects.create_user("kumppanuus@example.org", "three plain words here", name="Demo Kumppanuusvastaava", is_demo=True)
    Membership.objects.create(user=lead, organisation=Organisation.objects.get(slug="kuopion-tyollisyyspalvelu"), role=Role.PARTNERSHIP_LEAD, started_at=timezone.now())
    yield
    if connection.vendor == "postgresql":
        # All keys are checked now, in one statement; its plans are of the first test, when there was a row or two, and would read each table whole for each key.
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS")


def _make(slug: str, kind: str) -> None:
    Organisation.objects.create(slug=slug, name_fi=slug, kind=kind, legal_form=LegalForm.ASSOCIATION, source="made for tests")


def load(*, clients: int = 40, seed: int = 7, as_of: date = AS_OF):
    return load_caseload(clients=clients, seed=seed, as_of=as_of, now=timezone.now())


def digest() -> str:
    """Everything that a person would see of the clients, keys and people's keys left out."""
    sha = hashlib.sha256()
    for rows in (
        Client.objects.order_by("pk").values_list("family_name", "given_names", "birth_date", "phone", "is_protected"),
        Pathway.objects.order_by("pseudonym").values_list("pseudonym", "stage", "opened_at", "closed_at", "outcome", "next_due_on", "process_person__user__email", "guidance_lead__user__email"),
        Event.objects.order_by("pathway__pseudonym", "at", "token").values_list("pathway__pseudonym", "kind", "at", "text", "check_in", "by__user__email", "token"),
        NextStep.objects.order_by("token").values_list("token", "what", "due_on", "done_at", "responsible__user__email"),
        Handoff.objects.order_by("token").values_list("token", "state", "sent_at", "ladder_step", "to_person__user__email"),
        DropIn.objects.order_by("token").values_list("token", "at", "topic"),
    ):
        for row in rows:
            sha.update(repr(row).encode())
    return sha.hexdigest()


class Undone(Exception):
    pass


def digest_of(**choices) -> str:
    """What such a load gives, without keeping it."""
    try:
        with transaction.atomic():
            load(**choices)
            found = digest()
            raise Undone
    except Undone:
        return found


@pytest.mark.battery
def test_load_caseload_totals_are_the_sources_own(demo, battery_count):
    clients = battery_count(CLIENTS)

    made = load(clients=clients, seed=1)

    share = clients / CLIENTS
    assert count_totals(made.partnership) == Totals(clients, round(SEEKERS * share), round(NO_QUALIFICATION * share), round(UNDER_30 * share))
    assert Client.objects.filter(created_at=FIRST_MOMENT).count() == clients
    assert [finding for finding in check_everything(MORNING) if finding.count] == []


@pytest.mark.parametrize("clients", [1, 2, 9, 100, CLIENTS])
def test_draw_kinds_totals_are_exact_whatever_the_seed(clients, rng):
    for _turn in range(5):
        kinds = draw_kinds(rng, clients)

        assert len(kinds) == clients
        assert [sum(column) for column in zip(*kinds, strict=True)] == [round(total * clients / CLIENTS) for total in (UNDER_30, NO_QUALIFICATION, SEEKERS)]


def test_load_caseload_same_seed_gives_the_same_clients(demo):
    first = digest_of(seed=3)

    assert digest_of(seed=3) == first
    assert digest_of(seed=4) != first


@pytest.mark.once
def test_load_caseload_past_is_the_same_whatever_day_it_is_told_up_to(demo):
    """Of those who came later, fewer are told of when their months are longer ago."""

    def stages(as_of: date) -> dict[str, list[tuple]]:
        try:
            with transaction.atomic():
                load(as_of=as_of)
                told: dict[str, list[tuple]] = {}
                for pseudonym, *period in StagePeriod.objects.filter(started_at__lt=datetime(2022, 1, 1, tzinfo=UTC)).order_by("started_at").values_list("pathway__pseudonym", "stage", "started_at"):
                    told.setdefault(pseudonym, []).append(tuple(period))
                found.append(told)
                raise Undone
        except Undone:
            return found.pop()

    found: list[dict[str, list[tuple]]] = []

    soon, years_after = stages(date(2022, 1, 1)), stages(AS_OF)

    assert len(soon) > len(years_after) >= 40
    assert {pseudonym: soon.get(pseudonym) for pseudonym in years_after} == years_after


def test_arrivals_follow_each_month_and_are_many_lately(rng):
    seed, until = rng.randrange(1000), datetime(2026, 11, 22, tzinfo=UTC)

    come = list(arrivals(until, 1, seed))

    by_month = Counter(f"{one.at:%Y-%m}" for one in come)
    lately, before = [f"{2024 + number // 12}-{number % 12 + 1:02}" for number in range(10, 34)], [f"{2021 + number // 12}-{number % 12 + 1:02}" for number in range(1, 36)]
    assert all(55 <= by_month[month] <= 115 for month in lately)
    assert all(7 <= by_month[month] <= 15 for month in before)
    assert by_month["2025-01"] > by_month["2024-12"]
    assert [one.at for one in come] == sorted(one.at for one in come)
    assert (come[0].at.date() >= date(2021, 2, 1), come[-1].at < until, len({one.number for one in come})) == (True, True, len(come))


def test_arrivals_are_in_proportion_and_the_same_for_the_same_seed(rng):
    seed, until = rng.randrange(1000), datetime(2024, 6, 3, tzinfo=UTC)

    def told(share: float) -> dict[int, datetime]:
        return {one.number: one.at for one in arrivals(until, share, seed)}

    tenth, whole = told(0.1), told(1)
    assert len(whole) / 10 == pytest.approx(len(tenth), abs=15)
    assert tenth == {number: whole[number] for number in tenth} == told(0.1)


@pytest.mark.parametrize("as_of", [date(2021, 1, 2), date(2021, 3, 1), date(2023, 6, 30), AS_OF])
def test_load_caseload_nobody_is_lost_on_any_day(demo, as_of):
    load(clients=60, as_of=as_of)

    assert [finding for finding in check_everything(datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)) if finding.count] == []
    assert not Event.objects.filter(at__gte=datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC)).exists()


def test_load_caseload_again_makes_nobody(demo):
    load()
    before = digest(), User.objects.count(), Authenticator.objects.count()

    again = load(seed=8)

    assert again.stored == {}
    assert (digest(), User.objects.count(), Authenticator.objects.count()) == before


def test_load_caseload_is_undone_whole_when_somebody_is_lost(demo):
    """A pathway of another partnership without any step: the check at the end finds it and nothing is kept."""
    kuopio = Partnership.objects.get()
    other = Partnership.objects.create(slug="muu", name_fi="Muu", process_organisation=kuopio.process_organisation, source="made for tests")
    person = Membership.objects.get()
    client = Client.objects.create(family_name="Keksitty", given_names="Yksi", birth_date=date(1990, 1, 1), created_at=MORNING)
    Pathway.objects.create(client=client, partnership=other, stage=Stage.REGISTERED, process_owner=kuopio.process_organisation, process_person=person, opened_at=MORNING, last_event_at=MORNING)

    with pytest.raises(CaseloadRefused, match="without_next_step 1"):
        load()

    assert Client.objects.count() == 1
    assert User.objects.count() == 1
    kuopio.refresh_from_db()
    assert kuopio.opened_at is None


def test_load_caseload_outside_the_demo_is_refused(demo, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_caseload", clients=5, stdout=StringIO())

    assert not Client.objects.exists()


def test_load_caseload_without_demo_people_says_what_to_run(demo):
    Membership.objects.all().delete()

    with pytest.raises(CommandError, match="load_demo"):
        call_command("load_caseload", clients=5, stdout=StringIO())


def test_load_caseload_opens_the_partnership_with_values_that_say_they_are_the_demos(demo):
    made = load()

    made.partnership.refresh_from_db()
    assert made.partnership.opened_at is not None
    assert made.partnership.roles_agreement.startswith("Demo:")
    assert made.partnership.dpia_reference.startswith("Demo:")
    assert made.partnership.lead.user.email == "kumppanuus@example.org"
    assert made.partnership.substitute.role == Role.PARTNERSHIP_LEAD


def test_load_caseload_colleagues_cannot_sign_in_and_are_not_listed(demo):
    load()

    colleagues = User.objects.filter(email__startswith="opinto-ohjaaja-")
    assert colleagues.count() == 11
    assert not any(user.has_usable_password() for user in colleagues)
    assert not Authenticator.objects.filter(user__in=colleagues).exists()
    assert {email for email, _role, _organisation in sign_ins()} == {"kumppanuus@example.org", "kumppanuuden-sijainen@example.org"}


@pytest.mark.once
def test_load_caseload_protected_client_keeps_the_contact_address_only(demo):
    load(clients=400)

    hidden = list(Client.objects.filter(is_protected=True))
    assert hidden
    assert not Client.history.exclude(history_date=F("created_at")).exists()
    for client in hidden:
        assert client.contact_address
        assert (client.address, client.phone, client.email, client.municipality_code) == ("", "", "", "")
        assert client.named_people.exists()


@pytest.mark.once  # what the stories tell is drawn in Python
def test_load_caseload_has_a_few_of_what_is_rare(demo, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        load(clients=1500)

    assert Handoff.objects.filter(kind=HandoffKind.TRANSFER, state=HandoffState.MET).exists()
    outside = Handoff.objects.exclude(to_outside="")
    assert outside.exists()
    assert not outside.filter(link=None).exists()
    assert set(Consent.objects.values_list("end", flat=True)) >= {"", ConsentEnd.WITHDRAWN, ConsentEnd.PATHWAY_ENDED}
    assert Absence.objects.exists()
    for attachment in Attachment.objects.all():
        with open_stored(attachment.stored_as) as file:
            content = file.read()
        assert (check_file(content).content_type, hashlib.sha256(content).hexdigest()) == (attachment.content_type, attachment.sha256)
    assert Attachment.objects.count() == Pathway.objects.count() // 400
    later = Pathway.objects.filter(opened_at__gt=FIRST_MOMENT)
    assert len(later.dates("opened_at", "month")) >= 24
    assert set(later.exclude(closed_at=None).values_list("outcome", flat=True)) >= {Outcome.EMPLOYED, Outcome.STUDYING, Outcome.UNEMPLOYED}
    assert set(later.filter(closed_at=None).values_list("stage", flat=True)) >= {Stage.IDENTIFICATION, Stage.MAPPING, Stage.STARTING, Stage.STUDYING}
    assert set(Handoff.objects.filter(pathway__in=later).values_list("state", flat=True)) >= {HandoffState.MET, HandoffState.DECLINED, HandoffState.WITHDRAWN}


def test_demo_code_is_what_the_sign_in_takes(demo):
    load()
    said = StringIO()

    call_command("demo_code", "kumppanuus@example.org", stdout=said)

    stored = Authenticator.objects.get(user__email="kumppanuus@example.org", type=Authenticator.Type.TOTP)
    assert TOTP(stored).validate_code(said.getvalue().split()[0])


def test_demo_code_outside_the_demo_is_refused(demo, settings):
    load()
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo_code", "kumppanuus@example.org", stdout=StringIO())


def test_demo_code_of_a_real_person_is_refused(demo):
    real = User.objects.create_user("real@example.org", "three plain words here", name="Keksitty")
    TOTP.activate(real, "JBSWY3DPEHPK3PXP")

    with pytest.raises(CommandError, match="No demo person"):
        call_command("demo_code", "real@example.org", stdout=StringIO())


def test_second_factors_differ_between_people_and_copies(demo, settings):
    load()
    secrets = {one.data["secret"] for one in Authenticator.objects.all()}
    Authenticator.objects.all().delete()
    settings.SECRET_KEY = "another copy of the demo"

    load()

    assert len(secrets) == 2
    assert secrets.isdisjoint(one.data["secret"] for one in Authenticator.objects.all())


def test_load_demo_and_load_caseload_go_together(db, settings):
    """The real network and the demo's own people, as `make demo` loads them."""
    settings.DEMO = True
    call_command("load_network", verbosity=0, stdout=StringIO())
    call_command("load_partnerships", stdout=StringIO())
    load_demo(now=timezone.now())
    said = StringIO()

    call_command("load_caseload", clients=80, as_of=AS_OF, stdout=said)

    assert "Clients on 1.1.2021: 80," in said.getvalue()
    guiding = {"ohjaaja-kuopio@example.org", "ohjaaja-sakky@example.org", "ohjaaja-te@example.org", "kumppanuus@example.org", "kumppanuuden-sijainen@example.org"}
    # Who supervises the reading needs one as well, and the clients with an own page.
    assert set(Authenticator.objects.values_list("user__email", flat=True)) == guiding | {"tietosuoja@example.org", "asiakas-1@example.org", "asiakas-2@example.org"}


def test_remove_caseload_leaves_no_client_and_lets_the_demo_people_go(demo):
    load(clients=80)

    call_command("remove_caseload", stdout=StringIO())
    remove_demo(now=timezone.now())

    left = [Absence, Attachment, Client, Client.history.model, Consent, Pathway, Event, NextStep, Handoff, DropIn]
    assert {model.__name__: model.objects.count() for model in left} == dict.fromkeys((model.__name__ for model in left), 0)
    assert not User.objects.filter(email__endswith="@example.org").exists()
    kuopio = Partnership.objects.get()
    assert (kuopio.opened_at, kuopio.lead, kuopio.roles_agreement) == (None, None, "")


def test_remove_caseload_leaves_the_clients_of_real_people(demo):
    kuopio = load(clients=10).partnership
    real = Membership.objects.create(
        user=User.objects.create_user("real@example.org", "three plain words here", name="Keksitty"), organisation=kuopio.process_organisation, role=Role.COUNSELLOR, started_at=timezone.now()
    )
    client = Client.objects.create(family_name="Keksitty", given_names="Yksi", birth_date=date(1990, 1, 1), created_at=MORNING)
    Pathway.objects.create(client=client, partnership=kuopio, stage=Stage.REGISTERED, process_owner=kuopio.process_organisation, process_person=real, opened_at=MORNING, last_event_at=MORNING)

    call_command("remove_caseload", stdout=StringIO())

    assert list(Client.objects.all()) == [client]
    kuopio.refresh_from_db()
    assert kuopio.opened_at is not None
