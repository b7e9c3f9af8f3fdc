"""Several people of three organisations do whatever they like, in any order, while the clock runs: nobody is ever lost.

After every step every invariant of `check_pathways` holds. An action may refuse with a sentence; any other error, and an
error of the database above all, is the test's failure.
"""
from datetime import timedelta
from unittest import mock

import hypothesis
import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from guidance.actions.absences import add_absence, end_absence
from guidance.actions.assessment import add_item, resolve_item
from guidance.actions.caseload import transfer_caseload
from guidance.actions.consents import withdraw_consent
from guidance.actions.handoffs import accept_handoff, change_first_contact, confirm_met, decline_handoff, pause_ladder, send_again, send_handoff, withdraw_handoff
from guidance.actions.ladder import climb_ladder
from guidance.actions.merging import merge_pathways
from guidance.actions.options import add_option, change_option_state
from guidance.actions.pathways import close_pathway, edit_pathway, end_participation, move_stage, name_responsible, open_pathway, reopen_pathway
from guidance.actions.timeline import add_step, change_step, finish_step, log_event, reassign_step
from guidance.choices import (
    ASSESSMENT_CODES,
    LOGGED_BY_HAND,
    AssessmentKind,
    BenefitDecision,
    CheckIn,
    ContactWay,
    DisclosureBasis,
    EndReason,
    EventKind,
    HandoffKind,
    OptionKind,
    OptionState,
    Outcome,
    Section,
    Stage,
    Visibility,
)
from guidance.conflicts import Conflict
from guidance.models import Absence, AssessmentItem, EducationOption, Handoff, NextStep, Pathway
from guidance.queries.invariants import check_everything
from pilots.actions.people import end_membership
from pilots.choices import Role
from pilots.models import Membership
from tests.guidance.factories import make_counsellor, make_organisation, make_partnership, new_client

STEPS_FULL = 2000
STEPS_EACH = 50
pick = st.integers(min_value=0, max_value=10**6)


class Clock:
    """The portal's own clock, moved by the test: it only ever goes forwards, a second for each look and days at will."""

    def __init__(self) -> None:
        self.moment = timezone.now()

    def now(self):
        self.moment += timedelta(seconds=1)
        return self.moment


class ManyHands(RuleBasedStateMachine):
    """What is drawn is a number; whom or what it names is looked up in the database as it is then."""

    steps = 0
    done: dict[str, int] = {}

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.clock = Clock()
        self.patch = mock.patch("django.utils.timezone.now", self.clock.now)
        self.patch.start()

    def teardown(self) -> None:
        self.patch.stop()
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        self.made = make_partnership(people=3)
        self.neighbour = make_organisation("Toisaalan työllisyyspalvelu")
        make_counsellor(self.neighbour)
        for _turn in range(2):
            self.open(0, 0)

    # What a number names ----------------------------------------------------------------------

    def one(self, number: int, rows):
        rows = list(rows.order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def person(self, number: int) -> Membership:
        """Mostly somebody active, sometimes somebody who was ended: a page that was left open."""
        rows = Membership.objects.select_related("user", "organisation")
        return self.one(number, rows if number % 7 == 0 else rows.filter(ended_at=None))

    def pathway(self, number: int) -> Pathway:
        return self.one(number, Pathway.objects.all() if number % 5 == 0 else Pathway.objects.open())

    def insider(self, number: int, pathway: Pathway) -> Membership:
        """Mostly somebody whose organisation takes part: what an outsider tries is refused at once and teaches little."""
        inside = Membership.objects.select_related("user", "organisation").filter(ended_at=None, organisation__participations__pathway=pathway, organisation__participations__ends_at=None)
        return (None if number % 6 == 0 else self.one(number, inside.distinct())) or self.person(number)

    def handoff(self, number: int) -> Handoff | None:
        return self.one(number, Handoff.objects.all() if number % 5 == 0 else Handoff.objects.open())

    def day(self, number: int):
        return timezone.localdate() + timedelta(days=number % 30 - 2)

    def attempt(self, name: str, call, **arguments) -> None:
        if any(value is None for value in arguments.values()):
            return
        try:
            with transaction.atomic():
                call(**arguments)
        except (ValidationError, Conflict):
            self.done[f"{name}: refused"] = self.done.get(f"{name}: refused", 0) + 1
        else:
            self.done[name] = self.done.get(name, 0) + 1

    # What people do ---------------------------------------------------------------------------

    @rule(a=pick, b=pick)
    def open(self, a, b):
        by = self.person(a) if b % 3 == 0 else self.one(a, Membership.objects.filter(organisation=self.made.city, ended_at=None))
        self.attempt("open", open_pathway, by=by, partnership=self.made.partnership, client=new_client(), first_step="Askel", first_due_on=self.day(b + 2))

    @rule(a=pick, b=pick, c=pick)
    def move(self, a, b, c):
        pathway = self.pathway(a)
        if pathway:
            self.attempt("move", move_stage, by=self.insider(b, pathway), pathway=pathway, target=list(Stage)[c % len(Stage)], reason="Syy" if c % 4 else " ")

    @rule(a=pick, b=pick, c=pick, d=pick, kind=st.sampled_from(HandoffKind.values))
    def send(self, a, b, c, d, kind):
        pathway = self.pathway(a)
        if pathway is None:
            return
        to = self.neighbour if c % 9 == 0 else self.made.organisations[c % 3]
        receiver = {"to_organisation": to, "to_person": self.one(d, Membership.objects.filter(organisation=to)) if d % 2 else None}
        if c % 8 == 0:
            receiver = {"to_outside": "Keksitty yhdistys"}
        basis = [
            {"basis": DisclosureBasis.STATUTE, "basis_statute": "keksitty säännös"},
            {"basis": DisclosureBasis.CONSENT, "consented_on": timezone.localdate()},
            {"basis": DisclosureBasis.OWN},
        ][d % 3]
        by = self.insider(b, pathway)
        try:
            with transaction.atomic():
                send_handoff(by=by, pathway=pathway, kind=kind, reason="Syy", sections=[Section.GOAL], due_on=self.day(d), **basis, **receiver)
        except (ValidationError, Conflict):
            self.done[f"send {kind}: refused"] = self.done.get(f"send {kind}: refused", 0) + 1
        else:
            self.done[f"send {kind}"] = self.done.get(f"send {kind}", 0) + 1

    def answerer(self, number: int, handoff: Handoff) -> Membership | None:
        if handoff.to_organisation_id is None:
            return None
        rows = Membership.objects.select_related("user", "organisation").filter(organisation=handoff.to_organisation_id, ended_at=None)
        return (None if number % 6 == 0 else self.one(number, rows)) or self.person(number)

    @rule(a=pick, b=pick, c=pick)
    def accept(self, a, b, c):
        if handoff := self.handoff(a):
            by = self.answerer(b, handoff)
            self.attempt(
                "accept", lambda handoff, **rest: accept_handoff(by=by, handoff=handoff, **rest),
                handoff=handoff, first_contact_at=timezone.now() + timedelta(days=c % 40), first_contact_way=ContactWay.VISIT,
            )

    @rule(a=pick, b=pick)
    def decline(self, a, b):
        if handoff := self.handoff(a):
            by = self.answerer(b, handoff)
            self.attempt("decline", lambda handoff: decline_handoff(by=by, handoff=handoff, reason="Syy"), handoff=handoff)

    @rule(a=pick, b=pick)
    def withdraw(self, a, b):
        if handoff := self.handoff(a):
            self.attempt("withdraw", withdraw_handoff, by=self.insider(b, handoff.pathway), handoff=handoff, reason="Syy")

    @rule(a=pick, b=pick)
    def meet(self, a, b):
        if handoff := self.handoff(a):
            self.attempt("meet", confirm_met, by=self.insider(b, handoff.pathway), handoff=handoff, held_at=timezone.now(), way=ContactWay.PHONE)

    @rule(a=pick, b=pick, c=pick)
    def postpone(self, a, b, c):
        if handoff := self.handoff(a):
            self.attempt(
                "postpone", change_first_contact, by=self.insider(b, handoff.pathway), handoff=handoff, first_contact_at=timezone.now() + timedelta(days=c % 60), first_contact_way=ContactWay.PHONE
            )

    @rule(a=pick, b=pick, c=pick)
    def pause(self, a, b, c):
        if handoff := self.handoff(a):
            self.attempt("pause", pause_ladder, by=self.insider(b, handoff.pathway), handoff=handoff, until=self.day(c), reason="Loma")

    @rule(a=pick, b=pick, c=pick)
    def again(self, a, b, c):
        if handoff := self.one(a, Handoff.objects.filter(state__in=["declined", "withdrawn"])):
            changes = {"to_organisation": self.made.organisations[c % 3]} if c % 2 else {}
            self.attempt("again", send_again, by=self.insider(b, handoff.pathway), handoff=handoff, reason="Uudestaan", due_on=self.day(c + 5), **changes)

    @rule(a=pick, b=pick, c=pick)
    def step(self, a, b, c):
        if pathway := self.pathway(a):
            when = {"kind": "appointment", "starts_at": timezone.now() + timedelta(hours=c % 200 - 5)} if c % 3 == 0 else {"due_on": self.day(c)}
            self.attempt("step", add_step, by=self.insider(b, pathway), pathway=pathway, responsible=self.insider(c, pathway), what="Askel", **when)

    @rule(a=pick, b=pick, c=pick, d=pick)
    def finish(self, a, b, c, d):
        if step := self.one(a, NextStep.objects.open() if a % 5 else NextStep.objects.all()):
            following = {"responsible": self.insider(c, step.pathway), "what": "Askel", "due_on": self.day(c)} if d % 2 else {}
            self.attempt("finish", finish_step, by=self.insider(b, step.pathway), step=step, following=following)

    @rule(a=pick, b=pick, c=pick)
    def give_step(self, a, b, c):
        if step := self.one(a, NextStep.objects.open()):
            self.attempt("give step", reassign_step, by=self.insider(b, step.pathway), step=step, responsible=self.insider(c, step.pathway))

    @rule(a=pick, b=pick, c=pick)
    def change_a_step(self, a, b, c):
        if step := self.one(a, NextStep.objects.open()):
            self.attempt("change step", change_step, by=self.insider(b, step.pathway), step=step, due_on=self.day(c))

    @rule(a=pick, b=pick, c=pick)
    def log(self, a, b, c):
        if pathway := self.pathway(a):
            kind = (*LOGGED_BY_HAND, EventKind.NO_ANSWER, EventKind.NO_ANSWER)[c % (len(LOGGED_BY_HAND) + 2)]
            self.attempt(
                "log", log_event, by=self.insider(b, pathway), pathway=pathway, kind=kind, at=timezone.now() - timedelta(days=c % 4, hours=b % 3), text="Teksti", check_in=CheckIn.WELL,
                visibility=Visibility.CHOSEN if c % 5 == 0 else Visibility.PARTICIPANTS, shown_to=[self.made.organisations[b % 3]],
            )

    @rule(a=pick, b=pick, c=pick)
    def edit(self, a, b, c):
        if pathway := self.pathway(a):
            self.attempt("edit", edit_pathway, by=self.insider(b, pathway), pathway=pathway, version=pathway.version - (c % 4 == 0), goal=f"Tavoite {c}")

    @rule(a=pick, b=pick, c=pick)
    def assess(self, a, b, c):
        if pathway := self.pathway(a):
            kind = AssessmentKind.values[c % 3]
            codes = ASSESSMENT_CODES[kind]
            if c % 3 and (item := self.one(c, AssessmentItem.objects.filter(pathway=pathway))):
                self.attempt("resolve", resolve_item, by=self.insider(b, pathway), item=item)
            else:
                self.attempt("assess", add_item, by=self.insider(b, pathway), pathway=pathway, kind=kind, code=codes[c % len(codes)])

    @rule(a=pick, b=pick, c=pick)
    def option(self, a, b, c):
        if pathway := self.pathway(a):
            by = self.insider(b, pathway)
            if c % 3 and (option := self.one(c, EducationOption.objects.filter(pathway=pathway))):
                self.attempt(
                    "option state", change_option_state, by=by, option=option, state=OptionState.values[c % len(OptionState.values)],
                    starts_on=timezone.localdate(), benefit_decision=BenefitDecision.MADE,
                )
            else:
                self.attempt("option", add_option, by=by, pathway=pathway, kind=OptionKind.QUALIFICATION, title="Keksitty tutkinto")

    @rule(a=pick, b=pick, c=pick)
    def leave(self, a, b, c):
        if pathway := self.pathway(a):
            self.attempt("leave", end_participation, by=self.insider(b, pathway), pathway=pathway, organisation_id=self.made.organisations[c % 3].pk, reason="Syy")

    @rule(a=pick, b=pick, c=pick)
    def take_consent_back(self, a, b, c):
        if pathway := self.pathway(a):
            self.attempt("consent withdrawn", withdraw_consent, by=self.insider(b, pathway), pathway=pathway, organisation=self.made.organisations[c % 3])

    @rule(a=pick, b=pick, c=pick, duty=st.sampled_from(["process_person", "study_counsellor", "participant", "guidance_lead"]))
    def name(self, a, b, c, duty):
        if pathway := self.pathway(a):
            self.attempt("name", name_responsible, by=self.insider(b, pathway), pathway=pathway, duty=duty, person=self.insider(c, pathway))

    @rule(a=pick)
    def end_person(self, a):
        person = self.person(a)
        if person.pk == self.made.lead.pk:
            return
        self.attempt("end membership", end_membership, by=person.user, membership=person, reason="ended")

    @rule(a=pick, b=pick, c=pick)
    def move_caseload(self, a, b, c):
        person = self.person(a)
        colleagues = Membership.objects.select_related("user", "organisation").filter(organisation=person.organisation_id)
        self.attempt("caseload", transfer_caseload, by=self.one(c, colleagues) if c % 4 else self.person(c), person=person, heir=self.one(b, colleagues))

    @rule(a=pick, b=pick)
    def move_caseload_and_go(self, a, b):
        """The usual way out: everything to a colleague, then the end."""
        person = self.person(a)
        heir = self.one(b, Membership.objects.select_related("user", "organisation").filter(organisation=person.organisation_id, ended_at=None).exclude(pk=person.pk))
        if person.pk == self.made.lead.pk or heir is None:
            return
        self.attempt("caseload, whole", transfer_caseload, by=heir, person=person, heir=heir)
        self.attempt("end membership, after", end_membership, by=heir.user, membership=person, reason="left")

    @rule(a=pick, role=st.sampled_from([Role.COUNSELLOR, Role.COUNSELLOR, Role.SERVICE_HANDLER]))
    def hire(self, a, role):
        make_counsellor(self.made.organisations[a % 3], role)

    @rule(a=pick, b=pick, c=pick)
    def be_away(self, a, b, c):
        if c % 4 == 0 and (absence := self.one(a, Absence.objects.all())):
            self.attempt("back", end_absence, by=self.person(b), absence=absence)
            return
        person = self.person(a)
        colleagues = Membership.objects.select_related("user", "organisation").filter(organisation=person.organisation_id)
        self.attempt("away", add_absence, by=person, membership=person, substitute=self.one(b, colleagues), starts_on=self.day(c), ends_on=self.day(c) + timedelta(days=c % 10))

    @rule(a=pick, b=pick)
    def close(self, a, b):
        if pathway := self.pathway(a):
            self.attempt("close", close_pathway, by=self.insider(b, pathway), pathway=pathway, end_reason=EndReason.OWN_WISH, outcome=Outcome.UNKNOWN)

    @rule(a=pick, b=pick, c=pick)
    def reopen(self, a, b, c):
        if pathway := self.one(a, Pathway.objects.exclude(closed_at=None)):
            owners = Membership.objects.select_related("user", "organisation").filter(organisation=pathway.process_owner_id)
            self.attempt("reopen", reopen_pathway, by=self.one(b, owners) if b % 4 else self.person(b), pathway=pathway, reason="Syy", first_step="Askel", first_due_on=self.day(c + 2))

    @rule(a=pick, b=pick, c=pick)
    def merge(self, a, b, c):
        keep, other = self.pathway(a), self.pathway(b)
        if keep and other:
            self.attempt("merge", merge_pathways, by=self.insider(c, keep), keep=keep, other=other)

    # What the clock does ----------------------------------------------------------------------

    @rule(days=st.integers(min_value=1, max_value=9))
    def night(self, days):
        for _day in range(days):
            self.clock.moment += timedelta(days=1)
            self.done["ladder steps"] = self.done.get("ladder steps", 0) + climb_ladder(timezone.now())
            assert climb_ladder(timezone.now()) == 0

    @invariant()
    def nobody_is_lost(self):
        if not hasattr(self, "made"):
            return
        ManyHands.steps += 1
        broken = {finding.rule: finding.pseudonyms for finding in check_everything(timezone.now()) if finding.count}
        assert broken == {}


@pytest.mark.battery
@pytest.mark.django_db
def test_nobody_is_lost_whatever_is_done(battery_count, seed):
    wanted, ManyHands.steps, ManyHands.done = battery_count(STEPS_FULL), 0, {}
    turn = 0
    while ManyHands.steps < wanted:
        machine = type("ManyHands", (ManyHands,), {})
        turn += 1
        run_state_machine_as_test(
            hypothesis.seed(seed * 1000 + turn)(machine),
            settings=settings(max_examples=4, stateful_step_count=STEPS_EACH, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck)),
        )

    done = sum(count for name, count in ManyHands.done.items() if "refused" not in name)
    print(f"\n{ManyHands.steps} steps; {sum(ManyHands.done.values())} actions tried, {done} done:", dict(sorted(ManyHands.done.items())))
