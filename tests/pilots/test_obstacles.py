"""Obstacles: who may write them, weight once an area, two who save at once, the history, and merging that loses nothing."""
import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pilots.actions.discussion import add_comment, report_fault
from pilots.actions.editing import ChangedMeanwhile
from pilots.actions.obstacles import add_weight, edit_obstacle, merge_obstacles, move_obstacle, publish_obstacle, take_weight_back, write_obstacle
from pilots.actions.proposals import edit_proposal, move_proposal, write_proposal
from pilots.choices import ObstacleAct, ObstacleStatus, ProposalStatus
from pilots.models import Obstacle, ObstacleEvent, ObstacleSupport, Proposal
from pilots.queries.obstacles import events_of
from pilots.queries.waiting import waiting_for
from tests.pilots.factories import make_area, make_goal, make_membership
from tests.pilots.obstacles import make_coordinator, make_obstacle, make_proposal, make_staff, make_support, values

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def other(db):
    return make_coordinator(make_area("Toinen seutu"))


def client_of(membership) -> Client:
    client = Client()
    client.force_login(membership.user)
    return client


def acts(obstacle) -> list[str]:
    return [event.act for event in events_of(obstacle)]


@pytest.mark.parametrize(
    "change",
    [
        {"name_fi": "", "name_sv": ""},
        {"by_legislator": False},
        {"answer_fi": "Vastaus ilman vastaajaa"},
        {"published_at": None, "status": ObstacleStatus.REMOVED},
    ],
)
def test_obstacle_is_whole_in_the_database(coordinator, change):
    obstacle = make_obstacle(coordinator)

    with pytest.raises(IntegrityError), transaction.atomic():
        Obstacle.objects.filter(pk=obstacle.pk).update(**change)


def test_obstacle_draft_is_seen_by_its_area_alone(coordinator, other, staff):
    draft = write_obstacle(by=coordinator, values=values(), publish=False)
    address = draft.get_absolute_url()

    seen = {name: client_of(one).get(address).status_code for name, one in (("own", coordinator), ("other", other), ("staff", staff))}
    assert (seen, Client().get(address).status_code) == ({"own": 200, "other": 404, "staff": 404}, 404)

    publish_obstacle(by=coordinator, obstacle_id=draft.pk)
    assert Client().get(address).status_code == 200
    assert acts(draft) == [ObstacleAct.REPORTED, ObstacleAct.WRITTEN]


def test_obstacle_of_another_area_is_not_edited(coordinator, other, staff):
    obstacle = make_obstacle(coordinator)

    for by in (other, staff, make_membership()):
        with pytest.raises(PermissionDenied):
            edit_obstacle(by=by, obstacle_id=obstacle.pk, version=1, values=values())
    with pytest.raises(PermissionDenied):
        write_obstacle(by=staff, values=values(), publish=True)


def test_obstacle_sent_twice_is_one(coordinator):
    first, second = (write_obstacle(by=coordinator, values=values(), publish=True) for _turn in range(2))

    assert first.pk == second.pk


def test_obstacle_edit_conflict_shows_both_and_loses_nothing(coordinator):
    """The second gets 409: the field that only the other changed holds theirs, the own one stays."""
    goal = make_goal(5)
    obstacle = write_obstacle(by=coordinator, values=values(), publish=True)
    edit_obstacle(by=coordinator, obstacle_id=obstacle.pk, version=1, values=values(description_fi="Toisen kuvaus", goals=[goal.pk]))
    form = {"version": "1", "name_fi": "Oma otsikko", "kind": "practice", "removers": ["municipality"], "description_fi": "", "check_by": ""}

    answer = client_of(coordinator).post(reverse("pilots:obstacle_edit", args=[obstacle.pk]), form)

    again = answer.context["form"]
    assert answer.status_code == 409
    assert {side.name: side.mine for side in answer.context["sides"]} == {"name_fi": True, "description_fi": False, "goals": False}
    assert (again["name_fi"].value(), again["description_fi"].value(), again["goals"].value(), again["version"].value()) == ("Oma otsikko", "Toisen kuvaus", [str(goal.pk)], "2")
    obstacle.refresh_from_db()
    assert (obstacle.name_fi, obstacle.version) == (values()["name_fi"], 2)


def test_obstacle_form_opens_the_parts_with_content_or_an_error(coordinator):
    client = client_of(coordinator)
    obstacle = write_obstacle(by=coordinator, values=values(evidence_fi="Kolme päätöstä."), publish=True)

    def opened(answer) -> list[str]:
        return [code for code, _legend, _fields, is_open in answer.context["form"].closed_groups() if is_open]

    new, edited = reverse("pilots:obstacle_add"), reverse("pilots:obstacle_edit", args=[obstacle.pk])
    sent = {"version": "0", "name_fi": "Otsikko", "kind": "practice", "areas": [coordinator.area_id], "preview": "1"}

    assert [opened(client.get(new)), opened(client.post(new, sent)), opened(client.post(new, sent | {"check_by": "eilen"}))] == [[], [], ["upkeep"]]
    assert opened(client.post(new, sent | {"areas": []})) == ["where"]
    assert opened(client.get(edited)) == ["evidence"]
    assert '<details class="form-part" id="evidence" open>' in client.get(edited).content.decode()


def test_obstacle_edit_of_the_same_changes_nothing(coordinator):
    obstacle = write_obstacle(by=coordinator, values=values(check_by=date(2027, 1, 1)), publish=True)

    assert edit_obstacle(by=coordinator, obstacle_id=obstacle.pk, version=99, values=values(check_by=date(2027, 1, 1))) is False
    with pytest.raises(ChangedMeanwhile):
        edit_obstacle(by=coordinator, obstacle_id=obstacle.pk, version=99, values=values(check_by=None))
    assert edit_obstacle(by=coordinator, obstacle_id=obstacle.pk, version=1, values=values(check_by=None)) is True
    assert ObstacleEvent.objects.latest("pk").changes == [{"field": "check_by", "before": "2027-01-01", "after": None}]


def test_weight_counts_once_for_an_area(coordinator, other):
    obstacle = make_obstacle(coordinator)

    for reason in ("Meilläkin", "Meilläkin", "Ja yhä"):
        add_weight(by=other, obstacle_id=obstacle.pk, reason_fi=reason, reason_sv="")

    assert [(support.area_id, support.reason_fi) for support in obstacle.supports.all()] == [(other.area_id, "Ja yhä")]
    assert acts(obstacle).count(ObstacleAct.WEIGHT_ADDED) == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        make_support(obstacle, other.area)


def test_weight_says_why_and_is_of_another_area(coordinator, other, staff):
    obstacle = make_obstacle(coordinator)

    with pytest.raises(ValidationError):
        add_weight(by=other, obstacle_id=obstacle.pk, reason_fi="", reason_sv="")
    for by in (coordinator, staff):
        with pytest.raises(PermissionDenied):
            add_weight(by=by, obstacle_id=obstacle.pk, reason_fi="Syy", reason_sv="")


def test_weight_taken_back_stays_in_the_history(coordinator, other):
    obstacle = make_obstacle(coordinator)
    add_weight(by=other, obstacle_id=obstacle.pk, reason_fi="Meilläkin", reason_sv="")

    assert take_weight_back(by=other, obstacle_id=obstacle.pk) is True
    assert take_weight_back(by=other, obstacle_id=obstacle.pk) is False
    assert obstacle.supports.count() == 0
    assert [(event.act, event.text_fi) for event in events_of(obstacle)][:2] == [(ObstacleAct.WEIGHT_TAKEN_BACK, "Meilläkin"), (ObstacleAct.WEIGHT_ADDED, "Meilläkin")]


def test_obstacle_is_moved_and_answered_by_staff_alone(coordinator, staff):
    obstacle = make_obstacle(coordinator)
    with pytest.raises(PermissionDenied):
        move_obstacle(by=coordinator, obstacle_id=obstacle.pk, version=1, status="in_progress", answer_fi="", answer_sv="")
    with pytest.raises(ValidationError):
        move_obstacle(by=staff, obstacle_id=obstacle.pk, version=1, status="removed", answer_fi="", answer_sv="")

    move_obstacle(by=staff, obstacle_id=obstacle.pk, version=1, status="removed", answer_fi="Laki muuttui.", answer_sv="")

    with pytest.raises(ChangedMeanwhile):
        move_obstacle(by=staff, obstacle_id=obstacle.pk, version=1, status="open", answer_fi="Toinen", answer_sv="")
    event = events_of(obstacle)[0]
    assert (event.act, event.from_status, event.to_status, event.text_fi, event.by) == (ObstacleAct.MOVED, "open", "removed", "Laki muuttui.", staff.user)
    with pytest.raises(ValidationError):
        move_obstacle(by=staff, obstacle_id=obstacle.pk, version=2, status="in_progress", answer_fi="Laki muuttui.", answer_sv="")


def test_merge_keeps_weights_proposals_history_and_address(coordinator, other, staff):
    """Weights without doubles, the duplicate's own area among them; what had been merged into the duplicate leads straight on."""
    both, third = make_area(), make_area()
    target, duplicate, earlier = make_obstacle(coordinator), make_obstacle(other, by_municipality=True), make_obstacle(other)
    merge_obstacles(by=staff, obstacle_id=earlier.pk, into_id=duplicate.pk)
    for obstacle, area in ((target, both), (duplicate, both), (duplicate, third), (duplicate, coordinator.area)):
        make_support(obstacle, area, reason_fi=f"{obstacle.pk}")
    proposals = {make_proposal(target).pk, make_proposal(duplicate).pk}
    goal = make_goal(3)
    duplicate.goals.add(goal)
    comment = add_comment(by=coordinator, thing=duplicate, text="Kommentti")
    fault = report_fault(sender="made", thing=duplicate, text="Virhe")

    merge_obstacles(by=staff, obstacle_id=duplicate.pk, into_id=target.pk)

    assert {(support.area_id, support.reason_fi) for support in target.supports.all()} == {
        (both.pk, f"{target.pk}"), (third.pk, f"{duplicate.pk}"), (other.area_id, duplicate.name_fi),
    }  # fmt: skip
    assert {proposal.pk for proposal in target.proposals.all()} == proposals
    assert acts(target).count(ObstacleAct.REPORTED) == 3
    assert acts(target).count(ObstacleAct.MERGED) == 2
    target.refresh_from_db()
    assert (target.removers, list(target.goals.all())) == (["municipality", "legislator"], [goal])
    assert (target.comments.get(), target.faults.get(), target.faults.get().area) == (comment, fault, coordinator.area)
    for old in (duplicate, earlier):
        assert Client().get(old.get_absolute_url())["Location"] == target.get_absolute_url()
    assert Client().get(reverse("pilots:obstacle_list")).context["page_obj"].paginator.count == 1


def test_merge_is_for_staff_and_for_what_is_public(coordinator, other, staff):
    target, duplicate, draft = make_obstacle(coordinator), make_obstacle(other), make_obstacle(other, published_at=None)

    with pytest.raises(PermissionDenied):
        merge_obstacles(by=coordinator, obstacle_id=duplicate.pk, into_id=target.pk)
    for one, into in ((target, target), (draft, target), (target, draft)):
        with pytest.raises(ValidationError):
            merge_obstacles(by=staff, obstacle_id=one.pk, into_id=into.pk)
    merge_obstacles(by=staff, obstacle_id=duplicate.pk, into_id=target.pk)
    for one, into in ((duplicate, target), (target, duplicate)):
        with pytest.raises(ValidationError):
            merge_obstacles(by=staff, obstacle_id=one.pk, into_id=into.pk)
    with pytest.raises(ValidationError):
        add_weight(by=make_coordinator(), obstacle_id=duplicate.pk, reason_fi="Syy", reason_sv="")


def test_merge_page_says_what_happens_and_does_it(coordinator, other, staff):
    target, duplicate = make_obstacle(coordinator), make_obstacle(other)
    address = reverse("pilots:obstacle_merge_confirm", args=[duplicate.pk, target.pk])
    client = client_of(staff)

    page = client.get(address)
    assert [area.pk for area in page.context["joining"]] == [other.area_id]
    assert Obstacle.objects.filter(merged_into=None).count() == 2

    assert client.post(address)["Location"] == target.get_absolute_url()
    assert Obstacle.objects.get(pk=duplicate.pk).merged_into == target


@pytest.mark.engine("postgresql")
@pytest.mark.django_db(transaction=True)
def test_merges_at_once_make_no_circle():
    """Each into the other, again and again: one wins, the other is told, every weight and proposal is where it leads."""
    staff = make_staff()
    for _turn in range(3):
        pair = [make_obstacle(make_coordinator()) for _side in range(2)]
        areas = [make_support(one).area_id for one in pair]
        proposals = [make_proposal(one).pk for one in pair]
        refused: list[ValidationError] = []
        start = threading.Barrier(2)

        def merge(one, into, refused=refused, start=start):
            try:
                start.wait()
                merge_obstacles(by=staff, obstacle_id=one.pk, into_id=into.pk)
            except ValidationError as error:
                refused.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=merge, args=(one, into)) for one, into in (pair, reversed(pair))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        [stays] = Obstacle.objects.filter(pk__in=[one.pk for one in pair], merged_into=None)
        assert len(refused) == 1
        assert set(areas) <= set(stays.supports.values_list("area_id", flat=True))
        assert set(stays.proposals.values_list("pk", flat=True)) == set(proposals)


def test_proposal_draft_is_seen_by_who_writes_it(coordinator, other):
    obstacle = make_obstacle(coordinator)
    draft = write_proposal(by=other, obstacle_id=obstacle.pk, values={"text_fi": "Ehdotus", "text_sv": "", "addressee": "ministry"}, make=False)

    counts = {name: client_of(one).get(reverse("pilots:proposal_list")).context["page_obj"].paginator.count for name, one in (("own", other), ("another", coordinator))}

    assert counts == {"own": 1, "another": 0}
    with pytest.raises(PermissionDenied):
        edit_proposal(by=coordinator, proposal_id=draft.pk, version=1, values={"text_fi": "Muu", "text_sv": "", "addressee": "ministry"})


def test_proposal_goes_its_way_with_days_and_history(coordinator, staff):
    obstacle, today = make_obstacle(coordinator), timezone.localdate()
    proposal = write_proposal(by=coordinator, obstacle_id=obstacle.pk, values={"text_fi": "Ehdotus", "text_sv": "", "addressee": "ministry"}, make=True)
    obstacle.refresh_from_db()
    assert obstacle.status == ObstacleStatus.PROPOSED

    with pytest.raises(PermissionDenied):
        move_proposal(by=coordinator, proposal_id=proposal.pk, version=1, status="handed_over", day=today)
    for wrong in ({"day": today + timedelta(days=1)}, {"day": today - timedelta(days=1)}, {"status": "answered", "day": today}):
        with pytest.raises(ValidationError):
            move_proposal(by=staff, proposal_id=proposal.pk, **({"version": 1, "status": "handed_over"} | wrong))
    move_proposal(by=staff, proposal_id=proposal.pk, version=1, status="handed_over", day=today)
    with pytest.raises(ChangedMeanwhile):
        move_proposal(by=staff, proposal_id=proposal.pk, version=1, status="rejected", day=today)
    with pytest.raises(ValidationError):
        move_proposal(by=staff, proposal_id=proposal.pk, version=2, status="answered", day=today)
    move_proposal(by=staff, proposal_id=proposal.pk, version=2, status="answered", day=today, answer_fi="Selvitetään.")
    with pytest.raises(PermissionDenied):
        edit_proposal(by=staff, proposal_id=proposal.pk, version=3, values={"text_fi": "Muu", "text_sv": "", "addressee": "ministry"})

    proposal.refresh_from_db()
    assert (proposal.status, proposal.made_on, proposal.handed_over_on, proposal.answered_on, proposal.answer_fi) == (ProposalStatus.ANSWERED, today, today, today, "Selvitetään.")
    assert [(event.from_status, event.to_status) for event in proposal.events.order_by("pk")] == [("", "made"), ("made", "handed_over"), ("handed_over", "answered")]


@pytest.mark.parametrize("query", ["addressee=ministry", "addressee=ministry&status=made", "q=kyyditys", ""])
def test_proposal_print_holds_what_the_filter_says(coordinator, query):
    """The same rows as the list with the same filters, less drafts, each once, whatever joins the filter makes."""
    goals = [make_goal(1), make_goal(2)]
    obstacle, plain = make_obstacle(coordinator, "Kyyditys yli rajan"), make_obstacle(coordinator)
    obstacle.goals.set(goals)
    for addressee in ("ministry", "legislator"):
        make_proposal(obstacle, addressee=addressee)
        make_proposal(plain, addressee=addressee, status="handed_over", handed_over_on=date(2026, 2, 1))
        make_proposal(plain, addressee=addressee, status="draft", made_on=None)

    client = client_of(coordinator)
    shown = client.get(f"{reverse('pilots:proposal_list')}?{query}").context["page_obj"]
    printed = client.get(f"{reverse('pilots:proposal_print')}?{query}").context["groups"]

    found = [proposal.pk for _addressee, rows in printed for proposal in rows]
    assert sorted(found) == sorted(proposal.pk for proposal in shown if proposal.status != "draft")
    assert len(found) == {"addressee=ministry": 2, "addressee=ministry&status=made": 1, "q=kyyditys": 2, "": 4}[query]


def test_proposal_print_names_who_is_behind(coordinator, other):
    obstacle = make_obstacle(coordinator, evidence_links="https://www.example.org/selvitys")
    make_support(obstacle, other.area)
    make_proposal(obstacle)

    text = Client().get("/sv/proposals/print/").content.decode()

    assert [part in text for part in (coordinator.area.name_fi, other.area.name_fi, "https://www.example.org/selvitys")] == [True] * 3


@pytest.mark.parametrize(("query", "expected"), [("kind=law", "ab"), ("remover=ministry", "b"), ("area=toinen", "b"), ("goal=5", "a"), ("status=removed", ""), ("q=lukioiden", "a"), ("status=draft", "c")])
def test_obstacle_list_is_narrowed(coordinator, query, expected):
    area = make_area(slug="toinen")
    first = make_obstacle(coordinator, "Lukion kurssit")
    second = make_obstacle(coordinator, "Toinen", by_ministry=True)
    draft = make_obstacle(coordinator, "Luonnos", kind="practice", published_at=None)
    first.goals.add(make_goal(5))
    make_support(second, area)

    found = client_of(coordinator).get(f"{reverse('pilots:obstacle_list')}?{query}").context["page_obj"]

    names = {first.pk: "a", second.pk: "b", draft.pk: "c"}
    assert "".join(sorted(names[one.pk] for one in found)) == expected


@pytest.mark.parametrize("rows", [1, 3])
def test_obstacle_pages_ask_a_bounded_number_of_queries(coordinator, other, rows, django_assert_max_num_queries):
    obstacle = make_obstacle(coordinator)
    obstacle.areas.add(coordinator.area)
    for _turn in range(rows):
        make_obstacle(other)
        make_support(obstacle)
        make_proposal(obstacle)
    client = client_of(other)

    for address, most in (("pilots:obstacle_list", 8), ("pilots:proposal_list", 8), ("pilots:proposal_print", 8)):
        client.get(reverse(address))
        with django_assert_max_num_queries(most):
            client.get(reverse(address))
    with django_assert_max_num_queries(13):
        client.get(obstacle.get_absolute_url())


def test_history_names_people_to_members_only(coordinator, other):
    obstacle = make_obstacle(coordinator)
    edit_obstacle(by=coordinator, obstacle_id=obstacle.pk, version=1, values=values(areas=[other.area_id]))
    address = reverse("pilots:obstacle_history", args=[obstacle.pk])

    assert coordinator.user.name in client_of(other).get(address).content.decode()
    anonymous = Client().get(address).content.decode()
    assert (coordinator.user.name in anonymous, other.area.name in anonymous) == (False, True)


def test_waiting_tells_staff_of_what_is_not_answered(coordinator, staff):
    obstacle = make_obstacle(coordinator)
    make_proposal(obstacle)
    make_obstacle(coordinator, published_at=None)

    assert [(thing.count, thing.url) for thing in waiting_for(staff)] == [(1, f"{reverse('pilots:proposal_list')}?status=made"), (1, f"{reverse('pilots:obstacle_list')}?status=open&sort=newest")]
    assert waiting_for(coordinator) == []

    move_obstacle(by=staff, obstacle_id=obstacle.pk, version=1, status="open", answer_fi="Kiitos, selvitämme.", answer_sv="")
    assert [thing.count for thing in waiting_for(staff)] == [1]


def test_waiting_tells_a_coordinator_what_to_check(coordinator):
    make_obstacle(coordinator, check_by=timezone.localdate() - timedelta(days=1))
    make_obstacle(coordinator, check_by=timezone.localdate())

    assert [thing.count for thing in waiting_for(coordinator)] == [1]


def test_support_and_proposal_tables_hold_their_rules(coordinator):
    obstacle = make_obstacle(coordinator)
    proposal = make_proposal(obstacle)

    for wrong in ({"made_on": None}, {"status": "handed_over"}, {"status": "answered"}, {"text_fi": ""}, {"status": "handed_over", "handed_over_on": date(2020, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.filter(pk=proposal.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        ObstacleSupport.objects.create(obstacle=obstacle, area=make_area())
    with pytest.raises(IntegrityError), transaction.atomic():
        Obstacle.objects.filter(pk=obstacle.pk).update(merged_into=obstacle)
