"""Obstacles for tests, each with the least that the database asks for; all invented."""
from datetime import date
from itertools import count

from django.utils import timezone

from pilots.actions.obstacles import note
from pilots.choices import ObstacleAct, ObstacleKind, ProposalStatus, Remover, Role
from pilots.models import FieldOfEducation, LawfulCooperation, Membership, Obstacle, ObstacleSupport, PilotArea, Proposal, Publication, SkillNeed
from tests.pilots.factories import SOURCE, make_area, make_membership, make_organisation, make_user

_numbers = count(1)


def make_obstacle(by: Membership, name_fi: str = "", **fields) -> Obstacle:
    """Public, of the coordinator's area, unless `published_at` is None."""
    defaults = {"name_fi": name_fi or f"Este {next(_numbers)}", "kind": ObstacleKind.LAW, "by_legislator": True, "published_at": timezone.now()}
    obstacle = Obstacle.objects.create(reported_by=by.area, created_by=by.user, **(defaults | fields))
    note(obstacle, by, ObstacleAct.REPORTED, to_status=obstacle.status)
    return obstacle


def make_support(obstacle: Obstacle, area: PilotArea | None = None, **fields) -> ObstacleSupport:
    return ObstacleSupport.objects.create(obstacle=obstacle, area=area or make_area(), **({"reason_fi": "Meilläkin on näin."} | fields))


def make_proposal(obstacle: Obstacle, **fields) -> Proposal:
    defaults = {"text_fi": f"Keksitty ehdotus {next(_numbers)}", "addressee": Remover.LEGISLATOR, "status": ProposalStatus.MADE, "made_on": date(2026, 1, 15), "area": obstacle.reported_by}
    return Proposal.objects.create(obstacle=obstacle, **(defaults | fields))


def make_publication(**fields) -> Publication:
    return Publication.objects.create(**({"name_fi": f"Julkaisu {next(_numbers)}", "kind": "report", "source": SOURCE} | fields))


def make_field(code: str = "09") -> FieldOfEducation:
    return FieldOfEducation.objects.get_or_create(code=code, defaults={"name_fi": "Keksitty ala", "name_sv": "Påhittat område", "name_en": "Made field", "source": SOURCE})[0]


def make_skill_need(area: PilotArea, **fields) -> SkillNeed:
    defaults = {"name_fi": f"Taito {next(_numbers)}", "need_now": "large", "need_later": "growing", "source": SOURCE, "dated_on": date(2026, 1, 15)}
    return SkillNeed.objects.create(area=area, field=fields.pop("field", None) or make_field(), **(defaults | fields))


def make_lawful(slug: str = "made") -> LawfulCooperation:
    names = {f"{field}_{language}": "Keksitty" for field in ("name", "statute") for language in ("fi", "sv", "en")}
    return LawfulCooperation.objects.create(slug=slug, source=SOURCE, **names)


def make_coordinator(area: PilotArea | None = None) -> Membership:
    return make_membership(make_user(), Role.AREA_COORDINATOR, area=area or make_area(), organisation=make_organisation())


def make_staff() -> Membership:
    return make_membership(make_user(), Role.KUNTALIITTO_STAFF)


def values(**fields) -> dict:
    """What the form of an obstacle gives its action."""
    texts = dict.fromkeys(("name_sv", "description_fi", "description_sv", "evidence_fi", "evidence_sv", "evidence_links"), "")
    return texts | {"name_fi": "Kuntarajan ylittävä kyyditys", "kind": "practice", "removers": ["municipality"], "areas": [], "education_forms": [], "goals": [], "check_by": None} | fields
