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
from guidance.actions.answers import accept_handoff, decline_handoff
from guidance.actions.assessment import add_item, resolve_item
from guidance.actions.caseload import transfer_caseload
from guidance.actions.clients import name_people, protect_client, unprotect_client
from guidance.actions.consents import withdraw_consent
from guidance.actions.contacts import log_event, take_back_event
from guidance.actions.first_contacts import change_first_contact, confirm_met
from guidance.actions.handoffs import pause_ladder, send_again, send_handoff, withdraw_handoff
from guidance.actions.ladder import climb_ladder
from guidance.actions.merging import merge_pathways
from guidance.actions.options import add_option, change_option_state
from guidance.actions.participations import end_participation, name_responsible
from guidance.actions.pathways import close_pathway, edit_pathway, open_pathway, reopen_pathway
from guidance.actions.stages import move_stage
from guidance.actions.timeline import add_step, change_step, finish_step, reassign_step
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
    HandoffState,
    Interruption,
    OptionKind,
    OptionState,
    Outcome,
    Part,
    ProtectionEnd,
    Section,
    Stage,
    Visibility,
    moves_from,
)
from guidance.models import Absence, AssessmentItem, EducationOption, Handoff, NextStep, Partnership, Pathway
from guidance.queries.invariants import check_everything
from pilots.actions.people import end_membership
from pilots.choices import Role
from pilots.models import Membership
from services.conflicts import Conflict
from tests.guidance.factories import make_counsellor, make_organisation, make_partnership, new_client

STEPS_FULL = 2000
STEPS_EACH = 50
# What people do, and how often beside each other.
WHAT = {
    "open": 2,
    "move": 4,
    "send": 3,
    "hand_over": 6,
    "accept": 3,
    "decline": 2,
    "withdraw": 2,
    "meet": 2,
    "postpone": 2,
    "pause": 2,
    "again": 2,
    "step": 2,
    "finish": 4,
    "give_step": 2,
    "change_a_step": 1,
    "log": 4,
    "edit": 2,
    "assess": 2,
    "option": 4,
    "leave": 4,
    "take_consent_back": 3,
    "name": 3,
    "end_person": 2,
    "move_caseload": 2,
    "move_caseload_and_go": 2,
    "hire": 2,
    "be_away": 2,
    "close": 1,
    "reopen": 2,
    "merge": 2,
    "protect": 4,
    "name_for_protection": 2,
    "night": 8,
}
pick = st.integers(min_value=0, max_value=2519)


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
        # It owns a partnership in which it has stated its basis: clients can be transferred to it.
        owned = Partnership.objects.create(slug="toisaala", name_fi="Toisaalan kumppanuusmalli", source="made for tests", process_organisation=self.neighbour)
        owned.parts.create(organisation=self.neighbour, part=Part.EMPLOYMENT, acts_as_authority=True)
        for _turn in range(2):
            self.open(0, 0)

    # What a number names: small numbers, which are drawn most, name what is likely to be allowed ----

    def one(self, number: int, rows):
        rows = list(rows.order_by("pk"))
        return rows[number % len(rows)] if rows else None

    def person(self, number: int) -> Membership:
        """Mostly somebody active, sometimes somebody who was ended: a page that was left open."""
        rows = Membership.objects.select_related("user", "organisation")
        return self.one(number, rows if number % 7 == 6 else rows.filter(ended_at=None))

    def pathway(self, number: int) -> Pathway:
        return self.one(number, Pathway.objects.all() if number % 6 == 5 else Pathway.objects.open())

    def insider(self, number: int, pathway: Pathway) -> Membership:
        """Mostly somebody whose organisation takes part: what an outsider tries is refused at once and teaches little."""
        inside = Membership.objects.select_related("user", "organisation").filter(ended_at=None, organisation__participations__pathway=pathway, organisation__participations__ends_at=None)
        return (None if number % 7 == 6 else self.one(number, inside.distinct())) or self.person(number)

    def handoff(self, number: int, *states: str) -> Handoff | None:
        return self.one(number, Handoff.objects.all() if number % 6 == 5 else Handoff.objects.filter(state__in=states))

    def day(self, number: int):
        return timezone.localdate() + timedelta(days=(number + 3) % 30 - 2)

    def attempt(self, name: str, call, **arguments):
        """What the action gives, or None when it refuses with a sentence; whatever else it raises ends the test."""
        if any(value is None for value in arguments.values()):
            return None
        try:
            with transaction.atomic():
                result = call(**arguments)
        except (ValidationError, Conflict):
            self.done[f"{name}: refused"] = self.done.get(f"{name}: refused", 0) + 1
            return None
        self.done[name] = self.done.get(name, 0) + 1
        return result

    # What people do ---------------------------------------------------------------------------

    @rule(what=st.sampled_from([what for what, often in WHAT.items() for _turn in range(often)]), a=pick, b=pick, c=pick, d=pick)
    def somebody(self, what, a, b, c, d):
        call = getattr(self, what)
        call(*[a, b, c, d][: call.__code__.co_argcount - 1])

    def open(self, a, b):
        if Pathway.objects.open().count() > 6:
            return
        by = self.person(a) if b % 4 == 3 else self.one(a, Membership.objects.filter(organisation=self.made.city, ended_at=None))
        self.attempt("open", open_pathway, by=by, partnership=self.made.partnership, client=new_client(), first_step="Askel", first_due_on=self.day(b))

    def move(self, a, b, c):
        pathway = self.pathway(a)
        if pathway:
            ways = [move.target for move in moves_from(pathway.stage)]
            self.attempt("move", move_stage, by=self.insider(b, pathway), pathway=pathway, target=ways[c % len(ways)] if c % 6 < 5 else list(Stage)[c % len(Stage)], reason="Syy" if c % 5 < 4 else " ", interruption=Interruption.values[c % 3])

    def send(self, a, b, c, d):
        kind = HandoffKind.values[d // 7 % 4]
        if pathway := self.pathway(a):
            self.send_one(pathway, b, c, d, kind)

    def send_one(self, pathway, b, c, d, kind) -> Handoff | None:
        by = self.insider(b, pathway)
        owners = Membership.objects.select_related("user", "organisation").filter(organisation=pathway.process_owner_id, ended_at=None)
        if kind == HandoffKind.TRANSFER and c % 5 < 4:
            by = self.one(b, owners) or by
        others = [one for one in self.made.organisations if one.pk != by.organisation_id]
        to = others[c % 2] if c % 5 < 4 else [*self.made.organisations, self.neighbour][c % 4]
        if kind == HandoffKind.REQUEST_TO_TAKE and c % 5 < 4:
            to = pathway.guidance_lead.organisation if pathway.guidance_lead else pathway.process_owner
        named = d % 2 == 1 or kind == HandoffKind.ASSIGNMENT or to.pk == by.organisation_id
        receiver = {"to_organisation": to, "to_person": self.one(d, Membership.objects.filter(organisation=to, ended_at=None).exclude(pk=by.pk)) if named else None}
        if c % 9 == 8:
            receiver = {"to_outside": "Keksitty yhdistys"}
        decision = {"decided_by": "Keksitty johtaja", "decided_on": timezone.localdate()} if c % 7 < 5 else {}
        basis = [
            {"basis": DisclosureBasis.STATUTE, "basis_statute": "keksitty säännös"},
            {"basis": DisclosureBasis.CONSENT, "consented_on": timezone.localdate()},
            {"basis": DisclosureBasis.OWN},
        ][d % 7 // 3]
        return self.attempt(f"send {kind}", lambda pathway: send_handoff(by=by, pathway=pathway, kind=kind, reason="Syy", sections=[Section.GOAL], due_on=self.day(d), **decision, **basis, **receiver), pathway=pathway)

    def hand_over(self, a, b, c, d):
        """The usual way through: sent, accepted, perhaps met."""
        kind, met = HandoffKind.values[d // 7 % 4], d // 28 % 2
        pathway = self.pathway(a)
        handoff = self.send_one(pathway, b, c, d, kind) if pathway else None
        if handoff is None:
            return
        accepted = self.accept_one(handoff, d, c)
        if accepted and met:
            self.meet_one(accepted, c)

    def answerer(self, number: int, handoff: Handoff) -> Membership | None:
        if handoff.to_organisation_id is None:
            return None
        rows = Membership.objects.select_related("user", "organisation").filter(organisation=handoff.to_organisation_id, ended_at=None).exclude(pk=handoff.from_person_id)
        return (None if number % 7 == 6 else self.one(number, rows)) or self.person(number)

    def accept(self, a, b, c):
        if handoff := self.handoff(a, HandoffState.SENT):
            self.accept_one(handoff, b, c)

    def accept_one(self, handoff, b, c) -> Handoff | None:
        by = self.answerer(b, handoff)
        return self.attempt(
            "accept", lambda handoff, **rest: accept_handoff(by=by, handoff=handoff, **rest),
            handoff=handoff, first_contact_at=timezone.now() + timedelta(days=(c + 1) % 40), first_contact_way=ContactWay.VISIT,
        )

    def decline(self, a, b):
        if handoff := self.handoff(a, HandoffState.SENT):
            by = self.answerer(b, handoff)
            self.attempt("decline", lambda handoff: decline_handoff(by=by, handoff=handoff, reason="Syy"), handoff=handoff)

    def withdraw(self, a, b):
        if handoff := self.handoff(a, HandoffState.SENT, HandoffState.ACCEPTED):
            self.attempt("withdraw", withdraw_handoff, by=self.insider(b, handoff.pathway), handoff=handoff, seen=handoff.state, reason="Syy")

    def meet(self, a, b):
        if handoff := self.handoff(a, HandoffState.ACCEPTED):
            self.meet_one(handoff, b)

    def receiver(self, number: int, handoff: Handoff) -> Membership:
        side = handoff.from_organisation_id if handoff.kind == HandoffKind.REQUEST_TO_TAKE or not handoff.to_organisation_id else handoff.to_organisation_id
        rows = Membership.objects.select_related("user", "organisation").filter(organisation=side, ended_at=None)
        return (self.one(number, rows) if number % 7 < 6 else None) or self.person(number)

    def meet_one(self, handoff, b) -> Handoff | None:
        return self.attempt("meet", confirm_met, by=self.receiver(b, handoff), handoff=handoff, held_at=timezone.now(), way=ContactWay.PHONE)

    def postpone(self, a, b, c):
        if handoff := self.handoff(a, HandoffState.ACCEPTED):
            self.attempt(
                "postpone", change_first_contact, by=self.receiver(b, handoff), handoff=handoff, first_contact_at=timezone.now() + timedelta(days=(c + 1) % 60), first_contact_way=ContactWay.PHONE
            )

    def pause(self, a, b, c):
        if handoff := self.handoff(a, HandoffState.SENT, HandoffState.ACCEPTED):
            self.attempt("pause", pause_ladder, by=self.insider(b, handoff.pathway), handoff=handoff, until=self.day(c), reason="Loma")

    def again(self, a, b, c):
        if handoff := self.one(a, Handoff.objects.filter(state__in=["declined", "withdrawn"])):
            changes = {"to_organisation": self.made.organisations[c % 3]} if c % 2 else {}
            self.attempt("again", send_again, by=self.insider(b, handoff.pathway), handoff=handoff, reason="Uudestaan", due_on=self.day(c), **changes)

    def step(self, a, b, c):
        if pathway := self.pathway(a):
            when = {"kind": "appointment", "starts_at": timezone.now() + timedelta(hours=(c + 6) % 200 - 5)} if c % 3 == 0 else {"due_on": self.day(c)}
            self.attempt("step", add_step, by=self.insider(b, pathway), pathway=pathway, responsible=self.insider(c, pathway), what="Askel", **when)

    def finish(self, a, b, c, d):
        if step := self.one(a, NextStep.objects.open() if a % 5 else NextStep.objects.all()):
            following = {"responsible": self.insider(c, step.pathway), "what": "Askel", "due_on": self.day(c)} if d % 2 else {}
            self.attempt("finish", finish_step, by=self.insider(b, step.pathway), step=step, following=following)

    def give_step(self, a, b, c):
        if step := self.one(a, NextStep.objects.open()):
            self.attempt("give step", reassign_step, by=self.insider(b, step.pathway), step=step, responsible=self.insider(c, step.pathway))

    def change_a_step(self, a, b, c):
        if step := self.one(a, NextStep.objects.open()):
            self.attempt("change step", change_step, by=self.insider(b, step.pathway), step=step, due_on=self.day(c))

    def log(self, a, b, c):
        if pathway := self.pathway(a):
            kind = (*LOGGED_BY_HAND, EventKind.NO_ANSWER, EventKind.NO_ANSWER)[c % (len(LOGGED_BY_HAND) + 2)]
            by, step = self.insider(b, pathway), self.one(c, NextStep.objects.filter(pathway=pathway))
            does = {"step": step} if c % 3 and step else {}
            following = {"following": {"responsible": self.insider(c, pathway), "what": "Askel", "due_on": self.day(c)}} if c % 2 else {}
            event = self.attempt(
                "log", log_event, by=by, pathway=pathway, kind=kind, at=max(timezone.now() - timedelta(days=c % 4, hours=b % 3), pathway.opened_at - timedelta(days=c % 7 // 6)), text="Teksti", check_in=CheckIn.WELL,
                visibility=Visibility.CHOSEN if c % 5 == 0 else Visibility.PARTICIPANTS, shown_to=[self.made.organisations[b % 3]], **does, **following,
            )
            if c % 4 == 1:
                self.attempt("take back", take_back_event, by=by, event=event)

    def edit(self, a, b, c):
        if pathway := self.pathway(a):
            self.attempt("edit", edit_pathway, by=self.insider(b, pathway), pathway=pathway, version=pathway.version - (c % 4 == 3), goal=f"Tavoite {c}")

    def assess(self, a, b, c):
        if pathway := self.pathway(a):
            kind = AssessmentKind.values[c % 3]
            codes = ASSESSMENT_CODES[kind]
            if c % 3 and (item := self.one(c, AssessmentItem.objects.filter(pathway=pathway))):
                self.attempt("resolve", resolve_item, by=self.insider(b, pathway), item=item)
            else:
                self.attempt("assess", add_item, by=self.insider(b, pathway), pathway=pathway, kind=kind, code=codes[c % len(codes)])

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

    def leave(self, a, b, c):
        if pathway := self.pathway(a):
            self.attempt("leave", end_participation, by=self.insider(b, pathway), pathway=pathway, organisation_id=self.made.organisations[c % 3].pk, reason="Syy")

    def take_consent_back(self, a, b, c):
        if pathway := self.pathway(a):
            self.attempt("consent withdrawn", withdraw_consent, by=self.insider(b, pathway), pathway=pathway, organisation=self.made.organisations[c % 3])

    def name(self, a, b, c, d):
        duty = ["process_person", "study_counsellor", "participant", "guidance_lead"][d % 4]
        if pathway := self.pathway(a):
            self.attempt("name", name_responsible, by=self.insider(b, pathway), pathway=pathway, duty=duty, person=self.insider(c, pathway))

    def end_person(self, a):
        """Only where somebody is left, or soon nobody would be there to do anything."""
        person = self.person(a)
        if person.pk == self.made.lead.pk or Membership.objects.filter(organisation=person.organisation_id, ended_at=None).count() < 3:
            return
        self.attempt("end membership", end_membership, by=person.user, membership=person, reason="left")

    def move_caseload(self, a, b, c):
        person = self.person(a)
        colleagues = Membership.objects.select_related("user", "organisation").filter(organisation=person.organisation_id)
        self.attempt("caseload", transfer_caseload, by=self.one(c, colleagues) if c % 4 else self.person(c), person=person, heir=self.one(b, colleagues))

    def move_caseload_and_go(self, a, b):
        """The usual way out: everything to a colleague, then the end."""
        person = self.person(a)
        heir = self.one(b, Membership.objects.select_related("user", "organisation").filter(organisation=person.organisation_id, ended_at=None).exclude(pk=person.pk))
        if person.pk == self.made.lead.pk or heir is None or Membership.objects.filter(organisation=person.organisation_id, ended_at=None).count() < 3:
            return
        self.attempt("caseload, whole", transfer_caseload, by=heir, person=person, heir=heir)
        self.attempt("end membership, after", end_membership, by=person.user, membership=person, reason="left")

    def hire(self, a, b):
        make_counsellor(self.made.organisations[a % 3], Role.SERVICE_HANDLER if b % 4 == 3 else Role.COUNSELLOR)

    def be_away(self, a, b, c):
        if c % 4 == 3 and (absence := self.one(a, Absence.objects.all())):
            self.attempt("back", end_absence, by=self.person(b), absence=absence)
            return
        person = self.person(a)
        colleagues = Membership.objects.select_related("user", "organisation").filter(organisation=person.organisation_id)
        self.attempt("away", add_absence, by=person, membership=person, substitute=self.one(b, colleagues), starts_on=self.day(c), ends_on=self.day(c) + timedelta(days=c % 10))

    def close(self, a, b):
        if pathway := self.pathway(a):
            self.attempt("close", close_pathway, by=self.insider(b, pathway), pathway=pathway, end_reason=EndReason.OWN_WISH, outcome=Outcome.UNKNOWN)

    def reopen(self, a, b, c):
        if pathway := self.one(a, Pathway.objects.exclude(closed_at=None)):
            owners = Membership.objects.select_related("user", "organisation").filter(organisation=pathway.process_owner_id)
            self.attempt("reopen", reopen_pathway, by=self.one(b, owners) if b % 4 else self.person(b), pathway=pathway, reason="Syy", first_step="Askel", first_due_on=self.day(c))

    def merge(self, a, b, c):
        keep, other = self.pathway(a), self.pathway(b)
        if keep and other:
            self.attempt("merge", merge_pathways, by=self.named_or_insider(c, keep), keep=keep, other=other, is_same_person=c % 3 > 0)

    def named_or_insider(self, number: int, pathway: Pathway) -> Membership:
        return (number % 3 and self.one(number, pathway.client.named_people.select_related("user", "organisation"))) or self.insider(number, pathway)

    def protect(self, a, b, c):
        if not (pathway := self.pathway(a)):
            return
        if pathway.client.is_protected and c % 5 == 4:
            self.attempt("protection ended", unprotect_client, by=self.named_or_insider(b, pathway), pathway=pathway, reason=ProtectionEnd.REGISTER)
        else:
            self.attempt("protect", protect_client, by=self.insider(b, pathway), pathway=pathway, contact_address="PL 1", named_people=[self.insider(c, pathway)] if c % 2 else [])

    def name_for_protection(self, a, b, c, d):
        if pathway := self.pathway(a):
            self.attempt("name for protection", name_people, by=self.named_or_insider(b, pathway), pathway=pathway, people=[self.insider(c, pathway), self.insider(d, pathway)])

    # What the clock does ----------------------------------------------------------------------

    def night(self, a):
        for _day in range(1 + a % 9):
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
            settings=settings(max_examples=max(1, min(10, wanted // STEPS_EACH)), stateful_step_count=STEPS_EACH, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck)),
        )

    done = sum(count for name, count in ManyHands.done.items() if "refused" not in name)
    print(f"\n{ManyHands.steps} steps; {sum(ManyHands.done.values())} actions tried, {done} done:", dict(sorted(ManyHands.done.items())))
