"""One invented client's history, written as the portal's own actions would have written it, day after day.

A story is told forwards and stops where today is reached (`Today`), so that the past is the same whatever day it
is told up to, and what is open today is what the past left open.
"""
import random
import uuid
from datetime import datetime, timedelta
from types import SimpleNamespace

from guidance.actions.ladder import earned_step
from guidance.choices import (
    CheckIn,
    ConsentEnd,
    DisclosureBasis,
    EventKind,
    HandoffState,
    Interruption,
    ProcessingBasis,
    Stage,
    Visibility,
)
from guidance.loading import demo_texts as texts
from guidance.loading.demo_handoffs import HandingOver, office_hours, weekday
from guidance.loading.demo_rows import Rows, World
from guidance.models import Event, Handoff, NextStep, Participation, Pathway, StagePeriod
from pilots.models import Membership

CONTACTS = [EventKind.CALL, EventKind.VISIT, EventKind.MESSAGE, EventKind.NO_ANSWER, EventKind.NOTE, EventKind.NO_SHOW]


class Today(Exception):
    """The story has come to the day up to which it is told."""


class Ended(Exception):
    """The pathway has ended and does not open again."""


class Story(HandingOver):
    """The pen: each method writes what one action of the portal writes, at `now`."""

    def __init__(self, world: World, rows: Rows, rng: random.Random, pathway: Pathway, owner: Membership) -> None:
        self.world, self.rows, self.rng, self.pathway = world, rows, rng, pathway
        self.owner, self.lead = owner, None
        self.now = pathway.opened_at
        self.next_contact = self.now + timedelta(days=rng.randint(5, 120))
        self.step: SimpleNamespace | None = None
        self.step_person = owner
        self.steps: list[SimpleNamespace] = []
        self.handoffs: list[Handoff] = []
        self.taking_part: dict[int, Participation] = {}
        self.consents: dict[int | str, SimpleNamespace] = {}

    def begin(self) -> None:
        self._enter(self.pathway.stage, "")
        self.event(EventKind.OPENED, None)
        self.join(self.owner, DisclosureBasis.OWN)
        self.set_step(self.owner)

    # Time --------------------------------------------------------------------------------------

    def pass_days(self, least: int, most: int) -> None:
        """Time goes by, with the contacts that fall into it."""
        then = office_hours(self.now + timedelta(days=self.rng.randint(least, most)), self.rng)
        while self.next_contact < then and self.next_contact < self.world.until:
            self.now = max(self.next_contact, self.now + timedelta(minutes=5))
            self.contact()
            self.next_contact = office_hours(self.now + timedelta(days=self.rng.randint(60, 170)), self.rng)
        self._reach(then)

    def stay_away(self, least: int, most: int) -> None:
        """Time goes by without a contact."""
        self._reach(office_hours(self.now + timedelta(days=self.rng.randint(least, most)), self.rng))
        self.next_contact = max(self.next_contact, self.now + timedelta(days=self.rng.randint(5, 40)))

    def _reach(self, then: datetime) -> None:
        if then >= self.world.until:
            raise Today
        self.now = max(then, self.now + timedelta(minutes=5))

    # Events and steps --------------------------------------------------------------------------

    def event(self, kind: str, by: Membership | None, *, text: str = "", detail: dict | None = None, **fields) -> None:
        self.rows.line(Event, pathway_id=self.pathway.pk, kind=kind, at=self.now, by_id=by and by.pk, organisation_id=by and by.organisation_id, text=text, detail=detail or {}, token=self.token(), **fields)
        self.pathway.last_event_at = max(self.pathway.last_event_at, self.now)

    def token(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    @property
    def guide(self) -> Membership:
        """Who sees the client now."""
        return self.lead or self.owner

    def contact(self) -> None:
        studies = self.pathway.stage in (Stage.STUDYING, Stage.WORKPLACE_LEARNING)
        if studies and self.rng.random() < 0.7:
            self.event(EventKind.CHECK_IN, self.guide, check_in=self.rng.choices([CheckIn.WELL, CheckIn.WORRIED, CheckIn.ABSENT], [75, 17, 8])[0])
            return
        kind = self.rng.choices(CONTACTS, [45, 22, 12, 10, 7, 4])[0]
        if kind == EventKind.NO_ANSWER and self.rng.random() < 0.15:
            for _turn in range(2):
                self.event(kind, self.guide)
                self.now += timedelta(minutes=50)
            self.pathway.waits_since = self.now
        elif kind in (EventKind.CALL, EventKind.VISIT):
            self.pathway.waits_since = None
        visibility = Visibility.OWN if kind == EventKind.NOTE and self.rng.random() < 0.3 else Visibility.PARTICIPANTS
        text = self.rng.choice(texts.CONTACTS[kind]) if kind in texts.CONTACTS else ""
        self.event(kind, self.guide, text=text, visibility=visibility)
        if self.rng.random() < 0.3:
            self.set_step(self.guide)

    def set_step(self, responsible: Membership) -> None:
        """The open step is done and the next one made: an open pathway is never without."""
        if self.step:
            self.finish_step(self.step, self.step_person)
        self.step_person = responsible
        self.step = self.add_step(responsible, self.rng.choice(texts.STEPS[self.pathway.stage]), 10, 60)

    def add_step(self, responsible: Membership, what: str, least: int, most: int, **fields) -> SimpleNamespace:
        due = fields.pop("due_on", None) or weekday(self.now.date() + timedelta(days=self.rng.randint(least, most)))
        step = self.rows.line(NextStep, pathway_id=self.pathway.pk, what=what, due_on=due, responsible_id=responsible.pk, created_by_id=responsible.pk, created_at=self.now, token=self.token(), **fields)
        self.steps.append(step)
        return step

    def finish_step(self, step: SimpleNamespace, by: Membership, attended: bool | None = None) -> None:
        step.done_at, step.done_by_id, step.attended = self.now, by.pk, attended
        self.steps.remove(step)
        self.event(EventKind.NO_SHOW if attended is False else EventKind.STEP, by, detail={"step": step.id, "attended": attended})

    # Stages, participants, responsibility ------------------------------------------------------

    def move(self, target: str, *, by: Membership | None = None, reason: str = "") -> None:
        source, by = self.pathway.stage, by or self.guide
        self.now += timedelta(minutes=1)
        self._enter(target, reason, by)
        self.event(EventKind.MOVE, by, text=reason, detail={"from": source, "to": target} | ({"interruption": texts.INTERRUPTIONS.get(reason, Interruption.OTHER).value} if target == Stage.INTERRUPTED else {}))
        self.set_step(self.guide)

    def _enter(self, stage: str, reason: str, by: Membership | None = None) -> None:
        self.pathway.stage = stage
        self.pathway.version += 1
        self.rows.line(StagePeriod, pathway_id=self.pathway.pk, stage=stage, started_at=self.now, by_id=by and by.pk, reason=reason)

    def join(self, person: Membership, basis: str) -> None:
        if person.organisation_id not in self.taking_part:
            consented = self.consents[person.organisation_id].given_on if basis == DisclosureBasis.CONSENT else None
            row = Participation(
                pathway=self.pathway, organisation_id=person.organisation_id, responsible=person, starts_at=self.now, processing_basis=ProcessingBasis.STATUTORY_TASK, disclosure_basis=basis, consented_on=consented,
                **self.pathway.client.repeated(),
            )
            self.taking_part[person.organisation_id] = row
            self.rows.add(row)

    def close(self, reason: str, outcome: str) -> None:
        for step in list(self.steps):
            step.done_at, step.done_by_id = self.now, self.owner.pk
        self.steps, self.step = [], None
        for row in self.taking_part.values():
            row.ends_at = self.now
        self.taking_part = {}
        for consent in self.consents.values():
            consent.ended_at, consent.ended_by_id, consent.end = self.now, self.owner.pk, ConsentEnd.PATHWAY_ENDED
        self.consents = {}
        self.pathway.closed_at, self.pathway.closed_by, self.pathway.end_reason, self.pathway.outcome = self.now, self.owner, reason, outcome
        self.pathway.waits_since = None
        self.event(EventKind.CLOSED, self.owner, detail={"reason": reason, "outcome": outcome})

    def reopen(self) -> None:
        self.pathway.closed_at = self.pathway.closed_by = self.lead = None
        self.pathway.guidance_lead = self.pathway.study_counsellor = None
        self.pathway.end_reason = self.pathway.outcome = ""
        self.join(self.owner, DisclosureBasis.OWN)
        self.event(EventKind.OPENED, self.owner, text=self.rng.choice(texts.REOPENED), detail={"again": True})
        self.set_step(self.owner)

    # Today -------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """How an open pathway stands today: mostly talked with lately, and with a step that is mostly still to come."""
        until = self.world.until
        if self.pathway.stage != Stage.INTERRUPTED and self.rng.random() < 0.9:
            lately = office_hours(until - timedelta(days=self.rng.randint(2, 29)), self.rng)
            if self.now < lately < until:
                self.now = lately
                self.event(EventKind.CALL, self.guide, text=self.rng.choice(texts.CONTACTS[EventKind.CALL]))
                self.pathway.waits_since = None
        draw = self.rng.random()
        away = -self.rng.randint(1, 15) if draw < 0.2 else 0 if draw < 0.28 else self.rng.randint(1, 35)
        self.step.due_on = max(weekday(until.date() + timedelta(days=away)), self.step.created_at.date())
        self.now = until
        for handoff in self.handoffs:
            if handoff.state in (HandoffState.SENT, HandoffState.ACCEPTED):
                handoff.ladder_step = earned_step(handoff, self.now)
                if self.rng.random() < 0.1:
                    handoff.paused_until, handoff.pause_reason = until.date() + timedelta(days=self.rng.randint(2, 9)), texts.PAUSED
        self.pathway.next_due_on = min(step.due_on for step in self.steps)
