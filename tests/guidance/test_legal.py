"""The provisions of law as data: versions, who keeps them, and what rests on them."""
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from guidance.actions.legal import write_ground
from guidance.choices import DisclosureBasis
from guidance.models import Handoff, LegalGround, Participation
from guidance.queries.legal import grounds_to_choose
from pilots.choices import Role
from services.conflicts import Conflict
from tests.guidance.factories import accept, days_from_now, make_counsellor, make_handoff
from tests.guidance.web import sign_in

FIELDS = {
    **{f"{name}_{code}": f"Keksitty {name} {code}" for name in ("statute", "title") for code in ("fi", "sv", "en")},
    "number": "1/2026", "section": "2 §", "for_processing": True, "for_disclosure": True, "since": None, "until": None, "is_checked": True, "source": "made for tests",
}


@pytest.fixture
def keeper(made):
    return make_counsellor(made.city, Role.PORTAL_ADMINISTRATOR)


def write(keeper, **fields) -> LegalGround:
    return write_ground(by=keeper, **{"slug": "keksitty"} | FIELDS | fields)


def test_change_is_a_new_version_and_what_rests_on_the_old_one_keeps_it(made, keeper, pathway):
    first = write(keeper)
    handoff = make_handoff(made, pathway, basis_statute="", basis_ground=first)
    second = write(keeper, replaces=1, section="3 §")
    accept(handoff, made.ossi)

    assert [one.pk for one in grounds_to_choose(processing=False)] == [second.pk]
    assert (second.version, Handoff.objects.get().basis_ground, Handoff.objects.get().basis_statute) == (2, first, first.written)
    taking_part = Participation.objects.get(pathway=pathway, organisation=made.college)
    assert (taking_part.disclosure_ground, taking_part.disclosure_statute) == (first, first.written)


def test_same_again_is_no_version_and_an_old_look_is_a_conflict(keeper):
    first = write(keeper)

    assert write(keeper, replaces=1) == first
    with pytest.raises(Conflict):
        write(keeper, replaces=None, section="4 §")
    assert LegalGround.objects.count() == 1


def test_unchecked_names_no_section_and_the_portals_administrator_alone_writes(made, keeper):
    with pytest.raises(ValidationError, match="only when it has been checked"):
        write(keeper, is_checked=False)
    with pytest.raises(PermissionDenied):
        write(made.lead)


def test_only_what_is_in_force_and_meant_for_it_is_offered(keeper):
    write(keeper, slug="entinen", until=days_from_now(-1))
    write(keeper, slug="tuleva", since=days_from_now(1))
    write(keeper, slug="kasittely", for_disclosure=False)
    now = write(keeper, slug="luovutus", for_processing=False, since=timezone.localdate(), until=timezone.localdate())

    assert [one.pk for one in grounds_to_choose(processing=False)] == [now.pk]
    assert [one.slug for one in grounds_to_choose(processing=True)] == ["kasittely"]


def test_consent_rests_on_no_provision(made, keeper, pathway):
    make_handoff(made, pathway, basis=DisclosureBasis.CONSENT, basis_statute="", basis_ground=write(keeper), consented_on=days_from_now(0))

    assert Handoff.objects.get().basis_ground is None


def test_page_writes_versions_and_lists_the_earlier_ones(keeper):
    client = sign_in(keeper)
    posted = {name: value for name, value in FIELDS.items() if value not in (None, False)}

    assert client.post(reverse("guidance:legal_add"), posted).status_code == 302
    ground = LegalGround.objects.get()
    assert client.post(reverse("guidance:legal_edit", args=[ground.slug]), posted | {"section": "5 §", "replaces": 1}).status_code == 302
    assert client.post(reverse("guidance:legal_edit", args=[ground.slug]), posted | {"section": "6 §", "replaces": 1}).status_code == 409
    [(current, [earlier])] = client.get(reverse("guidance:legal_list")).context["provisions"]
    assert (current.version, current.section, earlier.section) == (2, "5 §", "2 §")


def test_form_chooses_a_provision_or_writes_one_in_words(made, keeper, pathway):
    ground = write(keeper)
    client = sign_in(made.anna)
    page = client.get(reverse("guidance:handoff_send", args=[pathway.pseudonym]))
    filled = {"to": f"organisation:{made.college.pk}", "kind": "referral", "basis": "statute", "sections": ["goal"], "reason": "Syy", "due_on": days_from_now(5).isoformat(), "token": page.context["form"]["token"].value(), "phase": "preview"}

    assert client.post(page.request["PATH_INFO"], filled).status_code == 422
    assert client.post(page.request["PATH_INFO"], filled | {"basis_ground": ground.pk}).status_code == 200
    assert client.post(page.request["PATH_INFO"], filled | {"basis_ground": ground.pk, "phase": "send"}).status_code == 302
    assert (Handoff.objects.get().basis_ground, Handoff.objects.get().basis_statute) == (ground, ground.written)
