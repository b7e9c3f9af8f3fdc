"""Cooperation in a made country: 5,000 models and 2,000 obstacles with their goals, partners, weights and proposals. Invented, the same each time."""
import random
from datetime import date, timedelta
from decimal import Decimal

MODELS, OBSTACLES = 5_000, 2_000
RARE = "Takkutalkoot"
BATCH = 1_000
SOURCE = "made for the benchmark"


def fill_cooperation(models: int = MODELS, obstacles: int = OBSTACLES, seed: int = 3) -> None:
    """Expects the network and no models or obstacles beside what it loads."""
    rng = random.Random(seed)
    _fill_models(models, rng)
    _fill_obstacles(obstacles, rng)


def _texts(rng: random.Random, places: list, number: int):
    """A name that tells models apart and a text as long as a real one: parts of several examples."""
    from pilots.loading.demo_models import EXAMPLES

    example, place = EXAMPLES[number % len(EXAMPLES)], rng.choice(places)
    others = rng.sample(EXAMPLES, 3)
    return example, {
        "name_fi": f"{example.name_fi.removeprefix('Demo: ')}, {place.name_fi} {number}",
        "name_sv": f"{example.name_sv.removeprefix('Demo: ')}, {place.name_sv or place.name_fi} {number}",
        "summary_fi": example.summary_fi, "summary_sv": example.summary_sv,
        "body_fi": "\n\n".join(one.body_fi for one in others), "lessons_fi": " ".join(one.lessons_fi for one in others),
    }  # fmt: skip


def _fill_models(count: int, rng: random.Random) -> None:
    from django.utils import timezone

    from pilots.choices import PublicationState
    from pilots.loading.demo_models import LADDERS
    from pilots.models import (
        CooperationModel,
        EducationForm,
        Goal,
        ModelGoal,
        ModelPartner,
        ModelResult,
        ModelStatusPeriod,
        Municipality,
        Organisation,
        PilotArea,
    )

    now, today = timezone.now(), timezone.localdate()
    areas, goals = list(PilotArea.objects.order_by("number")), {goal.number: goal.pk for goal in Goal.objects.all()}
    forms, organisations = {form.code: form.pk for form in EducationForm.objects.all()}, list(Organisation.objects.order_by("pk").values_list("pk", flat=True))
    places = list(Municipality.objects.filter(valid_to=None).order_by("code"))
    made, examples = [], []
    for number in range(count):
        example, texts = _texts(rng, places, number)
        if number == count - 1:
            texts |= {"name_fi": RARE, "name_sv": ""}
        area = None if number % 10 == 9 else areas[number % len(areas)]
        model = CooperationModel(
            area=area, organisation_id=None if area else rng.choice(organisations), state=PublicationState.DRAFT if number % 25 == 24 else PublicationState.PUBLIC, published_at=now - timedelta(days=number % 900),
            cost=Decimal(rng.randint(1, 90) * 500), check_by=today + timedelta(days=number % 400 - 40), source=SOURCE, is_demo=True, **texts,
        )
        model.set_derived()
        made.append(model)
        examples.append(example)
    CooperationModel.objects.bulk_create(made, batch_size=BATCH)
    served, statuses, partners, results, given = [], [], [], [], []
    through = CooperationModel.education_forms.through
    for number, (model, example) in enumerate(zip(made, examples, strict=True)):
        served += [ModelGoal(model=model, goal_id=goals[goal], how_fi=how_fi, how_sv=how_sv) for goal, how_fi, how_sv in example.goals]
        ladder = LADDERS[number % len(LADDERS)]
        ends = [date(year, 8, 1) for _status, year in ladder[1:]] + [None]
        statuses += [ModelStatusPeriod(model=model, status=status, starts_on=date(year, 8, 1), ends_on=end) for (status, year), end in zip(ladder, ends, strict=True)]
        partners += [ModelPartner(model=model, position=place, organisation_id=one, actions_fi="Järjestää opetuksen.", euros=Decimal(4000)) for place, one in enumerate(rng.sample(organisations, 3))]
        results.append(ModelResult(model=model, tag=example.tag, text_fi=example.result_fi, text_sv=example.result_sv, figure=Decimal(example.figure), unit=example.unit, measured_on=date(2024, 12, 1)))
        given += [through(cooperationmodel=model, educationform_id=forms[code]) for code in example.forms]
    for model_type, rows in ((ModelGoal, served), (ModelStatusPeriod, statuses), (ModelPartner, partners), (ModelResult, results), (through, given)):
        model_type.objects.bulk_create(rows, batch_size=BATCH)


def _fill_obstacles(count: int, rng: random.Random) -> None:
    from django.utils import timezone

    from pilots.choices import ObstacleStatus, ProposalStatus
    from pilots.loading.demo_obstacles import OBSTACLES as EXAMPLES
    from pilots.models import EducationForm, Goal, Municipality, Obstacle, ObstacleSupport, PilotArea, Proposal

    now, today = timezone.now(), timezone.localdate()
    areas, goals = list(PilotArea.objects.order_by("number")), {goal.number: goal.pk for goal in Goal.objects.all()}
    forms = {form.code: form.pk for form in EducationForm.objects.all()}
    places = list(Municipality.objects.filter(valid_to=None).order_by("code"))
    texts_fi = [one.name_fi + ". " + one.proposal[0] + " " + one.answer[0] for one in EXAMPLES]
    made, examples = [], []
    for number in range(count):
        example, place = EXAMPLES[number % len(EXAMPLES)], rng.choice(places)
        obstacle = Obstacle(
            name_fi=f"{example.name_fi}, {place.name_fi} {number}", name_sv=f"{example.name_sv}, {place.name_sv or place.name_fi} {number}", kind=example.kind, description_fi=" ".join(rng.sample(texts_fi, 4)),
            evidence_fi=" ".join(rng.sample(texts_fi, 2)), reported_by=areas[number % len(areas)], status=ObstacleStatus.OPEN, published_at=now - timedelta(hours=number), created_at=now, is_demo=True,
        )
        obstacle.removers = example.removers
        obstacle.set_derived()
        made.append(obstacle)
        examples.append(example)
    Obstacle.objects.bulk_create(made, batch_size=BATCH)
    bitten, formed, goaled = Obstacle.areas.through, Obstacle.education_forms.through, Obstacle.goals.through
    rows: dict[type, list] = {bitten: [], formed: [], goaled: [], ObstacleSupport: [], Proposal: []}
    for obstacle, example in zip(made, examples, strict=True):
        rows[bitten].append(bitten(obstacle=obstacle, pilotarea=obstacle.reported_by))
        rows[formed] += [formed(obstacle=obstacle, educationform_id=forms[code]) for code in example.forms]
        rows[goaled] += [goaled(obstacle=obstacle, goal_id=goals[number]) for number in example.goals]
        others = rng.sample([area for area in areas if area != obstacle.reported_by], rng.randint(0, 5))
        rows[ObstacleSupport] += [ObstacleSupport(obstacle=obstacle, area=area, reason_fi="Sama täällä.") for area in others]
        if example.proposal[0]:
            rows[Proposal].append(Proposal(obstacle=obstacle, text_fi=example.proposal[0], text_sv=example.proposal[1], addressee=example.proposal[2], status=ProposalStatus.MADE, made_on=today, area=obstacle.reported_by, is_demo=True))
    for model_type, found in rows.items():
        model_type.objects.bulk_create(found, batch_size=BATCH)
