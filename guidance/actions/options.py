"""Education options that are weighed with the client, and the periods of learning at work and of work."""
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.actions.locks import lock_pathway, require_participant
from guidance.actions.timeline import create_step, known_by_token, someone_answerable, write_event
from guidance.choices import OPTION_MOVES, EventKind, OptionState, StepKind
from guidance.models import EducationOption, Event, Pathway, WorkPeriod, WorkplacePeriod
from pilots.models import Membership
from services.conflicts import Conflict

NEXT_AFTER_NOT_ADMITTED = timedelta(days=7)
# What a person writes of an option; state, pathway and who added it are not written by hand.
OPTION_FIELDS = (
    "kind", "title", "code_uri", "code_version", "provider", "provider_outside", "decides", "how_to_apply", "next_start_on", "benefit_effect", "cost_euros", "language_level",
    "distance_km", "applied_to", "applied_on", "starts_on", "ended_on", "benefit_decision", "hoks_on", "hoks_teacher",
)
STUDIES = (OptionState.STARTED, OptionState.INTERRUPTED, OptionState.COMPLETED)


@transaction.atomic
def add_option(*, by: Membership, pathway: Pathway, kind: str, title: str, token=None, **fields) -> EducationOption:
    """Put an option under consideration; the same token twice is one option."""
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(Event.objects, token, pathway):
        return EducationOption.objects.get(pk=known.detail["option"])
    now = timezone.now()
    option = EducationOption(pathway=pathway, added_by=by, added_at=now, changed_at=now)
    _store(option, {"kind": kind, "title": title.strip(), **fields})
    write_event(pathway=pathway, kind=EventKind.OPTION, by=by, detail={"option": option.pk, "kind": option.kind, "to": option.state}, **_with(token))
    return option


def _with(token) -> dict:
    return {"token": token} if token else {}


@transaction.atomic
def edit_option(*, by: Membership, option: EducationOption, seen_at=None, **fields) -> EducationOption:
    """Change what is known of an option. `seen_at`: its `changed_at` as the person saw it; `Conflict` when it is another now."""
    _pathway, option = _lock_option(by, option)
    if seen_at is not None and option.changed_at != seen_at:
        raise Conflict(option, _("Somebody has changed this education option in the meantime."))
    _store(option, fields)
    return option


@transaction.atomic
def change_option_state(*, by: Membership, option: EducationOption, state: str, expected: str | None = None, **fields) -> EducationOption:
    """Make one move of `choices.OPTION_MOVES`, with the days and decisions that come with it.

    `expected`: the state that the person saw. "Not admitted" opens a dated next step by itself, for whoever leads the guidance.
    """
    pathway, option = _lock_option(by, option)
    if option.state == state:
        return option
    if expected is not None and option.state != expected:
        raise Conflict(option, _("This education option has changed in the meantime: it is now “%(state)s”.") % {"state": option.get_state_display()})
    if state not in OPTION_MOVES[option.state]:
        raise ValidationError(
            {"state": ValidationError(_("“%(source)s” cannot become “%(target)s”."), params={"source": option.get_state_display(), "target": dict(OptionState.choices).get(state, state)})}
        )
    source, option.state = option.state, state
    starts_on: date | None = fields.get("starts_on") or option.starts_on
    if state in STUDIES and starts_on is None:
        raise ValidationError({"starts_on": _("Write the day on which the studies start.")})
    if state == OptionState.STARTED and starts_on and starts_on > timezone.localdate():
        raise ValidationError({"starts_on": _("The studies start later. Until then the client is admitted.")})
    if state == OptionState.STARTED:
        option.ended_on = None
    if state == OptionState.COMPLETED and not fields.get("ended_on"):
        fields["ended_on"] = timezone.localdate()
    _store(option, fields)
    write_event(pathway=pathway, kind=EventKind.OPTION, by=by, detail={"option": option.pk, "kind": option.kind, "from": source, "to": state})
    if state == OptionState.NOT_ADMITTED:
        create_step(
            by=by, pathway=pathway, responsible=someone_answerable(pathway, pathway.guidance_lead, by), kind=StepKind.STEP,
            what=_("Not admitted: go through the other education options with the client"), due_on=timezone.localdate() + NEXT_AFTER_NOT_ADMITTED,
        )
    return option


def _lock_option(by: Membership, option: EducationOption) -> tuple[Pathway, EducationOption]:
    pathway = lock_pathway(Pathway.objects.get(options=option.pk))
    require_participant(by, pathway)
    return pathway, EducationOption.objects.get(pk=option.pk)


def _store(option: EducationOption, fields: dict) -> None:
    for name, value in fields.items():
        if name not in OPTION_FIELDS:
            raise ValidationError(_("This is not changed here."))
        setattr(option, name, value)
    option.changed_at = timezone.now()
    option.clean_fields(exclude=["pathway", "added_by"])
    option.validate_constraints()
    option.save()


@transaction.atomic
def add_workplace_period(*, by: Membership, pathway: Pathway, option: EducationOption, employer: str, starts_on: date, ends_on: date | None = None, token=None) -> WorkplacePeriod:
    """A learning period with an employer; it belongs to studies that have started. The same token twice is one period."""
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(Event.objects, token, pathway):
        return WorkplacePeriod.objects.get(pk=known.detail["period"])
    if not EducationOption.objects.filter(pk=option.pk, pathway=pathway, state=OptionState.STARTED).exists():
        raise ValidationError({"option": _("Choose an education option that has started.")})
    period = WorkplacePeriod(pathway=pathway, option=option, employer=employer.strip(), starts_on=starts_on, ends_on=ends_on, by=by)
    _store_period(period)
    write_event(pathway=pathway, kind=EventKind.OPTION, by=by, detail={"option": option.pk, "workplace_from": starts_on.isoformat(), "period": period.pk}, **_with(token))
    return period


@transaction.atomic
def add_work_period(*, by: Membership, pathway: Pathway, starts_on: date, ends_on: date | None = None, employer: str = "", token=None) -> WorkPeriod:
    """Work, beside or after studies. The same token twice is one period."""
    pathway = lock_pathway(pathway)
    require_participant(by, pathway)
    if known := known_by_token(Event.objects, token, pathway):
        return WorkPeriod.objects.get(pk=known.detail["period"])
    period = WorkPeriod(pathway=pathway, employer=employer.strip(), starts_on=starts_on, ends_on=ends_on, by=by)
    _store_period(period)
    write_event(pathway=pathway, kind=EventKind.OPTION, by=by, detail={"work_from": starts_on.isoformat(), "period": period.pk}, **_with(token))
    return period


@transaction.atomic
def end_period(*, by: Membership, period: WorkplacePeriod | WorkPeriod, ends_on: date) -> WorkplacePeriod | WorkPeriod:
    """Write, or correct, the last day of a period with an employer."""
    model = type(period)
    pathway = lock_pathway(period.pathway)
    require_participant(by, pathway)
    period = model.objects.get(pk=period.pk, pathway=pathway)
    period.ends_on = ends_on
    _store_period(period)
    return period


def _store_period(period: WorkplacePeriod | WorkPeriod) -> None:
    period.clean_fields(exclude=["pathway", "option", "by"])
    period.validate_constraints()
    period.save()
