"""Cases of the constraints of cooperation models, obstacles, proposals, publications, skill needs, provision and discussion."""
from datetime import timedelta

from pilots.choices import ModelStatus, ObstacleKind, ObstacleStatus, ProposalStatus, ProvisionWay, PublicationState, Remover, ResultTag
from pilots.models import (
    Comment,
    CooperationModel,
    FaultReport,
    LawfulCooperation,
    ModelFile,
    ModelGoal,
    ModelPartner,
    ModelResult,
    ModelStatusPeriod,
    Obstacle,
    ObstacleSupport,
    Proposal,
    Provision,
    Publication,
    SkillNeed,
)
from tests.pilots.constraint_case import DAY, END, LAST, LATER, NOW, Case, Things
from tests.pilots.factories import SOURCE, make_education_form
from tests.pilots.obstacles import make_field


def model_file(t: Things, **fields) -> ModelFile:
    return ModelFile(**{"model": t.model, "title": "Sopimus", "name": "a.pdf", "content_type": "application/pdf", "size": 1, "sha256": "0" * 64, "by": t.membership} | fields)


def comment(t: Things, **fields) -> Comment:
    return Comment(**{"target": t.obstacle, "author": t.membership, "text": "Keksitty", "created_at": NOW} | fields)


def fault(t: Things, **fields) -> FaultReport:
    return FaultReport(**{"target": t.obstacle, "area": t.obstacle.reported_by, "text": "Keksitty", "created_at": NOW} | fields)


def coop(t: Things, **fields) -> CooperationModel:
    return CooperationModel(**{"area": t.area, "name_fi": "Malli", "summary_fi": "Keksitty", "source": SOURCE} | fields)


def partner(t: Things, **fields) -> ModelPartner:
    return ModelPartner(**{"model": t.model} | fields)


def serves(t: Things, **fields) -> ModelGoal:
    return ModelGoal(**{"model": t.model, "goal": t.goal} | fields)


def status(t: Things, **fields) -> ModelStatusPeriod:
    return ModelStatusPeriod(**{"model": t.model, "status": ModelStatus.TRIAL, "starts_on": DAY} | fields)


def result(t: Things, **fields) -> ModelResult:
    return ModelResult(**{"model": t.model, "tag": ResultTag.QUALITY, "text_fi": "Keksitty"} | fields)


def lawful(**fields) -> LawfulCooperation:
    return LawfulCooperation(**{"slug": "new", "name_fi": "Keksitty", "statute_fi": "Laki", "statute_sv": "Lag", "statute_en": "Act", "source": SOURCE} | fields)


def obstacle(t: Things, **fields) -> Obstacle:
    return Obstacle(**{"name_fi": "Este", "kind": ObstacleKind.LAW, "by_ministry": True, "reported_by": t.area, "published_at": NOW} | fields)


def support(t: Things, **fields) -> ObstacleSupport:
    return ObstacleSupport(**{"obstacle": t.obstacle, "area": t.area, "reason_fi": "Keksitty"} | fields)


def proposal(t: Things, **fields) -> Proposal:
    return Proposal(**{"obstacle": t.obstacle, "text_fi": "Keksitty", "addressee": Remover.MINISTRY, "status": ProposalStatus.MADE, "made_on": LATER} | fields)


def provision(t: Things, **fields) -> Provision:
    where = {"area": t.area, "municipality": t.municipality, "form": make_education_form()}
    return Provision(**where | {"way": ProvisionWay.JOINT, "provider": t.organisation, "source": SOURCE} | fields)


def missing(t: Things, **fields) -> Provision:
    return provision(t, **{"way": ProvisionWay.MISSING, "provider": None} | fields)


def publication(**fields) -> Publication:
    return Publication(**{"name_fi": "Julkaisu", "kind": "report", "source": SOURCE} | fields)


def skill(t: Things, **fields) -> SkillNeed:
    needs = {"need_now": "large", "need_later": "growing"}
    return SkillNeed(**{"area": t.area, "field": make_field(), "name_fi": "Taito", "source": SOURCE, "dated_on": DAY} | needs | fields)


ONE_OWNER = "A cooperation model is kept by one area or by one organisation."
ONE_BODY = "Choose one organisation or unit."
NAME_PROVIDER = "Name the provider; what is missing has no provider, place or language."
DAYS_IN_ORDER = "A proposal is made first, then handed over, then answered: check the days."

COOPERATION_CASES = {
    "comment_hidden_whole": [
        Case(lambda t: [comment(t, hidden_at=NOW, hidden_by=t.user, hidden_reason="Asiaton")], lambda t: [comment(t, hidden_at=NOW, hidden_by=t.user)]),
        Case(lambda t: [comment(t)], lambda t: [comment(t, hidden_at=NOW, hidden_reason="Asiaton")]),
        Case(lambda t: [comment(t)], lambda t: [comment(t, hidden_by=t.user, hidden_reason="Asiaton")]),
        Case(lambda t: [comment(t)], lambda t: [comment(t, hidden_reason="Asiaton")]),
    ],
    "fault_handled_pair": [
        Case(lambda t: [fault(t, handled_at=NOW, handled_by=t.user)], lambda t: [fault(t, handled_at=NOW)]),
        Case(lambda t: [fault(t)], lambda t: [fault(t, handled_by=t.user)]),
    ],
    "coop_model_has_one_owner": [
        Case(lambda t: [coop(t)], lambda t: [coop(t, area=None)], ONE_OWNER),
        Case(lambda t: [coop(t, area=None, organisation=t.organisation)], lambda t: [coop(t, organisation=t.organisation)], ONE_OWNER),
    ],
    "coop_model_cost_not_negative": [
        Case(lambda t: [coop(t, cost="0.00"), coop(t, cost=None)], lambda t: [coop(t, cost="-0.01")], "The cost cannot be less than nothing."),
    ],
    "coop_model_public_has_day": [
        Case(lambda t: [coop(t, state=PublicationState.PUBLIC, published_at=NOW)], lambda t: [coop(t, state=PublicationState.PUBLIC)]),
        Case(lambda t: [coop(t), coop(t, state=PublicationState.ARCHIVED, published_at=NOW)], lambda t: [coop(t, state=PublicationState.ARCHIVED)]),
    ],
    "model_partner_is_one_body": [
        Case(lambda t: [partner(t, organisation=t.organisation)], lambda t: [partner(t)], ONE_BODY),
        Case(lambda t: [partner(t, unit=t.unit)], lambda t: [partner(t, organisation=t.organisation, unit=t.unit)], ONE_BODY),
        Case(lambda t: [partner(t, outside="Keksitty yhdistys")], lambda t: [partner(t, organisation=t.organisation, outside="Keksitty yhdistys")], ONE_BODY),
        Case(lambda t: [partner(t, outside="Keksitty yhdistys")], lambda t: [partner(t, unit=t.unit, outside="Keksitty yhdistys")], ONE_BODY),
    ],
    "model_partner_organisation_once": [
        Case(
            lambda t: [partner(t, organisation=t.organisation), partner(t, organisation=t.organisation_2), partner(t, organisation=t.organisation, model=t.model_2)],
            lambda t: [partner(t, organisation=t.organisation), partner(t, organisation=t.organisation)],
            "This organisation is a partner already.",
        )
    ],
    "model_partner_unit_once": [
        Case(
            lambda t: [partner(t, unit=t.unit), partner(t, unit=t.unit_2), partner(t, unit=t.unit, model=t.model_2)],
            lambda t: [partner(t, unit=t.unit), partner(t, unit=t.unit)],
            "This unit is a partner already.",
        )
    ],
    "model_partner_gives_not_negative": [
        Case(lambda t: [partner(t, unit=t.unit, euros="0.00")], lambda t: [partner(t, unit=t.unit, euros="-0.01")], "The contribution cannot be less than nothing."),
    ],
    "model_goal_once": [Case(lambda t: [serves(t), serves(t, goal=t.goal_2), serves(t, model=t.model_2)], lambda t: [serves(t), serves(t)])],
    "model_file_once": [Case(lambda t: [model_file(t), model_file(t, sha256="1" * 64)], lambda t: [model_file(t), model_file(t)])],
    "model_status_ends_after_start": [Case(lambda t: [status(t, ends_on=LATER)], lambda t: [status(t, ends_on=DAY)], END)],
    "model_status_one_open": [
        Case(
            lambda t: [status(t, ends_on=LATER), status(t, starts_on=LATER), status(t, model=t.model_2)],
            lambda t: [status(t), status(t, starts_on=LATER)],
        )
    ],
    "model_status_one_a_day": [
        Case(
            lambda t: [status(t, ends_on=LATER), status(t, starts_on=LATER, ends_on=LAST)],
            lambda t: [status(t, ends_on=LATER), status(t, ends_on=LAST)],
        )
    ],
    "model_result_figure_has_day": [
        Case(lambda t: [result(t, figure=0, measured_on=DAY), result(t)], lambda t: [result(t, figure=0)], "Give the day on which the figure was true."),
    ],
    "lawful_unchecked_names_no_section": [
        Case(lambda t: [lawful(), lawful(slug="b", is_checked=True, section="1 §")], lambda t: [lawful(section="1 §")], "A section is named only when it has been checked."),
    ],
    "obstacle_has_a_title": [
        Case(lambda t: [obstacle(t), obstacle(t, name_fi="", name_sv="Hinder")], lambda t: [obstacle(t, name_fi="")], "Write the title in Finnish or in Swedish."),
    ],
    "obstacle_has_a_remover": [
        Case(
            lambda t: [obstacle(t, by_ministry=False, **{f"by_{remover}": True}) for remover in Remover.values if remover != Remover.MINISTRY] + [obstacle(t)],
            lambda t: [obstacle(t, by_ministry=False)],
            "Choose at least one who can remove it.",
        )
    ],
    "obstacle_not_merged_into_itself": [
        Case(lambda t: [obstacle(t, pk=900_000, merged_into=t.obstacle), obstacle(t, merged_into=t.obstacle)], lambda t: [obstacle(t, pk=900_000, merged_into_id=900_000)]),
    ],
    "obstacle_answered_pair": [
        Case(lambda t: [obstacle(t, answered_at=NOW, answered_by=t.user, answer_fi="Keksitty")], lambda t: [obstacle(t, answered_at=NOW, answer_fi="Keksitty")]),
        Case(lambda t: [obstacle(t)], lambda t: [obstacle(t, answered_by=t.user)]),
        Case(lambda t: [obstacle(t)], lambda t: [obstacle(t, answer_fi="Keksitty")]),
        Case(lambda t: [obstacle(t)], lambda t: [obstacle(t, answer_sv="Påhittat")]),
    ],
    "obstacle_draft_is_open": [
        Case(lambda t: [obstacle(t, published_at=None), obstacle(t, status=ObstacleStatus.REMOVED)], lambda t: [obstacle(t, published_at=None, status=ObstacleStatus.REMOVED)]),
        Case(lambda t: [obstacle(t, merged_into=t.obstacle)], lambda t: [obstacle(t, published_at=None, merged_into=t.obstacle)]),
    ],
    "obstacle_support_once": [
        Case(
            lambda t: [support(t), support(t, area=t.area_2), support(t, obstacle=t.obstacle_2)],
            lambda t: [support(t), support(t)],
            "Your area has already given its weight to this obstacle.",
        )
    ],
    "obstacle_support_says_why": [
        Case(lambda t: [support(t, reason_fi="", reason_sv="Påhittat")], lambda t: [support(t, reason_fi="")], "Say in a sentence why, in Finnish or in Swedish."),
    ],
    "proposal_has_a_text": [
        Case(lambda t: [proposal(t), proposal(t, text_fi="", text_sv="Påhittat")], lambda t: [proposal(t, text_fi="")], "Write the proposal in Finnish or in Swedish."),
    ],
    "proposal_made_on_a_day": [
        Case(lambda t: [proposal(t)], lambda t: [proposal(t, made_on=None)]),
        Case(lambda t: [proposal(t, status=ProposalStatus.DRAFT, made_on=None)], lambda t: [proposal(t, status=ProposalStatus.DRAFT)]),
    ],
    "proposal_handed_over_on_a_day": [
        Case(lambda t: [proposal(t, status=ProposalStatus.HANDED_OVER, handed_over_on=LAST)], lambda t: [proposal(t, status=ProposalStatus.HANDED_OVER)]),
    ],
    "proposal_answered_on_a_day": [
        Case(lambda t: [proposal(t, status=ProposalStatus.ANSWERED, answered_on=LAST)], lambda t: [proposal(t, status=ProposalStatus.ANSWERED)]),
        Case(lambda t: [proposal(t, status=ProposalStatus.ACCEPTED, answered_on=LAST)], lambda t: [proposal(t, status=ProposalStatus.ACCEPTED)]),
        Case(lambda t: [proposal(t, status=ProposalStatus.REJECTED, answered_on=LAST)], lambda t: [proposal(t, status=ProposalStatus.REJECTED)]),
    ],
    "proposal_days_in_order": [
        Case(lambda t: [proposal(t, handed_over_on=LATER)], lambda t: [proposal(t, handed_over_on=DAY)], DAYS_IN_ORDER),
        Case(
            lambda t: [proposal(t, handed_over_on=LAST, answered_on=LAST), proposal(t, answered_on=LAST)],
            lambda t: [proposal(t, handed_over_on=LAST, answered_on=LAST - timedelta(days=1))],
            DAYS_IN_ORDER,
        ),
        Case(lambda t: [proposal(t, answered_on=LAST)], lambda t: [proposal(t, answered_on=DAY)], DAYS_IN_ORDER),
        Case(lambda t: [proposal(t, status=ProposalStatus.DRAFT, made_on=None)], lambda t: [proposal(t, status=ProposalStatus.DRAFT, made_on=None, handed_over_on=LAST)], DAYS_IN_ORDER),
        Case(lambda t: [proposal(t, status=ProposalStatus.DRAFT, made_on=None)], lambda t: [proposal(t, status=ProposalStatus.DRAFT, made_on=None, answered_on=LAST)], DAYS_IN_ORDER),
    ],
    "provision_missing_has_no_provider": [
        Case(lambda t: [provision(t)], lambda t: [provision(t, provider=None)], NAME_PROVIDER),
        Case(lambda t: [missing(t)], lambda t: [missing(t, provider=t.organisation)], NAME_PROVIDER),
        Case(lambda t: [provision(t, place="Koulu")], lambda t: [missing(t, place="Koulu")], NAME_PROVIDER),
        Case(lambda t: [provision(t, place_in=t.municipality_2)], lambda t: [missing(t, place_in=t.municipality_2)], NAME_PROVIDER),
        Case(lambda t: [provision(t, in_finnish=True)], lambda t: [missing(t, in_finnish=True)], NAME_PROVIDER),
        Case(lambda t: [provision(t, in_swedish=True)], lambda t: [missing(t, in_swedish=True)], NAME_PROVIDER),
    ],
    "provision_ended_pair": [
        Case(lambda t: [provision(t, ended_at=NOW, ended_by=t.user)], lambda t: [provision(t, ended_at=NOW)]),
        Case(lambda t: [provision(t)], lambda t: [provision(t, ended_by=t.user)]),
    ],
    "publication_has_a_title": [
        Case(lambda t: [publication(), publication(name_fi="", name_sv="Publikation")], lambda t: [publication(name_fi="")], "Write the title in Finnish or in Swedish."),
    ],
    "publication_archived_pair": [
        Case(lambda t: [publication(archived_at=NOW, archived_by=t.user)], lambda t: [publication(archived_at=NOW)]),
        Case(lambda t: [publication()], lambda t: [publication(archived_by=t.user)]),
    ],
    "skill_need_has_a_name": [
        Case(lambda t: [skill(t), skill(t, name_fi="", name_sv="Kunskap")], lambda t: [skill(t, name_fi="")], "Name the skill in Finnish or in Swedish."),
    ],
    "skill_need_ended_pair": [
        Case(lambda t: [skill(t, ended_at=NOW, ended_by=t.user)], lambda t: [skill(t, ended_at=NOW)]),
        Case(lambda t: [skill(t)], lambda t: [skill(t, ended_by=t.user)]),
    ],
}  # fmt: skip
