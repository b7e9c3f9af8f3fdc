"""Cooperation models that come with the portal: Kuopio's, from its description. What people have written since stays."""
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from pilots.actions.cooperation import write_parts
from pilots.loading import kuopio
from pilots.models import CooperationModel, EducationForm, Goal, Organisation, Unit
from pilots.queries.cooperation import parts_of

LOADED_AT = datetime(2021, 1, 1, tzinfo=UTC)


@transaction.atomic
def load_models() -> int:
    """How many were created: none when they are there, or when the bodies that they name are not."""
    owner = Organisation.objects.filter(slug=kuopio.OWNER).first()
    if owner is None or CooperationModel.objects.filter(slug=kuopio.SLUG).exists():
        return 0
    bodies = {("organisation", body.slug): body for body in Organisation.objects.all()} | {("unit", body.slug): body for body in Unit.objects.all()}
    if any((kind, slug) not in bodies for kind, slug, *_texts in kuopio.PARTNERS if kind):
        return 0
    goals = {goal.number: goal for goal in Goal.objects.all()}
    values = {
        "education_forms": list(EducationForm.objects.filter(code__in=kuopio.EDUCATION_FORMS)),
        "municipalities": [],
        "partners": [partner_row(bodies.get((kind, slug)) if kind else None, slug, *texts) for kind, slug, *texts in kuopio.PARTNERS],
        "goals": [{"goal": goals[number], "how_fi": how_fi, "how_sv": how_sv} for number, how_fi, how_sv in kuopio.GOALS if number in goals],
        "status": {"status": kuopio.STATUS, "starts_on": kuopio.SINCE},
        "results": [],
        "links": [],
    }
    write_loaded(CooperationModel(slug=kuopio.SLUG, organisation=owner, source=kuopio.SOURCE, check_by=kuopio.CHECK_BY, **kuopio.TEXTS), values)
    return 1


def partner_row(body: Organisation | Unit | None, name: str, actions_fi: str, actions_sv: str, contribution_fi: str = "", contribution_sv: str = "") -> dict[str, Any]:
    """A partner as the actions take it."""
    texts = {"actions_fi": actions_fi, "actions_sv": actions_sv, "euros": None, "contribution_fi": contribution_fi, "contribution_sv": contribution_sv}
    place = {"organisation": body if isinstance(body, Organisation) else None, "unit": body if isinstance(body, Unit) else None, "outside": "" if body else name}
    return place | texts


def write_loaded(model: CooperationModel, values: dict[str, Any]) -> CooperationModel:
    """A public model with all its parts, by nobody."""
    model.state, model.published_at, model.parts = "public", model.published_at or LOADED_AT, parts_of(values)
    model.save()
    write_parts(model, values)
    return model
