"""Each rule of check_pathways finds the row that breaks it, written past the actions, and finds nothing otherwise."""
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from guidance.actions.enrolments import enrol_client
from guidance.choices import HandoffState, Stage
from guidance.models import Client, Consent, Event, Handoff, NextStep, Participation, Partnership, Pathway, PathwayAlias, PathwayEnrolment, StagePeriod
from guidance.queries.invariants import RULES, check_everything
from pilots.models import Membership
from services.models import Enrolment
from tests.guidance.factories import accept, days_from_now, make_counsellor, make_handoff, make_organisation, make_pathway, make_shared_pathway
from tests.services.courses import make_run


class Case:
    """A healthy pathway of three organisations with a sent and an accepted hand-off, and what breaks it."""

    def __init__(self, made) -> None:
        self.made = made
        self.pathway = make_shared_pathway(made)
        self.sent = make_handoff(made, self.pathway)
        self.accepted = accept(make_handoff(made, self.pathway, to=made.te), made.taru)
        self.row = Pathway.objects.filter(pk=self.pathway.pk)

    def end(self, person: Membership) -> None:
        Membership.objects.filter(pk=person.pk).update(ended_at=timezone.now(), end_reason="ended")


def ago(**delta):
    return timezone.now() - timedelta(**delta)


def hide(case, *people: Membership) -> None:
    """The client is under non-disclosure, and these are named."""
    Client.objects.filter(pk=case.pathway.client_id).update(is_protected=True, contact_address="PL 1")
    case.pathway.client.named_people.set(people)


def past_ladder(case, **fields):
    Handoff.objects.filter(pk=case.sent.pk).update(**fields)


def by_consent(case) -> None:
    """The college is told by consent, and nobody wrote one down."""
    Handoff.objects.filter(pk=case.sent.pk).update(basis="consent", consented_on=days_from_now(0))
    Participation.objects.filter(pathway=case.pathway, organisation=case.made.college).update(disclosure_basis="consent", consented_on=days_from_now(0))


def consent_of(case) -> dict:
    return {"pathway": case.pathway, "organisation": case.made.college, "text_version": 1, "language": "fi", "given_on": days_from_now(0), "recorded_at": timezone.now(), "recorded_by": case.made.anna}


def seat_of(case, *, only_hold: bool = True):
    """The reference of a new seat of the TE services for the client."""
    return enrol_client(by=case.made.taru, pathway=case.pathway, run=make_run(), only_hold=only_hold, token=uuid4()).enrolment_id


# Rule -> what breaks it (several ways each). Other rules may find the same row too.
BREAKS = {
    "without_owner": [
        lambda c: c.end(c.made.anna),
        lambda c: User.objects.filter(pk=c.made.anna.user_id).update(is_active=False),
        lambda c: Membership.objects.filter(pk=c.made.anna.pk).update(role="service_handler"),
        lambda c: c.row.update(process_person=c.made.ossi),
    ],
    "owner_takes_no_part": [lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.city).update(ends_at=F("starts_at"))],
    "lead_not_active": [
        lambda c: c.end(c.made.taru),
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.te).update(ends_at=F("starts_at")),
    ],
    "study_counsellor_not_active": [
        lambda c: (c.row.update(study_counsellor=c.made.college_people[1]), c.end(c.made.college_people[1])),
        lambda c: (c.row.update(study_counsellor=c.made.college_people[1]), Participation.objects.filter(pathway=c.pathway, organisation=c.made.college).update(ends_at=F("starts_at"))),
    ],
    "stage_differs_from_history": [
        lambda c: c.row.update(stage=Stage.MAPPING),
        lambda c: StagePeriod.objects.filter(pathway=c.pathway).delete(),
    ],
    "stage_history_starts_late": [
        lambda c: c.row.update(opened_at=ago(days=3)),
        lambda c: StagePeriod.objects.filter(pathway=c.pathway).delete(),
    ],
    "without_next_step": [lambda c: NextStep.objects.filter(pathway=c.pathway).update(done_at=timezone.now())],
    "step_without_person": [
        lambda c: c.end(c.made.taru),
        lambda c: NextStep.objects.open().filter(pathway=c.pathway).update(responsible=c.made.lead) and Participation.objects.filter(pathway=c.pathway, organisation=c.made.city).update(ends_at=F("starts_at")),
    ],
    "participation_without_person": [
        lambda c: c.end(c.made.ossi),
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.college).update(responsible=c.made.anna),
    ],
    "participation_without_basis": [
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.college).update(processing_basis=""),
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.college).update(disclosure_basis=""),
    ],
    "participation_without_consent": [
        lambda c: by_consent(c),
        lambda c: (by_consent(c), Consent.objects.create(**consent_of(c), scope="handoff")),
        lambda c: (by_consent(c), Consent.objects.create(**consent_of(c), scope="pathway", ended_at=timezone.now(), ended_by=c.made.anna, end="withdrawn")),
    ],
    "handoff_without_consent": [
        lambda c: (by_consent(c), Participation.objects.filter(pathway=c.pathway, organisation=c.made.college).update(ends_at=F("starts_at"))),
        lambda c: Handoff.objects.filter(pk=c.sent.pk).update(basis="consent", consented_on=days_from_now(0), to_organisation=None, to_outside="Keksitty paja"),
    ],
    "handoff_past_its_ladder": [
        lambda c: past_ladder(c, sent_at=ago(days=16)),
        lambda c: past_ladder(c, sent_at=ago(days=16), ladder_step=2),
        lambda c: past_ladder(c, sent_at=ago(days=16), paused_until=days_from_now(5), pause_reason="Loma"),
        lambda c: Handoff.objects.filter(pk=c.accepted.pk).update(first_contact_at=ago(days=16)),
        lambda c: Handoff.objects.filter(pk=c.accepted.pk).update(answered_at=ago(days=30)),
    ],
    "handoff_without_people": [
        lambda c: c.end(c.made.anna),
        lambda c: Handoff.objects.filter(pk=c.sent.pk).update(from_person=c.made.taru),
        lambda c: Handoff.objects.filter(pk=c.sent.pk).update(to_person=c.made.anna),
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.city).update(ends_at=F("starts_at")),
    ],
    "accepted_without_participation": [lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.te).update(ends_at=F("starts_at"))],
    "accepted_without_first_contact": [
        lambda c: NextStep.objects.filter(handoff=c.accepted).update(handoff=None),
        lambda c: NextStep.objects.filter(handoff=c.accepted).update(done_at=timezone.now()),
        lambda c: NextStep.objects.filter(handoff=c.accepted).update(kind="step", starts_at=None),
    ],
    "protected_without_named_person": [
        lambda c: hide(c),
        lambda c: (hide(c, c.made.te_people[1]), c.end(c.made.te_people[1])),
        lambda c: (hide(c, c.made.te_people[1]), User.objects.filter(pk=c.made.te_people[1].user_id).update(is_active=False)),
        lambda c: hide(c, make_counsellor(make_organisation())),
        lambda c: hide(c, make_counsellor(c.made.city, "education_officer")),
    ],
    "handoff_of_ended_pathway": [lambda c: c.row.update(closed_at=timezone.now(), closed_by=c.made.anna, end_reason="moved", outcome="unknown")],
    "ended_with_open_work": [lambda c: c.row.update(closed_at=timezone.now(), closed_by=c.made.anna, end_reason="moved", outcome="unknown")],
    "next_due_differs": [
        lambda c: c.row.update(next_due_on=days_from_now(99)),
        lambda c: c.row.update(next_due_on=None),
        lambda c: NextStep.objects.filter(pathway=c.pathway).update(done_at=timezone.now()),
    ],
    "last_event_differs": [
        lambda c: c.row.update(last_event_at=ago(days=1)),
        lambda c: Event.objects.filter(pathway=c.pathway).delete(),
    ],
    "name_differs": [
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.city).update(sort_key="x"),
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.city).update(search_name="x"),
        lambda c: Participation.objects.filter(pathway=c.pathway, organisation=c.made.city).update(birth_date=date(1901, 2, 3)),
    ],
    "basis_ended": [lambda c: c.row.update(basis_ends_on=days_from_now(-1))],
    "partnership_without_lead": [
        lambda c: c.end(c.made.lead),
        lambda c: Membership.objects.filter(pk=c.made.lead.pk).update(role="education_officer"),
        lambda c: Partnership.objects.filter(pk=c.made.partnership.pk).update(lead=c.made.ossi),
    ],
    "seat_of_ended_pathway": [
        lambda c: (seat_of(c), c.row.update(closed_at=timezone.now(), closed_by=c.made.anna, end_reason="moved", outcome="unknown")),
        lambda c: (seat_of(c, only_hold=False), c.row.update(closed_at=timezone.now(), closed_by=c.made.anna, end_reason="moved", outcome="unknown"), [c.end(person) for person in (*c.made.te_people,)]),
    ],
    "seat_of_a_stranger": [
        lambda c: Enrolment.objects.filter(reference=seat_of(c)).update(organisation=make_organisation()),
        lambda c: Enrolment.objects.filter(reference=seat_of(c)).update(size=2),
    ],
    "seat_twice": [lambda c: Enrolment.objects.filter(reference=seat_of(c)).update(run=Enrolment.objects.get(reference=seat_of(c)).run_id)],
    "seat_told_differs": [lambda c: PathwayEnrolment.objects.filter(enrolment=seat_of(c)).update(told_state="completed")],
    "alias_of_a_living_pathway": [lambda c: PathwayAlias.objects.create(pseudonym=c.pathway.pseudonym, pathway=c.pathway, merged_at=timezone.now(), by=c.made.anna)],
}


def found(now=None) -> dict[str, list[str]]:
    return {finding.rule: finding.pseudonyms for finding in check_everything(now or timezone.now()) if finding.count}


def test_every_rule_has_its_break():
    assert set(BREAKS) == set(RULES)


@pytest.mark.parametrize("rule, way", [(rule, way) for rule, ways in BREAKS.items() for way in range(len(ways))])
def test_rule_finds_what_breaks_it(made, rule, way):
    case = Case(made)
    healthy = make_pathway(made, by=made.city_people[1])
    assert found() == {}

    BREAKS[rule][way](case)

    name = made.partnership.slug if rule == "partnership_without_lead" else case.pathway.pseudonym
    assert set(found().get(rule, [])) == {name}
    assert not any(healthy.pseudonym in pseudonyms for pseudonyms in found().values())


@pytest.mark.parametrize(
    "harmless",
    [
        lambda c: past_ladder(c, sent_at=ago(days=14)),  # a day's grace for the nightly run
        lambda c: past_ladder(c, sent_at=ago(days=400), ladder_step=3),
        lambda c: Handoff.objects.filter(pk=c.sent.pk).update(sent_at=ago(days=400), state=HandoffState.WITHDRAWN, withdrawn_at=timezone.now()),
        lambda c: c.row.update(basis_ends_on=timezone.localdate()),
        lambda c: c.row.update(guidance_lead=None, study_counsellor=None),
        lambda c: c.end(c.made.te_people[1]),
        lambda c: Partnership.objects.filter(pk=c.made.partnership.pk).update(opened_at=None, lead=None),
        lambda c: hide(c, c.made.te_people[1]),
    ],
)
def test_harmless_change_is_not_found(made, harmless):
    case = Case(made)

    harmless(case)

    assert found() == {}


def test_basis_ends_at_midnight_here(made):
    """In Finland the night of the check is the next day before it is in UTC."""
    case = Case(made)
    case.row.update(basis_ends_on=date(2027, 1, 20))

    assert ["basis_ended" in found(datetime(2027, 1, 20, hour, 30, tzinfo=UTC)) for hour in (21, 22)] == [False, True]


def test_each_rule_is_one_statement_whatever_the_data(made):
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            check_everything(timezone.now())
        return len(queries)

    Case(made)
    first = statements()
    for _turn in range(3):
        Case(made)
    assert statements() == first
    # One more: the lengths of the partnerships' ladders.
    assert first == len(RULES) + 1


def test_command_tells_and_fails(made):
    case = Case(made)
    out = StringIO()
    with CaptureQueriesContext(connection) as queries:
        call_command("check_pathways", stdout=out)
    assert (connection.vendor == "postgresql") == any("statement_timeout" in query["sql"] for query in queries)
    assert out.getvalue().splitlines()[-1] == "No client is lost."

    case.row.update(next_due_on=None)

    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("check_pathways", stdout=out)
    assert end.value.code == 1
    assert f"next_due_differs: 1: {case.pathway.pseudonym}" in out.getvalue()
    assert case.pathway.client.family_name not in out.getvalue()


def test_at_most_twenty_pseudonyms_are_shown(made):
    for _turn in range(21):
        make_pathway(made)
    Pathway.objects.update(next_due_on=None)

    [finding] = [finding for finding in check_everything(timezone.now()) if finding.count]

    assert (finding.rule, finding.count, len(finding.pseudonyms)) == ("next_due_differs", 21, 20)
