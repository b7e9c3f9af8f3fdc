"""Non-disclosure against what else happens to a client: caseloads, merges, leaving, endings. Nobody comes to see what is hidden
but by a named person, and somebody always does."""
import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from guidance.actions.caseload import transfer_caseload
from guidance.actions.clients import edit_client, name_people, protect_client, unprotect_client
from guidance.actions.merging import merge_pathways
from guidance.actions.participations import end_participation, name_responsible
from guidance.actions.pathways import close_pathway, open_pathway, reopen_pathway
from guidance.choices import EndReason, EventKind, Outcome, ProtectionEnd
from guidance.models import Client, NextStep, Pathway
from pilots.actions.people import end_membership
from pilots.choices import Role
from pilots.models import Membership
from tests.guidance.factories import days_from_now, make_counsellor, make_partnership, make_pathway, make_shared_pathway, new_client, open_steps

CONTACT = "PL 1, keksitty postilokero"


def protected(made, by=None, people=(), **fields) -> Pathway:
    pathway = make_shared_pathway(made, client=new_client(phone="050 1", address="Keksitie 1"), **fields)
    protect_client(by=by or made.anna, pathway=pathway, contact_address=CONTACT, named_people=people)
    return Pathway.objects.get(pk=pathway.pk)


def named(pathway: Pathway) -> set[Membership]:
    return set(Client.objects.get(pk=pathway.client_id).named_people.all())


def close(pathway: Pathway, by: Membership) -> None:
    close_pathway(by=by, pathway=pathway, end_reason=EndReason.MOVED, outcome=Outcome.UNKNOWN)


# A caseload moves ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mover", ["the heir", "a third colleague"])
def test_a_caseload_moved_by_somebody_who_is_not_named_moves_without_the_naming(made, nobody_lost, mover):
    """Otherwise any colleague could let themselves see what is hidden by taking the work over."""
    heir, third = made.city_people[1], make_counsellor(made.city)
    pathway = protected(made)

    transfer_caseload(by=heir if mover == "the heir" else third, person=made.anna, heir=heir)

    pathway.refresh_from_db()
    assert (pathway.process_person, named(pathway)) == (heir, {made.anna})
    [asked] = [step for step in open_steps(pathway) if step.responsible == made.anna]
    assert asked.created_by_id in (heir.pk, third.pk)
    assert not AuditEvent.objects.filter(verb="client_people_named").exists()
    nobody_lost()


def test_the_step_goes_to_another_named_person_when_there_is_one(made, nobody_lost):
    pathway = protected(made, people=[made.ossi])

    transfer_caseload(by=made.city_people[1], person=made.anna, heir=made.city_people[1])

    assert made.ossi in {step.responsible for step in open_steps(pathway) if step.created_by_id == made.city_people[1].pk}
    nobody_lost()


def test_whoever_moves_the_caseload_away_can_go_and_somebody_is_still_named(made, nobody_lost):
    """Moved by somebody who is not named, the work leaves a step to the leaver; a second move does not leave another."""
    heir = made.city_people[1]
    pathway = protected(made)
    for _turn in range(2):
        transfer_caseload(by=heir, person=made.anna, heir=heir)

    end_membership(by=made.anna.user, membership=made.anna, reason="left")

    assert heir in named(pathway)
    nobody_lost()


def test_a_caseload_moved_by_a_named_person_takes_the_naming_along(made, nobody_lost):
    heir = made.city_people[1]
    pathway = protected(made)

    transfer_caseload(by=made.anna, person=made.anna, heir=heir)

    assert named(pathway) == {heir}
    [row] = AuditEvent.objects.filter(verb="client_people_named")
    assert row.detail == {"pathway": pathway.pseudonym, "people": [heir.pk]}
    assert all(step.responsible != made.anna for step in open_steps(pathway))
    nobody_lost()


def test_an_heir_who_is_named_already_needs_nobody(made, nobody_lost):
    heir, third = made.city_people[1], make_counsellor(made.city)
    pathway = protected(made, people=[heir])
    before = len(open_steps(pathway))

    transfer_caseload(by=third, person=made.anna, heir=heir)

    assert (len(open_steps(pathway)), named(pathway)) == (before, {made.anna, heir})
    nobody_lost()


# Two files become one ------------------------------------------------------------------------------


def test_a_file_under_non_disclosure_is_merged_by_a_named_person_only(made):
    """Otherwise an invented client under one's own non-disclosure would open another's."""
    stranger = made.city_people[1]
    hidden, invented = protected(made), make_pathway(made, by=stranger)
    protect_client(by=stranger, pathway=invented, contact_address="PL 2")
    made.anna.refresh_from_db()

    for keep, other in ((hidden, invented), (invented, hidden)):
        for by in (stranger, made.anna):
            if by == made.anna:
                name_people(by=stranger, pathway=invented, people=[stranger])
            with pytest.raises(ValidationError, match="only the people named"):
                merge_pathways(by=by, keep=keep, other=other, is_same_person=True)

    assert (named(hidden), named(invented)) == ({made.anna}, {stranger})


def test_a_kept_file_under_non_disclosure_keeps_its_own_named_people(made, nobody_lost):
    keep, other = protected(made), protected(made, people=[made.city_people[1], made.ossi])

    merge_pathways(by=made.anna, keep=keep, other=other, is_same_person=True)

    assert named(keep) == {made.anna}
    nobody_lost()


@pytest.mark.parametrize("kept", ["the protected one", "the other one"])
def test_no_address_of_a_merged_file_is_left_anywhere(made, nobody_lost, kept):
    hidden = protected(made)
    open_one = make_pathway(made, client=new_client(phone="050 2", email="keksi@example.org", address="Keksitie 2", municipality_code="297"))
    keep, other = (hidden, open_one) if kept == "the protected one" else (open_one, hidden)

    merge_pathways(by=made.anna, keep=keep, other=other, is_same_person=True)

    rows = list(Client.history.values("id", "history_type", "phone", "email", "address", "municipality_code"))
    # The history of the file that went is found with the one that stays.
    assert {row["id"] for row in rows if row["history_type"] == "-"} == {keep.client_id}
    assert {(row["phone"], row["email"], row["address"], row["municipality_code"]) for row in rows} == {("", "", "", "")}
    nobody_lost()


def test_a_merged_file_that_stays_for_an_ended_pathway_is_protected_too(made, nobody_lost):
    hidden = protected(made)
    ended = make_pathway(made, client=new_client(phone="050 2", address="Keksitie 2"))
    close(ended, made.anna)
    again = make_pathway(made, client=Client.objects.get(pk=ended.client_id))

    merge_pathways(by=made.anna, keep=hidden, other=again, is_same_person=True)

    stays = Client.objects.get(pk=ended.client_id)
    assert (stays.is_protected, stays.phone, stays.address, stays.contact_address) == (True, "", "", CONTACT)
    assert set(stays.named_people.all()) == {made.anna}
    assert set(stays.history.values_list("phone", "address")) == {("", "")}
    nobody_lost()


def test_files_with_two_birth_dates_are_merged_only_by_somebody_who_says_so(made):
    keep, other = make_pathway(made), make_pathway(made)
    assert keep.client.birth_date != other.client.birth_date

    with pytest.raises(ValidationError, match="birth dates") as refusal:
        merge_pathways(by=made.anna, keep=keep, other=other)

    assert list(refusal.value.message_dict) == ["is_same_person"]
    assert merge_pathways(by=made.anna, keep=keep, other=other, is_same_person=True) == keep


# It begins -----------------------------------------------------------------------------------------


def test_protecting_needs_a_way_to_reach_the_client(made):
    pathway = make_shared_pathway(made, client=new_client(phone="050 1"))

    with pytest.raises(ValidationError) as refusal:
        protect_client(by=made.anna, pathway=pathway, contact_address="  ")

    assert list(refusal.value.message_dict) == ["contact_address"]
    assert (client := Client.objects.get(pk=pathway.client_id)).phone == "050 1"
    assert not client.is_protected


def test_the_last_way_to_reach_a_protected_client_is_not_emptied(made):
    pathway = protected(made)

    with pytest.raises(ValidationError) as refusal:
        edit_client(by=made.anna, pathway=pathway, contact_address=" ")

    assert list(refusal.value.message_dict) == ["contact_address"]
    assert Client.objects.get(pk=pathway.client_id).contact_address == CONTACT


def test_the_process_owner_is_never_locked_out(made, nobody_lost):
    pathway = protected(made, by=made.ossi)

    assert named(pathway) == {made.ossi, made.anna}
    with pytest.raises(ValidationError, match="organisation that owns the process"):
        name_people(by=made.ossi, pathway=pathway, people=[made.ossi])
    assert named(pathway) == {made.ossi, made.anna}
    nobody_lost()


def test_both_pathways_of_a_client_have_somebody_named(made, nobody_lost):
    """The same person in two partnerships: each names its own people, and neither loses them to the other."""
    neighbour = make_partnership()
    pathway = make_pathway(made)
    second = make_pathway(neighbour, client=Client.objects.get(pk=pathway.client_id))
    protect_client(by=made.anna, pathway=pathway, contact_address=CONTACT)
    assert named(pathway) == {made.anna, neighbour.anna}

    name_people(by=made.anna, pathway=pathway, people=[made.city_people[1]])

    assert named(pathway) == {made.city_people[1], neighbour.anna}
    name_people(by=neighbour.anna, pathway=second, people=[neighbour.city_people[1]])
    assert named(pathway) == {made.city_people[1], neighbour.city_people[1]}
    nobody_lost()


def test_a_second_pathway_of_a_protected_client_names_who_opens_it(made, nobody_lost):
    neighbour = make_partnership()
    pathway = protected(made)

    open_pathway(by=neighbour.anna, partnership=neighbour.partnership, client=Client.objects.get(pk=pathway.client_id), first_step="Askel", first_due_on=days_from_now(3))

    assert named(pathway) == {made.anna, neighbour.anna}
    nobody_lost()


# The last named person goes ------------------------------------------------------------------------


def leave_college(made, pathway) -> None:
    Pathway.objects.filter(pk=pathway.pk).update(guidance_lead=None)
    NextStep.objects.filter(pathway=pathway).update(responsible=made.city_people[1])
    end_participation(by=made.ossi, pathway=pathway, organisation_id=made.college.pk, reason="Valmis")


def test_when_the_last_named_organisation_leaves_the_responsible_person_is_named(made, nobody_lost):
    pathway = protected(made)
    Client.objects.get(pk=pathway.client_id).named_people.set([made.ossi])
    name_responsible(by=made.anna, pathway=pathway, duty="process_person", person=made.city_people[1])
    assert named(pathway) == {made.ossi}

    leave_college(made, pathway)

    assert named(pathway) == {made.city_people[1]}
    assert pathway.events.filter(kind=EventKind.PROTECTION, detail__person=made.city_people[1].pk).exists()
    [row] = AuditEvent.objects.filter(verb="client_people_named")
    assert row.detail == {"pathway": pathway.pseudonym, "people": [made.city_people[1].pk]}
    nobody_lost()


def test_when_the_last_named_person_is_ended_the_responsible_person_is_named(made, nobody_lost):
    named_one = make_counsellor(made.city)
    pathway = protected(made)
    name_people(by=made.anna, pathway=pathway, people=[named_one])

    end_membership(by=named_one.user, membership=named_one, reason="left")

    assert made.anna in named(pathway)
    assert pathway.events.filter(kind=EventKind.PROTECTION, detail__person=made.anna.pk).exists()
    nobody_lost()


def test_when_one_of_several_named_people_goes_nobody_is_added(made, nobody_lost):
    named_one = make_counsellor(made.city)
    pathway = protected(made, people=[named_one])
    name_responsible(by=made.anna, pathway=pathway, duty="process_person", person=made.city_people[1])

    end_membership(by=named_one.user, membership=named_one, reason="left")

    assert made.city_people[1] not in named(pathway)
    nobody_lost()


def test_a_merely_changed_responsible_person_is_not_named(made, nobody_lost):
    pathway = protected(made)

    name_responsible(by=made.city_people[1], pathway=pathway, duty="process_person", person=made.city_people[1])

    assert named(pathway) == {made.anna}
    nobody_lost()


def test_a_reopened_pathway_has_somebody_named(made, nobody_lost):
    pathway, anna = protected(made), made.anna
    close(pathway, anna)
    end_membership(by=anna.user, membership=anna, reason="left")

    reopen_pathway(by=made.city_people[1], pathway=pathway, reason="Palasi", first_step="Askel", first_due_on=days_from_now(3))

    assert made.city_people[1] in named(pathway)
    nobody_lost()


# A pathway that has ended --------------------------------------------------------------------------


def test_a_client_whose_pathway_has_ended_is_protected_by_the_process_owner(made):
    pathway = make_shared_pathway(made, client=new_client(phone="050 1", address="Keksitie 1"))
    close(pathway, made.anna)

    protect_client(by=made.city_people[1], pathway=pathway, contact_address=CONTACT)

    client = Client.objects.get(pk=pathway.client_id)
    assert (client.is_protected, client.phone, client.address) == (True, "", "")
    assert named(pathway) == {made.anna, made.city_people[1]}
    assert set(client.history.values_list("phone", "address")) == {("", "")}
    name_people(by=made.anna, pathway=pathway, people=[made.anna])
    assert named(pathway) == {made.anna}


@pytest.mark.parametrize("by", ["former participant", "officer"])
def test_nobody_else_protects_a_client_whose_pathway_has_ended(made, by):
    pathway = make_shared_pathway(made)
    close(pathway, made.anna)
    person = {"former participant": made.ossi, "officer": make_counsellor(made.city, Role.EDUCATION_OFFICER)}[by]

    with pytest.raises(ValidationError):
        protect_client(by=person, pathway=pathway, contact_address=CONTACT)

    assert not Client.objects.get(pk=pathway.client_id).is_protected


def test_other_facts_of_an_ended_client_still_need_a_reopening(made):
    pathway = make_pathway(made)
    close(pathway, made.anna)

    with pytest.raises(ValidationError, match="has ended"):
        edit_client(by=made.anna, pathway=pathway, phone="050 3")
    protect_client(by=made.anna, pathway=pathway, contact_address=CONTACT)
    with pytest.raises(ValidationError, match="has ended"):
        unprotect_client(by=made.anna, pathway=pathway, reason=ProtectionEnd.REGISTER)
