"""Facts follow whatever is done to pathways; what is stored is what would be derived."""
import uuid
from collections import Counter
from datetime import timedelta
from io import StringIO

import hypothesis
import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from guidance.actions.assessment import put_item_back, take_item_in_hand
from guidance.actions.checks import run_checks
from guidance.actions.clients import edit_client
from guidance.actions.contacts import log_event, take_back_event
from guidance.actions.erasure import erase_own, erase_pathways
from guidance.actions.openings import checked, open_pathways
from guidance.actions.partnerships import edit_partnership
from guidance.actions.pathways import close_pathway, edit_pathway
from guidance.actions.restriction import lift_restriction, restrict
from guidance.actions.rights import answer_request, open_request
from guidance.choices import EducationBackground, EndReason, EventKind, Outcome, RightsKind, TargetGroup
from guidance.models import AssessmentItem, Client, Event, Participation, Pathway, Programme
from pilots.choices import Role
from summaries.actions.folding import fold_summaries
from summaries.actions.rebuilding import rebuild_summaries
from summaries.models import PathwayFact, StaleFact
from summaries.queries.pathway_facts import derived_facts, facts_of
from tests.guidance.factories import days_from_now, make_counsellor, make_item, make_partnership, make_pathway, make_shared_pathway, new_client
from tests.guidance.test_stateful import ManyHands, pick
from tests.summaries.facts import counted_anew, every, told

STEPS_FULL, STEPS_EACH, FOLD_EACH = 1000, 50, 5


class CountedHands(ManyHands):
    """The random walk of guidance, and what it leaves out of what is counted. After each step the facts are right, and folded the stored ones."""

    @rule(what=st.sampled_from(["edit_person", "edit_traits", "measure_by_contact", "measure_in_hand", "open_many", "judge_later", "erase"]), a=pick, b=pick, c=pick)
    def something_counted(self, what, a, b, c):
        getattr(self, what)(a, b, c)

    def edit_person(self, a, b, c):
        if pathway := self.pathway(a):
            fields = {"birth_date": timezone.localdate() - timedelta(days=7000 + c * 6)} if c % 2 else {"municipality_code": f"{c % 999:03}"}
            self.attempt("edit person", edit_client, by=self.named_or_insider(b, pathway), pathway=pathway, **fields)

    def edit_traits(self, a, b, c):
        if pathway := self.pathway(a):
            fields = {"target_group": TargetGroup.values[c % 3]} if c % 2 else {"education_background": EducationBackground.values[c % 7]}
            self.attempt("edit traits", edit_pathway, by=self.insider(b, pathway), pathway=pathway, version=pathway.version, **fields)

    def measure(self, number):
        code = f"m{number % 3}"
        return Programme.objects.get_or_create(partnership=self.made.partnership, code=code, defaults={"kind": "measure", "name_fi": f"Keksitty {code}", "source": "made for tests", "position": number % 3})[0]

    def measure_by_contact(self, a, b, c):
        if pathway := self.pathway(a):
            by = self.insider(b, pathway)
            event = self.attempt("measure", log_event, by=by, pathway=pathway, kind=EventKind.CALL, at=timezone.now(), programme=self.measure(c))
            if c % 3 == 0:
                self.attempt("measure taken back", take_back_event, by=by, event=event)

    def measure_in_hand(self, a, b, c):
        if pathway := self.pathway(a):
            item = self.one(c, AssessmentItem.objects.filter(pathway=pathway))
            if c % 3:
                self.attempt("in hand", take_item_in_hand, by=self.insider(b, pathway), item=item or make_item(pathway, self.made.anna), programme=self.measure(c))
            else:
                self.attempt("put back", put_item_back, by=self.insider(b, pathway), item=item)

    def open_many(self, a, b, c):
        if c % 6 == 0:
            openings = [checked(client=new_client(), first_step="Askel", first_due_on=days_from_now(3), token=uuid.uuid4()) for _turn in range(2)]
            self.attempt("open many", open_pathways, by=self.made.anna, partnership=self.made.partnership, openings=openings)

    def judge_later(self, a, b, c):
        partnership = type(self.made.partnership).objects.get(pk=self.made.partnership.pk)
        self.attempt("lead after", edit_partnership, by=self.made.lead, partnership=partnership, seen={}, lead_after=partnership.colleagues_after + 1 + c % 9)

    def erase(self, a, b, c):
        if c % 5 == 0 and (pathway := self.one(a, Pathway.objects.exclude(closed_at=None))):
            self.attempt("erase", lambda pathway: erase_pathways([pathway], by=None, now=timezone.now()) or pathway, pathway=pathway)
        elif c % 5 == 1 and (gone := self.one(a, Participation.objects.exclude(ends_at=None))):
            self.attempt("erase own", lambda gone: erase_own(gone.pathway.client, organisation_id=gone.organisation_id, by=None, now=timezone.now()) or gone, gone=gone)

    @invariant()
    def nobody_is_lost(self):
        if not hasattr(self, "made"):
            return
        ManyHands.steps += 1
        assert told(facts_of(every())) == told(derived_facts())
        if ManyHands.steps % FOLD_EACH == 0:
            fold_summaries(timezone.now())
            everything_is_folded()


@pytest.mark.django_db
def test_restricted_pathway_has_no_facts_until_it_is_lifted():
    made = make_partnership()
    pathway, officer = make_shared_pathway(made), make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)
    fold_summaries(timezone.now())
    before = told(facts_of(every()))
    request = open_request(by=made.anna, pathway=pathway, kind=RightsKind.RESTRICTION, text="Keksitty pyyntö", now=timezone.now())
    answer_request(by=officer, request=request, outcome="granted", now=timezone.now())

    restrict(by=officer, request=request, now=timezone.now())

    assert len(before) > 2
    assert told(facts_of(every())) == Counter()
    fold_summaries(timezone.now())
    assert not PathwayFact.objects.exists()
    everything_is_folded()
    lift_restriction(by=officer, pathway=pathway)
    assert told(facts_of(every())) == before
    fold_summaries(timezone.now())
    everything_is_folded()


def everything_is_folded():
    assert not StaleFact.objects.exists()
    assert told(PathwayFact.objects.all()) == told(derived_facts())


@pytest.mark.battery
@pytest.mark.django_db
def test_facts_are_right_whatever_is_done(battery_count, seed):
    wanted, ManyHands.steps, ManyHands.done = battery_count(STEPS_FULL), 0, {}
    turn = 0
    while ManyHands.steps < wanted:
        turn += 1
        run_state_machine_as_test(
            hypothesis.seed(seed * 1000 + turn)(type("CountedHands", (CountedHands,), {})),
            settings=settings(max_examples=max(1, min(10, wanted // STEPS_EACH)), stateful_step_count=STEPS_EACH, deadline=None, database=None, print_blob=True, suppress_health_check=list(HealthCheck)),
        )
    print(f"\n{ManyHands.steps} steps:", dict(sorted(ManyHands.done.items())))


@pytest.fixture
def made(db):
    return make_partnership(people=2)


@pytest.fixture
def folded(made):
    """A partnership with an open, a shared and an ended pathway, folded."""
    make_pathway(made, target_group=TargetGroup.NO_QUALIFICATION)
    make_shared_pathway(made)
    close_pathway(by=made.anna, pathway=make_pathway(made), end_reason=EndReason.MOVED, outcome=Outcome.STUDYING)
    fold_summaries(timezone.now())
    return made


def drift() -> tuple[int, str]:
    """What the command says, and its exit code."""
    out = StringIO()
    try:
        call_command("check_summaries", stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_fold_writes_what_the_second_account_tells(folded):
    anew = counted_anew()

    assert told(PathwayFact.objects.all()) == anew
    assert not StaleFact.objects.exists()


def measured(made, pathway):
    measure = Programme.objects.create(partnership=made.partnership, code="m", kind="measure", name_fi="Keksitty", source="made for tests", position=1)
    return log_event(by=made.anna, pathway=pathway, kind=EventKind.CALL, at=timezone.now(), programme=measure)


def in_hand(made, pathway):
    measured(made, pathway)
    Event.objects.filter(programme__isnull=False).update(programme=None)
    return take_item_in_hand(by=made.anna, item=make_item(pathway, made.anna), programme=Programme.objects.get(code="m"))


@pytest.mark.parametrize(
    ("before", "change"),
    [
        (None, lambda made, pathway, _: edit_client(by=made.anna, pathway=pathway, birth_date=timezone.localdate() - timedelta(days=22000))),
        (None, lambda made, pathway, _: edit_client(by=made.anna, pathway=pathway, municipality_code="297")),
        (None, lambda made, pathway, _: edit_pathway(by=made.anna, pathway=pathway, version=pathway.version, target_group=TargetGroup.NO_QUALIFICATION)),
        (None, lambda made, pathway, _: measured(made, pathway)),
        (measured, lambda made, pathway, event: take_back_event(by=made.anna, event=event)),
        (None, lambda made, pathway, _: in_hand(made, pathway)),
        (in_hand, lambda made, pathway, item: put_item_back(by=made.anna, item=item)),
        (None, lambda made, pathway, _: edit_partnership(by=made.lead, partnership=made.partnership, seen={}, lead_after=40)),
        (None, lambda made, pathway, _: close_pathway(by=made.anna, pathway=pathway, end_reason=EndReason.MOVED, outcome=Outcome.STUDYING)),
    ],
    ids=["birth date", "municipality", "target group", "measure", "measure taken back", "in hand", "put back", "days until judged", "end"],
)
def test_change_is_counted_at_once(made, before, change):
    pathway = make_shared_pathway(made)
    earlier = before(made, pathway) if before else None
    fold_summaries(timezone.now())
    stored = told(PathwayFact.objects.all())

    change(made, Pathway.objects.get(pk=pathway.pk), earlier)

    assert told(facts_of(every())) == counted_anew() != stored
    fold_summaries(timezone.now())
    everything_is_folded()


def test_erased_pathway_is_in_no_fact(folded):
    ended = Pathway.objects.exclude(closed_at=None).get()
    Client.objects.filter(pk=ended.client_id).update(municipality_code="297")

    erase_pathways([ended], by=None, now=timezone.now())

    everything_is_folded()
    assert not PathwayFact.objects.filter(kind="closed").exists()


def test_rebuild_makes_the_same_from_nothing_and_from_anything(folded):
    before = told(PathwayFact.objects.all())
    PathwayFact.objects.filter(kind="stage").update(days=77)
    PathwayFact.objects.filter(kind="closed").delete()
    StaleFact.objects.create(pathway=every()[0], at=timezone.now())

    call_command("rebuild_summaries", stdout=StringIO())

    assert told(PathwayFact.objects.all()) == before
    assert drift() == (0, "Nothing differs.\n")


def test_rebuild_killed_half_way_is_run_again(folded):
    make_pathway(make_partnership(people=1))
    PathwayFact.objects.update(days=77)

    # The first partnership is done; then the process dies.
    next(rebuild_summaries())
    assert told(facts_of(every())) == told(derived_facts())
    list(rebuild_summaries())

    everything_is_folded()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda: PathwayFact.objects.filter(kind="closed").delete(),
        lambda: PathwayFact.objects.filter(kind="opened").update(age_group="60_over"),
        lambda: PathwayFact.objects.bulk_create(PathwayFact(**{name: getattr(one, name) for name in told_columns()}) for one in PathwayFact.objects.filter(kind="closed")),
        lambda: Client.objects.update(municipality_code="297"),
    ],
    ids=["fact gone", "fact changed", "fact twice", "mark missing"],
)
def test_check_finds(folded, tamper):
    assert drift()[0] == 0

    tamper()

    code, said = drift()
    assert (code, folded.partnership.slug in said) == (1, True)
    [finding] = run_checks(timezone.now()).findings
    assert (finding["rule"], set(finding["counts"])) == ("figures_differ", {str(folded.partnership.pk)})


def told_columns():
    return [field.attname for field in PathwayFact._meta.concrete_fields if not field.primary_key]
