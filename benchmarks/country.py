"""A made country for measuring: as many municipalities as Finland has, deterministic, plainly invented."""
import random

from accounts.models import User
from pilots.choices import LanguageStatus, LegalForm, OrganisationKind, Role, Theme
from pilots.models import IndicatorValue, Measure, Membership, Municipality, MunicipalityRegion, Organisation, Region

PLACES = ["Koivu", "Mänty", "Harju", "Lumi", "Kivi", "Suvi", "Talvi", "Hirvi", "Karhu", "Ilves", "Särki", "Ahven", "Hauki", "Lohi", "Tuuli", "Sumu", "Kallio", "Niitty"]
ENDINGS = ["järvi", "joki", "lahti", "salmi", "niemi", "koski", "kylä", "mäki", "saari", "lampi"]
SOURCE = "made for the benchmark"


def fill_up(municipalities: int, seed: int = 1) -> None:
    """Add invented municipalities, each with its organisation, until there are so many valid ones."""
    rng = random.Random(seed)
    taken = set(Municipality.objects.values_list("code", flat=True))
    codes = [code for code in (f"{number:03}" for number in range(1, 999)) if code not in taken]
    missing = municipalities - Municipality.objects.filter(valid_to=None).count()
    regions = list(Region.objects.all())
    for code in codes[: max(0, missing)]:
        name = f"{rng.choice(PLACES)}{rng.choice(ENDINGS)} {code}"
        municipality = Municipality(
            code=code,
            name_fi=name,
            name_sv=name,
            language_status=LanguageStatus.FINNISH,
            latitude=round(rng.uniform(60.3, 68.5), 4),
            longitude=round(rng.uniform(22, 29), 4),
            source=SOURCE,
        )
        municipality.save()
        MunicipalityRegion.objects.create(municipality=municipality, region=rng.choice(regions), source=SOURCE)
        Organisation.objects.create(
            slug=f"made-{code}", name_fi=name, name_sv=name, kind=OrganisationKind.MUNICIPALITY, legal_form=LegalForm.MUNICIPALITY, municipality=municipality, source=SOURCE
        )


def fill_figures(measures: int = 30, years: int = 30) -> None:
    """A figure of each of so many measures, for every municipality and each year up to 2024; what is loaded already stays."""
    rng = random.Random(2)
    for place in range(Measure.objects.count(), measures):
        Measure.objects.create(code=f"made-{place}", position=100 + place, theme=list(Theme)[place % len(Theme)], name_fi=f"mittari {place}", name_sv=f"mått {place}", name_en=f"measure {place}", unit="people", area_rule="sum", source=SOURCE)
    codes = list(Measure.objects.values_list("pk", flat=True)[:measures])
    for municipality in Municipality.objects.filter(valid_to=None):
        size = rng.randint(800, 90_000)
        rows = [IndicatorValue(municipality=municipality, measure_id=code, year=year, borders_year=2024, value=size + rng.randint(-200, 200), source=SOURCE) for code in codes for year in range(2025 - years, 2025)]
        IndicatorValue.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def make_officer() -> User:
    """The education officer who looks at every page."""
    return _make_person("officer", Role.EDUCATION_OFFICER, Organisation.objects.filter(kind=OrganisationKind.MUNICIPALITY)).user


def make_staff() -> Membership:
    """Kuntaliitto's, for whom the whole network is one list."""
    return _make_person("staff", Role.KUNTALIITTO_STAFF, Organisation.objects.filter(slug="kuntaliitto"))


def _make_person(name: str, role: Role, organisations) -> Membership:
    from django.utils import timezone

    email = f"{name}@benchmark.example"
    if known := Membership.objects.active().filter(user__email=email).first():
        return known
    return Membership.objects.create(user=User.objects.create_user(email, name=f"Benchmark {name.title()}"), organisation=organisations.first(), role=role, started_at=timezone.now())
