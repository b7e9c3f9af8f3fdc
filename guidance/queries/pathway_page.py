"""One pathway as the person acting may see it: what the page, the printed paper and the export say of it."""
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from guidance.choices import (
    OPTION_OVER,
    Actor,
    AssessmentCode,
    AssessmentKind,
    BenefitDecision,
    ContactWay,
    HandoffKind,
    HandoffState,
    ItemState,
    Move,
    OptionState,
    Part,
    Requirement,
    Stage,
    StepKind,
    moves_from,
)
from guidance.models import EducationOption, Participation, Pathway
from guidance.permissions import capacities, may_see_protected_details
from guidance.queries.pathway_attention import attention_of
from guidance.queries.pathway_rows import (
    FILES_SHOWN,
    AssessmentGroup,
    AssessmentRow,
    Attention,
    FileRow,
    HandoffRow,
    Missing,
    PeriodRow,
    SeatRow,
    ShownMove,
    StageRow,
    StepRow,
)
from guidance.queries.rows import day_of, moment_of, to_day, to_moment
from pilots.models import Membership
from services.choices import EnrolmentState

YOUNG = 30
FURTHEST_FIRST = (
    *(OptionState.STARTED, OptionState.ADMITTED, OptionState.WAITING, OptionState.APPLIED, OptionState.CHOSEN, OptionState.INTERRUPTED, OptionState.CONSIDERED),
    *OPTION_OVER,
)
STILL_OPEN = (OptionState.CONSIDERED, OptionState.CHOSEN, OptionState.APPLIED, OptionState.WAITING, OptionState.ADMITTED, OptionState.STARTED)


class PathwayPage:
    """A pathway from `pathway_for_page`, as the person acting may see it."""

    def __init__(self, pathway: Pathway, acting: Membership, now: datetime) -> None:
        self.pathway, self.acting, self.now = pathway, acting, now
        self.today = timezone.localdate(now)
        pathway.named_person_ids = {row["id"] for row in pathway.named_rows}
        self.client = pathway.client
        self.sees_protected = may_see_protected_details(acting, pathway)

    @property
    def is_ended(self) -> bool:
        return self.pathway.closed_at is not None

    @property
    def age(self) -> int:
        born, today = self.client.birth_date, self.today
        return today.year - born.year - ((today.month, today.day) < (born.month, born.day))

    @property
    def is_under_30(self) -> bool:
        return self.age < YOUNG

    @property
    def owns_process(self) -> bool:
        return self.acting.organisation_id == self.pathway.process_owner_id

    @property
    def participants(self) -> list[Participation]:
        return [row for row in self.pathway.all_participations if row.ends_at is None]

    @property
    def former(self) -> list[Participation]:
        """Each organisation once, however many times it took part."""
        here = {row.organisation_id for row in self.participants}
        ended = {row.organisation_id: row for row in self.pathway.all_participations if row.ends_at is not None}
        return [row for organisation, row in ended.items() if organisation not in here]

    @property
    def organisations(self) -> list:
        """Everybody who took part at some time, for the filter of the timeline."""
        return list({row.organisation_id: row.organisation for row in self.pathway.all_participations}.values())

    @property
    def stages(self) -> list[StageRow]:
        rows = self.pathway.stage_rows
        starts = [moment_of(row["started_at"]) for row in rows]
        ends = [*starts[1:], self.pathway.closed_at]
        return [StageRow(row["stage"], str(Stage(row["stage"]).label), start, end, row["by"] or "", row["reason"]) for row, start, end in zip(rows, starts, ends, strict=False)]

    @property
    def stage_since(self) -> datetime | None:
        return self.stages[-1].started_at if self.pathway.stage_rows else None

    @cached_property
    def capacities(self) -> frozenset[str]:
        part = next((row.part for row in self.participants if row.organisation_id == self.acting.organisation_id), None)
        return capacities(self.acting, self.pathway, part=part or "")

    @cached_property
    def moves(self) -> list[ShownMove]:
        """The moves of the table that this viewer may make from here, those that are ready first; an ended pathway has none."""
        if self.is_ended:
            return []
        moves = [self._shown(move) for move in moves_from(self.pathway.stage) if move.who & self.capacities and not self._is_idle_return(move)]
        return sorted(moves, key=lambda move: (move.target == Stage.INTERRUPTED, move.target != self.interrupted_stage, move.back, bool(move.missing)))

    @property
    def moves_of_others(self) -> list[tuple[str, list[str]]]:
        """The moves from here that others make: to where, and the organisations that make it; none when nobody who does takes part."""
        if self.is_ended:
            return []
        return [(str(Stage(move.target).label), self._makers(move)) for move in moves_from(self.pathway.stage) if not move.who & self.capacities and not self._is_idle_return(move)]

    def _makers(self, move: Move) -> list[str]:
        pathway, answering = self.pathway, self.pathway.partnership.parts_of_stage(self.pathway.stage)
        owner, lead = pathway.process_owner, pathway.guidance_lead
        found = [owner.name] if owner and (Actor.PROCESS_OWNER in move.who or (Actor.STAGE_PART in move.who and Part.EMPLOYMENT in answering)) else []
        found += [lead.organisation.name] if lead and Actor.GUIDANCE_LEAD in move.who else []
        if Actor.STAGE_PART in move.who:
            found += [row.organisation.name for row in self.participants if row.part in answering and row.part != Part.EMPLOYMENT]
        return list(dict.fromkeys(found))

    @property
    def interrupted_stage(self) -> str:
        """Where the client was when the pathway was interrupted."""
        rows = self.pathway.stage_rows
        return rows[-2]["stage"] if self.pathway.stage == Stage.INTERRUPTED and len(rows) > 1 else ""

    def _is_idle_return(self, move: Move) -> bool:
        """After an interruption only stages where the client has been are offered, and mapping."""
        return Requirement.BEEN_THERE in move.needs and not self.is_met(Requirement.BEEN_THERE, move.target)

    def _shown(self, move: Move) -> ShownMove:
        missing = [Missing(str(Requirement(need).label), self._where(need)) for need in move.needs if need != Requirement.REASON and not self.is_met(need, move.target)]
        label = str(Stage(move.target).label)
        if move.target == self.interrupted_stage:
            label = _("Back to “%(stage)s”, which was interrupted") % {"stage": label}
        return ShownMove(move, move.target, label, move.back, Requirement.REASON in move.needs, missing)

    def _where(self, need: str) -> str:
        """The page on which a missing thing comes to be."""
        pages = {
            Requirement.ASSESSED: "assessment_add", Requirement.LEAD_NAMED: "handoff_send", Requirement.OPTION_CONSIDERED: "option_add",
            Requirement.WORKPLACE_PERIOD: "workplace_add" if self.is_studying else "",
        }
        page = pages.get(Requirement(need), "") or ("" if self.options else "option_add")
        return reverse(f"guidance:{page}", args=[self.pathway.pseudonym]) if page else f"{self.pathway.get_absolute_url()}#options"

    def is_met(self, need: str, target: str = "") -> bool:
        """The question of `actions.stages.is_met`, answered from what the page has read; a test holds the two together."""
        options = self.pathway.all_options
        states = {option.state for option in options}
        met = {
            Requirement.ASSESSED: bool(self.pathway.assessment_rows),
            Requirement.LEAD_NAMED: self.pathway.guidance_lead_id is not None,
            Requirement.OPTION_CONSIDERED: bool(states & set(STILL_OPEN)),
            Requirement.OPTION_CHOSEN: bool(states & set(STILL_OPEN[1:])),
            Requirement.OPTION_ADMITTED: any(option.state == OptionState.ADMITTED and option.starts_on for option in options),
            Requirement.BENEFIT_DECIDED: any(option.state == OptionState.STARTED and option.benefit_decision in (BenefitDecision.MADE, BenefitDecision.NOT_NEEDED) for option in options),
            Requirement.OPTION_STARTED: OptionState.STARTED in states,
            Requirement.WORKPLACE_PERIOD: bool(self.pathway.workplace_rows),
            Requirement.OPTION_COMPLETED: OptionState.COMPLETED in states,
            Requirement.BEEN_THERE: any(row["stage"] == target for row in self.pathway.stage_rows),
        }
        return met[Requirement(need)]

    @property
    def assessment(self) -> list[AssessmentGroup]:
        rows = [
            (row["kind"], AssessmentRow(row["id"], str(AssessmentCode(row["code"]).label), row["state"], str(ItemState(row["state"]).label), row["programme"] or "", timezone.localdate(moment_of(row["noted_at"]))))
            for row in self.pathway.assessment_rows
        ]
        return [AssessmentGroup(kind, str(kind.label), [row for of, row in rows if of == kind]) for kind in AssessmentKind]

    @cached_property
    def options(self) -> list[EducationOption]:
        """The one that is furthest first."""
        return sorted(self.pathway.all_options, key=lambda option: FURTHEST_FIRST.index(option.state))

    @property
    def compared(self) -> list[EducationOption]:
        """Those that may still come to something."""
        return [option for option in self.options if option.state not in OPTION_OVER]

    @property
    def is_studying(self) -> bool:
        return any(option.state == OptionState.STARTED for option in self.pathway.all_options)

    @property
    def over(self) -> list[EducationOption]:
        return [option for option in self.options if option.state in OPTION_OVER]

    @property
    def workplace_periods(self) -> list[PeriodRow]:
        return [self._period(row) for row in self.pathway.workplace_rows]

    @property
    def work_periods(self) -> list[PeriodRow]:
        return [self._period(row) for row in self.pathway.work_rows]

    def _period(self, row: dict) -> PeriodRow:
        return PeriodRow(row["id"], row["employer"] if self.sees_protected else "", day_of(row["starts_on"]), to_day(row["ends_on"]), row.get("option") or "")

    @cached_property
    def seats(self) -> list[SeatRow]:
        """Seats on shared courses, those that are not over first."""
        return sorted((self._seat(row) for row in self.pathway.seat_rows), key=lambda seat: not seat.is_active)

    @property
    def active_seats(self) -> list[SeatRow]:
        return [seat for seat in self.seats if seat.is_active]

    def _seat(self, row: dict) -> SeatRow:
        sees = self.sees_protected
        return SeatRow(
            row["id"], row["state"], str(EnrolmentState(row["state"]).label), row["organisation"], row["organisation_id"], row["option"] or "", moment_of(row["asked_at"]), to_moment(row["held_until"]),
            to_moment(row["ended_at"]), row["attended"], row["run"], row["course"] if sees else "", row["provider"] if sees else "", day_of(row["first_day"]) if sees else None,
            day_of(row["last_day"]) if sees else None, row["reason"] if sees else "",
        )

    @property
    def files(self) -> list[FileRow]:
        return [FileRow(row["id"], row["name"], row["size"], moment_of(row["added_at"]), row["by"] or "") for row in self.pathway.file_rows[:FILES_SHOWN]]

    @property
    def has_more_files(self) -> bool:
        return len(self.pathway.file_rows) > FILES_SHOWN

    @cached_property
    def steps(self) -> list[StepRow]:
        """The open steps, first due first."""
        return [self._step(row) for row in self.pathway.step_rows]

    def _step(self, row: dict) -> StepRow:
        due_on = day_of(row["due_on"])
        return StepRow(
            row["id"], row["kind"], str(StepKind(row["kind"]).label), row["what"], due_on, to_moment(row["starts_at"]), row["minutes"],
            str(ContactWay(row["way"]).label) if row["way"] else "", row["place"] if self.sees_protected else "", bool(row["interpreter"]), row["responsible"], row["organisation"],
            row["responsible_id"] == self.acting.pk, due_on < self.today, row["handoff_id"],
            row["starts_at"] is not None and self._is_of(row["handoff_id"], HandoffState.ACCEPTED),
            self._is_of(row["handoff_id"], HandoffState.DECLINED),
        )

    def _is_of(self, handoff_pk: int | None, state: str) -> bool:
        return any(handoff.pk == handoff_pk and handoff.state == state for handoff in self.handoffs)

    @cached_property
    def handoffs(self) -> list[HandoffRow]:
        """Newest first."""
        return [self._handoff(row) for row in self.pathway.handoff_rows]

    @staticmethod
    def _handoff(row: dict) -> HandoffRow:
        return HandoffRow(
            row["id"], str(HandoffKind(row["kind"]).label), row["state"], str(HandoffState(row["state"]).label), row["receiver"] or row["to_outside"], row["receiver_person"] or "",
            row["sender"], row["sender_person"], moment_of(row["sent_at"]), day_of(row["due_on"]), to_moment(row["first_contact_at"]), to_moment(row["met_at"]), row["reason"], row["decline_reason"], row["from_organisation_id"],
        )

    @property
    def last_handoff(self) -> HandoffRow | None:
        return next(iter(self.handoffs), None)

    @cached_property
    def attention(self) -> list[Attention]:
        return [] if self.is_ended else attention_of(self.pathway, self.steps, self.handoffs, organisation_id=self.acting.organisation_id, now=self.now)
