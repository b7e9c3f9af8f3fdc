"""Moving a pathway from stage to stage, by the table `choices.MOVES` alone."""
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import record_event
from guidance.actions.locks import check_version, lock_pathway, require_participant
from guidance.actions.timeline import write_event
from guidance.choices import (
    BenefitDecision,
    EventKind,
    Interruption,
    OptionState,
    Requirement,
    Stage,
    find_move,
)
from guidance.models import Pathway, StagePeriod
from guidance.permissions import capacities
from pilots.models import Membership

ONE_TICK = timedelta(microseconds=1)
# An option that the client may still take; what is over does not carry a new round.
STILL_OPEN = [OptionState.CONSIDERED, OptionState.CHOSEN, OptionState.APPLIED, OptionState.WAITING, OptionState.ADMITTED, OptionState.STARTED]
CHOSEN_ON = STILL_OPEN[1:]


@transaction.atomic
def move_stage(*, by: Membership, pathway: Pathway, target: str, reason: str = "", interruption: str = "", version: int | None = None) -> Pathway:
    """Make one move of the table `choices.MOVES`: allowed from here, by this capacity, with what must be there.

    `interruption`: the coded reason that an interruption has; with it the words are needed for another reason only. It stays
    with the event of the move. `version`: what the person saw; `Conflict` when somebody has moved the pathway since, unless to the same stage.
    """
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if pathway.stage == target:
        return pathway
    check_version(pathway, version)
    move = find_move(pathway.stage, target)
    if move is None:
        raise ValidationError(_("This move is not possible from the stage “%(stage)s”."), params={"stage": pathway.get_stage_display()})
    if not move.who & capacities(by, pathway):
        raise ValidationError(_("Your organisation does not make this move. Ask the one that does, or hand the client over."))
    interruption = _interruption(target, interruption)
    told = reason if interruption in ("", Interruption.OTHER) else interruption
    missing = [need for need in move.needs if not is_met(need, pathway, told, target)]
    if missing:
        raise ValidationError([ValidationError(_("Before this move there must be %(need)s."), params={"need": Requirement(need).label}) for need in missing])
    return _enter_stage(pathway, target, by=by, reason=reason.strip(), interruption=interruption)


def _interruption(target: str, code: str) -> str:
    if target != Stage.INTERRUPTED:
        return ""
    if code not in Interruption.values:
        raise ValidationError({"interruption": _("Choose why the pathway is interrupted.")})
    return code


def _enter_stage(pathway: Pathway, target: str, *, by: Membership, reason: str, interruption: str) -> Pathway:
    start_stage_period(pathway, target, by=by, reason=reason)
    source, pathway.stage = pathway.stage, target
    pathway.version += 1
    pathway.save(update_fields=["stage", "version"])
    detail = {"from": source, "to": target} | ({"interruption": interruption} if interruption else {})
    write_event(pathway=pathway, kind=EventKind.MOVE, by=by, text=reason, detail=detail)
    record_event(by=by.user, verb="pathway_moved", target=pathway, organisation_id=by.organisation_id, detail=detail)
    return pathway


def start_stage_period(pathway: Pathway, stage: str, *, by: Membership, reason: str) -> StagePeriod:
    """Always after the last one, even when two clocks disagree."""
    last = pathway.stage_periods.order_by("started_at").last()
    now = timezone.now()
    return StagePeriod.objects.create(pathway=pathway, stage=stage, started_at=max(now, last.started_at + ONE_TICK) if last else now, by=by, reason=reason[:300])


def is_met(need: str, pathway: Pathway, reason: str = "", target: str = "") -> bool:
    """Whether what a move needs is there; the page that offers the move asks the same."""
    options = pathway.options
    checks = {
        Requirement.ASSESSED: lambda: pathway.assessment_items.exists(),
        Requirement.LEAD_NAMED: lambda: pathway.guidance_lead_id is not None,
        Requirement.OPTION_CONSIDERED: lambda: options.filter(state__in=STILL_OPEN).exists(),
        Requirement.OPTION_CHOSEN: lambda: options.filter(state__in=CHOSEN_ON).exists(),
        Requirement.OPTION_ADMITTED: lambda: options.filter(state=OptionState.ADMITTED, starts_on__isnull=False).exists(),
        Requirement.BENEFIT_DECIDED: lambda: options.filter(state=OptionState.STARTED, benefit_decision__in=[BenefitDecision.MADE, BenefitDecision.NOT_NEEDED]).exists(),
        Requirement.OPTION_STARTED: lambda: options.filter(state=OptionState.STARTED).exists(),
        Requirement.WORKPLACE_PERIOD: lambda: pathway.workplace_periods.exists(),
        Requirement.OPTION_COMPLETED: lambda: options.filter(state=OptionState.COMPLETED).exists(),
        Requirement.BEEN_THERE: lambda: pathway.stage_periods.filter(stage=target).exists(),
        Requirement.REASON: lambda: bool(reason.strip()),
    }
    return checks[Requirement(need)]()
