"""A small made network with one person for each way of standing to it; what the whole-project guards walk through.

Own: the area Alfa and the organisation Alfa. Foreign: the area Beta and the organisation Beta. Everything that a
foreigner must not reach exists, so that a refusal proves something.
"""
import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace

from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import BouncedAddress, Notification, User
from pilots.actions.tokens import make_token
from pilots.choices import ApiScope, ContactTask, LegalForm, OrganisationKind, Participation, Role, UnitKind
from pilots.models import (
    AreaMembership,
    Contact,
    EducationForm,
    Goal,
    IndicatorImport,
    IndicatorValue,
    Invitation,
    JoinRequest,
    Measure,
    Membership,
    Municipality,
    MunicipalityRegion,
    Organisation,
    PilotArea,
    Provision,
    QuotedTotal,
    Region,
    Round,
    Unit,
)
from summaries.actions.publishing import publish_ended_month
from tests.project.guided import make_guided, make_own
from tests.project.knowledge import make_knowledge
from tests.project.obstacles import make_obstacles, make_shared_publication
from tests.project.shared import make_shared_services

SOURCE = "made for tests"
PASSWORD = "three plain words here"

VISITOR = "visitor"
# Who the guards look as: name -> (role, organisation, area), None for nobody signed in, () for no membership.
PEOPLE = {
    VISITOR: None,
    "newcomer": (),
    "client": (),
    "other_client": (),
    "officer": (Role.EDUCATION_OFFICER, "alfa", None),
    "coordinator": (Role.AREA_COORDINATOR, "alfa", "alfa"),
    "other_coordinator": (Role.AREA_COORDINATOR, "beta", "beta"),
    "handler": (Role.SERVICE_HANDLER, "alfa", None),
    "counsellor": (Role.COUNSELLOR, "alfa", None),
    "other_counsellor": (Role.COUNSELLOR, "beta", None),
    "lead": (Role.PARTNERSHIP_LEAD, "alfa", None),
    "other_lead": (Role.PARTNERSHIP_LEAD, "beta", None),
    "protection_officer": (Role.DATA_PROTECTION_OFFICER, "alfa", None),
    "administrator": (Role.ORGANISATION_ADMINISTRATOR, "alfa", None),
    "other_administrator": (Role.ORGANISATION_ADMINISTRATOR, "beta", None),
    "kuntaliitto": (Role.KUNTALIITTO_STAFF, "kuntaliitto", None),
    "portal_administrator": (Role.PORTAL_ADMINISTRATOR, "kuntaliitto", None),
}


@dataclass
class World:
    people: dict[str, User | None] = field(default_factory=dict)
    memberships: dict[str, Membership] = field(default_factory=dict)
    own: SimpleNamespace = field(default_factory=SimpleNamespace)
    foreign: SimpleNamespace = field(default_factory=SimpleNamespace)


def make_world() -> World:
    world = World()
    shared = _make_shared()
    Organisation.objects.create(slug="kuntaliitto", name_fi="Kattojärjestö", kind=OrganisationKind.ASSOCIATION, legal_form=LegalForm.ASSOCIATION, source=SOURCE)
    world.own = _make_side("alfa", "901", "Alfala", 1, shared)
    world.foreign = _make_side("beta", "902", "Betala", 2, shared)
    _make_people(world)
    for side, administrator in ((world.own, "administrator"), (world.foreign, "other_administrator")):
        _make_waiting(side, world.people[administrator], world.people["newcomer"])
        side.token, _secret = make_token(by=world.memberships[administrator], name="Keksitty ohjelma", scopes=ApiScope.values, days=30)
    make_guided(world.own, world.memberships["counsellor"], world.memberships["lead"])
    make_guided(world.foreign, world.memberships["other_counsellor"], world.memberships["other_lead"])
    make_own(world.own, world.people["client"])
    make_own(world.foreign, world.people["other_client"])
    publication, coordinators = make_shared_publication(), (world.memberships["coordinator"], world.memberships["other_coordinator"])
    make_obstacles(world.own, *coordinators, publication)
    make_obstacles(world.foreign, *reversed(coordinators), publication)
    for side, coordinator in ((world.own, "coordinator"), (world.foreign, "other_coordinator")):
        make_shared_services(side)
        make_knowledge(side, world.memberships[coordinator])
        _make_told(side, world.people[coordinator])
    publish_ended_month(timezone.now())
    return world


def _make_told(side: SimpleNamespace, user: User) -> None:
    """A notification, and an address that mails came back from: not the one that other mails go to."""
    side.notification = Notification.objects.create(user=user, kind="models", at=timezone.now(), title="Keksitty ilmoitus", path="/areas/")
    old = EmailAddress.objects.create(user=user, email=f"vanha.{user.email}", verified=True, primary=False)
    side.bounced = BouncedAddress.objects.create(email=old.email, at=timezone.now(), reason="550 5.1.1")


def _make_shared() -> SimpleNamespace:
    region = Region.objects.create(code="91", name_fi="Keksimaa", name_sv="Påhittsland", source=SOURCE)
    round_ = Round.objects.create(slug="kierros", name_fi="Kierros", name_sv="Omgång", name_en="Round", starts_on=date(2020, 1, 1), ends_on=date(2022, 1, 1), source=SOURCE)
    form = EducationForm.objects.create(code="made-form", position=91, name_fi="Keksitty koulutus", name_sv="Påhittad utbildning", name_en="Made education", source=SOURCE)
    Goal.objects.create(number=1, title_fi="Keksitty tavoite", title_sv="Påhittat mål", title_en="Made goal", source=SOURCE)
    QuotedTotal.objects.create(round=round_, code="municipalities", value=44, quote="44 kuntaa", rule_fi="Sääntö", rule_sv="Regel", rule_en="Rule", source=SOURCE)
    measure = Measure.objects.create(code="population", position=91, theme="population", name_fi="keksitty väkiluku", name_sv="påhittad folkmängd", name_en="made population", unit="people", area_rule="sum", source=SOURCE)
    return SimpleNamespace(region=region, round=round_, form=form, measure=measure)


def _make_side(slug: str, code: str, name: str, number: int, shared: SimpleNamespace) -> SimpleNamespace:
    municipality = Municipality.objects.create(code=code, name_fi=name, name_sv=f"{name}by", latitude=62 + number / 10, longitude=25, language_status="fi", source=SOURCE)
    MunicipalityRegion.objects.create(municipality=municipality, region=shared.region, source=SOURCE)
    IndicatorValue.objects.create(municipality=municipality, measure=shared.measure, year=2020, value=4321, borders_year=2021, source=SOURCE)
    organisation = Organisation.objects.create(
        slug=slug, name_fi=f"{name}n koulutuskuntayhtymä", name_sv=f"{name}s utbildningssamkommun", kind=OrganisationKind.JOINT_AUTHORITY, legal_form=LegalForm.JOINT_AUTHORITY, municipality=municipality, source=SOURCE
    )
    organisation.education_forms.add(shared.form)
    unit = Unit.objects.create(slug=f"{slug}-opisto", name_fi=f"{name}n opisto", kind=UnitKind.COLLEGE, owner=organisation, municipality=municipality, source=SOURCE)
    area = PilotArea.objects.create(
        round=shared.round, number=number, slug=slug, name_fi=f"{name}n seutu", name_sv=f"{name}nejden", quote=f"{name} ja opisto", description_fi="Kuvaus suomeksi.", check_by=date(2021, 1, 1), source=SOURCE
    )
    member = AreaMembership.objects.create(area=area, organisation=organisation, participation=Participation.DIRECT, starts_on=date(2020, 1, 1), source=SOURCE)
    AreaMembership.objects.create(area=area, unit=unit, position=1, participation=Participation.THROUGH, through=organisation, starts_on=date(2020, 1, 1), source=SOURCE)
    provision = Provision.objects.create(area=area, municipality=municipality, form=shared.form, way="joint", provider=organisation, in_finnish=True, source=SOURCE)
    figure_file = IndicatorImport.objects.create(uploaded_at=timezone.now(), file_name="keksitty.csv", content=zlib.compress(b"Alue;2019\n901;1\n902;\n"), mapping={"source": SOURCE, "retrieved_on": "2026-01-05", "municipality": "Alue", "year": "(year)", "measure": "population"})
    contact = Contact.objects.create(area=area, name=f"Keksitty {name}", title_fi="Koordinaattori", task=ContactTask.GENERAL, email=f"{slug}@example.org", confirmed_on=date(2020, 5, 1), speaks_swedish=True)
    return SimpleNamespace(municipality=municipality, organisation=organisation, unit=unit, area=area, member=member, contact=contact, figure_file=figure_file, provision=provision)


def _make_people(world: World) -> None:
    now = timezone.now()
    for name, place in PEOPLE.items():
        if place is None:
            world.people[name] = None
            continue
        user = User.objects.create_user(f"{name}@example.org", PASSWORD, name=f"Keksitty {name}")
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        world.people[name] = user
        if place:
            role, organisation, area = place
            world.memberships[name] = Membership.objects.create(
                user=user,
                role=role,
                organisation=Organisation.objects.get(slug=organisation),
                area=PilotArea.objects.get(slug=area) if area else None,
                started_at=now,
            )


def _make_waiting(side: SimpleNamespace, administrator: User, newcomer: User) -> None:
    now = timezone.now()
    slug = side.organisation.slug
    side.invitation = Invitation.objects.create(
        organisation=side.organisation, email=f"invited-{slug}@example.org", role=Role.COUNSELLOR, nonce="n" * 32, created_at=now, created_by=administrator, sent_at=now, expires_at=now + timedelta(days=7)
    )
    side.join_request = JoinRequest.objects.create(user=newcomer, organisation=side.organisation, role=Role.COUNSELLOR, message="Hei", created_at=now)
    colleague = User.objects.create_user(f"colleague-{slug}@example.org", PASSWORD, name=f"Kollega {slug}")
    side.membership = Membership.objects.create(user=colleague, organisation=side.organisation, role=Role.COUNSELLOR, started_at=now)
