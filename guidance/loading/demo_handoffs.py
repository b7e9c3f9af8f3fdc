"""How the demo's invented clients are handed over: inside the partnership, to a new process owner, to a body outside; and consents."""
import random
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

from guidance.actions.ladder import earned_step
from guidance.actions.links import LINK_VALID_FOR
from guidance.choices import ConsentEnd, ConsentScope, ContactWay, DisclosureBasis, EventKind, HandoffKind, HandoffState, Section, StepKind
from guidance.loading import demo_texts as texts
from guidance.models import Consent, Handoff, OutsideLink
from guidance.queries.consent_texts import current_version
from pilots.models import Membership

WAYS = {ContactWay.JOINT_MEETING: EventKind.JOINT_MEETING, ContactWay.VISIT: EventKind.VISIT, ContactWay.PHONE: EventKind.CALL, ContactWay.REMOTE: EventKind.CALL}
SECTIONS = sorted([Section.IDENTITY, Section.GOAL, Section.ASSESSMENT, Section.NEXT_STEPS])


def weekday(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


def office_hours(moment: datetime, rng: random.Random) -> datetime:
    """That day, or the Monday after it, between eight and four in Helsinki."""
    day = weekday(moment.date())
    return datetime(day.year, day.month, day.day, rng.randint(6, 12), rng.choice((0, 10, 15, 20, 30, 45)), tzinfo=UTC)


class HandingOver:
    """The part of a story's pen (`demo_story.Story`) that hands a client over."""

    def hand_over(self, part: str, *, transfer: bool = False) -> bool:
        """Send, wait, be answered, meet; whether the receiver has the client in the end. `transfer`: the process responsibility too."""
        person = self.rng.choice(self.world.people[part])
        sender = self.owner if transfer else self.guide
        own = person.organisation_id == sender.organisation_id
        if own and person.pk == sender.pk:
            self.lead = self.pathway.guidance_lead = person
            return True
        consent = None if own else self.give_consent(sender, person.organisation_id)
        handoff = Handoff(
            pathway=self.pathway,
            kind=HandoffKind.TRANSFER if transfer else HandoffKind.ASSIGNMENT if own else HandoffKind.REFERRAL,
            from_organisation_id=sender.organisation_id,
            from_person=sender,
            to_organisation_id=person.organisation_id,
            to_person=person if own or self.rng.random() < 0.7 else None,
            basis=DisclosureBasis.OWN if own else DisclosureBasis.CONSENT,
            consented_on=consent and consent.given_on,
            decided_by=texts.DECIDED_BY if transfer else "",
            decided_on=self.now.date() if transfer else None,
            reason=texts.TRANSFER if transfer else self.rng.choice(texts.HANDOFFS[part]),
            sections=SECTIONS,
            due_on=weekday(self.now.date() + timedelta(days=self.rng.randint(7, 14))),
            sent_at=self.now,
            ladder_moved_at=self.now,
            snapshot_sent=self._snapshot(),
            token=self.token(),
        )
        self.handoffs.append(handoff)
        self.rows.add(handoff)
        self._tell(handoff, sender)
        self.stay_away(*self.rng.choices([(0, 3), (3, 10), (10, 28)], [55, 30, 15])[0])
        answer = self.rng.random()
        if answer < 0.04:
            handoff.state, handoff.withdrawn_at, handoff.withdrawn_by = HandoffState.WITHDRAWN, self.now, sender
            handoff.ladder_step = earned_step(handoff, self.now)
            self._tell(handoff, sender, text=texts.WITHDRAWN)
            return False
        handoff.answered_at, handoff.answered_by = self.now, person
        if answer < 0.14:
            return self._declined(handoff, sender, person)
        return self._accepted(handoff, person)

    def give_consent(self, by: Membership, organisation: int | None, outside: str = "") -> SimpleNamespace:
        """The one in force, or a new one, to an organisation of the portal or to a body outside by its name."""
        told = organisation or outside
        if told not in self.consents:
            self.consents[told] = self.rows.line(
                Consent, pathway_id=self.pathway.pk, organisation_id=organisation, outside=outside, scope=ConsentScope.PATHWAY if organisation else ConsentScope.HANDOFF, text_version=current_version(),
                language=self.pathway.client.service_language, given_on=self.now.date(), recorded_at=self.now, recorded_by_id=by.pk, token=self.token(),
            )
            self.event(EventKind.CONSENT, by, text=outside, detail={"consent": "given", "told": organisation})
        return self.consents[told]

    def withdraw_consent(self, organisation: int) -> None:
        """The client takes back the consent to telling the lead's organisation: it leaves, and the process owner goes on alone."""
        consent = self.consents.pop(organisation)
        consent.ended_at, consent.ended_by_id, consent.end = self.now, self.owner.pk, ConsentEnd.WITHDRAWN
        self.event(EventKind.CONSENT, self.owner, detail={"consent": "withdrawn", "told": organisation})
        self.taking_part.pop(organisation).ends_at = self.now
        gone = {person.pk for people in self.world.people.values() for person in people if person.organisation_id == organisation}
        for step in self.steps:
            if step.responsible_id in gone:
                step.responsible_id = self.owner.pk
        self.step_person = self.owner if self.step_person.pk in gone else self.step_person
        self.lead = self.pathway.guidance_lead = self.pathway.study_counsellor = None
        self.event(EventKind.RESPONSIBILITY, self.owner, text=self.rng.choice(texts.WITHDRAWN_CONSENT), detail={"left": organisation, "consent": True})

    def refer_outside(self) -> None:
        """To a body that does not use the portal: it answers by its link, and the sender follows the first contact up."""
        sender, (body, email) = self.guide, self.rng.choice(texts.BODIES_OUTSIDE)
        handoff = Handoff(
            pathway=self.pathway, kind=HandoffKind.REFERRAL, from_organisation_id=sender.organisation_id, from_person=sender, to_outside=body, to_outside_email=email, basis=DisclosureBasis.CONSENT,
            consented_on=self.give_consent(sender, None, body).given_on, reason=self.rng.choice(texts.HANDOFFS_OUTSIDE), due_on=weekday(self.now.date() + timedelta(days=10)), sent_at=self.now,
            ladder_moved_at=self.now, snapshot_sent=self._snapshot() | {"sections": []}, token=self.token(),
        )
        self.handoffs.append(handoff)
        self.rows.add(handoff)
        link = OutsideLink(handoff=handoff, nonce=f"{self.rng.getrandbits(96):024x}", expires_at=self.now + LINK_VALID_FOR)
        self.rows.add(link)
        self._tell(handoff, sender)
        self.stay_away(1, 9)
        link.opened_at = link.used_at = handoff.answered_at = self.now
        handoff.answered_outside = True
        if self.rng.random() < 0.2:
            self._declined(handoff, sender, None)
        else:
            self._accepted_outside(handoff, sender)

    def _accepted_outside(self, handoff: Handoff, sender: Membership) -> None:
        handoff.state, handoff.first_contact_way, handoff.snapshot_answered = HandoffState.ACCEPTED, ContactWay.VISIT, handoff.snapshot_sent
        first = handoff.first_contact_at = office_hours(self.now + timedelta(days=self.rng.randint(3, 12)), self.rng)
        self._tell(handoff, None, way=ContactWay.VISIT)
        step = self.add_step(sender, texts.FIRST_CONTACT, 0, 0, due_on=first.date(), kind=StepKind.APPOINTMENT, starts_at=first, minutes=45, way=ContactWay.VISIT, handoff_id=handoff.pk)
        self._reach(first)
        handoff.state, handoff.met_at = HandoffState.MET, self.now
        self.event(EventKind.VISIT, sender, handoff_id=handoff.pk, detail={"state": HandoffState.MET})
        self.finish_step(step, sender, attended=True)

    def _declined(self, handoff: Handoff, sender: Membership, person: Membership | None) -> bool:
        handoff.state, handoff.decline_reason, handoff.snapshot_answered = HandoffState.DECLINED, self.rng.choice(texts.DECLINED), self._snapshot()
        handoff.ladder_step = earned_step(handoff, self.now)
        step = self.add_step(sender, texts.AFTER_DECLINE, 3, 3, handoff_id=handoff.pk)
        self._tell(handoff, person)
        self.stay_away(1, 4)
        self.finish_step(step, sender)
        return False

    def _accepted(self, handoff: Handoff, person: Membership) -> bool:
        way = self.rng.choice(list(WAYS))
        handoff.state, handoff.first_contact_way = HandoffState.ACCEPTED, way
        first = handoff.first_contact_at = office_hours(self.now + timedelta(days=self.rng.randint(4, 18)), self.rng)
        self.join(person, handoff.basis)
        if handoff.kind == HandoffKind.TRANSFER:
            self.owner, self.pathway.process_owner_id, self.pathway.process_person = person, person.organisation_id, person
        else:
            self.lead = self.pathway.guidance_lead = person
        handoff.snapshot_answered = self._snapshot()
        self._tell(handoff, person, way=way)
        step = self.add_step(person, texts.FIRST_CONTACT, 0, 0, due_on=first.date(), kind=StepKind.APPOINTMENT, starts_at=first, minutes=45, way=way, handoff_id=handoff.pk)
        if self.rng.random() < 0.12:
            # The client did not come: a new time is named after a while, and the ladder goes on meanwhile.
            self._reach(first)
            self.event(EventKind.NO_SHOW, person)
            self.stay_away(2, 20)
            first = handoff.first_contact_at = step.starts_at = office_hours(self.now + timedelta(days=self.rng.randint(2, 9)), self.rng)
            step.due_on = first.date()
            self._tell(handoff, person, again=True)
        self._reach(first)
        handoff.state, handoff.met_at = HandoffState.MET, self.now
        self.event(WAYS[way], person, handoff_id=handoff.pk, detail={"state": HandoffState.MET})
        self.finish_step(step, person, attended=True)
        return True

    def _tell(self, handoff: Handoff, by: Membership | None, *, text: str = "", **detail) -> None:
        self.event(EventKind.HANDOFF, by, text=text, handoff_id=handoff.pk, detail={"state": handoff.state, **detail})

    def _snapshot(self) -> dict:
        pathway = self.pathway
        return {
            "pathway": pathway.pseudonym,
            "stage": pathway.stage,
            "process_owner": pathway.process_owner_id,
            "process_person": self.owner.pk,
            "guidance_lead": pathway.guidance_lead_id,
            "study_counsellor": pathway.study_counsellor_id,
            "sections": SECTIONS,
            "participants": sorted(self.taking_part),
            "target_group": pathway.target_group,
            "assessment": [],
            "options": [],
        }
