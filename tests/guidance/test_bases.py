"""An organisation states anew on what its own processing of a client's data rests."""
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import AuditEvent
from guidance.actions.bases import restate_basis
from guidance.choices import EventKind, ProcessingBasis
from guidance.models import Participation
from guidance.queries.own_bodies import access_of
from guidance.queries.timeline import TimelineFilter, timeline_page
from pilots.choices import Role
from services.conflicts import Conflict
from tests.guidance.factories import make_counsellor, make_shared_pathway
from tests.guidance.own import make_account, sign_in_client
from tests.guidance.test_legal import write
from tests.guidance.web import sign_in


def part_of(pathway, organisation) -> Participation:
    return pathway.participations.get(organisation=organisation, ends_at=None)


def restate(made, pathway, basis=ProcessingBasis.CONTRACT, **fields) -> Participation:
    return restate_basis(**{"by": made.ossi, "pathway": pathway, "basis": basis, "replaces": part_of(pathway, made.college).pk} | fields)


def test_basis_restated_on_the_page_is_on_the_timeline_and_told_to_the_client(made, nobody_lost):
    pathway, ground = make_shared_pathway(made), write(make_counsellor(made.city, Role.PORTAL_ADMINISTRATOR))
    before = part_of(pathway, made.college)
    browser, address = sign_in(made.ossi), reverse("guidance:basis_change", args=[pathway.pseudonym])

    sent = browser.post(address, {"basis": "statutory_task", "ground": ground.pk, "replaces": before.pk})
    middle = part_of(pathway, made.college)
    told = sign_in_client(make_account(pathway.client)).get(reverse("own:access_list")).content.decode()
    browser.post(address, {"basis": "consent", "ground": ground.pk, "replaces": middle.pk})
    after = part_of(pathway, made.college)

    assert sent.headers["Location"] == reverse("guidance:pathway_grounds", args=[pathway.pseudonym])
    assert address in browser.get(sent.headers["Location"]).content.decode()
    # The row of each time stays: what was read then was read on that basis.
    before.refresh_from_db()
    middle.refresh_from_db()
    assert [(one.processing_basis, one.processing_ground) for one in (before, middle, after)] == [("consent", None), ("statutory_task", ground), ("consent", None)]
    assert (before.ends_at, middle.ends_at) == (middle.starts_at, after.starts_at)
    assert (after.responsible, after.disclosure_basis, after.disclosure_statute) == (before.responsible, before.disclosure_basis, before.disclosure_statute)
    assert [event.detail for event in pathway.events.filter(kind=EventKind.RESPONSIBILITY, detail__has_key="basis").order_by("pk")] == [
        {"basis": "statutory_task", "basis_before": "consent"}, {"basis": "consent", "basis_before": "statutory_task"},
    ]  # fmt: skip
    assert AuditEvent.objects.filter(verb="basis_restated").count() == 2
    assert ground.words in told
    nobody_lost()


def test_client_reads_since_when_a_body_takes_part_and_not_since_when_its_basis_is_as_it_is(made):
    pathway = make_shared_pathway(made)
    began = part_of(pathway, made.college)
    Participation.objects.filter(pk=began.pk).update(starts_at=began.starts_at.replace(year=2020))
    restate(made, pathway)

    body = next(one for one in access_of([pathway]) if one.organisation_id == made.college.pk)

    assert (body.since.year, body.rests_on_law, body.may_withdraw) == (2020, False, False)


def test_timeline_says_the_basis_in_words(made):
    pathway = make_shared_pathway(made)
    restate(made, pathway)

    said = " ".join(event.says for day in timeline_page(made.ossi, pathway, TimelineFilter()).days for event in day.events)

    assert (made.college.name in said, str(ProcessingBasis.CONTRACT.label) in said) == (True, True)


@pytest.mark.parametrize("fields, field", [({"basis": "law"}, "basis"), ({"basis": "statutory_task"}, "ground"), ({"basis": "statutory_task", "statute": "  "}, "ground")])
def test_basis_that_says_nothing_is_refused(made, fields, field):
    pathway = make_shared_pathway(made)

    with pytest.raises(ValidationError) as refusal:
        restate(made, pathway, **fields)
    assert list(refusal.value.message_dict) == [field]


def test_basis_is_the_organisations_own_and_of_the_row_that_was_seen(made):
    pathway = make_shared_pathway(made)
    with pytest.raises(Conflict):
        restate(made, pathway, by=made.anna)
    with pytest.raises(ValidationError):
        restate(made, pathway, by=made.taru)
    seen = part_of(pathway, made.college).pk
    first = restate(made, pathway)

    with pytest.raises(Conflict):
        restate(made, pathway, basis=ProcessingBasis.CONSENT, replaces=seen)
    assert restate(made, pathway) == first
