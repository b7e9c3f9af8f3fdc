"""What has been kept as long as its organisation has set goes, and nothing else; killed in the middle it goes on where it was."""
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from guidance.actions import retention
from guidance.actions.attachments import attach_file
from guidance.actions.contacts import log_event
from guidance.actions.handoffs import withdraw_handoff
from guidance.actions.pathways import close_pathway
from guidance.actions.retention import apply_retention, set_retention
from guidance.actions.rights import answer_request, open_request
from guidance.choices import EventKind, RightsKind
from guidance.choices.rights import months_after
from guidance.models import Client, ClientAccount, EndedPathways, Event, Pathway, RetentionRule, RightsRequest
from guidance.queries.retention import begun_by, planned_removal
from pilots.attachments import path_of
from pilots.choices import Role
from tests.guidance.factories import make_counsellor, make_pathway, make_shared_pathway
from tests.guidance.test_erasure import pdf
from tests.guidance.web import sign_in

ENDED = datetime(2026, 1, 31, 12, tzinfo=ZoneInfo("Europe/Helsinki"))
EARLY, DUE = ENDED.replace(month=2, day=27), ENDED.replace(month=2, day=28)


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.MEDIA_PRIVATE, settings.ERASURE_LEDGER = str(tmp_path / "private"), str(tmp_path / "erasures.jsonl")


@pytest.fixture
def officer(made):
    return make_counsellor(made.city, Role.DATA_PROTECTION_OFFICER)


def ended(made, pathway=None) -> Pathway:
    pathway = pathway or make_pathway(made)
    close_pathway(by=made.anna, pathway=pathway, end_reason="moved", outcome="employed")
    Pathway.objects.filter(pk=pathway.pk).update(closed_at=ENDED)
    return Pathway.objects.get(pk=pathway.pk)


def keep(officer, **months) -> None:
    set_retention(by=officer, months=months)


def test_nothing_goes_until_a_time_is_set(made):
    pathway = ended(made)

    assert apply_retention(ENDED + timedelta(days=20_000)) == 0
    assert planned_removal(pathway) is None
    assert Pathway.objects.filter(pk=pathway.pk).exists()


def test_an_ended_pathway_goes_on_its_day_and_not_before_and_its_count_stays(made, officer):
    pathway, still_open, of_others = ended(made), make_pathway(made), ended(made)
    Pathway.objects.filter(pk=of_others.pk).update(process_owner=made.college)
    keep(officer, pathway=1)

    assert planned_removal(pathway).due_on == DUE.date()
    assert apply_retention(EARLY) == 0
    assert apply_retention(DUE) == 1
    assert set(Pathway.objects.values_list("pk", flat=True)) == {still_open.pk, of_others.pk}
    assert not Client.objects.filter(pk=pathway.client_id).exists()
    assert EndedPathways.objects.values_list("year", "count").get() == (2026, 1)


def test_what_is_restricted_or_asked_about_waits(made, officer):
    restricted, asked = ended(made), ended(made)
    Pathway.objects.filter(pk=restricted.pk).update(restricted_at=ENDED, restricted_by=officer)
    Pathway.objects.filter(pk=asked.pk).update(closed_at=None, closed_by=None, end_reason="", outcome="")
    ClientAccount.objects.create(client=asked.client, user=User.objects.create_user("asiakas@example.org", None, name="Keksitty Asiakas"), joined_at=ENDED)
    open_request(by_user=asked.client.account.user, pathway=asked, kind=RightsKind.ACCESS, text="", now=ENDED)
    Pathway.objects.filter(pk=asked.pk).update(closed_at=ENDED, closed_by=officer, end_reason="moved", outcome="employed")
    keep(officer, pathway=1, notes=1, files=1)

    assert apply_retention(DUE) == 0
    assert Pathway.objects.count() == 2


def shared(made) -> Pathway:
    pathway = make_shared_pathway(made)
    for handoff in pathway.handoffs.open():
        withdraw_handoff(by=made.anna, handoff=handoff)
    return ended(made, pathway)


def test_an_ended_pathway_stays_until_the_latest_day_of_all_who_took_part(made, officer):
    pathway, college = shared(made), make_counsellor(made.college, Role.DATA_PROTECTION_OFFICER)
    keep(officer, pathway=1)
    assert (apply_retention(DUE), planned_removal(pathway).due_on) == (0, None)
    page = sign_in(made.anna).get(reverse("guidance:pathway_detail", args=[pathway.pseudonym]))
    assert page.context["planned_removal"].due_on is None

    keep(college, pathway=3)

    last = ENDED.replace(month=4, day=30)
    assert planned_removal(pathway).due_on == last.date()
    assert apply_retention(last - timedelta(days=1)) == 0
    assert apply_retention(last) == 1


@pytest.mark.parametrize(
    "until, months, day",
    [(date(2026, 2, 28), 1, date(2026, 1, 31)), (date(2026, 2, 27), 1, date(2026, 1, 27)), (date(2026, 3, 30), 1, date(2026, 2, 28)), (date(2026, 4, 30), 2, date(2026, 2, 28)), (date(2028, 2, 28), 1, date(2028, 1, 28))],
)
def test_last_day_from_which_the_months_are_over(until, months, day):
    assert begun_by(until, months) == day
    assert months_after(day, months) <= until < months_after(day + timedelta(days=1), months)


def test_what_is_asked_about_after_the_look_waits(made, officer, monkeypatch):
    pathway = ended(made)
    keep(officer, pathway=1)
    look = retention.due_of

    def then_asked(rule, until, only=None):
        found = list(look(rule, until, only=only))
        if only is None:
            open_request(by=made.anna, pathway=pathway, kind=RightsKind.ACCESS, text="", now=DUE)
        return found

    monkeypatch.setattr(retention, "due_of", then_asked)

    assert apply_retention(DUE) == 0
    assert Pathway.objects.filter(pk=pathway.pk).exists()


def test_page_shows_the_first_and_counts_the_rest(made, officer, monkeypatch):
    pathways = [ended(made) for _turn in range(3)]
    keep(officer, pathway=1)
    monkeypatch.setattr("guidance.views.retention.MOST_SHOWN", 2)

    page = sign_in(officer).get(reverse("guidance:retention"))

    assert [one.pk for _what, one in page.context["due"]] == [one.pk for one in pathways[:2]]
    assert page.context["more"] == 1


def test_files_and_texts_of_the_own_organisation_go_and_the_pathway_stays(made, officer, django_capture_on_commit_callbacks):
    pathway = make_shared_pathway(made)
    ours = attach_file(by=made.anna, pathway=pathway, name="oma.pdf", content=pdf("oma")).stored_as
    theirs = attach_file(by=made.ossi, pathway=pathway, name="opiston.pdf", content=pdf("opiston")).stored_as
    log_event(by=made.ossi, pathway=pathway, kind=EventKind.NOTE, at=timezone.now(), text="opiston sanat")
    ended(made, pathway)
    keep(officer, files=1, notes=1)

    with django_capture_on_commit_callbacks(execute=True):
        removed = apply_retention(DUE)

    assert removed > 1
    assert [path_of(one).exists() for one in (ours, theirs)] == [False, True]
    assert not Event.objects.filter(organisation=made.city).exclude(text="").exists()
    assert Event.objects.filter(text="opiston sanat").exists()
    assert Pathway.objects.filter(pk=pathway.pk).exists()


def test_answered_requests_go_with_the_last_answer(made, officer, pathway):
    answered, waiting = (open_request(by=made.anna, pathway=pathway, kind=RightsKind.ACCESS, text="", now=ENDED) for _turn in range(2))
    answer_request(by=officer, request=answered, outcome="granted", now=ENDED)
    keep(officer, rights=1)

    assert apply_retention(DUE) == 1
    assert list(RightsRequest.objects.all()) == [waiting]


def test_a_granted_erasure_that_nobody_has_carried_out_stays_in_the_register(made, officer, pathway):
    granted = open_request(by=made.anna, pathway=pathway, kind=RightsKind.ERASURE, text="", now=ENDED)
    answer_request(by=officer, request=granted, outcome="granted", now=ENDED)
    keep(officer, rights=1)

    assert apply_retention(DUE) == 0
    assert list(RightsRequest.objects.all()) == [granted]


def test_killed_in_the_middle_it_goes_on_and_nothing_is_half_removed(made, officer, monkeypatch):
    pathways = [ended(made) for _turn in range(3)]
    keep(officer, pathway=1)
    erase, done = retention.erase_pathways, []

    def die(chosen, **options):
        erase(chosen, **options)
        done.append(chosen)
        if len(done) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(retention, "erase_pathways", die)
        with pytest.raises(KeyboardInterrupt):
            apply_retention(DUE)
    assert Pathway.objects.count() == Client.objects.filter(pathways__in=pathways).count() == 2
    assert apply_retention(DUE) == 2
    assert EndedPathways.objects.get().count == 3


def test_dry_run_removes_nothing_and_tells_what_goes(made, officer, capsys):
    pathway = ended(made)
    keep(officer, pathway=1)

    call_command("apply_retention", "--dry-run")

    assert pathway.pseudonym in capsys.readouterr().out
    assert Pathway.objects.filter(pk=pathway.pk).exists()


def test_only_those_who_answer_set_times_and_see_what_goes(made, officer):
    pathway = ended(made)
    with pytest.raises(PermissionDenied):
        set_retention(by=made.anna, months={"pathway": 1})
    client = sign_in(officer)

    client.post(reverse("guidance:retention"), {"pathway": "2", "files": "", "notes": "", "rights": ""})
    page = client.get(reverse("guidance:retention"))

    assert list(RetentionRule.objects.values_list("organisation", "what", "months")) == [(made.city.pk, "pathway", 2)]
    assert [one.pseudonym for _what, one in page.context["due"]] == [pathway.pseudonym]
    assert made.city.name in client.get("/privacy/record/").content.decode()
    assert sign_in(made.anna).get(reverse("guidance:pathway_detail", args=[pathway.pseudonym])).context["planned_removal"] is not None
