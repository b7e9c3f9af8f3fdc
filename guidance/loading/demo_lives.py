"""What happens to the demo's invented clients, stage by stage, from the first day of the trial on.

The chances are ours; only the totals on the first day are the source's.
"""
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace

from guidance.choices import ASSESSMENT_CODES, AssessmentKind, BenefitDecision, EndReason, EventKind, ItemState, OptionKind, OptionState, Outcome, Part, Stage
from guidance.loading import demo_texts as texts
from guidance.loading.demo_story import Ended, Story, Today
from guidance.models import AssessmentItem, EducationOption, WorkPeriod, WorkplacePeriod

TRIAL_ENDS = "2023-07-01"


@dataclass(frozen=True)
class Pace:
    """The fewest and the most days until the first talk, and in which somebody without an aim for competence is helped; what part of the ended never come back."""

    first_talk: tuple[int, int]
    without_aim: tuple[int, int]
    never_again: float


# Thousands are not talked with in a week; who comes alone is.
ALL_AT_ONCE, AS_THEY_COME = Pace((5, 150), (60, 1000), 0.15), Pace((1, 24), (30, 330), 0.75)


class Life:
    """One client's ways through the stages. `seeks`: looks for competence development, as the source's 2,206 do."""

    def __init__(self, story: Story, *, seeks: bool, pace: Pace) -> None:
        self.story, self.seeks, self.pace, self.rng = story, seeks, pace, story.rng
        self.option: EducationOption | None = None
        self.items: list[AssessmentItem] = []
        self.before_interruption = ""
        self.learnt_at_work = False
        # The step that "not admitted" opened.
        self.choose_again: SimpleNamespace | None = None

    def tell(self) -> None:
        """Tell it up to today, or to an end for good."""
        self.story.begin()
        try:
            while True:
                STAGES[self.story.pathway.stage](self)
        except Ended:
            return
        except Today:
            if self.story.pathway.closed_at is None:
                self.story.arrive()

    # Stages ------------------------------------------------------------------------------------

    def registered(self) -> None:
        self.story.pass_days(*self.pace.first_talk)
        self.story.move(Stage.IDENTIFICATION)

    def identification(self) -> None:
        if not self.items:
            self._assess()
        if not self.seeks:
            self.story.pass_days(*self.pace.without_aim)
            return self._interrupt() if self.rng.random() < 0.06 else self._end()
        self.story.pass_days(10, 90)
        draw = self.rng.random()
        if draw < 0.1:
            return self._end()
        if draw > 0.98 and self._in_trial():
            self.story.hand_over(Part.TE, transfer=True)
        elif draw > 0.96:
            self.story.refer_outside()
        self.story.move(Stage.REFERRAL, by=self.story.owner)

    def referral(self) -> None:
        self._find_lead()
        self.story.move(Stage.MAPPING)

    def mapping(self) -> None:
        if self.story.lead is None:
            self._find_lead()
        kinds = self.rng.sample(list(OptionKind), self.rng.randint(2, 3))
        options = [self._consider(kind) for kind in kinds]
        if self.choose_again in self.story.steps:
            self.story.stay_away(1, 6)
            self.story.finish_step(self.choose_again, self.story.guide)
        self.story.pass_days(20, 110)
        draw = self.rng.random()
        if draw < 0.12:
            return self._end()
        if draw < 0.17:
            return self._interrupt()
        if draw > 0.99 and self.story.lead.organisation_id in self.story.consents and self.story.lead.organisation_id != self.story.owner.organisation_id:
            self.story.withdraw_consent(self.story.lead.organisation_id)
            self._find_lead()
        self.option = self.rng.choice(options)
        self.story.move(Stage.PLANNING)

    def planning(self) -> None:
        self._change(OptionState.CHOSEN)
        self.story.pass_days(15, 90)
        if self.rng.random() < 0.07:
            self._change(OptionState.DROPPED)
            return self.story.move(Stage.MAPPING)
        self.story.move(Stage.SUPPORT_BEFORE if self.rng.random() < 0.4 else Stage.STARTING)

    def support_before(self) -> None:
        measures = [key for code, (key, historical) in self.story.world.programmes.items() if code != "yritysyhteistyo" and (not historical or self._in_trial())]
        if measures:
            measure = self.rng.choice(measures)
            self.story.event(EventKind.VISIT, self.story.guide, text="Valmennus alkoi.", programme_id=measure)
            for item in self.items[:1]:
                if item.state == ItemState.OPEN:
                    item.state, item.programme_id = ItemState.IN_HAND, measure
        self.story.pass_days(30, 120)
        self._back_or(Stage.STARTING, 0.08)

    def starting(self) -> None:
        story, option = self.story, self.option
        self._change(OptionState.APPLIED)
        option.applied_on, option.applied_to = story.now.date(), option.title
        story.pass_days(20, 70)
        draw = self.rng.random()
        if draw < 0.16:
            self._change(OptionState.NOT_ADMITTED)
            self.choose_again = story.add_step(story.guide, texts.NOT_ADMITTED, 3, 7)
            return story.move(Stage.MAPPING, reason=texts.BACK[0])
        if draw < 0.26:
            self._change(OptionState.WAITING)
            story.pass_days(10, 60)
        self._change(OptionState.ADMITTED)
        option.benefit_decision = BenefitDecision.PENDING
        if self.rng.random() < 0.6 and not any(person.organisation_id in story.taking_part for person in story.world.people[Part.COLLEGE]):
            while not story.hand_over(Part.COLLEGE):
                story.stay_away(1, 5)
        option.starts_on = (story.now + timedelta(days=self.rng.randint(14, 50))).date()
        story.pass_days(8, 13)
        option.benefit_decision = self.rng.choices([BenefitDecision.MADE, BenefitDecision.NOT_NEEDED], [80, 20])[0]
        story.stay_away(1, 40)
        option.starts_on = story.now.date()
        self._change(OptionState.STARTED)
        college = [person for person in story.world.people[Part.COLLEGE] if person.organisation_id in story.taking_part]
        if college:
            story.pathway.study_counsellor = story.lead if story.lead in college else self.rng.choice(college)
        if option.kind == OptionKind.APPRENTICESHIP:
            self._work(option.starts_on)
        story.move(Stage.STUDYING)

    def studying(self) -> None:
        story, option = self.story, self.option
        if option.hoks_on is None:
            option.hoks_on = story.now.date() + timedelta(days=self.rng.randint(3, 25))
            option.hoks_teacher = f"Demo Opettaja {self.rng.randint(1, 9)}"
            # Only studies that are a qualification, or a part of one, have a personal study plan.
            if option.hoks_on >= story.world.until.date() or option.kind not in (OptionKind.APPRENTICESHIP, OptionKind.QUALIFICATION, OptionKind.PARTIAL_QUALIFICATION):
                option.hoks_on, option.hoks_teacher = None, ""
        story.pass_days(90, 330)
        draw = self.rng.random()
        if draw < 0.08:
            return self._interrupt()
        if draw < 0.18:
            self._change(OptionState.INTERRUPTED)
            return story.move(Stage.MAPPING, reason=self.rng.choice(texts.BACK))
        if not self.learnt_at_work and draw < 0.8:
            period = WorkplacePeriod(pathway=story.pathway, option=option, employer=self.rng.choice(texts.EMPLOYERS), starts_on=story.now.date(), by=story.guide)
            story.rows.add(period)
            story.move(Stage.WORKPLACE_LEARNING)
            self.learnt_at_work = True
            story.pass_days(30, 120)
            period.ends_on = story.now.date()
            return story.move(Stage.STUDYING) if self.rng.random() < 0.7 else self._graduate()
        self._graduate()

    def workplace_learning(self) -> None:
        """Come back to from an interruption or a new start only: the period itself is told where it begins."""
        self.story.pass_days(20, 60)
        self.story.move(Stage.STUDYING)

    def graduated(self) -> None:
        self.story.pass_days(3, 40)
        if self.rng.random() < 0.45:
            self._work(self.story.now.date())
            return self._end(EndReason.GOAL_REACHED, Outcome.EMPLOYED)
        self.story.move(Stage.JOB_SEARCH_SUPPORT)

    def job_search_support(self) -> None:
        if self.story.lead is None and self.rng.random() < 0.6:
            # Back after work that ended: a new aim is looked for.
            self.story.pass_days(5, 40)
            return self.story.move(Stage.MAPPING, reason=self.rng.choice(texts.BACK))
        self.story.pass_days(30, 220)
        draw = self.rng.random()
        if draw < 0.6:
            self._work(self.story.now.date())
            return self._end(EndReason.GOAL_REACHED, Outcome.EMPLOYED)
        if draw < 0.8:
            return self._end(EndReason.OTHER_SERVICE, Outcome.QUALIFIED)
        self.story.move(Stage.MAPPING, reason=self.rng.choice(texts.BACK))

    def interrupted(self) -> None:
        self.story.stay_away(30, 160)
        self.story.move(self.before_interruption, reason=self.rng.choice(texts.RETURNS))

    # What several stages do --------------------------------------------------------------------

    def _assess(self) -> None:
        kinds = [AssessmentKind.NEED, self.rng.choice([AssessmentKind.OBSTACLE, AssessmentKind.NEED])] + ([AssessmentKind.COMPETENCE] if self.seeks else [])
        by = self.story.owner
        for kind, code in sorted({(kind, self.rng.choice(ASSESSMENT_CODES[kind])) for kind in kinds}):
            item = AssessmentItem(pathway=self.story.pathway, kind=kind, code=code, noted_at=self.story.now, noted_by=by, organisation_id=by.organisation_id)
            self.items.append(item)
            self.story.rows.add(item)

    def _find_lead(self) -> None:
        self.story.pass_days(1, 12)
        while not self.story.hand_over(self.rng.choices([Part.COLLEGE, Part.EMPLOYMENT, Part.TE], [60, 30, 10])[0]):
            self.story.stay_away(1, 6)

    def _consider(self, kind: str) -> EducationOption:
        story, college = self.story, self.story.world.people[Part.COLLEGE]
        inside = self.rng.random() < 0.8
        option = EducationOption(
            pathway=story.pathway,
            kind=kind,
            title=self.rng.choice(texts.TITLES[kind]),
            provider_id=college[0].organisation_id if inside else None,
            provider_outside="" if inside else self.rng.choice(texts.OUTSIDE),
            added_by=story.guide,
            added_at=story.now,
            changed_at=story.now,
        )
        story.rows.add(option)
        return option

    def _change(self, state: str) -> None:
        self.option.state, self.option.changed_at = state, self.story.now
        if state in (OptionState.COMPLETED, OptionState.INTERRUPTED):
            self.option.ended_on = self.story.now.date()
        self.story.event(EventKind.OPTION, self.story.guide, detail={"option": self.option.pk, "kind": self.option.kind, "state": state})

    def _back_or(self, target: str, chance: float) -> None:
        if self.rng.random() < chance:
            self._change(OptionState.DROPPED)
            return self.story.move(Stage.MAPPING, reason=self.rng.choice(texts.BACK))
        self.story.move(target)

    def _graduate(self) -> None:
        self._change(OptionState.COMPLETED)
        for item in self.items:
            if item.state != ItemState.RESOLVED and item.kind == AssessmentKind.COMPETENCE:
                item.state, item.resolved_at = ItemState.RESOLVED, self.story.now
        self.story.move(Stage.GRADUATED)

    def _work(self, starts_on) -> None:
        self.story.rows.add(WorkPeriod(pathway=self.story.pathway, employer=self.rng.choice(texts.EMPLOYERS), starts_on=starts_on, by=self.story.guide))

    def _interrupt(self) -> None:
        self.before_interruption = self.story.pathway.stage
        self.story.move(Stage.INTERRUPTED, reason=self.rng.choice(list(texts.INTERRUPTIONS)))

    def _end(self, reason: str = "", outcome: str = "") -> None:
        """The pathway ends, for good or until the client comes back."""
        if not reason:
            reason, outcome, _often = self.rng.choices(texts.ENDS, [often for *_, often in texts.ENDS])[0]
        self.story.close(reason, outcome)
        if reason in (EndReason.DIED, EndReason.MOVED) or self.rng.random() < self.pace.never_again:
            raise Ended
        self.story.stay_away(90, 480)
        self.story.reopen()

    def _in_trial(self) -> bool:
        return self.story.now.date().isoformat() < TRIAL_ENDS


STAGES: dict[str, Callable[[Life], None]] = {
    Stage.REGISTERED: Life.registered,
    Stage.IDENTIFICATION: Life.identification,
    Stage.REFERRAL: Life.referral,
    Stage.MAPPING: Life.mapping,
    Stage.PLANNING: Life.planning,
    Stage.SUPPORT_BEFORE: Life.support_before,
    Stage.STARTING: Life.starting,
    Stage.STUDYING: Life.studying,
    Stage.WORKPLACE_LEARNING: Life.workplace_learning,
    Stage.GRADUATED: Life.graduated,
    Stage.JOB_SEARCH_SUPPORT: Life.job_search_support,
    Stage.INTERRUPTED: Life.interrupted,
}


def live(story: Story, *, seeks: bool, pace: Pace) -> None:
    Life(story, seeks=seeks, pace=pace).tell()
